"""What processes log: one JSON object a line, so that a machine reads it and nothing that was typed can forge a line.

An exception is told by its kind and by the places it passed, never by its words: these may quote a record, a statement or
what somebody typed. A request adds how it is known (`mendline.web.request_lines`).
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

_MOST_PLACES = 30  # of an exception, the innermost


class JsonLines(logging.Formatter):
    """Turns a record into a line: moment in UTC, level, logger, words, process, and where there are any, request and error."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            "thread": record.threadName,
        }
        request = getattr(record, "request", None)
        if request:
            line["request"] = request
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _error(record.exc_info[1])
        return json.dumps(line)


def _error(problem: BaseException) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": _kind(problem), "places": _places(problem.__traceback__)}
    cause = problem.__cause__ or problem.__context__
    if cause is not None:
        told["because_of"] = _kind(cause)
    return told


def _kind(problem: BaseException) -> str:
    return f"{type(problem).__module__}.{type(problem).__qualname__}"


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_MOST_PLACES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def write_json_lines(*loggers: str) -> None:
    """Lets this process log in JSON to standard error, from the level INFO.

    Args:
        loggers: those that a server gave handlers of their own, besides the root.
    """
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stderr))
        root.setLevel(logging.INFO)
    for logger in (root, *map(logging.getLogger, loggers)):
        for handler in logger.handlers:
            handler.setFormatter(JsonLines())
