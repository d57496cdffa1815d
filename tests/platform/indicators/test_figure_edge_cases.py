"""Edge cases of figures that a domain expert tries, and known faults of others: each by its name, from facts to row."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.standings import a_standing

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.status_rules import status_rules
from mendline.catalogue.wording import figure
from mendline.indicators.derivation import derive_status
from mendline.indicators.evidence_marks import EvidenceFact
from mendline.indicators.facts import BaselineFact, CountedAnew, DecisionFact, IndicatorFacts, ObservedPeriod
from mendline.indicators.figures import Figure, PeriodOf, settled
from mendline.indicators.fitting import ChartFacts, NewBase
from mendline.indicators.targets import TargetFact
from mendline.places.wording import summary_sentence, tallied
from mendline.services.indicator_page import beside, on_its_figures
from mendline.services.indicator_rows import Revision
from mendline.web.components import TimelineEntry

MAR = indicator_definition("mar_compliance_pct")
TODAY = date(2026, 11, 17)
LAST = date(2026, 11, 9)
STEADY = [190, 191, 189, 190, 192, 190, 188, 191, 190, 189, 191, 190, 190, 192, 189, 190]
WHOLE = tuple(EvidenceFact(letter, TODAY, out_of_hours=True) for letter in "RAFP")


def a_week(back: int, top: float | None, bottom: float | None = 200, state: str = "final") -> ObservedPeriod:
    start = LAST - timedelta(weeks=back)
    at = datetime(start.year, start.month, start.day, 9, tzinfo=UTC) + timedelta(days=7)
    return ObservedPeriod(start, top, bottom, None, state, at, at)


def weeks(values: list[float | None], bottom: float = 200) -> tuple[ObservedPeriod, ...]:
    return tuple(
        a_week(len(values) - 1 - place, top, None if top is None else bottom, "missing" if top is None else "final")
        for place, top in enumerate(values)
    )


def facts(values: list[float | None] | None = None, **changes: Any) -> IndicatorFacts:
    given: dict[str, Any] = {
        "provider_id": uuid.UUID(int=1), "service_id": uuid.UUID(int=2), "indicator_id": uuid.UUID(int=3),
        "definition": MAR, "cadence": "weekly", "started_on": date(2026, 7, 20), "review_every_days": 7,
        "observed": weeks(list(STEADY if values is None else values)),
        "baseline": BaselineFact(95, date(2026, 7, 27), date(2026, 8, 24)),
        "targets": (TargetFact(">=", 90, date(2026, 7, 1)),), "evidence": WHOLE,
    }  # fmt: skip
    return IndicatorFacts(**{**given, **changes})


def row(values: list[float | None] | None = None, today: date = TODAY, **changes: Any) -> dict[str, Any]:
    return derive_status(facts(values, **changes), today)


# ------------------------------------------------------------------ edge cases
def test_case_1_a_denominator_of_zero_is_not_applicable_has_no_percent_and_is_never_good() -> None:
    given = settled(MAR, Figure(0, 0), PeriodOf("weekly", LAST), TODAY)
    assert (given.state, given.value) == ("not_applicable", None)
    idle = facts()
    idle = replace(idle, observed=(*idle.observed[:-1], replace(a_week(0, None, None), state="not_applicable")))
    made = derive_status(idle, TODAY)
    assert made["parts"]["data"]["code"] == "not_applicable"
    assert made["parts"]["target"]["by_period"][-1] is None
    assert made["is_stale"] is False


def test_case_1_an_indicator_with_nothing_to_count_is_counted_as_not_judged_and_not_as_good() -> None:
    idle = tuple(replace(a_week(back, None, None), state="not_applicable") for back in range(15, -1, -1))
    made = row(observed=idle)
    assert made["composite"] in ("too_few", "not_supported")
    assert "nothing to count" in made["sentence"]
    assert tallied((a_standing(composite=made["composite"]),))["not_supported"] == 1


def test_case_2_missing_is_never_a_zero_nor_a_hundred_and_two_running_are_a_decline() -> None:
    made = row([*STEADY[:-2], None, None])
    assert made["series"]["values"][-2:] == [None, None]
    assert made["parts"]["governance"]["decline"]["causes"] == ["missing_twice"]
    assert made["composite"] != "stable"


def test_case_4_two_of_two_is_shown_as_counted_and_below_the_smallest_size_is_not_judged() -> None:
    made = row([2] * 15 + [1], observed=weeks([2] * 15 + [1], bottom=2))
    assert made["status"] == "insufficient"
    assert made["assurance"] is None
    assert made["evidence_marks"]["R"] == "few"
    assert made["composite"] == "not_supported"


def test_case_5_an_indicator_that_is_redefined_gets_a_break_and_its_baseline_is_not_comparable() -> None:
    anew = (CountedAnew(LAST - timedelta(weeks=3), "PRN medicines are counted as well."),)
    made = row(counted_anew=anew)
    assert (made["status"], made["reason"]) == ("insufficient", "new_baseline")
    assert made["baseline_value"] is None
    assert len(made["series"]["values"]) == len(STEADY)
    assert "PRN medicines" in made["parts"]["data"]["says"]
    frozen_since = BaselineFact(95, LAST - timedelta(weeks=3), LAST - timedelta(weeks=1))
    assert row(counted_anew=anew, baseline=frozen_since)["baseline_value"] == 95


def test_case_6_more_questions_in_an_audit_are_a_break_so_that_no_fall_is_read_into_it() -> None:
    fallen = [*STEADY[:-4], 150, 152, 149, 151]
    assert row(fallen)["status"] == "deteriorating"
    anew = (CountedAnew(LAST - timedelta(weeks=3), "The audit has six more questions."),)
    made = row(fallen, counted_anew=anew)
    assert made["status"] == "insufficient"
    assert made["declined_since"] is None


def test_case_7_a_decision_before_a_correction_says_that_it_was_made_on_earlier_figures() -> None:
    corrected = Revision(
        uuid.UUID(int=4), LAST, 2, 150, 200, 75.0, "revised", "entered", "Late sheets", None, "PN",
        datetime(2026, 11, 18, 9, tzinfo=UTC), newest=True,
    )  # fmt: skip
    entry = TimelineEntry("Assured", "16 November")
    assert on_its_figures(entry, date(2026, 11, 16), [corrected]).text.startswith("Made on earlier figures")
    assert on_its_figures(entry, date(2026, 11, 19), [corrected]).text == ""
    assert on_its_figures(entry, date(2026, 11, 2), [corrected]).text == ""


def test_case_7_a_revised_period_counts_with_its_newest_figure() -> None:
    changed = facts()
    newest = replace(changed.observed[-1], numerator=150, state="revised")
    made = derive_status(replace(changed, observed=(*changed.observed[:-1], newest)), TODAY)
    assert (made["value"], made["last_state"]) == (75, "revised")


def test_case_23_a_rate_does_not_fall_because_fewer_people_live_there() -> None:
    falls = indicator_definition("falls_rate")
    full = settled(falls, Figure(6, 1200), PeriodOf("monthly", date(2026, 10, 1)), TODAY)
    half = settled(falls, Figure(3, 600), PeriodOf("monthly", date(2026, 10, 1)), TODAY)
    assert full.value == half.value


def test_case_24_no_trend_of_deprivation_of_liberty_crosses_the_judgment_of_june_2026() -> None:
    dols = indicator_definition("dols_authorisation_current_pct")
    known = status_rules().break_of(dols.key)
    assert known is not None
    assert known.from_day == date(2026, 6, 2)
    first = date(2025, 1, 1)
    starts = [date(first.year + month // 12, month % 12 + 1, 1) for month in range(21)]
    observed = tuple(ObservedPeriod(start, 9, 10, None, "final") for start in starts)
    made = row(definition=dols, cadence="monthly", observed=observed, baseline=BaselineFact(90, first, date(2025, 6, 1)),
               today=date(2026, 10, 20))  # fmt: skip
    assert (made["reason"], made["baseline_value"]) == ("new_baseline", None)
    assert "2 June 2026" in made["parts"]["break"]


def test_case_27_and_4_5_a_contradicted_figure_is_not_enough_to_be_assured_of() -> None:
    from mendline.recovery.decisions import KnownFigure, needs_exception

    made = row(contradictions=1)
    assert made["evidence_level"] == "contradicted"
    assert needs_exception(KnownFigure(made["evidence_level"], made["status"], made["is_stale"], made["last_state"]))


def test_case_31_a_provisional_figure_is_shown_as_that_and_is_no_current_position() -> None:
    given = facts()
    running = replace(a_week(0, 100), state="provisional")
    made = derive_status(replace(given, observed=(*given.observed[:-1], running)), TODAY)
    assert made["last_state"] == "provisional"
    assert made["last_period"] == LAST - timedelta(weeks=1)


def test_case_32_a_suspended_week_is_neither_no_calls_nor_a_gap() -> None:
    given = facts()
    closed = replace(a_week(5, None, None), state="suspended")
    observed = tuple(closed if period.period_start == closed.period_start else period for period in given.observed)
    made = derive_status(replace(given, observed=observed), TODAY)
    assert made["status"] == "stable"
    assert made["series"]["values"][-6] is None
    assert made["parts"]["evidence"]["fresh"] | {"until": None, "says": ""} == {
        "state": "current", "present": 12, "expected": 12, "until": None, "says": "",
    }  # fmt: skip


def test_case_3_a_fall_a_month_in_six_beds_is_read_by_the_days_between_and_gets_no_red_rate() -> None:
    falls = indicator_definition("falls_rate")
    observed = tuple(replace(a_week(back, float(back % 4 == 0), 42)) for back in range(79, -1, -1))
    made = row(definition=falls, observed=observed, targets=())
    assert made["series"]["chart"] == "g"
    assert made["status"] == "stable"
    assert made["series"]["small_numbers"].startswith("Small numbers")


def test_case_8_a_figure_that_came_late_belongs_to_its_period_and_keeps_when_it_was_recorded() -> None:
    late = datetime(2026, 11, 16, 22, tzinfo=UTC)
    given = facts()
    moved = replace(given.observed[3], first_recorded_at=late, recorded_at=late)
    made = derive_status(replace(given, observed=(*given.observed[:3], moved, *given.observed[4:])), TODAY)
    assert made["facts_recorded_at"] == late
    assert made["series"]["values"] == row()["series"]["values"]


def test_case_15_a_baseline_does_not_go_with_a_service_that_moves_it_is_set_again_or_there_is_none() -> None:
    assert row(baseline=None)["baseline_value"] is None


def test_case_22_better_reporting_is_named_beside_the_figure_that_it_raises() -> None:
    falls = indicator_definition("falls_rate")
    assert "Better reporting raises it" in falls.pitfalls
    assert beside(falls) == ("Read a rise beside Falls with harm per 1,000 bed days: reporting moves that less",)
    assert beside(MAR) == ()


def test_case_22_more_falls_in_one_month_within_the_usual_range_are_no_deterioration_of_themselves() -> None:
    falls = indicator_definition("falls_rate")
    starts = [date(2025 + month // 12, month % 12 + 1, 1) for month in range(21)]
    counts = [8, 10, 9, 11, 8, 10, 9, 12, 10, 8, 11, 9, 10, 8, 12, 9, 11, 10, 9, 8]

    def after(newest: float) -> dict[str, Any]:
        told = zip(starts, [*counts, newest], strict=True)
        observed = tuple(ObservedPeriod(start, count, 1200, None, "final") for start, count in told)
        return row(
            definition=falls, cadence="monthly", observed=observed, targets=(), baseline=None, today=date(2026, 10, 10)
        )

    assert after(13)["status"] == "stable"
    assert after(40)["status"] == "deteriorating", "far beyond the range its chart says so, and somebody decides"
    assert after(40)["composite"] == "not_supported", "what it is"


def test_case_22_a_lasting_rise_of_reports_is_not_red_by_itself_while_harm_is_steady() -> None:
    falls, harm = indicator_definition("falls_rate"), indicator_definition("falls_with_harm_rate")
    starts = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(33)]
    reported = [8, 10, 9, 11, 8, 10, 9, 12, 10, 8, 11, 9, 10, 8, 12, 9, 11, 10, 9, 8, 10, 11, 9, 8, 10, *[19] * 8]

    def months(counts: list[int]) -> tuple[ObservedPeriod, ...]:
        return tuple(ObservedPeriod(*one, 1200, None, "final") for one in zip(starts, counts, strict=True))

    def at(companion: list[int] | None, *decided: DecisionFact) -> dict[str, Any]:
        seen = tuple(EvidenceFact(letter, date(2026, 10, 9), out_of_hours=True, size=2400) for letter in "RAFP")
        given = {"cadence": "monthly", "targets": (), "baseline": None, "evidence": seen}
        beside = facts(definition=harm, observed=months(companion), **given) if companion else None
        today = date(2026, 10, 10)
        return row(
            definition=falls, observed=months(reported), companion=beside, decisions=decided, today=today, **given
        )

    steady = [4, 3, 5, 4, 2, 4, 3, 5, 4, 3, 4] * 3
    undecided = at(steady)
    assert (undecided["status"], undecided["composite"]) == ("deteriorating", "not_supported")
    assert "falls with harm per 1,000 bed days does not rise: somebody must decide" in undecided["sentence"]
    assert undecided["todos"][0]["form"] == "decide"
    assert undecided["declined_since"], "the decline is still one that waits for a decision"

    said = DecisionFact("assured_with_exception", date(2026, 10, 8), "D. H.", None, datetime(2026, 10, 8, tzinfo=UTC))
    as_reporting = at(steady, replace(said, reporting_effect=True))
    assert as_reporting["composite"] == "stable"
    assert "more is reported, " in as_reporting["sentence"]
    assert at(steady, said)["composite"] == "deteriorating", "a decision that says nothing of reporting"
    assert at([*steady[:-8], *[14] * 8], replace(said, reporting_effect=True))["composite"] == "deteriorating"
    assert at(None)["composite"] == "not_supported"


def test_case_25_feedback_from_four_people_is_below_the_smallest_size_that_is_judged() -> None:
    feedback = indicator_definition("people_feedback_positive_pct")
    assert feedback.minimum_n == 10
    first = date(2025, 1, 1)
    starts = [date(first.year + month // 12, month % 12 + 1, 1) for month in range(22)]
    four = tuple(ObservedPeriod(start, 4, 4, None, "final") for start in starts)
    made = row(definition=feedback, cadence="monthly", observed=four, baseline=None, today=date(2026, 11, 10))
    assert (made["status"], made["assurance"]) == ("insufficient", None)


def test_case_28_a_hundred_per_cent_for_weeks_is_asked_to_be_checked_by_somebody_else() -> None:
    perfect = [200] * 16
    unchecked = tuple(piece for piece in WHOLE if piece.letter != "A")
    asked = [todo["words"] for todo in row(perfect, evidence=unchecked)["todos"] if todo["mark"] == "A"]
    assert asked == ["It has been 100% for 16 weeks: have somebody else draw a sample and check it."]
    assert not [todo for todo in row(perfect)["todos"] if todo["mark"] == "A"], "somebody has"
    once_less = [*perfect[:-7], 199, *perfect[-6:]]
    assert "100%" not in row(once_less, evidence=unchecked)["todos"][0]["words"]


# ------------------------------------------------------- known faults of others
@pytest.mark.parametrize(("rebased", "answer"), [(False, "pass"), (True, None)])
def test_after_limits_are_set_anew_the_target_is_not_judged_until_they_are_firm(
    rebased: bool, answer: str | None
) -> None:
    """The old limits say nothing of the new process, and the new ones are provisional below twenty points."""
    better = [*STEADY, *[value - 0.5 for value in STEADY]]
    settled_chart = ChartFacts(new_bases=(NewBase(LAST - timedelta(weeks=14), "New rounds"),) if rebased else ())
    made = row(better, chart=settled_chart, targets=(TargetFact(">=", 90, date(2026, 1, 1)),))
    assert made["assurance"] == answer
    assert made["series"]["provisional_limits"] is rebased


def test_the_target_icon_follows_the_target_and_never_the_one_of_before() -> None:
    for goal, answer in ((50.0, "pass"), (95.0, "inconsistent"), (99.9, "fail"), (50.0, "pass")):
        targets = (TargetFact(">=", 50.0, date(2026, 1, 1)), TargetFact(">=", goal, date(2026, 11, 2), version=2))
        assert row(targets=targets)["assurance"] == answer


@pytest.mark.parametrize(("operator", "value", "good", "met"), [("<=", 0, 0, 6), ("==", 0, 0, 6), (">=", 0, 5, 6)])
def test_a_target_of_zero_is_set_and_judged(operator, value, good, met) -> None:
    overdue = indicator_definition("overdue_regulatory_actions_count")
    observed = tuple(replace(a_week(back, good, None), denominator=None) for back in range(15, -1, -1))
    direction = overdue if operator != ">=" else MAR
    observed = observed if operator != ">=" else weeks([good] * 16)
    made = row(definition=direction, observed=observed, targets=(TargetFact(operator, value, date(2026, 1, 1)),))
    assert made["target_value"] == 0
    assert (made["parts"]["target"]["met"], made["parts"]["target"]["of"]) == (met, 6)


def test_a_shown_figure_never_seems_to_reach_the_target_that_its_icon_says_is_missed() -> None:
    assert figure(97.96, MAR, 98.0) != figure(98.0, MAR, 98.0)
    assert float(figure(97.996, MAR, 98.0).rstrip("%")) < 98


def test_a_changed_target_moves_the_icon_and_leaves_earlier_periods_to_the_target_of_then() -> None:
    before = (TargetFact(">=", 90, date(2026, 1, 1), version=1),)
    raised = (*before, TargetFact(">=", 99.9, date(2026, 11, 10), version=2))
    assert row(targets=before)["assurance"] == "pass"
    made = row(targets=raised)
    assert made["assurance"] == "fail"
    met = made["parts"]["target"]["by_period"]
    assert met[:-1] == [True] * 15
    assert met[-1] is False  # the week that ended on 15 November was under the new target


def test_a_status_names_the_rules_by_which_it_was_judged() -> None:
    made = row()
    assert made["rules_version"] == status_rules().identity
    assert made["composite_rule"] in {each.when for each in status_rules().composite}


def test_not_applicable_adds_nothing_to_what_is_good() -> None:
    idle = a_standing(composite="too_few")
    assert (
        summary_sentence((idle,))
        == "None of 1 indicator is improving. None is getting worse, and 1 cannot be relied on yet."
    )


# ------------------------------------------------------------- parts and whole
def test_each_part_is_stored_with_its_facts_in_words() -> None:
    parts = row()["parts"]
    assert {"direction", "target", "data", "currency", "evidence", "governance"} <= set(parts)
    assert all(parts[name]["says"] for name in ("direction", "target", "data", "currency", "evidence", "governance"))
    assert parts["currency"]["says"].startswith("Up to date until")
    assert parts["target"]["says"].endswith("6 of the last 6 weeks met the target in force then.")


def test_stable_is_read_beside_its_target_and_never_alone() -> None:
    made = row(targets=(TargetFact(">=", 99.9, date(2026, 1, 1)),))
    assert (made["composite"], made["assurance"]) == ("stable", "fail")
    assert "will keep missing the target" in made["sentence"]


@pytest.mark.parametrize(
    ("changes", "composite", "rule"),
    [
        ({}, "stable", "steady"),
        ({"evidence": ()}, "not_supported", "nothing_behind_it"),
        ({"values": STEADY[:9]}, "too_few", "too_little_data"),
        ({"contradictions": 1}, "not_supported", "contradicted_but_not_worse"),
        ({"values": [*STEADY, 120], "contradictions": 1}, "deteriorating", "deteriorating"),
        ({"today": TODAY + timedelta(days=10), "evidence": WHOLE}, "not_supported", "figure_out_of_date"),
    ],
)
def test_one_word_comes_of_the_parts_by_the_first_row_that_applies(changes, composite, rule) -> None:
    made = row(**changes)
    assert (made["composite"], made["composite_rule"]) == (composite, rule)


def test_time_alone_makes_a_figure_out_of_date() -> None:
    until = row()["current_until"]
    assert row(today=until)["is_stale"] is False
    later = row(today=until + timedelta(days=1))
    assert (later["is_stale"], later["composite"]) == (True, "not_supported")
    assert later["parts"]["currency"]["code"] == "out_of_date"


def test_a_decline_that_ended_unanswered_stays_in_the_record() -> None:
    made = row([*STEADY[:6], 150, 151, *STEADY[6:]])
    assert made["declined_since"] is None
    (kept,) = made["parts"]["declines"]
    assert kept["answered_on"] is None
    assert kept["waited_days"] > 7


def test_the_sentence_of_a_hollow_figure_names_what_is_missing_and_reads_the_figures_alone() -> None:
    made = row(evidence=WHOLE[:1])
    assert made["sentence"].startswith("MAR compliance in audit cannot be relied on yet: no independent check")
    assert "The figures alone read: stable, usual variation." in made["sentence"]


def test_results_beyond_the_range_that_are_not_in_a_row_are_counted() -> None:
    made = row([*STEADY, *STEADY, 120, 190, 121, 190, 122])
    assert made["status"] == "deteriorating"
    assert "of the last 5 weeks were below the expected range." in made["sentence"]


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 200).map(float)), min_size=1, max_size=40),
    st.permutations(range(len(WHOLE))),
    st.booleans(),
)
def test_the_same_facts_as_at_the_same_time_give_the_same_answer_in_whatever_order_they_come(
    values: list[float | None], order: list[int], turned: bool
) -> None:
    targets = (TargetFact(">=", 90, date(2026, 7, 1)), TargetFact(">=", 80, date(2026, 1, 5)))
    told = row(values, targets=targets)
    again = row(values, targets=targets[::-1] if turned else targets, evidence=tuple(WHOLE[place] for place in order))
    assert again == told
    assert (told["status"] == "insufficient") or sum(value is not None for value in values) >= 12


def test_runs_beyond_chance_are_told_and_set_no_status_where_the_series_does_not_end_in_them() -> None:
    waves = [185.0] * 6 + [195.0] * 6 + [185.0] * 6 + [195.0, 185.0, 195.0]
    made = row(waves, baseline=None)
    assert made["status"] == "stable"
    assert "longer than chance would have them" in made["parts"]["direction"]["says"]
    assert "than chance" not in row()["parts"]["direction"]["says"]
