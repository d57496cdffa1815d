"""Events that other programs may be told of, written down in the transaction of the change that they tell of.

An event names identifiers, never what a record says: whoever is told asks the API, with the reach of its own token.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

# Acts of the ledger that are events too.
OF_ACTS: Mapping[str, str] = {
    "action opened": "action.opened",
    "decision recorded": "decision.recorded",
    "escalation decided": "escalation.decided",
    "escalation opened": "escalation.opened",
    "escalation went up": "escalation.went_up",
    "evidence added": "evidence.added",
    "file imported": "import.saved",
    "import undone": "import.undone",
    "pack made": "pack.made",
    "risk recorded": "risk.recorded",
}
FIGURE, STATUS = "figure.recorded", "status.changed"
EVENTS: tuple[str, ...] = tuple(sorted((*OF_ACTS.values(), FIGURE, STATUS)))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a provider."""

    name: str
    service_id: uuid.UUID | None = None
    content: Mapping[str, Any] = field(default_factory=dict)


def announce(session: Session, provider_id: uuid.UUID, events: Sequence[Event]) -> None:
    """Writes a delivery for each address that asked for an event; one statement, whatever their number."""
    told = [
        {"event": one.name, "service_id": str(one.service_id) if one.service_id else None, "content": dict(one.content)}
        for one in events
    ]
    if told:
        session.execute(
            text("select reach.announce(:provider, cast(:told as jsonb))"),
            {"provider": provider_id, "told": json.dumps(told)},
        )
