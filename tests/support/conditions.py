"""Facts for asking conditions: builders with defaults, around Monday 23 November 2026 at nine in the morning."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.rules import rules
from mendline.recovery.triggers.asking import ask
from mendline.recovery.triggers.facts import (
    ActionFact,
    Answer,
    Facts,
    FigurePeriod,
    IndicatorLine,
    RecordFact,
    WorkFact,
)

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def a_record(record_type: str, days_ago: float = 1, **payload: Any) -> RecordFact:
    """A record that happened some days ago."""
    return RecordFact(uuid.uuid4(), record_type, NOW - timedelta(days=days_ago), payload)


def entered(days_after: float, days_ago: float, record_type: str = "medicines_audit", **payload: Any) -> RecordFact:
    """A record that was entered by hand so many days ago, and so many days after it happened or was due."""
    at = NOW - timedelta(days=days_ago)
    return RecordFact(uuid.uuid4(), record_type, at - timedelta(days=days_after), payload, at)


def a_line(key: str, *values: float | None, denominator: float = 200, **changes: Any) -> IndicatorLine:
    """An indicator with weekly figures up to last week, all final; none is a week without one."""
    definition = indicator_definition(key)
    first = TODAY - timedelta(weeks=len(values))
    periods = []
    for week, value in enumerate(values):
        start = first + timedelta(weeks=week)
        numerator = None if value is None else value * denominator / 100
        state = "missing" if value is None else "final"
        periods.append(FigurePeriod(start, start + timedelta(days=6), numerator, denominator, value, state))
    fields: dict[str, Any] = {
        "indicator_id": uuid.uuid5(uuid.NAMESPACE_OID, key),
        "key": key,
        "name": definition.name,
        "higher_is_better": definition.direction == "higher_is_better",
        "periods": tuple(periods),
        "minimum_n": definition.minimum_n,
        "factor": 100.0 if definition.measure_type == "proportion" else None,
    }
    return IndicatorLine(**{**fields, **changes})


def an_action(days_ago: int = 3, **changes: Any) -> ActionFact:
    """An open action with a fortnight to go."""
    fields: dict[str, Any] = {
        "action_id": uuid.uuid4(),
        "reference": "A-001",
        "opened_on": TODAY - timedelta(days=days_ago),
        "due_on": TODAY + timedelta(days=14),
        "is_open": True,
    }
    return ActionFact(**{**fields, **changes})


def some_work(days_ago: int, state: str = "done", by: str | None = "A Okafor", **changes: Any) -> WorkFact:
    """A piece of shift work that was due some days ago, closed on that day where it is done."""
    due_on = TODAY - timedelta(days=days_ago)
    fields: dict[str, Any] = {
        "work_item_id": uuid.uuid4(),
        "title": "End-of-shift check",
        "due_on": due_on,
        "state": state,
        "closed_on": due_on if state == "done" else None,
        "by": by if state == "done" else None,
        "shift_band": "night",
    }
    return WorkFact(**{**fields, **changes})


Fact = RecordFact | IndicatorLine | ActionFact | WorkFact


def facts_of(*found: Fact, kept: Sequence[str] = (), **changes: Any) -> Facts:
    """The facts of a service; `kept` are types of record that it has, though none of them is near."""
    records: dict[str, list[RecordFact]] = {kind: [] for kind in kept}
    for one in found:
        if isinstance(one, RecordFact):
            records.setdefault(one.record_type, []).append(one)
    fields: dict[str, Any] = {
        "today": TODAY,
        "now": NOW,
        "indicators": {one.key: one for one in found if isinstance(one, IndicatorLine)},
        "records": records,
        "actions": tuple(one for one in found if isinstance(one, ActionFact)),
        "work": tuple(one for one in found if isinstance(one, WorkFact)),
    }
    return Facts(**{**fields, **changes})


def answer_of(key: str, *found: Fact, **changes: Any) -> Answer:
    """What a rule of the catalogue comes to over these facts."""
    return ask(rules()[key], facts_of(*found, **changes))
