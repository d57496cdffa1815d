"""The one HTTP client of the tests: it asks in process, follows nothing, and checks each page that comes back."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

from flask import Flask
from support.application import Caller

from mendline.web.security import HEADERS

_NONCE = re.compile(r"[0-9a-f]{16}\.[0-9a-f]{64}")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_CHALLENGE = re.compile(
    r'name="asked" value="[^"]*"|data-options="[^"]*"|<svg [^>]*class="qr".*?</svg>|<code class="secret">[A-Z2-7 ]+</code>'
)
_WAITED = re.compile(r"(?m)^mendline_oldest_unsent_job_seconds .*")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_REFUSED_SOURCES = ("'unsafe-inline'", "'unsafe-eval'", "http:", "https:", "*")
_UNLABELLED = frozenset({"hidden", "submit", "button", "reset", "image"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    @property
    def kind(self) -> str:
        return self.header("Content-Type").partition(";")[0]

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    @property
    def token(self) -> str:
        """The token of the first form; empty where there is none."""
        found = _TOKEN.search(self.text)
        return found[1] if found else ""

    def header(self, name: str) -> str:
        return next((value for given, value in self.headers if given.lower() == name.lower()), "")

    def everything(self) -> str:
        """All that the asker gets to see."""
        return "\n".join([*(f"{name}: {value}" for name, value in self.headers), self.text])

    def told(self) -> tuple[int, str]:
        """Status and words without what differs by nature: nonces, challenges, seconds, and identifiers, which are looked for by themselves."""
        words = _NONCE.sub("nonce", "\n".join([*self._steady_headers(), self.text]))
        return self.status, _WAITED.sub("seconds", _UUID.sub("id", _CHALLENGE.sub("challenge", words)))

    def _steady_headers(self) -> list[str]:
        changing = {"date", "content-length", "set-cookie", "etag"}
        return sorted(f"{name}: {value}" for name, value in self.headers if name.lower() not in changing)


class HttpClient:
    """Asks as one caller; every request begins without the cookies of the one before, except the caller's own."""

    def __init__(self, app: Flask, caller: Caller | None = None) -> None:
        self.app = app
        self.caller = caller

    def get(self, path: str, **options: Any) -> Answer:
        return self.ask("GET", path, **options)

    def page(self, path: str) -> Answer:
        """A page that must be there and hold to what every page holds to."""
        answer = self.get(path)
        assert answer.status == 200, f"{path} answers {answer.status}"
        assert faults_of(answer) == [], path
        return answer

    def ask(self, method: str, path: str, **options: Any) -> Answer:
        client = self.app.test_client()
        headers = dict(options.pop("headers", {}))
        if self.caller and self.caller.cookie:
            client.set_cookie("mendline", self.caller.cookie)
        if self.caller and self.caller.token:
            headers["Authorization"] = f"Bearer {self.caller.token}"
        found = client.open(path, method=method, headers=headers, **options)
        answer = Answer(found.status_code, tuple(found.headers), found.get_data())
        found.close()
        return answer


def faults_of(answer: Answer) -> list[str]:
    """What is wrong with a response by what every response holds to, and by what every page does where it is one."""
    faults = header_faults(answer)
    if answer.kind == "text/html" and answer.body and not 300 <= answer.status < 400:
        faults += page_faults(answer.text)
    return faults


def header_faults(answer: Answer) -> list[str]:
    """Missing or weakened headers, on files and errors too."""
    policy = dict(part.strip().partition(" ")[::2] for part in answer.header("Content-Security-Policy").split(";"))
    # A file that somebody gave us is shut in more tightly than a page: it may do nothing at all.
    shut_in = "sandbox" in policy and not policy["sandbox"]
    faults = [
        f"header {name} is {answer.header(name)!r}"
        for name, value in HEADERS.items()
        if answer.header(name) != value and not (name == "Content-Security-Policy" and shut_in)
    ]
    if shut_in and not answer.header("Content-Disposition").startswith("attachment"):
        faults.append("a file that somebody gave us is not an attachment")
    faults += [
        f"the policy has {name} {policy.get(name)!r}"
        for name in ("default-src", "frame-ancestors", "base-uri")
        if policy.get(name) != "'none'"
    ]
    faults += [
        f"the policy lets {word} in by {name}"
        for name, words in policy.items()
        for word in words.split()
        if word in _REFUSED_SOURCES
    ]
    if "public" in answer.header("Cache-Control"):
        if "immutable" not in answer.header("Cache-Control"):
            faults.append("a response that may be kept by anybody is not a named file")
    elif answer.kind == "text/javascript" and answer.header("Cache-Control") == "no-cache":
        pass  # the service worker: a browser keeps it anyhow, and must ask whether there is a newer one
    elif "no-store" not in answer.header("Cache-Control"):
        faults.append(f"Cache-Control is {answer.header('Cache-Control')!r}")
    return faults


def page_faults(page: str) -> list[str]:
    """What is wrong with a page, in words."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    faults = list(reader.faults)
    if not page.lstrip().lower().startswith("<!doctype html>"):
        faults.append("no doctype")
    if not re.search(r'<html lang="en-GB"', page):
        faults.append("the language is not en-GB")
    title = " ".join("".join(reader.title).split())
    if not re.fullmatch(r".+ \u2013 Mendline", title):
        faults.append(f"the title is {title!r}")
    faults += [f"id {name!r} is there {times} times" for name, times in Counter(reader.ids).items() if times > 1]
    faults += [f"{what} points to the missing id {name!r}" for what, name in reader.pointers if name not in reader.ids]
    faults += [f"no label for {name}" for name, id_ in reader.unnamed if id_ not in reader.labelled]
    faults += _heading_faults(reader.headings)
    faults += [f"{count} elements <{name}>" for name, count in reader.landmarks.items() if count != 1]
    faults += [f"the form to {action} has no token" for action, has in reader.forms if not has]
    faults += [f"left unrendered: {found}" for found in re.findall(r"{{.*?}}|{%.*?%}", page)[:3]]
    faults += [f"shows {word}" for word in (">nan<", ">undefined<", "Undefined") if word in page]
    return faults


def _heading_faults(levels: list[int]) -> list[str]:
    faults = [] if levels.count(1) == 1 else [f"{levels.count(1)} headings of level 1"]
    faults += [f"a heading of level {after} follows one of level {before}"
               for before, after in pairwise(levels) if after > before + 1]  # fmt: skip
    return faults


class _Reader(HTMLParser):
    """Collects what a page is checked by."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.title: list[str] = []
        self.ids: list[str] = []
        self.pointers: list[tuple[str, str]] = []
        self.labelled: set[str] = set()
        self.unnamed: list[tuple[str, str]] = []
        self.headings: list[int] = []
        self.landmarks: Counter[str] = Counter({"main": 0, "title": 0})
        self.forms: list[tuple[str, bool]] = []
        self._unsafe_form = False
        self._in: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"title", "label", "style", "script", "svg"}:
            self._in.append(tag)
        self._look_for_inline(tag, given)
        if "id" in given:
            self.ids.append(given["id"])
        self._note_pointers(tag, given)
        if tag in _HEADINGS:
            self.headings.append(_HEADINGS[tag])
        if tag == "main" or (tag == "title" and "svg" not in self._in):
            self.landmarks[tag] += 1
        if tag == "img" and "alt" not in given:
            self.faults.append("a picture without alternative text")
        self._note_form(tag, given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._in:
            while self._in.pop() != tag:
                pass
        if tag == "form":
            self._unsafe_form = False

    def handle_data(self, data: str) -> None:
        if self._in and self._in[-1] == "title" and "svg" not in self._in:
            self.title.append(data)

    def _look_for_inline(self, tag: str, given: dict[str, str]) -> None:
        if tag == "style" or "style" in given:
            self.faults.append(f"inline style on <{tag}>")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.faults.append("an inline script")
        self.faults += [f"{name} on <{tag}>" for name in given if name.startswith("on")]
        for name in ("src", "href", "action", "formaction"):
            value = given.get(name, "").strip().lower()
            if value.startswith(("javascript:", "data:text", "//")):
                self.faults.append(f"{name}={value[:40]!r} on <{tag}>")
            foreign = value.startswith(("http:", "https:"))
            if foreign and (name != "href" or tag in {"link", "use"}):
                self.faults.append(f"<{tag}> takes {value[:60]!r} from elsewhere")

    def _note_pointers(self, tag: str, given: dict[str, str]) -> None:
        for name in ("aria-labelledby", "aria-describedby", "aria-controls"):
            self.pointers += [(f"{name} of <{tag}>", each) for each in given.get(name, "").split()]
        if tag == "label" and given.get("for"):
            self.labelled.add(given["for"])
            self.pointers.append(("a label", given["for"]))

    def _note_form(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form":
            # A form that a phone keeps for when there is no signal belongs to nobody: script sends it, with a token
            # that it asks for then.
            self._unsafe_form = given.get("method", "get").lower() == "post" and "data-away" not in given
            if self._unsafe_form:
                self.forms.append((given.get("action", ""), False))
        if tag not in {"input", "select", "textarea"}:
            return
        if self._unsafe_form and given.get("name") == "csrf_token" and given.get("value"):
            self.forms[-1] = (self.forms[-1][0], True)
        named = "aria-label" in given or "aria-labelledby" in given or "label" in self._in
        if given.get("type", "text") not in _UNLABELLED and not named:
            self.unnamed.append((f"<{tag} name={given.get('name')!r}>", given.get("id", "")))
