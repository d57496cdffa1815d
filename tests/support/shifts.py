"""Answers of an end-of-shift medicines check, as somebody types them, and homes to enter them at."""

from typing import Any

from support.facts import Home
from support.tenancy import Place

CHECK = "end_of_shift_check"


def place_of(home: Home, canary: str = "KESTREL") -> Place:
    """A home as the place that somebody works at."""
    return Place(home.provider_id, home.service_id, canary)


def a_check(**changes: Any) -> dict[str, Any]:
    """A check with two gaps; changes replace answers."""
    answers: dict[str, Any] = {
        "checked_at": "2026-01-17T06:41",
        "shift_on": "2026-01-16",
        "shift_band": "night",
        "people_on_unit": "14",
        "charts_checked": "14",
        "gaps_found": "2",
        "cd_balance_agrees": "yes",
        "time_critical_on_time": "yes",
        "completed_by": "AO",
    }
    return answers | changes
