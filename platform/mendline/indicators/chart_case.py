"""One indicator read by the chart that fits it: the series that is judged, and the way back from its points to periods."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, cast

import numpy as np

from mendline.catalogue.calendar import bank_holidays, period_end
from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.indicators.fitting import BY_PARTS, OF_GAPS, Figures, Fit, rare_events
from mendline.indicators.targets import TargetFact
from mendline.statistics.gaps import Gaps, gaps_between
from mendline.statistics.judgement import IndicatorSeries, Judgement
from mendline.statistics.rare_targets import rare_assurance, share_meeting
from mendline.statistics.readings import Reading, StatusChart
from mendline.statistics.status import judge_with_chart
from mendline.statistics.sufficiency import PeriodState, Record
from mendline.statistics.targets import Target, TargetOperator, TargetRange, meets, target_range
from mendline.statistics.xmr import DIRECTION, Improvement

IMPROVEMENT: dict[str, Improvement] = {
    "higher_is_better": "increase",
    "lower_is_better": "decrease",
    "neutral": "neutral",
}
RECENT_FIGURES = 6


class PeriodFigure(Protocol):
    """What judging needs of a period."""

    @property
    def period_start(self) -> date:
        """First day of the period."""

    @property
    def value(self) -> float | None:
        """The figure, in the indicator's unit."""

    @property
    def numerator(self) -> float | None:
        """What is counted of it."""

    @property
    def denominator(self) -> float | None:
        """People, checks or exposure behind it."""

    @property
    def state(self) -> str:
        """Final, revised, provisional, missing, not applicable or suspended."""


@dataclass(frozen=True, slots=True)
class Case:
    """One indicator with the chart that fits it."""

    definition: IndicatorDefinition
    cadence: Cadence
    over: Sequence[PeriodFigure]
    figures: Figures
    fit: Fit
    target: Target | None

    @property
    def wanted(self) -> TargetRange | None:
        """The values that meet the target."""
        return target_range(self.target, DIRECTION[IMPROVEMENT[self.definition.direction]])

    @property
    def last_end(self) -> date | None:
        """Last day of the last period."""
        return period_end(self.cadence, self.over[-1].period_start) if self.over else None

    @property
    def states(self) -> list[PeriodState]:
        """State of each period."""
        return [cast("PeriodState", period.state) for period in self.over]

    @property
    def multiply(self) -> float:
        """From a share or a rate to the indicator's unit."""
        return 100.0 if self.definition.measure_type == "proportion" else float(self.definition.rate_per or 1)

    def judge(self, today: date, starts: Sequence[int] | None = None) -> tuple[Judgement, Reading | None, list[int]]:
        """The judgement, the chart, and for each of the chart's points the row of its period."""
        if self.fit.chart in OF_GAPS:
            return self._judge_gaps(today)
        logs = self.fit.on_log_scale
        values = np.log(self.figures.values) if logs else self.figures.values
        series = self._series(values.tolist(), self._logged(self.target) if logs else self.target)
        kept = self.fit.starts if starts is None else tuple(starts)
        counted = self.fit.chart in BY_PARTS
        series = replace(
            series,
            states=self.states,
            numerators=self.figures.numerators.tolist() if counted else None,
            denominators=self.figures.denominators.tolist(),
            multiply=self.multiply if counted else 1.0,
            minimum_n=self.definition.minimum_n,
            rebase_at=kept,
            left_out=self.fit.left_out,
            limits_from=self.fit.bases[: len(kept) + 1] if any(self.fit.bases[: len(kept) + 1]) else (),
        )
        judged, reading = judge_with_chart(series, today=today)
        rows = list(range(len(self.over)))
        return (_exp_judged(judged), _exp_read(reading), rows) if logs else (judged, reading, rows)

    def _judge_gaps(self, today: date) -> tuple[Judgement, Reading | None, list[int]]:
        gaps, improvement = self.gaps()
        rows = list(gaps.rows)
        starts = [next((at for at, row in enumerate(rows) if row >= start), 0) for start in self.fit.starts]
        series = replace(
            self._series(gaps.sizes.tolist(), None),
            improvement=improvement,
            rebase_at=tuple(sorted({start for start in starts if start})),
            fix_after=12,
            open_gap=gaps.since_last,
            clusters=gaps.clusters,
            periods=Record(self.figures.values, tuple(self.states), self.figures.denominators),
        )
        judged, reading = judge_with_chart(series, today=today)
        return judged, reading, rows

    def gaps(self) -> tuple[Gaps, Improvement]:
        """What lies between the rarer events, and which way these are better."""
        events, counts_them = rare_events(self.definition, self.figures)
        if self.fit.chart == "t":
            ends = [
                (period_end(self.cadence, period.period_start) - period.period_start).days + 1 for period in self.over
            ]
            exposure = np.where(np.isnan(events), np.nan, np.array(ends, dtype=np.float64))
        else:
            exposure = self.figures.denominators
        improvement = IMPROVEMENT[self.definition.direction]
        turned: dict[Improvement, Improvement] = {"increase": "decrease", "decrease": "increase", "neutral": "neutral"}
        return gaps_between(events, exposure), improvement if counts_them else turned[improvement]

    def _series(self, values: list[float], target: Target | None) -> IndicatorSeries:
        return IndicatorSeries(
            values=values,
            improvement=IMPROVEMENT[self.definition.direction],
            cadence=self.cadence,
            last_period_end=self.last_end,
            target=target,
            chart=cast("StatusChart", self.fit.chart),
            minimum_points=self.definition.spc_minimum_points,
            holidays=bank_holidays().keys(),
        )

    def _logged(self, target: Target | None) -> Target | None:
        """A target of nought or less lies beyond every figure of such a scale; it stays a target."""
        if target is None or target.value is None:
            return target
        return replace(target, value=float(np.log(target.value)) if target.value > 0 else -1e300)

    def by_period(self, judged: Judgement, reading: Reading | None, rows: Sequence[int]) -> Judgement:
        """The judgement with periods for rows, and with the newest figure and its target for the newest gap."""
        if self.fit.chart not in OF_GAPS:
            return judged
        values = self.figures.values
        usable = np.flatnonzero(~np.isnan(values))
        last = int(usable[-1]) if usable.size else None
        figure = float(values[last]) if last is not None else None
        recent = judged.recent_signal
        return replace(
            judged,
            since_index=rows[judged.since_index] if judged.since_index is not None else None,
            recent_signal=replace(recent, index=rows[recent.index]) if recent else None,
            last_index=last,
            last_value=figure,
            met_target=meets(figure, self.wanted),
            assurance=rare_assurance(self._share_meeting(judged, reading, rows)),
            targets_met_recently=sum(
                meets(float(value), self.wanted) is True for value in values[usable][-RECENT_FIGURES:]
            ),
        )

    def _share_meeting(self, judged: Judgement, reading: Reading | None, rows: Sequence[int]) -> float | None:
        """Share of future periods that would meet the target; not asked while limits are too new to be judged by.

        The periods of the last phase speak; after a change that lasts, those since it.
        """
        after_rebase = reading is not None and reading.phase_start > 0
        wanted, too_new = self.wanted, judged.provisional_limits and after_rebase
        if reading is None or wanted is None or judged.variation == "insufficient" or too_new:
            return None
        if DIRECTION[IMPROVEMENT[self.definition.direction]] == 0 and self.target and self.target.operator != "between":
            return None
        events, counts_them = rare_events(self.definition, self.figures)
        changed = judged.since_index if judged.strength == "sustained" else None
        first = rows[changed] if changed is not None else rows[reading.phase_start] if after_rebase else 0

        def figure(count: float, exposure: float) -> float:
            shown = count if counts_them else exposure - count
            return shown if self.definition.measure_type == "count" else self.multiply * shown / exposure

        counted = self.definition.measure_type == "count"
        units = np.ones_like(events) if counted else self.figures.denominators
        checks = self.definition.measure_type == "proportion"
        return share_meeting(events[first:], units[first:], wanted, figure, of_checks=checks)


def _exp_judged(judged: Judgement) -> Judgement:
    return replace(
        judged,
        centre=_exp(judged.centre),
        lower=_exp(judged.lower),
        upper=_exp(judged.upper),
        last_value=_exp(judged.last_value),
    )


def _exp_read(reading: Reading | None) -> Reading | None:
    if reading is None:
        return None
    return replace(
        reading,
        values=np.exp(reading.values),
        centre=tuple(_exp(line) for line in reading.centre),
        lower=tuple(_exp(line) for line in reading.lower),
        upper=tuple(_exp(line) for line in reading.upper),
    )


def _exp(value: float | None) -> float | None:
    return None if value is None else float(np.exp(value))


def target_of(definition: IndicatorDefinition, target: TargetFact | None) -> Target | None:
    """The target in force as the statistics take it; none where nothing is judged against one."""
    if target is None or target.value is None or not definition.is_judged:
        return None
    return Target(cast("TargetOperator", target.operator), target.value)
