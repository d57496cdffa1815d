"""The fixed words for where an indicator stands."""

from mendline.catalogue.indicators import IndicatorDefinition
from mendline.indicators.standing import Standing
from mendline.web.readings import Reading, composite_reading, target_reading


def readings(standing: Standing, definition: IndicatorDefinition) -> tuple[Reading, Reading]:
    """The fixed words for where it stands and for its target: one source for pages, packs and the API."""
    trend = composite_reading(standing.composite, lower_is_better=definition.direction == "lower_is_better")
    return trend, target_reading(standing.assurance, supported=standing.is_supported)
