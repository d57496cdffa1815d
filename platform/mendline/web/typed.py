"""Reading what people type into forms and addresses: dates, whole numbers, identifiers.

Each comes twice: `read_…` for a field of a form, which says under the field's name what is wrong; `…_or_none` for what narrows
a page, where nonsense narrows nothing.
"""

import uuid
from collections.abc import Mapping
from datetime import date

from tenants.errors import RefusedError

_DIGITS = 6  # of the longest number that a form asks for


def day_or_none(typed: str) -> date | None:
    """A date; None where nothing was typed, or nonsense."""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def identifier_or_none(typed: object) -> uuid.UUID | None:
    """An identifier; None where nothing was chosen, or nonsense."""
    try:
        return uuid.UUID(str(typed).strip())
    except ValueError:
        return None


def read_day(typed: str, name: str, problems: dict[str, str]) -> date | None:
    """A date as a form sends it; None where nothing was typed."""
    found = day_or_none(typed)
    if found is None and typed.strip():
        problems[name] = "Give a date as day, month and year."
    return found


def read_number(typed: str, name: str, problems: dict[str, str]) -> int | None:
    """A whole number as a form sends it; None where nothing was typed."""
    digits = typed.strip()
    if not digits:
        return None
    if not digits.isdecimal() or len(digits) > _DIGITS:
        problems[name] = "Give a whole number."
        return None
    return int(digits)


def read_identifier(typed: str, name: str, problems: dict[str, str]) -> uuid.UUID | None:
    """An identifier as a form sends it; None where nothing was chosen."""
    found = identifier_or_none(typed)
    if found is None and typed.strip():
        problems[name] = "Choose one of the list."
    return found


def only_day(given: Mapping[str, str], name: str) -> date | None:
    """The one date of a form; None where nothing was typed.

    Raises:
        RefusedError: it cannot be read.
    """
    problems: dict[str, str] = {}
    found = read_day(given.get(name, ""), name, problems)
    if problems:
        raise RefusedError("Nothing was changed.", problems)
    return found
