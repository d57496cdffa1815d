"""A source record as a measure reads it, and whether a condition of a measure holds for it."""

import operator
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from mendline.catalogue.calendar import from_london, london_date
from mendline.catalogue.measures import Condition, Test
from mendline.catalogue.record_types import RecordType


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One record in the revision that stands.

    Attributes:
        payload: the answers as JSON holds them.
        recorded_at: of that revision, in UTC.
    """

    record_id: uuid.UUID
    revision: int
    kind: RecordType
    happened_at: datetime
    payload: Mapping[str, Any]
    recorded_at: datetime
    _read: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def answer(self, name: str) -> Any:
        """An answer as a Python value; None where the question is open."""
        if name not in self._read:
            self._read[name] = _value(self.payload.get(name), self.kind.field(name).kind)
        return self._read[name]

    def day(self, name: str | None) -> date | None:
        """The day in London of a date or moment; of the record itself where no field is named."""
        if name is None or name == self.kind.happened_field:
            return london_date(self.happened_at)
        return day_of(self.answer(name))

    @property
    def happened_on(self) -> date:
        """The day in London on which it happened."""
        return london_date(self.happened_at)


def _value(raw: Any, kind: str) -> Any:
    if raw is None:
        return None
    if kind == "date":
        return date.fromisoformat(raw)
    if kind == "datetime":
        return datetime.fromisoformat(raw)
    return raw


def day_of(value: date | datetime | None) -> date | None:
    """The day in London of a date or a moment."""
    return london_date(value) if isinstance(value, datetime) else value


def moment_of(value: date | datetime) -> datetime:
    """The instant of a moment; of a day, its first."""
    return value if isinstance(value, datetime) else from_london(value, time(0))


def holds(condition: Condition, record: SourceRecord, period_end: date) -> bool:
    """Whether a record meets a condition in a period that ends on a day; `Condition` says what each test means."""
    value = record.answer(condition.field)
    if value is None:
        return condition.test in _HOLD_WITHOUT
    if condition.other is not None:
        other = record.answer(condition.other)
        return other is not None and _beside(condition, value, other)
    return _alone(condition, value, period_end)


_HOLD_WITHOUT: frozenset[Test] = frozenset({"missing", "missing_at_period_end", "is_not", "not_one_of"})


def _beside(condition: Condition, value: Any, other: Any) -> bool:
    number = condition.value if isinstance(condition.value, float | int) else 0.0
    if condition.test == "within_hours_of":
        passed = moment_of(value) - moment_of(other)
        return timedelta(0) <= passed <= timedelta(hours=number)
    if isinstance(value, date):
        ahead = ((day_of(value) or value) - (day_of(other) or other)).days
        if condition.test == "within_days_of":
            return 0 <= ahead <= number
        return ahead <= 0 if condition.test == "at_most_field" else ahead >= 0
    return bool(value <= other if condition.test == "at_most_field" else value >= other)


def _alone(condition: Condition, value: Any, period_end: date) -> bool:
    compare = _COMPARED.get(condition.test)
    if compare is not None:
        return bool(compare(value, condition.value))
    if condition.test in {"given", "missing"}:
        return condition.test == "given"
    return _against_period_end(condition, day_of(value) or period_end, period_end)


_COMPARED: Mapping[Test, Callable[[Any, Any], bool]] = {
    "is": operator.eq,
    "is_not": operator.ne,
    "one_of": lambda value, given: value in given,
    "not_one_of": lambda value, given: value not in given,
    "includes": operator.contains,
    "at_least": operator.ge,
    "at_most": operator.le,
    "above": operator.gt,
    "below": operator.lt,
}


def _against_period_end(condition: Condition, day: date, period_end: date) -> bool:
    match condition.test:
        case "before_period_end":
            return day < period_end
        case "from_period_end":
            return day >= period_end
        case "missing_at_period_end":
            return day > period_end
        case _:
            bounds = condition.value if isinstance(condition.value, tuple) else (0.0, 0.0)
            return float(bounds[0]) <= (period_end - day).days <= float(bounds[1])
