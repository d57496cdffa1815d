"""A template from the answers of its form: what is asked changes, the rest stays, and what cannot be is told by field."""

from typing import Any

import pytest
from support.standings import at_address

from mendline.catalogue.plans import plan_template, plan_templates, template_from
from mendline.places.head import Address
from mendline.recovery.plans.forms_templates import guided_form
from mendline.recovery.plans.guided import content_of, key_of
from mendline.recovery.plans.templating import read_written, written_of
from tenants.errors import RefusedError

MEDICINES = plan_template("medicines_recovery")
ADDRESS: Address = at_address


def answers(source: Any = MEDICINES, **changes: str) -> dict[str, str]:
    """The form as it is shown, sent back with some answers changed."""
    form = guided_form(source, copy_of=source.key, next_of="", address=ADDRESS, given={})
    return {**{field.name: field.value for field in form.fields if field.kind != "choices"}, **changes}


def content(**changes: str) -> dict[str, Any]:
    return content_of(
        MEDICINES, answers(**changes), warnings=[one.code for one in MEDICINES.early_warnings], triggers=MEDICINES.triggers
    )  # fmt: skip


@pytest.mark.parametrize("key", sorted(plan_templates()))
def test_each_template_sent_back_as_it_was_shown_says_the_same(key: str) -> None:
    source = plan_template(key)
    made = content_of(
        source, answers(source), warnings=[one.code for one in source.early_warnings], triggers=source.triggers
    )
    again = template_from(made, "made")
    assert again.targets == source.targets
    assert again.steps == source.steps
    assert again.early_warnings == source.early_warnings
    assert again.milestones == source.milestones
    assert set(again.indicators) == set(source.indicators)
    assert again.evidence == source.evidence


def test_what_is_made_is_a_template_that_can_be_saved() -> None:
    template, problems = read_written(written_of(content(title="Nights, safely", weeks="12")))
    assert problems == ()
    assert template is not None
    assert (template.key, template.weeks, template.title) == ("own_nights_safely", 12, "Nights, safely")


def test_a_target_is_changed_added_and_taken_away() -> None:
    made = template_from(content(t0_value="97%", t5_indicator="falls_rate", t5_operator="<=", t5_value="4.5"), "made")
    assert made.targets[0].value == 97
    assert (made.targets[-1].indicator, made.targets[-1].value) == ("falls_rate", 4.5)
    # An indicator without a target any more is watched on.
    assert "medicines_check_concentration_pct" in made.supporting_indicators


def test_a_step_is_worded_anew_added_or_left_out_and_the_numbers_run_on() -> None:
    made = template_from(
        content(s1_action="", s5_action="Ask two people each week", s5_role="deputy_manager", s5_kind="feedback"),
        "made",
    )
    assert [step.number for step in made.steps] == [1, 2, 3, 4, 5]
    assert (made.steps[-1].action, made.steps[-1].record_types, made.steps[-1].rhythm) == (
        "Ask two people each week", ("feedback",), "Every week",
    )  # fmt: skip


def test_signs_of_other_templates_can_be_watched() -> None:
    made = content_of(MEDICINES, answers(), warnings=["M1", "S4"], triggers=["medicines_serious"])
    assert [one["code"] for one in made["early_warnings"]] == ["M1", "S4"]
    assert made["early_warnings"][1]["title"]
    assert made["triggers"] == ["medicines_serious"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "No"}, "title"),
        ({"weeks": "many"}, "weeks"),
        ({"goal": ""}, "goal"),
        ({"t0_value": "nearly all"}, "t0_value"),
        ({"t0_value": "nan"}, "t0_value"),
        ({"t0_part": "support"}, "t0_indicator"),
        ({"t1_operator": "between"}, "t1_operator"),
        ({f"s{row}_action": "" for row in range(8)}, "s0_action"),
    ],
)
def test_an_answer_that_cannot_be_is_told_by_its_field(changes: dict[str, str], field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        content(**changes)
    assert set(refused.value.problems) == {field}


def test_the_key_follows_the_name() -> None:
    assert key_of("Nights, safely!") == "own_nights_safely"
    assert len(key_of("x" * 200)) <= 64
