from collections import Counter
from datetime import date

import pytest

from mendline.catalogue.frameworks import framework, framework_in_force, frameworks, regulations


def test_the_framework_has_34_quality_statements_under_five_key_questions() -> None:
    counts = Counter(node.key_question for node in framework("saf-2023").nodes.values())
    assert counts == {"safe": 8, "effective": 6, "caring": 5, "responsive": 7, "well-led": 8}
    assert len(framework("saf-2023").evidence_categories) == 6


def test_the_draft_has_24_key_lines_of_enquiry_and_no_scores() -> None:
    draft = framework("kloe26-draft")
    counts = Counter(node.key_question for node in draft.nodes.values())
    assert counts == {"safe": 7, "effective": 4, "caring": 3, "responsive": 4, "well-led": 6}
    assert draft.scoring is None


def test_a_draft_is_never_in_force() -> None:
    assert framework_in_force(date(2026, 11, 17)).version == "saf-2023"
    assert {one.status for one in frameworks().values()} == {"live", "draft"}


def test_no_framework_is_made_up_for_a_day_before_all_of_them() -> None:
    with pytest.raises(LookupError, match="2022-06-01"):
        framework_in_force(date(2022, 6, 1))


def test_every_quality_statement_leads_somewhere_and_every_line_comes_from_one() -> None:
    crosswalk = framework("kloe26-draft").crosswalk
    assert crosswalk is not None
    assert {one.from_node for one in crosswalk.crossings} == set(framework("saf-2023").nodes)
    assert {one.to_node for one in crosswalk.crossings} == set(framework("kloe26-draft").nodes)


def test_person_centred_care_moves_to_another_key_question() -> None:
    (crossing,) = framework("kloe26-draft").successors("responsive.person-centred-care")
    assert (crossing.to_node, crossing.relation) == ("kloe26.caring.person-centred-care", "moved")


def test_equity_in_experiences_has_two_successors_for_a_person_to_choose() -> None:
    crossings = framework("kloe26-draft").successors("responsive.equity-experiences-outcomes")
    assert {one.relation for one in crossings} == {"split", "partial"}


def test_a_node_is_shown_with_its_key_question() -> None:
    assert framework("saf-2023").label("safe.medicines-optimisation") == "Safe: Medicines optimisation"


def test_regulations_keep_their_official_names() -> None:
    assert regulations()["hsca-12"].title == "Safe care and treatment"
    assert regulations()["hsca-20a"].number == "Regulation 20A"
