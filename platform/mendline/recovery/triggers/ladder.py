"""Who is asked, by when, and who next when they do not answer. Values in, values out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mendline.catalogue.calendar import LONDON, add_working_days
from mendline.catalogue.triggers import Due

# Undecided past its date, an escalation goes up: service, provider, and the provider's own board.
UP: Mapping[str, str] = {
    "medicines_lead": "registered_manager",
    "care_coordinator": "registered_manager",
    "rota_coordinator": "registered_manager",
    "deputy_manager": "registered_manager",
    "registered_manager": "nominated_individual",
    "provider_quality_lead": "nominated_individual",
    "provider_oversight": "provider_lead",
    "nominated_individual": "provider_lead",
}
# Who may decide what is put before a level. Oversight is for the nominated individual or the quality lead.
DECIDERS: Mapping[str, frozenset[str]] = {
    "medicines_lead": frozenset({"deputy_manager", "registered_manager", "nominated_individual"}),
    "care_coordinator": frozenset({"deputy_manager", "registered_manager", "nominated_individual"}),
    "rota_coordinator": frozenset({"deputy_manager", "registered_manager", "nominated_individual"}),
    "deputy_manager": frozenset({"deputy_manager", "registered_manager", "nominated_individual"}),
    "registered_manager": frozenset({"registered_manager", "nominated_individual"}),
    "provider_quality_lead": frozenset({"provider_quality_lead", "nominated_individual"}),
    "provider_oversight": frozenset({"nominated_individual", "provider_quality_lead", "provider_lead"}),
    "nominated_individual": frozenset({"nominated_individual", "provider_lead"}),
    "provider_lead": frozenset({"provider_lead"}),
}
DAYS_AT_THE_NEXT_LEVEL = 2  # working days


@dataclass(frozen=True, slots=True)
class DueBy:
    """A date and, where the time is counted in hours, a moment."""

    on: date
    at: datetime | None = None


def due_by(due: Due, now: datetime, *, same_day: bool = False) -> DueBy:
    """By when an answer is due: working days are England's; hours and days do not pause.

    Args:
        due: the kind's time.
        now: when the escalation opens.
        same_day: the answer is due before the day ends.
    """
    today = now.astimezone(LONDON).date()
    if same_day:
        return DueBy(today)
    if due.unit == "working_days":
        return DueBy(add_working_days(today, due.amount))
    if due.unit == "days":
        return DueBy(today + timedelta(days=due.amount))
    at = now + timedelta(hours=due.amount)
    return DueBy(at.astimezone(LONDON).date(), at)


def next_due(today: date) -> date:
    """The date of the level above: two working days."""
    return add_working_days(today, DAYS_AT_THE_NEXT_LEVEL)


def above(role: str) -> str | None:
    """The role one level up; None at the top."""
    return UP.get(role)


def first_held(role: str, held: Collection[str]) -> str:
    """The role itself, or the first above it that somebody holds; the role itself where nobody holds any."""
    found: str | None = role
    while found is not None and found not in held:
        found = UP.get(found)
    return found or role


def may_decide(to_role: str, roles: Collection[str]) -> bool:
    """Whether somebody with these roles may decide what is put before a level."""
    return bool(DECIDERS.get(to_role, frozenset()) & set(roles))
