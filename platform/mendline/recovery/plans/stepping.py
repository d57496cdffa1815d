"""How often a plan is reviewed, as a pure rule; after the target is met it steps down, and drift brings it back.

Weekly until the objective is met; then fortnightly and monthly, each step only after two assured reviews in a row at
the step before; closed at the earliest after twelve weeks. An assurance by exception is not assured in this sense.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

STEPS = (1, 2, 4)  # weeks between reviews
REVIEWS_PER_STEP = 2
HOLD_BEFORE_CLOSING = timedelta(weeks=12)
STEP_WORDS = {1: "weekly", 2: "fortnightly", 4: "monthly"}


@dataclass(frozen=True, slots=True)
class HeldReview:
    """A review of one of the objective's targets that ended in a decision."""

    held_on: date
    decision: str


@dataclass(frozen=True, slots=True)
class SteppedRhythm:
    """The rhythm that holds now.

    Attributes:
        every_weeks: 1, 2 or 4.
        assured: assured reviews at this step, of the two that the next one needs.
        may_close_on: the first day on which the objective may be closed; None while it is not met.
    """

    every_weeks: int
    assured: int
    may_close_on: date | None

    @property
    def words(self) -> str:
        """Weekly, fortnightly or monthly."""
        return STEP_WORDS[self.every_weeks]


def rhythm_now(met_on: date | None, reviews: Sequence[HeldReview]) -> SteppedRhythm:
    """The review rhythm of an objective.

    Args:
        met_on: when it was signed as met; None before that and after it was opened again.
        reviews: of its main targets, oldest first; those before `met_on` do not count.
    """
    if met_on is None:
        return SteppedRhythm(1, 0, None)
    step = assured = 0
    for held_on, decisions in _by_day(reviews, met_on).items():
        if held_on < met_on:
            continue
        assured = assured + 1 if decisions == {"assured"} else 0
        if assured == REVIEWS_PER_STEP and step < len(STEPS) - 1:
            step, assured = step + 1, 0
    return SteppedRhythm(STEPS[step], assured, met_on + HOLD_BEFORE_CLOSING)


def _by_day(reviews: Sequence[HeldReview], met_on: date) -> dict[date, set[str]]:
    """Decisions of one day are one review of the plan, assured where all of them are."""
    found: dict[date, set[str]] = {}
    for review in sorted(reviews, key=lambda each: each.held_on):
        if review.held_on >= met_on:
            found.setdefault(review.held_on, set()).add(review.decision)
    return found
