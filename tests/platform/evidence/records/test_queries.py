from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session
from support.facts import Home, two_providers
from support.shifts import CHECK, place_of
from support.tenancy import signed_in

from mendline.evidence.model import Record
from mendline.evidence.records.queries import newest_of_types, own_entries, records_of_type, revisions_of
from mendline.evidence.records.rows import Cursor, read_cursor
from tenants.database import Database
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.reach import Reach

FIRST = datetime(2026, 1, 5, 6, 45, tzinfo=UTC)


@pytest.fixture(scope="module")
def homes(database: Database) -> tuple[list[Home], list[Home]]:
    return two_providers(database)


def a_record(session: Session, home: Home, day: int, *, by: Reach | None = None, **changes: object) -> Record:
    fields = {
        "provider_id": home.provider_id, "service_id": home.service_id, "record_id": new_id(), "revision": 1,
        "record_type": CHECK, "type_version": "1", "happened_at": FIRST + timedelta(days=day),
        "payload": {"gaps_found": day}, "recorded_by": by.person_id if by else None, "recorded_initials": "AO",
        "recorded_at": FIRST + timedelta(days=day, hours=1),
    }  # fmt: skip
    record = Record(**{**fields, **changes})
    session.add(record)
    session.flush()
    return record


def test_a_long_list_is_walked_to_its_end_and_back_without_a_gap_or_a_repeat(
    database: Database, homes: tuple[list[Home], list[Home]]
) -> None:
    home = homes[0][0]
    with database.administration() as session:
        for day in range(7):
            a_record(session, home, day)
        a_record(session, home, 3)  # two at the same moment
        a_record(session, homes[1][0], 3)
    reach = signed_in(database, "registered_manager", place_of(home))
    here = (home.provider_id, home.service_id, CHECK)
    with database.transaction(reach) as session:
        pages = [records_of_type(session, *here, own=None, cursor=None, most=3)]
        while pages[-1].older:
            pages.append(records_of_type(session, *here, own=None, cursor=pages[-1].older, most=3))
        back = records_of_type(session, *here, own=None, cursor=pages[-1].newer, most=3)
        start = records_of_type(session, *here, own=None, cursor=back.newer, most=3)
    days = [record.payload["gaps_found"] for found in pages for record in found.records]
    assert days == [6, 5, 4, 3, 3, 2, 1, 0]
    assert pages[0].newer is None
    assert (back.records, start.records, start.newer) == (pages[1].records, pages[0].records, None)


def test_only_the_newest_revision_is_listed_and_all_are_kept(
    database: Database, homes: tuple[list[Home], list[Home]]
) -> None:
    home = homes[0][1]
    with database.administration() as session:
        first = a_record(session, home, 1)
        a_record(
            session, home, 1, record_id=first.record_id, revision=2, payload={"gaps_found": 9}, reason="Counted again"
        )
        record_id = first.record_id
    reach = signed_in(database, "registered_manager", place_of(home))
    here = (home.provider_id, home.service_id, CHECK)
    with database.transaction(reach) as session:
        listed = records_of_type(session, *here, own=None, cursor=None).records
        kept = revisions_of(session, *here, record_id, own=None)
    assert [(record.revision, record.payload["gaps_found"]) for record in listed] == [(2, 9)]
    assert [record.revision for record in kept] == [2, 1]


def test_a_senior_carer_sees_their_own_records_and_a_manager_everybodys(database: Database) -> None:
    home = two_providers(database)[0][0]
    place = place_of(home)
    mine, colleague = signed_in(database, "senior_carer", place), signed_in(database, "senior_carer", place)
    manager = signed_in(database, "registered_manager", place)
    with database.administration() as session:
        own = a_record(session, home, 1, by=mine).record_id
        other = a_record(session, home, 2, by=colleague).record_id
    here = (home.provider_id, home.service_id, CHECK)
    with database.transaction(mine) as session:
        # Also where the query asks for everything: the database holds the line by itself.
        for whose in (mine.person_id, None):
            seen = records_of_type(session, *here, own=whose, cursor=None).records
            assert [record.record_id for record in seen] == [own]
        assert revisions_of(session, *here, other, own=None) == ()
        assert [entry.record_id for entry in own_entries(session, mine.provider_ids, mine.person_id)] == [own]
    with database.transaction(manager) as session:
        seen = records_of_type(session, *here, own=None, cursor=None).records
        assert {record.record_id for record in seen} == {own, other}


def test_nothing_of_another_provider_is_seen_from_here(
    database: Database, homes: tuple[list[Home], list[Home]]
) -> None:
    ours, theirs = homes[0][0], homes[1][1]
    with database.administration() as session:
        canary = a_record(session, theirs, 1, payload={"note": "CANARY"}).record_id
    reach = signed_in(database, "registered_manager", place_of(ours))
    there = (theirs.provider_id, theirs.service_id)
    with database.transaction(reach) as session:
        assert records_of_type(session, *there, CHECK, own=None, cursor=None).records == ()
        assert revisions_of(session, *there, CHECK, canary, own=None) == ()
        assert newest_of_types(session, *there, [CHECK]) == ()
    with database.transaction(signed_in(database, "registered_manager", place_of(theirs))) as session:
        assert [row.record_type for row in newest_of_types(session, *there, [CHECK])] == [CHECK]


def test_a_place_in_the_list_survives_the_address() -> None:
    cursor = Cursor(FIRST, new_id())
    assert read_cursor(str(cursor), "") == cursor
    assert read_cursor("", "") is None


@pytest.mark.parametrize("spoilt", ["x", "2026-01-05T06:45:00~" + "0" * 32, "2026-01-05T06:45:00+00:00~x"])
def test_a_spoilt_place_in_the_list_is_refused_in_plain_words(spoilt: str) -> None:
    with pytest.raises(RefusedError, match="from its start"):
        read_cursor(spoilt, "")
