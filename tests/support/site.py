"""The whole web application over a test's own database, and people who visit it."""

import re
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from support.tenancy import Place, add_membership, add_person
from werkzeug.test import TestResponse

from mendline.app import create_app
from mendline.config import RUNNING_ROLES, Settings, state_folder
from mendline.web.assets import Places, build
from tenants.clock import now
from tenants.database import Database
from tenants.signin.tokens import create_token

KEY = "a key of this test only, long enough to sign with"


@cache
def built_assets() -> Path:
    """The state folder of the checkout with its front-end files built; built once where they are not."""
    state = state_folder({})
    places = Places.under(state)
    if not places.manifest.is_file():
        build(places)
    return state


def a_site(db: Database, *, demonstration: bool = False, https: bool = False, messages: str | None = None) -> Flask:
    settings = Settings(
        state=built_assets(),
        secret_key=KEY,
        role_passwords=dict.fromkeys(RUNNING_ROLES, ""),
        database="postgresql+psycopg://nowhere/at_all",
        messages=messages,
        demonstration=demonstration,
        https=https,
    )
    app = create_app(settings, db)
    app.testing = False
    return app


@dataclass
class Visitor:
    """Somebody who is signed in by a token of theirs, so that no password has to be worked out."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, headers=self.headers, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        return self.client.post(path, data=data or {}, headers=self.headers, **more)

    def text(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.get_data(as_text=True)[:400])
        return answer.get_data(as_text=True)


def a_visitor(app: Flask, db: Database, person_id: uuid.UUID) -> Visitor:
    at = now()
    token = create_token(
        db, KEY.encode(), f"{person_id}@example.org", label="test", at=at, expires_at=at + timedelta(hours=1)
    )
    return Visitor(app.test_client(), {"Authorization": f"Bearer {token}"})


def who_works_as(app: Flask, db: Database, role: str, place: Place, *, whole_provider: bool = False) -> Visitor:
    """Somebody new with one role."""
    person_id = add_person(db)
    add_membership(db, person_id, role, place, whole_provider=whole_provider)
    return a_visitor(app, db, person_id)


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the form carries its token"
    return found[1]


def a_password() -> str:
    return secrets.token_urlsafe(12)
