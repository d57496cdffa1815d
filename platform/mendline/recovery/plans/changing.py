"""What changes of a running plan mean, as pure rules: the rhythm of a step and the milestones, before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from mendline.catalogue.wording import counted, listed, long_date

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FRIDAY = 4
CADENCES: Mapping[str, str] = MappingProxyType(
    {
        "every_shift": "Every shift",
        "weekly": "Every week",
        "monthly": "Every month",
        "as_due": "As each falls due",
    }
)
SHIFTS: Mapping[str, str] = MappingProxyType(
    {"day": "Day", "afternoon": "Afternoon", "evening": "Evening", "night": "Night"}
)
ON_A_WEEKDAY = ("weekly", "as_due")
FURTHEST = timedelta(weeks=26)  # how far ahead a change is planned
LAST_WEEK, SHORTEST_TITLE, LONGEST_TITLE = 156, 4, 120


@dataclass(frozen=True, slots=True)
class StepRhythm:
    """How often a step is done.

    Attributes:
        cadence: how its work is dated.
        at_least: how many records each time.
        weekday: by which day of the week, 0 for Monday; None where its cadence has none.
        shifts: the parts of the day, for a step of every shift.
    """

    cadence: str
    at_least: int
    weekday: int | None = None
    shifts: tuple[str, ...] = ()

    def words(self) -> str:
        """`Every week by Tuesday, 3 or more each time`."""
        found = CADENCES.get(self.cadence, self.cadence)
        if self.cadence in ON_A_WEEKDAY:
            found += f"{',' if self.cadence == 'as_due' else ''} by {WEEKDAYS[self.weekday or 0]}"
        if self.cadence == "every_shift":
            found += f": {listed([SHIFTS[each].lower() for each in self.shifts])}"
        return found + (f", {self.at_least} or more each time" if self.at_least > 1 else "")


@dataclass(frozen=True, slots=True)
class Stone:
    """A milestone as it is asked for.

    Attributes:
        place: which of the standing milestones it was; None for a new one.
        week: of the plan; weeks beyond its last are sustain checks.
    """

    place: int | None
    week: int
    title: str


def rhythm_of(step: Any) -> StepRhythm:
    """The rhythm that a step has now: by the day that counts where it names none, and without what does not apply."""
    weekday = (FRIDAY if step.due_weekday is None else step.due_weekday) if step.cadence in ON_A_WEEKDAY else None
    shifts = tuple(step.shifts) if step.cadence == "every_shift" else ()
    return StepRhythm(step.cadence, step.at_least, weekday, shifts)


def rhythm_problems(before: StepRhythm, after: StepRhythm) -> dict[str, str]:
    """What stands against a new rhythm, by field; empty where it can be."""
    found = (
        (before.cadence == "once", "cadence", "This step is done once: it has no rhythm to change."),
        (after.cadence not in CADENCES, "cadence", "Choose how often."),
        (not 1 <= after.at_least <= 100, "at_least", "Give a number from 1 to 100."),
        (
            after.cadence in ON_A_WEEKDAY and after.weekday not in range(7),
            "weekday",
            "Choose the day of the week by which it is done.",
        ),
        (
            after.cadence == "every_shift" and (not after.shifts or not set(after.shifts) <= SHIFTS.keys()),
            "shifts",
            "Tick at least one part of the day.",
        ),
        (after == before, "cadence", "Nothing differs from the rhythm that holds now."),
    )
    return {field: words for wrong, field, words in reversed(found) if wrong}


def from_problems(from_on: date, today: date) -> dict[str, str]:
    """What stands against the day from which a change holds; empty where it can be."""
    if today <= from_on <= today + FURTHEST:
        return {}
    return {"from_on": f"Give a day from today to {long_date(today + FURTHEST)}."}


def new_milestones(
    standing: Sequence[Mapping[str, Any]], stones: Sequence[Stone]
) -> tuple[list[dict[str, Any]], str, dict[str, str]]:
    """The milestones as asked for, in order of their weeks.

    What a milestone expects of indicators goes with it to its new week.

    Args:
        standing: those that hold now, as a plan keeps them.
        stones: those wanted; one that is left out is taken away.

    Returns:
        The milestones, what differs in a sentence, and what stands against it by field.
    """
    problems: dict[str, str] = {}
    found: list[dict[str, Any]] = []
    for row, stone in enumerate(stones):
        title = " ".join(stone.title.split())
        if not 0 <= stone.week <= LAST_WEEK:
            problems[f"week_{row}"] = f"Give a week from 0 to {LAST_WEEK}."
        elif any(each["week"] == stone.week for each in found):
            problems[f"week_{row}"] = f"Week {stone.week} has a milestone already."
        if not SHORTEST_TITLE <= len(title) <= LONGEST_TITLE:
            problems[f"title_{row}"] = "Say in a few words what is judged then."
        kept = standing[stone.place] if stone.place is not None else {"expects": []}
        found.append({**kept, "week": stone.week, "title": title})
    found.sort(key=lambda each: int(each["week"]))
    says = _differences(standing, stones)
    if not says and not problems:
        problems["milestones"] = "Nothing differs from the milestones that hold now."
    return found, says, problems


def _differences(standing: Sequence[Mapping[str, Any]], stones: Sequence[Stone]) -> str:
    wanted = {stone.place: stone for stone in stones if stone.place is not None}
    said = []
    for place, before in enumerate(standing):
        after = wanted.get(place)
        if after is None:
            said.append(f"“{before['title']}” of week {before['week']} is taken away")
            continue
        if after.title != before["title"]:
            said.append(f"“{before['title']}” is now called “{after.title}”")
        if after.week != before["week"]:
            later = abs(after.week - int(before["week"]))
            way = "later" if after.week > int(before["week"]) else "earlier"
            said.append(
                f"“{after.title}” moves from week {before['week']} to week {after.week}, {counted(later, 'week')} {way}"
            )
    said += [f"“{stone.title}” is new in week {stone.week}" for stone in stones if stone.place is None]
    return "; ".join(said)
