"""Says what a write made stale, and asks for the work that makes it fresh, in the transaction of the write itself."""

import uuid
from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.indicators.model import ServiceIndicator, StaleMark
from tenants.clock import now
from tenants.database import insert_many
from tenants.ids import new_id
from tenants.jobs import enqueue

_ASKED = "derive_asked_in"

# Service, indicator and period; no period says that every period of the indicator is stale.
StaleKey = tuple[uuid.UUID, uuid.UUID, date | None]


def mark_stale(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    period_start: date | None,
    requested_by: uuid.UUID | None = None,
) -> None:
    """Marks one figure of one indicator and asks for its derivation.

    Args:
        session: the transaction of the write.
        provider_id: the provider.
        service_id: the service.
        indicator_id: the service's indicator.
        period_start: the period that changed; None where the change touches all of them (a target, a baseline) or
            none (evidence, a decision).
        requested_by: the person who wrote, where there is one.
    """
    mark_many_stale(session, provider_id, [(service_id, indicator_id, period_start)], requested_by)


def mark_many_stale(
    session: Session, provider_id: uuid.UUID, keys: Iterable[StaleKey], requested_by: uuid.UUID | None = None
) -> None:
    """Marks many figures in few statements; one job of the transaction answers for all of them."""
    if _marked(session, provider_id, keys):
        ask_for_derivation(session, provider_id, requested_by)


def _marked(session: Session, provider_id: uuid.UUID, keys: Iterable[StaleKey]) -> bool:
    at = now()
    rows = [
        {
            "provider_id": provider_id,
            "mark_id": new_id(),
            "service_id": service_id,
            "indicator_id": indicator_id,
            "period_start": period_start,
            "marked_at": at,
        }
        for service_id, indicator_id, period_start in dict.fromkeys(keys)
    ]
    if rows:
        insert_many(session, StaleMark.__table__, rows)  # type: ignore[arg-type]  # a mapped class's table is a Table
    return bool(rows)


def mark_service_stale(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> None:
    """Marks every indicator of a service, every period, for the pass that asks: it closed, or opened again."""
    found = session.scalars(
        select(ServiceIndicator.indicator_id).where(
            ServiceIndicator.provider_id == provider_id, ServiceIndicator.service_id == service_id
        )
    )
    _marked(session, provider_id, [(service_id, indicator_id, None) for indicator_id in found])


def ask_for_derivation(session: Session, provider_id: uuid.UUID, requested_by: uuid.UUID | None) -> None:
    """One derive job per provider and transaction: the actor does everything that it finds marked."""
    transaction = session.get_transaction()
    asked_in, providers = session.info.get(_ASKED, (None, set[uuid.UUID]()))
    if asked_in is not transaction:
        providers = set[uuid.UUID]()
        session.info[_ASKED] = (transaction, providers)
    if provider_id not in providers:
        providers.add(provider_id)
        enqueue(session, "derive", provider_id=provider_id, requested_by=requested_by)
