"""Many rows in few statements keep every kind of value as it was."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session
from support.tenancy import Groups, make_groups, sample_row, signed_in

from mendline.indicators.model import Observation
from mendline.recovery.model import Review
from tenants.database import Database, insert_many
from tenants.errors import NotPermittedError
from tenants.ledger import LedgerSeal

REVIEWS, OBSERVATIONS, SEALS = Review.__table__, Observation.__table__, LedgerSeal.__table__


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return make_groups(database)


def row(table, groups: Groups, **changes) -> dict:
    made = sample_row(table, groups.first, body_id=groups.body_id, serial=3)
    return made | changes


@pytest.mark.parametrize(
    "relied_on",
    [[], ["E-046"], ["A-022", "E-001", "A-001"], ['with "quotes", {braces} and \\', "", "null", "naïve\tligne\nnew"]],
)
def test_text_arrays_come_back_in_order_and_unchanged(database: Database, groups: Groups, relied_on: list[str]) -> None:
    made = row(REVIEWS, groups, review_id=uuid.uuid4(), relied_on=relied_on, next_review_on=None)
    with database.administration() as session:
        insert_many(session, REVIEWS, [made])
        kept = session.execute(select(REVIEWS).where(REVIEWS.c.review_id == made["review_id"])).one()._asdict()
    assert kept == made


@pytest.mark.parametrize(
    "pointer", [None, {}, {"a": [1, 2.5, None, "x"], "é": {"deep": True}}, {"quote": "'\"\\ :name %s %(x)s"}]
)
def test_json_comes_back_unchanged_and_none_is_null(database: Database, groups: Groups, pointer: dict | None) -> None:
    made = row(OBSERVATIONS, groups, observation_id=uuid.uuid4(), pointer=pointer)
    with database.administration() as session:
        insert_many(session, OBSERVATIONS, [made])
        where = OBSERVATIONS.c.observation_id == made["observation_id"]
        assert session.execute(select(OBSERVATIONS).where(where)).one()._asdict() == made
        missing = session.execute(select(OBSERVATIONS.c.pointer.is_(text("null"))).where(where)).scalar_one()
        assert missing is (pointer is None)
        session.rollback()


def test_whole_numbers_fractions_decimals_and_none_share_a_column(database: Database, groups: Groups) -> None:
    values = [1, 2.5, None, Decimal("0.25"), 0]
    rows = [
        row(OBSERVATIONS, groups, observation_id=uuid.uuid4(), revision=50 + i, value=value)
        for i, value in enumerate(values)
    ]
    assert _kept(database, rows, OBSERVATIONS.c.value) == [1.0, 2.5, None, 0.25, 0.0]


def test_dates_and_moments_keep_their_day_and_zone(database: Database, groups: Groups) -> None:
    days = [date(2026, 3, 29), date(2024, 2, 29)]
    moments = [datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)]
    rows = [
        row(OBSERVATIONS, groups, observation_id=uuid.uuid4(), revision=90 + i, period_start=day, recorded_at=moment)
        for i, (day, moment) in enumerate(zip(days, moments, strict=True))
    ]
    assert _kept(database, rows, OBSERVATIONS.c.period_start) == days
    assert _kept(database, rows, OBSERVATIONS.c.recorded_at) == moments


def test_text_keeps_every_character(database: Database, groups: Groups) -> None:
    said = [
        'with "quotes", {braces} and \\',
        "",
        "NULL",
        "null",
        "naïve\tligne\nnew",
        "%s :c0 %(x)s",
        " 'outer' ",
        None,
    ]
    rows = [
        row(OBSERVATIONS, groups, observation_id=uuid.uuid4(), revision=110 + i, reason=words)
        for i, words in enumerate(said)
    ]
    assert _kept(database, rows, OBSERVATIONS.c.reason) == said


def test_bytes_keep_every_value(database: Database, groups: Groups) -> None:
    made = row(SEALS, groups, sequence=999_999, chain_hash=bytes(range(256)))
    with database.administration() as session:
        insert_many(session, SEALS, [made])
        kept = session.execute(select(SEALS.c.chain_hash).where(SEALS.c.sequence == 999_999)).scalar_one()
        session.rollback()
    assert kept == bytes(range(256))


def test_twelve_thousand_rows_take_three_statements(database: Database, groups: Groups) -> None:
    first = row(OBSERVATIONS, groups)
    rows = [first | {"observation_id": uuid.uuid4(), "revision": 1_000 + i} for i in range(12_000)]
    statements: list[str] = []
    engine = database.engine("administrator")
    with database.administration() as session:
        event.listen(engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
        insert_many(session, OBSERVATIONS, rows)
        assert len(statements) == 3
        assert len(set(statements)) == 1
        session.rollback()


def test_rows_of_other_columns_are_refused_before_anything_is_sent(database: Database, groups: Groups) -> None:
    first, second = row(SEALS, groups, sequence=1_001), row(SEALS, groups, sequence=1_002)
    second["sealed_by"] = second.pop("entry_id")
    with database.administration() as session:
        with pytest.raises(ValueError, match=r"entry_id.*sealed_by"):
            insert_many(session, SEALS, [first, second])
        assert not session.execute(
            select(SEALS.c.sequence).where(SEALS.c.sequence > 1_000, SEALS.c.sequence < 2_000)
        ).all()


def test_no_rows_send_nothing() -> None:
    insert_many(Session(), SEALS, [])


def test_a_foreign_row_among_many_refuses_them_all(database: Database, groups: Groups) -> None:
    reach = signed_in(database, "registered_manager", groups.first)
    own = row(OBSERVATIONS, groups, observation_id=uuid.uuid4(), revision=70)
    foreign = sample_row(OBSERVATIONS, groups.second, body_id=groups.body_id, serial=71)
    with pytest.raises(NotPermittedError), database.transaction(reach) as session:
        insert_many(session, OBSERVATIONS, [own, foreign])
    with database.administration() as session:
        left = select(OBSERVATIONS.c.revision).where(OBSERVATIONS.c.observation_id == own["observation_id"])
        assert session.execute(left).all() == []


def _kept(database: Database, rows: list[dict], column) -> list:
    with database.administration() as session:
        insert_many(session, OBSERVATIONS, rows)
        ids = [made["observation_id"] for made in rows]
        kept = dict(
            tuple(each)
            for each in session.execute(
                select(OBSERVATIONS.c.observation_id, column).where(OBSERVATIONS.c.observation_id.in_(ids))
            )
        )
        session.rollback()
    return [kept[each] for each in ids]
