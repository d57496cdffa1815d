"""Asks of a service whether it has closed, before anything begins there."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.catalogue.closing import Beginning, refusal
from tenants.directory.model import Service
from tenants.errors import RefusedError


def refuse_if_closed(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, what: Beginning) -> None:
    """Lets something begin at a service that is open: one statement.

    Raises:
        RefusedError: the service has closed; it says what to do instead.
    """
    closed_on = session.scalar(
        select(Service.closed_on).where(Service.provider_id == provider_id, Service.service_id == service_id)
    )
    words = refusal(what, closed_on)
    if words:
        raise RefusedError(words)
