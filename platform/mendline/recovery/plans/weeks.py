"""How a plan's weeks move, as a pure rule: by as many days as the inspection that it answers was moved."""

from dataclasses import dataclass
from datetime import date

from mendline.catalogue.calendar import plan_ends_on, plan_week
from mendline.catalogue.wording import counted, long_date


@dataclass(frozen=True, slots=True)
class MovedWeeks:
    """A plan's new first day, with what that does to its weeks."""

    starts_on: date
    days: int
    sentence: str


def moved_with_inspection(starts_on: date, weeks: int, was: date, now: date, today: date) -> MovedWeeks | None:
    """A plan whose inspection had a wrong date keeps its distance to it; None where the date did not move.

    Args:
        starts_on: the first day of the plan.
        weeks: its length, which does not change.
        was: the inspection's date as it was recorded.
        now: the date as it should have been.
        today: the date in England.
    """
    days = (now - was).days
    if not days:
        return None
    moved = starts_on + (now - was)
    week = plan_week(moved, weeks, today)
    return MovedWeeks(
        moved,
        days,
        f"The plan begins {counted(abs(days), 'day')} {'later' if days > 0 else 'earlier'}, on {long_date(moved)}, and"
        f" ends on {long_date(plan_ends_on(moved, weeks))}. Today is {week.label.lower()}.",
    )
