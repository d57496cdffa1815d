"""The story as it is read: one frozen row for each thing that happened."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

KINDS: Mapping[str, str] = {
    "status": "Status changes",
    "figure": "Corrected figures",
    "event": "Events on charts",
    "change": "Staff and process changes",
    "trigger": "Warnings and triggers",
    "decision": "Decisions",
    "escalation": "Escalations",
    "action": "Actions",
    "effect": "Look-backs at effects",
    "risk": "Risks",
    "evidence": "Evidence",
    "clock": "Regulator's clocks",
    "plan": "The recovery plan",
}


@dataclass(frozen=True, slots=True)
class StoryLine:
    """Something that happened at a service.

    Attributes:
        kind: one of `KINDS`.
        happened_on: when it was so; an entry may have been recorded later.
        entry: identifies it within its kind, and orders what was recorded at one moment.
        indicator_ids: what it is about; empty where it concerns the whole service.
        said: what the words are made of, by kind.
    """

    kind: str
    happened_on: date
    recorded_at: datetime
    entry: str
    indicator_ids: tuple[uuid.UUID, ...]
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the story is wanted; nothing given means all of it.

    Attributes:
        after: where a page begins: day, moment and entry of the last line of the page before.
        as_at: only what had been recorded by then.
    """

    kinds: tuple[str, ...] = ()
    indicator_id: uuid.UUID | None = None
    since: date | None = None
    until: date | None = None
    after: tuple[date, datetime, str] | None = None
    as_at: datetime | None = None
    most: int = 50
