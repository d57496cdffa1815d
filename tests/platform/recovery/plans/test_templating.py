"""A provider's template: what it cannot name, each told in a sentence."""

import pytest

from mendline.catalogue.plans import plan_templates
from mendline.recovery.plans.templating import LARGEST, copied, read_written

TEXTS = {key: copied(plan) for key, plan in plan_templates().items()}


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_a_copy_of_a_catalogue_template_can_be_saved_as_it_is(key: str) -> None:
    template, problems = read_written(TEXTS[key])
    assert problems == ()
    assert template is not None
    assert template.key == f"own_{key}"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("key: own_medicines_recovery", "key: medicines_recovery", "is a template of the catalogue"),
        ("key: own_medicines_recovery", "key: Mine!", "The key begins with own_"),
        ("indicator: mar_compliance_pct", "indicator: mar_complience", "There is no indicator 'mar_complience'."),
        ("role: senior_carer", "role: matron", "There is no role 'matron'."),
        ("- competency_observation", "- competence", "There is no record type 'competence'."),
        ("- hsca-12", "- hsca-99", "There is no regulation 'hsca-99'."),
        ("by_week: 10", "by_week: 30", "outside the plan's weeks"),
        ("weeks: 10", "weeks: ten", "must be a whole number"),
        ("goal:", "aim:", "unknown key 'aim'"),
    ],
    ids=["catalogue key", "odd key", "indicator", "role", "record type", "regulation", "week", "number", "unknown key"],
)
def test_what_the_catalogue_does_not_know_is_told_by_name(old: str, new: str, sentence: str) -> None:
    written = TEXTS["medicines_recovery"]
    assert old in written
    _, problems = read_written(written.replace(old, new, 1))
    assert sentence in " ".join(problems)


@pytest.mark.parametrize(
    "written", ["", "   ", "- a list", "a: [", "x" * (LARGEST + 1)], ids=["nothing", "blank", "list", "broken", "huge"]
)
def test_what_is_no_template_is_refused_in_a_sentence(written: str) -> None:
    template, problems = read_written(written)
    assert template is None
    assert len(problems) == 1
