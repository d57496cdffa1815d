"""What an outsider may see of a figure: small counts are withheld, and so is what would give them away.

Reference, section 3.2 (our own rule): counts 1 to 4 are not shown outside the provider, nor any figure that lets one be
worked out; zero may be shown.
"""

from dataclasses import replace

from mendline.catalogue.indicators import IndicatorDefinition
from mendline.indicators.standing import Standing

SMALLEST = 5


def is_small(count: float | None) -> bool:
    """Whether a count is from 1 to 4."""
    return count is not None and 0 < count < SMALLEST


def must_withhold(definition: IndicatorDefinition, numerator: float | None, denominator: float | None) -> bool:
    """Whether a figure would give a small count away: its own, or that of everybody else."""
    if definition.external_view in ("internal_only", "narrative_only"):
        return True
    rest = denominator - numerator if numerator is not None and denominator is not None else None
    counts_people = definition.measure_type in ("proportion", "count")
    return is_small(denominator) or (counts_people and (is_small(numerator) or is_small(rest)))


def is_shared(definition: IndicatorDefinition) -> bool:
    """Whether outsiders see the indicator at all."""
    return definition.external_view != "internal_only"


def for_outsiders(standing: Standing, definition: IndicatorDefinition) -> tuple[Standing, bool]:
    """A standing with what an outsider may not see taken out, and whether anything was.

    A series in which any period is small is withheld whole: the gaps in it would tell.
    """
    series = standing.series
    tops = series.get("numerators", ())
    bottoms = series.get("denominators", ())
    hidden = must_withhold(definition, standing.numerator, standing.denominator)
    small = any(must_withhold(definition, top, bottom) for top, bottom in zip(tops, bottoms, strict=False))
    kept = replace(standing, review_owner=None, last_decision_by=None)
    if hidden:
        return replace(kept, value=None, numerator=None, denominator=None, baseline_value=None, series={}), True
    if small:
        return replace(kept, baseline_value=None, series={}), True
    return kept, False
