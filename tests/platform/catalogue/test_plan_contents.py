"""The three templates, counted and named: goals, targets, milestones, steps, records, evidence, rhythm and triggers."""

import pytest

from mendline.catalogue.plans import PlanTemplate, plan_template, read_template, template_data, template_from
from mendline.catalogue.reading import DATA, CatalogueError

MEDICINES, REVIEWS, STAFFING = (
    plan_template(key) for key in ("medicines_recovery", "care_review_recovery", "staffing_recovery")
)


def steps_of(plan: PlanTemplate) -> list[tuple[str, str, str]]:
    return [(step.role, step.cadence, step.record) for step in plan.steps]


def targets_of(plan: PlanTemplate) -> list[tuple[str, str, object]]:
    return [(target.indicator, target.operator, target.value) for target in plan.targets]


def test_medicines_has_its_goal_targets_milestones_and_five_steps() -> None:
    assert (MEDICINES.weeks, MEDICINES.hold_weeks, MEDICINES.regulations) == (10, 4, ("hsca-12", "hsca-17"))
    assert targets_of(MEDICINES) == [
        ("mar_compliance_pct", ">=", 98.0),
        ("medicines_admin_gap_rate", "reduce_from_baseline_pct", 60.0),
        ("medicines_discrepancy_review_median_hours", "<=", 48.0),
        ("medicines_competency_current_pct", ">=", 100.0),
        ("medicines_round_observation_pass_pct", ">=", 95.0),
        ("medicines_check_concentration_pct", "<=", 40.0),
    ]
    assert [stone.week for stone in MEDICINES.milestones] == [0, 5, 10, 14, 22]
    assert MEDICINES.milestones[1].expects[0].value == 95
    assert steps_of(MEDICINES) == [
        ("medicines_lead", "once", "Medicines recovery dashboard baseline"),
        ("registered_manager", "weekly", "Medicines governance action log"),
        ("senior_carer", "every_shift", "Audit form, discrepancy log and evidence sheet"),
        ("medicines_lead", "weekly", "Competency findings in the workforce assurance file"),
        ("nominated_individual", "monthly", "Provider oversight minutes"),
    ]
    assert MEDICINES.steps[3].at_least == 3
    assert MEDICINES.steps[2].shifts == ("day", "afternoon", "evening", "night")


def test_medicines_has_its_seven_signs_seven_sources_and_four_triggers() -> None:
    assert [one.code for one in MEDICINES.early_warnings] == ["M1", "M2", "M3", "M4", "M5", "M6", "M7"]
    assert len(MEDICINES.evidence) == 7
    assert [(one.role, one.cadence) for one in MEDICINES.reviews] == [
        ("registered_manager", "weekly"), ("nominated_individual", "monthly"),
    ]  # fmt: skip
    assert len(MEDICINES.triggers) == 4


def test_care_reviews_have_their_two_goals_floors_milestones_and_five_steps() -> None:
    assert (REVIEWS.weeks, REVIEWS.regulations) == (8, ("hsca-9", "hsca-12", "hsca-17"))
    assert [(target.part, target.value) for target in REVIEWS.targets] == [
        ("main", 95.0), ("main", 95.0), ("floor", 90.0), ("floor", 90.0),
    ]  # fmt: skip
    assert [stone.week for stone in REVIEWS.milestones] == [0, 4, 8, 12, 20]
    assert [one.value for one in REVIEWS.milestones[1].expects] == [85, 85, 75]
    assert steps_of(REVIEWS) == [
        ("care_coordinator", "weekly", "Care planning tracker baseline"),
        ("deputy_manager", "weekly", "Care planning evidence file"),
        ("key_worker", "as_due", "Care review notes and plan version"),
        ("senior_carer", "weekly", "Observation log"),
        ("provider_quality_lead", "monthly", "Governance minutes"),
    ]
    assert [step.at_least for step in REVIEWS.steps] == [1, 5, 1, 3, 1]


def test_care_reviews_have_their_seven_signs_and_five_triggers() -> None:
    assert [one.code for one in REVIEWS.early_warnings] == ["C1", "C2", "C3", "C4", "C5", "C6", "C7"]
    assert REVIEWS.early_warnings[1].words == ("monitor", "encourage", "continue", "ensure")
    assert (len(REVIEWS.evidence), len(REVIEWS.triggers)) == (6, 5)


def test_staffing_has_its_goal_coverage_bands_milestones_and_five_steps() -> None:
    assert (STAFFING.weeks, STAFFING.regulations) == (10, ("hsca-18", "hsca-9", "hsca-12", "hsca-17"))
    assert targets_of(STAFFING) == [
        ("timely_support_feedback_positive_pct", ">=", 85.0),
        ("call_bell_within_standard_pct", ">=", 90.0),
        ("evening_weekend_response_gap_pp", "<=", 5.0),
        ("staffing_hours_vs_dependency_pct", "between", (95.0, 115.0)),
        ("unmet_need_rate", "reduce_from_baseline_pct", 50.0),
    ]
    assert len(STAFFING.confirmations) == 2
    assert [band.name for band in STAFFING.bands] == ["day", "afternoon", "evening", "night"]
    assert [stone.week for stone in STAFFING.milestones] == [0, 5, 10, 14, 22]
    assert [(role, cadence) for role, cadence, _ in steps_of(STAFFING)] == [
        ("registered_manager", "weekly"),
        ("rota_coordinator", "weekly"),
        ("shift_leader", "weekly"),
        ("deputy_manager", "weekly"),
        ("provider_lead", "monthly"),
    ]
    assert STAFFING.steps[2].at_least == 4


def test_staffing_has_its_eight_signs_and_five_triggers() -> None:
    assert [one.code for one in STAFFING.early_warnings] == ["S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8"]
    assert (len(STAFFING.evidence), len(STAFFING.triggers)) == (9, 5)


@pytest.mark.parametrize("plan", [MEDICINES, REVIEWS, STAFFING], ids=["medicines", "reviews", "staffing"])
def test_a_template_is_kept_as_data_and_read_back_the_same(plan: PlanTemplate) -> None:
    assert template_from(template_data(plan), plan.key) == plan


def test_a_text_from_outside_uses_no_anchors() -> None:
    text = (DATA / "plans" / "care_review.yaml").read_text()
    with pytest.raises(CatalogueError, match="write each value out"):
        read_template(text, "Your template")
