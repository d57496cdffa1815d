"""Asks for a look at what there is to tell, in the transaction of what happened; otherwise one comes each hour."""

import uuid

from sqlalchemy.orm import Session

from tenants.jobs import enqueue


def tell_soon(session: Session, provider_id: uuid.UUID) -> None:
    """Tells a provider's people as soon as this transaction commits; asking several times asks once."""
    asked: set[uuid.UUID] = session.info.setdefault("tells", set())
    if provider_id not in asked:
        asked.add(provider_id)
        enqueue(session, "tell_people", provider_id=provider_id)
