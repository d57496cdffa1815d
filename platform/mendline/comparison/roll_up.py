"""One indicator over all like services for one period: numerators and denominators are pooled, percentages never averaged.

79% of 100 and 100% of 2 people are not 'about 90%'. A median of medians is no median either: where the parts of a
figure do not add up, the roll-up shows the spread of the services and no pooled value.
"""

import math
import statistics
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from mendline.catalogue.calendar import period_end
from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.indicators.figures import WITHOUT_FIGURES, value_of
from mendline.indicators.targets import TargetFact, misses_target, target_on

_POOLED = frozenset({"sum_num_den", "pooled_rate", "recompute_pooled"})

Part = Literal["pooled", "beside", "without", "none", "not_expected", "unlike"]


@dataclass(frozen=True, slots=True)
class ServiceFigure:
    """What one service contributes: its newest revision for the period, or nothing.

    Attributes:
        expected: whether the indicator and the service were running in the period.
        state: None where there is no observation.
    """

    service_id: uuid.UUID
    indicator_id: uuid.UUID
    version: str
    cadence: Cadence
    expected: bool
    state: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    value: float | None = None
    recorded_at: datetime | None = None
    targets: tuple[TargetFact, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reported:
    figure: ServiceFigure
    value: float
    large_enough: bool


def roll_up_of(
    definition: IndicatorDefinition, service_kind: str, period_start: date, figures: Sequence[ServiceFigure]
) -> dict[str, Any] | None:
    """The row of `roll_up` without its provider; None where nothing is rolled up.

    Args:
        definition: its newest version; figures of other versions are not like ones and stay out.
        service_kind: the kind of all the services.
        period_start: first day of the period.
        figures: one per service that runs the indicator.
    """
    if definition.rollup == "not_rolled_up":
        return None
    cadence = cadence_of(period_start, definition)
    like = [figure for figure in figures if is_like(definition, cadence, figure)]
    told = [_reported(definition, figure) for figure in like]
    reported = [one for one in told if one is not None]
    expected = {figure.service_id for figure in like if figure.expected} | {one.figure.service_id for one in reported}
    if not expected:
        return None
    judged = [one for one in reported if one.large_enough]
    worst = _worst(definition, judged)
    numerator, denominator, value = _pooled(definition, reported)
    end = period_end(cadence, period_start)
    return {
        "definition_key": definition.key,
        "service_kind": service_kind,
        "period_start": period_start,
        "services_expected": len(expected),
        "services_reporting": len({one.figure.service_id for one in reported}),
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        "worst_service_id": worst.figure.service_id if worst else None,
        "worst_value": worst.value if worst else None,
        "below_target": sum(
            definition.is_judged and misses_target(one.value, target_on(one.figure.targets, end)) for one in judged
        ),
        "spread": _spread(judged, len(reported) - len(judged)),
        "facts_recorded_at": max((one.figure.recorded_at for one in reported if one.figure.recorded_at), default=None),
    }


def cadence_of(period_start: date, definition: IndicatorDefinition) -> Cadence:
    """Whether a first day means a week or a month; a Monday that is also the first of a month, as the catalogue says."""
    monday, first = period_start.weekday() == 0, period_start.day == 1
    if monday and first:
        return definition.cadence
    return "weekly" if monday else "monthly"


def is_like(definition: IndicatorDefinition, cadence: Cadence, figure: ServiceFigure) -> bool:
    """Whether a figure counts the same thing in the same rhythm, so that it can be pooled with others."""
    return figure.version == definition.version and figure.cadence == cadence


def has_parts(figure: ServiceFigure) -> bool:
    """Whether there is a numerator over something: 0 out of 0 adds nothing."""
    return figure.numerator is not None and bool(figure.denominator)


def part_in(definition: IndicatorDefinition, period_start: date, figure: ServiceFigure) -> Part:
    """What one service's figure is in a roll-up: part of what was pooled, or the reason why it is not.

    Worked example, of a share counted weekly: 8 of 10, final: pooled. Nothing sent for a week in which the service ran:
    none. Counted monthly, or under an earlier definition: unlike. The service closed the week before: not expected.
    """
    if not is_like(definition, cadence_of(period_start, definition), figure):
        return "unlike"
    if figure.state is None:
        return "none" if figure.expected else "not_expected"
    if _reported(definition, figure) is None:
        return "without"
    if definition.rollup == "sum_count" or (definition.rollup in _POOLED and has_parts(figure)):
        return "pooled"
    return "beside"


def _reported(definition: IndicatorDefinition, figure: ServiceFigure) -> _Reported | None:
    if figure.state is None or figure.state in WITHOUT_FIGURES:
        return None
    made = value_of(definition, figure.numerator, figure.denominator)
    value = figure.value if made is None else made
    if value is None:
        return None
    enough = figure.denominator is None or figure.denominator >= definition.minimum_n
    return _Reported(figure, value, enough)


def _pooled(
    definition: IndicatorDefinition, reported: Sequence[_Reported]
) -> tuple[float | None, float | None, float | None]:
    if definition.rollup == "sum_count":
        total = math.fsum(one.value for one in reported) if reported else None
        return total, None, total
    if definition.rollup not in _POOLED:
        return None, None, None
    parts = [one.figure for one in reported if has_parts(one.figure)]
    if not parts:
        return None, None, None
    numerator = math.fsum(part.numerator or 0 for part in parts)
    denominator = math.fsum(part.denominator or 0 for part in parts)
    return numerator, denominator, value_of(definition, numerator, denominator)


def _worst(definition: IndicatorDefinition, judged: Sequence[_Reported]) -> _Reported | None:
    """The service furthest on the bad side; of equals the same one every time. None where neither side is bad."""
    sign = {"higher_is_better": 1, "lower_is_better": -1}.get(definition.direction)
    if sign is None or not judged:
        return None
    return min(judged, key=lambda one: (sign * one.value, str(one.figure.service_id)))


def _spread(judged: Sequence[_Reported], too_small: int) -> dict[str, Any]:
    values = [one.value for one in judged]
    return {
        "lowest": min(values, default=None),
        "median": statistics.median(values) if values else None,
        "highest": max(values, default=None),
        "too_small": too_small,
    }
