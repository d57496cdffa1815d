from pathlib import Path

import pytest

from mendline.catalogue.plans import plan_templates
from mendline.catalogue.reading import DATA, CatalogueError
from mendline.catalogue.triggers import read_triggers, triggers


def test_every_kind_has_its_time() -> None:
    times = {key: (kind.due.amount, kind.due.unit) for key, kind in triggers().kinds.items() if not kind.outside}
    assert times == {
        "risk_register_escalation": (2, "working_days"),
        "provider_oversight": (5, "working_days"),
        "additional_audit": (7, "days"),
        "revised_operational_control": (72, "hours"),
    }


def test_a_plan_names_just_the_rules_that_name_it() -> None:
    for key, plan in plan_templates().items():
        assert set(plan.triggers) == {rule.key for rule in triggers().rules.values() if rule.plan == key}


def test_a_rule_is_for_any_recovery_or_for_one_plan() -> None:
    plans = {key: rule.plan for key, rule in triggers().rules.items()}
    assert plans["decline_unanswered"] is None
    assert {key for key, plan in plans.items() if plan == "medicines_recovery"} == {
        "medicines_compliance_falls",
        "medicines_gaps_persist",
        "medicines_practice_apart",
        "medicines_serious",
    }


def test_a_rule_that_opens_nothing_known_is_refused(tmp_path: Path) -> None:
    text = (DATA / "triggers.yaml").read_text()
    (tmp_path / "triggers.yaml").write_text(text.replace("opens: additional_audit", "opens: a_meeting", 1))
    with pytest.raises(CatalogueError, match="no kind 'a_meeting' to open"):
        read_triggers(tmp_path / "triggers.yaml")
