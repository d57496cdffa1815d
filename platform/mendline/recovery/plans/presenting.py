"""Recovery plans from rows to words."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from mendline.catalogue.calendar import plan_ends_on, plan_week
from mendline.catalogue.plans import PlanTemplate, template_from
from mendline.catalogue.wording import counted, lateness, long_date, short_date
from mendline.duties.rows import WorkLine
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, service_head
from mendline.places.rows import Place
from mendline.recovery.plans.forum_work import FORUM_OF
from mendline.recovery.plans.pages import (
    PlanBlock,
    PlanPage,
    StepRow,
)
from mendline.recovery.plans.presenting_objective import objective_block
from mendline.recovery.plans.presenting_weeks import week_rows
from mendline.recovery.plans.rows import (
    ObjectiveLine,
    PlanLine,
    RequirementLine,
    RevisionLine,
    StepLine,
    TargetLine,
    VerdictLine,
    levels_of,
)
from mendline.recovery.plans.stepping import HeldReview
from mendline.web.components import Button, Empty, Fact, Link, Note, TimelineEntry, Weeks, WorkItem, WorkList
from tenants.reach import Reach
from tenants.roles import ROLES

CAUSES = {
    "inspection_date": "The inspection's date was corrected",
    "start_date": "The start moved",
    "length": "The length changed",
    "ended": "The plan was ended",
    "rhythm": "The rhythm of a step was changed",
    "milestones": "The milestones were changed",
}
LATE_SHOWN = 12


def plan_page(
    place: Place,
    standings: Sequence[Standing],
    held: Reach,
    plans: Sequence[PlanLine],
    objectives: Sequence[ObjectiveLine],
    targets: Mapping[uuid.UUID, Sequence[TargetLine]],
    steps: Sequence[StepLine],
    work: Sequence[WorkLine],
    revisions: Mapping[uuid.UUID, Sequence[RevisionLine]],
    requirements: Sequence[RequirementLine],
    reviews: Sequence[tuple[uuid.UUID, HeldReview]],
    verdicts: Mapping[uuid.UUID, Sequence[VerdictLine]],
    *,
    today: date,
    offers: Offers,
    address: Address,
) -> PlanPage:
    """Every plan of a service, those that run first."""
    may_change = held.may("change_plans", place.provider_id, place.service_id)
    here = {"service_id": place.service_id}
    blocks = tuple(
        _block(
            plan,
            [each for each in objectives if each.plan_id == plan.plan_id],
            targets,
            [each for each in steps if each.plan_id == plan.plan_id],
            [each for each in work if each.plan_id == plan.plan_id],
            revisions.get(plan.plan_id, ()),
            {each.requirement_id: each for each in requirements},
            reviews,
            verdicts.get(plan.plan_id, ()),
            place=place,
            held=held,
            may_change=may_change,
            today=today,
            address=address,
        )
        for plan in plans
    )
    head = service_head(
        place,
        standings,
        offers=offers,
        address=address,
        current="plans.of_service",
        sentence=_sentence(plans, work, today),
    )
    start = Button("Start a plan", address("plans.start_form", **here), "i-doc", "primary")
    notes = tuple(_vacancies(steps, work, address, place))
    extra = (Button("Inspections and breaches", address("plans.inspections", **here), "i-review"),)
    return PlanPage(
        head=replace(head, buttons=(*extra, start) if may_change else extra),
        plans=blocks,
        notes=notes,
        empty=Empty(
            "No recovery plan yet",
            "A plan begins from a template with its objective, indicators, steps and first work.",
            button=start if may_change else None,
        ),
    )


def step_rows(template: PlanTemplate, holders: Mapping[str, Sequence[str]]) -> tuple[StepRow, ...]:
    """The steps of a template with whoever would be asked today, for the page that starts it."""
    return tuple(
        StepRow(
            number=step.number,
            action=step.action,
            record=step.record,
            role=ROLES[step.role].label,
            holder=", ".join(holders.get(step.role, ())) or "Nobody holds this role: its work goes up",
            vacant=not holders.get(step.role),
            rhythm=step.rhythm,
            done="",
            next="",
            late=False,
        )
        for step in template.steps
    )


def work_item(line: WorkLine, today: date, address: Address, *, tell: bool, act: bool = True) -> WorkItem:
    """A piece of dated work as lists show it."""
    late = line.state == "open" and line.due_on < today
    made = f" {line.made} of {line.needed} made." if line.needed > 1 else ""
    who = _who(line)
    where = f"{line.service}. " if tell else ""
    here = address("work.item", service_id=line.service_id, work_item_id=line.work_item_id)
    said = lateness(line.due_on, today)
    return WorkItem(
        heading=line.title,
        text=f"{where}{who}{made}",
        when=f"{said[0].upper()}{said[1:]}",
        when_note=f"{line.shift_band} shift of {short_date(line.opens_on)}" if line.shift_band else "",
        late=late,
        href=here,
        icon="i-clock" if late else "i-review",
        tone="alert" if late else "",
        button=Button("Open", here, about=line.title) if act else None,
    )


def _who(line: WorkLine) -> str:
    role = ROLES[line.role].label if line.role in ROLES else line.role
    if line.is_vacant:
        asked = line.assigned_label or (
            ROLES[line.asked_role].label.lower() if line.asked_role in ROLES else line.asked_role
        )
        return f"{role}: nobody holds the role, {asked} is asked."
    if line.stands_in:
        return f"{role}: {line.assigned_label} stands in ({line.stands_in})."
    return f"{role}: {line.assigned_label}." if line.assigned_label else f"{role}."


def _block(
    plan: PlanLine,
    objectives: Sequence[ObjectiveLine],
    targets: Mapping[uuid.UUID, Sequence[TargetLine]],
    steps: Sequence[StepLine],
    work: Sequence[WorkLine],
    revisions: Sequence[RevisionLine],
    requirements: Mapping[uuid.UUID, RequirementLine],
    reviews: Sequence[tuple[uuid.UUID, HeldReview]],
    verdicts: Sequence[VerdictLine],
    *,
    place: Place,
    held: Reach,
    may_change: bool,
    today: date,
    address: Address,
) -> PlanBlock:
    week = plan_week(plan.starts_on, plan.weeks, today)
    ended = f", ended {long_date(plan.ended_on)}" if plan.ended_on else ""
    template = template_from(plan.content, plan.template_key) if plan.content else None
    here = {"service_id": place.service_id, "plan_id": plan.plan_id}
    changes = may_change and plan.ended_on is None
    levels = levels_of(line for each in objectives for line in targets.get(each.objective_id, ()))
    return PlanBlock(
        heading=plan.title,
        sub=f"{week.label}{ended}. {plan.target or ''}".strip(),
        weeks=Weeks(min(week.number, plan.weeks), plan.weeks),
        facts=_facts(plan, template),
        objectives=tuple(
            objective_block(each, targets.get(each.objective_id, ()), requirements, reviews, place=place, held=held,
                            may_change=may_change, address=address)
            for each in objectives
        ),
        steps=(*_own_steps(steps, work, here, changes, today, address), *_forum_steps(plan.plan_id, work, today)),
        weeks_done=tuple(
            week_rows(plan, work, verdicts, levels, here=here, may_judge=may_change, today=today, address=address)
        ),
        late=_late(work, today, address),
        revisions=tuple(_revision(each) for each in revisions),
        add=Button("Add an objective", address("plans.new_objective", **here), "i-plus", about=plan.title)
        if changes
        else None,
        change=Button("Change or end", address("plans.change_form", **here), about=plan.title) if changes else None,
        milestones=Button("Change the milestones", address("plans.milestones_form", **here), about=plan.title)
        if changes and template
        else None,
    )  # fmt: skip


def _facts(plan: PlanLine, template: PlanTemplate | None) -> tuple[Fact, ...]:
    facts = [
        Fact("Runs", f"{short_date(plan.starts_on)} to {short_date(plan_ends_on(plan.starts_on, plan.weeks))}"),
        Fact("Template", f"{plan.template_key.replace('_', ' ').capitalize()}, version {plan.template_version}"),
    ]
    if plan.started_label:
        facts.append(Fact("Started by", plan.started_label))
    if template:
        facts.append(Fact("Reviews", "; ".join(_review_words(template))))
    return tuple(facts)


def _own_steps(
    steps: Sequence[StepLine],
    work: Sequence[WorkLine],
    here: Mapping[str, uuid.UUID],
    changes: bool,
    today: date,
    address: Address,
) -> list[StepRow]:
    return [
        _step(
            each,
            [one for one in work if one.step_number == each.number],
            today,
            _rhythm_link(each, here, address) if changes else None,
        )
        for each in steps
    ]


def _forum_steps(plan_id: uuid.UUID, work: Sequence[WorkLine], today: date) -> list[StepRow]:
    return [
        _step(forum_step(plan_id, number), [one for one in work if one.step_number == number], today)
        for number in sorted({one.step_number or 0 for one in work} & FORUM_OF.keys())
    ]


def _late(work: Sequence[WorkLine], today: date, address: Address) -> WorkList:
    late = [each for each in work if each.state == "open" and each.due_on < today]
    return WorkList(
        f"Overdue work ({len(late)})",
        tuple(work_item(each, today, address, tell=False) for each in late[:LATE_SHOWN]),
        aside=f"The first {LATE_SHOWN}" if len(late) > LATE_SHOWN else "Longest first",
        empty="Nothing is overdue.",
    )


def _review_words(template: PlanTemplate) -> list[str]:
    return [f"{ROLES[each.role].label} {each.cadence}" for each in template.reviews]


def forum_step(plan_id: uuid.UUID, number: int) -> StepLine:
    """A review that no step of the plan asks for, as a step of it."""
    forum = FORUM_OF[number]
    rhythm = "Every week" if forum.cadence == "weekly" else "Every month"
    return StepLine(plan_id, number, forum.role, forum.label, "Signed review", [], forum.cadence, rhythm, 1, None, [])


def _rhythm_link(step: StepLine, here: Mapping[str, uuid.UUID], address: Address) -> Link | None:
    """Where the rhythm of a step is changed; a step that is done once has none."""
    if step.cadence == "once":
        return None
    return Link("Change", address("plans.rhythm_form", **here, number=step.number))


def _step(step: StepLine, work: Sequence[WorkLine], today: date, change: Link | None = None) -> StepRow:
    done = sum(each.state == "done" for each in work)
    due = [each for each in work if each.due_on <= today and each.state != "cancelled"]
    open_items = [each for each in work if each.state == "open"]
    late = [each for each in open_items if each.due_on < today]
    newest = open_items[0] if open_items else None
    holder = (newest.assigned_label or "Several people") if newest else ""
    missed = sum(each.state == "missed" for each in work)
    said = f"{done} of {len(due)} done" if due else "None due yet"
    return StepRow(
        number=step.number,
        action=step.action,
        record=step.record,
        role=ROLES[step.role].label if step.role in ROLES else step.role,
        holder=_who(newest).partition(": ")[2] if newest and (newest.is_vacant or newest.stands_in) else holder,
        vacant=bool(newest and newest.is_vacant),
        rhythm=step.rhythm,
        done=f"{said}, {missed} missed" if missed else said,
        next=f"{len(late)} overdue" if late else (f"next {short_date(newest.due_on)}" if newest else ""),
        late=bool(late),
        change=change,
    )


def _revision(line: RevisionLine) -> TimelineEntry:
    said = ""
    if line.says:
        said = f"{line.says}."
    elif line.ended_on is None:
        said = f"Runs {short_date(line.starts_on)} to {short_date(plan_ends_on(line.starts_on, line.weeks))}."
    return TimelineEntry(
        CAUSES.get(line.cause, line.cause),
        f"{long_date(line.recorded_at.date())}, {line.recorded_label}",
        f"{said} {line.reason}".strip() if line.says else f"{line.reason} {said}".strip(),
        icon="i-clock",
    )


def _sentence(plans: Sequence[PlanLine], work: Sequence[WorkLine], today: date) -> str:
    running = [each for each in plans if each.ended_on is None]
    if not running:
        return "No recovery plan runs here."
    week = plan_week(running[0].starts_on, running[0].weeks, today)
    due = [each for each in work if each.due_on <= today and each.state != "cancelled"]
    done = sum(each.state == "done" for each in due)
    late = sum(each.state == "open" and each.due_on < today for each in work)
    said = (
        f"{week.label}. {done} of {counted(len(due), 'piece')} of work due so far {'is' if done == 1 else 'are'} done"
    )
    return f"{said}, {late} {'is' if late == 1 else 'are'} overdue." if late else f"{said}, none is overdue."


def _vacancies(steps: Sequence[StepLine], work: Sequence[WorkLine], address: Address, place: Place) -> list[Note]:
    vacant = {each.role for each in work if each.state == "open" and each.is_vacant}
    return [
        Note(
            f"Nobody holds the role: {ROLES[role].label.lower()}",
            "Its work goes up to the registered manager, or to the nominated individual, until somebody does. Hand it"
            " over, or give the role to a person.",
            kind="pending",
            button=Button("Hand over", address("work.hand_over_form", service_id=place.service_id)),
        )
        for role in sorted(vacant & {step.role for step in steps})
        if role in ROLES
    ]
