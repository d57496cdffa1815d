"""What will be out of date by the next review if nothing new comes: the figure itself and each kind of evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

WHAT = {
    "figure": "The figure",
    "R": "Records",
    "A": "The independent check",
    "F": "What people say",
    "P": "Practice seen",
}


@dataclass(frozen=True, slots=True)
class GoingOut:
    """Something that holds now and no longer will.

    Attributes:
        what: figure, or the letter of a kind of evidence.
        until: the last day on which it holds.
    """

    what: str
    until: date

    @property
    def name(self) -> str:
        """What it is, as a sentence starts."""
        return WHAT[self.what]


def next_review(review_due_on: date | None, today: date, every_days: int = 7) -> date:
    """The day of the next review; one that is late is held at the soonest, which is a review's distance away at most."""
    if review_due_on is None or review_due_on < today:
        return today + timedelta(days=every_days)
    return review_due_on


def going_out_of_date(parts: Mapping[str, Any], by: date) -> tuple[GoingOut, ...]:
    """What holds now and will be out of date on a day, soonest first.

    Args:
        parts: the stored parts of a status.
        by: the day of the next review.
    """
    found = []
    currency = parts.get("currency") or {}
    if currency.get("code") == "current" and currency.get("until"):
        found.append(GoingOut("figure", date.fromisoformat(currency["until"])))
    letters = (parts.get("evidence") or {}).get("letters") or {}
    for letter, mark in letters.items():
        if mark["state"] == "current" and mark["until"]:
            found.append(GoingOut(letter, date.fromisoformat(mark["until"])))
    return tuple(sorted((each for each in found if each.until < by), key=lambda each: (each.until, each.what)))
