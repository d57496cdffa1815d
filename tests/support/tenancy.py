"""Two provider groups with services and people, and a row in every table for each: what isolation is tried on.

Rows are generated from the declared tables, so a new table has its rows, and its place in the walk, by itself. Words
that must never be seen from outside carry the place's canary.
"""

import hashlib
import importlib
import pkgutil
import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zlib import crc32

from sqlalchemy import Column, Date, MetaData, Table, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Session

import mendline
from tenants.clock import now, today
from tenants.database import Database
from tenants.directory.access_model import InspectorLink, PlatformOperator, SupportAccess
from tenants.directory.model import CommissionerGrant, CommissionerOfficer, CommissioningBody, Membership
from tenants.jobs import Job
from tenants.ledger import LedgerEntry
from tenants.reach import Reach
from tenants.roles import ROLES
from tenants.signin.model import Person
from tenants.tables import Base

_SPACE = uuid.UUID("5b1f6d1e-0000-4000-8000-000000000000")

# Columns that a check constraint limits, and those whose value other rows need to know.
_CHOSEN: dict[tuple[str, str], Any] = {
    ("job", "state"): "queued",
    ("webhook_delivery", "state"): "waiting",
    ("webhook_secret", "version"): 2,
    ("import_file", "state"): "checking",
    ("import_file", "on_conflict"): "stop",
    ("import_file", "problems"): [],
    ("import_file", "proposals"): [],
    ("import_file", "found"): {},
    ("import_file", "decisions"): {},
    ("import_proposal", "decision"): "same",
    ("import_proposal", "candidates"): [],
    ("capture_choice", "chosen"): "first",
    ("job", "kind"): "derive",
    ("security_alert", "kind"): "reads",
    ("service_succession", "follows"): None,
    ("observation", "state"): "final",
    ("action_event", "kind"): "closed",
    ("regulator_clock_event", "kind"): "sent",
    ("spot_check_finding", "finding"): "agrees",
    ("spot_check_result", "verdict"): "holds",
    ("drill_answer", "result"): "found",
    ("drill", "claims"): [],
    ("clock_setting", "unit"): "hours",
    ("review", "decision"): "assured",
    ("evidence_exemption", "letter"): "R",
    ("commissioner_grant", "classes"): ["evidence_files"],
    ("opened_records", "classes"): ["records"],
    ("service", "area_code"): None,
    ("membership", "role"): "carer",
    ("membership", "kind"): "substantive",
    ("membership_event", "kind"): "ended",
    ("role_offer", "role"): "carer",
    ("role_offer", "kind"): "substantive",
    ("role_offer", "answer"): None,
    ("release", "part"): "summary",
    ("conflict", "lifts"): None,
    ("commissioner_note", "kind"): "request",
    ("support_access", "review"): None,
    ("record", "erased_at"): None,
    ("record", "withdrawn_at"): None,
    ("ledger_entry", "erased_at"): None,
    ("ledger_entry", "erased_under"): None,
    ("custody_request", "kind"): "person_export",
    ("custody_step", "kind"): "refused",
    ("service_transfer", "side"): "giving",
    ("transfer_step", "kind"): "refused",
    ("measurement", "outcome"): "written",
    ("counted_record", "verdict"): "counted",
    ("objective_indicator", "part"): "main",
    ("objective_event", "kind"): "met",
    ("milestone_verdict", "verdict"): "met",
    ("plan_step", "cadence"): "weekly",
    ("plan_step_revision", "cadence"): "weekly",
    ("work_item", "state"): "open",
    ("work_item_event", "kind"): "recorded",
    ("work_delegation", "why"): "holiday",
    ("chart_choice", "chart"): "xmr",
    ("evidence_file_verdict", "verdict"): "ready",
    ("evidence_file_verdict", "scan"): "clean",
    ("limit_base_decision", "decision"): "refused",
    ("service_change", "kind"): "staff",
    ("review_sitting", "forum"): "weekly_review",
    ("effect_verdict", "verdict"): "worked",
    ("hand_over_item", "kind"): "action",
}


@dataclass(frozen=True)
class Place:
    """A service of a provider, and the word that marks what belongs to it."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    canary: str


@dataclass(frozen=True)
class Groups:
    """Two provider groups: the first has two services, the second one more that bears the identifier of the first's."""

    first: Place
    sister: Place
    second: Place
    twin: Place
    body_id: uuid.UUID

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place, the one that is attacked first."""
        return (self.first, self.sister, self.second, self.twin)


def every_table() -> MetaData:
    """The declared tables of all areas; a `model.py` that nobody imports would be forgotten otherwise."""
    for part in pkgutil.walk_packages(mendline.__path__, "mendline."):
        if part.name.endswith(".model"):
            importlib.import_module(part.name)
    assert (
        SupportAccess.metadata
        is CommissioningBody.metadata
        is Job.metadata
        is LedgerEntry.metadata
        is Person.metadata
        is Base.metadata
    )
    return Base.metadata


def tenant_tables() -> list[Table]:
    """Tables of tenants, parents first."""
    return [table for table in every_table().sorted_tables if "provider_id" in table.c]


def make_groups(db: Database) -> Groups:
    """Builds the two groups and a row of every table at each place."""
    return settled_groups(db, fill)


def settled_groups(db: Database, settle: Callable[[Session, Place, uuid.UUID], None]) -> Groups:
    """Two providers with two services each, one of which has the same identifier at both, and a commissioning body.

    Args:
        db: a migrated, empty database.
        settle: writes what there is at a place, given a session of the owner and the body.
    """
    first, second, shared = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    body_id = uuid.uuid4()
    groups = Groups(
        first=Place(first, shared, "KESTREL"),
        sister=Place(first, uuid.uuid4(), "LINNET"),
        second=Place(second, uuid.uuid4(), "MERLIN"),
        twin=Place(second, shared, "NUTHATCH"),
        body_id=body_id,
    )
    with db.administration() as session:
        session.add(CommissioningBody(body_id=body_id, name="Westshire Council"))
        session.flush()
        for place in groups.places:
            settle(session, place, body_id)
    return groups


def fill(session: Session, place: Place, body_id: uuid.UUID) -> None:
    """One row in each table of tenants; a provider that is already there is left as it is."""
    for table in tenant_tables():
        row = sample_row(table, place, body_id=body_id)
        if not is_there_already(session, table, place):
            session.execute(table.insert().values(row))


def is_there_already(session: Session, table: Table, place: Place, *, once: bool = False) -> bool:
    """Whether a table that holds one row for a whole provider, or should, has it from another of its places."""
    apart = (
        set()
        if once
        else {column.name for column in table.primary_key if not isinstance(column.type, Date)} - {"provider_id"}
    )
    if apart:
        return False
    found = session.execute(
        text(f"select 1 from {table.fullname} where provider_id = :id"),
        {"id": place.provider_id},
    )
    return found.first() is not None


def sample_row(table: Table, place: Place, *, body_id: uuid.UUID, serial: int = 1) -> dict[str, Any]:
    """A row that every constraint accepts; another serial gives another row under the same parents."""
    linked = {column.name for key in table.foreign_key_constraints for column in key.columns}
    return {
        column.name: _value(table, column, place, body_id, 1 if column.name in linked else serial)
        for column in table.columns
    }


def _value(table: Table, column: Column[Any], place: Place, body_id: uuid.UUID, serial: int) -> Any:
    fixed = {"provider_id": place.provider_id, "service_id": place.service_id, "body_id": body_id}
    if column.name in fixed:
        return fixed[column.name]
    if (table.name, column.name) in _CHOSEN:
        return _CHOSEN[table.name, column.name]
    words = f"{place.canary} {column.name} {serial}"
    identifier = uuid.uuid5(_SPACE, f"{place.provider_id} {place.service_id} {column.name} {serial}")
    own = crc32(place.canary.encode()) % 1000
    if column.name == "valid_until":
        return today() + timedelta(days=30)
    by_type: dict[type, Any] = {
        uuid.UUID: identifier,
        str: words,
        # Where a number is part of a key, places of one provider must not meet.
        int: serial + own * 10 if column.primary_key else serial,
        float: float(serial),
        bool: False,
        bytes: words.encode(),
        # Where a provider has one row for each day or month, so must places.
        date: date(2026, 1, 4) + timedelta(weeks=serial + (own % 40 if _is_key_of_provider(table, column) else 0)),
        datetime: datetime(2026, 1, 4, 12, tzinfo=UTC) + timedelta(weeks=serial),
        object: {"word": words},  # JSON
        list: [identifier] if isinstance(getattr(column.type, "item_type", None), Uuid) else [words],
    }
    return by_type[column.type.python_type]


def _is_key_of_provider(table: Table, column: Column[Any]) -> bool:
    """Whether a column is part of a key that tells a provider's rows apart, below no service."""
    keys = [table.primary_key, *(each for each in table.constraints if isinstance(each, UniqueConstraint))]
    return "service_id" not in table.c and any(column.name in key.columns for key in keys)


def add_person(
    db: Database, *, name: str = "Ann Other", disabled: bool = False, person_id: uuid.UUID | None = None
) -> uuid.UUID:
    """Somebody who can sign in, without a password: their tickets are issued directly."""
    person_id = person_id or uuid.uuid4()
    with db.administration() as session:
        session.add(
            Person(
                person_id=person_id,
                email=f"{person_id}@example.org",
                name=name,
                created_at=now(),
                disabled_at=now() if disabled else None,
            )
        )
    return person_id


def add_membership(
    db: Database,
    person_id: uuid.UUID,
    role: str,
    place: Place,
    *,
    whole_provider: bool = False,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> uuid.UUID:
    """A role at a place, or at the whole of its provider; from yesterday and without end unless said."""
    membership_id = uuid.uuid4()
    with db.administration() as session:
        session.add(
            Membership(
                provider_id=place.provider_id,
                membership_id=membership_id,
                service_id=None if whole_provider else place.service_id,
                person_id=person_id,
                role=role,
                display_name="A. Other",
                initials="AO",
                valid_from=valid_from or today() - timedelta(days=1),
                valid_until=valid_until,
                recorded_at=now(),
            )
        )
    return membership_id


def add_officer(db: Database, body_id: uuid.UUID, person_id: uuid.UUID, *, valid_until: date | None = None) -> None:
    """Lets a person work for a commissioning body since yesterday."""
    with db.administration() as session:
        session.add(
            CommissionerOfficer(
                body_id=body_id, person_id=person_id, valid_from=today() - timedelta(days=1), valid_until=valid_until
            )
        )


def add_grant(
    db: Database,
    place: Place,
    body_id: uuid.UUID,
    *,
    classes: Iterable[str] = ("summary",),
    valid_from: date | None = None,
    valid_until: date | None = None,
    withdrawn_at: datetime | None = None,
    live: bool = True,
) -> uuid.UUID:
    """What a provider lets a body see of a place; from yesterday for thirty days unless said."""
    grant_id = uuid.uuid4()
    with db.administration() as session:
        session.add(
            CommissionerGrant(
                provider_id=place.provider_id,
                service_id=place.service_id,
                grant_id=grant_id,
                body_id=body_id,
                classes=list(classes),
                show_name=False,
                valid_from=valid_from or today() - timedelta(days=1),
                valid_until=valid_until or today() + timedelta(days=30),
                purpose="Contract monitoring",
                lawful_basis="Public task",
                recorded_at=now(),
                withdrawn_at=withdrawn_at,
                live=live,
            )
        )
    return grant_id


def add_body(db: Database, *, name: str = "Eastshire Council") -> uuid.UUID:
    """A commissioning body that has been granted nothing yet."""
    body_id = uuid.uuid4()
    with db.administration() as session:
        session.add(CommissioningBody(body_id=body_id, name=name))
    return body_id


def issue_ticket(
    db: Database,
    person_id: uuid.UUID,
    *,
    lives: timedelta = timedelta(hours=1),
    idle_seconds: int | None = None,
    may_write: bool = True,
) -> str:
    """A ticket as signing in would issue it; a negative life has already ended."""
    ticket = secrets.token_hex(32)
    with db.as_role("signin") as connection:
        connection.execute(
            text("select reach.issue_ticket(:hash, :person, :expires, :idle, :may_write, 'full', null, null, now())"),
            {
                "hash": ticket_hash(ticket),
                "person": person_id,
                "expires": now() + lives,
                "idle": idle_seconds,
                "may_write": may_write,
            },
        )
    return ticket


def ticket_hash(ticket: str) -> bytes:
    """What PostgreSQL keeps of a ticket."""
    return hashlib.sha256(ticket.encode()).digest()


def revoke(db: Database, ticket: str) -> None:
    """Ends a ticket at once."""
    with db.as_role("signin") as connection:
        connection.execute(text("select reach.revoke(:hash)"), {"hash": ticket_hash(ticket)})


def rest(db: Database, ticket: str, *, seconds: int) -> None:
    """Lets a ticket look as if it had last been used so long ago."""
    with db.administration() as session:
        session.execute(text("set local role mendline_reach"))
        session.execute(
            text(
                "update reach.ticket set last_seen_at = now() - make_interval(secs => :seconds)"
                " where ticket_hash = :hash"
            ),
            {"seconds": seconds, "hash": ticket_hash(ticket)},
        )


def signed_in(db: Database, role: str, place: Place, *, whole_provider: bool = False) -> Reach:
    """The reach of somebody new who holds one role."""
    person_id = add_person(db)
    add_membership(db, person_id, role, place, whole_provider=whole_provider)
    return db.reach_of(issue_ticket(db, person_id))


def inspector_ticket(
    db: Database, place: Place, *, ticket: str | None = None, revoked: bool = False, ended: bool = False
) -> str:
    """A ticket of an inspector's link to the sample pack of a place, with everything opened that a link can open."""
    shown = ticket or secrets.token_hex(32)
    link_id = uuid.uuid4()
    pack = sample_row(every_table().tables["pack"], place, body_id=place.provider_id)
    opened = now() - timedelta(days=20 if ended else 1)
    with db.administration() as session:
        session.add(
            InspectorLink(
                provider_id=place.provider_id,
                service_id=place.service_id,
                link_id=link_id,
                pack_id=pack["pack_id"],
                named="Iris Holt",
                email="iris.holt@example.org",
                purpose="Inspection",
                classes=["packs", *(each for each in ROLES["inspector"].classes if each != "service")],
                as_at=now(),
                opens_at=opened,
                closes_at=opened + timedelta(days=14),
                made_label="A Other",
                recorded_at=opened,
                revoked_at=now() if revoked else None,
            )
        )
        session.flush()
        session.execute(text("set local role mendline_reach"))
        session.execute(
            text(
                "insert into reach.ticket (ticket_hash, kind, provider_id, service_id, link_id, may_write, expires_at)"
                " values (:hash, 'inspector', :provider, :service, :link, false, now() + interval '1 hour')"
            ),
            {
                "hash": ticket_hash(shown),
                "provider": place.provider_id,
                "service": place.service_id,
                "link": link_id,
            },
        )
    return shown


def add_operator(db: Database) -> uuid.UUID:
    """Somebody who runs the platform."""
    person_id = add_person(db, name="Sam Operator")
    with db.administration() as session:
        session.add(PlatformOperator(person_id=person_id, valid_from=today() - timedelta(days=1)))
    return person_id


def let_in(
    db: Database, person_id: uuid.UUID, place: Place, *, consented: bool = True, ended: bool = False, minutes: int = 30
) -> uuid.UUID:
    """Support access of an operator to the provider of a place; a negative time is over."""
    request_id, at = uuid.uuid4(), now()
    begun = at + timedelta(minutes=minutes - 40) if minutes < 0 else at - timedelta(minutes=1)
    with db.administration() as session:
        session.add(
            SupportAccess(
                provider_id=place.provider_id,
                request_id=request_id,
                person_id=person_id,
                name="Sam Operator",
                reason="Figures do not arrive",
                asked_at=at,
                seconded_by=uuid.uuid4(),
                seconded_name="Dana Second",
                seconded_at=at,
                consented_by=uuid.uuid4() if consented else None,
                consented_at=begun if consented else None,
                ends_at=begun + timedelta(minutes=abs(minutes)) if consented else None,
                ended_at=at if ended else None,
            )
        )
    return request_id


def add_job(
    db: Database,
    place: Place,
    *,
    kind: str = "derive",
    service_id: uuid.UUID | None = None,
    requested_by: uuid.UUID | None = None,
    state: str = "queued",
    attempts: int = 0,
    lease_until: datetime | None = None,
) -> uuid.UUID:
    """A job as it stands in the table."""
    job_id = uuid.uuid4()
    with db.administration() as session:
        session.add(
            Job(
                provider_id=place.provider_id,
                job_id=job_id,
                kind=kind,
                service_id=service_id,
                arguments={},
                state=state,
                attempts=attempts,
                due_at=now(),
                lease_until=lease_until,
                requested_by=requested_by,
                created_at=now(),
            )
        )
    return job_id
