"""Every rule of the catalogue by a worked example: what fires it, by which facts, what just does not, and once per episode.

A rule without an example fails here. The finer edges of each early warning stand in the tests beside this one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from support.conditions import NOW, TODAY, Fact, a_line, a_record, an_action, entered, facts_of, some_work

from mendline.catalogue.rules import rules
from mendline.recovery.triggers.asking import ask
from mendline.recovery.triggers.episodes import OpenEpisode, Step, step_of
from mendline.recovery.triggers.facts import ChangeFact, FigurePeriod, IndicatorLine, ReviewFact, WorkFact


@dataclass(frozen=True)
class Example:
    """Facts that fire a rule and facts that just do not; `by` are the kinds of the facts that are named as the reason.

    Attributes:
        named: how many facts are named.
    """

    fires: tuple[Fact, ...]
    quiet: tuple[Fact, ...]
    by: frozenset[str]
    named: int
    with_: Mapping[str, Any] = field(default_factory=dict)
    quiet_with: Mapping[str, Any] = field(default_factory=dict)


def example(
    fires: Iterable[Fact], quiet: Iterable[Fact], by: str, named: int, with_: Any = None, quiet_with: Any = None
) -> Example:
    return Example(tuple(fires), tuple(quiet), frozenset(by.split()), named, with_ or {}, quiet_with or {})


def gap(days_ago: float = 1, **payload: Any) -> Fact:
    return a_record("medicines_discrepancy", days_ago, **{"kind": "gap", "round_slot": "evening", **payload})


def reviewed(hours: float) -> Fact:
    return gap(3, reviewed_at=(NOW - timedelta(days=3) + timedelta(hours=hours)).isoformat())


def explained(cause: str, days_ago: float) -> Fact:
    return gap(days_ago, reviewed_at="2026-11-20T09:00:00Z", root_cause=cause)


def warned(*codes: str, days: int = 0) -> dict[str, Any]:
    """These warnings hold now, and have done for some days."""
    return {"warned": dict.fromkeys(codes, TODAY - timedelta(days=days)), "verdicts": dict.fromkeys(codes, True)}


def checks_without(*days: str) -> list[Fact]:
    made = [
        a_record("end_of_shift_check", day, shift_on=(TODAY - timedelta(days=day)).isoformat(), shift_band="night")
        for day in range(1, 29)
    ]
    return [one for one in made if one.payload["shift_on"] not in days]


def declined(*causes: str, **told: Any) -> IndicatorLine:
    seen = {"visible_on": (TODAY - timedelta(days=20)).isoformat(), "causes": list(causes), "answered_on": None,
            "answer_due_on": (TODAY - timedelta(days=13)).isoformat()}  # fmt: skip
    return a_line(MAR, 98, 90, 80, decline={**seen, **told})


def thin(*decisions: str) -> dict[str, Any]:
    reviews = tuple(
        ReviewFact(uuid4(), MAR, decision, TODAY - timedelta(weeks=4 - place))
        for place, decision in enumerate(decisions)
    )
    return {"focus": MAR, "reviews": reviews}


def month_end(value: float) -> IndicatorLine:
    """A monthly figure of October, the month before."""
    october = FigurePeriod(date(2026, 10, 1), date(2026, 10, 31), value, 100, value, "final")
    return a_line("care_review_on_time_pct", periods=(october,))


def changed(*days_ago: int) -> dict[str, Any]:
    bells = "call_bell_within_standard_pct"
    return {"changes": tuple(ChangeFact(uuid4(), bells, TODAY - timedelta(days=days)) for days in days_ago)}


def staff(number: int) -> list[Fact]:
    return [a_record("staff_member", 900, staff=f"S{n}", gives_medicines=True) for n in range(number)]


def checked(*names: str) -> list[Fact]:
    return [a_record("end_of_shift_check", 1 + day, completed_by=name) for day, name in enumerate(names)]


def call(days_ago: float, minutes: float = 16) -> Fact:
    return a_record("call_bell_event", days_ago, wait_minutes=minutes, shift_band="evening")


def need(days_ago: float, hours: float, person: str = "P1") -> Fact:
    return a_record("dependency_assessment", days_ago, person=person, hours_per_day=hours)


def planned(days_ago: float, hours: float) -> Fact:
    return a_record("rota_shift", days_ago, planned_hours=hours, direct_care=True)


def shifts(days: range) -> list[Fact]:
    return [
        a_record("rota_shift", day, staff="JM", shift_on=(TODAY - timedelta(days=day)).isoformat(), planned_hours=8)
        for day in days
    ]


def plan_version(similarity: float) -> Fact:
    return a_record("care_plan_version", 3, answer="updated", updated_at=NOW.isoformat(), similarity=similarity)


def care_review(day: str, author: str) -> Fact:
    return a_record("care_review", 20, completed_on=day, author=author)


def fall(band: str) -> Fact:
    return a_record("incident", 10, kind="fall", shift_band=band)


def work(late: int, done: int) -> list[WorkFact]:
    return [*(some_work(2 + n % 10, "missed") for n in range(late)), *(some_work(2 + n % 10) for n in range(done))]


MAR = "mar_compliance_pct"
VAGUE = frozenset({"vague", "no_measure"})
COMPLAINT = {"theme": "waiting"}
SHARED = [gap(day, person="P1", medicine="Senna", round_slot=f"S{day}") for day in (1, 5, 9)]
BEFORE = [call(day) for day in range(15, 28)] * 2
BELLS = "call_bell_within_standard_pct"

EXAMPLES: Mapping[str, Callable[[], Example]] = {
    # --------------------------------------------------------------- medicines
    "M1": lambda: example(SHARED, SHARED[:2], "record", 3),
    "M2": lambda: example(map(reviewed, (10, 20, 60, 70)), map(reviewed, (10, 20, 30, 70)), "record", 2),
    "M3": lambda: example([*staff(3), *checked("AO", "AO", "AO", "PN", "JM")], [*staff(3), *checked("AO", "AO", "PN", "JM")],
                          "record", 6),
    "M4": lambda: example([a_line(MAR, 91, 92, 93), a_line("medicines_round_observation_pass_pct", 80, denominator=5)],
                          [a_line(MAR, 91, 92, 92), a_line("medicines_round_observation_pass_pct", 80, denominator=5)],
                          "figure", 4),
    "M5": lambda: example([a_record("medicines_audit", day, shift_band="day") for day in range(1, 8)],
                          [a_record("medicines_audit", day, shift_band="day" if day > 2 else "night") for day in range(1, 9)],
                          "record", 7),
    "M6": lambda: example([explained("human_error", day) for day in (4, 5, 6)],
                          [explained("human_error", 4), explained("stock", 5)], "record", 3),
    "M7": lambda: example(checks_without("2026-11-20", "2026-11-17"), checks_without("2026-11-20"), "record", 5),
    # ------------------------------------------------------------ care reviews
    "C1": lambda: example([a_line("care_review_on_time_pct", 60, 70, 80), a_line("care_review_action_quality_pct", 79)],
                          [a_line("care_review_on_time_pct", 60, 70, 80), a_line("care_review_action_quality_pct", 80)],
                          "figure", 4),
    "C2": lambda: example([an_action(marks=VAGUE), an_action()], [an_action(marks=frozenset({"vague"})), an_action()],
                          "action", 1),
    "C3": lambda: example([an_action(moves=2)], [an_action(moves=1)], "action", 1),
    "C4": lambda: example([a_record("feedback", day, theme="support_not_changed") for day in (1, 27)],
                          [a_record("feedback", day, theme="support_not_changed") for day in (1, 29)], "record", 2),
    "C5": lambda: example(map(plan_version, (0.96, 0.5, 0.5, 0.5)), map(plan_version, (0.96, 0.5, 0.5, 0.5, 0.5)), "record", 1),
    "C6": lambda: example([care_review("2026-10-27", "A"), care_review("2026-10-31", "B"), care_review("2026-10-05", "C")],
                          [care_review("2026-10-27", "A"), care_review("2026-10-04", "B")], "record", 2),
    "C7": lambda: example([a_record("care_plan_version", 3.2, answer="waiting")],
                          [a_record("care_plan_version", 3.2, answer="updated", updated_at=NOW.isoformat())], "record", 1),
    # ---------------------------------------------------------------- staffing
    "S1": lambda: example([a_line("staffing_fill_rate_pct", 97), a_line(BELLS, 84)],
                          [a_line("staffing_fill_rate_pct", 97), a_line(BELLS, 85)], "figure", 2),
    "S2": lambda: example([call(day) for day in (1, 3, 5, 7) for _ in range(2)],
                          [call(day) for day in (1, 3, 5) for _ in range(2)], "record", 8),
    "S3": lambda: example(shifts(range(1, 8)), shifts(range(1, 7)), "record", 7),
    "S4": lambda: example([a_record("feedback", 1, theme="rushed", respondent_code=f"F{n}") for n in (1, 2)],
                          [a_record("feedback", 1, theme="rushed", respondent_code="F1")] * 2, "record", 2),
    "S5": lambda: example([need(60, 10), need(3, 11), planned(30, 100), planned(2, 100)],
                          [need(60, 10), need(3, 11), planned(30, 100), planned(2, 120)], "record", 1),
    "S6": lambda: example([*map(fall, ["evening"] * 4 + ["night"] * 3), fall("day")],
                          [*map(fall, ["evening"] * 4 + ["night"] * 2), fall("day"), fall("day")], "record", 7),
    "S7": lambda: example([*BEFORE, *(call(day) for day in range(1, 14)), need(40, 5)],
                          [*BEFORE, *(call(day) for day in range(1, 14) for _ in range(2)), need(40, 5)], "record", 13),
    "S8": lambda: example([need(5, 3, "A"), need(40, 3, "OLD")], [need(5, 3, "A"), need(31, 3, "B")], "record", 1),
    # ------------------------------------------------------------ any recovery
    "W1": lambda: example(work(3, 6), work(2, 6), "work", 3),
    "W2": lambda: example([some_work(day) for day in range(1, 9)] + [some_work(day, by="P Nowak") for day in range(1, 5)],
                          [some_work(day, by=f"P{day % 2}") for day in range(1, 13)], "work", 8),
    "W3": lambda: example([some_work(day, closed_on=TODAY) for day in range(1, 5)],
                          [some_work(day, closed_on=TODAY) for day in range(1, 4)], "work", 4),
    "W4": lambda: example([entered(8, day % 5) for day in range(8)] + [entered(1, 2)] * 20,
                          [entered(8, day % 5) for day in range(7)] + [entered(7, 1)] + [entered(1, 2)] * 20,
                          "record", 8),
    "falling_compliance": lambda: example([declined("worse_twice")], [declined("missing_twice")], "figure", 2,
                                          {"focus": MAR}, {"focus": MAR}),
    "decline_unanswered": lambda: example([declined("signal")], [declined("signal", answered_on=TODAY.isoformat())],
                                          "figure", 1, {"focus": MAR}, {"focus": MAR}),
    "figure_missing": lambda: example([declined("missing_twice")], [declined("signal")], "figure", 2, {"focus": MAR},
                                      {"focus": MAR}),
    "overdue_actions": lambda: example([an_action(30, due_on=TODAY - timedelta(days=1)) for _ in range(4)],
                                       [an_action(30, due_on=TODAY) for _ in range(4)], "action", 4),
    "weak_review_evidence": lambda: example([a_line(MAR, 90, evidence_level="partial")], [a_line(MAR, 90)], "review", 2,
                                            thin("assured_with_exception", "assured"),
                                            thin("assured_with_exception", "assured")),
    "audits_green_incidents_rise": lambda: example(
        [a_line("audit_programme_completed_pct", 95), a_line("falls_rate", 3, 4, 5, denominator=900)],
        [a_line("audit_programme_completed_pct", 94.9), a_line("falls_rate", 3, 4, 5, denominator=900)], "figure", 4),
    "poor_feedback": lambda: example([a_line("people_feedback_positive_pct", 90, 88)],
                                     [a_line("people_feedback_positive_pct", 88, 88)], "figure", 2),
    "review_delayed": lambda: example([a_line(MAR, 90, review_due_on=TODAY - timedelta(days=8))],
                                      [a_line(MAR, 90, review_due_on=TODAY - timedelta(days=7))], "indicator", 1,
                                      {"focus": MAR}, {"focus": MAR}),
    "unmet_need_repeats": lambda: example([a_record("unmet_need_event", day) for day in (1, 5, 13)],
                                          [a_record("unmet_need_event", day) for day in (1, 5, 14)], "record", 3),
    "completion_up_quality_falls": lambda: example(
        [a_line("care_review_on_time_pct", 60, 70, 80), a_line("care_review_action_quality_pct", 90, 85, 80)],
        [a_line("care_review_on_time_pct", 60, 70, 80), a_line("care_review_action_quality_pct", 90, 85, 85)], "figure", 6),
    "hours_met_complaints_rise": lambda: example(
        [a_line("staffing_fill_rate_pct", 97), *(a_record("complaint", day, **COMPLAINT) for day in (1, 2))],
        [a_line("staffing_fill_rate_pct", 97), *(a_record("complaint", day, **COMPLAINT) for day in (1, 2, 30, 31))],
        "figure record", 3),
    "planned_work_left": lambda: example([], [], "warning", 1, warned("W1", days=14), warned("W1", days=13)),
    "routine_rushed": lambda: example([], [], "warning", 1, warned("W3", days=14), warned("W3", days=13)),
    "records_back_dated": lambda: example([], [], "warning", 1, warned("W4"), {"verdicts": {"W4": False}}),
    "medicines_compliance_falls": lambda: example([a_line(MAR, 95, 94, 93)], [a_line(MAR, 95, 94, 94)], "figure", 3),
    "medicines_gaps_persist": lambda: example([], [], "warning", 1, warned("M1", days=14), warned("M1", days=13)),
    "medicines_practice_apart": lambda: example([], [], "warning", 1, warned("M4"),
                                                {"verdicts": {"M3": False, "M4": False}}),
    "medicines_serious": lambda: example([gap(1.1, kind="controlled_drug")], [gap(0.9, kind="controlled_drug")], "record", 1),
    "review_actions_weak": lambda: example([], [], "warning", 2, warned("C1", "C2"),
                                           {"verdicts": {"C1": False, "C2": False}}),
    "review_actions_redated": lambda: example([], [], "warning", 1, warned("C3", days=14), warned("C3", days=13)),
    "review_high_risk_waits": lambda: example([], [], "warning", 1, warned("C7"), {"verdicts": {"C7": False}}),
    "review_practice_apart": lambda: example([a_line("care_plan_practice_match_pct", 79)],
                                             [a_line("care_plan_practice_match_pct", 80)], "figure", 1),
    "reviews_late_at_month_end": lambda: example([month_end(84)], [month_end(85)], "figure", 1),
    "staffing_response_delayed": lambda: example([], [], "warning", 1, warned("S2"),
                                                 {"verdicts": {"S1": False, "S2": False}}),
    "staffing_dependency_drift": lambda: example([], [], "warning", 1, warned("S5"),
                                                 {"verdicts": {"S5": False, "S8": False}}),
    "staffing_harm_from_delay": lambda: example([a_record("unmet_need_event", 1, harm_level="low")],
                                                [a_record("unmet_need_event", 1, harm_level="none")], "record", 1),
    "staffing_pressure_unchanged": lambda: example([a_line(BELLS, *[80] * 10)], [a_line(BELLS, *range(80, 90))],
                                                   "figure change", 4, changed(50, 30), changed(50, 30)),
    "staffing_unsafe": lambda: example([a_record("staffing_exception", 1, effect="unsafe")],
                                       [a_record("staffing_exception", 1, effect="covered")], "record", 1),
}  # fmt: skip


def test_every_rule_of_the_catalogue_has_its_example() -> None:
    assert set(EXAMPLES) == set(rules())


@pytest.mark.parametrize("key", sorted(EXAMPLES))
def test_it_fires_on_the_facts_of_its_example_and_names_them(key: str) -> None:
    one = EXAMPLES[key]()
    answer = ask(rules()[key], facts_of(*one.fires, **one.with_))
    assert answer.value is True
    assert {fact.kind for fact in answer.facts} == one.by
    assert len(answer.facts) == one.named
    assert answer.words


@pytest.mark.parametrize("key", sorted(EXAMPLES))
def test_it_stays_quiet_just_beside_its_example(key: str) -> None:
    one = EXAMPLES[key]()
    answer = ask(rules()[key], facts_of(*one.quiet, **one.quiet_with))
    assert answer.value in (False, None)
    assert answer.facts == ()


@pytest.mark.parametrize("key", sorted(EXAMPLES))
def test_it_fires_once_in_an_episode(key: str) -> None:
    one, rule = EXAMPLES[key](), rules()[key]
    answer = ask(rule, facts_of(*one.fires, **one.with_))
    assert step_of(rule, None, answer.value, TODAY) == Step(opens=True)
    lasting = OpenEpisode(TODAY, has_escalation=rule.opens is not None)
    for day in range(20):
        assert step_of(rule, lasting, answer.value, TODAY + timedelta(days=day)) == Step()


@pytest.mark.parametrize("key", sorted(EXAMPLES))
def test_a_sign_ends_with_its_condition_and_a_trigger_only_by_a_decision(key: str) -> None:
    one, rule = EXAMPLES[key](), rules()[key]
    over = ask(rule, facts_of(*one.quiet, **one.quiet_with)).value or False
    lasting = OpenEpisode(TODAY, has_escalation=rule.opens is not None)
    if rule.opens is None:
        assert step_of(rule, lasting, over, TODAY) == Step(ends="no_longer_so")
        return
    assert step_of(rule, lasting, over, TODAY) == Step()
    decided = OpenEpisode(TODAY, has_escalation=True, decided_on=TODAY)
    assert step_of(rule, decided, over, TODAY) == Step(ends="decided")


def test_the_contradictions_set_two_sources_against_each_other() -> None:
    against = {key for key, rule in rules().items() if rule.contradiction}
    assert against >= {"completion_up_quality_falls", "hours_met_complaints_rise", "audits_green_incidents_rise", "M4"}
