from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.catalogue.indicators import indicator_definition
from mendline.recovery.plans.exit_test import PeriodFact
from mendline.recovery.plans.milestones import (
    Expected,
    GivenVerdict,
    behind_now,
    expects_words,
    found_before,
    is_news,
    judged_by_figures,
    period_judged,
    verdict_problems,
)

MAR, FALLS = indicator_definition("mar_compliance_pct"), indicator_definition("falls_rate")
WEEK = date(2026, 10, 12)  # a Monday; its figures are final after Wednesday 21 October
LATER = date(2026, 11, 23)
FREE = {"week": 4, "title": "Rounds seen", "expects": []}
STARTS = date(2026, 9, 21)
LEVELS = ["strong", "sufficient", "partial", "not_supported", "contradicted"]


def expected(shown: float | None = 96.2, /, **changes: Any) -> Expected:
    periods = (PeriodFact(WEEK, shown, "missing" if shown is None else "final"),)
    fields = {"definition": MAR, "cadence": "weekly", "operator": ">=", "value": 95.0, "baseline": None,
              "periods": periods, "evidence_level": "sufficient"}  # fmt: skip
    return Expected(**{**fields, **changes})


def verdict(*wanted: Expected, today: date = LATER) -> str:
    found = judged_by_figures(WEEK, wanted, today)
    return found.verdict if found else "not_yet"


def test_the_worked_example_of_week_five() -> None:
    assert verdict(expected()) == "met"
    assert verdict(expected(evidence_level="partial")) == "not_supported"
    assert verdict(expected(94.9)) == "not_met"
    assert verdict(expected(), today=date(2026, 10, 18)) == "not_yet"
    assert verdict(expected(), today=date(2026, 10, 21)) == "not_yet", "its figure may still change"
    assert verdict(expected(), today=date(2026, 10, 22)) == "met"


def test_each_figure_is_named_with_its_period_and_what_was_expected() -> None:
    found = judged_by_figures(WEEK, [expected(94.9)], LATER)
    assert found is not None
    assert found.says == "MAR compliance in audit was 94.9% in the week of 12 October 2026; 95.0% or more was expected."
    gone = judged_by_figures(WEEK, [expected(None)], LATER)
    assert gone is not None
    assert (gone.verdict, gone.says.split(";")[0]) == (
        "not_supported", "MAR compliance in audit has no figure for the week of 12 October 2026",
    )  # fmt: skip


def test_one_figure_that_falls_short_decides_whatever_the_others_say() -> None:
    assert verdict(expected(), expected(None)) == "not_supported"
    assert verdict(expected(), expected(None), expected(80)) == "not_met"
    assert verdict(expected(), expected(99)) == "met"


@pytest.mark.parametrize(
    ("cadence", "monday", "start"),
    [
        ("weekly", date(2026, 10, 12), date(2026, 10, 12)),
        ("monthly", date(2026, 10, 12), date(2026, 9, 1)),
        ("monthly", date(2026, 10, 26), date(2026, 10, 1)),
        ("monthly", date(2026, 2, 23), date(2026, 2, 1)),
    ],
)
def test_a_month_counts_once_it_has_ended_with_the_week(cadence: Any, monday: date, start: date) -> None:
    assert period_judged(cadence, monday) == start


def test_a_fall_from_the_baseline_is_reached_by_the_figure_that_is_low_enough() -> None:
    fewer = {"definition": FALLS, "operator": "reduce_from_baseline_pct", "value": 20.0, "baseline": 10.0}
    assert verdict(expected(8.0, **fewer)) == "met"
    assert verdict(expected(8.1, **fewer)) == "not_met"
    assert verdict(expected(8.0, **{**fewer, "baseline": None})) == "not_met"
    assert expects_words(
        {"expects": [{"indicator": "falls_rate", "operator": "reduce_from_baseline_pct", "value": 20}]}
    )


@given(st.lists(st.tuples(st.none() | st.floats(0, 100), st.sampled_from(LEVELS)), min_size=1, max_size=4))
def test_met_needs_every_figure_at_its_level_and_evidence_behind_each(
    figures: list[tuple[float | None, str]],
) -> None:
    wanted = [expected(value, evidence_level=level) for value, level in figures]
    short = any(value is not None and value < 95 for value, _ in figures)
    sure = all(value is not None and level in ("strong", "sufficient") for value, level in figures)
    assert verdict(*wanted) == ("not_met" if short else "met" if sure else "not_supported")
    assert verdict(*reversed(wanted)) == verdict(*wanted)


def test_what_was_met_stays_met_when_its_evidence_grows_old_and_a_corrected_figure_judges_it_anew() -> None:
    met = judged_by_figures(WEEK, [expected()], LATER)
    aged = judged_by_figures(WEEK, [expected(evidence_level="partial")], LATER)
    corrected = judged_by_figures(WEEK, [expected(93)], LATER)
    assert met
    assert aged
    assert corrected
    assert is_news(None, [], met)
    assert not is_news(met.verdict, met.seen, met)
    assert not is_news(met.verdict, met.seen, aged)
    assert is_news(met.verdict, met.seen, corrected)
    assert is_news(aged.verdict, aged.seen, met), "evidence that was found later"


@pytest.mark.parametrize(
    ("asked", "stone", "today", "field"),
    [
        (GivenVerdict("met", "Seen on all rounds of that week."), FREE, LATER, None),
        (GivenVerdict("met", "Seen."), FREE, LATER, "reason"),
        (GivenVerdict("noted", "Seen on all rounds of that week."), FREE, LATER, "verdict"),
        (GivenVerdict("met", "Seen on all rounds of that week."), FREE, STARTS, "verdict"),
        (GivenVerdict("met", "Seen on all rounds."), FREE | {"expects": [{"indicator": "x"}]}, LATER, "verdict"),
        (GivenVerdict("carried_over", "Two rounds were missed.", 6), FREE, LATER, None),
        (GivenVerdict("carried_over", "Two rounds were missed."), FREE, LATER, "carried_to"),
        (GivenVerdict("carried_over", "Two rounds were missed.", 3), FREE, LATER, "carried_to"),
        (GivenVerdict("carried_over", "Two rounds were missed.", 10), FREE, LATER, "carried_to"),
    ],
)
def test_a_person_says_what_shows_it_once_the_week_has_begun(
    asked: GivenVerdict, stone: dict[str, Any], today: date, field: str | None
) -> None:
    problems = verdict_problems(asked, stone, [4, 10], STARTS, today + timedelta(0))
    assert set(problems) == ({field} if field else set())


def seen(level: str, value: float = 96.0) -> list[dict[str, Any]]:
    return [
        {
            "definition_key": "mar_compliance_pct",
            "period_start": "2026-11-09",
            "value": value,
            "evidence_level": level,
        }
    ]


@pytest.mark.parametrize(
    ("verdict", "then", "now", "told"),
    [
        ("met", "sufficient", "partial", True),
        ("met", "strong", "contradicted", True),
        ("met", "strong", "sufficient", False),
        ("met", "sufficient", "sufficient", False),
        ("not_supported", "partial", "not_supported", False),
        ("not_met", "sufficient", "partial", False),
    ],
)
def test_a_milestone_that_was_met_says_where_its_evidence_has_become_too_little_since(
    verdict: str, then: str, now: str, told: bool
) -> None:
    said = behind_now(verdict, seen(then), {"mar_compliance_pct": now})
    assert said == ("Since then the evidence behind MAR compliance in audit has become too little." if told else "")
    assert behind_now(verdict, seen(then), {}) == ""


def test_what_was_found_before_is_told_with_what_changed_in_between() -> None:
    day = date(2026, 11, 17)
    assert found_before("met", day, seen("strong"), seen("strong", 80)) == (
        "Judged before, on 17 November 2026: met. The figures have changed since."
    )
    assert found_before("not_supported", day, seen("partial"), seen("strong")) == (
        "Judged before, on 17 November 2026: not supported. The evidence behind it has changed since."
    )
