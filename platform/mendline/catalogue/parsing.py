"""Reads one answer, as people, spreadsheets and other systems give it, into a value.

Each reader takes what was given and either returns the value or raises ``ValueError`` with a sentence that says what to
enter instead. Dates are day first, as in Britain; times without an offset are London time.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Any

from mendline.catalogue.calendar import CalendarError, from_london
from mendline.catalogue.record_types import Field, Kind

_YES = frozenset({"yes", "y", "true", "t", "1", "on"})
_NO = frozenset({"no", "n", "false", "f", "0", "off"})
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_UK_DATE = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})")
_WORD_DATE = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{4})")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?:[:.](\d{2})(?:\.\d+)?)?\s*(am|pm)?", re.IGNORECASE)
_OFFSET = re.compile(r"(.*\S|)\s*(z|[+-]\d{2}:?\d{2})", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PERSON = re.compile(r"([A-Z]{1,3})-?(\d{1,6})")
_STAFF = re.compile(r"[A-Z]{2,4}\d{0,3}")
_LONGEST_NUMBER = 30

PERSON_PATTERN = r"^[A-Z]{1,3}-[0-9]{1,6}$"
STAFF_PATTERN = r"^[A-Z]{2,4}[0-9]{0,3}$"
TIME_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def read_integer(given: Any, field: Field) -> int:
    """A whole number; ``1,204`` and ``12.0`` are whole."""
    number = _number(given, "must be a whole number, for example 12.")
    if not number.is_integer():
        raise ValueError("must be a whole number, for example 12.")
    return int(_within(number, field))


def read_number(given: Any, field: Field) -> float:
    """A number with a full stop before its decimals."""
    return _within(_number(given, "must be a number, for example 3.5. Use a full stop for decimals."), field)


def read_boolean(given: Any, field: Field) -> bool:
    """Yes or no."""
    del field
    if isinstance(given, bool):
        return given
    word = str(given).strip().lower()
    if word not in _YES | _NO:
        raise ValueError("must be yes or no.")
    return word in _YES


def read_choice(given: Any, field: Field) -> str:
    """The code of one choice, from its code or its label."""
    wanted = _folded(given)
    for code, label in field.choices.items():
        if wanted in {_folded(code), _folded(label)}:
            return code
    raise ValueError(f"must be one of: {'; '.join(field.choices)}.")


def read_choices(given: Any, field: Field) -> tuple[str, ...]:
    """Codes of several choices, in the order of the declaration; text separates them by semicolons."""
    parts = given if isinstance(given, list | tuple) else re.split(r"[;|]", str(given))
    found = {read_choice(part, field) for part in parts if str(part).strip()}
    if not found:
        raise ValueError(f"must be one or more of: {'; '.join(field.choices)}.")
    return tuple(code for code in field.choices if code in found)


def read_text(given: Any, field: Field) -> str:
    """Text that can be saved: no control characters, not too long; line ends only in long text."""
    if not isinstance(given, str | int | float) or isinstance(given, bool):
        raise ValueError("must be text.")  # noqa: TRY004 - one kind of error for every unreadable answer
    text = str(given).replace("\r\n", "\n").replace("\r", "\n").strip()
    if field.kind != "long_text":
        text = " ".join(text.split())
    if any(_unsavable(letter) for letter in text):
        raise ValueError("contains a character that cannot be saved. Type it again.")
    if len(text) > field.longest:
        raise ValueError(f"is {len(text)} characters long. Use {field.longest} or fewer.")
    return text


def read_person(given: Any, field: Field) -> str:
    """A person code, never a name."""
    del field
    found = _PERSON.fullmatch(str(given).strip().upper())
    if found is None:
        raise ValueError("must be a person code, for example P-014. Do not enter a name.")
    return f"{found[1]}-{found[2]}"


def read_staff(given: Any, field: Field) -> str:
    """Initials of a member of staff, never a name."""
    del field
    initials = re.sub(r"[.\s]", "", str(given)).upper()
    if _STAFF.fullmatch(initials) is None:
        raise ValueError("must be initials, for example AO. Do not enter a name.")
    return initials


def read_date(given: Any, field: Field) -> date:
    """A day; ``2026-11-17``, ``17/11/2026``, ``17.11.26`` and ``17 Nov 2026`` are the same."""
    del field
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    return _date(str(given).strip())


def read_time(given: Any, field: Field) -> time:
    """A time on the clock; ``06:41``, ``6.41`` and ``6:41am`` are the same."""
    del field
    if isinstance(given, time):
        return given
    return _time(str(given).strip())


def read_datetime(given: Any, field: Field) -> datetime:
    """A moment, in UTC; without an offset it is London time, the first of the two in the hour lived twice."""
    del field
    if isinstance(given, datetime):
        return given.astimezone(UTC) if given.tzinfo else _from_london(given.date(), given.time())
    text = str(given).strip()
    zoned = _OFFSET.fullmatch(text) if ":" in text else None
    if zoned:
        try:
            return datetime.fromisoformat(text.upper().replace(" ", "T", 1)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValueError("must be a date and time, for example 17/11/2026 06:41.") from error
    day, space, clock = text.replace("T", " ", 1).partition(" ")
    if text.count(" ") > 1 and _WORD_DATE.match(text):
        found = _WORD_DATE.match(text)
        day, space, clock = (text[: found.end()], " ", text[found.end() :]) if found else (day, space, clock)
    if not space or not clock.strip():
        raise ValueError("needs a date and a time, for example 17/11/2026 06:41.")
    return _from_london(_date(day), _time(clock.strip(" ,")))


READERS: Mapping[Kind, Callable[[Any, Field], Any]] = MappingProxyType(
    {
        "text": read_text,
        "long_text": read_text,
        "integer": read_integer,
        "number": read_number,
        "boolean": read_boolean,
        "choice": read_choice,
        "multi_choice": read_choices,
        "date": read_date,
        "datetime": read_datetime,
        "time": read_time,
        "person_reference": read_person,
        "staff_reference": read_staff,
        "room": read_text,
    }
)


def _number(given: Any, message: str) -> float:
    if isinstance(given, bool):
        raise ValueError(message)  # noqa: TRY004 - one kind of error for every unreadable answer
    text = str(given).strip()
    if not isinstance(given, int | float) and (len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text)):
        raise ValueError(message)
    try:
        number = float(given) if isinstance(given, int | float) else float(text.replace(",", ""))
    except OverflowError as error:
        raise ValueError(message) from error
    if not math.isfinite(number):
        raise ValueError(message)
    return number


def _within(number: float, field: Field) -> float:
    if field.minimum is not None and number < field.minimum:
        raise ValueError(f"must be {field.minimum:g} or more.")
    if field.maximum is not None and number > field.maximum:
        raise ValueError(f"must be {field.maximum:g} or less.")
    return number


def _date(text: str) -> date:
    message = "must be a date, day first, for example 17/11/2026."
    iso, uk, words = _ISO_DATE.fullmatch(text), _UK_DATE.fullmatch(text), _WORD_DATE.fullmatch(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if uk:
            year = int(uk[3]) + (2000 if len(uk[3]) == 2 else 0)
            return date(year, int(uk[2]), int(uk[1]))
        if words and words[2][:3].lower() in _MONTHS:
            return date(int(words[3]), _MONTHS.index(words[2][:3].lower()) + 1, int(words[1]))
    except ValueError as error:
        raise ValueError(f"{message} There is no {text}.") from error
    raise ValueError(message)


def _time(text: str) -> time:
    message = "must be a time, for example 06:41."
    found = _TIME.fullmatch(text)
    if found is None or (found[2] is None and found[4] is None):
        raise ValueError(message)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[4] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(message)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return time(hour, minute, int(found[3] or 0))
    except ValueError as error:
        raise ValueError(message) from error


def _from_london(day: date, clock: time) -> datetime:
    try:
        return from_london(day, clock)
    except CalendarError as error:
        raise ValueError(f"cannot be read. {error}") from error
    except OverflowError as error:
        raise ValueError("must be a date and time, for example 17/11/2026 06:41.") from error


def _folded(given: Any) -> str:
    return " ".join(str(given).split()).casefold()


def _unsavable(letter: str) -> bool:
    return (letter < " " and letter not in "\n\t") or "\ud800" <= letter <= "\udfff" or letter == "\x7f"
