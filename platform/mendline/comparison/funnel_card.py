"""One indicator of every service of a kind by its size: what is unlikely to be chance, and what is.

Like is compared with like: services of one kind. Fewer than 5 give no funnel, 5 to 9 the unadjusted limits, 10 or more
those adjusted for overdispersion where there is any. Services with fewer than 6 counted are too small to compare and are
left out. A rate is compared as observed over expected at the pooled rate. What is named lies beyond the 99.8% limits and
stays unusual when the number of services is allowed for (Benjamini-Hochberg); `standing_out` lists over many indicators.
Nothing is ranked.
"""

import math
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.catalogue.wording import of
from mendline.comparison.queries import RecentCounts, StatusCell
from mendline.indicators.chart_funnel import FunnelChart, FunnelLimit, FunnelPoint, funnel_chart
from mendline.indicators.chart_spec import Mark
from mendline.indicators.charting import unit_of
from mendline.places.rows import ServiceLine
from mendline.places.wording import KIND_WORDS
from mendline.statistics.fdr import alarms, benjamini_hochberg
from mendline.statistics.funnel import (
    Funnel,
    FunnelLimits,
    FunnelService,
    expected_events,
    funnel,
    proportion_curve,
    ratio_curve,
)

FEWEST_SERVICES = 5
FEWEST_TO_ADJUST = 10
SMALLEST_DENOMINATOR = 6
CURVE_POINTS = 40
MEASURED_DIFFERENTLY = 3.0
BEYOND_998 = 0.002
MEASURES = ("proportion", "rate")


@dataclass(frozen=True, slots=True)
class FunnelCard:
    """The drawing with its heading and the words that say how to read it."""

    heading: str
    note: str
    chart: FunnelChart


@dataclass(frozen=True, slots=True)
class Group:
    """Services of one kind that an indicator compares, with their funnel.

    Attributes:
        kind: of the services that are compared.
        kinds: of all services that were given, by service.
        known: those compared, in any order.
        scale: what turns a ratio of the funnel into the indicator's unit.
        curve: its limits at any volumes.
    """

    kind: str
    kinds: Mapping[uuid.UUID, str]
    known: Mapping[str, RecentCounts]
    placed: Funnel
    scale: float
    curve: Callable[[Sequence[float]], tuple[FunnelLimits, ...]]


def group_of(
    definition: IndicatorDefinition, counts: Sequence[RecentCounts], lines: Sequence[ServiceLine]
) -> Group | None:
    """The services that are compared by a proportion or a rate; None where there is too little to compare."""
    if definition.measure_type not in MEASURES:
        return None
    kinds = {line.service_id: line.kind for line in lines}
    large = [each for each in counts if each.service_id in kinds and each.denominator >= SMALLEST_DENOMINATOR]
    kind, _ = Counter(kinds[each.service_id] for each in large).most_common(1)[0] if large else ("", 0)
    known = [each for each in large if kinds[each.service_id] == kind]
    if len(known) < FEWEST_SERVICES or not sum(each.numerator for each in known):
        return None
    return Group(kind, kinds, {str(each.service_id): each for each in known}, *_placed(definition, known))


def funnel_card(
    key: str, counts: Sequence[RecentCounts], lines: Sequence[ServiceLine], ways: Mapping[uuid.UUID, str]
) -> FunnelCard | None:
    """The funnel of a proportion or a rate over the newest four periods; None where there is too little to compare.

    Args:
        key: of the indicator.
        counts: of each service.
        lines: the services.
        ways: from a service to the figures that its counts are summed from.
    """
    definition = indicator_definition(key)
    group = group_of(definition, counts, lines)
    if group is None:
        return None
    volumes = [each.denominator for each in group.known.values()]
    sizes = np.geomspace(min(volumes), max(volumes) * 1.05, CURVE_POINTS)
    limits = [
        FunnelLimit(size, *(group.scale * edge for edge in (at.lower_95, at.upper_95, at.lower_998, at.upper_998)))
        for size, at in zip(sizes.tolist(), group.curve(sizes.tolist()), strict=True)
    ]
    named = alarmed(group.placed)
    names = {line.service_id: line.name for line in lines}
    chart = funnel_chart(
        definition.name,
        unit_of(definition),
        [
            FunnelPoint(
                names[group.known[each.group].service_id],
                group.known[each.group].denominator,
                group.scale * each.ratio,
                mark_of(each, definition, group.placed) if alarm else "usual",
                of(group.known[each.group].numerator, group.known[each.group].denominator),
                ways.get(group.known[each.group].service_id, ""),
            )
            for each, alarm in zip(group.placed.services, named, strict=True)
        ],
        limits,
        centre=group.scale * group.placed.centre,
        volume_word=f"{_counted(definition)}, last 4 periods",
    )
    left_out = sum(each == group.kind for each in group.kinds.values()) - len(group.known)
    note = _note(group.placed, group.kind, group.kinds, left_out)
    return FunnelCard(f"{definition.short_name}, by volume", note, chart)


def alarmed(placed: Funnel) -> tuple[bool, ...]:
    """Which services lie beyond the 99.8% limits and stay unusual when it is allowed for how many are compared."""
    named = alarms(benjamini_hochberg(chances(placed)))
    return tuple(outside and alarm for outside, alarm in zip(beyond(placed), named, strict=True))


def chances(placed: Funnel) -> list[float | None]:
    """How likely chance alone would place each service so far off.

    One without any event lies below each limit of a ratio; how unusual that is, its expected events say.
    """
    return [_exact_none(each) if each.numerator == 0 and each.z is None else each.p for each in placed.services]


def beyond(placed: Funnel) -> list[bool]:
    """Which services lie beyond the 99.8% limits."""
    return [
        each.outlier and (each.numerator > 0 or chance is None or chance <= BEYOND_998)
        for each, chance in zip(placed.services, chances(placed), strict=True)
    ]


def _exact_none(each: FunnelService) -> float:
    return min(1.0, 2 * math.exp(-each.denominator))


def _placed(
    definition: IndicatorDefinition, known: Sequence[RecentCounts]
) -> tuple[Funnel, float, Callable[[Sequence[float]], tuple[FunnelLimits, ...]]]:
    """The funnel, what turns its ratios into the indicator's unit, and its limits at any volume."""
    groups = [str(each.service_id) for each in known]
    events, volumes = [each.numerator for each in known], [each.denominator for each in known]
    adjust = len(known) >= FEWEST_TO_ADJUST
    if definition.measure_type == "proportion":
        made = funnel(groups, events, volumes, kind="PR", adjust=adjust)
        return made, 100.0, partial(proportion_curve, made)
    pooled = sum(events) / sum(volumes)
    placed = funnel(groups, events, expected_events(events, volumes), kind="SR", adjust=adjust, round_expected=False)

    def curve(sizes: Sequence[float]) -> tuple[FunnelLimits, ...]:
        return ratio_curve(placed, [size * pooled for size in sizes])

    return placed, pooled * (definition.rate_per or 1), curve


def most_counted(cells: Sequence[StatusCell]) -> str:
    """The proportion with the largest denominators, which a funnel says most about; empty where there is none."""
    sizes: dict[str, float] = {}
    for cell in cells:
        if cell.denominator and indicator_definition(cell.definition_key).measure_type == "proportion":
            sizes[cell.definition_key] = sizes.get(cell.definition_key, 0) + cell.denominator
    return max(sizes, key=lambda key: sizes[key], default="")


def mark_of(each: FunnelService, definition: IndicatorDefinition, placed: Funnel) -> Mark:
    """Which way a service lies: better or worse than all together."""
    better = (each.ratio > placed.centre) == (definition.direction == "higher_is_better")
    return "improvement" if better else "concern"


def _note(placed: Funnel, kind: str, kinds: Mapping[uuid.UUID, str], left_out: int) -> str:
    said = "Outside the solid curves is unlikely to be chance (99.8%); between the curves is worth a look. Not adjusted for needs."
    if placed.adjusted:
        said += " The curves are widened, because services vary more than chance alone."
    if placed.adjusted and placed.phi > MEASURED_DIFFERENTLY:
        said += " It may be measured differently between services: ask that first."
    if len(set(kinds.values())) > 1:
        said += f" Of one kind only: {KIND_WORDS.get(kind, 'service').lower()}."
    if left_out:
        said += f" {left_out} with too few to compare {'is' if left_out == 1 else 'are'} left out."
    return said


def _counted(definition: IndicatorDefinition) -> str:
    words = (definition.denominator or "Counted").split(" in the period")[0]
    return words if len(words) <= 40 else "Counted"
