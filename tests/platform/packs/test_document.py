from support.packs import a_medicines_part, a_pack, a_section, an_empty_pack

from mendline.packs.document import ActionRow, Claim, DecisionRow


def test_every_reference_of_the_sample_leads_somewhere() -> None:
    assert a_pack().unknown_references == ()


def test_a_reference_that_leads_nowhere_is_named_once() -> None:
    lost = a_section(
        found=(Claim("Found.", ("E-999",)),),
        decisions=(DecisionRow("12 Nov", "Assured", "D Hartley", "Fine.", ("E-999", "E-046")),),
    )
    assert a_pack(sections=(lost,)).unknown_references == ("E-999",)


def test_references_of_actions_risks_story_and_chart_count_too() -> None:
    action = ActionRow("A-1", "Do", "P", "Due", "Open", references=("E-701",))
    part = a_medicines_part(sources=("E-702",))
    pack = a_pack(actions=(action,), sections=(a_section(indicators=(part,), weaknesses=()),))
    assert {"E-701", "E-702", "A-022"} <= set(pack.unknown_references)


def test_statements_without_a_reference_are_counted_and_ways_to_check_are_not_statements() -> None:
    bare = a_section(found=(Claim("We say so."),), checks=(Claim("Ask a carer."),))
    assert a_pack(sections=(bare,), gaps=()).claims_without_reference == 1


def test_an_empty_pack_says_nothing_that_needs_a_reference() -> None:
    pack = an_empty_pack()
    assert (pack.unknown_references, pack.claims_without_reference) == ((), 0)
