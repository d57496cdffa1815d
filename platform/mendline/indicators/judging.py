"""Reads one indicator's periods by its chart: direction of travel, target, sufficiency and currency, with the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, cast

from mendline.catalogue.calendar import bank_holidays, period_end
from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.indicators.targets import TargetFact
from mendline.statistics.judgement import IndicatorSeries
from mendline.statistics.readings import Reading, read_xmr
from mendline.statistics.rules import FIRST_MATCH, PRECEDENCE, Mark
from mendline.statistics.status import judge
from mendline.statistics.sufficiency import PeriodState
from mendline.statistics.targets import Target, TargetOperator
from mendline.statistics.wording import sentence
from mendline.statistics.xmr import Improvement

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
        marks: per period: improvement, concern, changed, usual or missing; None where there are no limits to judge by.
        adverse: per period: an adverse signal is complete there.
        chart: the kind of chart that was read.
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
    phases: tuple[dict[str, Any], ...] = ()


def judgement_of(
    definition: IndicatorDefinition,
    cadence: Cadence,
    periods: Sequence[PeriodFigure],
    *,
    target: TargetFact | None,
    today: date,
) -> Judgement:
    """How the periods read, in order; expected ones without a figure stand among them as missing.

    Periods that still run are drawn and not judged: half a week is no week.
    """
    over = [period for period in periods if period_end(cadence, period.period_start) < today]
    values = [period.value for period in over]
    improvement = IMPROVEMENT[definition.direction]
    series = IndicatorSeries(
        values=values,
        improvement=improvement,
        cadence=cadence,
        last_period_end=period_end(cadence, over[-1].period_start) if over else None,
        states=[cast("PeriodState", period.state) for period in over],
        target=_target(definition, target),
        denominators=[period.denominator for period in over],
        minimum_points=definition.spc_minimum_points,
        minimum_n=definition.minimum_n,
        holidays=bank_holidays().keys(),
    )
    judged = judge(series, today=today)
    reading = read_xmr(values, improvement) if judged.show == "chart" else None
    running = len(periods) - len(over)
    since = judged.since_index
    return Judgement(
        status=judged.status,
        reason=judged.reason,
        # The name of a measure takes the singular, whatever it counts.
        sentence=sentence(judged, definition.name, cadence=cadence, dates=[period.period_start for period in over]),
        basis=judged.basis,
        since=over[since].period_start if since is not None else None,
        strength=judged.strength,
        variation=judged.variation,
        assurance=judged.assurance,
        is_stale=judged.stale,
        usable_points=judged.usable_points,
        centre=judged.centre,
        lower=judged.lower,
        upper=judged.upper,
        marks=(*_marks(values, reading), *(None,) * running),
        adverse=(*_adverse(values, reading, early=judged.early_signal), *(False,) * running),
        chart=judged.chart if judged.show == "chart" else "run",
        provisional_limits=judged.provisional_limits,
        rule_set_version=judged.rule_set_version,
        phases=_phases(reading),
    )


def _target(definition: IndicatorDefinition, target: TargetFact | None) -> Target | None:
    if target is None or target.value is None or not definition.is_judged:
        return None
    return Target(cast("TargetOperator", target.operator), target.value)


def _marks(values: Sequence[float | None], reading: Reading | None) -> list[str | None]:
    """A word per period, as charts draw them; None where there are no limits to judge by."""
    if reading is None:
        return [None] * len(values)
    return ["missing" if value is None else _mark(reading, row) for row, value in enumerate(values)]


def _mark(reading: Reading, row: int) -> str:
    _, sign, _ = FIRST_MATCH[reading.marks[row]]
    if sign == 0:
        return "usual"
    return "changed" if reading.direction == 0 else "improvement" if sign == reading.direction else "concern"


def _adverse(values: Sequence[float | None], reading: Reading | None, *, early: bool) -> list[bool]:
    """Where an adverse signal is complete: all seven points of a shift are marked, but only the last one showed it."""
    found = [False] * len(values)
    if reading is not None and reading.direction:
        for row, mark in enumerate(reading.marks):
            _, sign, _ = FIRST_MATCH[mark]
            if sign == -reading.direction:
                bits = [bit for bit, way in _WAYS if mark & bit and way == sign]
                found[row] = any(_complete(reading, row, bit) for bit in bits)
    last = max((row for row, value in enumerate(values) if value is not None), default=None)
    if early and last is not None:
        found[last] = True
    return found


def _complete(reading: Reading, row: int, bit: int) -> bool:
    if bit & _RUNS:
        return row + 1 >= RUN_LENGTH and all(reading.marks[row - back] & bit for back in range(RUN_LENGTH))
    if bit & _PAIRS:
        return any(reading.marks[before] & bit for before in range(max(0, row - 2), row))
    return True


def _phases(reading: Reading | None) -> tuple[dict[str, Any], ...]:
    """Stretches with one set of limits, first and last row of each, as JSON."""
    if reading is None or not reading.phase_starts:
        return ()
    ends = [*(start - 1 for start in reading.phase_starts[1:]), len(reading.values) - 1]
    return tuple(
        {
            "start": start,
            "end": end,
            "centre": reading.centre[start],
            "lower": reading.lower[start],
            "upper": reading.upper[start],
        }
        for start, end in zip(reading.phase_starts, ends, strict=True)
    )
