"""What an outsider may see of a figure: small counts are withheld, and so is what would give them away.

Our own rule, for want of one by the regulator: counts 1 to 4 are not shown outside the provider, nor any figure that lets one be
worked out; zero may be shown; of a service with fewer than 10 people no weekly or monthly figure is released.
"""

from collections.abc import Sequence
from dataclasses import replace

from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.indicators.standing import Standing

SMALLEST = 5
FEWEST_PEOPLE = 10


def is_small(count: float | None) -> bool:
    """Whether a count is from 1 to 4."""
    return count is not None and 0 < count < SMALLEST


def must_withhold(
    definition: IndicatorDefinition, value: float | None, numerator: float | None, denominator: float | None
) -> bool:
    """Whether a figure would give a small count away: its own, that of everybody else, or that of all together.

    A share or rate times its denominator is its numerator, and outsiders know how many people live somewhere: so both
    counts decide, also where only the share is shown. A share without its counts cannot be checked and is withheld.
    """
    if definition.external_view in ("internal_only", "narrative_only"):
        return True
    if value is None and numerator is None:
        return False
    if definition.measure_type in ("proportion", "rate") and (numerator is None or denominator is None):
        return True
    return any(is_small(count) for count in told_counts(definition, value, numerator, denominator))


def told_counts(
    definition: IndicatorDefinition, value: float | None, numerator: float | None, denominator: float | None
) -> tuple[float | None, ...]:
    """The counts that somebody can work out who is shown a figure."""
    if definition.measure_type == "count":
        return value, numerator
    if definition.measure_type == "proportion":
        rest = None if numerator is None or denominator is None else denominator - numerator
        return numerator, denominator, rest
    if definition.measure_type == "rate":
        return numerator, denominator
    return (denominator,)  # of a time or score: over so many events or answers


def is_shared(definition: IndicatorDefinition) -> bool:
    """Whether outsiders see the indicator at all."""
    return definition.external_view != "internal_only"


def for_outsiders(
    standing: Standing, definition: IndicatorDefinition, people_count: int | None = None
) -> tuple[Standing, bool]:
    """A standing with what an outsider may not see taken out, and whether any figure was.

    A series in which any period is small is withheld whole, and so are baseline and expected range, which are worked
    out from it: the gaps in it would tell. Names, and sentences that may hold figures, never go out.

    Args:
        standing: as the provider sees it.
        definition: of its indicator.
        people_count: how many people use the service, where known.
    """
    series = standing.series
    values = series.get("values", ())
    blank = (None,) * len(values)
    tops, bottoms = series.get("numerators") or blank, series.get("denominators") or blank
    few_people = people_count is not None and people_count < FEWEST_PEOPLE
    hidden = few_people or must_withhold(definition, standing.value, standing.numerator, standing.denominator)
    small = any(must_withhold(definition, *period) for period in zip(values, tops, bottoms, strict=True))
    kept = replace(
        standing, review_owner=None, last_decision_by=None, sentence="", numerator=None, denominator=None, drawn=""
    )
    if hidden or small:
        kept = replace(kept, baseline_value=None, centre=None, lower=None, upper=None, series={})
    if hidden:
        kept = replace(kept, value=None)
    return kept, hidden or small


# Indicators that count part of what another counts, over the same denominator: together they tell the rest.
PART_OF = {"falls_with_harm_rate": "falls_rate"}


def kept_apart(standings: Sequence[Standing], people_count: int | None = None) -> tuple[Standing, ...]:
    """Standings for outsiders, where none gives away by another what was withheld.

    A part shown beside its whole tells the remainder: where that is small in any period, the part is withheld, so that
    one cannot be taken from the other.
    """
    by_key = {each.definition_key: each for each in standings}
    kept = []
    for each in standings:
        definition = indicator_definition(each.definition_key)
        shown, _ = for_outsiders(each, definition, people_count)
        whole = by_key.get(PART_OF.get(each.definition_key, ""))
        if whole is not None and _remainder_is_small(each, whole):
            shown = replace(shown, value=None, baseline_value=None, centre=None, lower=None, upper=None, series={})
        kept.append(shown)
    return tuple(kept)


def _remainder_is_small(part: Standing, whole: Standing) -> bool:
    pairs = [(part.numerator, whole.numerator)]
    if part.last_period == whole.last_period:
        pairs += zip(
            reversed(part.series.get("numerators") or ()), reversed(whole.series.get("numerators") or ()), strict=False
        )
    return any(is_small(all_ - some) for some, all_ in pairs if some is not None and all_ is not None)
