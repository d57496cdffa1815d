"""What operators read: the database's own functions, which show names and queues and no content."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import add_working_days, london_date

REVIEW_DAYS = 2  # working days after it ended


@dataclass(frozen=True, slots=True)
class Tenant:
    """A provider as an operator sees it."""

    provider_id: uuid.UUID
    name: str
    plan: str
    is_demonstration: bool
    since: datetime
    services: int
    members: int
    waiting: int
    oldest_seconds: float
    running: int
    dead: int
    unsealed: int


@dataclass(frozen=True, slots=True)
class DeadJob:
    """Work that was given up, without what it was about."""

    provider_id: uuid.UUID
    provider: str
    job_id: uuid.UUID
    kind: str
    state: str
    attempts: int
    created_at: datetime
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused in an hour where no provider can be named: how often, and from how many networks or accounts.

    Attributes:
        busiest: a keyed hash of the network or the account that most came from.
    """

    hour: datetime
    kind: str
    times: int
    sources: int
    busiest: str
    busiest_times: int


@dataclass(frozen=True, slots=True)
class Support:
    """A request for support access, and how far it is."""

    provider_id: uuid.UUID
    request_id: uuid.UUID
    person_id: uuid.UUID
    name: str
    reason: str
    asked_at: datetime
    seconded_by: uuid.UUID | None
    seconded_name: str | None
    seconded_at: datetime | None
    consented_by: uuid.UUID | None
    consented_at: datetime | None
    ends_at: datetime | None
    ended_by: uuid.UUID | None
    ended_at: datetime | None
    review: str | None
    reviewed_by: uuid.UUID | None
    reviewed_name: str | None
    reviewed_at: datetime | None

    def review_due(self, at: datetime) -> date | None:
        """The day by which somebody else has to go through the looks; None before it is over, and once it was done."""
        if self.consented_at is None or self.reviewed_at is not None or self.state(at) != "over":
            return None
        ended = self.ended_at or self.ends_at or self.consented_at
        return add_working_days(london_date(ended), REVIEW_DAYS)

    def state(self, at: datetime) -> str:
        """asked, seconded, open, or over; a request that nobody answered lapses after two days."""
        if self.ended_at is not None or (self.ends_at is not None and self.ends_at <= at):
            return "over"
        if self.consented_at is not None:
            return "open"
        if (at - self.asked_at).days >= 2:
            return "over"
        return "asked" if self.seconded_at is None else "seconded"


_SUPPORT = ", ".join(Support.__annotations__)
_OWN = text(f"""
select {_SUPPORT} from support_access
where provider_id = any (:providers) order by asked_at desc limit 100
""")  # noqa: S608 -- the columns are this module's
_ALL = text(f"select {_SUPPORT} from reach.support_requests()")  # noqa: S608


def tenants(session: Session) -> tuple[Tenant, ...]:
    """Every provider with plan, size and queues; nothing for anybody who does not operate."""
    return tuple(Tenant(**row) for row in session.execute(text("select * from reach.operations()")).mappings())


def dead_jobs(session: Session) -> tuple[DeadJob, ...]:
    """Work of the last thirty days that was given up."""
    return tuple(DeadJob(**row) for row in session.execute(text("select * from reach.dead_jobs()")).mappings())


def refusals(session: Session) -> tuple[Refusal, ...]:
    """The platform's own ledger of refusals, thirty days by the hour, newest first; a hundred lines at most."""
    return tuple(Refusal(**row) for row in session.execute(text("select * from reach.refusals()")).mappings())


def requests_of_operators(session: Session) -> tuple[Support, ...]:
    """The newest requests for support access, for operators."""
    return tuple(Support(**row) for row in session.execute(_ALL).mappings())


def requests_to(session: Session, providers: tuple[uuid.UUID, ...]) -> tuple[Support, ...]:
    """The requests for support access to these providers, newest first."""
    return tuple(Support(**row) for row in session.execute(_OWN, {"providers": list(providers)}).mappings())
