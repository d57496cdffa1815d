"""Bad input and bad days of recovery: what was foreseen, and the test that shows what happens then.

The list is read by people who ask whether a case was thought of; it is checked here that each test is there.
"""

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
RECOVERY = "platform/recovery"

FORESEEN: Mapping[str, tuple[str, ...]] = {
    "a manager leaves with forty open items": (
        f"{RECOVERY}/handover/test_commands.py::test_forty_things_of_a_manager_who_left_pass_in_one_step",
        f"{RECOVERY}/plans/test_starting.py::test_a_manager_who_leaves_with_forty_open_items_can_be_listed",
        f"{RECOVERY}/handover/test_commands.py::test_days_without_an_owner_count_from_the_last_day",
    ),
    "a trigger rule that matches everything": (
        f"{RECOVERY}/triggers/test_evaluation.py::test_a_rule_that_matches_everything_is_held_back_and_seen",
    ),
    "two people decide one escalation at once": (
        f"{RECOVERY}/registers/test_escalations.py::test_of_two_who_decide_at_once_one_wins_and_the_other_is_told",
    ),
    "a plan whose inspection date was wrong": (
        f"{RECOVERY}/plans/test_starting.py::test_a_wrong_inspection_date_moves_the_plan_by_rule_and_on_the_record",
    ),
    "a step for a role that nobody holds": (
        "platform/duties/test_holding.py::test_a_role_that_nobody_holds_goes_up_to_the_manager_and_says_so",
        "platform/duties/test_holding.py::test_where_nobody_is_left_it_waits_for_a_nominated_individual",
        f"{RECOVERY}/triggers/test_evaluation.py::test_a_role_that_nobody_holds_is_passed_by_on_the_record",
    ),
    "a clock change at the week's edge": (
        "platform/duties/test_dating.py::test_the_week_of_a_clock_change_has_seven_days_of_shifts_and_one_weekly_review",
        f"{RECOVERY}/clocks/test_rules.py::test_a_day_of_the_clock_change_ends_at_its_own_midnight",
        "platform/telling/test_timing.py::test_a_digest_keeps_its_hour_in_england_over_the_change_of_clocks",
    ),
    "the mail server is down for a day": (
        "workers/test_telling.py::test_a_mail_server_that_is_away_for_a_day_delivers_each_letter_once",
    ),
    "a worker dies while people are told": (
        "workers/test_telling.py::test_a_worker_that_dies_in_the_middle_tells_nobody_and_the_next_tells_each_once",
    ),
    "somebody leaves with open actions for a person who died or moved": (
        f"{RECOVERY}/registers/test_counting.py::test_what_no_longer_applies_leaves_both_parts_of_the_rate",
    ),
    "dates are moved to better a closure rate": (
        f"{RECOVERY}/registers/test_counting.py::test_a_new_date_does_not_better_the_rate",
    ),
    "the manager is the subject of a concern": (
        f"{RECOVERY}/registers/test_escalations.py::test_nobody_decides_what_is_about_them",
        f"{RECOVERY}/registers/test_views.py::test_whom_an_escalation_is_about_neither_sees_nor_decides_it",
        "platform/telling/test_passing.py::test_whom_an_escalation_is_about_is_not_told",
    ),
    "one person holds two roles": (
        f"{RECOVERY}/reviews/test_rhythm.py::test_whoever_holds_two_roles_reviews_as_the_senior_one",
        f"{RECOVERY}/registers/test_closing.py::test_the_first_person_proposes_and_the_second_closes_on_the_same_evidence",
    ),
    "a bank holiday on the review's day": (
        f"{RECOVERY}/reviews/test_rhythm.py::test_a_weekly_review_on_a_bank_holiday_moves_and_is_not_skipped",
        "platform/duties/test_dating.py::test_a_week_with_a_bank_holiday_moves_to_the_next_working_day_and_is_not_skipped",
    ),
    "the target is met and an early warning lasts": (
        f"{RECOVERY}/plans/test_exit_test.py::test_target_met_with_an_open_warning_of_a_watched_indicator_is_not_ready",
        f"{RECOVERY}/plans/test_objectives.py::test_a_warning_that_lasts_keeps_it_from_being_signed_and_is_named_by_its_title",
    ),
    "a goal is met and slips": (
        f"{RECOVERY}/plans/test_objectives.py::test_an_objective_is_signed_steps_down_and_is_opened_again_when_it_drifts",
        f"{RECOVERY}/plans/test_exit_test.py::test_after_it_was_opened_again_earlier_weeks_do_not_count",
    ),
    "a report is sent after its clock ran out": (
        f"{RECOVERY}/story/test_story.py::test_an_overdue_clock_stands_in_the_story_and_so_does_its_late_report",
    ),
    "a provider's template is nonsense": (
        f"{RECOVERY}/plans/test_templating.py::test_what_is_no_template_is_refused_in_a_sentence",
        f"{RECOVERY}/plans/test_guided.py::test_an_answer_that_cannot_be_is_told_by_its_field",
    ),
    "a target that no percentage can have": (
        f"{RECOVERY}/plans/test_objectives.py::test_a_target_that_a_percentage_cannot_have_is_refused",
    ),
    "the same record is sent twice for one piece of work": (
        f"{RECOVERY}/plans/test_starting.py::test_records_do_the_work_and_the_same_record_counts_once",
    ),
}


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("case", sorted(FORESEEN))
def test_each_case_that_was_foreseen_has_its_test(case: str) -> None:
    for named in FORESEEN[case]:
        path, _, name = named.partition("::")
        assert name in names_in(path), named
