"""Which kinds of evidence stand behind a figure now: records, audit, feedback, practice seen.

Windows: a record no older than two cadences; an independent check, a voice of people or staff, and practice seen
within four weeks. Words: Strong with all four kinds current, Sufficient with three, Partial with two, Not supported with
fewer or without current records. A kind that cannot exist for an indicator counts as met, with its reason.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mendline.catalogue.indicators import Cadence

Mark = Literal["current", "old", "missing", "not_applicable"]
Level = Literal["strong", "sufficient", "partial", "not_supported"]

LETTERS = ("R", "A", "F", "P")
FOUR_WEEKS = timedelta(days=28)
TWO_CADENCES = {"weekly": timedelta(days=14), "monthly": timedelta(days=62)}
# What a look at the original found, and whether the pointer still proves anything.
_STOPS_COUNTING = frozenset({"withdrawn", "not_found", "changed"})
_LEVELS: tuple[Level, ...] = ("not_supported", "not_supported", "partial", "sufficient", "strong")


@dataclass(frozen=True, slots=True)
class EvidenceFact:
    """A piece of evidence linked to the indicator; `checked` is what the newest look at its original found."""

    letter: str
    dated_on: date
    checked: str | None = None


def evidence_marks(
    linked: Sequence[EvidenceFact], cadence: Cadence, not_applicable: Collection[str], today: date
) -> dict[str, Mark]:
    """For each kind of evidence whether it is current, out of date, missing or cannot exist."""
    return {
        letter: "not_applicable" if letter in not_applicable else _mark(letter, linked, cadence, today)
        for letter in LETTERS
    }


def _mark(letter: str, linked: Sequence[EvidenceFact], cadence: Cadence, today: date) -> Mark:
    dates = [fact.dated_on for fact in linked if fact.letter == letter and fact.checked not in _STOPS_COUNTING]
    if not dates:
        return "missing"
    window = TWO_CADENCES[cadence] if letter == "R" else FOUR_WEEKS
    return "current" if today - max(dates) <= window else "old"


def evidence_level(marks: dict[str, Mark]) -> Level:
    """The word for a set of marks; without current records nothing else makes up for them."""
    met = [letter for letter, mark in marks.items() if mark in ("current", "not_applicable")]
    if "R" not in met or not any(mark == "current" for mark in marks.values()):
        return "not_supported"
    return _LEVELS[len(met)]
