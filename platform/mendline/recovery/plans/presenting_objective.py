"""One objective of a plan, from rows to words: where it stands, what it answers, what it must reach."""

import uuid
from collections.abc import Mapping, Sequence

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, figure, long_date
from mendline.places.head import Address, figure_address
from mendline.places.rows import Place
from mendline.recovery.plans.exit_test import ExitTest, meets
from mendline.recovery.plans.judging import standing_of
from mendline.recovery.plans.pages import (
    ConditionRow,
    ObjectiveBlock,
    TargetRow,
)
from mendline.recovery.plans.rows import (
    ObjectiveLine,
    RequirementLine,
    TargetLine,
)
from mendline.recovery.plans.stepping import HeldReview, rhythm_now
from mendline.web.components import Badge, Button, Link, TimelineEntry
from tenants.reach import Reach

STAGES = {
    "working": Badge("Being worked on"),
    "holding": Badge("Target reached, being held", kind="improve"),
    "ready": Badge("Ready to be signed", "i-review", "pending"),
    "met": Badge("Met", "i-tick", "ok"),
    "closed": Badge("Closed", "i-tick", "ok"),
}


PARTS = {
    "main": "Main target",
    "floor": "Must hold beside it",
    "support": "Shows that it is real",
    "watched": "Watched",
}


KINDS = {
    "breach": "Breach",
    "requirement_notice": "Requirement notice",
    "warning_notice": "Warning notice",
    "condition": "Condition",
}


EVENTS = {"met": "Signed as met", "reopened": "Opened again", "closed": "Closed"}


def target_text(line: TargetLine) -> str:
    """What an indicator has to reach in the plan, in words."""
    fact, definition = line.fact, indicator_definition(line.definition_key)
    if fact.operator is None or fact.value is None:
        return "No target"
    if fact.operator == "reduce_from_baseline_pct":
        return f"{fact.value:g}% below baseline"
    value = figure(fact.value, definition)
    if fact.operator == "between" and fact.upper is not None:
        return f"{value} to {figure(fact.upper, definition)}"
    return {">=": f"{value} or more", "<=": f"{value} or less", "==": value}[fact.operator]


def objective_block(
    objective: ObjectiveLine,
    targets: Sequence[TargetLine],
    requirements: Mapping[uuid.UUID, RequirementLine],
    reviews: Sequence[tuple[uuid.UUID, HeldReview]],
    *,
    place: Place,
    held: Reach,
    may_change: bool,
    address: Address,
) -> ObjectiveBlock:
    """An objective with its exit test, targets, rhythm and what may be done with it."""
    test = standing_of(objective, targets)
    here = {"service_id": place.service_id, "objective_id": objective.objective_id}
    signs = any(each.role == objective.sign_off_role and each.provider_id == place.provider_id for each in held.held)
    acts = []
    if test.stage == "ready" and signs:
        acts.append(Button("Sign that it is met", address("plans.sign_form", **here), "i-tick", "primary"))
    if test.stage == "met" and signs:
        acts.append(Button("Close it", address("plans.sign_form", **here), about=objective.goal[:40]))
    if test.stage in ("met", "closed") and may_change:
        acts.append(Button("Open it again", address("plans.reopen_form", **here), about=objective.goal[:40]))
    return ObjectiveBlock(
        heading=f"Objective {objective.number}",
        goal=objective.goal,
        target=objective.target,
        state=STAGES[test.stage],
        answers=tuple(
            Link(
                requirement_words(requirements[each]),
                address("plans.thread", service_id=place.service_id, requirement_id=each),
            )
            for each in objective.requirement_ids
            if each in requirements
        ),
        conditions=tuple(ConditionRow(each.title, each.holds, each.facts, each.missing) for each in test.conditions),
        targets=tuple(_target_row(each, place, address) for each in targets),
        rhythm=_rhythm(objective, targets, test, reviews),
        acts=tuple(acts),
        history=tuple(
            TimelineEntry(
                EVENTS[each.kind],
                f"{long_date(each.happened_on)}, {each.signed_label}, {each.signed_role}",
                each.reason,
                icon="i-tick" if each.kind != "reopened" else "i-up",
            )
            for each in objective.events
        ),
    )


def requirement_words(line: RequirementLine) -> str:
    """`Warning notice, Regulation 12`."""
    return f"{KINDS.get(line.kind, line.kind)}, Regulation {line.regulation.removeprefix('hsca-').upper()}"


def _rhythm(
    objective: ObjectiveLine,
    targets: Sequence[TargetLine],
    test: ExitTest,
    reviews: Sequence[tuple[uuid.UUID, HeldReview]],
) -> str:
    if test.stage == "closed":
        return "Closed: no further reviews by this plan."
    signature = objective.signature
    mains = {each.indicator_id for each in targets if each.fact.part == "main"}
    now = rhythm_now(signature.happened_on if signature else None, [held for key, held in reviews if key in mains])
    if signature is None:
        return f"Reviewed weekly. Held {test.held} of {test.needed} periods that the sustain time asks for."
    until = f" It may be closed from {long_date(now.may_close_on)}." if now.may_close_on else ""
    if now.every_weeks == 4:
        return f"Reviewed monthly.{until}"
    left = counted(2 - now.assured, "more assured review")
    return f"Reviewed {now.words}; {left} before the next step down.{until}"


def _target_row(line: TargetLine, place: Place, address: Address) -> TargetRow:
    fact, definition = line.fact, indicator_definition(line.definition_key)
    newest = next((each for each in reversed(fact.periods) if each.value is not None), None)
    if newest is None or newest.value is None:
        state, now = Badge("No figure yet", kind="hollow"), "No figure yet"
    else:
        now = figure(newest.value, definition, fact.value)
        if fact.operator is None:
            state = Badge("Watched", kind="steady")
        elif meets(fact, newest.value):
            state = Badge("Reached", "i-tick", "improve")
        else:
            state = Badge("Not reached", kind="concern")
    return TargetRow(
        name=fact.name,
        href=address("services.indicator", service_id=place.service_id, indicator_id=line.indicator_id),
        part=PARTS[fact.part],
        target=target_text(line),
        now=now,
        state=state,
        due=f"by week {line.by_week}" if line.by_week else "",
        now_href=figure_address(address, place.service_id, line.indicator_id, newest.start) if newest else "",
    )
