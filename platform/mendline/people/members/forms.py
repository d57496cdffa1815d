"""Reads the forms of members: every field is named, none is taken that was not asked for."""

from collections.abc import Mapping
from datetime import date

from mendline.people.members.offering import GivenRole
from mendline.people.members.rows import Reachable
from mendline.web.typed import day_or_none
from tenants.errors import RefusedError

LONGEST_WORDS = 500


def required_day(words: str) -> date | None:
    """A day, or None where nothing was typed.

    Raises:
        RefusedError: something was typed that is no day.
    """
    found = day_or_none(words)
    if words.strip() and found is None:
        raise RefusedError("The role was not changed.", {"valid_until": "Give a day, such as 2026-03-31."})
    return found


def read_words(given: Mapping[str, str], name: str) -> str:
    """One field's words, bounded."""
    return given.get(name, "").strip()[:LONGEST_WORDS]


def read_place(words: str, places: tuple[Reachable, ...]) -> Reachable:
    """The provider or service that was chosen, among those that were offered.

    Raises:
        RefusedError: it was not offered.
    """
    for each in places:
        if words == place_value(each):
            return each
    raise RefusedError("This was not saved.", {"place": "Choose where."})


def place_value(place: Reachable) -> str:
    """How a place stands in a form."""
    return str(place.service_id or place.provider_id)


def read_role(given: Mapping[str, str], place: Reachable, today: date) -> GivenRole:
    """A role as it was typed."""
    return GivenRole(
        provider_id=place.provider_id,
        service_id=place.service_id,
        role=given.get("role", "")[:40],
        kind=given.get("kind", "")[:20],
        valid_from=day_or_none(given.get("valid_from", "")) or today,
        valid_until=day_or_none(given.get("valid_until", "")),
        reason=read_words(given, "reason"),
    )
