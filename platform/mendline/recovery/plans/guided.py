"""A provider's own template from the answers of a form: values in, the content of a template out.

What the form does not ask, such as sources of evidence and bands of the day, stays as in the template that was adapted.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mendline.catalogue.plans import PlanTemplate, plan_templates, template_data
from tenants.errors import RefusedError

TARGETS, STEPS = 6, 8  # rows that the form asks for
SLUG = re.compile(r"[^a-z0-9]+")


def key_of(title: str) -> str:
    """The key of a template of that name: `Nights, safely` is own_nights_safely."""
    return f"own_{SLUG.sub('_', title.casefold()).strip('_')[:60]}"


def content_of(
    source: PlanTemplate, answers: Mapping[str, str], *, warnings: Sequence[str], triggers: Sequence[str], key: str = ""
) -> dict[str, Any]:
    """The content of a template.

    Args:
        source: what is adapted.
        answers: as the form sends them.
        warnings: codes of early warnings that were chosen.
        triggers: keys of the triggers that were chosen.
        key: of the template whose next version this is; by its title otherwise.

    Raises:
        RefusedError: an answer is missing or cannot be read; `problems` names its field.
    """
    problems: dict[str, str] = {}
    content = template_data(source)
    title = answers.get("title", "").strip()
    content |= {
        "key": key or key_of(title),
        "title": title,
        "weeks": _number(answers, "weeks", problems),
        "hold_weeks": _number(answers, "hold_weeks", problems),
        "goal": answers.get("goal", "").strip(),
        "target": answers.get("target", "").strip(),
        "sign_off_role": answers.get("sign_off_role", ""),
    }
    if len(title) < 4:
        problems["title"] = "Give the template a name."
    for name in ("goal", "target"):
        if len(content[name]) < 10:
            problems[name] = "Say it in a sentence."
    content["targets"] = _targets(source, answers, problems)
    aimed = {one["indicator"] for one in content["targets"]}
    content["supporting_indicators"] = [
        one for one in dict.fromkeys([*source.supporting_indicators, *(each.indicator for each in source.targets)])
        if one not in aimed
    ]  # fmt: skip
    measured = aimed | set(content["supporting_indicators"])
    for stone in content["milestones"]:
        stone["expects"] = [one for one in stone["expects"] if one["indicator"] in measured]
    content["steps"] = _steps(source, answers, problems)
    kept = {one["code"]: one for one in content["early_warnings"]}
    content["early_warnings"] = [kept.get(code) or _declared(code) for code in warnings]
    content["triggers"] = list(triggers)
    if problems:
        raise RefusedError("The template was not saved.", problems)
    return content


def _targets(source: PlanTemplate, answers: Mapping[str, str], problems: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    between = {one.indicator: list(one.value) for one in source.targets if isinstance(one.value, tuple)}
    for row in range(TARGETS):
        indicator = answers.get(f"t{row}_indicator", "")
        if not indicator:
            continue
        operator = answers.get(f"t{row}_operator", "")
        if operator == "between":  # the form keeps a span as it was, since it has one field for a value
            value: Any = between.get(indicator)
            if value is None:
                problems[f"t{row}_operator"] = "Choose at least, at most or exactly."
        else:
            value = _value(answers.get(f"t{row}_value", ""), f"t{row}_value", problems)
        found.append(
            {
                "indicator": indicator,
                "part": answers.get(f"t{row}_part", "support"),
                "operator": operator,
                "value": value,
                "by_week": _number(answers, f"t{row}_week", problems),
            }
        )
    if not any(one["part"] == "main" for one in found):
        problems.setdefault("t0_indicator", "A plan needs a main target.")
    return found


def _steps(source: PlanTemplate, answers: Mapping[str, str], problems: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    known = template_data(source)["steps"]
    for row in range(STEPS):
        action = answers.get(f"s{row}_action", "").strip()
        if not action:
            continue
        before = known[row] if row < len(known) else {}
        kind = answers.get(f"s{row}_kind", "")
        cadence = answers.get(f"s{row}_cadence", "weekly")
        kinds = before.get("record_types", [])
        same = kind == (kinds[0] if kinds else "")
        step = {
            **before,
            "number": len(found) + 1,
            "role": answers.get(f"s{row}_role", ""),
            "action": action,
            "record": answers.get(f"s{row}_record", "").strip() or action,
            "record_types": kinds if same else [kind] if kind else [],
            "cadence": cadence,
            "at_least": _number(answers, f"s{row}_at_least", problems) or 1,
            "due_weekday": before.get("due_weekday") if cadence == "weekly" else None,
        }
        if not before or before.get("cadence") != cadence:
            step["rhythm"] = _RHYTHMS.get(cadence, cadence)
        found.append(step)
    if not found:
        problems["s0_action"] = "A plan needs at least one step."
    return found


def _declared(code: str) -> dict[str, Any]:
    """A warning as the catalogue's template that declares it has it."""
    for template in plan_templates().values():
        for one in template_data(template)["early_warnings"]:
            if one["code"] == code:
                return dict(one)
    return {"code": code, "title": code, "meaning": "", "rule": ""}


def _number(answers: Mapping[str, str], name: str, problems: dict[str, str]) -> int:
    typed = answers.get(name, "").strip()
    if not typed.isdecimal() or len(typed) > 3:
        problems[name] = "Give a whole number."
        return 1
    return int(typed)


def _value(typed: str, name: str, problems: dict[str, str]) -> float:
    try:
        found = float(typed.strip().removesuffix("%"))
    except ValueError:
        found = float("nan")
    if not abs(found) < 1e9:
        problems[name] = "Give a number."
        return 0.0
    return int(found) if found.is_integer() else found


_RHYTHMS = {
    "once": "Once, as the plan begins",
    "every_shift": "Every shift",
    "weekly": "Every week",
    "monthly": "Every month",
    "as_due": "As it falls due",
}
