"""The form by which a person judges a milestone that names no figures."""

from collections.abc import Mapping
from typing import Any

from mendline.catalogue.calendar import plan_week_start
from mendline.catalogue.wording import long_date
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.recovery.plans.milestones import BY_PEOPLE, VERDICT_WORDS, GivenVerdict
from mendline.recovery.plans.pages import PlanFormPage
from mendline.recovery.plans.rows import PlanLine, VerdictLine
from mendline.web.asking import Asking
from mendline.web.components import Fact, Form, Head, Link, Option
from mendline.web.typed import read_number
from tenants.errors import RefusedError


def milestone_form(
    place: Place,
    plan: PlanLine,
    stone: Mapping[str, Any],
    kept: VerdictLine | None,
    *,
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> PlanFormPage:
    """Asks whether a milestone was met, with what shows it.

    Args:
        place: the service.
        plan: the plan.
        stone: the milestone, as the plan keeps it.
        kept: what was last found of it, if anything was.
        address: of our pages.
        given: what was typed before.
        refused: why it was refused.
    """
    ask = Asking(given, refused)
    week = int(stone["week"])
    fields = (
        ask.field(
            "verdict", "Was it met?", "choice", options=tuple(Option(key, VERDICT_WORDS[key]) for key in BY_PEOPLE)
        ),
        ask.field(
            "carried_to",
            "Carried over to which week?",
            "number",
            "Only for one that is carried over: it moves to that week.",
            required=False,
        ),
        ask.field(
            "reason",
            "What shows it, or why is it carried over?",
            "textarea",
            "Shown with the plan, in its story and in packs.",
        ),
    )
    here = {"service_id": place.service_id, "plan_id": plan.plan_id, "week": week}
    before = (
        (Fact("Judged before", VERDICT_WORDS[kept.verdict], note=f"{kept.reason} {kept.decided_label}"),)
        if kept and kept.title == stone["title"]
        else ()
    )
    return PlanFormPage(
        head=Head(f"Judge the milestone of week {week}", place.name, stone["title"]),
        form=Form(
            address("plans.judge_milestone_of", **here),
            fields,
            "Record what was found",
            Link("Cancel", address("plans.of_service", service_id=place.service_id)),
            trouble=ask.unplaced(fields),
            footnote="It names no figures, so a person judges it. What was found before stays in the story.",
        ),
        definition=(
            Fact("Its week begins", long_date(plan_week_start(plan.starts_on, week))),
            Fact("Plan", plan.title),
            *before,
        ),
    )


def read_verdict(given: Mapping[str, str]) -> GivenVerdict:
    """The verdict as typed.

    Raises:
        RefusedError: a week that cannot be read.
    """
    problems: dict[str, str] = {}
    week = read_number(given.get("carried_to", ""), "carried_to", problems)
    if problems:
        raise RefusedError("The milestone was not judged.", problems)
    return GivenVerdict(given.get("verdict", ""), given.get("reason", ""), week)
