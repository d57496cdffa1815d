"""Closure rates are measured from the register's own actions, exactly, through the records that workers keep of them."""

from datetime import date, timedelta
from typing import Any

import pytest
from support.escalating import works_as
from support.triggers import Recovering, a_recovering_service, rows_of

from mendline.catalogue.record_types import record_type
from mendline.catalogue.validation import ValidRecord, validate
from mendline.evidence.measuring.deriving import measure_marked
from mendline.evidence.model import Evidence
from mendline.recovery.registers.action_commands import change_action, open_action
from mendline.recovery.registers.counting import count_actions, initials_of, source_of
from tenants.clock import now, today
from tenants.database import Database
from tenants.ids import new_id

LAST_WEEK = today() - timedelta(days=today().weekday() + 7)


@pytest.fixture
def at(database: Database) -> Recovering:
    found = a_recovering_service(database, plan=None, indicator="actions_closed_on_time_pct", numbers=())
    with database.administration() as session:
        session.add(
            Evidence(
                provider_id=found.home.provider_id, service_id=found.home.service_id, evidence_id=new_id(),
                reference="E-001", letter="P", title="Two rounds watched", dated_on=today(), system="Folder",
                where_to_look="Page 3", sha256=None, sample_size=2, quality_statement=None,
                framework_version="saf-2023", recorded_by=None, recorded_initials="AO", recorded_at=now(),
            )
        )  # fmt: skip
    return found


def opened(db: Database, at: Recovering, due_on: date, **changes: Any) -> str:
    reach = works_as(db, "registered_manager", at.home)
    fields = {"title": "A second checker on each night round", "owner": "P Nowak", **changes}
    with db.transaction(reach) as session:
        return open_action(
            session, reach, provider_id=at.home.provider_id, service_id=at.home.service_id, due_on=due_on,
            today=due_on - timedelta(days=3), **fields,
        )  # fmt: skip


def changed(db: Database, at: Recovering, reference: str, kind: str, on: date, **more: Any) -> None:
    reach = works_as(db, "registered_manager", at.home)
    with db.transaction(reach) as session:
        change_action(
            session, reach, provider_id=at.home.provider_id, service_id=at.home.service_id, reference=reference,
            kind=kind, today=on, words="The round was watched twice.",
            evidence_reference="E-001" if kind == "closed" else "", **more,
        )  # fmt: skip


def counted(db: Database, at: Recovering) -> int:
    with db.transaction(db.command_reach(at.home.provider_id)) as session:
        written = count_actions(session, at.home.provider_id, [at.home.service_id], now())
        measure_marked(session, at.home.provider_id, today=today(), at=now())
    return written


def figure(db: Database, at: Recovering) -> tuple[float, float] | None:
    rows = [row for row in rows_of(db, at, "observation") if row.period_start == LAST_WEEK]
    return (rows[-1].numerator, rows[-1].denominator) if rows else None


def test_actions_closed_by_their_first_date_over_all_that_were_due(database: Database, at: Recovering) -> None:
    due = LAST_WEEK + timedelta(days=3)
    kept, late, waiting = (opened(database, at, due) for _ in range(3))
    changed(database, at, kept, "closed", due)
    changed(database, at, late, "closed", due + timedelta(days=1))
    assert counted(database, at) == 3
    assert figure(database, at) == (1, 3)
    assert waiting == "A-003"


def test_a_new_date_does_not_better_the_rate(database: Database, at: Recovering) -> None:
    due = LAST_WEEK + timedelta(days=2)
    one = opened(database, at, due)
    changed(database, at, one, "redated", due, due_on=due + timedelta(days=4))
    changed(database, at, one, "closed", due + timedelta(days=4))
    counted(database, at)
    assert figure(database, at) == (0, 1)
    (record,) = [row for row in rows_of(database, at, "record") if row.record_type == "action"]
    assert (record.payload["date_changes"], record.payload["original_due_on"]) == (1, due.isoformat())


def test_what_no_longer_applies_leaves_both_parts_of_the_rate(database: Database, at: Recovering) -> None:
    due = LAST_WEEK + timedelta(days=2)
    gone, kept = opened(database, at, due), opened(database, at, due)
    changed(database, at, gone, "no_longer_applicable", due)
    changed(database, at, kept, "closed", due)
    counted(database, at)
    assert figure(database, at) == (1, 1)


def test_opening_it_again_takes_the_closing_back(database: Database, at: Recovering) -> None:
    due = LAST_WEEK + timedelta(days=2)
    one = opened(database, at, due)
    changed(database, at, one, "closed", due)
    counted(database, at)
    assert figure(database, at) == (1, 1)
    changed(database, at, one, "reopened", due + timedelta(days=1))
    counted(database, at)
    assert figure(database, at) == (0, 1)
    assert [row.revision for row in rows_of(database, at, "record")] == [1, 2]


def test_counting_twice_writes_once(database: Database, at: Recovering) -> None:
    opened(database, at, LAST_WEEK)
    assert counted(database, at) == 1
    assert counted(database, at) == 0


def test_what_the_register_makes_is_a_record_that_could_have_been_entered(database: Database, at: Recovering) -> None:
    one = opened(database, at, LAST_WEEK, source="complaint", high_risk=False)
    changed(database, at, one, "closed", LAST_WEEK)
    counted(database, at)
    (record,) = rows_of(database, at, "record")
    valid = validate(record_type("action"), record.payload, now=now())
    assert isinstance(valid, ValidRecord)
    assert valid.payload == record.payload
    assert valid.happened_at == record.happened_at


def test_where_an_action_came_from_follows_its_indicator_unless_somebody_said_so() -> None:
    assert source_of(None, "care_review_on_time_pct") == "care_review"
    assert source_of("control", "mar_compliance_pct") == "medicines"
    assert source_of("notice", "mar_compliance_pct") == "notice"
    assert source_of(None, None) == "governance"


def test_an_owner_is_known_by_initials() -> None:
    assert initials_of("P Nowak") == "PN"
    assert initials_of("A. O'Brien-Shaw") == "AOBS"
    assert initials_of("Joy") == "JX"
