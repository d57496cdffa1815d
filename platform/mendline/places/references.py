"""The short references of a service, such as A-022 or E-046, one after another."""

import uuid
from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tenants.database import in_turn


def next_reference(
    session: Session,
    reference: InstrumentedAttribute[str],
    letter: str,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
) -> str:
    """The next number of the service; two people at once wait for each other for a moment instead of clashing.

    Args:
        session: the transaction of the write.
        reference: the column that holds the references, such as `Action.reference`.
        letter: what stands before the hyphen.
        provider_id: the provider.
        service_id: the service.
    """
    in_turn(session, f"{letter}:{provider_id}:{service_id}")
    table: Any = reference.class_
    number = cast(func.substring(reference, rf"^{letter}-(\d{{1,9}})$"), Integer)
    used = session.execute(
        select(func.max(number)).where(table.provider_id == provider_id, table.service_id == service_id)
    ).scalar_one()
    return f"{letter}-{int(used or 0) + 1:03}"
