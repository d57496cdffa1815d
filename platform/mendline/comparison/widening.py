"""A longer period in place of a figure that is too small to be shown outside: twelve months, to the end of a quarter.

A total that moved on with every week would tell the week that came and the week that went; so it moves by quarters, and
is held against every total that was told before like any other figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from mendline.catalogue.calendar import period_end, periods_between
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import figure, long_date
from mendline.comparison.differencing import Told, differs_by_few
from mendline.comparison.suppression import must_withhold, told_counts
from mendline.indicators.figures import value_of
from mendline.indicators.standing import Standing

MOSTLY = 0.9  # the part of a year's periods that needs a figure before it is called a year
_ADDED_UP = ("count", "proportion", "rate")


@dataclass(frozen=True, slots=True)
class YearTotal:
    """Twelve months of an indicator as one figure.

    Attributes:
        value: in the indicator's own unit.
        last: the last day of its last quarter.
        counts: what somebody who is shown it can work out.
    """

    value: float
    last: date
    counts: tuple[float | None, ...]

    @property
    def period(self) -> str:
        """Its name among the periods of an indicator."""
        return f"year to {self.last.isoformat()}"

    def words(self, key: str) -> str:
        """As it stands under a figure that is withheld."""
        return f"{figure(self.value, indicator_definition(key))} in 12 months to {long_date(self.last)}"

    def as_json(self) -> dict[str, Any]:
        """As a release keeps it."""
        return {"value": self.value, "last": self.last.isoformat()}


def year_total(standing: Standing, told: Told) -> YearTotal | None:
    """The twelve months of an indicator to the last quarter that is over; None where even they would tell a small count.

    Args:
        standing: as the provider sees it.
        told: the counts that outsiders were told before.
    """
    definition = indicator_definition(standing.definition_key)
    if standing.last_period is None or definition.measure_type not in _ADDED_UP or not standing.series:
        return None
    last = _quarter_end(period_end(standing.cadence, standing.last_period))
    first = last.replace(year=last.year - 1) + timedelta(days=1)
    before = told.get(str(standing.indicator_id), {})
    tops, bottoms, found = 0.0, 0.0, 0
    for start, value, top, bottom in _periods(standing.series):
        if not (first <= start and period_end(standing.cadence, start) <= last) or value is None:
            continue
        if differs_by_few(told_counts(definition, value, top, bottom), before.get(start.isoformat(), ())):
            return None
        tops += value if definition.measure_type == "count" else top or 0.0
        bottoms += bottom or 0.0
        found += 1
    whole = [
        start
        for start in periods_between(standing.cadence, first, last)
        if first <= start and period_end(standing.cadence, start) <= last
    ]
    value = value_of(definition, tops, bottoms)
    if found < MOSTLY * len(whole) or value is None or must_withhold(definition, value, tops, bottoms):
        return None
    made = YearTotal(value, last, told_counts(definition, value, tops, bottoms))
    return None if differs_by_few(made.counts, before.get(made.period, ())) else made


def year_words(key: str, kept: Mapping[str, Any]) -> str:
    """The words of a year's total that a release kept."""
    return YearTotal(kept["value"], date.fromisoformat(kept["last"]), ()).words(key)


def _periods(series: Mapping[str, Any]) -> list[tuple[date, float | None, float | None, float | None]]:
    values: Sequence[float | None] = series.get("values", ())
    blank = (None,) * len(values)
    return [
        (date.fromisoformat(start), value, top, bottom)
        for start, value, top, bottom in zip(
            series.get("periods", ()),
            values,
            series.get("numerators") or blank,
            series.get("denominators") or blank,
            strict=True,
        )
    ]


def _quarter_end(day: date) -> date:
    """The last day of the last quarter that is over by the end of a day."""
    following = day + timedelta(days=1)
    begins = date(following.year, (following.month - 1) // 3 * 3 + 1, 1)
    return begins - timedelta(days=1)
