"""When a mail about a notice may go out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.telling.kinds import KINDS, WAYS, way_of
from mendline.telling.timing import Wish, goes_out, is_quiet, last_digest, next_look

MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.just(UTC),  # noqa: DTZ001
)  # fmt: skip
HOURS = st.integers(0, 23)


def at(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def told(wish: Wish, kind: str, made_at: datetime, moment: datetime, *, presses: bool = False) -> bool:
    return goes_out(wish, kind, presses=presses, made_at=made_at, at=moment)


def test_an_escalation_is_mailed_at_once_unless_its_person_chose_otherwise() -> None:
    assert told(Wish(), "escalation", at(23, 12), at(23, 12))
    assert not told(Wish({"escalation": "daily"}), "escalation", at(23, 12), at(23, 12))
    assert not told(Wish({"escalation": "never"}), "escalation", at(23, 12), at(30, 12))


def test_quiet_hours_reach_over_midnight_and_end() -> None:
    night = Wish(quiet_from=21, quiet_until=7)
    assert [is_quiet(night, at(23, hour)) for hour in (20, 21, 23, 0, 6, 7)] == [False, True, True, True, True, False]
    assert not told(night, "escalation", at(23, 22), at(23, 22))
    assert told(night, "escalation", at(23, 22), at(24, 7))


def test_what_presses_breaks_quiet_hours_only_where_its_person_lets_it_and_it_is_told_at_once() -> None:
    assert told(Wish(), "escalation", at(23, 22), at(23, 22), presses=True)
    assert not told(Wish(presses_through=False), "escalation", at(23, 22), at(23, 22), presses=True)
    assert not told(Wish(), "action", at(22, 22), at(23, 22), presses=True)


def test_the_same_hour_from_and_until_is_no_quiet_hour() -> None:
    assert not is_quiet(Wish(quiet_from=9, quiet_until=9), at(23, 9))


def test_a_daily_digest_holds_what_was_noticed_before_its_hour() -> None:
    daily = Wish({"action": "daily"}, digest_hour=8)
    assert not told(daily, "action", at(23, 9), at(23, 23))
    assert told(daily, "action", at(23, 9), at(24, 8))


def test_a_digest_that_comes_late_still_goes_out() -> None:
    assert told(Wish(digest_hour=8), "action", at(23, 7), at(23, 14))


def test_a_weekly_digest_waits_for_its_weekday() -> None:
    weekly = Wish({"action": "weekly"}, digest_hour=8, digest_weekday=4)
    assert not told(weekly, "action", at(23, 9), at(26, 12))  # noticed on a Monday, asked on Thursday
    assert told(weekly, "action", at(23, 9), at(27, 8))


@pytest.mark.parametrize(("day", "utc_hour"), [(24, 7), (25, 8)])
def test_a_digest_keeps_its_hour_in_england_over_the_change_of_clocks(day: int, utc_hour: int) -> None:
    """On 25 October 2026 the clocks go back: eight in the morning is an hour later in UTC."""
    sent = last_digest(Wish(digest_hour=8), "daily", datetime(2026, 10, day, 23, tzinfo=UTC))
    assert sent == datetime(2026, 10, day, utc_hour, tzinfo=UTC)


@given(MOMENTS, HOURS, st.integers(0, 6), st.sampled_from(["daily", "weekly"]))
def test_the_last_digest_never_lies_ahead_nor_further_back_than_its_rhythm(moment, hour, weekday, way) -> None:
    sent = last_digest(Wish(digest_hour=hour, digest_weekday=weekday), way, moment)
    assert sent <= moment < sent + timedelta(days=1 if way == "daily" else 7, hours=1, seconds=1)


@given(
    MOMENTS, st.none() | HOURS, st.none() | HOURS, HOURS, st.sampled_from(sorted(KINDS)), st.sampled_from(list(WAYS))
)
def test_whatever_was_chosen_a_week_and_a_day_is_enough(moment, start, end, hour, kind, way) -> None:
    """Nothing waits for ever: within eight days each mail that is wanted goes out at some hour."""
    wish = Wish({kind: way}, start, end, digest_hour=hour)
    hours = [moment + timedelta(hours=step) for step in range(8 * 24)]
    assert any(told(wish, kind, moment, each) for each in hours) == (way != "never")


@given(MOMENTS)
def test_the_next_look_is_within_the_hour_and_at_its_beginning(moment) -> None:
    assert moment < next_look(moment) <= moment + timedelta(hours=1)
    assert next_look(moment).minute == 0


def test_a_choice_that_is_no_longer_known_counts_as_none() -> None:
    assert way_of("escalation", {"escalation": "by pigeon"}) == "at_once"
