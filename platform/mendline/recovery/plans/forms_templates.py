"""The guided form of a provider's own template: its questions, filled with the template that is adapted."""

from collections.abc import Mapping, Sequence
from typing import get_args

from mendline.catalogue.indicators import indicator_definitions
from mendline.catalogue.plans import Operator, PlanTarget, PlanTemplate, Step, plan_templates
from mendline.catalogue.record_types import record_types
from mendline.catalogue.triggers import triggers
from mendline.places.head import Address
from mendline.recovery.plans.guided import STEPS, TARGETS
from mendline.recovery.plans.objectives import SIGNERS
from mendline.web.asking import Asking
from mendline.web.components import Field, Form, Link, Option
from tenants.errors import RefusedError
from tenants.roles import ROLES

OPERATORS = {
    ">=": "At least",
    "<=": "At most",
    "==": "Exactly",
    "between": "Between two values, as the template has it",
    "reduce_from_baseline_pct": "Down from its baseline by, in percent",
}
PARTS = {"main": "Main target", "floor": "Floor that must hold", "support": "Shows that it is real"}
CADENCES = {"once": "Once", "every_shift": "Every shift", "weekly": "Weekly", "monthly": "Monthly", "as_due": "As due"}


def guided_form(
    source: PlanTemplate,
    *,
    copy_of: str,
    next_of: str,
    address: Address,
    given: Mapping[str, str],
    chosen: Mapping[str, Sequence[str]] | None = None,
    refused: RefusedError | None = None,
) -> Form:
    """The questions, answered as in `source` until something is typed.

    Args:
        source: the template that is adapted.
        copy_of: its key.
        next_of: the key of the provider's own template whose next version is written; empty for a new one.
        address: writes links.
        given: what was typed.
        chosen: warnings and triggers that were ticked; those of the source until then.
        refused: why it was not saved.
    """
    ask = Asking(given, refused)
    ticked = chosen or {"warnings": [one.code for one in source.early_warnings], "triggers": list(source.triggers)}
    title = source.title if next_of else f"{source.title}, our way"
    fields = [
        Field("copy_of", "", "hidden", copy_of),
        Field("next_of", "", "hidden", next_of),
        ask.field("title", "What is it called?", value=title),
        ask.field("weeks", "How many weeks?", "number", value=str(source.weeks)),
        ask.field("hold_weeks", "For how many weeks is the target held?", "number", value=str(source.hold_weeks)),
        ask.field("goal", "What will be true for people?", "textarea", value=source.goal),
        ask.field("target", "Measurable target, in one sentence", "textarea", value=source.target),
        ask.field("sign_off_role", "Who signs that it is met?", "select", value=source.sign_off_role,
                  options=tuple(Option(role, ROLES[role].label) for role in SIGNERS)),
        *(field for row in range(TARGETS) for field in _target(ask, row, next(iter(source.targets[row : row + 1]), None), source)),
        *(field for row in range(STEPS) for field in _step(ask, row, next(iter(source.steps[row : row + 1]), None))),
        Field("warnings", "Which early signs are watched?", "choices", required=False, heading="Early signs and triggers",
              values=tuple(ticked.get("warnings", ())), options=_warnings()),
        Field("triggers", "What opens an escalation?", "choices", required=False,
              values=tuple(ticked.get("triggers", ())), options=_triggers()),
    ]  # fmt: skip
    if next_of:
        fields.append(ask.field("reason", "What changed since the last version?", heading="Why"))
    return Form(
        address("templates.save_guided"),
        tuple(fields),
        "Save as the next version" if next_of else "Save the template",
        Link("Cancel", address("templates.listing")),
        trouble=ask.unplaced(fields),
        footnote="Sources of evidence, review rhythm and milestones stay as in the template that you adapt.",
    )


def _target(ask: Asking, row: int, one: PlanTarget | None, source: PlanTemplate) -> tuple[Field, ...]:
    value = "" if one is None or isinstance(one.value, tuple) else f"{one.value:g}"
    indicators = tuple(Option(key, each.name) for key, each in indicator_definitions().items())
    return (
        ask.field(f"t{row}_indicator", "Which indicator?", "select", value=one.indicator if one else "", required=row == 0,
                  options=(Option("", "None"), *indicators), heading=f"Target {row + 1}"),
        ask.field(f"t{row}_operator", "What must it be?", "select", value=one.operator if one else ">=", required=row == 0,
                  options=tuple(Option(key, OPERATORS[key]) for key in get_args(Operator))),
        ask.field(f"t{row}_value", "Which value?", hint="In the indicator's own unit.", value=value, required=False),
        ask.field(f"t{row}_week", "By which week?", "number", value=str(one.by_week if one else source.weeks), required=row == 0),
        ask.field(f"t{row}_part", "What is it for?", "select", value=one.part if one else "support", required=row == 0,
                  options=tuple(Option(key, words) for key, words in PARTS.items())),
    )  # fmt: skip


def _step(ask: Asking, row: int, one: Step | None) -> tuple[Field, ...]:
    held = [role for role, each in ROLES.items() if each.level in ("service", "provider")]
    kinds = tuple(Option(key, each.title) for key, each in record_types().items())
    return (
        ask.field(f"s{row}_action", "What is done?", hint="Leave it empty where there is no such step.",
                  value=one.action if one else "", required=row == 0, heading=f"Step {row + 1}"),
        ask.field(f"s{row}_role", "By whom?", "select", value=one.role if one else "registered_manager", required=row == 0,
                  options=tuple(Option(role, ROLES[role].label) for role in held)),
        ask.field(f"s{row}_cadence", "How often?", "select", value=one.cadence if one else "weekly", required=row == 0,
                  options=tuple(Option(key, words) for key, words in CADENCES.items())),
        ask.field(f"s{row}_record", "What record does it leave?", value=one.record if one else "", required=False),
        ask.field(f"s{row}_kind", "Which kind of record is that here?", "select", required=False,
                  value=(one.record_types or ("",))[0] if one else "", options=(Option("", "None: it is said in words"), *kinds)),
        ask.field(f"s{row}_at_least", "How many each time?", "number", value=str(one.at_least if one else 1), required=False),
    )  # fmt: skip


def _warnings() -> tuple[Option, ...]:
    return tuple(
        Option(one.code, f"{one.code} {one.title}", one.meaning)
        for plan in plan_templates().values()
        for one in plan.early_warnings
    )


def _triggers() -> tuple[Option, ...]:
    return tuple(Option(key, rule.title, rule.also or "") for key, rule in triggers().rules.items() if rule.plan)
