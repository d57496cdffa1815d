"""The story in words: each kind of line is a plain sentence that a stranger understands."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.recovery.story.presenting import cursor_of, place_of
from mendline.recovery.story.rows import KINDS, StoryLine
from mendline.recovery.story.telling import names_of, tell
from tenants.errors import RefusedError

AT = datetime(2026, 11, 9, 8, 30, tzinfo=UTC)


def a_line(kind: str, /, **said: Any) -> StoryLine:
    return StoryLine(kind, date(2026, 11, 9), AT, f"{kind} 1", (), said)


def test_a_status_change_names_both_words_and_the_reason() -> None:
    line = a_line("status", before="stable", after="deteriorating", sentence="Three weeks below the lower limit")
    told = tell(line, "Call bells answered")
    assert told.heading == "Now Deteriorating"
    assert told.sentence == (
        "Call bells answered went from Stable to Deteriorating. Three weeks below the lower limit."
    )


def test_a_weak_assurance_is_called_weak_and_gives_its_reason() -> None:
    told = tell(a_line(
        "decision", decision="assured_with_exception", forum="weekly_review", by="D Hartley", what="No change.",
        why="Rota hours were met.", followed=None, exception="A new log begins on Monday.", relied_on=["E-047"],
    ), "Call bells answered")  # fmt: skip
    assert told.heading == "Weak assurance"
    assert "D Hartley decided on Call bells answered at the weekly review: weak assurance." in told.sentence
    assert "Why: Rota hours were met." in told.sentence
    assert told.sentence.endswith("A new log begins on Monday.")
    assert told.references == ("E-047",)


def test_an_action_that_moved_says_to_when_and_why() -> None:
    told = tell(a_line(
        "action", step="redated", reference="A-022", title="Second checker on nights", due_on="2026-12-03",
        note="The post is not filled", evidence=None,
    ))  # fmt: skip
    assert told.sentence == "Second checker on nights: now due 3 December 2026. The post is not filled."


def test_a_closed_action_names_its_evidence() -> None:
    told = tell(a_line("action", step="closed", reference="A-022", title="Second checker", due_on=None, note=None,
                       evidence="E-044"))  # fmt: skip
    assert told.heading == "Action closed"
    assert told.references == ("A-022", "E-044")


def test_an_escalation_says_before_whom_and_by_when() -> None:
    told = tell(a_line("escalation", step="opened", to="nominated_individual", asked="A second night senior.",
                       due_on="2026-11-24", by="D Hartley"))  # fmt: skip
    assert (
        told.sentence
        == "Put before the nominated individual: A second night senior, for a decision by 24 November 2026."
    )


def test_a_corrected_figure_shows_both_values() -> None:
    told = tell(a_line("figure", period="2026-11-02", value=61.0, before=64.6, reason="Two charts were counted twice"),
                "MAR compliance")  # fmt: skip
    assert "from 64.6 to 61. Two charts were counted twice." in told.sentence


def test_every_kind_can_be_told() -> None:
    said: dict[str, dict[str, Any]] = {
        "status": {"before": "stable", "after": "changed", "sentence": None},
        "figure": {"period": "2026-11-02", "value": None, "before": 1.5, "reason": None},
        "event": {"kind": "story", "what": "A", "why": "B", "followed": "", "reference": "A-001"},
        "change": {"kind": "staff", "what": "A", "why": "B", "followed": None, "by": "DH"},
        "trigger": {"sentence": "Three gaps", "family": "warning", "rule": "M1"},
        "decision": {"decision": "escalate", "forum": "own", "by": "A B", "what": None, "why": None, "followed": None,
                     "exception": None, "relied_on": None},
        "escalation": {"step": "decided", "outcome": "additional_audit", "reason": "R", "by": "A B", "made": None},
        "action": {"step": "opened", "reference": "A-1", "title": "T", "owner": "A B", "due_on": "2026-11-09"},
        "effect": {"step": "judged", "reference": "A-1", "title": "T", "verdict": "worked", "seen": "It rose.",
                   "reason": "R", "by": "A B"},
        "clock": {"step": "late", "clock": "factual_accuracy", "reference": "N-001", "owner": "D Hartley",
                  "due_on": "2026-11-09"},
        "risk": {"step": "opened", "reference": "R-1", "title": "T", "owner": "A B"},
        "evidence": {"reference": "E-1", "letter": "A", "title": "T", "evidence_id": str(uuid.uuid4())},
        "plan": {"step": "met", "goal": "G", "reason": "R", "by": "A B"},
    }  # fmt: skip
    assert said.keys() == KINDS.keys()
    for kind, words in said.items():
        told = tell(a_line(kind, **words))
        assert told.heading
        assert told.sentence[-1] in ".?!"
        assert "None" not in told.sentence


def test_a_sign_is_called_by_its_rule() -> None:
    told = tell(a_line("trigger", sentence="4 actions are overdue", family="trigger", rule="overdue_actions"))
    assert (told.heading, told.sentence) == ("Trigger: actions overdue", "4 actions are overdue.")
    # A rule that the catalogue no longer has keeps its sentence.
    assert tell(a_line("trigger", sentence="Three gaps", family="warning", rule="Z9")).heading == "Early warning"


def test_a_look_back_says_what_was_seen_and_what_somebody_made_of_it() -> None:
    told = tell(a_line("effect", step="judged", reference="A-004", title="Second checker", verdict="not_yet",
                       seen="From 91.0% to 93.0%: within what varies anyway.", reason="Two more weeks.", by="D Hartley"))  # fmt: skip
    assert told.heading == "Too early to say that it worked"
    assert told.sentence == (
        "D Hartley looked back at: Second checker. From 91.0% to 93.0%: within what varies anyway. Two more weeks."
    )
    assert told.references == ("A-004",)


@pytest.mark.parametrize(
    ("step", "heading"),
    [("late", "Clock overdue"), ("sent", "Report sent"), ("redated", "Clock moved"), ("ended", "Clock ended"),
     ("reassigned", "Clock given to somebody else"), ("undone", "Sending taken back")],
)  # fmt: skip
def test_each_turn_of_a_clock_is_told_by_its_label(step: str, heading: str) -> None:
    told = tell(a_line("clock", step=step, clock="factual_accuracy", reference="N-001", method="CQC portal", proof="C-17",
                       reason=None, owner="D Hartley", by="D Hartley", due_on="2026-11-09"))  # fmt: skip
    assert told.heading == heading
    assert told.sentence.startswith("Factual accuracy check of the draft report, for N-001:")


def test_a_risk_tells_its_score_and_an_escalation_its_way_up() -> None:
    risk = tell(a_line("risk", step="scored", reference="R-2", title="Nights", likelihood=4, impact=5, reason="Twice."))
    assert risk.sentence == "Nights: likelihood 4 times impact 5 makes 20 of 25. Twice."
    up = tell(a_line("escalation", step="went_up", to="nominated_individual", due_on="2026-11-11",
                     reason="Nobody decided by 9 November 2026.", **{"from": "registered_manager"}), "MAR")  # fmt: skip
    assert up.sentence.startswith("MAR went up from the registered manager to the nominated individual.")


def test_many_indicators_are_counted_after_the_third() -> None:
    assert names_of(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert names_of([]) == ""


@given(
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    st.datetimes(timezones=st.just(UTC)),
    st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=60),
)
def test_a_cursor_leads_back_to_its_line(day: date, moment: datetime, entry: str) -> None:
    line = StoryLine("status", day, moment, entry.replace("\0", ""), (), {})
    assert place_of(cursor_of(line)) == (day, moment, line.entry)


@pytest.mark.parametrize("cursor", ["", "x", "W10", "bm90IGpzb24", "WyIyMDI2LTExLTA5IiwgIngiLCAieSJd", "é" * 9])
def test_a_cursor_of_somebody_elses_making_is_refused(cursor: str) -> None:
    with pytest.raises(RefusedError):
        place_of(cursor)
