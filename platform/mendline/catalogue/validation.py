"""Checks what was given against a record type's declaration, and says every problem at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Any

from mendline.catalogue.calendar import from_london, london_date
from mendline.catalogue.parsing import PERSON_PATTERN, READERS, STAFF_PATTERN, TIME_PATTERN
from mendline.catalogue.record_types import Field, RecordType

_EARLIEST_YEAR = 1990
_LATEST_YEAR = 2100
_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")
_PLAIN_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one answer.

    Attributes:
        field: the field's name, or the unknown one that was given.
        message: a sentence that says what to do.
    """

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class ValidRecord:
    """A record that keeps to its declaration.

    Attributes:
        record_type: key of the type.
        type_version: version of the declaration it was checked against.
        happened_at: the moment, in UTC, that places it in a period; a day without a time begins at London midnight.
        values: answers only, as Python values; moments are in UTC.
    """

    record_type: str
    type_version: str
    happened_at: datetime
    values: Mapping[str, Any] = field(repr=False)

    @property
    def payload(self) -> dict[str, Any]:
        """The answers as JSON takes them; dates and moments in ISO 8601."""
        return {name: as_json(value) for name, value in self.values.items()}


def validate(
    record_type: RecordType, raw: Mapping[str, Any], *, now: datetime | None = None, typed: bool = False
) -> ValidRecord | list[FieldProblem]:
    """A valid record, or every problem in the order of the form.

    Args:
        record_type: the declaration.
        raw: answers by field name; text as forms and spreadsheets give it, or typed values. Empty is not answered.
        now: when given, a record that happened after it is refused.
        typed: take JSON values of the declared types only, as the record type's JSON Schema describes them.
    """
    problems = [
        FieldProblem(str(name), f"There is no field “{name}” in {record_type.title.lower()}. Take it out.")
        for name in raw
        if name not in {declared.name for declared in record_type.fields}
    ]
    values: dict[str, Any] = {}
    for declared in record_type.fields:
        given = raw.get(declared.name)
        try:
            if typed and declared.name in raw:
                _check_typed(given, declared)
            if is_answered(given):
                values[declared.name] = sensible(READERS[declared.kind](given, declared))
            elif declared.required:
                problems.append(FieldProblem(declared.name, _missing(declared)))
        except ValueError as error:
            problems.append(FieldProblem(declared.name, f"“{declared.label}” {error}"))
    problems += _crossing(record_type, values, {problem.field for problem in problems})
    problems += _future(record_type, values, now)
    if problems:
        order = {declared.name: place for place, declared in enumerate(record_type.fields)}
        return sorted(problems, key=lambda problem: order.get(problem.field, -1))
    happened = values[record_type.happened_field]
    return ValidRecord(record_type.key, record_type.version, moment_of(happened), MappingProxyType(values))


def is_answered(given: Any) -> bool:
    """Whether there is an answer at all: spaces are none."""
    return given is not None and given != [] and (not isinstance(given, str) or bool(given.strip()))


def _missing(declared: Field) -> str:
    return f"Answer “{declared.label}”" if declared.label.endswith("?") else f"Fill in “{declared.label}”."


def sensible(value: Any) -> Any:
    """Years typed by mistake (0206, 20266) are refused before they reach a period."""
    if isinstance(value, date) and not _EARLIEST_YEAR <= value.year <= _LATEST_YEAR:
        raise ValueError(f"has the year {value.year}. Check it.")
    return value


def _crossing(record_type: RecordType, values: Mapping[str, Any], wrong: set[str]) -> list[FieldProblem]:
    """What answers say against each other; a field that is wrong already is said once."""
    problems = []
    for declared in record_type.fields:
        if declared.name in wrong:
            continue
        message = against_others(record_type, declared, values)
        if message:
            problems.append(FieldProblem(declared.name, message))
    return problems


def against_others(record_type: RecordType, declared: Field, values: Mapping[str, Any]) -> str | None:
    """What an answer says against the others of its record; none where it agrees."""
    value = values.get(declared.name)
    if value is None:
        needed = declared.required_when is not None and declared.required_when in values
        return _missing(declared) if needed else None
    above, before, same = declared.not_above, declared.not_before, declared.differs_from
    if above is not None and above in values and value > values[above]:
        other = record_type.field(above).label
        return f"“{declared.label}” cannot be above “{other}” ({values[above]:g}). Check both."
    if before is not None and before in values and _earlier(value, values[before]):
        return f"“{declared.label}” cannot be before “{record_type.field(before).label}” Check both."
    if same is not None and same in values and value == values[same]:
        return f"“{declared.label}” must be someone other than in “{record_type.field(same).label}”."
    return None


def _earlier(value: Any, other: Any) -> bool:
    """Moments compare as moments, a day with anything compares as days in London."""
    if type(value) is type(other):
        return bool(value < other)
    return _day(value) < _day(other)


def _day(value: date | datetime) -> date:
    return london_date(value) if isinstance(value, datetime) else value


def _future(record_type: RecordType, values: Mapping[str, Any], now: datetime | None) -> list[FieldProblem]:
    happened = values.get(record_type.happened_field)
    if now is None or happened is None or moment_of(happened) <= now:
        return []
    declared = record_type.field(record_type.happened_field)
    return [FieldProblem(declared.name, f"“{declared.label}” lies in the future. Check the date and time.")]


def moment_of(happened: date | datetime) -> datetime:
    """The moment that places a record; a day without a time begins at London midnight."""
    return happened if isinstance(happened, datetime) else from_london(happened, time(0))


def _check_typed(given: Any, declared: Field) -> None:
    fits: bool
    match declared.kind:
        case "integer" | "number":
            fits = isinstance(given, int | float) and not isinstance(given, bool)
        case "boolean":
            fits = isinstance(given, bool)
        case "choice":
            fits = isinstance(given, str) and given in declared.choices
        case "multi_choice":
            fits = isinstance(given, list) and all(isinstance(one, str) and one in declared.choices for one in given)
        case "date":
            fits = isinstance(given, str) and _PLAIN_DATE.fullmatch(given) is not None
        case "datetime":
            fits = isinstance(given, str) and _RFC3339.fullmatch(given) is not None
        case "time" | "person_reference" | "staff_reference":
            fits = isinstance(given, str) and re.fullmatch(_PATTERNS[declared.kind], given) is not None
        case _:
            fits = isinstance(given, str) and bool(given.strip())
    if not fits:
        raise ValueError(f"must be {_TYPED[declared.kind]}.")


_PATTERNS = {"time": TIME_PATTERN, "person_reference": PERSON_PATTERN, "staff_reference": STAFF_PATTERN}

_TYPED = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "choice": "one of the declared codes",
    "multi_choice": "a list of declared codes",
    "date": "a date such as 2026-11-17",
    "datetime": "a moment with its offset, such as 2026-11-17T06:41:00Z",
    "time": "a time such as 06:41",
    "text": "text",
    "long_text": "text",
    "person_reference": "a person code such as P-014",
    "staff_reference": "initials such as AO",
    "room": "text",
}


def as_json(value: Any) -> Any:
    """A value as JSON takes it; moments in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
