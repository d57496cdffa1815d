"""Reads what a form of the registers sends."""

import uuid
from collections.abc import Mapping
from datetime import date

from tenants.errors import RefusedError

_UNSAVED = "Nothing was saved. Mend what is named below and send it again."


def day_of(form: Mapping[str, str], name: str) -> date | None:
    """A date, or none where nothing was typed.

    Raises:
        RefusedError: it is no date.
    """
    typed = form.get(name, "").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise RefusedError(_UNSAVED, {name: "Give a date as day, month and year."}) from None


def number_of(form: Mapping[str, str], name: str) -> int | None:
    """A whole number of one or two digits, or none."""
    typed = form.get(name, "").strip()
    return int(typed) if typed.isdecimal() and len(typed) < 3 else None


def identifier_of(form: Mapping[str, str], name: str) -> uuid.UUID:
    """An identifier.

    Raises:
        RefusedError: it is none.
    """
    try:
        return uuid.UUID(form.get(name, ""))
    except ValueError:
        raise RefusedError(_UNSAVED, {name: "Choose one."}) from None


def maybe_identifier(form: Mapping[str, str], name: str) -> uuid.UUID | None:
    """The same, where nothing need be chosen.

    Raises:
        RefusedError: something was, and it is none.
    """
    return identifier_of(form, name) if form.get(name) else None


def needed_day(form: Mapping[str, str], name: str) -> date:
    """A date that must be given.

    Raises:
        RefusedError: nothing was typed, or no date.
    """
    found = day_of(form, name)
    if found is None:
        raise RefusedError(_UNSAVED, {name: "Give a date, today or later."})
    return found
