"""Escalations for tests of who decides them and what that makes."""

import uuid
from datetime import date, timedelta
from typing import Any

from support.facts import Home
from support.tenancy import Place, signed_in

from mendline.catalogue.calendar import add_working_days
from mendline.recovery.registers.commands import GivenEscalation, decide_escalation, open_escalation
from mendline.recovery.registers.outcomes import GivenOutcome
from tenants.clock import today
from tenants.database import Database
from tenants.reach import Reach


def works_as(db: Database, role: str, home: Home) -> Reach:
    """Somebody in a role at the home."""
    return signed_in(db, role, Place(home.provider_id, home.service_id, ""))


def an_escalation(
    db: Database, reach: Reach, home: Home, *, to: str = "registered_manager", **changes: Any
) -> uuid.UUID:
    """Something that a person puts before a role, due in three working days."""
    fields: dict[str, Any] = {
        "indicator_id": home.indicator_id,
        "to_role": to,
        "kind": "provider_oversight",
        "asked": "Two permanent night posts.",
        "due_on": add_working_days(today(), 3),
    }
    with db.transaction(reach) as session:
        return open_escalation(
            session, reach, provider_id=home.provider_id, service_id=home.service_id,
            given=GivenEscalation(**{**fields, **changes}), today=today(),
        )  # fmt: skip


def outcome(kind: str, **changes: Any) -> GivenOutcome:
    """A whole decision of a kind."""
    fields: dict[str, Any] = {
        "reason": "Gaps come back on nights.",
        "title": "Night rounds have no second checker",
        "owner": "P Nowak",
        "due_on": today() + timedelta(days=2),
        "likelihood": 3,
        "impact": 4,
        "controls": "The medicines lead checks each morning.",
        "from_shift": "tonight",
    }
    return GivenOutcome(kind, **{**fields, **changes})


def decide(
    db: Database, reach: Reach, home: Home, escalation_id: uuid.UUID, given: GivenOutcome, on: date | None = None
) -> tuple[str, ...]:
    """Decides it."""
    with db.transaction(reach) as session:
        return decide_escalation(
            session, reach, provider_id=home.provider_id, service_id=home.service_id, escalation_id=escalation_id,
            given=given, today=on or today(),
        )  # fmt: skip
