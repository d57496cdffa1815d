"""The smoke journey over HTTP: every sign-in signs in, sees its first page and follows the links from page to page."""

import http.client
import re
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from typing import Any

PAGES_PER_PERSON = 12
TIMEOUT = 30


class SmokeError(Exception):
    """A step of the journey did not go as it should."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, redirects followed."""

    url: str
    status: int
    kind: str
    text: str


@dataclass(slots=True)
class Form:
    """A form as a browser would fill it in: its fields begin with the values that the page gives."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Collects a page's forms, links and files."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.files: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag brings."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif tag in {"input", "button"} and self.forms and given.get("name"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")
            self.forms[-1].kinds[given["name"]] = given.get("type", "text")
        elif tag == "a" and "href" in given and "download" not in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") == "stylesheet":
            self.files.append(given["href"])
        elif tag == "script" and "src" in given:
            self.files.append(given["src"])


def read(page: str) -> tuple[list[Form], list[str], list[str]]:
    """The forms, links and files of a page."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms, reader.links, reader.files


class Visitor:
    """One browser's worth of cookies at one address."""

    def __init__(self, url: str) -> None:
        """Begin without cookies."""
        self._base = url
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Fetch a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urllib.parse.urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        url = urllib.parse.urljoin(self._base + "/", path)
        for _ in range(6):
            answer, location = self._once(method, url, body)
            if location is None:
                return answer
            method, body, url = "GET", None, urllib.parse.urljoin(url, location)
        raise SmokeError(f"{path} sends its visitor round in circles")

    def _once(self, method: str, url: str, body: str | None) -> tuple[Answer, str | None]:
        parts = urllib.parse.urlsplit(url)
        headers = {"Accept": "text/html", "Origin": self._base, "Referer": url, "User-Agent": "mendline-check"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
        try:
            target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            content = response.read().decode("utf-8", errors="replace")
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self._cookies[name.strip()] = rest.partition(";")[0]
        location = response.headers["Location"] if response.status in {301, 302, 303, 307, 308} else None
        return Answer(url, response.status, response.headers.get_content_type(), content), location


def answers(url: str) -> bool:
    """Whether an address answers 200."""
    return reason_at(url) == "200"


def reason(url: str) -> str:
    """What the health page says, or why it says nothing."""
    return reason_at(f"{url}/health/ready")


def reason_at(url: str) -> str:
    """The status of an address, with its words where it is not 200."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    try:
        connection.request("GET", parts.path)
        response = connection.getresponse()
        text = response.read().decode("utf-8", errors="replace")
    except OSError as problem:
        return f"no answer ({problem})"
    finally:
        connection.close()
    return "200" if response.status == 200 else f"{response.status} {text[:300]}"


def walk(url: str, sign_ins: Sequence[Mapping[str, Any]], tell: Callable[[str], None]) -> int:
    """Walk the journey and report each step.

    Returns:
        0 where all of it held, else 1.
    """
    steps: list[tuple[str, Callable[[], str]]] = [
        ("the application is ready", partial(_ready, url)),
        ("the start page and its files", partial(_start_page, url)),
    ]
    steps += [(f"{one['role']} ({one['email']})", partial(_person, url, one)) for one in sign_ins]
    failed = 0
    for name, do in steps:
        started = time.monotonic()
        try:
            outcome = do()
        except (SmokeError, OSError, http.client.HTTPException) as problem:
            failed += 1
            tell(f"  FAILED  {name}: {problem}")
        else:
            tell(f"  ok      {name}: {outcome}, {time.monotonic() - started:.1f} s")
    tell("The check did not hold." if failed else "The check held.")
    return 1 if failed else 0


def _ready(url: str) -> str:
    said = reason(url)
    _hold(said == "200", said)
    return "yes"


def _start_page(url: str) -> str:
    visitor = Visitor(url)
    page = _page(visitor.get("/"))
    _, _, files = read(page.text)
    _hold(bool(files), "no stylesheet or script on the start page")
    for file in files:
        _hold(visitor.get(file).status == 200, f"{file} is missing")
    return f"{len(files)} files"


def _person(url: str, one: Mapping[str, Any]) -> str:
    visitor = Visitor(url)
    form = _sign_in_form(visitor)
    fields = dict(form.fields)
    for name, kind in form.kinds.items():
        if kind == "password":
            fields[name] = one["password"]
        elif kind == "email" or "email" in name:
            fields[name] = one["email"]
    first = _page(visitor.post(urllib.parse.urljoin(f"{url}/sign-in", form.action), fields))
    _hold(not _has_password(first.text), "the password was not accepted")
    seen, waiting = {first.url}, _own_links(url, first)
    while waiting and len(seen) < PAGES_PER_PERSON:
        link = waiting.pop(0)
        if link not in seen:
            seen.add(link)
            answer = visitor.get(link)
            _hold(answer.status == 200, f"{link} answers {answer.status}")
            if answer.kind == "text/html":
                waiting += _own_links(url, _page(answer))
    return f"{len(seen)} pages"


def _sign_in_form(visitor: Visitor) -> Form:
    forms, _, _ = read(_page(visitor.get("/sign-in")).text)
    for form in forms:
        if "password" in form.kinds.values():
            return form
    raise SmokeError("the sign-in page has no form with a password")


def _own_links(url: str, page: Answer) -> list[str]:
    """The page's links to this application, files and the way out aside, each once."""
    _, links, _ = read(page.text)
    found = dict.fromkeys(urllib.parse.urldefrag(urllib.parse.urljoin(page.url, link)).url for link in links)
    return [link for link in found if link.startswith(f"{url}/") and "sign-out" not in link]


def _page(answer: Answer) -> Answer:
    _hold(answer.status == 200, f"{answer.url} answers {answer.status}")
    _hold(bool(re.search(r"<title>[^<]+</title>", answer.text)), f"{answer.url} has no title")
    return answer


def _has_password(page: str) -> bool:
    forms, _, _ = read(page)
    return any("password" in form.kinds.values() for form in forms)


def _hold(true: bool, otherwise: str) -> None:
    if not true:
        raise SmokeError(otherwise)
