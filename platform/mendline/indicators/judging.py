"""Reads one indicator's periods by its chart: direction of travel, target, sufficiency and currency, with the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol, cast

import numpy as np

from mendline.catalogue.calendar import bank_holidays, period_end
from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.indicators.chart_words import base_sentence, chart_sentence, small_numbers_sentence
from mendline.indicators.fitting import (
    BY_PARTS,
    NOTHING_SETTLED,
    OF_GAPS,
    ChartFacts,
    Figures,
    Fit,
    NewBase,
    figures_of,
    fit_chart,
    rare_events,
)
from mendline.indicators.foreseeing import NO_OUTLOOK, outlook_of
from mendline.indicators.targets import TargetFact
from mendline.statistics.gaps import Gaps, gaps_between
from mendline.statistics.judgement import IndicatorSeries
from mendline.statistics.judgement import Judgement as StatusJudgement
from mendline.statistics.readings import Reading, StatusChart
from mendline.statistics.rules import FIRST_MATCH, PRECEDENCE, Mark
from mendline.statistics.status import judge_with_chart
from mendline.statistics.sufficiency import PeriodState, Record
from mendline.statistics.targets import Target, TargetOperator, meets, target_range
from mendline.statistics.wording import sentence
from mendline.statistics.xmr import DIRECTION, Improvement

IMPROVEMENT: dict[str, Improvement] = {
    "higher_is_better": "increase",
    "lower_is_better": "decrease",
    "neutral": "neutral",
}
RUN_LENGTH = 7  # points that make a shift or a trend (statistics.rules.STANDARD_RUNS)
# Plain numbers: a flag's own arithmetic takes ten times as long, for each of 104 points.
_RUNS = int(Mark.RISING | Mark.FALLING | Mark.SHIFT_HIGH | Mark.SHIFT_LOW)
_PAIRS = int(Mark.TWO_HIGH | Mark.TWO_LOW)
_WAYS = tuple((int(bit), way) for bit, _, way, _ in PRECEDENCE)


class PeriodFigure(Protocol):
    """What judging needs of a period."""

    @property
    def period_start(self) -> date:
        """First day of the period."""

    @property
    def value(self) -> float | None:
        """The figure, in the indicator's unit."""

    @property
    def denominator(self) -> float | None:
        """People, checks or exposure behind it."""

    @property
    def state(self) -> str:
        """Final, revised, provisional, missing, not applicable or suspended."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How an indicator reads, in the columns of `indicator_status`, and what its chart shows.

    Attributes:
        centre: with `lower` and `upper` the lines at the newest figure, in the indicator's unit; none on charts of gaps.
        marks: per period: improvement, concern, changed, usual or missing; None where there are no limits to judge by.
        adverse: per period: an adverse signal is complete there.
        chart: the kind of chart that was read; `run` while there are too few figures for limits.
        core: what the statistics made of it, with everything that it rests on; its rows are periods on every chart.
        drawn: what the chart shows beside this: which one and why, lines that follow the denominator, gaps, limits as
            they were before they were set anew, the outlook. JSON, kept with the series.
    """

    status: str
    reason: str
    sentence: str
    basis: str | None
    since: date | None
    strength: str | None
    variation: str | None
    assurance: str | None
    is_stale: bool
    usable_points: int
    centre: float | None
    lower: float | None
    upper: float | None
    marks: tuple[str | None, ...]
    adverse: tuple[bool, ...]
    chart: str
    provisional_limits: bool
    rule_set_version: str
    core: StatusJudgement
    phases: tuple[dict[str, Any], ...]
    drawn: dict[str, Any]


def judgement_of(
    definition: IndicatorDefinition,
    cadence: Cadence,
    periods: Sequence[PeriodFigure],
    *,
    target: TargetFact | None,
    today: date,
    breaks: Sequence[date] = (),
    settled: ChartFacts = NOTHING_SETTLED,
) -> Judgement:
    """How the periods read, in order; expected ones without a figure stand among them as missing.

    Periods that still run are drawn and not judged: half a week is no week.

    Args:
        definition: its meaning.
        cadence: weekly or monthly.
        periods: all of them, from the first figure on: limits may rest on early ones.
        target: the one in force.
        today: the date in England.
        breaks: from each on, the first day of a period, something else is counted: no limit, run or trend crosses it.
        settled: what people settled about the chart: the base of its limits, limits set anew, a chart of their choice.
    """
    over = [period for period in periods if period_end(cadence, period.period_start) < today]
    starts_on = [period.period_start for period in over]
    figures = figures_of(
        definition,
        [period.value for period in over],
        [period.numerator for period in over],
        [period.denominator for period in over],
    )
    bases = sorted([*settled.new_bases, *(NewBase(day) for day in breaks)], key=lambda base: base.starts_on)
    settled = replace(settled, new_bases=tuple(bases))
    fit = fit_chart(definition, cadence, starts_on, figures, settled)
    case = _Case(definition, cadence, over, figures, fit, _target(definition, target))
    judged, reading, rows = case.judge(today)
    shown = judged.show == "chart"
    running = len(periods) - len(over)
    gaps = fit.chart in OF_GAPS
    core = case.by_period(judged, rows)
    drawn = {
        **_chart_said(case, settled, judged),
        **(_gaps_drawn(case, judged, reading, rows) if gaps else _lines_drawn(reading if shown else None)),
        "before": _before(case, reading, today) if shown and not gaps else None,
        "outlook": NO_OUTLOOK
        if gaps
        else outlook_of(
            definition, cadence, starts_on, figures, core, target, case.wanted, reading.phase_start if reading else 0
        ),
    }
    return Judgement(
        status=judged.status,
        reason=judged.reason,
        # The name of a measure takes the singular, whatever it counts.
        sentence=sentence(judged, definition.name, cadence=cadence, dates=[starts_on[row] for row in rows]),
        basis=judged.basis,
        since=starts_on[core.since_index] if core.since_index is not None else None,
        strength=judged.strength,
        variation=judged.variation,
        assurance=judged.assurance,
        is_stale=judged.stale,
        usable_points=judged.usable_points,
        centre=None if gaps else core.centre,
        lower=None if gaps else core.lower,
        upper=None if gaps else core.upper,
        marks=(*_marks(figures.values, reading if shown else None, rows), *(None,) * running),
        adverse=(
            *_adverse(figures.values, reading if shown else None, rows, early=judged.early_signal),
            *(False,) * running,
        ),
        chart=judged.chart if shown else "run",
        provisional_limits=judged.provisional_limits,
        rule_set_version=judged.rule_set_version,
        phases=() if gaps else _phases(reading if shown else None, fit),
        core=core,
        drawn=drawn,
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """One indicator with the chart that fits it."""

    definition: IndicatorDefinition
    cadence: Cadence
    over: Sequence[PeriodFigure]
    figures: Figures
    fit: Fit
    target: Target | None

    @property
    def wanted(self) -> Any:
        """The values that meet the target."""
        return target_range(self.target, DIRECTION[IMPROVEMENT[self.definition.direction]])

    @property
    def last_end(self) -> date | None:
        return period_end(self.cadence, self.over[-1].period_start) if self.over else None

    @property
    def states(self) -> list[PeriodState]:
        return [cast("PeriodState", period.state) for period in self.over]

    @property
    def multiply(self) -> float:
        """From a share or a rate to the indicator's unit."""
        return 100.0 if self.definition.measure_type == "proportion" else float(self.definition.rate_per or 1)

    def judge(self, today: date, starts: Sequence[int] | None = None) -> tuple[StatusJudgement, Reading | None, list[int]]:
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
            limits_from=self.fit.bases[: len(kept) + 1] if any(self.fit.bases[: len(kept) + 1]) else (),
        )
        judged, reading = judge_with_chart(series, today=today)
        rows = list(range(len(self.over)))
        return (_exp_judged(judged), _exp_read(reading), rows) if logs else (judged, reading, rows)

    def _judge_gaps(self, today: date) -> tuple[StatusJudgement, Reading | None, list[int]]:
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
            ends = [(period_end(self.cadence, period.period_start) - period.period_start).days + 1 for period in self.over]
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

    def by_period(self, judged: StatusJudgement, rows: Sequence[int]) -> StatusJudgement:
        """The judgement with periods for rows, and with the newest figure for the newest gap."""
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
            targets_met_recently=sum(meets(float(value), self.wanted) is True for value in values[usable][-6:]),
        )


def _exp_judged(judged: StatusJudgement) -> StatusJudgement:
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
    lines = {name: tuple(_exp(line) for line in getattr(reading, name)) for name in ("centre", "lower", "upper")}
    return replace(reading, values=np.exp(reading.values), **lines)


def _exp(value: float | None) -> float | None:
    return None if value is None else float(np.exp(value))


def _chart_said(case: _Case, settled: ChartFacts, judged: StatusJudgement) -> dict[str, Any]:
    starts_on = [period.period_start for period in case.over]
    return {
        "chart_kind": case.fit.chart,
        "chart_fits": case.fit.choice.chart,
        "chart_overruled": case.fit.overruled,
        "chart_reason": chart_sentence(case.fit, settled),
        "small_numbers": small_numbers_sentence(case.definition, case.cadence, case.fit.choice, case.fit.chart),
        "base": base_sentence(case.cadence, starts_on, case.fit, settled, judged.usable_points),
        "assurance_provisional": judged.assurance_provisional,
        "new_bases": [
            {"row": row, "what": base.what_changed}
            for base in settled.new_bases
            if (row := next((at for at, day in enumerate(starts_on) if day >= base.starts_on), None))
        ],
    }


def _lines_drawn(reading: Reading | None) -> dict[str, Any]:
    """Limits of each period, where they follow its denominator."""
    if reading is None or reading.chart not in BY_PARTS:
        return {"lowers": None, "uppers": None, "gaps": None}
    return {"lowers": list(reading.lower), "uppers": list(reading.upper), "gaps": None}


def _gaps_drawn(
    case: _Case, judged: StatusJudgement, reading: Reading | None, rows: Sequence[int]
) -> dict[str, Any]:
    """The points of a chart of gaps, as JSON; its unit is days, or what the indicator counts exposure in."""
    gaps, _ = case.gaps()
    limited = reading is not None and judged.show == "chart"
    points = [
        {
            "period": case.over[row].period_start.isoformat(),
            "gap": None if np.isnan(size) else float(size),
            "events": cluster,
            "mark": _mark(reading, at) if limited and reading is not None and not np.isnan(size) else None,
        }
        for at, (row, size, cluster) in enumerate(zip(rows, gaps.sizes, gaps.clusters, strict=True))
    ]
    return {
        "lowers": None,
        "uppers": None,
        "gaps": {
            "points": points,
            "open": gaps.since_last,
            "open_is_long": judged.basis == "open_gap",
            "phases": list(_phases(reading, None)) if limited else [],
            "median": judged.centre,
            "counts_them": rare_events(case.definition, case.figures)[1],
        },
    }


def _before(case: _Case, reading: Reading | None, today: date) -> dict[str, Any] | None:
    """Marks and limits as they would be, had limits not been set anew last: the old reading stays in sight."""
    if reading is None or not case.fit.starts:
        return None
    judged, old, rows = case.judge(today, case.fit.starts[:-1])
    if old is None:
        return None
    return {
        "status": judged.status,
        "centre": judged.centre,
        "lower": judged.lower,
        "upper": judged.upper,
        "marks": _marks(case.figures.values, old, rows),
        "phases": list(_phases(old, case.fit)),
        **{name: line for name, line in _lines_drawn(old).items() if name != "gaps"},
    }


def rows_of_breaks(starts: Sequence[date], breaks: Sequence[date]) -> tuple[int, ...]:
    """The first row on or after each break, where there are rows on both sides of it."""
    rows = {next((row for row, start in enumerate(starts) if start >= day), 0) for day in breaks}
    return tuple(sorted(rows - {0}))


def _target(definition: IndicatorDefinition, target: TargetFact | None) -> Target | None:
    if target is None or target.value is None or not definition.is_judged:
        return None
    return Target(cast("TargetOperator", target.operator), target.value)


def _marks(values: Sequence[float] | Any, reading: Reading | None, rows: Sequence[int]) -> list[str | None]:
    """A word per period, as charts draw them; None where there are no limits to judge by."""
    if reading is None:
        return [None] * len(values)
    marks: list[str | None] = ["missing" if missing else "usual" for missing in np.isnan(values).tolist()]
    for at, row in enumerate(rows):
        if marks[row] != "missing":
            marks[row] = _mark(reading, at)
    return marks


def _mark(reading: Reading, row: int) -> str:
    _, sign, _ = FIRST_MATCH[reading.marks[row]]
    if sign == 0:
        return "usual"
    return "changed" if reading.direction == 0 else "improvement" if sign == reading.direction else "concern"


def _adverse(values: Any, reading: Reading | None, rows: Sequence[int], *, early: bool) -> list[bool]:
    """Where an adverse signal is complete: all seven points of a shift are marked, but only the last one showed it."""
    found = [False] * len(values)
    if reading is not None and reading.direction:
        for at, mark in enumerate(reading.marks):
            _, sign, _ = FIRST_MATCH[mark]
            if sign == -reading.direction:
                bits = [bit for bit, way in _WAYS if mark & bit and way == sign]
                found[rows[at]] = any(_complete(reading, at, bit) for bit in bits)
    usable = np.flatnonzero(~np.isnan(values))
    if early and usable.size:
        found[int(usable[-1])] = True
    return found


def _complete(reading: Reading, row: int, bit: int) -> bool:
    if bit & _RUNS:
        return row + 1 >= RUN_LENGTH and all(reading.marks[row - back] & bit for back in range(RUN_LENGTH))
    if bit & _PAIRS:
        return any(reading.marks[before] & bit for before in range(max(0, row - 2), row))
    return True


def _phases(reading: Reading | None, fit: Fit | None) -> tuple[dict[str, Any], ...]:
    """Stretches with one set of limits, first and last row of each, and the rows that it is locked to, as JSON."""
    if reading is None or not reading.phase_starts:
        return ()
    ends = [*(start - 1 for start in reading.phase_starts[1:]), len(reading.values) - 1]
    bases = list(fit.bases) if fit else []
    return tuple(
        {
            "start": start,
            "end": end,
            "centre": reading.centre[start],
            "lower": reading.lower[end],
            "upper": reading.upper[end],
            "base": list(bases[place] or ()) or None if place < len(bases) else None,
        }
        for place, (start, end) in enumerate(zip(reading.phase_starts, ends, strict=True))
    )


def newest_of(judged: Judgement, count: int) -> Judgement:
    """The judgement with its newest periods only, as they are kept and drawn; its rows count from the first of these."""
    cut = len(judged.marks) - count
    if cut <= 0:
        return judged
    core, drawn = judged.core, dict(judged.drawn)
    recent = core.recent_signal
    for name in ("lowers", "uppers"):
        drawn[name] = drawn[name][cut:] if drawn[name] else drawn[name]
    before = drawn["before"]
    if before:
        drawn["before"] = {
            **before,
            "marks": before["marks"][cut:],
            "lowers": before["lowers"][cut:] if before["lowers"] else None,
            "uppers": before["uppers"][cut:] if before["uppers"] else None,
            "phases": _shifted(before["phases"], cut),
        }
    drawn["new_bases"] = [{**base, "row": base["row"] - cut} for base in drawn["new_bases"] if base["row"] >= cut]
    return replace(
        judged,
        marks=judged.marks[cut:],
        adverse=judged.adverse[cut:],
        phases=tuple(_shifted(judged.phases, cut)),
        drawn=drawn,
        core=replace(
            core,
            since_index=_moved(core.since_index, cut),
            last_index=_moved(core.last_index, cut),
            recent_signal=replace(recent, index=max(0, recent.index - cut)) if recent else None,
        ),
    )


def _moved(row: int | None, cut: int) -> int | None:
    return None if row is None else max(0, row - cut)


def _shifted(phases: Sequence[dict[str, Any]], cut: int) -> list[dict[str, Any]]:
    return [
        {
            **phase,
            "start": max(0, phase["start"] - cut),
            "end": phase["end"] - cut,
            "base": [row - cut for row in phase["base"]] if phase["base"] else None,
        }
        for phase in phases
        if phase["end"] >= cut
    ]
