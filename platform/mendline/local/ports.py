"""Whether the web server's port can be had."""

import errno
import socket

from mendline.local.errors import LocalStartError

NEIGHBOURS = 50


def require_free(port: int) -> None:
    """Make sure that nobody listens on a port of this machine.

    Raises:
        LocalStartError: Somebody does, or we may not; the message names a port that can be had.
    """
    problem = _problem(port)
    if problem is None:
        return
    other = next((near for near in range(port + 1, min(port + NEIGHBOURS, 65536)) if _problem(near) is None), None)
    way_out = f"start with another one: deploy/up --port {other}" if other else "start with another one (--port)"
    if problem == errno.EACCES:
        raise LocalStartError(f"This account may not listen on port {port}; {way_out}")
    raise LocalStartError(f"Port {port} is in use by another program. Stop that program, or {way_out}")


def _problem(port: int) -> int | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the web server does: a closed one is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as refused:
            return refused.errno or errno.EADDRINUSE
    return None
