"""When the regulator's clocks end, and how they stand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.catalogue.calendar import add_working_days, is_working_day
from mendline.catalogue.clocks import Count, clock_kinds
from mendline.recovery.clocks.rules import (
    clock_state,
    count_words,
    day_of,
    due_at,
    end_in_force,
    end_of,
    later_month,
    next_due,
)

LONDON = ZoneInfo("Europe/London")


def london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("started", "count", "last_day"),
    [
        (london(2026, 11, 2, 9), Count("working_days", 10), date(2026, 11, 16)),
        (london(2026, 12, 18, 9), Count("working_days", 10), date(2027, 1, 6)),  # Christmas, Boxing Day moved, New Year
        (london(2026, 4, 1, 9), Count("working_days", 3), date(2026, 4, 8)),  # Good Friday and Easter Monday
        (london(2026, 11, 2, 23, 59), Count("calendar_days", 28), date(2026, 11, 30)),
        (london(2026, 11, 2, 0, 0), Count("calendar_days", 28), date(2026, 11, 30)),
        (london(2026, 8, 31, 9), Count("months", 6), date(2027, 2, 28)),
        (london(2026, 11, 30, 9), Count("calendar_days", -28), date(2026, 11, 2)),
    ],
    ids=["ten", "christmas", "easter", "late-evening", "midnight", "short-month", "before"],
)
def test_days_are_counted_without_the_day_that_starts_them(started: datetime, count: Count, last_day: date) -> None:
    assert due_at(started, count) == end_of(last_day)
    assert day_of(due_at(started, count)) == last_day


def test_hours_are_hours_when_the_clocks_go_back() -> None:
    started = london(2026, 10, 24, 20)
    assert due_at(started, Count("hours", 24)) - started.astimezone(UTC) == timedelta(hours=24)
    assert due_at(started, Count("hours", 24)).astimezone(LONDON).hour == 19


def test_a_day_of_the_clock_change_ends_at_its_own_midnight() -> None:
    assert end_of(date(2026, 10, 25)) == datetime(2026, 10, 26, 0, tzinfo=UTC)
    assert end_of(date(2026, 3, 29)) == datetime(2026, 3, 29, 23, tzinfo=UTC)


def test_the_letter_goes_before_the_count_where_it_may() -> None:
    kinds, started = clock_kinds(), london(2026, 11, 2, 9)
    said = date(2026, 12, 1)
    assert end_in_force(kinds["action_report"], started, count=None, said=said) == end_of(said)
    assert end_in_force(kinds["warning_comply"], started, count=None, said=None) is None
    assert end_in_force(kinds["tribunal_appeal"], started, count=None, said=said) == end_of(date(2026, 11, 30))


def test_a_providers_own_number_goes_before_the_shipped_one() -> None:
    kind, started = clock_kinds()["complaint_answered"], london(2026, 11, 2, 9)
    assert day_of(end_in_force(kind, started, count=Count("working_days", 20), said=None) or started) == date(
        2026, 11, 30
    )


def test_a_monthly_report_of_the_31st_falls_on_the_last_day_of_short_months_and_returns() -> None:
    first = end_of(date(2026, 12, 31))
    assert [day_of(next_due(first, turn, "monthly")) for turn in (1, 2, 3, 4)] == [
        date(2026, 12, 31),
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
    ]


@pytest.mark.parametrize(
    ("at", "sent", "state", "words"),
    [
        (london(2026, 11, 2, 9), None, "running", "28 days left"),
        (london(2026, 11, 29, 0), None, "soon", "48 hours left"),
        (london(2026, 11, 30, 23), None, "soon", "1 hour left"),
        (london(2026, 12, 1, 0, 1), None, "overdue", "1 day late"),
        (london(2026, 12, 5, 9), None, "overdue", "5 days late"),
        (london(2026, 12, 5, 9), london(2026, 11, 30, 23, 59), "sent", "Sent in time"),
        (london(2026, 12, 5, 9), london(2026, 12, 2, 9), "sent_late", "Sent 2 days late"),
    ],
    ids=["running", "two-days", "last-hour", "just-late", "late", "in-time", "sent-late"],
)
def test_a_clock_says_how_it_stands(at: datetime, sent: datetime | None, state: str, words: str) -> None:
    found = clock_state(end_of(date(2026, 11, 30)), at, sent_at=sent)
    assert (found.state, found.words) == (state, words)


def test_an_ended_clock_is_never_late() -> None:
    assert clock_state(end_of(date(2026, 11, 30)), london(2027, 1, 1), ended=True).state == "ended"


@given(st.dates(date(2025, 1, 1), date(2027, 6, 1)), st.integers(1, 30))
def test_a_count_of_working_days_ends_on_one_and_grows_with_its_number(day: date, number: int) -> None:
    started = datetime(day.year, day.month, day.day, 12, tzinfo=LONDON)
    due = due_at(started, Count("working_days", number))
    assert is_working_day(day_of(due))
    assert due < due_at(started, Count("working_days", number + 1))
    assert day_of(due) == add_working_days(day, number)


@given(st.dates(date(2025, 1, 1), date(2027, 6, 1)), st.integers(1, 60))
def test_monthly_turns_stay_a_month_apart(day: date, turn: int) -> None:
    first = end_of(day)
    assert later_month(day, turn) == day_of(next_due(first, turn + 1, "monthly"))
    assert 28 <= (day_of(next_due(first, turn + 1, "monthly")) - day_of(next_due(first, turn, "monthly"))).days <= 31


def test_every_kind_says_how_long_it_runs() -> None:
    words = {count_words(kind.counts) for kind in clock_kinds().values()}
    assert {"10 working days", "24 hours", "28 calendar days before", "6 months", "the date in the letter"} <= words


def test_numbers_that_were_not_rechecked_are_marked() -> None:
    unchecked = {key for key, kind in clock_kinds().items() if kind.check}
    assert {"rating_display", "rating_review", "complaint_answered", "statement_of_purpose"} <= unchecked
    assert not {"factual_accuracy", "incident_notification", "proposal_representations"} & unchecked
