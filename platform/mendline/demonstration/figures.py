"""Indicators that services run, with baseline and target, and their figures week by week."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from math import fsum
from typing import Any
from uuid import uuid5

from mendline.catalogue.calendar import next_period, period_final_on
from mendline.catalogue.indicators import Cadence, IndicatorDefinition, indicator_definition
from mendline.demonstration.model import DemoBaseline, DemoIndicator, DemoObservation, DemoService, DemoTarget
from mendline.demonstration.organisations import label
from mendline.demonstration.sources import Clock, Told, at, named, series, stories

_ORDER = (
    "mar_compliance_pct",
    "medicines_discrepancy_review_median_hours",
    "care_review_on_time_pct",
    "care_review_actions_closed_on_time_pct",
    "call_bell_within_standard_pct",
    "timely_support_feedback_positive_pct",
    "safeguarding_referral_within_24h_pct",
    "actions_closed_on_time_pct",
    "people_feedback_positive_pct",
    "infection_rate",
)
_FINAL_AFTER = 12  # days after a period's end by which it is final, whatever the bank holidays
_STARTED = date(2026, 4, 6)  # when services without a recovery plan began with Mendline


def indicators(services: Iterable[DemoService], clock: Clock) -> Iterator[tuple[DemoIndicator, Told]]:
    """Each indicator with the series behind it, in the order in which a service shows them."""
    homes = {service.key: service for service in services}
    for key, told in _by_service(homes).items():
        story = {one["key"]: one for one in stories().get(key, {}).get("indicators", [])}
        whole = "plan" in stories().get(key, {})
        for place, line in enumerate(sorted(told, key=lambda one: _place(one, story, whole=whole)), start=1):
            yield _indicator(homes[key], line, story.get(line.indicator, {}), place, clock), line


def _by_service(homes: Mapping[str, DemoService]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {key: [] for key in homes}
    for line in series():
        found[line.service].append(line)
    return found


def _place(line: Told, story: Mapping[str, Any], *, whole: bool) -> int:
    """A service with a plan shows its indicators as its story orders them, the others as the catalogue's demo does."""
    return list(story).index(line.indicator) if whole else _ORDER.index(line.indicator)


def _indicator(service: DemoService, line: Told, told: Mapping[str, Any], place: int, clock: Clock) -> DemoIndicator:
    definition = indicator_definition(line.indicator)
    target = told.get("target", {})
    started = clock.day(target.get("from", _STARTED))
    return DemoIndicator(
        provider_id=service.provider_id,
        service_id=service.service_id,
        indicator_id=named("indicator", service.key, line.indicator),
        definition_key=line.indicator,
        definition_version=definition.version,
        cadence=line.cadence,
        review_owner=told.get("owner", label(service.registered_manager)),
        review_owner_role=told.get("owner_role", "registered_manager"),
        review_every_days=14 if line.cadence == "weekly" else 28,
        display_order=place,
        in_plan=bool(told.get("in_plan", "plan" in stories().get(service.key, {}))),
        started_on=started,
        # A baseline is frozen when recovery begins: a service that is not in recovery has none.
        baseline=None
        if target.get("operator") == "monitor_only"
        or not (told.get("baseline") or "plan" in stories().get(service.key, {}))
        else _baseline(service, line, told.get("baseline"), definition, clock),
        target=_target(target, definition, started, clock),
    )


def _target(told: Mapping[str, Any], definition: IndicatorDefinition, started: date, clock: Clock) -> DemoTarget:
    if told:
        return DemoTarget(told["operator"], told.get("value"), started, clock.maybe(told.get("reach_by")))
    value = definition.target.value
    if isinstance(value, float) and definition.target.operator in {">=", "<=", "=="}:
        return DemoTarget(definition.target.operator, value, started, None)
    return DemoTarget("monitor_only", None, started, None)


def _baseline(
    service: DemoService, line: Told, told: Mapping[str, Any] | None, definition: IndicatorDefinition, clock: Clock
) -> DemoBaseline | None:
    """The pooled position over the baseline's periods; none where the series does not reach back to them."""
    if told is None:
        first, periods = (_STARTED, 12) if line.cadence == "weekly" else (date(2026, 4, 1), 6)
        told = {
            "first": first,
            "periods": periods,
            "signed_by": label(service.registered_manager),
            "approved_by": "H Marsh",
        }
    first = clock.day(told["first"]) if line.cadence == "weekly" else _month_of(clock, told["first"])
    starts = [clock.period(line.cadence, back + line.late) for back in range(len(line.denominators))][::-1]
    rows = [row for row in zip(starts, line.numerators, line.denominators, line.values, strict=True) if row[0] >= first]
    rows = [row for row in rows[: told["periods"]] if row[2] and (row[1] is not None or row[3] is not None)]
    if not rows or first not in starts:
        return None
    whole = fsum(row[2] or 0 for row in rows)
    part = fsum(row[1] or 0 for row in rows) if rows[0][1] is not None else None
    value = _pooled(definition, part, whole) if part is not None else _middle([row[3] or 0 for row in rows])
    return DemoBaseline(
        first_period=first,
        last_period=rows[-1][0],
        periods=len(rows),
        numerator=part,
        denominator=whole if part is not None else None,
        value=value,
        method="Pooled over the periods before recovery began"
        if part is not None
        else "Median of the periods before recovery began",
        signed_by=told["signed_by"],
        approved_by=told["approved_by"],
    )


def _month_of(clock: Clock, written: date) -> date:
    """A written month, as far before the newest month as it is before October 2026."""
    return clock.period("monthly", (2026 * 12 + 9) - (written.year * 12 + written.month - 1))


def _pooled(definition: IndicatorDefinition, part: float, whole: float) -> float:
    return part / whole * (definition.rate_per or 100)


def _middle(values: list[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def observations(
    indicator: DemoIndicator, line: Told, clock: Clock, told: Mapping[str, Any]
) -> Iterator[DemoObservation]:
    """The figures of one indicator, oldest first; a corrected figure is followed by its correction."""
    count = len(line.denominators)
    for place in range(count):
        back = count - 1 - place + line.late
        start = clock.period(indicator.cadence, back)
        made = _observation(indicator, start, line, place, clock)
        revised = told.get("revised")
        if revised is None or revised["back"] != back or made.denominator is None:
            yield made
            continue
        earlier = round(made.denominator * revised["earlier"] / 100)
        yield replace(made, numerator=float(earlier), state="final")
        yield replace(
            made,
            observation_id=uuid5(indicator.indicator_id, f"{start}/2"),
            revision=2,
            state="revised",
            reason=revised["reason"],
            recorded_at=at(next_period(_cadence(indicator), start), 16, 20),
        )


@lru_cache(maxsize=1024)
def _after(cadence: Cadence, start: date) -> date:
    return next_period(cadence, start)


def _cadence(indicator: DemoIndicator) -> Cadence:
    return "weekly" if indicator.cadence == "weekly" else "monthly"


def _observation(indicator: DemoIndicator, start: date, line: Told, place: int, clock: Clock) -> DemoObservation:
    part, whole, value = line.numerators[place], line.denominators[place], line.values[place]
    after = _after(_cadence(indicator), start)
    if whole == 0:
        part, whole, state = None, None, "not_applicable"
    elif part is None and value is None:
        part, whole, state = None, None, "missing"
    else:
        open_still = (clock.today - after).days < _FINAL_AFTER and clock.today <= period_final_on(
            _cadence(indicator), start
        )
        state = "provisional" if open_still else "final"
    return DemoObservation(
        provider_id=indicator.provider_id,
        service_id=indicator.service_id,
        indicator_id=indicator.indicator_id,
        observation_id=uuid5(indicator.indicator_id, f"{start}/1"),
        period_start=start,
        revision=1,
        numerator=part,
        denominator=whole,
        value=value,
        state=state,
        reason=None,
        recorded_at=at(min(after, clock.today), 0, 5) if after >= clock.today else at(after, 7, 40),
    )
