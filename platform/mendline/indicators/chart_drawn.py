"""What a chart shows beside a status, as JSON: marks, limits, gaps, which chart it is and why, limits as they were."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from mendline.indicators.chart_case import Case
from mendline.indicators.chart_words import base_sentence, chart_sentence, small_numbers_sentence
from mendline.indicators.fitting import BY_PARTS, ChartFacts, Fit, rare_events
from mendline.statistics.arithmetic import FloatArray
from mendline.statistics.judgement import Judgement
from mendline.statistics.readings import Reading
from mendline.statistics.rules import FIRST_MATCH, PRECEDENCE, Mark
from mendline.statistics.wording import icon_alternative

RUN_LENGTH = 7  # points that make a shift or a trend (statistics.rules.STANDARD_RUNS)
# Plain numbers: a flag's own arithmetic takes ten times as long, for each of 104 points.
_RUNS = int(Mark.RISING | Mark.FALLING | Mark.SHIFT_HIGH | Mark.SHIFT_LOW)
_PAIRS = int(Mark.TWO_HIGH | Mark.TWO_LOW)
_WAYS = tuple((int(bit), way) for bit, _, way, _ in PRECEDENCE)


def seen_of(reading: Reading | None, judged: Judgement) -> Reading | None:
    """What may be drawn of a chart: all of it, or its old phases alone while a new base has too few points for limits."""
    if reading is None or judged.show == "chart":
        return reading
    start = reading.phase_start
    if start == 0:
        return None
    unknown = (None,) * (len(reading.marks) - start)
    return replace(
        reading,
        centre=reading.centre[:start] + unknown,
        lower=reading.lower[:start] + unknown,
        upper=reading.upper[:start] + unknown,
        marks=reading.marks[:start] + (0,) * len(unknown),
    )


def chart_said(case: Case, settled: ChartFacts, judged: Judgement, rows: Sequence[int]) -> dict[str, Any]:
    """Which chart it is and why, what its limits rest on, and what shows at the newest figure."""
    starts_on = [period.period_start for period in case.over]
    return {
        "chart_kind": case.fit.chart,
        "chart_fits": case.fit.choice.chart,
        "chart_overruled": case.fit.overruled,
        "chart_reason": chart_sentence(case.fit, settled),
        "small_numbers": small_numbers_sentence(case.definition, case.cadence, case.fit.choice, case.fit.chart),
        "base": base_sentence(case.cadence, starts_on, case.fit, judged.usable_points),
        "assurance_provisional": judged.assurance_provisional,
        "icon_words": icon_alternative(judged, [starts_on[row] for row in rows]),
        "left_out": [starts_on[row].isoformat() for row in case.fit.left_out],
        "signal": {"basis": judged.basis, "strength": judged.strength},
        "new_bases": [
            {"row": row, "what": base.what_changed}
            for base in settled.new_bases
            if (row := next((at for at, day in enumerate(starts_on) if day >= base.starts_on), None))
        ],
    }


def lines_drawn(reading: Reading | None) -> dict[str, Any]:
    """Limits of each period, where they follow its denominator."""
    if reading is None or reading.chart not in BY_PARTS:
        return {"lowers": None, "uppers": None, "gaps": None}
    return {"lowers": list(reading.lower), "uppers": list(reading.upper), "gaps": None}


def gaps_drawn(case: Case, judged: Judgement, reading: Reading | None, rows: Sequence[int]) -> dict[str, Any]:
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
            "phases": list(phases_of(reading, None)) if limited else [],
            "median": judged.centre,
            "counts_them": rare_events(case.definition, case.figures)[1],
        },
    }


def before_of(case: Case, reading: Reading | None, today: date) -> dict[str, Any] | None:
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
        "marks": marks_of(case.figures.values, old, rows),
        "phases": list(phases_of(old, case.fit)),
        **{name: line for name, line in lines_drawn(old).items() if name != "gaps"},
    }


def marks_of(values: FloatArray, reading: Reading | None, rows: Sequence[int]) -> list[str | None]:
    """A word per period, as charts draw them; None where there are no limits to judge by."""
    if reading is None:
        return [None] * len(values)
    marks: list[str | None] = ["missing" if missing else "usual" for missing in np.isnan(values).tolist()]
    for at, row in enumerate(rows):
        if marks[row] != "missing":
            marks[row] = _mark(reading, at) if reading.centre[at] is not None else None
    return marks


def _mark(reading: Reading, row: int) -> str:
    _, sign, _ = FIRST_MATCH[reading.marks[row]]
    if sign == 0:
        return "usual"
    return "changed" if reading.direction == 0 else "improvement" if sign == reading.direction else "concern"


def adverse_of(values: FloatArray, reading: Reading | None, rows: Sequence[int], *, early: bool) -> list[bool]:
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


def phases_of(reading: Reading | None, fit: Fit | None) -> tuple[dict[str, Any], ...]:
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
