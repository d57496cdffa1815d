"""Look-backs on a real database: booked by a closure, moved, judged once, and counted by the exit test."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.escalating import works_as
from support.facts import Home, figures, two_providers

from mendline.evidence.model import Evidence
from mendline.recovery.effects.commands import comparison_of, decide, move
from mendline.recovery.effects.queries import checks_at, due_checks
from mendline.recovery.effects.rows import EffectLine
from mendline.recovery.registers.action_commands import change_action, open_action
from tenants.clock import now, today
from tenants.database import Database
from tenants.errors import ConflictError, NotFoundError, NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.reach import Reach

LATER = today() + timedelta(weeks=8)
WHY = "The rate rose and has stayed."


@pytest.fixture
def home(database: Database) -> Home:
    found = two_providers(database, services=1)[0][0]
    with database.administration() as session:
        session.add(
            Evidence(
                provider_id=found.provider_id, service_id=found.service_id, evidence_id=new_id(), reference="E-001",
                letter="R", title="MAR export", dated_on=today(), system="eMAR", where_to_look="Report 4", recorded_at=now(),
            )
        )  # fmt: skip
    return found


@pytest.fixture
def manager(database: Database, home: Home) -> Reach:
    return works_as(database, "registered_manager", home)


def a_closed_action(db: Database, reach: Reach, home: Home, *, linked: bool = True) -> str:
    here = {"provider_id": home.provider_id, "service_id": home.service_id}
    with db.transaction(reach) as session:
        reference = open_action(
            session, reach, **here, title="A second checker on nights", owner="D Hartley",
            due_on=today() + timedelta(days=3), today=today(), indicator_id=home.indicator_id if linked else None,
        )  # fmt: skip
        change_action(
            session, reach, **here, reference=reference, kind="closed", today=today(), evidence_reference="E-001"
        )
    return reference


def looks(db: Database, reach: Reach, home: Home) -> tuple[EffectLine, ...]:
    with db.transaction(reach) as session:
        return checks_at(session, home.provider_id, home.service_id)


def judge(db: Database, reach: Reach, line: EffectLine, verdict: str = "worked", reason: str = WHY, periods: int = 4):
    with db.transaction(reach) as session:
        decide(
            session, reach, provider_id=line.provider_id, service_id=line.service_id, check_id=line.check_id,
            verdict=verdict, reason=reason, periods=periods, today=LATER, label="D Hartley",
        )  # fmt: skip


def test_closing_an_action_books_a_look_six_weeks_later(database: Database, home: Home, manager: Reach) -> None:
    reference = a_closed_action(database, manager, home)
    (line,) = looks(database, manager, home)
    assert (line.reference, line.periods, line.number) == (reference, 6, 1)
    assert today() + timedelta(weeks=6) < line.due_on <= today() + timedelta(weeks=7)
    assert line.waits


def test_an_action_without_an_indicator_has_nothing_to_look_at(database: Database, home: Home, manager: Reach) -> None:
    a_closed_action(database, manager, home, linked=False)
    assert looks(database, manager, home) == ()


def test_a_verdict_keeps_the_figures_that_were_seen(database: Database, home: Home, manager: Reach) -> None:
    a_closed_action(database, manager, home)
    (line,) = looks(database, manager, home)
    judge(database, manager, line)
    (after,) = looks(database, manager, home)
    assert (after.verdict, after.verdict_reason, after.decided_label) == ("worked", WHY, "D Hartley")
    assert after.seen is not None
    assert after.seen["sentence"]


def test_two_verdicts_on_one_look_keep_the_first(database: Database, home: Home, manager: Reach) -> None:
    a_closed_action(database, manager, home)
    (line,) = looks(database, manager, home)
    judge(database, manager, line)
    with pytest.raises(ConflictError):
        judge(database, manager, line, "no")
    assert looks(database, manager, home)[0].verdict == "worked"


def test_not_yet_books_the_next_look(database: Database, home: Home, manager: Reach) -> None:
    a_closed_action(database, manager, home)
    (line,) = looks(database, manager, home)
    judge(database, manager, line, "not_yet", periods=4)
    waiting = [one for one in looks(database, manager, home) if one.waits]
    assert [(one.number, one.periods, one.reason) for one in waiting] == [(2, 10, WHY)]


def test_a_look_that_is_moved_leaves_the_first_on_the_record(database: Database, home: Home, manager: Reach) -> None:
    a_closed_action(database, manager, home)
    (line,) = looks(database, manager, home)
    where = {"provider_id": home.provider_id, "service_id": home.service_id, "check_id": line.check_id}
    with database.transaction(manager) as session:
        move(session, manager, **where, periods=12, reason="The rota changes then.", label="D Hartley")
    first, second = sorted(looks(database, manager, home), key=lambda one: one.number)
    assert (first.waits, second.waits, second.periods) == (False, True, 12)
    with pytest.raises(ConflictError), database.transaction(manager) as session:
        move(session, manager, **where, periods=20, reason="Once more, please.", label="D Hartley")


def test_a_verdict_without_a_reason_is_refused(database: Database, home: Home, manager: Reach) -> None:
    a_closed_action(database, manager, home)
    (line,) = looks(database, manager, home)
    with pytest.raises(RefusedError):
        judge(database, manager, line, reason="Fine")


def test_whoever_manages_no_actions_gives_no_verdict(database: Database, home: Home, manager: Reach) -> None:
    a_closed_action(database, manager, home)
    (line,) = looks(database, manager, home)
    with pytest.raises(NotPermittedError):
        judge(database, works_as(database, "medicines_lead", home), line)


def test_a_look_of_another_provider_is_none(database: Database, manager: Reach, home: Home) -> None:
    a_closed_action(database, manager, home)
    (line,) = looks(database, manager, home)
    other = two_providers(database, services=1)[0][0]
    stranger = works_as(database, "registered_manager", other)
    assert looks(database, stranger, home) == ()
    with pytest.raises(NotFoundError):
        judge(database, stranger, replace(line, provider_id=other.provider_id, service_id=other.service_id))


def test_what_is_due_waits_for_whoever_manages_actions(database: Database, home: Home, manager: Reach) -> None:
    a_closed_action(database, manager, home)
    with database.transaction(manager) as session:
        assert due_checks(session, [home.provider_id], today(), 8) == ()
        assert len(due_checks(session, [home.provider_id], LATER, 8)) == 1


def test_the_comparison_reads_final_figures_of_both_sides(database: Database, home: Home, manager: Reach) -> None:
    a_closed_action(database, manager, home)
    (line,) = looks(database, manager, home)
    earlier = replace(
        line, opened_on=today() - timedelta(weeks=5), closed_on=today() - timedelta(weeks=5), due_on=today()
    )
    monday = today() - timedelta(days=today().weekday())
    with database.administration() as session:
        figures(session, home, [(90, 100)] * 12, first=monday - timedelta(weeks=12))
    with database.transaction(manager) as session:
        found = comparison_of(session, earlier, today())
    assert found.before.value == found.after.value == 90
    assert found.better is None
