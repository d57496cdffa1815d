"""What a request asks for, read with plain messages, and how an answer leaves."""

import json
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NoReturn, TypeVar

from flask import Response, abort, jsonify, request

from mendline.api import cursors
from mendline.api.shapes import Shape, read, read_many
from mendline.api.wire import plain
from tenants.clock import now
from tenants.errors import RefusedError

PAGE, LARGEST_PAGE = 100, 200
MOST_LISTED = 20_000  # actions, risks, escalations, reviews or packs of one service that a list goes through
Item = TypeVar("Item")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_IDENTIFIER = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def body_of(shape: Shape) -> dict[str, Any]:
    """The one object that was sent.

    Raises:
        RefusedError: a member is missing, unknown or cannot be.
    """
    values, problems = read(shape, sent())
    _refuse(problems)
    return values


def bodies_of(shape: Shape) -> list[dict[str, Any]]:
    """One object, or a list of up to 1,000.

    Raises:
        RefusedError: a member of one of them is missing, unknown or cannot be; nothing of it is saved.
    """
    values, problems = read_many(shape, sent())
    _refuse(problems)
    return values


def sent() -> Any:
    """The JSON of the request."""
    if request.mimetype != "application/json":
        abort(415, "Send JSON, with the header Content-Type: application/json.")
    try:
        return json.loads(request.get_data(), object_pairs_hook=_once_each, parse_constant=_not_a_number)
    except (ValueError, RecursionError) as wrong:
        abort(400, f"The body is not JSON that can be read: {wrong}")


def limit() -> int:
    """How many items a page may hold."""
    return number("limit", PAGE, most=LARGEST_PAGE)


def number(name: str, otherwise: int, *, most: int) -> int:
    """A parameter that is a whole number from 1 to `most`."""
    given = request.args.get(name)
    if given is None:
        return otherwise
    if not (given.isascii() and given.isdecimal() and len(given) <= len(str(most)) and 1 <= int(given) <= most):
        words = f"Give a whole number from 1 to {most:,}."
        raise RefusedError(words, {name: words})
    return int(given)


def day(name: str) -> date | None:
    """A date parameter."""
    given = request.args.get(name)
    try:
        return None if given is None else date.fromisoformat(_matching(_DAY, given))
    except ValueError as wrong:
        words = "Give a date as YYYY-MM-DD."
        raise RefusedError(words, {name: words}) from wrong


def moment(name: str) -> datetime | None:
    """A moment parameter, RFC 3339 with its offset."""
    given = request.args.get(name)
    try:  # a plus sign that was not escaped arrives as a space
        return (
            None
            if given is None
            else datetime.fromisoformat(_matching(_MOMENT, given.replace(" ", "+"))).astimezone(UTC)
        )
    except (ValueError, OverflowError) as wrong:
        words = "Give a moment as 2026-11-23T10:00:00Z."
        raise RefusedError(words, {name: words}) from wrong


def as_at() -> datetime | None:
    """The moment by which facts had been recorded; one that has not come would answer otherwise later."""
    found = moment("as_at")
    if found is not None and found > now():
        words = "Give a moment that has come. What stands then is not known yet."
        raise RefusedError(words, {"as_at": words})
    return found


def identifier(name: str) -> uuid.UUID | None:
    """An identifier parameter."""
    given = request.args.get(name)
    try:
        return None if given is None else uuid.UUID(_matching(_IDENTIFIER, given))
    except ValueError as wrong:
        words = "Give an identifier, a UUID."
        raise RefusedError(words, {name: words}) from wrong


def answer(resource: Any, status: int = 200) -> Response:
    """A resource as JSON."""
    response = jsonify(plain(resource))
    response.status_code = status
    return response


def answer_slice(items: Sequence[Item], name_of: Callable[[Item], object], made: Callable[[Item], Any]) -> Response:
    """The page of a whole list that the request asks for; its cursor names the last item of the page before.

    Args:
        items: all of the list, in its order; not more than `MOST_LISTED` of it is ever read.
        name_of: what tells an item from others.
        made: the resource of an item.

    Raises:
        RefusedError: the cursor is not one that was given.
    """
    most, after, first = limit(), request.args.get("cursor"), 0
    if after is not None:
        (name,) = cursors.read(after, 1)
        first = next((place for place, one in enumerate(items, start=1) if str(name_of(one)) == name), 0)
        if not first:
            raise RefusedError(cursors.WRONG, {"cursor": cursors.WRONG})
    page = items[first : first + most]
    more = first + most < len(items)
    return answer_list([made(one) for one in page], cursors.written(str(name_of(page[-1]))) if more else None)


def answer_list(items: Iterable[Any], next_cursor: str | None = None) -> Response:
    """A page of a list; `next_cursor` is null at its end."""
    return jsonify({"items": [plain(item) for item in items], "next_cursor": next_cursor})


def _refuse(problems: dict[str, str]) -> None:
    if problems:
        raise RefusedError("Nothing was saved. Mend what is named below and send it again.", problems)


def _matching(pattern: re.Pattern[str], given: str) -> str:
    if not pattern.fullmatch(given):
        raise ValueError(given)
    return given


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands there twice")
    return found


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")
