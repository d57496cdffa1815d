"""Minutes assembled from decisions: what they hold, what they count, what stands before a signature."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.recovery.minutes.assembling import (
    GivenNotes,
    MonthLine,
    assembled,
    attendance_of,
    month_of,
    next_month,
    note_problems,
    summary_of,
    text_of,
)

WHO = (("H Marsh", "nominated individual"), ("R Menon", "quality lead"))
NOTES = GivenNotes(WHO, "Why was the rota not changed? It was thought met.", "")
OUTCOMES = st.sampled_from(["assured", "assured_with_exception", "further_action", "escalate", "addendum"])


def a_line(
    outcome: str = "further_action", *, kind: str = "review", service: str = "Rowan House", day: int = 9
) -> MonthLine:
    return MonthLine(
        service, kind, date(2026, 11, day), "D Hartley", "Registered manager", "Call bells", outcome, "It fell."
    )


def test_decisions_stand_under_their_service_in_order() -> None:
    content = assembled([a_line(day=20), a_line("escalate", day=3), a_line(service="Alder Court")], NOTES)
    assert [one["name"] for one in content["services"]] == ["Alder Court", "Rowan House"]
    assert [one["heading"] for one in content["services"][1]["entries"]] == [
        "Escalated, Call bells",
        "Further action, Call bells",
    ]
    assert content["attendance"][0] == {"name": "H Marsh", "role": "nominated individual"}


def test_a_weak_assurance_is_counted_and_marked() -> None:
    content = assembled([a_line("assured_with_exception")], NOTES)
    assert "1 weak assurance" in content["summary"]
    assert content["services"][0]["entries"][0]["weak"] == "yes"


def test_a_month_without_decisions_says_so() -> None:
    assert summary_of([]) == "Nothing was decided in this month."


@given(st.lists(st.tuples(OUTCOMES, st.sampled_from(["review", "escalation", "oversight"]), st.integers(1, 28))))
def test_every_decision_is_in_the_minutes_once(rows: list[tuple[str, str, int]]) -> None:
    lines = [a_line(outcome, kind=kind, day=day) for outcome, kind, day in rows]
    content = assembled(lines, NOTES)
    assert sum(len(one["entries"]) for one in content["services"]) == len(lines)
    assert content == assembled(list(reversed(lines)), NOTES) or len({line.happened_on for line in lines}) < len(lines)


def test_minutes_need_two_who_attended_and_a_challenge() -> None:
    assert note_problems(NOTES) == {}
    assert set(note_problems(GivenNotes(WHO[:1], "", ""))) == {"attendance", "challenge"}
    assert set(note_problems(GivenNotes((("H Marsh", ""), WHO[1]), NOTES.challenge, ""))) == {"attendance"}


def test_attendance_is_edited_as_it_is_shown() -> None:
    typed = "H Marsh, nominated individual\n\nR Menon, quality lead\n"
    rows = attendance_of(typed)
    assert rows == WHO
    assert text_of([{"name": name, "role": role} for name, role in rows]) == typed.replace("\n\n", "\n").strip()


@pytest.mark.parametrize("written", ["2026-13", "2026-00", "26-11", "2026-11-01", "", "2026-1x", "1800-01", "²026-11"])
def test_what_is_no_month_is_none(written: str) -> None:
    assert month_of(written) is None


@given(st.integers(1901, 2200), st.integers(1, 12))
def test_a_month_written_is_read_back(year: int, month: int) -> None:
    start = date(year, month, 1)
    assert month_of(f"{start:%Y-%m}") == start
    assert 28 <= (next_month(start) - start).days <= 31
