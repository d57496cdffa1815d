"""What is to be done after the commit: outbox and record of the work in one table, written with the change itself."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from tenants.clock import now
from tenants.errors import TooManyError
from tenants.ids import new_id
from tenants.tables import Base, ProviderKey, of_provider

# Kind of work -> the Dramatiq queue that does it. A test compares this with the actors and with what is started.
QUEUES = {
    "derive": "derive",
    "seal_ledger": "fast",
    "check_triggers": "fast",
    "make_pack": "render",
    "examine_file": "render",
    "import_facts": "render",
    "custody_request": "render",
    "custody_day": "fast",
    "transfer_service": "render",
    "send_mail": "mail",
    "deliver_webhook": "mail",
    "plan_work": "derive",
    "tell_people": "fast",
}

# How much of a kind one provider may have under way at once, where a person asks for it: it takes long, and others wait.
MOST_UNDER_WAY = {"make_pack": 10, "examine_file": 100, "custody_request": 10, "import_facts": 20}
# How much of a kind people of one provider may ask for in an hour.
MOST_AN_HOUR = {"make_pack": 60}


class Job(ProviderKey, Base):
    """A piece of work; PostgreSQL keeps the promise, Redis only carries its id."""

    __tablename__ = "job"
    __table_args__ = (
        of_provider(),
        CheckConstraint("state in ('queued', 'running', 'done', 'failed', 'dead')", name="state_known"),
        Index("ix_job_job_id", "job_id"),
        Index("ix_job_open", "provider_id", "kind", postgresql_where=text("state in ('queued', 'running')")),
        Index("ix_job_waiting", "state", "due_at", postgresql_where=text("state in ('queued', 'running')")),
    )

    job_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    service_id: Mapped[uuid.UUID | None]
    arguments: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    claimed_by: Mapped[str | None]
    requested_by: Mapped[uuid.UUID | None]
    progress: Mapped[int] = mapped_column(default=0)  # 0 to 100
    progress_text: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


def enqueue(
    session: Session,
    kind: str,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID | None = None,
    arguments: dict[str, Any] | None = None,
    requested_by: uuid.UUID | None = None,
) -> uuid.UUID:
    """Adds a job to the transaction and rings the relay when it commits; returns the job's id.

    Args:
        session: the transaction of the change that the work follows from.
        kind: one of `QUEUES`.
        provider_id: the one provider that the work touches.
        service_id: the service, where it touches no other.
        arguments: what else the work needs to know; identifiers, not content.
        requested_by: who asks; by default whoever the transaction's reach belongs to.

    Raises:
        ValueError: no actor answers to the kind.
        TooManyError: the provider has as much of the kind under way, or asked for as much in an hour, as it may.
    """
    if kind not in QUEUES:
        raise ValueError(f"no actor answers to jobs of kind {kind!r}; add it to tenants.jobs.QUEUES")
    if kind in MOST_UNDER_WAY and session.info.get("person_id"):
        _leave_room(session, kind, provider_id)
    at = now()
    job = Job(
        provider_id=provider_id,
        job_id=new_id(),
        kind=kind,
        service_id=service_id,
        arguments=arguments or {},
        due_at=at,
        # The database takes a person's job only in that person's own name.
        requested_by=requested_by or session.info.get("person_id"),
        created_at=at,
    )
    session.add(job)
    session.execute(text("select pg_notify('mendline_job', '')"))
    return job.job_id


def _leave_room(session: Session, kind: str, provider_id: uuid.UUID) -> None:
    waiting = session.execute(
        text("select reach.under_way(:provider, :kind)"), {"provider": provider_id, "kind": kind}
    ).scalar_one()
    if waiting >= MOST_UNDER_WAY[kind]:
        raise TooManyError(
            f"{waiting} of these are being made for your provider already. Wait until one is done, then ask again."
        )
    if kind in MOST_AN_HOUR and _asked_in_an_hour(session, kind, provider_id) >= MOST_AN_HOUR[kind]:
        raise TooManyError(
            f"Your provider asked for {MOST_AN_HOUR[kind]} of these in the last hour, which is the most. Ask again later."
        )


def _asked_in_an_hour(session: Session, kind: str, provider_id: uuid.UUID) -> int:
    asked = session.execute(
        text("select reach.asked_in_an_hour(:provider, :kind)"), {"provider": provider_id, "kind": kind}
    ).scalar_one()
    return int(asked)
