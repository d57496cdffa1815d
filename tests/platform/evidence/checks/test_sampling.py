"""How spot checks draw, and what they may say."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.evidence.checks.sampling import Finding, agreement, draw, median, sample_size, words_of

NAMES = uuid.UUID("00000000-0000-4000-8000-000000000007")
RECORDS = [uuid.uuid5(NAMES, str(number)) for number in range(200)]


@pytest.mark.parametrize(
    ("population", "size"),
    [(0, 0), (1, 1), (10, 10), (11, 10), (20, 13), (100, 24), (1_000, 30), (1_000_000, 31)],
    ids=["none", "one", "small", "just-above", "twenty", "hundred", "thousand", "million"],
)
def test_a_sample_is_sized_for_its_population(population: int, size: int) -> None:
    assert sample_size(population) == size


def test_the_same_seed_draws_the_same_records_in_whatever_order_they_come() -> None:
    first = draw(RECORDS, "seed", 20)
    assert draw(reversed(RECORDS), "seed", 20) == first
    assert draw(RECORDS, "another", 20) != first
    assert len(set(first)) == 20


def test_every_record_is_drawn_about_as_often() -> None:
    times = dict.fromkeys(RECORDS[:20], 0)
    for seed in range(2_000):
        for record in draw(RECORDS[:20], str(seed), 5):
            times[record] += 1
    assert all(400 < count < 600 for count in times.values())


@pytest.mark.parametrize(
    ("agree", "wrong", "population", "verdict"),
    [
        (20, 0, 200, "holds"),
        (19, 1, 200, "holds"),
        (18, 2, 200, "unsure"),
        (17, 3, 200, "contradicted"),
        (10, 0, 10, "holds"),
        (9, 1, 10, "contradicted"),  # all were seen: one in ten is wrong, and that is no guess
        (5, 0, 200, "unsure"),
    ],
    ids=["all", "one-off", "two-off", "three-off", "whole", "whole-one-off", "too-few"],
)
def test_a_check_says_whether_the_claim_holds(agree: int, wrong: int, population: int, verdict: str) -> None:
    findings: list[Finding] = ["agrees"] * agree + ["disagrees"] * wrong
    assert agreement(findings, population).verdict == verdict


def test_a_record_that_was_not_found_does_not_agree() -> None:
    assert agreement(["agrees", "not_found"], 9).share == 0.5


def test_nothing_compared_says_nothing() -> None:
    found = agreement([], 40)
    assert (found.share, found.verdict, words_of(found)) == (None, None, "Nothing is compared yet.")


def test_more_findings_than_records_are_refused() -> None:
    with pytest.raises(ValueError, match="more records"):
        agreement(["agrees"] * 3, 2)


def test_words_give_the_share_and_how_sure_it_is() -> None:
    assert words_of(agreement(["agrees"] * 10, 10)) == "10 of 10 agree: 100%, and these are all."
    assert words_of(agreement(["agrees"] * 17 + ["disagrees"] * 3, 200)).startswith("17 of 20 agree: 85%, between 6")


@given(st.lists(st.sampled_from(["agrees", "disagrees", "not_found"]), min_size=1, max_size=60), st.integers(0, 400))
def test_the_interval_holds_the_share_and_narrows_as_the_population_is_seen(findings: list[Finding], more: int) -> None:
    found = agreement(findings, len(findings) + more)
    wider = agreement(findings, len(findings) + more + 50)
    assert found.low is not None
    assert found.high is not None
    assert wider.low is not None
    assert wider.high is not None
    assert 0 <= found.low <= (found.share or 0) + 1e-12
    assert (found.share or 0) - 1e-12 <= found.high <= 1
    assert wider.low <= found.low + 1e-12
    assert wider.high >= found.high - 1e-12


@given(st.integers(0, 100_000))
def test_a_larger_population_never_takes_a_smaller_sample(population: int) -> None:
    assert 0 <= sample_size(population) <= sample_size(population + 1) <= population + 1


def test_the_median_time_is_the_middle_one() -> None:
    assert (median([]), median([30]), median([10, 90, 20]), median([10, 20])) == (None, 30, 20, 15)
