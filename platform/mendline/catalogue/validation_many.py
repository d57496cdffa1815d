"""The same check as `validate`, for many records of one type that come as text.

The same few cells come again and again in a file, so what a cell was read as is kept; whatever is not plainly right is
given to `validate`, which alone knows how a problem is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mendline.catalogue.parsing import READERS
from mendline.catalogue.record_types import Field, RecordType
from mendline.catalogue.validation import (
    FieldProblem,
    ValidRecord,
    against_others,
    as_json,
    is_answered,
    moment_of,
    sensible,
    validate,
)

_KEPT = 20_000  # different cells of a field that are kept


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A record that keeps to its declaration, with its answers as JSON takes them."""

    happened_at: datetime
    payload: dict[str, Any] = field(repr=False)


@dataclass(slots=True)
class _Read:
    """What cells of a field were read as: the value with its form in JSON; none for a cell that has a problem."""

    declared: Field
    known: dict[str, tuple[Any, Any] | None] = field(default_factory=dict)

    def read(self, cell: str) -> tuple[Any, Any] | None:
        if cell in self.known:
            return self.known[cell]
        try:
            value = sensible(READERS[self.declared.kind](cell, self.declared))
            found = (value, as_json(value))
        except ValueError:
            found = None
        if len(self.known) < _KEPT:
            self.known[cell] = found
        return found


class Validator:
    """Checks records of one type, one after the other."""

    def __init__(self, kind: RecordType, now: datetime) -> None:
        """Sorts out which fields are checked against others.

        Args:
            kind: the declaration.
            now: a record that happened after it is refused.
        """
        self._kind, self._now = kind, now
        self._reads = {declared.name: _Read(declared) for declared in kind.fields}
        self._required = {declared.name for declared in kind.fields if declared.required}
        self._crossing = tuple(declared for declared in kind.fields if declared.other_fields)
        self._moments: dict[Any, datetime] = {}

    def check(self, answers: Mapping[str, str]) -> CheckedRow | list[FieldProblem]:
        """A valid record, or every problem in the order of the form.

        Args:
            answers: text by field name; empty is not answered.
        """
        values: dict[str, Any] = {}
        payload: dict[str, Any] = {}
        for name, cell in answers.items():
            if not cell:
                continue
            read = self._reads[name]
            found = read.known.get(cell) or read.read(cell)
            if found is None:
                return self._told(answers)
            values[name], payload[name] = found
        if not self._required <= values.keys():
            return self._told(answers)
        for declared in self._crossing:
            # A field that nobody answered is checked only where another one makes it necessary.
            if (declared.name in values or declared.required_when in values) and against_others(
                self._kind, declared, values
            ):
                return self._told(answers)
        happened = self._moment(values[self._kind.happened_field])
        return self._told(answers) if happened > self._now else CheckedRow(happened, payload)

    def _moment(self, happened: Any) -> datetime:
        found = self._moments.get(happened)
        if found is None:
            found = moment_of(happened)
            if len(self._moments) < _KEPT:
                self._moments[happened] = found
        return found

    def _told(self, answers: Mapping[str, str]) -> CheckedRow | list[FieldProblem]:
        checked = validate(
            self._kind, {name: cell for name, cell in answers.items() if is_answered(cell)}, now=self._now
        )
        return CheckedRow(checked.happened_at, checked.payload) if isinstance(checked, ValidRecord) else checked
