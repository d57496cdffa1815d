from pathlib import Path

import pytest

from mendline.catalogue.indicators import indicator_definition, indicator_definitions
from mendline.catalogue.plans import PlanTemplate, plan_template, plan_templates, read_plans
from mendline.catalogue.reading import DATA, CatalogueError

EVERY_PLAN = pytest.mark.parametrize("plan", plan_templates().values(), ids=list(plan_templates()))


def test_the_three_templates_have_their_goals() -> None:
    goals = {
        key: (plan.weeks, [(one.indicator, one.value) for one in plan.targets if one.part == "main"])
        for key, plan in plan_templates().items()
    }
    assert goals == {
        "medicines_recovery": (10, [("mar_compliance_pct", 98.0)]),
        "care_review_recovery": (
            8,
            [("care_review_on_time_pct", 95.0), ("care_review_actions_closed_on_time_pct", 95.0)],
        ),
        "staffing_recovery": (10, [("timely_support_feedback_positive_pct", 85.0)]),
    }


def test_the_early_warnings_are_all_there() -> None:
    codes = {key: [one.code for one in plan.early_warnings] for key, plan in plan_templates().items()}
    assert codes == {
        "medicines_recovery": [f"M{number}" for number in range(1, 8)],
        "care_review_recovery": [f"C{number}" for number in range(1, 8)],
        "staffing_recovery": [f"S{number}" for number in range(1, 9)],
    }


@EVERY_PLAN
def test_a_plan_holds_just_the_indicators_that_name_it(plan: PlanTemplate) -> None:
    naming = {key for key, definition in indicator_definitions().items() if plan.key in definition.used_in}
    assert set(plan.indicators) == naming


@EVERY_PLAN
def test_a_plan_has_five_steps_a_weekly_review_and_all_four_kinds_of_evidence(plan: PlanTemplate) -> None:
    assert [step.number for step in plan.steps] == [1, 2, 3, 4, 5]
    assert ("registered_manager", "weekly") in {(one.role, one.cadence) for one in plan.reviews}
    assert {source.letter for source in plan.evidence} == {"R", "A", "F", "P"}


@EVERY_PLAN
def test_every_warning_says_what_it_reads(plan: PlanTemplate) -> None:
    silent = [one.code for one in plan.early_warnings if not one.indicators and not one.records]
    windowless = [one.code for one in plan.early_warnings if one.records and one.window_days is None]
    assert (silent, windowless) == ([], [])


@EVERY_PLAN
def test_a_target_is_that_of_the_indicator_unless_the_plan_asks_otherwise(plan: PlanTemplate) -> None:
    asked = {one.indicator: (one.operator, one.value) for one in plan.targets}
    own = {key: indicator_definition(key).target for key in asked}
    assert asked == {key: (target.operator, target.value) for key, target in own.items()}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("number: 2", "number: 3", "numbers must run from 1"),
        ("week: 5", "week: 50", "in order of their weeks"),
        ("part: main", "part: support", "needs a main target"),
        ("- audit_verification_agreement_pct", "- mar_compliance_pct", "named twice"),
        ("code: M2", "code: M1", "'M1' is declared twice"),
        ("hold_weeks: 4", "hold_weeks: four", "must be a whole number"),
        ("letter: R", "letter: Q", "'Q' is not one of"),
    ],
)
def test_a_wrong_template_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (DATA / "plans" / "medicines.yaml").read_text()
    assert old in text
    (tmp_path / "medicines.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(CatalogueError, match=message):
        read_plans(tmp_path)


def test_an_empty_folder_of_templates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="holds no plan template"):
        read_plans(tmp_path)


def test_an_unknown_template_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        plan_template("gardening")
