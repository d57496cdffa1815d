from datetime import date, timedelta

import pytest

from mendline.indicators.evidence_marks import EvidenceFact, evidence_level, evidence_marks

TODAY = date(2026, 11, 17)


def seen(letter: str, days_ago: int, checked: str | None = None) -> EvidenceFact:
    return EvidenceFact(letter, TODAY - timedelta(days=days_ago), checked)


@pytest.mark.parametrize(
    ("letter", "cadence", "last_day"),
    [("R", "weekly", 14), ("R", "monthly", 62), ("A", "weekly", 28), ("F", "monthly", 28), ("P", "weekly", 28)],
)
def test_each_kind_of_evidence_is_current_to_the_last_day_of_its_window(letter, cadence, last_day) -> None:
    assert evidence_marks([seen(letter, last_day)], cadence, (), TODAY)[letter] == "current"
    assert evidence_marks([seen(letter, last_day + 1)], cadence, (), TODAY)[letter] == "old"


def test_the_newest_piece_decides() -> None:
    assert evidence_marks([seen("A", 90), seen("A", 3)], "weekly", (), TODAY)["A"] == "current"


@pytest.mark.parametrize("result", ["changed", "not_found", "withdrawn"])
def test_an_original_that_changed_or_is_gone_stops_counting(result) -> None:
    assert evidence_marks([seen("R", 1, result)], "weekly", (), TODAY)["R"] == "missing"


def test_an_original_that_was_looked_at_and_is_unchanged_counts() -> None:
    assert evidence_marks([seen("R", 1, "unchanged")], "weekly", (), TODAY)["R"] == "current"


@pytest.mark.parametrize(
    ("letters", "level"),
    [
        ("RAFP", "strong"),
        ("RAF", "sufficient"),
        ("RP", "partial"),
        ("R", "not_supported"),
        ("AFP", "not_supported"),
        ("", "not_supported"),
    ],
)
def test_the_word_counts_current_kinds_and_needs_records(letters, level) -> None:
    assert evidence_level(evidence_marks([seen(letter, 1) for letter in letters], "weekly", (), TODAY)) == level


def test_a_kind_that_cannot_exist_counts_as_met_but_proves_nothing_alone() -> None:
    marks = evidence_marks([seen("R", 1), seen("A", 1), seen("P", 1)], "weekly", {"F"}, TODAY)
    assert marks["F"] == "not_applicable"
    assert evidence_level(marks) == "strong"
    assert evidence_level(evidence_marks([], "weekly", {"R", "F"}, TODAY)) == "not_supported"
