"""Who reviews a service, how often and by when: pure rules of the recovery loop's rhythm."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mendline.catalogue.calendar import is_working_day, month_start, next_working_day, week_start

Cadence = Literal["weekly", "monthly"]
FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Forum:
    """A review of a rhythm: its words, the role that holds it, how often, and whether it draws a sample."""

    key: str
    label: str
    role: str
    cadence: Cadence
    samples: bool = False


FORUMS: Mapping[str, Forum] = {
    one.key: one
    for one in (
        Forum("deputy_sampling", "Deputy manager's sampling", "deputy_manager", "weekly", samples=True),
        Forum("weekly_review", "Registered manager's weekly review", "registered_manager", "weekly"),
        Forum("quality_review", "Quality lead's monthly review", "provider_quality_lead", "monthly"),
        Forum("provider_review", "Nominated individual's monthly review", "nominated_individual", "monthly"),
    )
}


@dataclass(frozen=True, slots=True)
class ReviewRhythm:
    """How often the weekly reviews of a service are held: every week, or stepped down to every second or fourth.

    Attributes:
        since: the day whose week the stepped-down weeks are counted from.
    """

    every_weeks: int = 1
    since: date | None = None


WEEKLY = ReviewRhythm()


def forum_of(roles: Iterable[str]) -> Forum | None:
    """The review that somebody in these roles holds: of several, the one of the most senior role; None of none."""
    held = set(roles)
    return next((forum for forum in reversed(tuple(FORUMS.values())) if forum.role in held), None)


def turn_start(forum: Forum, day: date, rhythm: ReviewRhythm = WEEKLY) -> date:
    """The first day of the week or month that a review on this day is for.

    Args:
        forum: the review.
        day: within the turn.
        rhythm: after the target is met, a weekly review belongs to the last week in which one fell due.
    """
    if forum.cadence == "monthly":
        return month_start(day)
    monday = week_start(day)
    since = week_start(rhythm.since or day)
    return monday - timedelta(weeks=(monday - since).days // 7 % rhythm.every_weeks)


def turn_due(forum: Forum, start: date) -> date:
    """By when the review of a turn is held: the week's Friday, the month's last working day.

    A weekly review that falls on a bank holiday moves to the next working day; it is not skipped. A monthly one is held
    inside its month.
    """
    if forum.cadence == "weekly":
        friday = start + timedelta(days=FRIDAY)
        return friday if is_working_day(friday) else next_working_day(friday)
    last = month_start(start + timedelta(days=31)) - timedelta(days=1)
    while not is_working_day(last):
        last -= timedelta(days=1)
    return last


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What is known of an indicator when a review is signed."""

    indicator_id: str
    in_plan: bool
    review_due_on: date | None
    decision: str | None
    decided_on: date | None
    decided_by: str | None


def decided_in(turn: date, reviewed: Iterable[Reviewed]) -> tuple[Reviewed, ...]:
    """Those with a decision since the turn began."""
    return tuple(one for one in reviewed if one.decided_on is not None and one.decided_on >= turn)


def outstanding(turn: date, reviewed: Iterable[Reviewed], today: date) -> tuple[Reviewed, ...]:
    """Those of the plan whose review is due and that have no decision since the turn began.

    A review without a decision is not a review: while one is outstanding, nothing can be signed.
    """
    return tuple(
        one
        for one in reviewed
        if one.in_plan
        and (one.review_due_on is None or one.review_due_on <= today)
        and (one.decided_on is None or one.decided_on < turn)
    )
