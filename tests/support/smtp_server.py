"""A real mail server for tests: speaks SMTP on a socket of this machine and keeps what it is handed."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


@dataclass
class Inbox:
    """What arrived, and how the server answers.

    Attributes:
        refuses: addresses that it never takes (550).
        busy: while true, it asks to be tried later (451).
        breaks_off: closes the connection after it has taken a letter and before it says so.
    """

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    busy: bool = False
    breaks_off: bool = False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        inbox: Inbox = self.server.inbox  # type: ignore[attr-defined]
        self._say("220 test ESMTP")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word in (b"EHLO", b"HELO"):
                self._say("250 test")
            elif word == b"RCPT" and any(address.encode() in line for address in inbox.refuses):
                self._say("550 no such mailbox")
            elif word == b"DATA":
                self._say("354 go on")
                if not self._take(inbox):
                    return
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("451 later" if inbox.busy and word == b"MAIL" else "250 ok")

    def _take(self, inbox: Inbox) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        inbox.letters.append(cast("EmailMessage", message_from_bytes(b"".join(lines), policy=policy.default)))
        if inbox.breaks_off:
            return False
        self._say(f"250 kept as {len(inbox.letters)}")
        return True

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def a_mail_server() -> Iterator[Inbox]:
    """A mail server that ends with the block."""
    inbox = Inbox()
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.inbox = inbox  # type: ignore[attr-defined]
        inbox.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield inbox
        finally:
            server.shutdown()
            thread.join()
