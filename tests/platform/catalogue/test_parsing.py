from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from mendline.catalogue.parsing import READERS
from mendline.catalogue.record_types import Field, Kind


def field(kind: Kind, **changes: Any) -> Field:
    choices = {"day": "Day shift", "night": "Night shift"} if kind in {"choice", "multi_choice"} else {}
    about = (
        {"personal_data": "pseudonymous"}
        if kind in {"person_reference", "staff_reference", "room", "long_text"}
        else {}
    )
    return Field(**({"name": "answer", "label": "Answer", "kind": kind, "choices": choices} | about | changes))


def read(kind: Kind, given: Any, **changes: Any) -> Any:
    return READERS[kind](given, field(kind, **changes))


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("integer", "1,204", 1204),
        ("integer", "12.0", 12),
        ("integer", 12.0, 12),
        ("number", "-3.5", -3.5),
        ("number", "1,204.25", 1204.25),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("boolean", False, False),
        ("choice", "NIGHT", "night"),
        ("choice", " night  shift ", "night"),
        ("multi_choice", "night; day", ("day", "night")),
        ("multi_choice", ["night"], ("night",)),
        ("text", "  two\n words ", "two words"),
        ("text", 14, "14"),
        ("long_text", "one\r\ntwo", "one\ntwo"),
        ("person_reference", "p-014", "P-014"),
        ("person_reference", "P014", "P-014"),
        ("staff_reference", "A. O.", "AO"),
        ("room", "7a", "7a"),
        ("date", "2026-11-07", date(2026, 11, 7)),
        ("date", "07/11/2026", date(2026, 11, 7)),
        ("date", "7.11.26", date(2026, 11, 7)),
        ("date", "7 Nov 2026", date(2026, 11, 7)),
        ("date", "7 November 2026", date(2026, 11, 7)),
        ("date", datetime(2026, 11, 7, 12, tzinfo=UTC), date(2026, 11, 7)),
        ("time", "6.41", time(6, 41)),
        ("time", "6:41pm", time(18, 41)),
        ("time", "12am", time(0)),
        ("datetime", "17/11/2026 06:41", datetime(2026, 11, 17, 6, 41, tzinfo=UTC)),
        ("datetime", "2026-07-17T06:41", datetime(2026, 7, 17, 5, 41, tzinfo=UTC)),
        ("datetime", "2026-07-17T06:41:00Z", datetime(2026, 7, 17, 6, 41, tzinfo=UTC)),
        ("datetime", "2026-07-17T06:41:00+02:00", datetime(2026, 7, 17, 4, 41, tzinfo=UTC)),
        ("datetime", "17 Nov 2026, 6:41am", datetime(2026, 11, 17, 6, 41, tzinfo=UTC)),
        ("datetime", datetime(2026, 7, 17, 6, 41), datetime(2026, 7, 17, 5, 41, tzinfo=UTC)),  # noqa: DTZ001
    ],
)
def test_an_answer_is_read_as_people_write_it(kind: Kind, given: Any, value: Any) -> None:
    assert read(kind, given) == value


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("integer", "12.5", "whole number"),
        ("integer", "twelve", "whole number"),
        ("integer", "1e3", "whole number"),
        ("integer", True, "whole number"),
        ("integer", "9" * 400, "whole number"),
        ("integer", 10**400, "whole number"),
        ("number", "3,5", "full stop for decimals"),
        ("number", "nan", "must be a number"),
        ("number", float("inf"), "must be a number"),
        ("boolean", "maybe", "yes or no"),
        ("choice", "dusk", "must be one of: day; night"),
        ("multi_choice", "night; dusk", "must be one of"),
        ("multi_choice", " ; ", "one or more of"),
        ("text", "a\x00b", "cannot be saved"),
        ("text", "\ud800", "cannot be saved"),
        ("text", ["a"], "must be text"),
        ("text", "x" * 201, "is 201 characters long. Use 200 or fewer"),
        ("person_reference", "Mrs Smith", "Do not enter a name"),
        ("staff_reference", "Amara", "Do not enter a name"),
        ("date", "11/17/2026", "day first"),
        ("date", "31/02/2026", "There is no 31/02/2026"),
        ("date", "soon", "must be a date"),
        ("time", "25:00", "must be a time"),
        ("time", "6", "must be a time"),
        ("time", "13pm", "must be a time"),
        ("datetime", "17/11/2026", "needs a date and a time"),
        ("datetime", "17/11/2026 late", "must be a time"),
        ("datetime", "2026-11-17T06:41:00+99:00", "must be a date and time"),
        ("datetime", "29/03/2026 01:30", "did not happen"),
    ],
)
def test_an_unreadable_answer_says_what_to_enter(kind: Kind, given: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(kind, given)


def test_limits_hold_at_their_ends() -> None:
    limits = {"minimum": 0, "maximum": 14}
    assert read("integer", "0", **limits) == 0
    assert read("number", "14", **limits) == 14.0
    with pytest.raises(ValueError, match="must be 0 or more"):
        read("integer", "-1", **limits)
    with pytest.raises(ValueError, match="must be 14 or less"):
        read("number", "14.1", **limits)


def test_the_first_of_two_half_past_ones_is_taken() -> None:
    assert read("datetime", "25/10/2026 01:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
