"""That somebody saw an alert: once each, under their own name."""

import uuid
from typing import cast

from sqlalchemy import Table, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.people.alerts.model import SecurityAlertSeen
from mendline.people.alerts.queries import Raised
from tenants.clock import now
from tenants.errors import NotFoundError
from tenants.ledger import note
from tenants.reach import Reach

_SEEN = cast("Table", SecurityAlertSeen.__table__)


def see(session: Session, reach: Reach, alert: Raised) -> None:
    """Says that the reader saw an alert of their provider; saying it again changes nothing.

    Raises:
        NotFoundError: the alert is about no provider within reach.
    """
    if alert.provider_id is None:
        raise NotFoundError("There is no such alert within your sign-in.")
    reach.require("see_ledger", alert.provider_id)
    said = insert(_SEEN).values(
        provider_id=alert.provider_id,
        alert_id=alert.alert_id,
        person_id=reach.person_id,
        initials=reach.initials,
        seen_at=now(),
    )
    new = session.execute(said.on_conflict_do_nothing().returning(_SEEN.c.alert_id)).first()
    if new:
        note(session, reach, "alert seen", provider_id=alert.provider_id, subject=f"alert {alert.alert_id}")


def see_on_platform(session: Session, alert_id: uuid.UUID) -> None:
    """Says that an operator saw an alert.

    Raises:
        NotFoundError: there is no such alert, or whoever asks does not operate the platform.
    """
    if not session.execute(text("select reach.see_alert(:alert)"), {"alert": alert_id}).scalar_one():
        raise NotFoundError("There is no such alert within your sign-in.")
