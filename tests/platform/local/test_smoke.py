"""The smoke journey reads pages as a browser would, and says what did not hold."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from mendline.local import smoke

PAGE = """<title>Sign in</title><link rel="stylesheet" href="/a.css"><script src="/b.js"></script>
<form action="/sign-in" method="post"><input type="hidden" name="form_secret" value="s1">
<input type="email" name="email"><input type="password" name="password"><button>Go</button></form>
<a href="/services">Services</a><a href="/file.pdf" download>A file</a>"""


class Pages(BaseHTTPRequestHandler):
    """A site of one person; the password is 'right'."""

    def do_GET(self) -> None:
        known = {"/": PAGE, "/sign-in": PAGE, "/health/ready": "ok", "/a.css": "", "/b.js": "", "/home": HOME}
        self._send(200 if self.path in known else 500, known.get(self.path, "broken"))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "password=right" in body and "form_secret=s1" in body:
            self.send_response(303)
            self.send_header("Location", "/home")
            self.send_header("Set-Cookie", "who=ann; Secure; HttpOnly")
            self.end_headers()
        else:
            self._send(200, PAGE)

    def _send(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


HOME = '<title>Home</title><a href="/home#top">Here</a><a href="https://example.org/">Elsewhere</a>'


@contextmanager
def a_site() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_form_begins_with_the_values_that_the_page_gives() -> None:
    (form,), links, files = smoke.read(PAGE)
    assert form.fields == {"form_secret": "s1", "email": "", "password": ""}
    assert links == ["/services"]
    assert files == ["/a.css", "/b.js"]


def test_the_journey_holds_where_everybody_can_sign_in() -> None:
    said: list[str] = []
    with a_site() as url:
        person = {"role": "manager", "email": "ann@example.org", "password": "right"}
        assert smoke.walk(url, [person], said.append) == 0
    assert said[-1] == "The check held."
    assert any("ok      manager (ann@example.org): 1 pages" in line for line in said)


def test_the_journey_does_not_hold_where_somebody_cannot_sign_in() -> None:
    said: list[str] = []
    with a_site() as url:
        person = {"role": "manager", "email": "ann@example.org", "password": "wrong"}
        assert smoke.walk(url, [person], said.append) == 1
    assert "  FAILED  manager (ann@example.org): the password was not accepted" in said


def test_nothing_that_listens_is_a_failed_journey_without_a_stack_trace() -> None:
    said: list[str] = []
    assert smoke.walk("http://127.0.0.1:9", [], said.append) == 1
    assert "no answer" in said[0]
