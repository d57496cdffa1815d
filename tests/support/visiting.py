"""The application in process, visited as somebody who holds a role: pages asked for and forms sent as a browser would."""

import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from support.running import lend_assets
from support.tenancy import Place, add_membership, add_person, ticket_hash

from mendline.app import create_app
from mendline.config import Settings
from tenants.clock import now
from tenants.database import Database
from tenants.reach import Reach
from tenants.signin.sessions import ticket_of

KEY = "a key that only tests use, long enough to sign"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def an_application(db: Database, state: Path) -> Flask:
    """The whole application over a test's database."""
    if not (state / "assets-manifest.json").is_file():
        lend_assets(state)
    settings = Settings(state=state, secret_key=KEY, role_passwords={}, demonstration=True, api_per_minute=1_000_000)
    return create_app(settings, db)


@dataclass
class Page:
    """What came back."""

    status: int
    text: str
    location: str

    def says(self, words: str) -> bool:
        """Whether the page shows these words, line breaks and spaces aside."""
        return " ".join(words.split()) in " ".join(self.text.split())

    def answers(self) -> dict[str, Any]:
        """What the page's form would send as it stands; names with several answers have a list."""
        reader = _Answers()
        reader.feed(self.text)
        return {name: found if name in reader.several else found[-1] for name, found in reader.found.items()}


class _Answers(HTMLParser):
    """Reads inputs, selects and text areas as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.several: set[str] = set()
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes what a tag answers."""
        said = dict(attrs)
        name, value, kind = said.get("name") or "", said.get("value") or "", said.get("type") or "text"
        if tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in said):
            self.found.setdefault(name, []).append(value)
        if kind == "checkbox":
            self.several.add(name)
        if tag == "select":
            self._select = name
        if tag == "option" and self._select and ("selected" in said or self._select not in self.found):
            self.found[self._select] = [value]
        if tag == "textarea":
            self._area = name
            self.found[name] = [""]

    def handle_data(self, data: str) -> None:
        """Takes what stands in a text area."""
        if self._area:
            self.found[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        """Leaves a select or a text area."""
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area


@dataclass
class Visitor:
    """A signed-in person's browser."""

    client: FlaskClient
    reach: Reach
    csrf_token: str = field(default="", repr=False)

    def get(self, path: str) -> Page:
        """Asks for a page; a form on it lends its token to what is sent next."""
        return self._took(self.client.get(path))

    def post(self, path: str, fields: Mapping[str, Any]) -> Page:
        """Sends a form of the page that was seen last."""
        return self._took(self.client.post(path, data={"csrf_token": self.csrf_token, **fields}))

    def _took(self, answer: Any) -> Page:
        said = answer.get_data(as_text=True)
        found = _TOKEN.search(said)
        self.csrf_token = found[1] if found else self.csrf_token
        return Page(answer.status_code, said, answer.headers.get("Location", ""))


def visit(app: Flask, db: Database, role: str | None, place: Place, *, whole_provider: bool = False) -> Visitor:
    """Somebody new who holds one role at a place, or none at all, and has just signed in."""
    person_id = add_person(db)
    if role is not None:
        add_membership(db, person_id, role, place, whole_provider=whole_provider)
    return visit_as(app, db, person_id)


def visit_as(app: Flask, db: Database, person_id: uuid.UUID) -> Visitor:
    """Somebody who is there already, newly signed in."""
    secret = secrets.token_urlsafe(24)
    ticket = ticket_of(KEY.encode(), secret, "session")
    with db.as_role("signin") as connection:
        connection.execute(
            text("select reach.issue_ticket(:hash, :person, :expires, null, true, 'full', null, null, now())"),
            {"hash": ticket_hash(ticket), "person": person_id, "expires": now() + timedelta(hours=1)},
        )
    client = app.test_client()
    client.set_cookie("mendline", secret)
    return Visitor(client, db.reach_of(ticket))
