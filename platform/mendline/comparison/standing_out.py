"""Services that stand out from others of their kind, over all compared indicators: what is unlikely to be chance.

A list over many indicators allows for both numbers: of the services of each indicator, and of the indicators of each
service (Benjamini-Hochberg in both families). Standing out says nothing of change over time, nor the other way round.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mendline.catalogue.indicators import indicator_definition
from mendline.comparison.funnel_card import Group, beyond, chances, group_of, mark_of
from mendline.comparison.queries import RecentCounts
from mendline.indicators.chart_spec import Mark
from mendline.places.rows import ServiceLine
from mendline.statistics.fdr import alarms_in_both


@dataclass(frozen=True, slots=True)
class StandsOut:
    """A service's figure of the newest four periods beside that of all together.

    Attributes:
        value: the service's own, in the indicator's unit.
        together: of all compared services, numerators and denominators added before they are divided; in the same unit.
        numerator: what was counted at the service over the four periods.
        denominator: out of how many, or over what exposure.
        mark: on which side of the limits it lies, and whether that is to the good.
    """

    service_id: uuid.UUID
    definition_key: str
    value: float
    together: float
    numerator: float
    denominator: float
    mark: Mark


def standing_out(counts: Mapping[str, Sequence[RecentCounts]], lines: Sequence[ServiceLine]) -> tuple[StandsOut, ...]:
    """What lies beyond the 99.8% limits and stays unusual in both families, by service and indicator.

    Args:
        counts: of each indicator, its services over their newest periods.
        lines: the services that the reader may see, in the order in which they are shown.
    """
    groups = {key: group_of(indicator_definition(key), found, lines) for key, found in counts.items()}
    p: dict[tuple[str, str], float | None] = {}
    outside: dict[tuple[str, str], StandsOut] = {}
    for key, group in groups.items():
        if group is None:
            continue
        for place, chance in enumerate(chances(group.placed)):
            p[group.placed.services[place].group, key] = chance
        outside |= _outside(key, group)
    named = alarms_in_both(p)
    order = {line.service_id: place for place, line in enumerate(lines)}
    found = [each for pair, each in outside.items() if pair in named]
    return tuple(sorted(found, key=lambda each: (order[each.service_id], each.definition_key)))


def _outside(key: str, group: Group) -> dict[tuple[str, str], StandsOut]:
    definition = indicator_definition(key)
    return {
        (each.group, key): StandsOut(
            group.known[each.group].service_id,
            key,
            group.scale * each.ratio,
            group.scale * group.placed.centre,
            group.known[each.group].numerator,
            group.known[each.group].denominator,
            mark_of(each, definition, group.placed),
        )
        for each, far in zip(group.placed.services, beyond(group.placed), strict=True)
        if far
    }
