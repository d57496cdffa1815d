"""Every rule that is asked of a service: early warnings of the plans and triggers, in one form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Literal

from mendline.catalogue.conditions import Condition
from mendline.catalogue.plans import EarlyWarning, plan_templates
from mendline.catalogue.reading import DATA, CatalogueError, build, read_yaml, unique
from mendline.catalogue.triggers import TriggerRule, triggers

_NOTHING: Mapping[str, float] = MappingProxyType({})
_NO_LIMITS: Mapping[str, tuple[float, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition with its words, its numbers and what it opens.

    Attributes:
        key: a warning's code, such as M1, or a trigger's key.
        version: of the file that declares the condition; an episode keeps it.
        meaning: one sentence for people.
        statement: the condition in the rule language, as the reference has it.
        plan: the plan template that it belongs to; none means any recovery.
        indicators: figures that it is about, the likeliest anchor of an escalation first.
        opens: the kind of trigger; none for an early warning, which opens nothing by itself.
    """

    key: str
    version: str
    family: Literal["warning", "trigger"]
    title: str
    meaning: str
    statement: str
    plan: str | None
    condition: Condition
    thresholds: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    limits: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: _NO_LIMITS)
    indicators: tuple[str, ...] = ()
    opens: str | None = None
    to_role: str = "registered_manager"
    same_day: bool = False
    also: str | None = None
    each_indicator: bool = False
    contradiction: bool = False
    again_after_days: int = 28

    @property
    def reads(self) -> frozenset[str]:
        """What a change must touch for the answer to change."""
        return self.condition.reads()


@dataclass(frozen=True, slots=True)
class _Warning:
    """A condition; its words are those of the plan that declares the code, or its own where it is of any recovery."""

    code: str
    condition: Condition
    title: str | None = None
    meaning: str | None = None
    rule: str = ""
    thresholds: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    limits: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: _NO_LIMITS)


@dataclass(frozen=True, slots=True)
class _Warnings:
    version: str
    warnings: tuple[_Warning, ...]


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule of the catalogue by its key, warnings first: a trigger may ask for them.

    Raises:
        CatalogueError: a warning has no words, or a threshold has no number.
    """
    name = "early_warnings.yaml"
    read = build(_Warnings, read_yaml(DATA / name), name)
    said = {warning.code: (plan.key, warning) for plan in plan_templates().values() for warning in plan.early_warnings}
    found = [
        _of_warning(said.get(one.code) or _anywhere(one, name), one, read.version)
        for one in unique(read.warnings, "code", name).values()
    ]
    known = triggers()
    found += [_of_trigger(rule, known.version) for rule in known.rules.values() if rule.condition is not None]
    for rule in found:
        _whole(rule)
    return MappingProxyType(unique(found, "key", "rules"))


def anywhere() -> tuple[str, ...]:
    """The codes of the warnings that hold for any recovery, whatever its plan."""
    return tuple(rule.key for rule in rules().values() if rule.family == "warning" and rule.plan is None)


@cache
def touched_by() -> Mapping[str, tuple[str, ...]]:
    """What is read -> the rules that read it, those included that ask for a warning that reads it."""
    index: dict[str, list[str]] = {}
    for rule in rules().values():
        for name in rule.reads:
            index.setdefault(name, []).append(rule.key)
            if name.startswith("warning:"):
                for under in rules()[name.removeprefix("warning:")].reads:
                    index.setdefault(under, []).append(rule.key)
    return MappingProxyType({name: tuple(dict.fromkeys(keys)) for name, keys in index.items()})


def rules_touched(changed: Iterable[str], plans: Iterable[str]) -> tuple[Rule, ...]:
    """The rules that a change can touch, of those that hold for the plans of a service; warnings first.

    Args:
        changed: what changed, such as `record:feedback`, `figure:mar_compliance_pct`, `actions`, `rule:M1` for
            one rule, or `*` for everything.
        plans: the keys of the plan templates that the service follows, and of the rules that its own templates name.
    """
    here = {None, *plans}
    names = set(changed)
    if any(name.startswith("figure:") for name in names):
        names.add("figure:*")
    index = touched_by()
    keys = set(rules()) if "*" in names else {key for name in names for key in index.get(name, ())}
    keys |= {name.removeprefix("rule:") for name in names if name.startswith("rule:")}
    return tuple(rule for rule in rules().values() if rule.key in keys and (rule.plan in here or rule.key in here))


def _anywhere(one: _Warning, name: str) -> tuple[None, EarlyWarning]:
    """A warning of any recovery, in its own words."""
    if one.title is None or one.meaning is None:
        raise CatalogueError(f"{name}, {one.code}: no plan template declares such a warning, and it has no words")
    return None, EarlyWarning(one.code, one.title, one.meaning, one.rule, thresholds=one.thresholds)


def _of_warning(declared: tuple[str | None, EarlyWarning], one: _Warning, version: str) -> Rule:
    plan, said = declared
    return Rule(
        key=one.code,
        version=version,
        family="warning",
        title=said.title,
        meaning=said.meaning,
        statement=said.rule,
        plan=plan,
        condition=one.condition,
        thresholds=said.thresholds,
        limits=one.limits,
        indicators=said.indicators,
        contradiction=said.contradiction,
    )


def _of_trigger(rule: TriggerRule, version: str) -> Rule:
    if rule.condition is None:
        raise CatalogueError(f"triggers.yaml, {rule.key}: has no condition")
    return Rule(
        key=rule.key,
        version=version,
        family="trigger",
        title=rule.title,
        meaning=rule.also or triggers().kinds[rule.opens].asks,
        statement=rule.when,
        plan=rule.plan,
        condition=rule.condition,
        thresholds=rule.thresholds,
        limits=rule.limits,
        indicators=rule.indicators,
        opens=rule.opens,
        to_role=rule.to_role,
        same_day=rule.same_day,
        also=rule.also,
        each_indicator=rule.each_indicator,
        contradiction=rule.contradiction,
        again_after_days=rule.again_after_days,
    )


def _whole(rule: Rule) -> None:
    missing = rule.condition.thresholds() - rule.thresholds.keys()
    if missing:
        raise CatalogueError(f"{rule.key}: the condition uses '{min(missing)}', which has no number")
    for name, limits in rule.limits.items():
        if name not in rule.thresholds or len(limits) != 2 or not limits[0] <= rule.thresholds[name] <= limits[1]:
            raise CatalogueError(f"{rule.key}: the limits of '{name}' do not enclose its number")
