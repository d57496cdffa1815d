"""What outsiders could take from what they were shown before: a figure that was corrected by one to four gives one away.

Whoever has the earlier figure and the later one has the difference. Each release therefore remembers the counts behind
every figure that was ever released, and a period whose counts now differ from any of them by one to four is withheld;
so is what was worked out over all periods, from which it could be worked back. Where the figures are shown as they
stand, what outsiders had looked at before each correction counts as told.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from mendline.catalogue.indicators import indicator_definition
from mendline.comparison.suppression import is_small, told_counts
from mendline.indicators.standing import Standing

# Indicator -> first day of the period -> each set of counts that was told, as JSON keeps them.
Told = Mapping[str, Mapping[str, Sequence[Sequence[float | None]]]]
_WORKED_OUT: dict[str, Any] = {"centre": None, "lower": None, "upper": None, "phases": [], "decline": None}


def differs_by_few(now: Sequence[float | None], before: Iterable[Sequence[float | None]]) -> bool:
    """Whether counts differ by one to four from any that were told before."""
    return any(
        is_small(abs(count - earlier))
        for told in before
        for count, earlier in zip(now, told, strict=False)
        if count is not None and earlier is not None
    )


def steady(kept: Sequence[Standing], whole: Sequence[Standing], told: Told) -> tuple[Standing, ...]:
    """Standings for outsiders without the periods that would tell a small difference from what was told before.

    Args:
        kept: standings with small counts taken out.
        whole: the same as the provider sees them.
        told: what was told before.
    """
    return tuple(
        _steady(each, _shown(each, then), told.get(str(each.indicator_id), {}))
        for each, then in zip(kept, whole, strict=True)
    )


class Counted(Protocol):
    """A longer period that is told in place of one that is too small."""

    @property
    def period(self) -> str:
        """Its name among the periods of an indicator."""

    @property
    def counts(self) -> tuple[float | None, ...]:
        """What somebody who is shown it can work out."""


def remembered(
    told: Told, kept: Sequence[Standing], whole: Sequence[Standing], years: Mapping[str, Counted]
) -> dict[str, dict[str, list[list[float | None]]]]:
    """What was told before, and what these standings and longer periods tell besides."""
    known = {
        indicator: {period: [list(each) for each in counts] for period, counts in periods.items()}
        for indicator, periods in told.items()
    }
    for standing, then in zip(kept, whole, strict=True):
        periods = known.setdefault(str(standing.indicator_id), {})
        shown = _shown(standing, then)
        if (year := years.get(str(standing.indicator_id))) is not None:
            shown[year.period] = year.counts
        for period, counts in shown.items():
            before = periods.setdefault(period, [])
            if list(counts) not in before:
                before.append(list(counts))
    return known


def told_of(rows: Iterable[tuple[uuid.UUID, str, Any, float | None, float | None, float | None]]) -> Told:
    """What outsiders had looked at: (indicator, key of its definition, first day, value, numerator, denominator)."""
    known: dict[str, dict[str, list[list[float | None]]]] = {}
    for indicator_id, key, start, *counts in rows:
        periods = known.setdefault(str(indicator_id), {})
        periods.setdefault(start.isoformat(), []).append(list(told_counts(indicator_definition(key), *counts)))
    return known


def _shown(standing: Standing, whole: Standing) -> dict[str, tuple[float | None, ...]]:
    """The counts behind each period that a standing shows: those of its series, or of the newest figure alone."""
    definition = indicator_definition(standing.definition_key)
    series = standing.series
    if not series:
        newest = told_counts(definition, whole.value, whole.numerator, whole.denominator)
        return {whole.last_period.isoformat(): newest} if standing.value is not None and whole.last_period else {}
    blank = (None,) * len(series.get("values", ()))
    periods = zip(
        series.get("periods", ()),
        series.get("values", ()),
        series.get("numerators") or blank,
        series.get("denominators") or blank,
        strict=True,
    )
    return {start: told_counts(definition, *counts) for start, *counts in periods if counts[0] is not None}


def _steady(
    standing: Standing,
    shown: Mapping[str, Sequence[float | None]],
    told: Mapping[str, Sequence[Sequence[float | None]]],
) -> Standing:
    gone = {period for period, counts in shown.items() if differs_by_few(counts, told.get(period, ()))}
    if not gone:
        return standing
    series = standing.series
    places = [period in gone for period in series.get("periods", ())]
    lists = {
        name: [None if hidden else each for each, hidden in zip(series[name], places, strict=True)]
        for name in ("values", "numerators", "denominators")
        if series.get(name)
    }
    marks = {"marks": [None] * len(places)} if "marks" in series else {}
    newest = standing.last_period is not None and standing.last_period.isoformat() in gone
    return replace(
        standing,
        value=None if newest else standing.value,
        baseline_value=None,
        centre=None,
        lower=None,
        upper=None,
        series={**series, **_WORKED_OUT, **marks, **lists} if series else {},
    )
