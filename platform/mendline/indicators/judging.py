"""Reads one indicator's periods by its chart: direction of travel, target, sufficiency and currency, with the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from mendline.catalogue.calendar import period_end
from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.indicators.chart_case import Case, PeriodFigure, target_of
from mendline.indicators.chart_drawn import (
    adverse_of,
    before_of,
    chart_said,
    gaps_drawn,
    lines_drawn,
    marks_of,
    phases_of,
    seen_of,
)
from mendline.indicators.fitting import NOTHING_SETTLED, OF_GAPS, ChartFacts, NewBase, figures_of, fit_chart
from mendline.indicators.foreseeing import NO_OUTLOOK, outlook_of
from mendline.indicators.targets import TargetFact
from mendline.statistics.judgement import Judgement as StatusJudgement
from mendline.statistics.wording import sentence


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
    case = Case(definition, cadence, over, figures, fit, target_of(definition, target))
    judged, reading, rows = case.judge(today)
    seen = seen_of(reading, judged)
    running = len(periods) - len(over)
    gaps = fit.chart in OF_GAPS
    core = case.by_period(judged, reading, rows)
    if gaps:
        drawn = {**gaps_drawn(case, judged, reading, rows), "before": None, "outlook": NO_OUTLOOK}
    else:
        first = reading.phase_start if reading else 0
        ahead = outlook_of(definition, cadence, starts_on, figures, core, target, case.wanted, first)
        drawn = {**lines_drawn(seen), "before": before_of(case, reading, today), "outlook": ahead}
    return Judgement(
        status=judged.status,
        reason=judged.reason,
        # The name of a measure takes the singular, whatever it counts.
        sentence=sentence(
            replace(judged, assurance=core.assurance),
            definition.name,
            cadence=cadence,
            dates=[starts_on[row] for row in rows],
        ),
        basis=judged.basis,
        since=starts_on[core.since_index] if core.since_index is not None else None,
        strength=judged.strength,
        variation=judged.variation,
        assurance=core.assurance,
        is_stale=judged.stale,
        usable_points=judged.usable_points,
        centre=None if gaps else core.centre,
        lower=None if gaps else core.lower,
        upper=None if gaps else core.upper,
        marks=(*marks_of(figures.values, seen, rows), *(None,) * running),
        adverse=(
            *adverse_of(figures.values, seen, rows, early=judged.early_signal),
            *(False,) * running,
        ),
        chart=judged.chart if seen is not None else "run",
        provisional_limits=judged.provisional_limits,
        rule_set_version=judged.rule_set_version,
        phases=() if gaps else phases_of(seen, fit),
        core=core,
        drawn={**chart_said(case, settled, judged, rows), **drawn},
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
