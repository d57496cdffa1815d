"""A small daemon that speaks the INSTREAM command of clamd over TCP."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Asked(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        command = self.rfile.read(10)
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        infected = b"EICAR-STANDARD" in content
        answer = b"stream: Eicar-Signature FOUND\0" if infected else b"stream: OK\0"
        self.wfile.write(answer if command == b"zINSTREAM\0" else b"UNKNOWN COMMAND\0")


class _Daemon(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


@contextmanager
def a_scanner(port: int = 0) -> Iterator[str]:
    """Runs the daemon on a port, any free one where none is named; its address."""
    with _Daemon(("127.0.0.1", port), _Asked) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        host, found = server.server_address[:2]
        yield f"{host!s}:{found}"
        server.shutdown()
        thread.join()
