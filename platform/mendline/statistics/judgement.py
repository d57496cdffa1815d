"""What a status is worked out from, and everything it rests on once it has been."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from mendline.statistics.arithmetic import FloatArray
from mendline.statistics.readings import StatusChart
from mendline.statistics.rule_sets import Cadence, Status
from mendline.statistics.signals import RecentSignal, SignalBasis, Strength
from mendline.statistics.sufficiency import PeriodState, Record, Show
from mendline.statistics.targets import Assurance, Target
from mendline.statistics.xmr import BaseRows, Improvement


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSeries:
    """The figures of one indicator at one service, and how they are to be read.

    Attributes:
        values: one figure per expected period in date order, None where there is none (on g and t charts one per event).
        improvement: which way is better; neutral gives `changed` or `stable`.
        cadence: how often a period ends.
        last_period_end: last day of the last row's period (on g and t charts: up to when events are known).
        states: state of each period; rows missing, not applicable or suspended have no value whatever is in `values`.
        target: in the unit of the values; the one in force for the next period.
        chart: the chart that fits (see `chooser`); p, pp, u and up read `numerators` and `denominators`.
        numerators: events or people with the property, per row.
        denominators: people, checks or exposure per row; also weighed against `minimum_n`.
        multiply: unit of rates, such as 1,000 bed days.
        minimum_points: the catalogue's stricter minimum of usable points in the phase.
        minimum_n: smallest denominator that counts as enough.
        rebase_at: rows at which an approved new baseline starts.
        fix_after: lock limits after so many points of a phase.
        limits_from: for each phase the rows that its limits are locked to, over `fix_after`; they stay as they are while
            points are added, and after a lasting change assurance speaks of the points since that change.
        left_out: rows that are drawn and judged and enter no limit: exceptional periods, by a person's word.
        definitions: definition version of each row; a change needs a rebase.
        last_complete: whether all records of a provisional last period are in.
        reporting_lag: working days until figures normally come, if not the rule set's.
        holidays: bank holidays.
        open_gap: on g and t charts, what has passed since the last event.
        clusters: on g and t charts, how many events ended each gap.
        periods: on g and t charts, the expected periods behind the gaps: missing ones count as missing.
    """

    values: Sequence[float | None] | FloatArray
    improvement: Improvement
    cadence: Cadence
    last_period_end: date | None = None
    states: Sequence[PeriodState] | None = None
    target: Target | None = None
    chart: StatusChart = "xmr"
    numerators: Sequence[float | None] | None = None
    denominators: Sequence[float | None] | None = None
    multiply: float = 1.0
    minimum_points: int | None = None
    minimum_n: float | None = None
    rebase_at: Sequence[int] = ()
    fix_after: int | None = None
    limits_from: Sequence[BaseRows | None] = ()
    left_out: Sequence[int] = ()
    definitions: Sequence[str | int] | None = None
    last_complete: bool = True
    reporting_lag: int | None = None
    holidays: Collection[date] = ()
    open_gap: float | None = None
    clusters: Sequence[int] = ()
    periods: Record | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A status with everything it rests on. Indexes are 0-based rows; lines are those of the last usable row.

    Attributes:
        status: the composite.
        reason: why there is no status (a shortage, a flaw of the limits, `out_of_date`), or the basis, or `steady`.
        basis: rule behind the signal: limits, trend, two_in_three, shift; runs, short_gaps, open_gap on other charts.
        since_index: first row of the mark.
        strength: single (one point beyond a limit), pattern, or sustained (7 points and more).
        variation: name of the variation icon, or `insufficient`.
        assurance: pass, inconsistent, fail; None without target or limits, or while limits are provisional after a rebase.
        assurance_provisional: assurance rests on the last six points, because fewer than twelve followed a change.
        signal_length: usable points from `since_index` to the last.
        signal_high: whether the signal points up as drawn; None without one.
        early_signal: an adverse mark on the run chart of 7 to 11 points: shown, never a status.
        recent_signal: a mark within the last 6 points that has gone.
        conflict: other rules point the other way at the last point: ask a person.
        met_target: whether the last usable figure meets the target, whatever the process will do.
        last_status: the status but for its being out of date, or that of the old phase after a rebase.
        runs_beyond_chance: the whole chart holds longer or fewer runs than chance (charts other than XmR).
    """

    status: Status
    reason: str
    chart: StatusChart
    rule_set_version: str
    needed_points: int
    usable_points: int = 0
    basis: SignalBasis | None = None
    since_index: int | None = None
    strength: Strength | None = None
    variation: str = "insufficient"
    assurance: Assurance | None = None
    assurance_provisional: bool = False
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    provisional_limits: bool = True
    stale: bool = False
    early_signal: bool = False
    recent_signal: RecentSignal | None = None
    conflict: bool = False
    met_target: bool | None = None
    targets_met_recently: int = 0
    last_index: int | None = None
    last_value: float | None = None
    due: date | None = None
    show: Show = "nothing"
    signal_length: int = 0
    signal_high: bool | None = None
    last_status: Status | None = None
    runs_beyond_chance: bool = False
