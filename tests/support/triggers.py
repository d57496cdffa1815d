"""Services in recovery with people, records and derived figures, for what follows from trigger rules."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from support.facts import Home, a_baseline, a_provider, a_service, an_indicator, figures
from support.tenancy import Place, add_membership, add_person

from mendline.comparison.derivation import derive_indicators
from mendline.evidence.model import Record
from mendline.recovery.model import RecoveryPlan
from mendline.recovery.triggers.evaluation import Evaluated, evaluate
from tenants.clock import now, today
from tenants.database import Database
from tenants.ids import new_id


@dataclass(frozen=True)
class Recovering:
    """A service with a plan and one indicator, `mar_compliance_pct` unless told otherwise."""

    home: Home

    @property
    def place(self) -> Place:
        """As somebody works at it."""
        return Place(self.home.provider_id, self.home.service_id, "")


def a_recovering_service(
    db: Database,
    *,
    name: str = "Rowan House",
    provider_id: uuid.UUID | None = None,
    plan: str | None = "medicines_recovery",
    indicator: str = "mar_compliance_pct",
    numbers: tuple[float, ...] = (90, 90, 90, 90),
    size: float = 200,
    baseline: float | None = None,
) -> Recovering:
    """Weekly figures up to last week, in per cent; the plan began with them."""
    first = today() - timedelta(days=today().weekday(), weeks=len(numbers))
    with db.administration() as session:
        provider_id = provider_id or a_provider(session, f"Group of {name}")
        service_id = a_service(session, provider_id, name)
        home = an_indicator(session, provider_id, service_id, indicator, started_on=first, review_every_days=90)
        figures(session, home, [(one * size / 100, size) for one in numbers], first=first)
        if baseline is not None:
            a_baseline(session, home, baseline, first_period=first, last_period=first)
        if plan:
            session.add(_plan(home, plan, first))
    found = Recovering(home)
    derive(db, found)
    return found


def _plan(home: Home, template: str, first: date) -> RecoveryPlan:
    return RecoveryPlan(
        provider_id=home.provider_id, service_id=home.service_id, plan_id=new_id(), template_key=template,
        template_version="1", framework_version="saf-2023", title="Recovery", goal="Safe medicines", starts_on=first,
        weeks=10, recorded_at=now(),
    )  # fmt: skip


def derive(db: Database, at: Recovering) -> None:
    """Works out where its indicator stands."""
    with db.transaction(db.command_reach(at.home.provider_id)) as session:
        derive_indicators(session, at.home.provider_id, [(at.home.service_id, at.home.indicator_id)], today())


def a_stored_record(
    db: Database, at: Recovering, record_type: str, *, days_ago: float = 1, **payload: Any
) -> uuid.UUID:
    """A record that happened some days ago."""
    record_id = new_id()
    with db.administration() as session:
        session.add(
            Record(
                provider_id=at.home.provider_id, service_id=at.home.service_id, record_id=record_id, revision=1,
                record_type=record_type, type_version="1", happened_at=now() - timedelta(days=days_ago),
                payload=payload, recorded_at=now(),
            )
        )  # fmt: skip
    return record_id


def taken_back(db: Database, at: Recovering, record_id: uuid.UUID) -> None:
    """Takes a stored record back: what it said stays in its first revision and counts nowhere any more."""
    with db.administration() as session:
        session.execute(
            text(
                "insert into record (provider_id, service_id, record_id, revision, record_type, type_version,"
                " happened_at, payload, reason, recorded_at, withdrawn_at)"
                " select provider_id, service_id, record_id, 2, record_type, type_version, happened_at, payload,"
                " 'The file was wrong.', now(), now() from record where provider_id = :provider and record_id = :record"
            ),
            {"provider": at.home.provider_id, "record": record_id},
        )


def same_gaps(db: Database, at: Recovering, number: int = 3) -> list[uuid.UUID]:
    """Gaps of one person's medicine, in different rounds."""
    slots = ("morning", "midday", "teatime", "evening", "night")
    return [
        a_stored_record(db, at, "medicines_discrepancy", days_ago=1 + day, kind="gap", person="P1", medicine="Senna",
                        round_slot=slots[day], reviewed_at=(now() - timedelta(days=1 + day, hours=-1)).isoformat())
        for day in range(number)
    ]  # fmt: skip


def ask_about(
    db: Database, at: Recovering, *changed: str, on: date | None = None, at_moment: datetime | None = None
) -> Evaluated:
    """Asks the rules of the service after a change, as the worker does."""
    reach = db.command_reach(at.home.provider_id)
    names: Collection[str] = changed or ("*",)
    with db.transaction(reach) as session:
        return evaluate(
            session, reach, at.home.provider_id, {at.home.service_id: names},
            today=on or today(), now=at_moment or now(),
        )  # fmt: skip


def rows_of(db: Database, at: Recovering, table: str) -> list[Any]:
    """The rows of a table at the service, oldest first."""
    with db.administration() as session:
        found = session.execute(
            text(f"select * from {table} where service_id = :service order by recorded_at"),
            {"service": at.home.service_id},
        )
        return list(found)


def employ(db: Database, at: Recovering, *roles: str) -> dict[str, uuid.UUID]:
    """People who hold these roles at the service, or at its provider where the role is one of the provider's."""
    found = {}
    for role in roles:
        person_id = add_person(db, name="Ann Other")
        whole = role in ("nominated_individual", "provider_quality_lead", "provider_lead", "provider_administrator")
        add_membership(db, person_id, role, at.place, whole_provider=whole)
        found[role] = person_id
    return found
