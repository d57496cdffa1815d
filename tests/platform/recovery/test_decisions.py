"""What a decision must carry, and when an assurance is an exception."""

from datetime import date, timedelta
from typing import Any

import pytest

from mendline.recovery.decisions import GivenDecision, KnownFigure, decision_problems, needs_exception, reason_of

TODAY = date(2026, 11, 17)
SOUND = KnownFigure("sufficient", "stable", is_stale=False, last_state="final")


def a_decision(decision: str = "assured", **changes: Any) -> GivenDecision:
    fields: dict[str, Any] = {
        "decision": decision,
        "what_changed": "",
        "why": "Four observed rounds followed the process.",
        "what_follows": "",
        "relied_on": ("E-001",),
    }
    return GivenDecision(**{**fields, **changes})


def problems(given: GivenDecision, known: KnownFigure = SOUND) -> set[str]:
    return set(decision_problems(given, known, TODAY))


@pytest.mark.parametrize(
    ("known", "is_exception"),
    [
        (SOUND, False),
        (KnownFigure("strong", "improving", is_stale=False, last_state="final"), False),
        (KnownFigure("partial", "stable", is_stale=False, last_state="final"), True),
        (KnownFigure("not_supported", "stable", is_stale=False, last_state="final"), True),
        (KnownFigure("strong", "deteriorating", is_stale=False, last_state="final"), True),
        (KnownFigure("strong", "insufficient", is_stale=False, last_state="final"), True),
        (KnownFigure("strong", "stable", is_stale=True, last_state="final"), True),
        (KnownFigure("strong", "stable", is_stale=False, last_state="provisional"), True),
    ],
)
def test_an_assurance_on_thin_evidence_or_over_a_decline_is_an_exception(
    known: KnownFigure, is_exception: bool
) -> None:
    assert needs_exception(known) is is_exception
    without_reason = problems(a_decision(), known)
    assert ("exception_reason" in without_reason) is is_exception
    assert "exception_reason" not in problems(a_decision(exception_reason="The audit is booked for Friday."), known)


@pytest.mark.parametrize("word", ["noted", "", "assured_with_exception", "addendum", "Assured"])
def test_noted_is_not_a_decision_and_neither_is_anything_else(word: str) -> None:
    assert problems(a_decision(word)) == {"decision"}


def test_a_complete_assurance_has_no_problem() -> None:
    assert problems(a_decision()) == set()


@pytest.mark.parametrize("why", ["", "ok", "          ", "fine now "])
def test_an_assurance_says_why(why: str) -> None:
    assert problems(a_decision(why=why)) == {"why"}


def test_an_assurance_names_what_it_relied_on() -> None:
    assert problems(a_decision(relied_on=())) == {"relied_on"}


def test_a_story_with_a_what_has_a_why() -> None:
    given = a_decision("escalate", what_changed="Two seniors left.", why=" ", what_follows="Two agency seniors, please.",
                       escalate_to="nominated_individual", reply_due_on=TODAY)  # fmt: skip
    assert problems(given) == {"why"}


def test_further_action_needs_what_who_and_by_when() -> None:
    assert problems(a_decision("further_action")) == {"action_title", "action_owner", "action_due_on"}
    complete = {"action_title": "Induct agency seniors", "action_owner": "P Nowak"}
    assert problems(a_decision("further_action", **complete, action_due_on=TODAY)) == set()
    yesterday = TODAY - timedelta(days=1)
    assert problems(a_decision("further_action", **complete, action_due_on=yesterday)) == {"action_due_on"}


def test_a_title_too_short_to_open_an_action_is_told_at_its_own_field() -> None:
    given = a_decision("further_action", action_title="Do it", action_owner="P Nowak", action_due_on=TODAY)
    assert problems(given) == {"action_title"}


def test_an_escalation_needs_to_whom_what_and_by_when() -> None:
    assert problems(a_decision("escalate")) == {"escalate_to", "what_follows", "reply_due_on"}
    complete = {"what_follows": "Approve two permanent night posts.", "reply_due_on": TODAY}
    assert problems(a_decision("escalate", **complete, escalate_to="nominated_individual")) == set()
    assert problems(a_decision("escalate", **complete, escalate_to="somebody")) == {"escalate_to"}


def test_case_22_a_rise_may_be_read_as_an_effect_of_reporting_with_what_shows_it() -> None:
    told = a_decision(why="Falls with harm are unchanged since the training in May.", reporting_effect=True)
    assert problems(told) == set()
    assert reason_of(told) == (
        "Reporting effect: more is reported, not more happens. Falls with harm are unchanged since the training in May."
    )
    assert problems(a_decision("escalate", why="", reporting_effect=True)) >= {"why"}
    assert reason_of(a_decision()) == "Four observed rounds followed the process."
