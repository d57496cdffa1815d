"""What a request body may hold: one declaration makes the check, its plain messages and the JSON Schema."""

# ruff: noqa: TRY004 -- a value that cannot be is told to whoever sent it; its type is one of the ways

import math
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Kind = Literal["text", "flag", "integer", "number", "date", "uuid", "texts", "uuids", "object", "objects", "answers"]
MOST_AT_ONCE = 1_000
LONGEST_TEXT = 2_000
MOST_ITEMS = 100
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a body.

    Attributes:
        name: as it stands in the JSON.
        kind: what its value is; `null` is taken like a member that is not there.
        about: one sentence for the documents.
        required: whether it must be given.
        choices: the only values taken; any where empty.
        shape: of an `object`, or of each of `objects`.
    """

    name: str
    kind: Kind
    about: str
    required: bool = False
    choices: tuple[str, ...] = ()
    shape: "Shape | None" = None


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON object with the members that it may have; others are refused.

    Attributes:
        many: whether a list of up to 1,000 is taken as well as one.
        needed: whether a request has to bring it.
    """

    name: str
    members: tuple[Member, ...]
    many: bool = False
    needed: bool = True


def read(shape: Shape, given: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of one object, and its problems by member; a value with a problem is left out."""
    if not isinstance(given, Mapping):
        return {}, {"body": "Send a JSON object."}
    known = {member.name: member for member in shape.members}
    problems = {
        str(name)[:60]: f"There is no member “{str(name)[:60]}” here. Known: {', '.join(known)}."
        for name in given
        if name not in known
    }
    values: dict[str, Any] = {}
    for name, member in known.items():
        value = given.get(name)
        if value is None:
            if member.required:
                problems[name] = f"Give {name}. {member.about}"
            continue
        try:
            values[name] = _value(member, value)
        except ValueError as wrong:
            problems[name] = str(wrong)
    return values, problems


def read_many(shape: Shape, given: Any) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The values of one object or of a list of them; problems of many are keyed `1.numerator`, counted from 1."""
    if not isinstance(given, list):
        values, problems = read(shape, given)
        return [values], problems
    if not 1 <= len(given) <= MOST_AT_ONCE:
        return [], {"body": f"Send 1 to {MOST_AT_ONCE:,} at once; this has {len(given):,}."}
    found, problems = [], {}
    for number, one in enumerate(given, start=1):
        values, wrong = read(shape, one)
        found.append(values)
        problems |= {(f"{number}.{name}" if len(given) > 1 else name): words for name, words in wrong.items()}
    return found, problems


def schema(shape: Shape) -> dict[str, Any]:
    """The JSON Schema of one object; a member that need not be given may be null."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {member.name: _schema(member) for member in shape.members},
        "required": [member.name for member in shape.members if member.required],
    }


def _value(member: Member, value: Any) -> Any:
    found = _READ[member.kind](member, value)
    if member.choices and found not in member.choices:
        raise ValueError(f"Use one of {', '.join(member.choices)}.")
    return found


def _text(_: Member, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("Give text, in quotation marks.")
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"Use {LONGEST_TEXT:,} characters or fewer; this has {len(value):,}.")
    if _CONTROL.search(value) or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("This holds a character that cannot be saved.")
    return value.strip()


def _flag(_: Member, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("Give true or false, without quotation marks.")
    return value


def _number(_: Member, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("Give a number, without quotation marks.")
    if (isinstance(value, int) and abs(value) > 10**15) or not math.isfinite(value):
        raise ValueError("This number is too large.")
    return float(value)


def _integer(member: Member, value: Any) -> int:
    found = _number(member, value)
    if not found.is_integer() or abs(found) > 2**31 - 1:
        raise ValueError("Give a whole number.")
    return int(found)


def _date(_: Member, value: Any) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("Give a date as YYYY-MM-DD.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"There is no day {value}.") from None


def _uuid(_: Member, value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise ValueError("Give an identifier, a UUID in quotation marks.") from None


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise ValueError(f"Give a list of up to {MOST_ITEMS}.")
    return value


def _object(member: Member, value: Any) -> dict[str, Any]:
    if member.shape is None:
        raise ValueError("Give an object.")
    values, problems = read(member.shape, value)
    if problems:
        raise ValueError(" ".join(f"{name}: {words}" for name, words in problems.items()))
    return values


def _answers(_: Member, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("Give an object with the answers, as the record type's schema says.")
    return value


_READ = {
    "text": _text,
    "flag": _flag,
    "integer": _integer,
    "number": _number,
    "date": _date,
    "uuid": _uuid,
    "texts": lambda member, value: [_text(member, each) for each in _list(value)],
    "uuids": lambda member, value: [_uuid(member, each) for each in _list(value)],
    "object": _object,
    "objects": lambda member, value: [_object(member, each) for each in _list(value)],
    "answers": _answers,
}

_SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "maxLength": LONGEST_TEXT},
    "flag": {"type": "boolean"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "uuid": {"type": "string", "format": "uuid"},
    "texts": {"type": "array", "maxItems": MOST_ITEMS, "items": {"type": "string"}},
    "uuids": {"type": "array", "maxItems": MOST_ITEMS, "items": {"type": "string", "format": "uuid"}},
    "answers": {"type": "object"},
}


def _schema(member: Member) -> dict[str, Any]:
    said = schema(member.shape) if member.shape else dict(_SCHEMAS[member.kind])
    if member.kind == "objects":
        said = {"type": "array", "maxItems": MOST_ITEMS, "items": said}
    if member.choices:
        said["enum"] = list(member.choices)
    if not member.required:
        said["type"] = [said["type"], "null"]
        if member.choices:
            said["enum"].append(None)
    return said | {"description": member.about}
