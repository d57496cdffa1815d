"""Is a figure still current? A period ends, its cadence passes, its reporting lag passes: then the next one is due."""

import calendar
from collections.abc import Collection
from datetime import date, timedelta

import numpy as np

from mendline.statistics.rule_sets import CURRENT_RULES, Cadence, RuleSet

MONTHS: dict[Cadence, int] = {"monthly": 1, "quarterly": 3}


def shift_period(end: date, periods: int, cadence: Cadence) -> date:
    """The end of the period so many periods later (earlier if negative); a month's end stays a month's end."""
    if cadence == "weekly":
        return end + timedelta(weeks=periods)
    month = end.year * 12 + end.month - 1 + periods * MONTHS[cadence]
    year, place = divmod(month, 12)
    last = calendar.monthrange(year, place + 1)[1]
    at_end = end.day == calendar.monthrange(end.year, end.month)[1]
    return date(year, place + 1, last if at_end else min(end.day, last))


def due_by(
    last_end: date,
    cadence: Cadence,
    *,
    lag: int | None = None,
    holidays: Collection[date] = (),
    rules: RuleSet = CURRENT_RULES,
) -> date:
    """Last day on which the figures up to `last_end` are current: one cadence plus the lag, at most two cadences.

    Args:
        last_end: last day of the last usable period.
        cadence: how often a period ends.
        lag: normal reporting lag in working days, if not the rule set's.
        holidays: bank holidays.
        rules: versioned settings.
    """
    working_days = rules.lag_working_days[cadence] if lag is None else lag
    following = shift_period(last_end, 1, cadence)
    closed = sorted(day.isoformat() for day in holidays)
    due = date.fromisoformat(str(np.busday_offset(following.isoformat(), working_days, "backward", holidays=closed)))
    latest = shift_period(last_end, rules.latest_cadences, cadence)
    return max(following, min(due, latest))


def is_stale(due: date, today: date) -> bool:
    """Whether the next figure should have come by now."""
    return today > due
