"""The status of one indicator: variation, assurance, sufficiency of data and currency, and the composite of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from mendline.statistics.arithmetic import as_series, optional
from mendline.statistics.assuring import assured_now
from mendline.statistics.currency import due_by, is_stale, shift_period
from mendline.statistics.early import early_signal_of
from mendline.statistics.judgement import IndicatorSeries, Judgement
from mendline.statistics.readings import GAP_CHARTS, Reading, read_attributes, read_xmr
from mendline.statistics.rule_sets import CURRENT_RULES, Condition, RuleSet, Status
from mendline.statistics.signals import Signal, recent_signal, signal_at_last
from mendline.statistics.sufficiency import WITHOUT_VALUE, Record, Sufficiency, checked_states, sufficiency
from mendline.statistics.targets import TargetRange, meets, target_range
from mendline.statistics.xmr import DIRECTION, check_baseline, variation_of


def judge(series: IndicatorSeries, *, today: date, rules: RuleSet = CURRENT_RULES) -> Judgement:
    """Judge an indicator at one service as at `today`, by a versioned rule set.

    Raises:
        ValueError: values, states, target or options that contradict themselves.
    """
    return judge_with_chart(series, today=today, rules=rules)[0]


def judge_with_chart(
    series: IndicatorSeries, *, today: date, rules: RuleSet = CURRENT_RULES
) -> tuple[Judgement, Reading | None]:
    """The judgement with the chart that it was read from; none where there is no figure at all.

    Raises:
        ValueError: values, states, target or options that contradict themselves.
    """
    record = _record(series)
    check_baseline(series.fix_after)
    if series.improvement not in DIRECTION:
        raise ValueError(f"improvement is increase, decrease or neutral, not {series.improvement!r}")
    wanted = target_range(series.target, DIRECTION[series.improvement])
    if np.isnan(record.values).all():
        needed = max(rules.minimum_points, series.minimum_points or 0)
        return Judgement("insufficient", "no_figures", series.chart, rules.version, needed), None
    reading = _read(series, record, series.rebase_at, rules)
    enough = _enough(series, record, reading.phase_start, rules)
    due = _due(series, reading, rules)
    facts = _Facts(reading, enough, due is not None and is_stale(due, today), series.open_gap, rules)
    judgement = replace(_compose(facts, series, record, wanted), due=due)
    return replace(judgement, last_status=_status_in_history(judgement, facts, series, record)), reading


def _enough(series: IndicatorSeries, record: Record, phase_start: int, rules: RuleSet) -> Sufficiency:
    """Whether the figures carry a status; on charts of gaps, the periods behind the gaps must be there as well."""
    enough = sufficiency(
        record,
        phase_start=phase_start,
        minimum_points=series.minimum_points,
        minimum_n=series.minimum_n,
        last_complete=series.last_complete,
        rules=rules,
    )
    if series.periods is None or enough.shortage in {"too_few_points", "new_baseline", "no_figures"}:
        return enough
    behind = sufficiency(series.periods, last_complete=series.last_complete, rules=rules)
    short = None if behind.shortage == "too_few_points" else behind.shortage
    return replace(enough, shortage=short)


def assured(judgement: Judgement, *, evidence_sufficient: bool, rules: RuleSet = CURRENT_RULES) -> bool:
    """Whether the indicator may be called assured: enough data and evidence, not deteriorating, and the target held.

    A summary of a service counts statuses, `insufficient` among them; it never averages them.
    """
    held = judgement.assurance == "pass" or judgement.targets_met_recently >= rules.target_window
    return evidence_sufficient and judgement.status not in {"insufficient", "deteriorating"} and held


def _record(series: IndicatorSeries) -> Record:
    values = as_series(series.values)
    known = checked_states(series.states, values.size)
    sizes = None if series.denominators is None else as_series(series.denominators)
    for name in ("numerators", "denominators", "definitions"):
        rows = getattr(series, name)
        if rows is not None and len(rows) != values.size:
            raise ValueError(f"{values.size} values but {len(rows)} {name}")
    values[[state in WITHOUT_VALUE for state in known]] = np.nan
    return Record(values, known, sizes, None if series.definitions is None else tuple(series.definitions))


def _read(
    series: IndicatorSeries,
    record: Record,
    rebase_at: Sequence[int],
    rules: RuleSet,
    start: int = 0,
    end: int | None = None,
) -> Reading:
    """The chart of the rows from `start` to before `end`."""
    values = record.values[start:end]
    left_out = [row - start for row in series.left_out if 0 <= row - start < values.size]
    if series.chart == "xmr":
        return read_xmr(
            values,
            series.improvement,
            rebase_at=rebase_at,
            fix_after=series.fix_after,
            limits_from=() if start else series.limits_from[: len(rebase_at) + 1],
            left_out=left_out,
            screen=rules.screen_outliers,
            runs=rules.runs,
        )
    counted = series.chart in {"p", "pp", "u", "up"}
    if counted and series.numerators is None:
        raise ValueError(f"a {series.chart} chart needs numerators")
    plotted = (values if series.numerators is None else as_series(series.numerators)[start:end]).tolist()
    return read_attributes(
        series.chart,
        [None if np.isnan(value) else top for value, top in zip(values, plotted, strict=True)],
        series.denominators[start:end] if counted and series.denominators is not None else None,
        series.improvement,
        rebase_at=rebase_at,
        fix_after=series.fix_after,
        limits_from=() if start else series.limits_from[: len(rebase_at) + 1],
        left_out=left_out,
        multiply=series.multiply,
        screen=rules.screen_outliers,
        runs=rules.runs,
        clusters=series.clusters[start:end],
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    reading: Reading
    enough: Sufficiency
    stale: bool
    open_gap: float | None
    rules: RuleSet

    @property
    def shortage(self) -> str | None:
        """Why no status can be given, staleness aside."""
        return self.enough.shortage or self.reading.flaw


def _due(series: IndicatorSeries, reading: Reading, rules: RuleSet) -> date | None:
    if series.last_period_end is None or reading.last is None:
        return None
    rows_after = 0 if reading.chart in GAP_CHARTS else reading.values.size - 1 - reading.last
    last_usable_end = shift_period(series.last_period_end, -rows_after, series.cadence)
    return due_by(last_usable_end, series.cadence, lag=series.reporting_lag, holidays=series.holidays, rules=rules)


CONDITIONS: dict[Condition, Callable[[_Facts, Signal | None], bool]] = {
    "too_little_data": lambda facts, _: facts.shortage is not None,
    "out_of_date": lambda facts, _: facts.stale,
    "neutral_signal": lambda facts, signal: facts.reading.direction == 0 and signal is not None,
    "neutral_steady": lambda facts, _: facts.reading.direction == 0,
    "improvement": lambda facts, signal: signal is not None and signal.sign == facts.reading.direction,
    "concern": lambda facts, signal: signal is not None and signal.sign == -facts.reading.direction,
    "common_cause": lambda _, signal: signal is None,
}


def _first_condition(
    facts: _Facts, signal: Signal | None, ignore: tuple[Condition, ...] = ()
) -> tuple[Condition, Status]:
    for condition, status in facts.rules.composite:
        if condition not in ignore and CONDITIONS[condition](facts, signal):
            return condition, status
    raise ValueError(f"rule set {facts.rules.version} leaves a case undecided")


def _reason(facts: _Facts, condition: Condition, signal: Signal | None) -> str:
    if condition == "too_little_data":
        return facts.shortage or condition
    return condition if condition == "out_of_date" else signal.basis if signal else "steady"


def _compose(facts: _Facts, series: IndicatorSeries, record: Record, wanted: TargetRange | None) -> Judgement:
    reading, enough, rules = facts.reading, facts.enough, facts.rules
    judged = facts.shortage is None
    signal = _signal(facts) if judged else None
    condition, status = _first_condition(facts, signal)
    row = -1 if reading.last is None else reading.last
    drawn = enough.show == "chart"
    value = optional(float(reading.values[row]))
    asked = assured_now(
        reading,
        wanted,
        enough,
        signal,
        locked=bool(series.limits_from),
        afresh=lambda first: _read(series, record, (), rules, first),
    )
    return Judgement(
        status=status,
        reason=_reason(facts, condition, signal),
        chart=reading.chart,
        rule_set_version=rules.version,
        needed_points=enough.needed,
        usable_points=enough.usable_points,
        basis=signal.basis if signal else None,
        since_index=signal.since if signal else None,
        strength=signal.strength if signal else None,
        variation=variation_of(signal.sign if signal else 0, reading.direction) if judged else "insufficient",
        assurance=asked.answer,
        assurance_provisional=asked.provisional,
        centre=reading.centre[row],
        lower=reading.lower[row] if drawn else None,
        upper=reading.upper[row] if drawn else None,
        provisional_limits=enough.provisional_limits,
        stale=facts.stale,
        early_signal=early_signal_of(reading, enough, rules),
        recent_signal=recent_signal(reading, rules.recent_window) if judged else None,
        conflict=bool(signal and signal.conflict),
        met_target=meets(value, wanted),
        targets_met_recently=_met_recently(reading, record, wanted, rules),
        last_index=reading.last,
        last_value=value,
        show=enough.show,
        signal_length=signal.length if signal else 0,
        signal_high=signal.sign > 0 if signal else None,
        runs_beyond_chance=bool(reading.runs and reading.runs.signal),
    )


def _signal(facts: _Facts) -> Signal | None:
    return signal_at_last(facts.reading, open_gap=facts.open_gap, sustained=facts.rules.sustained_points)


def _met_recently(reading: Reading, record: Record, wanted: TargetRange | None, rules: RuleSet) -> int:
    """How many of the last six usable final periods met the target."""
    final = [
        float(value)
        for value, state in zip(reading.values, record.states, strict=True)
        if state != "provisional" and not np.isnan(value)
    ]
    return sum(meets(value, wanted) is True for value in final[-rules.target_window :])


def _status_in_history(judgement: Judgement, facts: _Facts, series: IndicatorSeries, record: Record) -> Status | None:
    """The status that has gone out of date, or the last one of the phase before a new baseline."""
    if judgement.reason == "out_of_date":
        return _first_condition(facts, _signal(facts), ignore=("out_of_date",))[1]
    if judgement.reason != "new_baseline":
        return None
    start = facts.reading.phase_start
    reading = _read(series, record, [row for row in series.rebase_at if 0 < row < start], facts.rules, 0, start)
    enough = sufficiency(
        Record(record.values[:start], record.states[:start]), phase_start=reading.phase_start, rules=facts.rules
    )
    earlier = _Facts(reading, enough, stale=False, open_gap=None, rules=facts.rules)
    return _first_condition(earlier, None if earlier.shortage else _signal(earlier))[1]
