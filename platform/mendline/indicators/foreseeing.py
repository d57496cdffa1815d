"""Will the target be met by its date? A range and a condition, in words; it never alters a status."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, cast

import numpy as np

from mendline.catalogue.calendar import next_period, period_end
from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.catalogue.wording import figure, long_date
from mendline.indicators.fitting import Figures
from mendline.indicators.targets import TargetFact
from mendline.statistics.judgement import Judgement
from mendline.statistics.outlook import REASON_WORDS, Outlook, outlook
from mendline.statistics.projection import Scale
from mendline.statistics.targets import TargetRange

NEAR = {"weekly": 4, "monthly": 2}  # periods ahead where a target has no date
MOST_AHEAD = 120
NO_OUTLOOK: dict[str, Any] = {
    "reason": "gap_chart",
    "words": "No projection: rare events are not projected.",
    "for_period": None,
}


def outlook_of(
    definition: IndicatorDefinition,
    cadence: Cadence,
    starts_on: Sequence[date],
    figures: Figures,
    judged: Judgement,
    target: TargetFact | None,
    wanted: TargetRange | None,
    phase_start: int,
) -> dict[str, Any]:
    """The outlook on the target as JSON: what was computed, for which period, and in words."""
    if wanted is None or target is None or judged.last_index is None:
        return {"reason": "no_target", "words": "", "for_period": None}
    last = starts_on[judged.last_index]
    ahead, aimed = _ahead(cadence, last, target.reach_by)
    if ahead < 1:
        words = f"The date of the target, {long_date(cast('date', target.reach_by))}, has passed."
        return {"reason": "date_passed", "words": words, "for_period": None}
    scale, multiply = _scale(definition, figures)
    counted = scale != "identity"
    made = outlook(
        figures.values,
        judged,
        wanted,
        horizon=ahead,
        cadence=cadence,
        phase_start=phase_start,
        numerators=figures.numerators.tolist() if counted else None,
        denominators=figures.denominators.tolist() if counted else None,
        scale=scale,
        multiply=multiply,
    )
    return {
        **asdict(made),
        "after_period": last.isoformat(),
        "for_period": aimed.isoformat(),
        "target": target.value,
        "words": outlook_sentence(made, definition, cadence, last, aimed, dated=target.reach_by is not None),
    }


def outlook_sentence(
    made: Outlook, definition: IndicatorDefinition, cadence: Cadence, last: date, aimed: date, *, dated: bool
) -> str:
    """The outlook in words, with its range; 'if nothing changes' is part of every answer."""
    if made.reason:
        return f"No projection: {REASON_WORDS[made.reason]}."
    periods = "weeks" if cadence == "weekly" else "months"
    if made.share_meeting is not None:
        return f"If nothing changes, {_in_ten(made.share_meeting)} in 10 {periods} would meet the target."
    if made.verdict is None or made.low is None or made.high is None or made.centre is None:
        return ""
    by = long_date(period_end(cadence, aimed))
    low, centre, high = (figure(each, definition) for each in (made.low, made.centre, made.high))
    when = f"by {by}" if dated else f"in the {periods[:-1]} to {by}"
    said = f"If nothing changes, {_VERDICTS[made.verdict]} {when}: about {centre}, most likely from {low} to {high}."
    reached = _reached(made, cadence, last)
    return f"{said} {reached}".strip()


_VERDICTS = {
    "on_track": "on track to meet the target",
    "likely": "likely to meet the target, not certain,",
    "at_risk": "at risk of missing the target",
    "off_track": "off track to meet the target",
}


def _in_ten(share: float) -> str:
    """Never 'all' or 'none' of what has not happened yet."""
    tenths = round(share * 10)
    return "fewer than 1" if tenths == 0 else "more than 9" if tenths == 10 else f"about {tenths}"


def _reached(made: Outlook, cadence: Cadence, last: date) -> str:
    if made.earliest is None:
        return "The range does not reach the target by then."
    first = long_date(period_end(cadence, _later(cadence, last, made.earliest)))
    if made.latest is None:
        return f"The target comes within the range from {first}; it may take longer than this looks ahead."
    until = long_date(period_end(cadence, _later(cadence, last, made.latest)))
    if made.latest == made.earliest:
        return f"The whole range meets the target from {first}."
    return f"The target would be reached between {first} and {until}."


def _scale(definition: IndicatorDefinition, figures: Figures) -> tuple[Scale, float]:
    """The scale that figures cannot leave; plain figures where they have no whole parts."""
    usable = ~np.isnan(figures.values)
    if not figures.counted or not (figures.denominators[usable] > 0).all():
        return "identity", 1.0
    if definition.measure_type == "proportion":
        return "proportion", 100.0
    return ("rate", float(definition.rate_per or 1)) if definition.measure_type == "rate" else ("identity", 1.0)


def _ahead(cadence: Cadence, last: date, reach_by: date | None) -> tuple[int, date]:
    """How many periods from the newest figure to the last period that ends by the date, and that period's start."""
    if reach_by is None:
        return NEAR[cadence], _later(cadence, last, NEAR[cadence])
    ahead, period = 0, last
    while ahead < MOST_AHEAD and period_end(cadence, next_period(cadence, period)) <= reach_by:
        ahead, period = ahead + 1, next_period(cadence, period)
    return ahead, period


def _later(cadence: Cadence, start: date, periods: int) -> date:
    for _ in range(periods):
        start = next_period(cadence, start)
    return start
