"""The fixed words for where an indicator stands."""

from mendline.catalogue.indicators import IndicatorDefinition
from mendline.indicators.standing import Standing
from mendline.web.readings import NOT_SUPPORTED, Reading, target_reading, trend_reading


def readings(standing: Standing, definition: IndicatorDefinition) -> tuple[Reading, Reading]:
    """The fixed words for its direction of travel and for its target."""
    if standing.is_stale:
        return NOT_SUPPORTED, target_reading(None)
    trend = trend_reading(
        standing.status,
        evidence_level=standing.evidence_level,
        lower_is_better=definition.direction == "lower_is_better",
    )
    return trend, target_reading(standing.assurance, supported=standing.evidence_level != "not_supported")
