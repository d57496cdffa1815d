"""What a process logs: one JSON object a line, without the words of exceptions, and nothing typed forges a line."""

import io
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.log_lines import JsonLines, write_json_lines


def line_of(message: str, *values: object, problem: BaseException | None = None) -> str:
    told = (type(problem), problem, problem.__traceback__) if problem else None
    record = logging.LogRecord("mendline.workers", logging.WARNING, "here.py", 1, message, values, told)
    return JsonLines().format(record)


def read(line: str) -> dict[str, Any]:
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


@given(st.text())
def test_whatever_is_said_stays_in_its_line(words: str) -> None:
    assert read(line_of("job %s", words))["message"] == f"job {words}"


def test_a_line_says_when_how_grave_and_who() -> None:
    before = datetime.now(UTC)
    line = read(line_of("relay: listening"))
    assert (line["level"], line["logger"], line["message"]) == ("warning", "mendline.workers", "relay: listening")
    assert abs((datetime.fromisoformat(line["at"]) - before).total_seconds()) < 60
    assert line["process"] > 0
    assert "error" not in line
    assert "request" not in line


def failing() -> None:
    try:
        {}["Mrs Ada Marlow, room 4"]
    except KeyError as first:
        raise ValueError("date of birth 1931-02-03") from first


def test_of_an_exception_the_kind_and_the_places_are_told_and_never_its_words() -> None:
    with pytest.raises(ValueError, match="date of birth") as raised:
        failing()
    line = line_of("try %d failed", 3, problem=raised.value)
    error = read(line)["error"]
    assert (error["kind"], error["because_of"]) == ("builtins.ValueError", "builtins.KeyError")
    assert error["places"][-1].endswith(" failing")
    assert "Marlow" not in line
    assert "1931" not in line


def test_a_logger_with_a_handler_of_its_own_is_turned_too() -> None:
    """As gunicorn's is; the root has one already here, which keeps its level."""
    heard, root = io.StringIO(), logging.getLogger()
    handler, own = logging.StreamHandler(heard), logging.getLogger("a server of this test")
    kept = [(each, each.formatter) for each in root.handlers]
    own.addHandler(handler)
    own.propagate = False
    try:
        write_json_lines("a server of this test")
        own.error("it is %s", "full")
    finally:
        own.removeHandler(handler)
        for each, formatter in kept:
            each.setFormatter(formatter)
    assert read(heard.getvalue().rstrip("\n"))["message"] == "it is full"
