"""One indicator of every service by its size: what is unlikely to be chance, and what is.

Fewer than 5 services give no funnel, 5 to 9 the unadjusted limits, 10 or more those adjusted for overdispersion where
there is any. Services with fewer than 6 counted are too small to compare and are left out. Nothing is ranked.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.catalogue.wording import of
from mendline.comparison.queries import RecentCounts, StatusCell
from mendline.indicators.chart_funnel import FunnelChart, FunnelLimit, FunnelPoint, funnel_chart
from mendline.indicators.chart_spec import Mark
from mendline.indicators.charting import unit_of
from mendline.statistics.funnel import Funnel, FunnelService, funnel, proportion_curve

FEWEST_SERVICES = 5
FEWEST_TO_ADJUST = 10
SMALLEST_DENOMINATOR = 6
CURVE_POINTS = 40
MEASURED_DIFFERENTLY = 3.0


@dataclass(frozen=True, slots=True)
class FunnelCard:
    """The drawing with its heading and the words that say how to read it."""

    heading: str
    note: str
    chart: FunnelChart


def funnel_card(key: str, counts: Sequence[RecentCounts], names: Mapping[uuid.UUID, str]) -> FunnelCard | None:
    """The funnel of one proportion over the newest four periods; None where there is too little to compare."""
    definition = indicator_definition(key)
    known = [each for each in counts if each.service_id in names and each.denominator >= SMALLEST_DENOMINATOR]
    if len(known) < FEWEST_SERVICES:
        return None
    placed = funnel(
        [str(each.service_id) for each in known],
        [each.numerator for each in known],
        [each.denominator for each in known],
        kind="PR",
        adjust=len(known) >= FEWEST_TO_ADJUST,
    )
    sizes = np.geomspace(
        min(each.denominator for each in known), max(each.denominator for each in known) * 1.05, CURVE_POINTS
    )
    limits = [
        FunnelLimit(float(size), 100 * at.lower_95, 100 * at.upper_95, 100 * at.lower_998, 100 * at.upper_998)
        for size, at in zip(sizes, proportion_curve(placed, sizes.tolist()), strict=True)
    ]
    chart = funnel_chart(
        definition.name,
        unit_of(definition),
        [_point(each, definition, placed, names[uuid.UUID(each.group)]) for each in placed.services],
        limits,
        centre=100 * placed.centre,
        volume_word=f"{_counted(definition)}, last 4 periods",
    )
    return FunnelCard(f"{definition.short_name}, by volume", _note(placed, len(names) - len(known)), chart)


def most_counted(cells: Sequence[StatusCell]) -> str:
    """The proportion with the largest denominators, which a funnel says most about; empty where there is none."""
    sizes: dict[str, float] = {}
    for cell in cells:
        if cell.denominator and indicator_definition(cell.definition_key).measure_type == "proportion":
            sizes[cell.definition_key] = sizes.get(cell.definition_key, 0) + cell.denominator
    return max(sizes, key=lambda key: sizes[key], default="")


def _point(each: FunnelService, definition: IndicatorDefinition, placed: Funnel, name: str) -> FunnelPoint:
    mark: Mark = "usual"
    if each.outlier:
        better = (each.ratio > placed.centre) == (definition.direction == "higher_is_better")
        mark = "improvement" if better else "concern"
    return FunnelPoint(name, each.denominator, 100 * each.ratio, mark, of(each.numerator, each.denominator))


def _note(placed: Funnel, left_out: int) -> str:
    said = "Outside the solid curves is unlikely to be chance (99.8%). Not adjusted for needs."
    if placed.adjusted:
        said += " The curves are widened, because services vary more than chance alone."
    if placed.adjusted and placed.phi > MEASURED_DIFFERENTLY:
        said += " It may be measured differently between services: ask that first."
    if left_out:
        said += f" {left_out} with too few to compare {'is' if left_out == 1 else 'are'} left out."
    return said


def _counted(definition: IndicatorDefinition) -> str:
    words = (definition.denominator or "Counted").split(" in the period")[0]
    return words if len(words) <= 40 else "Counted"
