import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from support.facts import Home, two_providers
from support.shifts import CHECK, a_check, place_of
from support.tenancy import signed_in

from mendline.catalogue.record_types import record_type
from mendline.evidence.model import Record
from mendline.evidence.records.commands import Kept, correct_record, enter_record, note_look, withdraw_record
from mendline.evidence.records.queries import revisions_of
from tenants.database import Database
from tenants.errors import ConflictError, NotFoundError, NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.ledger import LedgerEntry
from tenants.reach import Reach

AT = datetime(2026, 1, 17, 7, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def homes(database: Database) -> tuple[list[Home], list[Home]]:
    return two_providers(database)


@pytest.fixture(scope="module")
def home(homes: tuple[list[Home], list[Home]]) -> Home:
    return homes[0][0]


def enter(db: Database, reach: Reach, home: Home, record_id: uuid.UUID, **changes: Any) -> Kept:
    kind = changes.pop("kind", CHECK)
    with db.transaction(reach) as session:
        return enter_record(
            session,
            reach,
            provider_id=home.provider_id,
            service_id=home.service_id,
            kind=record_type(kind),
            record_id=record_id,
            raw=a_check(**changes),
            at=AT,
        )


def correct(db: Database, reach: Reach, home: Home, record_id: uuid.UUID, **changes: Any) -> Kept:
    reason = changes.pop("reason", "Counted again with PN")
    seen, before = changes.pop("seen", 1), changes.pop("before", {})
    with db.transaction(reach) as session:
        return correct_record(
            session,
            reach,
            provider_id=home.provider_id,
            service_id=home.service_id,
            kind=record_type(CHECK),
            record_id=record_id,
            seen_revision=seen,
            before=before,
            raw=a_check(**changes),
            reason=reason,
            at=AT,
        )


def withdraw(db: Database, reach: Reach, home: Home, record_id: uuid.UUID, seen: int = -1) -> Kept:
    """Withdraws a record as it stood at first (-1) or as it stands now (0)."""
    here = {"provider_id": home.provider_id, "service_id": home.service_id}
    with db.transaction(reach) as session:
        revisions = revisions_of(session, *here.values(), CHECK, record_id, own=None)
        return withdraw_record(
            session, reach, **here, kind=record_type(CHECK), seen=revisions[seen], reason="Entered for the wrong home",
            at=AT,
        )  # fmt: skip


def stored(db: Database, record_id: uuid.UUID) -> list[tuple[int, int, str | None, str | None]]:
    with db.administration() as session:
        rows = session.execute(
            select(Record.revision, Record.payload, Record.reason, Record.recorded_initials)
            .where(Record.record_id == record_id)
            .order_by(Record.revision)
        )
        return [(row.revision, row.payload["gaps_found"], row.reason, row.recorded_initials) for row in rows]


def acts(db: Database, subject: str) -> list[str]:
    with db.administration() as session:
        return list(session.execute(select(LedgerEntry.act).where(LedgerEntry.subject == subject)).scalars())


def test_a_senior_carer_enters_a_check_and_a_carer_may_not(database: Database, home: Home) -> None:
    record_id = new_id()
    with pytest.raises(NotPermittedError, match="does not enter this kind"):
        enter(database, signed_in(database, "carer", place_of(home)), home, record_id)
    assert stored(database, record_id) == []
    assert enter(database, signed_in(database, "senior_carer", place_of(home)), home, record_id).is_new
    assert stored(database, record_id) == [(1, 2, None, "AO")]
    assert acts(database, f"record {record_id}") == ["record entered"]


def test_the_same_check_sent_again_counts_once(database: Database, home: Home) -> None:
    reach, record_id = signed_in(database, "senior_carer", place_of(home)), new_id()
    first, second = (enter(database, reach, home, record_id) for _ in range(2))
    assert (first.is_new, second.is_new) == (True, False)
    assert len(stored(database, record_id)) == 1
    assert acts(database, f"record {record_id}") == ["record entered"]


def test_other_answers_under_the_same_number_are_a_conflict(database: Database, home: Home) -> None:
    reach, record_id = signed_in(database, "senior_carer", place_of(home)), new_id()
    enter(database, reach, home, record_id)
    with pytest.raises(ConflictError, match="sent before"):
        enter(database, reach, home, record_id, gaps_found="3")
    assert stored(database, record_id) == [(1, 2, None, "AO")]


def test_a_number_that_somebody_else_used_is_a_conflict_even_with_the_same_answers(
    database: Database, home: Home
) -> None:
    record_id = new_id()
    enter(database, signed_in(database, "senior_carer", place_of(home)), home, record_id)
    with pytest.raises(ConflictError):
        enter(database, signed_in(database, "senior_carer", place_of(home)), home, record_id)


def test_a_refused_answer_saves_nothing(database: Database, home: Home) -> None:
    record_id = new_id()
    with pytest.raises(RefusedError) as refused:
        enter(
            database,
            signed_in(database, "senior_carer", place_of(home)),
            home,
            record_id,
            gaps_found="",
            charts_checked="15",
        )
    assert set(refused.value.problems) == {"gaps_found", "charts_checked"}
    assert stored(database, record_id) == []


def test_a_check_of_tomorrow_is_refused(database: Database, home: Home) -> None:
    with pytest.raises(RefusedError) as refused:
        enter(
            database, signed_in(database, "senior_carer", place_of(home)), home, new_id(), checked_at="2026-01-18T06:41"
        )
    assert "future" in refused.value.problems["checked_at"]


def test_nobody_enters_at_a_sister_service_or_at_another_provider(
    database: Database, homes: tuple[list[Home], list[Home]]
) -> None:
    reach = signed_in(database, "senior_carer", place_of(homes[0][0]))
    for elsewhere in (homes[0][1], homes[1][0]):
        with pytest.raises(NotFoundError):
            enter(database, reach, elsewhere, new_id())
    assert enter(database, reach, homes[0][0], new_id()).is_new


def test_a_correction_is_the_next_revision_with_its_reason(database: Database, home: Home) -> None:
    reach, record_id = signed_in(database, "registered_manager", place_of(home)), new_id()
    enter(database, reach, home, record_id)
    with pytest.raises(RefusedError) as refused:
        correct(database, reach, home, record_id, gaps_found="3", reason=" ")
    assert set(refused.value.problems) == {"correction_reason"}
    assert correct(database, reach, home, record_id, gaps_found="3").revision == 2
    assert stored(database, record_id) == [(1, 2, None, "AO"), (2, 3, "Counted again with PN", "AO")]
    assert acts(database, f"record {record_id}") == ["record entered", "record corrected"]


def test_the_same_correction_sent_again_counts_once(database: Database, home: Home) -> None:
    reach, record_id = signed_in(database, "registered_manager", place_of(home)), new_id()
    enter(database, reach, home, record_id)
    kept = [correct(database, reach, home, record_id, gaps_found="3").is_new for _ in range(2)]
    assert kept == [True, False]
    assert len(stored(database, record_id)) == 2


def test_of_two_corrections_at_once_the_second_is_a_conflict(database: Database, home: Home) -> None:
    reach, record_id = signed_in(database, "registered_manager", place_of(home)), new_id()
    enter(database, reach, home, record_id)
    correct(database, reach, home, record_id, gaps_found="3")
    with pytest.raises(ConflictError, match="Somebody corrected"):
        correct(database, reach, home, record_id, gaps_found="4")
    assert [row[1] for row in stored(database, record_id)] == [2, 3]


def test_a_correction_by_hand_keeps_the_system_that_the_record_came_from(database: Database, home: Home) -> None:
    reach, record_id = signed_in(database, "registered_manager", place_of(home)), new_id()
    enter(database, reach, home, record_id)
    with database.administration() as session:
        first = {Record.source_system: "Care records", Record.source_reference: "C-7781"}
        session.query(Record).filter_by(record_id=record_id).update(first)
    correct(database, reach, home, record_id, gaps_found="3")
    with database.administration() as session:
        kept = select(Record.source_system, Record.source_reference).filter_by(record_id=record_id, revision=2)
        assert tuple(session.execute(kept).one()) == ("Care records", "C-7781")


def test_a_withdrawal_is_one_more_revision_that_says_the_same_and_why(database: Database, home: Home) -> None:
    reach, record_id = signed_in(database, "registered_manager", place_of(home)), new_id()
    enter(database, reach, home, record_id)
    kept = [withdraw(database, reach, home, record_id).is_new for _ in range(2)]
    assert kept == [True, False]
    assert [row[1:3] for row in stored(database, record_id)] == [(2, None), (2, "Entered for the wrong home")]
    assert acts(database, f"record {record_id}") == ["record entered", "record withdrawn"]
    with pytest.raises(RefusedError, match="was withdrawn"):
        withdraw(database, reach, home, record_id, seen=0)


def test_of_a_correction_and_a_withdrawal_at_once_the_second_is_a_conflict(database: Database, home: Home) -> None:
    reach, record_id = signed_in(database, "registered_manager", place_of(home)), new_id()
    enter(database, reach, home, record_id)
    correct(database, reach, home, record_id, gaps_found="3")
    with pytest.raises(ConflictError, match="Somebody corrected"):
        withdraw(database, reach, home, record_id)


def test_a_correction_that_changes_nothing_is_refused(database: Database, home: Home) -> None:
    reach, record_id = signed_in(database, "registered_manager", place_of(home)), new_id()
    enter(database, reach, home, record_id)
    with database.administration() as session:
        before = session.execute(select(Record.payload).where(Record.record_id == record_id)).scalar_one()
    with pytest.raises(RefusedError, match="Nothing differs"):
        correct(database, reach, home, record_id, before=before)


def test_a_look_at_records_that_may_lead_to_a_person_is_noted_with_which_they_were(
    database: Database, home: Home
) -> None:
    reach, record_id = signed_in(database, "registered_manager", place_of(home)), new_id()
    here = {"provider_id": home.provider_id, "service_id": home.service_id}
    with database.transaction(reach) as session:
        note_look(session, reach, record_type(CHECK), **here, records=[record_id])
        note_look(session, reach, record_type("occupancy_day"), **here, records=[record_id])
        note_look(session, reach, record_type(CHECK), **here, records=[])
    assert acts(database, f"record {record_id}") == ["records read"]
