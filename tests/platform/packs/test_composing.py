"""A pack composed from what is known: nothing left out that must be in, nothing in that leads nowhere unsaid."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.standings import MAR, TODAY, a_place, a_series, a_standing

from mendline.comparison.restated import Restated
from mendline.evidence.checks.rows import DrillAnswerLine, DrillLine
from mendline.evidence.rows import EvidenceBehind
from mendline.packs.composing import compose
from mendline.packs.composing_parts import indicator_part
from mendline.packs.composing_story import KINDS
from mendline.packs.document import PackDocument, referring
from mendline.packs.leading import Ways
from mendline.packs.order import PackOrder
from mendline.packs.reading import FigureLine, PackFacts
from mendline.packs.reading_recovery import RecoveryFacts
from mendline.places.rows import Requirement
from mendline.recovery.queries import ActionLine, DecisionLine, RiskLine
from mendline.services.indicator_rows import StoryRow

AT = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
ORDER = PackOrder("RH-2026-11-17-01", AT, "DH")
INDICATOR = uuid.UUID(int=3)
references = st.from_regex(r"[EAR]-\d{3}", fullmatch=True)


def evidence(reference: str = "E-001", **changes: Any) -> EvidenceBehind:
    fields: dict[str, Any] = {
        "evidence_id": uuid.uuid5(uuid.NAMESPACE_OID, reference), "reference": reference, "letter": "R",
        "title": "MAR export", "dated_on": TODAY, "system": "eMAR", "where_to_look": "Report 4", "sha256": None,
        "sample_size": None, "recorded_initials": "DH", "result": None, "checked_at": None,
    }  # fmt: skip
    return EvidenceBehind(**{**fields, **changes})


def action(reference: str = "A-001", **changes: Any) -> ActionLine:
    fields: dict[str, Any] = {
        "reference": reference, "title": "Induct agency seniors", "owner": "P Nowak", "indicator_id": INDICATOR,
        "opened_on": TODAY, "first_due_on": TODAY, "due_on": TODAY, "moved": 0, "state": "open", "closed_on": None,
        "evidence_reference": None, "note": None,
    }  # fmt: skip
    return ActionLine(**{**fields, **changes})


def decision(**changes: Any) -> DecisionLine:
    fields: dict[str, Any] = {
        "indicator_id": INDICATOR, "definition_key": MAR, "forum": "weekly_review", "held_on": TODAY,
        "decision": "assured", "what_changed": None, "why": "Seen on four rounds.", "what_follows": None,
        "relied_on": ["E-001"], "exception_reason": None, "decided_label": "D Hartley",
        "decided_role": "Registered manager", "review_id": uuid.UUID(int=9),
    }  # fmt: skip
    return DecisionLine(**{**fields, **changes})


def facts(**changes: Any) -> PackFacts:
    fields: dict[str, Any] = {
        "place": a_place(), "standings": (a_standing(series=a_series(*[(190, 200)] * 20)),), "stories": {},
        "evidence": (evidence(),), "supports": {INDICATOR: ("E-001",)}, "actions": (), "risks": (), "decisions": (),
        "figures": (),
    }  # fmt: skip
    return PackFacts(**{**fields, **changes})


def declines(standing: Any) -> list[str]:
    return [claim.text for claim in compose(facts(standings=(standing,)), ORDER).position.declines]


@settings(deadline=None)  # a pack is composed each time
@given(
    days=st.integers(0, 400), seen=st.booleans(), status=st.sampled_from(["stable", "deteriorating", "insufficient"])
)
def test_a_decline_without_a_decision_is_always_printed_with_its_age(days: int, seen: bool, status: str) -> None:
    standing = a_standing(
        status=status, unescalated_days=days, declined_since=TODAY - timedelta(days=days) if seen else None
    )
    (told,) = declines(standing)
    assert f"no decision for {days} day" in told
    assert ("could be seen from" in told) is seen


def a_decline(answered_on: date | None) -> dict[str, Any]:
    series = a_series(*[(190, 200)] * 20)
    series["decline"] = {
        "since_period": "2026-10-05", "visible_on": "2026-10-14", "answer_due_on": "2026-10-21",
        "answered_on": answered_on.isoformat() if answered_on else None, "causes": ["signal"],
    }  # fmt: skip
    return series


def test_a_late_answer_does_not_delete_the_days_before_it_and_one_in_time_needs_no_line() -> None:
    (told,) = declines(a_standing(series=a_decline(date(2026, 10, 30))))
    assert told.endswith(
        "the decline could be seen from 14 October 2026 and was answered on 30 October 2026, 16 days later."
    )
    assert declines(a_standing(series=a_decline(date(2026, 10, 21)))) == []
    assert declines(a_standing(series=a_decline(None))) == []
    assert declines(a_standing()) == []


@given(
    held=st.lists(references, unique=True, max_size=6),
    relied_on=st.lists(references, max_size=4),
    story=st.one_of(st.none(), references),
    closing=st.one_of(st.none(), references),
)
def test_every_reference_leads_somewhere_or_is_counted_as_one_that_does_not(
    held: list[str], relied_on: list[str], story: str | None, closing: str | None
) -> None:
    composed = compose(
        facts(
            evidence=tuple(evidence(each) for each in held if each.startswith("E")),
            supports={INDICATOR: tuple(each for each in held if each.startswith("E"))},
            actions=tuple(
                action(each, state="closed", closed_on=TODAY, evidence_reference=closing)
                for each in held
                if each.startswith("A")
            ),
            decisions=(decision(relied_on=relied_on),),
            stories={INDICATOR: (StoryRow(TODAY, "New check", "Gaps", "Fewer", story),)},
        ),
        ORDER,
    )
    used = {reference for _, found in referring(composed) for reference in found}
    assert set(relied_on) <= used
    assert used - composed.known_references == set(composed.unknown_references)
    assert {each.reference for each in composed.evidence} == {each for each in held if each.startswith("E")}


def test_the_same_facts_at_the_same_moment_give_the_same_document() -> None:
    given_facts = facts(actions=(action(),), decisions=(decision(),))
    assert compose(given_facts, ORDER) == compose(given_facts, ORDER)
    later = PackOrder(ORDER.reference, AT + timedelta(days=1), "DH")
    assert compose(given_facts, later) != compose(given_facts, ORDER)


def composed(**changes: Any) -> PackDocument:
    return compose(facts(**changes), ORDER)


def test_the_moment_is_told_in_english_time_and_stored_in_universal_time() -> None:
    summer = compose(facts(), PackOrder("RH", datetime(2026, 7, 1, 23, 30, tzinfo=UTC), "DH"))
    assert summer.as_at_iso == "2026-07-01T23:30:00Z"
    assert summer.as_at.startswith("2 July 2026")


def test_a_decision_without_a_reason_says_so_and_an_exception_gives_its_own() -> None:
    (section,) = composed(decisions=(decision(why=None),)).sections
    assert section.decisions[0].reason == "No reason is recorded."
    (section,) = composed(
        decisions=(decision(decision="assured_with_exception", exception_reason="The audit is on Friday."),)
    ).sections
    assert "The audit is on Friday." in section.decisions[0].reason
    assert section.decisions[0].decision.startswith("Assured, with an exception")


def test_gaps_say_what_is_unsupported_late_or_changed() -> None:
    told = composed(
        standings=(a_standing(evidence_level="not_supported", review_due_on=TODAY - timedelta(days=1)),),
        actions=(action(due_on=TODAY - timedelta(days=2)), action("A-002")),
        evidence=(evidence(result="changed"),),
    ).gaps
    words = " ".join(claim.text for claim in told)
    assert "Not supported by enough current evidence" in words
    assert "1 action is late." in words
    assert "1 review of an indicator is late." in words
    assert "An original has changed" in words
    assert ("A-001",) in [claim.references for claim in told]
    assert composed().gaps == ()


def test_a_pack_says_that_it_leaves_out_what_is_about_somebody_who_works_here() -> None:
    (one,) = compose(facts(left_out=1), ORDER).gaps
    assert one.text.startswith("1 thing about somebody who works here is in no pack")
    (two,) = compose(facts(left_out=2), ORDER).gaps
    assert two.text.startswith("2 things about somebody who works here are in no pack")


@pytest.mark.parametrize(
    ("changes", "state", "late"),
    [
        ({}, "Open", False),
        ({"due_on": TODAY - timedelta(days=2)}, "2 days late", True),
        ({"state": "closed", "closed_on": TODAY, "due_on": TODAY - timedelta(days=2)}, "Closed 17 Nov", False),
        ({"state": "no_longer_applicable"}, "No longer applies", False),
        ({"state": "reopened"}, "Open", False),
    ],
)
def test_an_action_is_open_late_or_closed(changes: dict[str, Any], state: str, late: bool) -> None:
    (row,) = composed(actions=(action(**changes),)).actions
    assert (row.state, row.is_late) == (state, late)


def test_a_risk_that_nobody_scored_has_no_score() -> None:
    risk = RiskLine("R-001", "Evening round", "P Nowak", None, None, TODAY, None, None, None, None, None)
    (row,) = composed(risks=(risk,)).risks
    assert row.score == "Not scored yet"


def test_each_open_finding_stands_where_its_indicators_are() -> None:
    (section,) = composed(
        place=a_place(requirements=(Requirement("breach", "hsca-12", "Medicines gaps", None),))
    ).sections
    assert ["Medicines gaps" in claim.text for claim in section.found] == [True]


def test_every_figure_of_an_indicator_is_embedded_and_none_of_one_that_has_ended() -> None:
    line = FigureLine(INDICATOR, date(2026, 11, 9), 190, 200, 95.0, "final", 2, "entered", AT)
    ended = FigureLine(uuid.UUID(int=99), date(2026, 11, 9), 1, 2, 50.0, "final", 1, "entered", AT)
    (row,) = composed(figures=(line, ended)).facts
    assert (row.numerator, row.denominator, row.revision, row.references) == (190, 200, 2, ("E-001",))


def test_a_service_without_anything_still_has_a_pack_that_says_so() -> None:
    empty = composed(
        place=a_place(rating=None, plan=None, people_count=None, registered_manager=None, cqc_location_id=None),
        standings=(), evidence=(), supports={},
    )  # fmt: skip
    assert empty.sections == ()
    assert empty.position.sentence == "No indicators have been chosen for this service yet."
    assert "No registered manager is recorded" in [fact.value for fact in empty.cover]


def test_a_pack_without_a_plan_says_that_none_runs_and_lists_no_check_and_no_clock() -> None:
    pack = composed()
    assert pack.plan is None
    assert (pack.checks, pack.clocks, pack.restated, pack.held) == ((), (), (), ())


def test_a_corrected_figure_is_told_with_what_was_seen_before_and_why() -> None:
    corrected = Restated(
        INDICATOR, MAR, "weekly", date(2026, 11, 2), 95.0, 90.0, "Two charts were missed", ["RH-2026-11-10-01"], 0, AT
    )
    (row,) = composed(recovery=RecoveryFacts(restated=(corrected,))).restated
    assert row.change == "95.0% became 90.0%"
    assert row.seen == "Seen in RH-2026-11-10-01"
    assert row.why == "Two charts were missed"


def test_every_figure_leads_to_the_page_of_what_is_behind_it() -> None:
    standing = a_standing(series=a_series(*[(190, 200)] * 20))
    document = compose(facts(standings=(standing,)), replace(ORDER, pages="https://pages.example.org"))
    where = f"https://pages.example.org/services/{a_place().service_id}/indicators/{standing.indicator_id}/figures/"
    (row,) = document.position.rows
    moment = "?as_at=2026-11-17T09:30:00Z"
    assert row.href == f"{where}{standing.last_period.isoformat()}{moment}"
    now = next(fact for fact in document.sections[0].indicators[0].facts if fact.term == "Now")
    assert now.href == row.href
    assert compose(facts(standings=(standing,)), ORDER).position.rows[0].href == ""


def test_a_figure_that_was_restated_or_came_late_says_so_in_the_pack() -> None:
    series = a_series(*[(190, 200)] * 20) | {"newest": {"late_days": 9, "restated_on": "2026-11-12"}}
    document = compose(facts(standings=(a_standing(series=series),)), ORDER)
    assert document.position.rows[0].mark == "Restated 12 Nov, came 9 days late"


def test_each_restated_figure_of_a_chart_is_marked_on_its_point_and_named_below_it() -> None:
    series = a_series(*[(190, 200)] * 20)
    series["restated"] = {series["periods"][3]: "2026-10-12", series["periods"][5]: "2026-10-14"}
    part = indicator_part(a_standing(series=series), facts(), "i-1", Ways())
    assert part.chart is not None
    marked = [at for at, point in enumerate(part.chart.points) if "restated" in point.reading]
    assert marked == [3, 5]
    assert part.chart.points[3].reading.endswith(", restated 12 Oct")
    assert part.method.count(" on 12 Oct") == part.method.count(" on 14 Oct") == 1


def test_earlier_declines_stand_together_each_with_its_day_and_wait() -> None:
    over = [
        {"visible_on": "2026-03-03", "waited_days": 63, "answered_on": None},
        {"visible_on": "2026-08-04", "waited_days": 70, "answered_on": None},
        {"visible_on": "2026-09-01", "waited_days": 28, "answered_on": "2026-09-29"},
    ]
    never, late = declines(a_standing(parts={"declines": over}))
    assert never.endswith(
        "2 earlier declines ended without a decision, to be seen from 3 March 2026 (63 days) and 4 August 2026 (70)."
    )
    assert late.endswith("1 earlier decline was answered late, to be seen from 1 September 2026 (28 days).")


def a_drill(answered: int, results: tuple[str, ...] = ("found", "not_found")) -> DrillLine:
    claims = tuple(
        {"indicator_id": str(INDICATOR), "definition_key": MAR, "period_start": "2026-11-09"} for _ in results
    )
    answers = tuple(
        DrillAnswerLine(number, result, 40, None, None, "Denise Hartley", AT)
        for number, result in enumerate(results[:answered], start=1)
    )
    return DrillLine(uuid.UUID(int=7), "D-001", "seed", claims, 900, "Ravi Menon", AT, answers)


def test_a_drill_stands_in_the_pack_with_what_was_not_on_the_table_unless_it_was_left_out() -> None:
    known = facts(recovery=RecoveryFacts(drills=(a_drill(2),)))
    (row,) = compose(known, ORDER).drills
    assert row.found.startswith("1 of 2 claims found")
    assert row.misses == ("Not found: MAR compliance in audit, week of 9 November 2026",)
    without = compose(known, replace(ORDER, with_drills=False))
    assert (without.drills, without.with_drills) == ((), False)


def test_a_story_says_which_kinds_it_was_asked_not_to_tell() -> None:
    assert compose(facts(), ORDER).story_left_out == ()
    chosen = tuple(kind for kind in KINDS if kind not in ("clock", "action"))
    assert compose(facts(), replace(ORDER, story=chosen)).story_left_out == ("Actions", "Regulator's clocks")
