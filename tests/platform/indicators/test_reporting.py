from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.catalogue.status_rules import status_rules
from mendline.indicators.composite import Parts, composite_of
from mendline.indicators.reporting import HarmBeside, Reading, rise_of, rise_words

SEEN = date(2026, 6, 10)
STEADY = HarmBeside("Falls with harm", "stable")
WORSE = HarmBeside("Falls with harm", "deteriorating")
NOT_KEPT = HarmBeside("Falls with harm")
TOO_FEW = HarmBeside("Falls with harm", "insufficient")
BETTER_REPORTING = Reading(SEEN + timedelta(days=2), as_reporting=True)
MORE_HAPPENS = Reading(SEEN + timedelta(days=2), as_reporting=False)
BESIDE = st.builds(
    HarmBeside,
    st.just("Falls with harm"),
    st.sampled_from(["improving", "stable", "deteriorating", "insufficient", ""]),
    st.booleans(),
    st.booleans(),
)
DECIDED = st.lists(st.builds(Reading, st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.booleans()), max_size=4)
DIRECTIONS = st.sampled_from(["improving", "stable", "deteriorating", "changed", "insufficient"])
EVIDENCE = st.sampled_from(["strong", "sufficient", "partial"])


@pytest.mark.parametrize(
    ("beside", "decided", "word"),
    [
        (STEADY, (), "not_supported"),
        (STEADY, (BETTER_REPORTING,), "stable"),
        (STEADY, (MORE_HAPPENS,), "deteriorating"),
        (STEADY, (Reading(SEEN - timedelta(days=1), as_reporting=True),), "not_supported"),
        (WORSE, (), "deteriorating"),
        (WORSE, (BETTER_REPORTING,), "deteriorating"),
        (HarmBeside("Falls with harm", "stable", declines=True), (BETTER_REPORTING,), "deteriorating"),
        (NOT_KEPT, (), "not_supported"),
        (TOO_FEW, (BETTER_REPORTING,), "not_supported"),
        (TOO_FEW, (MORE_HAPPENS,), "deteriorating"),
        (HarmBeside("Falls with harm", "stable", is_stale=True), (), "not_supported"),
        (None, (), "deteriorating"),
    ],
)
def test_the_worked_example_reads_eight_months_of_more_falls_beside_falls_with_harm(
    beside: HarmBeside | None, decided: tuple[Reading, ...], word: str
) -> None:
    rise = rise_of("deteriorating", beside, decided, SEEN)
    assert composite_of(Parts("deteriorating", False, "strong", rise), status_rules()).gives == word


@given(DIRECTIONS, st.none() | BESIDE, DECIDED, EVIDENCE)
def test_a_rise_is_red_only_where_harm_rises_or_somebody_decided_so_and_no_other_direction_is_touched(
    direction: str, beside: HarmBeside | None, decided: list[Reading], evidence: str
) -> None:
    rise = rise_of(direction, beside, decided, SEEN)
    plain = composite_of(Parts(direction, False, evidence), status_rules()).gives
    shown = composite_of(Parts(direction, False, evidence, rise), status_rules()).gives
    after = [one for one in decided if one.recorded_on >= SEEN]
    if direction != "deteriorating" or beside is None or beside.harm == "worse":
        assert (rise, shown) == ("", plain)
    elif not after:
        assert shown == "not_supported"
    assert shown != "stable" or direction == "stable" or (beside is not None and beside.harm == "steady" and after)


@given(BESIDE, DECIDED)
def test_harm_that_gets_worse_never_makes_the_word_better(beside: HarmBeside, decided: list[Reading]) -> None:
    worse = HarmBeside(beside.name, "deteriorating", beside.is_stale, beside.declines)
    assert rise_of("deteriorating", worse, decided, SEEN) == ""


def test_what_contradicts_a_rise_that_was_read_as_reporting_is_answered_first() -> None:
    row = composite_of(Parts("deteriorating", False, "contradicted", "better_reporting"), status_rules())
    assert (row.when, row.gives) == ("contradicted_but_not_worse", "not_supported")


def test_each_rise_says_what_stands_beside_it() -> None:
    assert "falls with harm does not rise: somebody must decide" in rise_words("undecided", STEADY)
    assert "falls with harm is not measured here" in rise_words("harm_unknown", NOT_KEPT)
    assert "falls with harm cannot be judged yet" in rise_words("harm_unknown", TOO_FEW)
    assert rise_words("better_reporting", STEADY).startswith("It was decided that more is reported")
    assert rise_words("", STEADY) == ""
