from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.catalogue.conditions import EACH, Condition
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.record_types import record_type
from mendline.catalogue.rules import Rule, rules
from mendline.catalogue.wording import within_sentence
from mendline.recovery.triggers.asking import TESTS
from mendline.recovery.triggers.condition_words import PHRASES, condition_words
from mendline.recovery.triggers.given import Asked

EVERY = [(rule, one) for rule in rules().values() for one in rule.condition.tests()]
LEAVES = st.sampled_from(EVERY).map(lambda pair: (pair[0].thresholds, pair[1]))


def alone(pair: tuple[Rule, Condition], **thresholds: float) -> str:
    return condition_words(pair[1], {**pair[0].thresholds, **thresholds})


def named(one: Condition, member: str) -> tuple[str, ...]:
    return Asked(one.given, {}).words(member)


def test_each_test_of_the_language_has_words_and_nothing_else_has() -> None:
    assert PHRASES.keys() == TESTS.keys()
    assert {one.test for _, one in EVERY} == TESTS.keys(), "the catalogue uses every one, so that all are tried here"


def test_a_worked_example_says_its_window_its_answers_and_its_numbers() -> None:
    assert condition_words(rules()["M7"].condition, {"missing": 2}) == (
        "2 or more shifts that are checked as a rule have none of records of end-of-shift medicines checks within 7 days"
    )
    assert condition_words(rules()["S1"].condition, rules()["S1"].thresholds) == (
        "“Actual against planned care hours” is at or above 97%, and (“Calls answered within the standard” is below 85%,"
        " or “Positive feedback on timely support” is below 75%)"
    )


@pytest.mark.parametrize("pair", EVERY, ids=lambda pair: f"{pair[0].key} {pair[1].test}")
def test_each_phrase_names_its_figures_records_and_warnings(pair: tuple[Rule, Condition]) -> None:
    words = alone(pair)
    for key in named(pair[1], "of"):
        assert ("an indicator" if key == EACH else indicator_definition(key).name) in words
    for kind in named(pair[1], "records"):
        assert within_sentence(record_type(kind).plural) in words
    for code in named(pair[1], "codes"):
        assert code in words
    assert "_" not in words, "no name of a program"


@pytest.mark.parametrize("pair", EVERY, ids=lambda pair: f"{pair[0].key} {pair[1].test}")
def test_each_number_answer_and_choice_that_a_test_is_given_changes_its_words(pair: tuple[Rule, Condition]) -> None:
    rule, one = pair
    for member, value in one.given.items():
        if isinstance(value, Mapping):
            fewer = [{kept: was for kept, was in value.items() if kept != left} for left in value]
            assert all(said(rule, one, member, each) != alone(pair) for each in fewer)
        elif isinstance(value, str) and value.startswith("$"):
            assert alone(pair, **{value[1:]: rule.thresholds[value[1:]] + 3}) != alone(pair), member
        elif isinstance(value, float | int) and not isinstance(value, bool):
            assert said(rule, one, member, value + 3) != alone(pair), member
        elif member not in ("of", "records", "test", "way", "until", "by", "codes", "dated"):
            left_out = replace(one, given={name: kept for name, kept in one.given.items() if name != member})
            assert condition_words(left_out, rule.thresholds) != alone(pair), member


def said(rule: Rule, one: Condition, member: str, value: Any) -> str:
    return condition_words(replace(one, given={**one.given, member: value}), rule.thresholds)


@given(st.lists(LEAVES, min_size=2, max_size=4), st.lists(LEAVES, min_size=2, max_size=3))
def test_what_is_joined_is_said_part_by_part_and_one_inside_another_is_set_apart(
    outer: list[tuple[Any, Condition]], inner: list[tuple[Any, Condition]]
) -> None:
    numbers: dict[str, float] = {}
    for thresholds, _ in (*outer, *inner):
        numbers |= thresholds
    one_of = Condition(any=tuple(one for _, one in inner))
    tree = Condition(all=(*(one for _, one in outer), one_of))
    words = condition_words(tree, numbers)
    parts = [condition_words(one, numbers) for _, one in outer]
    assert words == ", and ".join([*parts, f"({condition_words(one_of, numbers)})"])
    assert condition_words(one_of, numbers) == ", or ".join(condition_words(one, numbers) for _, one in inner)
