"""Whether every name in the catalogue leads somewhere: types, fields, choices, statements, regulations, roles, plans."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from mendline.catalogue.frameworks import FrameworkVersion, Regulation, frameworks, regulations
from mendline.catalogue.indicators import IndicatorDefinition, indicator_catalogue
from mendline.catalogue.measures import Condition, Linked, Quantity
from mendline.catalogue.plans import EarlyWarning, PlanTemplate, plan_templates
from mendline.catalogue.record_types import RecordType, record_types
from mendline.catalogue.rules import anywhere
from mendline.catalogue.triggers import TriggerRule, triggers
from tenants.roles import ROLES

_LEVEL_TESTS = frozenset({"at_least", "at_most", "above", "below"})


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that refers or is referred to.

    Attributes:
        framework_version: the version whose nodes the indicators name.
    """

    framework_version: str
    indicators: Mapping[str, IndicatorDefinition]
    record_types: Mapping[str, RecordType]
    frameworks: Mapping[str, FrameworkVersion]
    regulations: Mapping[str, Regulation]
    plans: Mapping[str, PlanTemplate]
    rules: Mapping[str, TriggerRule]
    roles: Collection[str]


def catalogue_contents() -> Contents:
    """What the catalogue holds now."""
    return Contents(
        indicator_catalogue().framework_version,
        indicator_catalogue().definitions,
        record_types(),
        frameworks(),
        regulations(),
        plan_templates(),
        triggers().rules,
        ROLES,
    )


def dangling(contents: Contents) -> list[str]:
    """Each reference that leads nowhere, as a sentence that names the place; none is as it should be."""
    return [
        *_indicators(contents),
        *_record_types(contents),
        *_frameworks(contents),
        *_plans(contents),
        *_rules(contents),
    ]


def _missing(where: str, what: str, named: Collection[str], known: Collection[str]) -> Iterator[str]:
    for name in named:
        if name not in known:
            yield f"{where}: there is no {what} '{name}'"


def _indicators(contents: Contents) -> Iterator[str]:
    statements = contents.frameworks[contents.framework_version].nodes
    for key, definition in contents.indicators.items():
        records = (definition.source_record_type, *definition.supporting_records)
        yield from _missing(key, "record type", records, contents.record_types)
        yield from _missing(key, "quality statement", definition.quality_statements, statements)
        yield from _missing(key, "regulation", definition.regulations, contents.regulations)
        yield from _missing(key, "plan", definition.used_in, contents.plans)
        yield from _missing(
            key, "indicator", [definition.companion] if definition.companion else [], contents.indicators
        )
        for quantity in definition.measure.quantities() if definition.measure else ():
            yield from _quantity(key, quantity, contents.record_types)
        yield from _numerators(key, definition, contents.record_types)


def _numerators(key: str, definition: IndicatorDefinition, types: Mapping[str, RecordType]) -> Iterator[str]:
    measure = definition.measure
    for fraction in (measure.fraction, measure.less) if measure else ():
        if fraction is None or fraction.denominator.records not in types:
            continue
        counted = types[fraction.denominator.records]
        for condition in (
            *fraction.met_when,
            *fraction.met_any,
            *(each for one in fraction.met_one_of for each in one),
        ):
            yield from _condition(key, condition, counted)
        for link in fraction.met_linked:
            yield from _link(key, link, counted, types)


def _quantity(key: str, quantity: Quantity, types: Mapping[str, RecordType]) -> Iterator[str]:
    yield from _missing(key, "record type", [quantity.records], types)
    if quantity.records not in types:
        return
    counted = types[quantity.records]
    where = f"{key}, {counted.key}"
    dates = [
        name
        for name in (
            quantity.dated_by,
            quantity.ended_by,
            quantity.start,
            quantity.end,
            quantity.away_from,
            quantity.away_until,
        )
        if name
    ]
    yield from _kinds(where, dates, counted, lambda kind: kind in {"date", "datetime"}, "a date")
    numbers = [quantity.field] if quantity.take == "sum" and quantity.field else []
    numbers += [rule.field for rule in quantity.rules if rule.field]
    yield from _kinds(where, numbers, counted, lambda kind: kind in {"integer", "number"}, "a number")
    dates = [name for rule in quantity.rules for name in (rule.start, rule.end) if name]
    yield from _kinds(where, dates, counted, lambda kind: kind == "datetime", "a moment")
    others = [*quantity.latest_per, *([quantity.field] if quantity.field else [])]
    yield from _missing(where, "field", others, [field.name for field in counted.fields])
    if quantity.dated_by not in {None, counted.happened_field, counted.also_dated_by}:
        yield f"{where}: '{quantity.dated_by}' is neither the type's happened field nor its also_dated_by"
    for condition in (*quantity.when, *quantity.any_of, *quantity.still):
        yield from _condition(key, condition, counted)
    for link in quantity.linked:
        yield from _link(key, link, counted, types)


def _kinds(
    where: str, names: Collection[str], counted: RecordType, fits: Callable[[str], bool], what: str
) -> Iterator[str]:
    for name in names:
        found = next((field for field in counted.fields if field.name == name), None)
        if found is None:
            yield f"{where}: there is no field '{name}'"
        elif not fits(found.kind):
            yield f"{where}: '{name}' is not {what}"


def _link(key: str, link: Linked, counted: RecordType, types: Mapping[str, RecordType]) -> Iterator[str]:
    yield from _missing(key, "record type", [link.records], types)
    if link.records not in types:
        return
    for one in (counted, types[link.records]):
        yield from _missing(f"{key}, {one.key}", "field", [link.same], [field.name for field in one.fields])
    for condition in link.when:
        yield from _condition(key, condition, types[link.records])


def _condition(key: str, condition: Condition, counted: RecordType) -> Iterator[str]:
    where = f"{key}, {counted.key}"
    names = [condition.field] + ([condition.other] if condition.other else [])
    yield from _missing(where, "field", names, [field.name for field in counted.fields])
    found = next((field for field in counted.fields if field.name == condition.field), None)
    if found is None:
        return
    named = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    if found.choices:
        yield from _missing(f"{where}, {found.name}", "choice", [str(one) for one in named if one], found.choices)
    if isinstance(condition.value, bool) != (found.kind == "boolean" and condition.value is not None):
        yield f"{where}: '{found.name}' is compared with a value of another kind"
    if condition.test in _LEVEL_TESTS and found.kind not in {"integer", "number"}:
        yield f"{where}: '{found.name}' is not a number"


def _record_types(contents: Contents) -> Iterator[str]:
    for key, declared in contents.record_types.items():
        yield from _missing(key, "role", declared.entered_by, contents.roles)
        statements = contents.frameworks[contents.framework_version].nodes
        yield from _missing(key, "quality statement", declared.quality_statements, statements)


def _frameworks(contents: Contents) -> Iterator[str]:
    for version, framework in contents.frameworks.items():
        for code, node in framework.nodes.items():
            named = (*node.regulations, *node.also_considered)
            yield from _missing(f"{version}, {code}", "regulation", named, contents.regulations)
        if framework.crosswalk is None:
            continue
        yield from _missing(version, "framework", [framework.crosswalk.from_version], contents.frameworks)
        earlier = contents.frameworks.get(framework.crosswalk.from_version)
        for crossing in framework.crosswalk.crossings:
            yield from _missing(f"{version}, crosswalk", "node", [crossing.from_node], earlier.nodes if earlier else ())
            yield from _missing(f"{version}, crosswalk", "node", [crossing.to_node], framework.nodes)


def _plans(contents: Contents) -> Iterator[str]:
    statements = contents.frameworks[contents.framework_version].nodes
    for key, plan in contents.plans.items():
        yield from _missing(key, "regulation", plan.regulations, contents.regulations)
        yield from _missing(key, "quality statement", plan.quality_statements, statements)
        yield from _missing(key, "trigger", plan.triggers, contents.rules)
        expected = [one.indicator for stone in plan.milestones for one in stone.expects]
        yield from _missing(key, "indicator", [*plan.indicators, *expected], contents.indicators)
        yield from _missing(
            key,
            "role",
            [*(step.role for step in plan.steps), *(review.role for review in plan.reviews)],
            contents.roles,
        )
        records = [name for step in plan.steps for name in step.record_types]
        records += [name for source in plan.evidence for name in source.record_types]
        yield from _missing(key, "record type", records, contents.record_types)
        for warning in plan.early_warnings:
            yield from _reads(f"{key}, {warning.code}", warning, contents)


def _rules(contents: Contents) -> Iterator[str]:
    codes = {warning.code for plan in contents.plans.values() for warning in plan.early_warnings} | set(anywhere())
    for key, rule in contents.rules.items():
        yield from _missing(key, "role", [rule.to_role], contents.roles)
        yield from _missing(key, "early warning", rule.early_warnings, codes)
        yield from _missing(key, "plan", [rule.plan] if rule.plan else [], contents.plans)
        yield from _reads(key, rule, contents)


def _reads(where: str, one: EarlyWarning | TriggerRule, contents: Contents) -> Iterator[str]:
    yield from _missing(where, "indicator", one.indicators, contents.indicators)
    yield from _missing(where, "record type", one.records, contents.record_types)
