"""Packs for commissioners as both sides meet them: asked for, made by the worker's own code, shared, taken back."""

import re
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import text
from support.application import identifiers_of
from support.tenancy import Place, add_body, add_grant, add_officer, add_person
from support.visiting import Page, Visitor, visit_as

from tenants.database import Database
from workers.claiming import _work as work_of
from workers.claiming import do
from workers.packs import make_pack

ALL = ("summary", "actions", "evidence_index")


@dataclass
class Officer:
    """Somebody of a council with a grant of one service."""

    visitor: Visitor
    grant_id: uuid.UUID
    body_id: uuid.UUID
    there: str

    def get(self, path: str = "") -> Page:
        return self.visitor.get(f"{self.there}{path}")

    def download(self, path: str) -> Any:
        return self.visitor.client.get(path)


def an_officer(
    app: Flask, db: Database, place: Place, *, classes: tuple[str, ...] = ALL, live: bool = False,
    body_id: uuid.UUID | None = None,
) -> Officer:  # fmt: skip
    body = body_id or add_body(db, name=f"Eastshire {uuid.uuid4().hex[:6]}")
    person_id = add_person(db)
    add_officer(db, body, person_id)
    grant = add_grant(db, place, body, classes=classes, live=live)
    return Officer(visit_as(app, db, person_id), grant, body, f"/portfolio/{place.service_id}")


def ask(manager: Visitor, place: Place, officer: Officer, weeks: str = "26") -> Page:
    here = f"/services/{place.service_id}/packs/commissioner"
    manager.get(here)
    return manager.post(here, {"grant": str(officer.grant_id), "weeks": weeks})


def release(manager: Visitor, place: Place) -> None:
    manager.get("/commissioners")
    assert (
        manager.post(f"/commissioners/services/{place.service_id}/releases", {"note": ""}).location == "/commissioners"
    )


def make(db: Database, pack_id: str) -> None:
    """The job of a pack, done by the worker's own code over a claim of its own."""
    with db.administration() as session:
        job_id = session.execute(text("select job_id from pack where pack_id = :id"), {"id": pack_id}).scalar_one()
    claimed = db.claim(job_id, worker="test", lease_seconds=120, kind="make_pack")
    assert claimed is not None
    do(work_of(db, *claimed, 120), make_pack)


def share(manager: Visitor, path: str, officer: Officer, purpose: str = "Contract meeting in June") -> Page:
    manager.get(path)
    return manager.post(f"{path}/shares", {"grant": str(officer.grant_id), "purpose": purpose})


def take_back(manager: Visitor, path: str, why: str = "Sent too early") -> Page:
    there = re.search(rf'action="({path}/shares/([0-9a-f-]+)/withdraw)"', manager.get(path).text)
    assert there
    return manager.post(there[1], {f"reason-{there[2]}": why})


class Council:
    """A body with a grant of one service, for which the service's pack is made."""

    def __init__(self, db: Database, place: Place, *, begins: date | None = None, show_name: bool = False) -> None:
        self.db, self.place = db, place
        self.body_id = add_body(db, name=f"Eastshire {uuid.uuid4().hex[:6]}")
        self.grant_id = add_grant(db, place, self.body_id, valid_from=begins)
        self.path = f"/packs/{identifiers_of(place)['pack_id']}"
        self.change("update commissioner_grant set show_name = :shown where grant_id = :grant", shown=show_name)
        self.change(
            "update commissioner_pack set body_id = :body, grant_id = :grant, classes = array['summary'],"
            " show_name = false where provider_id = :provider and service_id = :service",
            body=self.body_id,
            provider=place.provider_id,
            service=place.service_id,
        )

    def officer(self, **changes: Any) -> uuid.UUID:
        """Somebody who works for the body."""
        person_id = add_person(self.db)
        add_officer(self.db, self.body_id, person_id, **changes)
        return person_id

    def change(self, statement: str, **values: Any) -> None:
        with self.db.administration() as session:
            named = {"grant": self.grant_id, **values}
            session.execute(text(statement), {name: each for name, each in named.items() if f":{name}" in statement})

    def shared(self, manager: Visitor) -> Page:
        manager.get(self.path)
        return manager.post(
            f"{self.path}/shares", {"grant": str(self.grant_id), "purpose": "NIGHTJAR, for the meeting"}
        )
