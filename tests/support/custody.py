"""A provider with records about people, who keeps its custody, and the jobs of custody done in this process."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from support.facts import Home, a_home, a_provider, figures
from support.tenancy import Place, add_membership, add_person, issue_ticket

from mendline.custody import commands
from mendline.evidence.model import Record
from tenants.clock import now
from tenants.database import Database
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach
from workers.claiming import _work as work_of
from workers.claiming import do
from workers.tasks import TASKS

EXPORT_KIND = "person_export"
PERSON, OTHER, NAME = "P-014", "P-015", "Edith Larkin"
SAID = "P-014 fell by the window; Edith Larkin was shaken. P-0145 saw it."


@dataclass(frozen=True)
class Keepers:
    """A provider with one home, its administrator and its nominated individual."""

    home: Home
    administrator: Reach
    nominated: Reach

    @property
    def provider_id(self) -> uuid.UUID:
        return self.home.provider_id


def a_kept_provider(db: Database, name: str = "Harbour Care", *, records: bool = True) -> Keepers:
    """Records about two people, words about one of them in a review, and entries in the ledger that name them."""
    with db.administration() as session:
        home = a_home(session, a_provider(session, name))
        figures(session, home, [(90, 100)] * 4)
        if records:
            for person in (PERSON, OTHER):
                a_record(session, home, person)
    place = Place(home.provider_id, home.service_id, "")
    reaches = []
    for role in ("provider_administrator", "nominated_individual"):
        person_id = add_person(db, name=f"Ann {role}")
        add_membership(db, person_id, role, place, whole_provider=True)
        reaches.append(db.reach_of(issue_ticket(db, person_id)))
    return Keepers(home, *reaches)


def a_record(
    session: Session, home: Home, person: str, *, happened_at: datetime | None = None, record_type: str = "incident"
) -> uuid.UUID:
    """A record about a person, in two revisions."""
    record_id = new_id()
    for revision in (1, 2):
        session.add(
            Record(
                provider_id=home.provider_id,
                service_id=home.service_id,
                record_id=record_id,
                revision=revision,
                record_type=record_type,
                type_version="1",
                happened_at=happened_at or datetime(2026, 3, 2, 9, tzinfo=UTC),
                payload={
                    "happened_at": "2026-03-02T09:00:00+00:00",
                    "kind": "fall",
                    "person": person,
                    "shift_band": "day",
                    "harm_level": "low",
                    "what_happened": f"{person}: {SAID}",
                },
                source_reference=f"CARE/{person}",
                reason="Counted again" if revision == 2 else None,
                recorded_at=now(),
            )
        )
    session.flush()
    return record_id


def noted(db: Database, keepers: Keepers, words: str) -> None:
    """An entry of the ledger whose words name a person."""
    with db.transaction(keepers.administrator) as session:
        note(session, keepers.administrator, "record read", provider_id=keepers.provider_id, subject=words)


def asked(db: Database, keepers: Keepers, kind: str, **typed: str) -> uuid.UUID:
    """A request of the administrator's."""
    filled = {"person_reference": PERSON, "service_id": "", "also_named": NAME, "reason": "They asked."} | typed
    with db.transaction(keepers.administrator) as session:
        return commands.ask_about_person(session, keepers.administrator, keepers.provider_id, kind, filled)


def approved(db: Database, keepers: Keepers, request_id: uuid.UUID) -> None:
    """The second person's approval."""
    with db.transaction(keepers.nominated) as session:
        commands.approve(session, keepers.nominated, keepers.provider_id, request_id)


def do_jobs(db: Database, provider_id: uuid.UUID, kind: str) -> list[str]:
    """Does the jobs of a kind that wait at a provider, in this process; their states afterwards."""
    task = next(each for each in TASKS if each.kind == kind)
    with db.administration() as session:
        waiting = list(
            session.execute(
                text(
                    "update job set due_at = now() where provider_id = :p and kind = :k and state = 'queued'"
                    " returning job_id"
                ),
                {"p": provider_id, "k": kind},
            ).scalars()
        )
    for job_id in waiting:
        claimed = db.claim(job_id, worker="test", lease_seconds=60, kind=kind)
        assert claimed is not None
        do(work_of(db, *claimed, 60), task.load())
    with db.administration() as session:
        found = session.execute(
            text("select state from job where provider_id = :p and job_id = any (:ids) order by job_id"),
            {"p": provider_id, "ids": waiting},
        )
        return list(found.scalars())


def settle(monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    """Lets jobs that read their settings find this folder."""
    monkeypatch.setenv("MENDLINE_STATE", str(state))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nowhere/none")


def rows(db: Database, statement: str, **values: Any) -> list[Any]:
    """What the owner of the tables sees."""
    with db.administration() as session:
        return list(session.execute(text(statement), values))
