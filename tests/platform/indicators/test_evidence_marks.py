from datetime import date, timedelta

import pytest

from mendline.catalogue.indicators import indicator_definition
from mendline.indicators.evidence_marks import (
    Behind,
    EvidenceFact,
    FigureBehind,
    Sufficiency,
    sufficiency_of,
)
from mendline.indicators.evidence_words import fresh_words, letter_words, missing_words, todos_of

TODAY = date(2026, 11, 17)  # a Tuesday
MAR = indicator_definition("mar_compliance_pct")
WHOLE = FigureBehind(present=(True,) * 12, last_end=date(2026, 11, 15), size=200, minimum_n=100)


def seen(letter: str, days_ago: int, checked: str | None = None, **changes) -> EvidenceFact:
    return EvidenceFact(letter, TODAY - timedelta(days=days_ago), checked, **{"out_of_hours": True, **changes})


def found(*facts: EvidenceFact, cadence="weekly", figure: FigureBehind = WHOLE, **changes) -> Sufficiency:
    return sufficiency_of(Behind(facts, figure=figure, **changes), cadence, TODAY)


@pytest.mark.parametrize(
    ("letter", "cadence", "last_day"),
    [("R", "weekly", 14), ("R", "monthly", 62), ("A", "weekly", 28), ("F", "monthly", 28), ("P", "weekly", 28)],
)
def test_each_kind_of_evidence_is_current_to_the_last_day_of_its_window(letter, cadence, last_day) -> None:
    current = found(seen(letter, last_day), cadence=cadence).letters[letter]
    assert (current.state, current.until) == ("current", TODAY)
    assert found(seen(letter, last_day + 1), cadence=cadence).letters[letter].state == "old"


def test_the_newest_piece_decides() -> None:
    assert found(seen("A", 90), seen("A", 3)).marks["A"] == "current"


@pytest.mark.parametrize("result", ["changed", "not_found", "withdrawn"])
def test_an_original_that_changed_or_is_gone_stops_counting(result) -> None:
    assert found(seen("R", 1, result)).marks["R"] == "missing"


def test_an_original_that_was_looked_at_and_is_unchanged_counts() -> None:
    assert found(seen("R", 1, "unchanged")).marks["R"] == "current"


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
    assert found(*(seen(letter, 1) for letter in letters)).level == level


def test_a_kind_that_cannot_exist_counts_as_met_but_proves_nothing_alone() -> None:
    exempt = found(seen("R", 1), seen("A", 1), seen("P", 1), not_applicable={"F"})
    assert exempt.marks["F"] == "not_applicable"
    assert exempt.level == "strong"
    assert found(not_applicable={"R", "F"}).level == "not_supported"


def test_practice_seen_by_day_alone_is_not_met_until_an_evening_a_night_or_a_weekend_is_among_it() -> None:
    by_day = seen("P", 4, out_of_hours=False)  # a Friday
    assert found(by_day).marks["P"] == "day_only"
    assert found(by_day, seen("P", 20)).marks["P"] == "current"
    assert found(seen("P", 2, out_of_hours=False)).marks["P"] == "current"  # a Sunday
    assert found(by_day, seen("P", 40)).marks["P"] == "day_only"


def test_practice_counts_until_its_newest_evening_is_four_weeks_old() -> None:
    both = found(seen("P", 1, out_of_hours=False), seen("P", 20)).letters["P"]
    assert both.until == TODAY + timedelta(days=8)


def test_whoever_produced_the_figure_cannot_check_it_independently() -> None:
    own = seen("A", 1, by_producer=True)
    assert found(own).marks["A"] == "not_independent"
    assert found(own, seen("A", 9)).marks["A"] == "current"


def test_a_record_below_the_smallest_size_that_is_judged_does_not_make_the_record_mark() -> None:
    small = FigureBehind(present=(True,) * 12, last_end=date(2026, 11, 15), size=40, minimum_n=100)
    assert found(seen("R", 1), figure=small).marks["R"] == "few"
    assert found(seen("R", 1, size=120), figure=small).marks["R"] == "current"
    uncounted = FigureBehind(present=(True,) * 12, last_end=date(2026, 11, 15), minimum_n=100)
    assert found(seen("R", 1), figure=uncounted).marks["R"] == "current"


def test_a_series_with_gaps_is_partial_at_most_whatever_else_is_current() -> None:
    gaps = FigureBehind(present=(True,) * 10 + (False, True), last_end=date(2026, 11, 15), size=200)
    whole = tuple(seen(letter, 1) for letter in "RAFP")
    assert found(*whole, figure=gaps).level == "strong"  # 11 of 12 are more than nine in ten
    more = FigureBehind(present=(True,) * 9 + (False, False, True), last_end=date(2026, 11, 15), size=200)
    thin = found(*whole, figure=more)
    assert (thin.level, thin.fresh.state, thin.missing) == ("partial", "incomplete", ("fresh",))


def test_evidence_does_not_support_a_figure_that_is_more_than_two_cadences_old() -> None:
    old = FigureBehind(present=(True,) * 12, last_end=TODAY - timedelta(days=15), size=200)
    stale = found(*(seen(letter, 1) for letter in "RAFP"), figure=old)
    assert (stale.level, stale.fresh.state) == ("not_supported", "old")


def test_without_any_figure_nothing_is_supported() -> None:
    assert found(*(seen(letter, 1) for letter in "RAFP"), figure=FigureBehind()).level == "not_supported"


def test_a_source_that_points_the_other_way_contradicts_whatever_else_there_is() -> None:
    whole = tuple(seen(letter, 1) for letter in "RAFP")
    assert found(*whole, contradictions=1).level == "contradicted"
    assert found(*whole, contradictions=0).level == "strong"


def test_evidence_from_tomorrow_does_not_count_today() -> None:
    assert found(seen("F", -1)).marks["F"] == "missing"


def test_what_is_missing_is_named_and_turned_into_something_to_do() -> None:
    thin = found(seen("R", 1), seen("A", 40), seen("P", 4, out_of_hours=False))
    assert missing_words(thin, MAR) == "no current independent check, no voice of people and practice seen by day only"
    todos = todos_of(thin, MAR, "weekly")
    assert [todo.mark for todo in todos] == ["A", "F", "P"]
    assert todos[1].words == "Ask people or their families and add what they say."
    assert {todo.form for todo in todos} == {"evidence"}


def test_a_figure_that_is_strong_leaves_nothing_to_do() -> None:
    strong = found(*(seen(letter, 1) for letter in "RAFP"))
    assert todos_of(strong, MAR, "weekly") == ()
    assert missing_words(strong, MAR) == ""


def test_staff_speak_to_what_is_theirs() -> None:
    staffing = indicator_definition("agency_hours_pct")
    assert "voice of staff" in missing_words(found(seen("R", 1)), staffing)


def test_gaps_and_contradictions_are_things_to_do_as_well() -> None:
    gaps = FigureBehind(present=(True,) * 9 + (False, False, True), last_end=date(2026, 11, 15), size=200)
    both = found(*(seen(letter, 1) for letter in "RAFP"), figure=gaps, contradictions=2)
    first, second = todos_of(both, MAR, "weekly")
    assert (first.form, second.form) == ("answer", "figure")
    assert second.words == "Enter the figures of 2 weeks, or say why there is none."
    assert fresh_words(both.fresh, "weekly") == "2 of the last 12 weeks have no figure."


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (
            seen("P", 4, out_of_hours=False),
            "Seen in practice on 13 Nov, but by day only: no evening, night or weekend.",
        ),
        (seen("A", 1, by_producer=True), "Checked on 16 Nov, but only by whoever produced the figure."),
        (seen("F", 60), "Out of date: newest 18 Sep."),
        (seen("F", 1), "Current: newest 16 Nov. It counts until 14 Dec."),
    ],
)
def test_how_a_kind_of_evidence_stands_is_said_in_a_sentence(fact, words) -> None:
    assert letter_words(fact.letter, found(fact).letters[fact.letter], MAR) == words


def test_case_26_an_answer_through_the_own_carer_is_a_voice_of_less_strength() -> None:
    rest = [seen(letter, 1) for letter in "RAP"]
    only = found(*rest, seen("F", 3, by_own_carer=True))
    assert (only.marks["F"], only.level) == ("own_carer", "sufficient")
    assert letter_words("F", only.letters["F"], MAR) == (
        "Asked on 14 Nov, but only with the help of the person's own carer."
    )
    assert missing_words(only, MAR) == "a voice only through the person's own carer"
    assert [(todo.mark, todo.form) for todo in todos_of(only, MAR, "weekly")] == [("F", "evidence")]
    both = found(*rest, seen("F", 3, by_own_carer=True), seen("F", 10))
    assert (both.marks["F"], both.level) == ("current", "strong")
    assert both.letters["F"].until == TODAY + timedelta(days=18), "it counts as long as the stronger voice is current"
