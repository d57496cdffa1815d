"""The forms of plans, inspections, breaches and templates: what they ask, and what was typed."""

from collections.abc import Mapping, Sequence
from datetime import date

from mendline.catalogue.calendar import plan_ends_on, week_start
from mendline.catalogue.frameworks import framework_in_force
from mendline.catalogue.wording import long_date
from mendline.duties.rows import Colleague
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.recovery.plans.pages import PlanFormPage
from mendline.recovery.plans.rows import (
    InspectionLine,
    PlanLine,
    RequirementLine,
    TemplateLine,
)
from mendline.recovery.plans.starting import GivenPlan
from mendline.recovery.plans.typed import inspection_words, requirement_title
from mendline.web.asking import Asking
from mendline.web.components import Fact, Field, Form, Head, Link, Option
from mendline.web.typed import read_day, read_identifier, read_number
from tenants.errors import RefusedError


def start_form(
    place: Place,
    template: TemplateLine,
    requirements: Sequence[RequirementLine],
    inspections: Sequence[InspectionLine],
    *,
    owner: str,
    today: date,
    address: Address,
    given: Mapping[str, str],
    chosen: Sequence[str] | None,
    refused: RefusedError | None = None,
) -> Form:
    """Every field has a default, so that a plan can be started by reading once and pressing the button.

    Args:
        place: the service.
        template: what it starts from.
        requirements: breaches and notices; open ones under the template's regulations are ticked.
        inspections: newest first.
        owner: who reviews indicators that begin, as initial and surname.
        today: the date in England.
        address: of our pages.
        given: what was typed before.
        chosen: requirements that were ticked before; None on the first look.
        refused: why it was refused.
    """
    ask = Asking(given, refused)
    plan = template.template
    open_ones = [each for each in requirements if each.met_on is None]
    usual = [str(each.requirement_id) for each in open_ones if each.regulation in plan.regulations]
    current = [each for each in inspections if not each.is_corrected]
    fields = [
        Field("template", "", "hidden", template.key),
        ask.field("title", "Name of the plan", value=f"{place.name}: {plan.title.lower()}", rule="template"),
        ask.field("starts_on", "First day", "date", value=week_start(today).isoformat(),
                  hint="Week 1 is the Monday week of this day. Baselines are frozen from the figures before it."),
        ask.field("weeks", "Weeks", "number", value=str(plan.weeks),
                  hint=f"The template has {plan.weeks}, and a sustain time of {plan.hold_weeks} weeks."),
        ask.field("goal", "What will be true for people", "textarea", value=plan.goal),
        ask.field("target", "Measurable target", "textarea", value=plan.target),
        ask.field("review_owner", "Who reviews the indicators", value=owner,
                  hint="An initial and a surname. Indicators that run already keep their owner."),
    ]  # fmt: skip
    if current:
        fields.append(
            ask.field("inspection_id", "Follows the inspection of", "select", value=str(current[0].inspection_id),
                  hint="If its date turns out to be wrong, the plan moves with it.", required=False,
                  options=tuple(Option(str(each.inspection_id), inspection_words(each)) for each in current)),
        )  # fmt: skip
    if open_ones:
        fields.append(
            ask.field("requirements", "Breaches and notices that it answers", "choices", required=False,
                  values=tuple(usual if chosen is None else chosen),
                  options=tuple(
                      Option(str(each.requirement_id), requirement_title(each), each.summary) for each in open_ones
                  )),
        )  # fmt: skip
    return Form(
        address("plans.start", service_id=place.service_id),
        tuple(fields),
        "Start the plan",
        Link("Cancel", address("plans.of_service", service_id=place.service_id)),
        trouble=ask.unplaced(fields),
        footnote="Plan, objective, indicators, baselines, steps and first work are made together.",
    )


def read_start(given: Mapping[str, str], requirements: Sequence[str], template: TemplateLine) -> GivenPlan:
    """The plan as typed.

    Raises:
        RefusedError: a date, number or identifier that cannot be read.
    """
    problems: dict[str, str] = {}
    starts_on = read_day(given.get("starts_on", ""), "starts_on", problems)
    weeks = read_number(given.get("weeks", ""), "weeks", problems)
    inspection = read_identifier(given.get("inspection_id", ""), "inspection_id", problems)
    answered = [read_identifier(each, "requirements", problems) for each in requirements]
    if problems:
        raise RefusedError("The plan was not started.", problems)
    return GivenPlan(
        template=template.template,
        version=template.version,
        framework_version=framework_in_force(starts_on).version if starts_on else "",
        title=given.get("title", ""),
        starts_on=starts_on,
        weeks=weeks,
        review_owner=given.get("review_owner", ""),
        goal=given.get("goal", ""),
        target=given.get("target", ""),
        requirement_ids=tuple(each for each in answered if each),
        inspection_id=inspection,
    )


def change_form(
    place: Place, plan: PlanLine, *, address: Address, given: Mapping[str, str], refused: RefusedError | None = None
) -> PlanFormPage:
    """Moves a plan, changes its length, or ends it."""
    ask = Asking(given, refused)
    fields = (
        ask.field("what", "What changes", "choice", options=(
            Option("move", "Its first day or its length"),
            Option("end", "It ends", "Open work is cancelled with your reason; what was done stays."),
        )),
        ask.field("starts_on", "First day", "date", value=plan.starts_on.isoformat()),
        ask.field("weeks", "Weeks", "number", value=str(plan.weeks)),
        ask.field("reason", "Why", "textarea",
                  hint="Shown with the plan and in packs. What stood before stays visible."),
    )  # fmt: skip
    return PlanFormPage(
        head=Head(f"Change or end: {plan.title}", place.name),
        form=Form(
            address("plans.change", service_id=place.service_id, plan_id=plan.plan_id),
            fields,
            "Save the change",
            Link("Cancel", address("plans.of_service", service_id=place.service_id)),
            trouble=ask.unplaced(fields),
        ),
        definition=(
            Fact("Runs now", f"{long_date(plan.starts_on)}, {plan.weeks} weeks"),
            Fact("Ends", long_date(plan_ends_on(plan.starts_on, plan.weeks))),
        ),
    )


def read_change(given: Mapping[str, str], plan: PlanLine) -> tuple[bool, date, int]:
    """Whether the plan ends, and its first day and weeks as typed.

    Raises:
        RefusedError: nothing was chosen, or a field cannot be read.
    """
    problems: dict[str, str] = {}
    starts_on = read_day(given.get("starts_on", ""), "starts_on", problems) or plan.starts_on
    weeks = read_number(given.get("weeks", ""), "weeks", problems) or plan.weeks
    what = given.get("what", "")
    if what not in ("move", "end"):
        problems["what"] = "Choose what changes."
    if problems:
        raise RefusedError("The plan was not changed.", problems)
    return (True, plan.starts_on, plan.weeks) if what == "end" else (False, starts_on, weeks)


def template_form(
    written: str, *, is_new: bool, address: Address, given: Mapping[str, str], refused: RefusedError | None = None
) -> Form:
    """Writes a template, or the next version of one: as text, or as a file in its place."""
    ask = Asking(given, refused)
    fields = (
        ask.field("written", "The template", "textarea", value=written,
                  hint="YAML, as you see it. Change what you need; indicators, roles and record types are the catalogue's."),
        Field("file", "Or upload a file in its place", "file", required=False),
        ask.field("reason", "What changed", required=not is_new),
    )  # fmt: skip
    return Form(
        address("templates.save"),
        fields,
        "Save the template" if is_new else "Save as the next version",
        Link("Cancel", address("templates.listing")),
        trouble=ask.unplaced(fields),
        footnote="Plans that run keep the version that they were started from.",
        upload=True,
    )


def owner_words(people: Sequence[Colleague], fallback: str) -> str:
    """The registered manager's name, or whoever starts the plan."""
    return next((each.label for each in people if each.role == "registered_manager"), fallback)
