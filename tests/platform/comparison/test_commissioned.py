"""What a commissioner's pages say, from rows alone."""

import uuid
from datetime import timedelta
from typing import Any

from support.standings import MAR, PROVIDER, SERVICE, TODAY, a_place, a_service_line, a_standing, at_address

from mendline.comparison.commissioned import commissioned_page, name_of, portfolio_page, portfolio_sentence, scope_of
from mendline.comparison.queries import DeclineLine
from mendline.recovery.queries import DecisionLine
from mendline.services.rows import OpenAction
from tenants.reach import Granted, Reach

ALL = ("summary", "actions", "evidence_index")
SECRET = "Mrs Doe's daughter complained"


def a_grant(*classes: str, **changes: Any) -> Granted:
    fields: dict[str, Any] = {
        "provider_id": PROVIDER, "service_id": SERVICE, "body": "Northmoor Council", "classes": frozenset(classes),
        "show_name": True, "until": TODAY + timedelta(days=30),
    }  # fmt: skip
    return Granted(**{**fields, **changes})


def an_officer(*granted: Granted) -> Reach:
    return Reach("", "person", uuid.UUID(int=9), "Joanne Pike", (), granted, (PROVIDER,))


def a_decline(**changes: Any) -> DeclineLine:
    fields: dict[str, Any] = {
        "service_id": SERVICE, "definition_key": MAR, "declined_since": TODAY - timedelta(days=9),
        "unescalated_days": None, "decision": "escalate", "held_on": TODAY - timedelta(days=5), "what_follows": SECRET,
    }  # fmt: skip
    return DeclineLine(**{**fields, **changes})


def a_portfolio(grant: Granted, *declines: DeclineLine, **line: Any) -> Any:
    lines = (a_service_line(**line),)
    return portfolio_page(an_officer(grant), lines, declines, today=TODAY, address=at_address)


def a_page(grant: Granted, *standings: Any) -> Any:
    decision = DecisionLine(
        uuid.UUID(int=3), MAR, "weekly_review", TODAY, "further_action", SECRET, SECRET, SECRET, ["E-001"], SECRET,
        "D Hartley", "Registered manager", uuid.UUID(int=9),
    )  # fmt: skip
    action = OpenAction(uuid.UUID(int=4), "A-001", SECRET, "P Nowak", TODAY, TODAY, uuid.UUID(int=3))
    shown = standings or (a_standing(sentence=SECRET, review_owner="P Nowak"),)
    return commissioned_page(a_place(), grant, shown, (action,), (decision,), today=TODAY)


def test_free_text_and_names_of_staff_never_go_out() -> None:
    told = repr(a_page(a_grant(*ALL))) + repr(a_portfolio(a_grant(*ALL), a_decline()))
    for word in (SECRET, "Nowak", "Hartley, ", "E-001"):
        assert word not in told


def test_decisions_are_shown_where_they_are_granted_and_not_elsewhere() -> None:
    granted, closed = a_page(a_grant(*ALL)), a_page(a_grant("summary"))
    assert [entry.heading for entry in granted.decisions] == ["Further action: MAR compliance in audit"]
    assert closed.decisions == ()
    assert "does not cover actions" in closed.rail[0].empty


def test_a_decline_whose_decision_is_not_shared_is_not_said_to_be_in_its_time() -> None:
    unseen = a_decline(decision=None, held_on=None)
    closed = a_portfolio(a_grant("summary"), unseen)
    assert closed.declines[0].decision == closed.rows[0].waited == closed.rows[0].decision == "Not shared"
    waiting = a_portfolio(a_grant(*ALL), unseen)
    assert waiting.declines[0].decision == waiting.rows[0].waited == "Within its time"
    answered = a_portfolio(a_grant(*ALL), a_decline())
    assert (answered.declines[0].decision, answered.rows[0].waited) == ("Escalated, 12 Nov", "4 days")


def test_a_decline_that_nobody_answered_is_flagged() -> None:
    page = a_portfolio(a_grant(*ALL), a_decline(unescalated_days=9, decision=None, held_on=None))
    assert page.declines[0].flag == "None yet"
    assert page.rows[0].flag == "9 days late"


def test_one_service_has_one_name_on_every_page() -> None:
    hidden = a_grant(*ALL, show_name=False)
    code = name_of("Rosewood House", SERVICE, {SERVICE: hidden})
    assert "Rosewood" not in code
    assert a_page(hidden).head.heading == a_portfolio(hidden).rows[0].name == code
    assert a_page(a_grant(*ALL)).head.heading == "Rosewood House"


def test_the_scope_says_what_is_granted_and_when_the_first_grant_ends() -> None:
    see, not_see, until = scope_of((a_grant("summary"), a_grant("actions", until=TODAY + timedelta(days=1))), TODAY)
    assert [line.text for line in see.lines] == ["Indicators, trends and ratings", "Actions and decisions"]
    assert "Counts under 5" in [line.text for line in not_see.lines]
    assert until.lines[0].text.startswith(", 1 day left")


def test_the_portfolio_opens_with_what_gets_worse_and_what_waits() -> None:
    quiet, loud = a_service_line(), a_service_line(deteriorating=2, unescalated=1)
    assert portfolio_sentence((quiet,)) == "None of your 1 service has a result getting worse."
    assert portfolio_sentence((quiet, loud)) == (
        "1 of your 2 services has a result getting worse. 1 decline has waited too long for a decision."
    )
