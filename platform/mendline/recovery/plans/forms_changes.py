"""The forms that change a running plan: how often a step is done, and its milestones."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mendline.catalogue.wording import long_date
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.recovery.plans.changing import CADENCES, FRIDAY, FURTHEST, SHIFTS, WEEKDAYS, StepRhythm, Stone, rhythm_of
from mendline.recovery.plans.milestones import expects_words
from mendline.recovery.plans.pages import PlanFormPage
from mendline.recovery.plans.revising import milestones_of
from mendline.recovery.plans.rows import PlanLine, StepLine
from mendline.web.asking import Asking
from mendline.web.components import Fact, Field, Form, Head, Link, Option
from mendline.web.typed import read_day, read_number
from tenants.errors import RefusedError

NEW_ROWS = 2
MOST_ROWS = 30
_REASON = "Shown with the plan, in its story and in packs. What stood before stays visible."


def rhythm_form(
    place: Place,
    plan: PlanLine,
    step: StepLine,
    *,
    address: Address,
    given: Mapping[str, str],
    shifts: Sequence[str] | None,
    today: date,
    refused: RefusedError | None = None,
) -> PlanFormPage:
    """Changes how often a step is done.

    Args:
        place: the service.
        plan: the plan.
        step: with the rhythm that holds now.
        address: of our pages.
        given: what was typed before.
        shifts: parts of the day that were ticked before; None on the first look.
        today: the date in England.
        refused: why it was refused.
    """
    ask = Asking(given, refused)
    now = rhythm_of(step)
    weekday = str(FRIDAY if now.weekday is None else now.weekday)
    fields = (
        ask.field("cadence", "How often", "choice", value=now.cadence,
                  options=tuple(Option(key, words) for key, words in CADENCES.items())),
        ask.field("weekday", "By which day of the week", "select", value=weekday, required=False,
                  hint="For work of every week. A bank holiday moves it to the next working day.",
                  options=tuple(Option(str(place), day) for place, day in enumerate(WEEKDAYS))),
        ask.field("shifts", "On which parts of the day", "choices", "For work of every shift.", required=False,
                  values=tuple(now.shifts or SHIFTS if shifts is None else shifts),
                  options=tuple(Option(key, words) for key, words in SHIFTS.items())),
        ask.field("at_least", "How many records each time", "number", value=str(now.at_least)),
        ask.field("from_on", "From which day", "date", "Today, or a later day that it is planned for.",
                  value=today.isoformat(), low=today, high=today + FURTHEST),
        ask.field("reason", "Why", "textarea", _REASON),
    )  # fmt: skip
    here = {"service_id": place.service_id, "plan_id": plan.plan_id, "number": step.number}
    return PlanFormPage(
        head=Head(f"Change the rhythm of step {step.number}", place.name, step.action),
        form=Form(
            address("plans.change_rhythm_of", **here),
            fields,
            "Change the rhythm",
            Link("Cancel", address("plans.of_service", service_id=place.service_id)),
            trouble=ask.unplaced(fields),
            footnote="Work that is due before that day stays; open work from then on follows the new rhythm. A change that"
            " was planned for later is replaced.",
        ),
        definition=(Fact("Rhythm now", step.rhythm), Fact("Record", step.record), Fact("Plan", plan.title)),
    )


def read_from(given: Mapping[str, str]) -> date | None:
    """The day from which a change holds, as typed; None where none was given.

    Raises:
        RefusedError: a day that cannot be read.
    """
    problems: dict[str, str] = {}
    found = read_day(given.get("from_on", ""), "from_on", problems)
    if problems:
        raise RefusedError("The rhythm was not changed.", problems)
    return found


def read_rhythm(given: Mapping[str, str], shifts: Sequence[str]) -> StepRhythm:
    """The rhythm as typed; what does not go with the cadence is left out.

    Raises:
        RefusedError: a number that cannot be read.
    """
    problems: dict[str, str] = {}
    cadence = given.get("cadence", "")
    at_least = read_number(given.get("at_least", ""), "at_least", problems)
    weekday = read_number(given.get("weekday", ""), "weekday", problems)
    if problems:
        raise RefusedError("The rhythm was not changed.", problems)
    return StepRhythm(
        cadence,
        at_least or 0,
        weekday if cadence in ("weekly", "as_due") else None,
        tuple(key for key in SHIFTS if key in shifts) if cadence == "every_shift" else (),
    )


def milestones_form(
    place: Place,
    plan: PlanLine,
    *,
    seen: int,
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> PlanFormPage:
    """Changes the milestones of a plan: each with its week, two empty rows for new ones, and the reason.

    Args:
        place: the service.
        plan: the plan with the milestones that hold now.
        seen: the number of the change that set them; 0 where the template did.
        address: of our pages.
        given: what was typed before.
        refused: why it was refused.
    """
    ask = Asking(given, refused)
    rows: list[tuple[int | None, Mapping[str, Any]]] = list(enumerate(milestones_of(plan)))
    rows += [(None, {})] * NEW_ROWS
    fields = [Field("seen", "", "hidden", given.get("seen", str(seen)))]
    for row, (standing, stone) in enumerate(rows):
        heading = f"Week {stone['week']}" if standing is not None else "A new milestone"
        hint = "Empty it to take the milestone away." if standing is not None else "Leave it empty for none."
        expects = f"Expected then: {said}." if (said := expects_words(stone)) else ""
        fields += [
            ask.field(f"title_{row}", "What is judged", hint=f"{expects} {hint}".strip(), value=stone.get("title", ""),
                      required=False, heading=heading),
            ask.field(f"week_{row}", "In week", "number", value=str(stone.get("week", "")), required=False),
        ]  # fmt: skip
    fields.append(ask.field("reason", "Why", "textarea", _REASON, heading="The reason"))
    return PlanFormPage(
        head=Head("Change the milestones", place.name, f"Of the plan “{plan.title}”."),
        form=Form(
            address("plans.change_milestones_of", service_id=place.service_id, plan_id=plan.plan_id),
            tuple(fields),
            "Change the milestones",
            Link("Cancel", address("plans.of_service", service_id=place.service_id)),
            trouble=ask.unplaced(fields),
            footnote="Weeks beyond the plan's last are checks that it held.",
        ),
        definition=(Fact("The plan runs from", long_date(plan.starts_on), note=f"{plan.weeks} weeks"),),
    )


def read_milestones(given: Mapping[str, str], plan: PlanLine) -> tuple[int, tuple[Stone, ...]]:
    """The number of the change that was seen, and the milestones as typed; a row without a title is left out.

    Raises:
        RefusedError: a number that cannot be read.
    """
    problems: dict[str, str] = {}
    seen = read_number(given.get("seen", ""), "milestones", problems)
    standing = len(milestones_of(plan))
    found = []
    for row in range(min(standing + NEW_ROWS, MOST_ROWS)):
        title = given.get(f"title_{row}", "").strip()
        week = read_number(given.get(f"week_{row}", ""), f"week_{row}", problems)
        if not title:
            continue
        if week is None:
            problems.setdefault(f"week_{row}", "Give the week of the plan.")
            continue
        found.append(Stone(row if row < standing else None, week, title))
    if problems:
        raise RefusedError("The milestones were not changed.", problems)
    return seen or 0, tuple(found)
