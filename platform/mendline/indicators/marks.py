"""What a figure carries with it wherever it is shown: that it came late and how late, and that it was restated."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from mendline.catalogue.calendar import london_date, period_final_on, period_label
from mendline.catalogue.indicators import Cadence
from mendline.catalogue.wording import counted, short_date

_MOST_NAMED = 6


def days_late(cadence: Cadence, period_start: date, first_recorded_at: datetime | None) -> int:
    """Days between the day by which a figure is due (three working days after its period) and its first recording."""
    if first_recorded_at is None:
        return 0
    return max(0, (london_date(first_recorded_at) - period_final_on(cadence, period_start)).days)


def marks_of(
    cadence: Cadence, period_start: date, first_recorded_at: datetime | None, recorded_at: datetime | None
) -> dict[str, Any]:
    """The marks as JSON.

    Args:
        cadence: of the indicator.
        period_start: the first day of the period.
        first_recorded_at: when the first revision came in.
        recorded_at: when the one that stands did.
    """
    restated = restated_on(first_recorded_at, recorded_at)
    return {
        "late_days": days_late(cadence, period_start, first_recorded_at),
        "restated_on": restated.isoformat() if restated else None,
    }


def restated_on(first_recorded_at: datetime | None, recorded_at: datetime | None) -> date | None:
    """The day in England on which a later revision took the place of the first; None where the first one stands."""
    if recorded_at is None or first_recorded_at is None or recorded_at <= first_recorded_at:
        return None
    return london_date(recorded_at)


def restated_words(series: Mapping[str, Any], cadence: Cadence, first: str = "") -> str:
    """`Restated: 5 Jan on 12 Feb; 12 Jan on 12 Feb.`, of the newest ones, or nothing.

    Args:
        series: the series of a status.
        cadence: of its indicator.
        first: the first day of the oldest period that is shown, in ISO 8601.
    """
    found = sorted(((day, on) for day, on in series.get("restated", {}).items() if day >= first), reverse=True)
    said = [
        f"{period_label(cadence, date.fromisoformat(day))} on {short_date(date.fromisoformat(on))}"
        for day, on in reversed(found[:_MOST_NAMED])
    ]
    others = f", and {counted(len(found) - _MOST_NAMED, 'earlier period')}" if len(found) > _MOST_NAMED else ""
    return f"Restated: {'; '.join(said)}{others}." if said else ""


def mark_words(marks: Mapping[str, Any] | None) -> str:
    """`Restated 12 Nov`, `9 days late`, both, or nothing."""
    if not marks:
        return ""
    late, restated = marks.get("late_days") or 0, marks.get("restated_on")
    said = [f"restated {short_date(date.fromisoformat(restated))}"] if restated else []
    said += [f"came {counted(late, 'day')} late"] if late else []
    words = ", ".join(said)
    return words[:1].upper() + words[1:]
