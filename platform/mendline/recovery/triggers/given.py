"""Reads the arguments of a test: numbers with their thresholds put in, names, and which records are meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from mendline.catalogue.conditions import Given
from mendline.recovery.triggers.facts import Facts, RecordFact


@dataclass(frozen=True, slots=True)
class Asked:
    """What a test is given, with the rule's thresholds at hand."""

    given: Mapping[str, Given]
    thresholds: Mapping[str, float]

    def number(self, name: str) -> float:
        """A number, itself or by the threshold that it names.

        Raises:
            KeyError: the condition does not give it.
        """
        value = self.given[name]
        if isinstance(value, str):
            return self.thresholds[value.removeprefix("$")]
        if isinstance(value, bool | tuple | Mapping):
            raise TypeError(f"{name} is no number")
        return value

    def maybe(self, name: str) -> float | None:
        """The same, where it may be left out."""
        return self.number(name) if name in self.given else None

    def word(self, name: str) -> str:
        """A name.

        Raises:
            KeyError: the condition does not give it.
        """
        value = self.given[name]
        return value if isinstance(value, str) else self.words(name)[0]

    def words(self, name: str) -> tuple[str, ...]:
        """Names, one or several; none where it is left out."""
        value = self.given.get(name, ())
        if isinstance(value, str):
            return (value,)
        return value if isinstance(value, tuple) else ()

    def beyond(self, value: float, more: str = "more_than", least: str = "at_least") -> bool:
        """Whether a value is over the limit that the test gives, whichever way it is written."""
        if more in self.given:
            return value > self.number(more)
        return value >= self.number(least)


def known(facts: Facts, asked: Asked) -> list[RecordFact] | None:
    """The records of the types that the test names, or None where the service has none of them at all."""
    types = [kind for kind in asked.words("records") if kind in facts.records]
    return [one for kind in types for one in facts.records[kind]] if types else None


def meant(facts: Facts, asked: Asked) -> list[RecordFact] | None:
    """Those of them that lie in the window and answer as asked; None where it cannot be told."""
    found = known(facts, asked)
    if found is None:
        return None
    return [one for one in in_window(facts, asked, found) if fits(one, asked)]


def in_window(facts: Facts, asked: Asked, found: Sequence[RecordFact], back: int = 0) -> list[RecordFact]:
    """Records of the last `days` days, today included, or of as many days `back` windows before."""
    if "days" not in asked.given:
        return list(found)
    days = int(asked.number("days"))
    last = facts.today - timedelta(days=days * back)
    return [one for one in found if last - timedelta(days=days) < (when(one, asked) or date.min) <= last]


def when(one: RecordFact, asked: Asked) -> date | None:
    """The day by which a record is placed: when it happened, or the field that the test names."""
    return day_of(one.payload.get(asked.word("dated"))) if "dated" in asked.given else one.day


def fits(one: RecordFact, asked: Asked) -> bool:
    """Whether it answers as `where`, `empty` and `filled` ask."""
    where = asked.given.get("where", {})
    wanted: Mapping[str, Any] = where if isinstance(where, Mapping) else {}
    return (
        all(_is(one.payload.get(name), value) for name, value in wanted.items())
        and not any(one.payload.get(name) for name in asked.words("empty"))
        and all(one.payload.get(name) for name in asked.words("filled"))
    )


def _is(answer: Any, wanted: bool | str | tuple[str, ...]) -> bool:
    if isinstance(wanted, tuple):
        return answer in wanted
    return bool(answer) is wanted if isinstance(wanted, bool) else answer == wanted


def day_of(written: Any) -> date | None:
    """A date as a payload holds it, of a date or a moment; None where there is none."""
    try:
        return date.fromisoformat(str(written)[:10]) if written else None
    except ValueError:
        return None
