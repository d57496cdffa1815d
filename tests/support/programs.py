"""A program that asks the HTTP API by a bearer token."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from support.application import a_session
from support.tenancy import Place, add_membership, add_person
from werkzeug.test import TestResponse

from tenants.database import Database
from tenants.roles import ROLES

PREFIX = "/api/v1"


@dataclass
class Program:
    """A client with a token; `person_id` owns it."""

    client: FlaskClient
    token: str
    person_id: uuid.UUID

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(PREFIX + path, query_string=query, headers=self._headers())

    def post(self, path: str, body: Any = None, *, key: str | None = None, method: str = "POST") -> TestResponse:
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        return self.client.open(
            PREFIX + path, method=method, data=content, headers=headers, content_type="application/json"
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def program(app: Flask, db: Database, role: str | None, place: Place) -> Program:
    """A token of somebody new who holds one role at a place, or none."""
    person_id = add_person(db)
    if role is not None:
        add_membership(db, person_id, role, place, whole_provider=ROLES[role].level == "provider")
    return Program(app.test_client(), a_session(db, person_id, purpose="token"), person_id)
