"""Builds providers, services and indicators with figures, for tests of what is worked out from them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mendline.catalogue.indicators import indicator_definition
from mendline.indicators.model import IndicatorBaseline, IndicatorTarget, Observation, ServiceIndicator
from tenants.database import Database
from tenants.directory.model import Provider, Service
from tenants.ids import new_id

PROPORTION = "staffing_assessed_need_cover_pct"
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Home:
    """A service with one indicator."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    indicator_id: uuid.UUID
    definition_key: str


def a_provider(session: Session, name: str = "Harbour Care") -> uuid.UUID:
    provider_id = new_id()
    session.add(Provider(provider_id=provider_id, name=name, cqc_provider_id=None, created_at=AT))
    session.flush()
    return provider_id


def a_service(session: Session, provider_id: uuid.UUID, name: str = "Rowan House", **changes: Any) -> uuid.UUID:
    service_id = new_id()
    fields = {"kind": "residential", "code": f"S-{name[:3]}", "beds": 30, "created_at": AT}
    session.add(Service(provider_id=provider_id, service_id=service_id, name=name, **{**fields, **changes}))
    session.flush()
    return service_id


def an_indicator(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    definition_key: str = "mar_compliance_pct",
    **changes: Any,
) -> Home:
    definition = indicator_definition(definition_key)
    indicator_id = new_id()
    fields = {
        "definition_version": definition.version,
        "cadence": "weekly",
        "review_owner": "J Okafor",
        "review_owner_role": "registered_manager",
        "review_every_days": 7,
        "display_order": 1,
        "in_plan": True,
        "started_on": date(2026, 1, 5),
        "recorded_at": AT,
    }
    session.add(
        ServiceIndicator(
            provider_id=provider_id,
            service_id=service_id,
            indicator_id=indicator_id,
            definition_key=definition_key,
            **{**fields, **changes},
        )
    )
    session.flush()
    return Home(provider_id, service_id, indicator_id, definition_key)


def a_home(session: Session, provider_id: uuid.UUID, name: str = "Rowan House", **changes: Any) -> Home:
    return an_indicator(session, provider_id, a_service(session, provider_id, name), **changes)


def figures(
    session: Session,
    home: Home,
    numbers: Sequence[tuple[float, float] | None],
    first: date = date(2026, 1, 5),
    recorded_at: datetime | None = None,
) -> None:
    """Weekly figures from a Monday on; none stands for a week that is missing."""
    for week, pair in enumerate(numbers):
        start = first + timedelta(weeks=week)
        session.add(
            Observation(
                provider_id=home.provider_id,
                service_id=home.service_id,
                indicator_id=home.indicator_id,
                period_start=start,
                revision=1,
                observation_id=new_id(),
                numerator=pair[0] if pair else None,
                denominator=pair[1] if pair else None,
                value=100 * pair[0] / pair[1] if pair else None,
                state="final" if pair else "missing",
                source="entered",
                recorded_at=recorded_at
                or datetime(start.year, start.month, start.day, 9, tzinfo=UTC) + timedelta(days=8),
            )
        )
    session.flush()


def a_target(session: Session, home: Home, operator: str = ">=", value: float | None = 95, **changes: Any) -> None:
    fields = {"version": 1, "valid_from": date(2026, 1, 5), "recorded_at": AT}
    session.add(
        IndicatorTarget(
            provider_id=home.provider_id,
            service_id=home.service_id,
            indicator_id=home.indicator_id,
            operator=operator,
            value=value,
            **{**fields, **changes},
        )
    )
    session.flush()


def a_baseline(session: Session, home: Home, value: float = 90, **changes: Any) -> None:
    fields = {
        "version": 1,
        "first_period": date(2026, 1, 5),
        "last_period": date(2026, 2, 9),
        "periods": 6,
        "method": "pooled",
        "signed_by": "J Okafor",
        "recorded_at": AT,
    }
    session.add(
        IndicatorBaseline(
            provider_id=home.provider_id,
            service_id=home.service_id,
            indicator_id=home.indicator_id,
            value=value,
            **{**fields, **changes},
        )
    )
    session.flush()


def two_providers(db: Database, services: int = 2) -> tuple[list[Home], list[Home]]:
    """Two groups with one like indicator in each service: what is done for the one never shows at the other."""
    with db.administration() as session:
        first, second = a_provider(session), a_provider(session, "CANARYGROUP")
        mine = [a_home(session, first, f"Home {number}") for number in range(services)]
        theirs = [a_home(session, second, f"CANARY {number}") for number in range(services)]
    return mine, theirs
