"""Each early-warning condition by worked examples on both sides of its limit, and where it cannot tell."""

import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.conditions import NOW, TODAY, a_line, a_record, an_action, answer_of, entered, facts_of

from mendline.catalogue.rules import rules
from mendline.recovery.triggers.asking import ask, ask_all
from mendline.recovery.triggers.facts import FigurePeriod, RecordFact, TypedFigure

MAR, ROUNDS = "mar_compliance_pct", "medicines_round_observation_pass_pct"


def gap(days_ago: float = 1, **payload: object) -> RecordFact:
    return a_record("medicines_discrepancy", days_ago, **{"kind": "gap", "round_slot": "evening", **payload})


def ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def ids(answer) -> set[str]:
    return {one.id for one in answer.facts}


# ------------------------------------------------------------------- medicines
def test_m1_three_gaps_of_one_persons_medicine_in_four_weeks() -> None:
    same = [gap(days, person="P1", medicine="Warfarin", round_slot=slot) for days, slot in
            ((1, "morning"), (9, "evening"), (27, "night"))]  # fmt: skip
    other = gap(2, person="P2", medicine="Warfarin", round_slot="midday")
    answer = answer_of("M1", *same, other)
    assert (answer.value, ids(answer)) == (True, {str(one.record_id) for one in same})
    assert answer_of("M1", *same[:2], other).value is False
    assert answer_of("M1", *same[:2], gap(29, person="P1", medicine="Warfarin")).value is False
    assert answer_of("M1", *same[:2], gap(3, person="P1", medicine="Warfarin", kind="stock_difference")).value is False


def test_m1_one_round_with_gaps_on_three_days_of_a_fortnight() -> None:
    days = [gap(day, person=f"P{day}", medicine="Senna") for day in (1, 2, 13)]
    assert answer_of("M1", *days).value is True
    assert answer_of("M1", *days[:2], gap(1, person="P9", medicine="Senna")).value is False  # two days, three gaps
    assert answer_of("M1", *days[:2], gap(15, person="P9", medicine="Senna")).value is False


def test_m1_cannot_tell_where_no_discrepancy_was_ever_recorded() -> None:
    assert answer_of("M1").value is None
    assert answer_of("M1", kept=["medicines_discrepancy"]).value is False


def test_m2_the_slowest_quarter_of_reviews_takes_more_than_two_days() -> None:
    def reviewed(hours: float) -> RecordFact:
        return gap(3, reviewed_at=(NOW - timedelta(days=3) + timedelta(hours=hours)).isoformat())

    assert answer_of("M2", *map(reviewed, (10, 20, 60, 70))).value is True  # 75th percentile 62.5
    assert answer_of("M2", *map(reviewed, (10, 20, 30, 70))).value is False  # 40
    assert answer_of("M2", *map(reviewed, (48, 48, 48, 48))).value is False


def test_m2_one_that_waits_for_more_than_three_days_and_when_it_will() -> None:
    assert answer_of("M2", gap(3.1)).value is True
    young = answer_of("M2", gap(2))
    assert (young.value, young.again_at) == (None, NOW - timedelta(days=2) + timedelta(hours=72))
    assert answer_of("M2", gap(3.1, reviewed_at=ago(1)), gap(1, reviewed_at=ago(0.9))).value is False


def staff(number: int) -> list[RecordFact]:
    return [a_record("staff_member", 900, staff=f"S{n}", gives_medicines=True) for n in range(number)]


def checks(*names: str) -> list[RecordFact]:
    return [a_record("end_of_shift_check", 1 + day % 13, completed_by=name) for day, name in enumerate(names)]


def test_m3_more_than_half_of_the_checks_by_one_person_although_three_could() -> None:
    assert answer_of("M3", *staff(3), *checks("AO", "AO", "AO", "PN", "JM")).value is True
    assert answer_of("M3", *staff(3), *checks("AO", "AO", "PN", "JM")).value is False  # just half
    assert answer_of("M3", *staff(2), *checks("AO", "AO", "AO")).value is False
    left = a_record("staff_member", 900, staff="S9", gives_medicines=True, left_on="2026-10-01")
    assert answer_of("M3", *staff(2), left, *checks("AO", "AO", "AO")).value is False


def test_m4_the_number_rises_and_observed_rounds_fail() -> None:
    rounds = a_line(ROUNDS, 80, denominator=5)
    assert answer_of("M4", a_line(MAR, 91, 92, 93), rounds).value is True
    assert answer_of("M4", a_line(MAR, 91, 92, 92), rounds).value is False
    assert answer_of("M4", a_line(MAR, 91, 92, 93), a_line(ROUNDS, 90, denominator=5)).value is False
    assert answer_of("M4", a_line(MAR, 91, 92, 93), a_line(ROUNDS, 80, denominator=4)).value is False
    assert answer_of("M4", a_line(MAR, 91, 93), rounds).value is None
    assert rules()["M4"].contradiction


def test_m5_the_sample_shrinks_against_the_baseline() -> None:
    line = a_line(MAR, 90, 90, 90, 90, denominator=100, baseline_end=3)
    last = line.periods[-1]

    def with_last(denominator: float):
        small = FigurePeriod(last.start, last.end, 60, denominator, 90, "final")
        return a_line(MAR, periods=(*line.periods[:-1], small), baseline_end=3)

    assert answer_of("M5", with_last(69)).value is True
    assert answer_of("M5", with_last(70)).value is False


def test_m5_nearly_all_audits_are_of_day_shifts() -> None:
    audits = [a_record("medicines_audit", day, shift_band="day") for day in range(1, 8)]
    night = a_record("medicines_audit", 2, shift_band="night")
    assert answer_of("M5", *audits, night).value is True  # 7 of 8
    assert answer_of("M5", *audits[:5], night).value is False  # 5 of 6 is less than 0.85


def test_m6_human_error_explains_nothing() -> None:
    found = [gap(5, reviewed_at=ago(4), root_cause=cause) for cause in ["human_error"] * 3 + ["handover", "stock"]]
    assert answer_of("M6", *found).value is True  # 60%
    assert answer_of("M6", *found[1:]).value is False
    assert answer_of("M6", gap(5, root_cause="human_error")).value is None  # not reviewed yet


def test_m7_two_shifts_of_a_week_without_a_check() -> None:
    made = [
        a_record("end_of_shift_check", day, shift_on=(TODAY - timedelta(days=day)).isoformat(), shift_band="night")
        for day in range(1, 29)
    ]
    without = [one for one in made if one.payload["shift_on"] not in ("2026-11-20", "2026-11-17")]
    answer = answer_of("M7", *without)
    assert (answer.value, answer.words) == (True, "2 of 7 shifts in 7 days have no check")
    assert answer_of("M7", *made).value is False
    assert answer_of("M7", *[one for one in made if one.payload["shift_on"] != "2026-11-20"]).value is False
    assert answer_of("M7", *made[:7]).value is None  # nothing says yet which shifts have one as a rule


# ---------------------------------------------------------------- care reviews
def test_c1_more_reviews_on_time_with_weak_actions() -> None:
    rising = a_line("care_review_on_time_pct", 60, 70, 80)
    assert answer_of("C1", rising, a_line("care_review_action_quality_pct", 79)).value is True
    assert answer_of("C1", rising, a_line("care_review_action_quality_pct", 80)).value is False
    flat = a_line("care_review_on_time_pct", 80, 80, 80)
    assert answer_of("C1", flat, a_line("care_review_action_quality_pct", 50)).value is False


def test_c2_more_than_a_quarter_of_new_actions_are_vague_and_unmeasured() -> None:
    vague = an_action(marks=frozenset({"vague", "no_measure"}))
    measured = an_action(marks=frozenset({"vague"}))
    clear = an_action()
    assert answer_of("C2", vague, clear, clear).value is True
    assert answer_of("C2", vague, clear, clear, clear).value is False  # just a quarter
    assert answer_of("C2", measured, clear).value is False
    assert answer_of("C2", an_action(40, marks=vague.marks)).value is None  # none is new


def test_c3_dates_that_keep_moving() -> None:
    assert answer_of("C3", a_line("care_review_actions_redated_pct", 16)).value is True
    assert answer_of("C3", a_line("care_review_actions_redated_pct", 15)).value is False
    assert answer_of("C3", an_action(moves=2)).value is True
    assert answer_of("C3", an_action(moves=1)).value is False
    closed = an_action(is_open=False, moves=2, last_moved_on=TODAY - timedelta(days=40))
    assert answer_of("C3", closed).value is False


def test_c4_people_say_that_nothing_changed_or_feedback_falls() -> None:
    said = [a_record("feedback", day, theme="support_not_changed") for day in (1, 27)]
    assert answer_of("C4", *said).value is True
    assert answer_of("C4", said[0], a_record("feedback", 29, theme="support_not_changed")).value is False
    assert answer_of("C4", a_line("people_feedback_positive_pct", 90, 88)).value is True
    assert answer_of("C4", a_line("people_feedback_positive_pct", 88, 88)).value is False


def test_c5_plans_nearly_word_for_word_despite_a_change() -> None:
    def plan(similarity: float) -> RecordFact:
        return a_record("care_plan_version", 3, answer="updated", updated_at=ago(1), similarity=similarity)

    assert answer_of("C5", plan(0.96), plan(0.5), plan(0.5), plan(0.5)).value is True
    assert answer_of("C5", plan(0.96), *[plan(0.5)] * 4).value is False  # a fifth, not more
    assert answer_of("C5", plan(0.95), plan(0.5)).value is False
    assert answer_of("C5", a_record("care_plan_version", 3, answer="waiting")).value is None


def test_c6_most_reviews_in_the_last_days_of_the_month() -> None:
    def review(day: str, author: str = "TB") -> RecordFact:
        return a_record("care_review", 20, completed_on=day, author=author)

    late = [review("2026-10-27", "A"), review("2026-10-31", "B")]
    assert answer_of("C6", *late, review("2026-10-05", "C")).value is True  # 2 of 3
    assert answer_of("C6", *late, review("2026-10-26", "C"), review("2026-10-05", "D")).value is False


def test_c6_more_than_six_by_one_author_in_a_day() -> None:
    spread = [a_record("care_review", 20, completed_on=f"2026-10-{day:02}", author="X") for day in range(1, 20)]
    many = [a_record("care_review", 5, completed_on="2026-11-18", author="TB") for _ in range(7)]
    assert answer_of("C6", *spread, *many).value is True
    assert answer_of("C6", *spread, *many[:6]).value is False


def test_c7_a_change_waits_for_its_plan_for_more_than_three_days() -> None:
    waiting = a_record("care_plan_version", 3.2, answer="waiting", change_event="fall")
    assert answer_of("C7", waiting).value is True
    assert answer_of("C7", a_record("care_plan_version", 2.9, answer="waiting")).value is False
    assert answer_of("C7", a_record("care_plan_version", 9, answer="updated", updated_at=ago(8))).value is False


# -------------------------------------------------------------------- staffing
def test_s1_a_full_rota_while_people_wait() -> None:
    full = a_line("staffing_fill_rate_pct", 97)
    assert answer_of("S1", full, a_line("call_bell_within_standard_pct", 84)).value is True
    assert answer_of("S1", full, a_line("timely_support_feedback_positive_pct", 74)).value is True
    assert answer_of("S1", full, a_line("call_bell_within_standard_pct", 85)).value is False
    assert (
        answer_of("S1", a_line("staffing_fill_rate_pct", 96.9), a_line("call_bell_within_standard_pct", 60)).value
        is False
    )


def call(days_ago: float, minutes: float = 16, band: str = "evening", **payload: object) -> RecordFact:
    return a_record("call_bell_event", days_ago, wait_minutes=minutes, shift_band=band, **payload)


def test_s2_four_evenings_of_a_fortnight_with_two_long_waits_each() -> None:
    evenings = [call(day) for day in (1, 3, 5, 7) for _ in range(2)]
    assert answer_of("S2", *evenings).value is True
    assert answer_of("S2", *evenings[:-1]).value is False
    assert answer_of("S2", *[call(day, minutes=14) for day in (1, 3, 5, 7) for _ in range(2)]).value is False
    assert answer_of("S2", *[call(day, band="day") for day in (1, 3, 5, 7) for _ in range(2)]).value is False
    assert answer_of("S2", *[call(day, test=True) for day in (1, 3, 5, 7) for _ in range(2)]).value is False


def test_s3_more_than_six_days_running_or_too_many_exposed() -> None:
    def shifts(days: range) -> list[RecordFact]:
        return [a_record("rota_shift", day, staff="JM", shift_on=(TODAY - timedelta(days=day)).isoformat(),
                         planned_hours=8) for day in days]  # fmt: skip

    assert answer_of("S3", *shifts(range(1, 8))).value is True
    assert answer_of("S3", *shifts(range(1, 7))).value is False
    assert answer_of("S3", *shifts(range(1, 4)), *shifts(range(5, 9))).value is False
    assert answer_of("S3", a_line("staff_fatigue_exposure_pct", 10.1)).value is True
    assert answer_of("S3", a_line("staff_fatigue_exposure_pct", 10)).value is False


def test_s4_two_people_who_say_so_independently() -> None:
    one = [a_record("feedback", day, theme="rushed", respondent_code="F1") for day in (1, 2)]
    assert answer_of("S4", *one).value is False
    assert answer_of("S4", *one, a_record("feedback", 13, theme="rushed", respondent_code="F2")).value is True
    assert answer_of("S4", *one, a_record("feedback", 15, theme="rushed", respondent_code="F2")).value is False


def need(days_ago: float, hours: float, person: str = "P1", **payload: object) -> RecordFact:
    return a_record("dependency_assessment", days_ago, person=person, hours_per_day=hours, **payload)


def rota(hours_before: float, hours_now: float) -> list[RecordFact]:
    before = a_record("rota_shift", 30, planned_hours=hours_before, direct_care=True)
    return [before, a_record("rota_shift", 2, planned_hours=hours_now, direct_care=True)]


def test_s5_need_a_tenth_above_what_the_rota_was_built_on() -> None:
    assert answer_of("S5", need(60, 10), need(3, 11), *rota(100, 100)).value is True
    assert answer_of("S5", need(60, 10), need(3, 10.9), *rota(100, 100)).value is False
    assert answer_of("S5", need(60, 10), need(3, 12), *rota(100, 110)).value is False
    assert answer_of("S5", need(3, 12), *rota(100, 100)).value is None  # nobody was assessed when it was built
    gone = need(60, 5, "P2", ended_on="2026-11-10")
    assert answer_of("S5", need(60, 10), gone, need(3, 15), *rota(100, 100)).value is False


def fall(band: str, days_ago: float = 10) -> RecordFact:
    return a_record("incident", days_ago, kind="fall", shift_band=band)


def test_s6_falls_cluster_beyond_what_the_hours_explain() -> None:
    late = [fall("evening")] * 4 + [fall("night")] * 3
    assert answer_of("S6", *late, fall("day")).value is True  # 7 of 8 = 87.5%; 14 of 24 hours are 58.3%
    assert answer_of("S6", *late[:6], fall("day"), fall("day")).value is False  # 75%
    assert answer_of("S6", *late).value is False  # seven are too few
    assert answer_of("S6", *late, fall("night", 85)).value is False


def test_s7_bells_go_quiet_although_need_has_not_fallen() -> None:
    before = [call(day) for day in range(15, 28)] * 2
    assert answer_of("S7", *before, *[call(day) for day in range(1, 14)], need(40, 5)).value is True  # down by half
    assert answer_of("S7", *before, *[call(day) for day in range(1, 14)] * 2, need(40, 5)).value is False
    eased = [need(40, 5), need(3, 2)]
    assert answer_of("S7", *before, *[call(day) for day in range(1, 14)], *eased).value is False
    assert answer_of("S7", call(1)).value is None


def test_s8_more_than_one_in_ten_assessments_is_older_than_a_month() -> None:
    fresh = [need(5, 3, f"P{n}") for n in range(9)]
    assert answer_of("S8", *fresh[:8], need(40, 3, "OLD")).value is True  # 1 of 9
    assert answer_of("S8", *fresh, need(40, 3, "OLD")).value is False  # 1 of 10
    assert answer_of("S8", *fresh[:3], need(40, 3, "OLD"), need(2, 3, "OLD")).value is False
    assert answer_of("S8", need(31, 3)).value is False
    assert answer_of("S8", need(40, 3, ended_on="2026-11-01")).value is None


# ------------------------------------------------------------------ properties
@pytest.mark.parametrize("key", sorted(rules()))
def test_no_rule_fires_where_nothing_is_known(key: str) -> None:
    answer = ask(rules()[key], facts_of())
    assert answer.value in (None, False)
    assert answer.facts == ()


@given(st.lists(st.sampled_from(["P1", "P2", "P3"]), max_size=12), st.integers(1, 6))
def test_a_looser_threshold_never_fires_more(people: list[str], limit: int) -> None:
    facts = facts_of(*[gap(1 + n % 20, person=who, medicine="X") for n, who in enumerate(people)])
    strict = ask(rules()["M1"], facts, {"same_medicine_gaps": limit, "round_days": 99})
    loose = ask(rules()["M1"], facts, {"same_medicine_gaps": limit + 1, "round_days": 99})
    assert not (loose.value and not strict.value)


@given(st.lists(st.tuples(st.floats(0, 60), st.sampled_from(["gap", "stock_difference"])), max_size=15))
def test_the_order_of_the_records_changes_nothing(found: list[tuple[float, str]]) -> None:
    records = [gap(days, kind=kind, person="P", medicine="M") for days, kind in found]
    there, back = answer_of("M1", *records), answer_of("M1", *reversed(records))
    assert (there.value, ids(there)) == (back.value, ids(back))


@given(st.lists(st.floats(0, 100), min_size=3, max_size=6))
def test_a_figure_cannot_rise_and_fall_at_once(values: list[float]) -> None:
    line = a_line("care_review_on_time_pct", *values)
    quality = a_line("care_review_action_quality_pct", *values)
    assert answer_of("completion_up_quality_falls", line, quality).value is False


def test_what_fired_is_kept_only_where_it_fired() -> None:
    facts = facts_of(*[gap(day, person="P", medicine="M") for day in (1, 2)])
    for answer in ask_all(tuple(rules().values()), facts, {}).values():
        assert bool(answer.facts) <= bool(answer.value)


# ------------------------------------------------------------------ late entry
def test_case_8_entered_long_after_the_event_in_a_burst_and_never_for_being_due_long_ago() -> None:
    late = [entered(10, day % 5) for day in range(8)]
    answer = answer_of("W4", *late)
    assert (answer.value, ids(answer)) == (True, {str(one.record_id) for one in late})
    assert answer.words == "8 of 8 records that were entered in 5 days tell of what lay more than 7 days back"
    held = (TODAY - timedelta(days=1)).isoformat()
    for overdue in ({}, {"held_on": held}):
        assert answer_of("W4", *(entered(40, 0, "supervision", **overdue) for _ in range(8))).value is False
    long_held = {"held_on": (TODAY - timedelta(days=9)).isoformat()}
    assert answer_of("W4", *(entered(40, 0, "supervision", **long_held) for _ in range(8))).value is True
    assert answer_of("W4", *(entered(10, 5) for _ in range(8))).value is None, "entered before these five days"
    assert answer_of("W4", *(entered(1, 1) for _ in range(24)), *late).value is False, (
        "a quarter is not above a quarter"
    )
    assert answer_of("W4", *(a_record("feedback", 20) for _ in range(9))).value is None, "they came in a file"


def test_case_8_figures_that_are_typed_in_long_after_their_period_count_beside_records() -> None:
    def typed(days_after: int, days_ago: int = 1) -> TypedFigure:
        at = NOW - timedelta(days=days_ago)
        ended_on = at.date() - timedelta(days=days_after)
        return TypedFigure(uuid.uuid4(), ended_on - timedelta(days=6), ended_on, at)

    late = tuple(typed(20) for _ in range(5))
    answer = answer_of("W4", *(entered(10, 1) for _ in range(3)), typed=late)
    assert (answer.value, {fact.kind for fact in answer.facts}) == (True, {"record", "figure"})
    assert answer.words == (
        "8 of 8 records and figures that were entered in 5 days tell of what lay more than 7 days back"
    )
    assert answer_of("W4", typed=tuple(typed(20) for _ in range(8))).value is True, "without a record"
    assert answer_of("W4", typed=tuple(typed(7) for _ in range(8))).value is False, "a week late is no more than a week"
    assert answer_of("W4", typed=tuple(typed(20, days_ago=5) for _ in range(8))).value is None, "typed in before"
