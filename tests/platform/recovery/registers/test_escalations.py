"""Deciding an escalation: what each way makes, who may, and what happens when two decide at once."""

import threading
import uuid
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from support.escalating import an_escalation, decide, outcome, works_as
from support.facts import Home
from support.triggers import Recovering, a_recovering_service, ask_about, employ, rows_of

from mendline.recovery.registers.outcomes import AUDIT, CONTROL, NO_ACTION, OUTCOMES, OVERSIGHT, RISK
from mendline.recovery.registers.queries import (
    decides,
    episodes_of,
    escalations_of,
    every_escalation,
    one_escalation,
    open_counts,
    oversight_of,
)
from mendline.recovery.triggers.rising import raise_late
from tenants.clock import now, today
from tenants.database import Database
from tenants.errors import ConflictError, NotFoundError, NotPermittedError, RefusedError


@pytest.fixture
def at(database: Database) -> Recovering:
    return a_recovering_service(database)


def test_a_risk_goes_on_the_register_with_its_score_and_link(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    found = an_escalation(database, manager, at.home)
    assert decide(database, manager, at.home, found, outcome(RISK)) == ("R-001",)
    (risk,) = rows_of(database, at, "risk")
    assert (risk.title, risk.escalation_id, risk.indicator_id) == (
        "Night rounds have no second checker", found, at.home.indicator_id,
    )  # fmt: skip
    (score,) = rows_of(database, at, "risk_score")
    assert (score.likelihood * score.impact, score.reason) == (12, "Gaps come back on nights.")
    (decided,) = rows_of(database, at, "escalation_decision")
    assert (decided.outcome, decided.made, decided.decided_role) == (RISK, ["R-001"], "Registered manager")


def test_a_risk_that_stands_is_scored_again(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    decide(database, manager, at.home, an_escalation(database, manager, at.home), outcome(RISK))
    again = outcome(RISK, risk_reference="R-001", likelihood=5, title="", owner="")
    decide(database, manager, at.home, an_escalation(database, manager, at.home), again)
    assert len(rows_of(database, at, "risk")) == 1
    assert [row.likelihood for row in rows_of(database, at, "risk_score")] == [3, 5]


def test_oversight_is_put_before_the_provider(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    found = an_escalation(database, manager, at.home)
    assert decide(database, manager, at.home, found, outcome(OVERSIGHT)) == ("O-001",)
    nominated = works_as(database, "nominated_individual", at.home)
    with database.transaction(nominated) as session:
        (line,) = oversight_of(session, nominated)
    assert (line.asked, line.escalation_id, line.reply) == ("Night rounds have no second checker", found, None)


def test_an_audit_becomes_an_action_within_seven_days(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    found = an_escalation(database, manager, at.home)
    with pytest.raises(RefusedError) as told:
        decide(database, manager, at.home, found, outcome(AUDIT, due_on=today() + timedelta(days=8)))
    assert set(told.value.problems) == {"due_on"}
    assert decide(database, manager, at.home, found, outcome(AUDIT)) == ("A-001",)
    (action,) = rows_of(database, at, "action")
    assert (action.source, action.owner, action.escalation_id) == ("audit", "P Nowak", found)


def test_a_changed_control_is_an_event_on_the_chart_with_its_check(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    found = an_escalation(database, manager, at.home)
    assert decide(database, manager, at.home, found, outcome(CONTROL)) == ("A-001",)
    (event,) = rows_of(database, at, "chart_event")
    assert event.what_changed == "Night rounds have no second checker, from tonight."
    assert (event.indicator_id, event.reference) == (at.home.indicator_id, "A-001")
    (decided,) = rows_of(database, at, "escalation_decision")
    assert decided.made_event_id == event.event_id


def test_no_further_action_needs_its_reason_and_makes_nothing(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    found = an_escalation(database, manager, at.home)
    with pytest.raises(RefusedError) as told:
        decide(database, manager, at.home, found, outcome(NO_ACTION, reason="No."))
    assert set(told.value.problems) == {"reason"}
    assert decide(database, manager, at.home, found, outcome(NO_ACTION)) == ()


@pytest.mark.parametrize("word", ["noted", "", "accepted"])
def test_noted_ends_nothing(database: Database, at: Recovering, word: str) -> None:
    manager = works_as(database, "registered_manager", at.home)
    found = an_escalation(database, manager, at.home)
    with pytest.raises(RefusedError) as told:
        decide(database, manager, at.home, found, outcome(word))
    assert "'Noted' is not a decision" in told.value.problems["outcome"]
    assert rows_of(database, at, "escalation_decision") == []


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    nominated = works_as(database, "nominated_individual", at.home)
    found = an_escalation(database, manager, at.home)
    ends: list[str] = []
    start = threading.Barrier(2)

    def run(reach, kind: str) -> None:
        start.wait()
        try:
            decide(database, reach, at.home, found, outcome(kind))
            ends.append(kind)
        except ConflictError as told:
            ends.append(str(told))

    threads = [threading.Thread(target=run, args=pair) for pair in ((manager, RISK), (nominated, AUDIT))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (decided,) = rows_of(database, at, "escalation_decision")
    (loser,) = [words for words in ends if words not in (RISK, AUDIT)]
    assert decided.outcome in ends
    assert "decided this already" in loser
    assert len(rows_of(database, at, "risk")) + len(rows_of(database, at, "action")) == 1  # nothing of the loser's


def test_a_decision_is_made_once(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    found = an_escalation(database, manager, at.home)
    decide(database, manager, at.home, found, outcome(NO_ACTION))
    with pytest.raises(ConflictError, match="A Other decided this already"):
        decide(database, manager, at.home, found, outcome(RISK))


@pytest.mark.parametrize(
    ("to", "deciders"),
    [
        ("registered_manager", {"registered_manager", "nominated_individual"}),
        ("medicines_lead", {"registered_manager", "nominated_individual"}),
        ("nominated_individual", {"nominated_individual", "provider_lead"}),
        ("provider_lead", {"provider_lead"}),
    ],
)
def test_each_level_decides_what_is_put_before_it(
    database: Database, at: Recovering, to: str, deciders: set[str]
) -> None:
    manager = works_as(database, "registered_manager", at.home)
    may = set()
    for role in ("carer", "medicines_lead", "deputy_manager", "registered_manager", "provider_quality_lead",
                 "nominated_individual", "provider_lead"):  # fmt: skip
        found = an_escalation(database, manager, at.home, to=to)
        try:
            decide(database, works_as(database, role, at.home), at.home, found, outcome(NO_ACTION))
            may.add(role)
        except (NotPermittedError, NotFoundError):
            continue
    assert may == deciders


def test_nobody_decides_what_is_about_them(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    nominated = works_as(database, "nominated_individual", at.home)
    found = an_escalation(database, nominated, at.home, subject_person_id=manager.person_id)
    with pytest.raises(NotFoundError):
        decide(database, manager, at.home, found, outcome(NO_ACTION))
    with database.transaction(manager) as session:
        assert escalations_of(session, at.home.provider_id, at.home.service_id) == ()
    assert decide(database, nominated, at.home, found, outcome(NO_ACTION)) == ()


def test_another_provider_finds_nothing(database: Database, at: Recovering) -> None:
    other = a_recovering_service(database, name="Canary House")
    found = an_escalation(database, works_as(database, "registered_manager", at.home), at.home)
    with pytest.raises(NotFoundError):
        decide(database, works_as(database, "registered_manager", other.home), at.home, found, outcome(NO_ACTION))
    stranger = works_as(database, "nominated_individual", other.home)
    with database.transaction(stranger) as session:
        assert every_escalation(session, stranger) == ()


def test_what_nobody_decides_in_time_goes_up_each_step_on_the_record(database: Database, at: Recovering) -> None:
    employ(database, at, "registered_manager", "nominated_individual", "provider_lead")
    manager = works_as(database, "registered_manager", at.home)
    found = an_escalation(database, manager, at.home)
    reach = database.command_reach(at.home.provider_id)
    day = today()
    steps = []
    for _ in range(20):
        day += timedelta(days=1)
        with database.transaction(reach) as session:
            at_moment = now() + (day - today())
            steps.append(raise_late(session, reach, at.home.provider_id, today=day, now=at_moment))
    assert sum(steps) == 2
    told = [(row.from_role, row.to_role, row.number) for row in rows_of(database, at, "escalation_step")]
    assert told == [
        ("registered_manager", "nominated_individual", 1), ("nominated_individual", "provider_lead", 2),
    ]  # fmt: skip
    with database.transaction(manager) as session:
        one = one_escalation(session, at.home.provider_id, at.home.service_id, found)
    assert (one.line.role, one.line.steps, len(one.steps)) == ("provider_lead", 2, 2)
    with pytest.raises(NotPermittedError):
        decide(database, manager, at.home, found, outcome(NO_ACTION))


def test_each_sees_what_waits_for_them(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    nominated = works_as(database, "nominated_individual", at.home)
    lead = works_as(database, "provider_lead", at.home)
    found = an_escalation(database, manager, at.home)
    waits = []
    for reach in (manager, nominated, lead):
        with database.transaction(reach) as session:
            lines = every_escalation(session, reach, only_open=True)
            waits.append([line.escalation_id for line in lines if decides(reach, line)])
    assert waits == [[found], [found], []]
    decide(database, manager, at.home, found, outcome(NO_ACTION))
    with database.transaction(manager) as session:
        assert every_escalation(session, manager, only_open=True) == ()
        (line,) = escalations_of(session, at.home.provider_id, at.home.service_id)
    assert (line.outcome, line.decided_label) == (NO_ACTION, "A Other")


def test_a_trigger_ends_with_its_decision_and_not_before(database: Database) -> None:
    at = a_recovering_service(database, numbers=(90, 90, 80, 70), baseline=90)
    employ(database, at, "registered_manager")
    ask_about(database, at, "rule:falling_compliance")
    (escalation,) = rows_of(database, at, "escalation")
    manager = works_as(database, "registered_manager", at.home)
    decide(database, manager, at.home, escalation.escalation_id, outcome(AUDIT))
    ask_about(database, at, "rule:falling_compliance")  # it still holds: no second one, and no end yet
    assert len(rows_of(database, at, "trigger_episode")) == 1
    assert rows_of(database, at, "trigger_episode_end") == []
    later = today() + timedelta(days=28)
    ask_about(database, at, "rule:falling_compliance", on=later, at_moment=now() + timedelta(days=28))
    (end,) = rows_of(database, at, "trigger_episode_end")
    assert end.how == "still_so"
    assert [row.number for row in rows_of(database, at, "trigger_episode")] == [1, 2]
    with database.transaction(manager) as session:
        kept = episodes_of(session, at.home.provider_id, at.home.service_id)
    assert [(one.rule_key, one.ended_on is None) for one in kept] == [
        ("falling_compliance", True), ("falling_compliance", False),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", sorted(OUTCOMES))
def test_every_way_is_noted_and_asks_for_the_status(database: Database, at: Recovering, kind: str) -> None:
    manager = works_as(database, "registered_manager", at.home)
    decide(database, manager, at.home, an_escalation(database, manager, at.home), outcome(kind))
    acts = [row.act for row in rows_of(database, at, "ledger_entry")]
    assert "escalation decided" in acts
    assert rows_of_marks(database, at.home) > 0


def rows_of_marks(database: Database, home: Home) -> int:
    return len(rows_of_table(database, home))


def rows_of_table(database: Database, home: Home) -> list[object]:
    with database.administration() as session:
        found = session.execute(text("select 1 from stale_mark where service_id = :s"), {"s": home.service_id})
        return list(found)


def test_open_escalations_are_counted_as_they_stood_at_a_moment(database: Database) -> None:
    at = a_recovering_service(database)
    manager = works_as(database, "registered_manager", at.home)
    before = now()
    first = an_escalation(database, manager, at.home)
    an_escalation(database, manager, at.home)
    between = now()
    decide(database, manager, at.home, first, outcome("no_further_action"))

    def counted(moment: datetime, on: date) -> dict[uuid.UUID, tuple[int, int]]:
        with database.transaction(manager) as session:
            return open_counts(session, at.home.provider_id, on, moment)

    later = today() + timedelta(days=30)
    assert counted(before, today()) == {}
    assert counted(between, today()) == {at.home.service_id: (2, 0)}
    assert counted(now(), later) == {at.home.service_id: (1, 1)}
