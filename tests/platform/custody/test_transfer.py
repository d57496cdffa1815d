"""A service goes from one provider to another: two sides, one code, copied whole, killed anywhere, closed behind."""

import uuid
from pathlib import Path

import pytest
from sqlalchemy import text
from support.custody import Keepers, a_kept_provider, asked, do_jobs, noted, rows, settle
from support.tenancy import Place, add_membership, add_person, issue_ticket

from mendline.custody import commands_transfers, queries, transferring
from mendline.custody.rows import EXPORT
from mendline.custody.tables import tenant_tables
from mendline.evidence.model import Record
from mendline.indicators.model import Observation
from mendline.packs.storage import keep
from tenants.chain import seal, verify
from tenants.clock import now
from tenants.database import Database
from tenants.errors import ConflictError, NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.jobs import enqueue
from tenants.reach import Reach

ALL = tuple(commands_transfers.TRANSFERABLE)


class KilledError(BaseException):
    """The worker is gone in the middle of its work."""


@pytest.fixture
def giver(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keepers:
    settle(monkeypatch, tmp_path)
    return a_kept_provider(database, "Harbour Care")


@pytest.fixture
def taker(database: Database) -> Keepers:
    return a_kept_provider(database, "Kelso Care", records=False)


def offered(db: Database, giver: Keepers, classes: tuple[str, ...] = ALL) -> tuple[uuid.UUID, str]:
    typed = {"service_id": str(giver.home.service_id), "reason": "The home is sold"}
    with db.transaction(giver.administrator) as session:
        return commands_transfers.propose_transfer(session, giver.administrator, giver.provider_id, typed, classes)


def taken_up(db: Database, taker: Keepers, code: str) -> uuid.UUID:
    with db.transaction(taker.administrator) as session:
        return commands_transfers.take_up_transfer(session, taker.administrator, taker.provider_id, code)


def both_approve(db: Database, giver: Keepers, taker: Keepers, transfer_id: uuid.UUID) -> None:
    began = []
    for side in (giver, taker):
        with db.transaction(side.nominated) as session:
            began.append(commands_transfers.approve_transfer(session, side.nominated, side.provider_id, transfer_id))
    assert began == [False, True]


def agreed(db: Database, giver: Keepers, taker: Keepers, classes: tuple[str, ...] = ALL) -> uuid.UUID:
    transfer_id, code = offered(db, giver, classes)
    assert taken_up(db, taker, code) == transfer_id
    both_approve(db, giver, taker, transfer_id)
    return transfer_id


def new_service(db: Database, taker: Keepers, transfer_id: uuid.UUID) -> uuid.UUID:
    with db.transaction(taker.administrator) as session:
        return queries.find_transfer(session, taker.provider_id, transfer_id).service_id


def counted(db: Database, provider_id: uuid.UUID, service_id: uuid.UUID) -> dict[str, int]:
    found = {}
    with db.administration() as session:
        for table in tenant_tables():
            if "service_id" in table.c:
                number = session.execute(
                    text(f"select count(*) from {table.name} where provider_id = :p and service_id = :s"),
                    {"p": provider_id, "s": service_id},
                ).scalar_one()
                found[table.name] = number
    return {name: number for name, number in found.items() if number}


def a_manager(db: Database, keepers: Keepers, service_id: uuid.UUID) -> Reach:
    person_id = add_person(db)
    add_membership(db, person_id, "registered_manager", Place(keepers.provider_id, service_id, ""))
    return db.reach_of(issue_ticket(db, person_id))


MOVED = {"service", "service_indicator", "observation", "record"}


def test_a_service_goes_over_whole_and_stays_behind_to_be_read(
    database: Database, giver: Keepers, taker: Keepers, capsys: pytest.CaptureFixture[str]
) -> None:
    before = counted(database, giver.provider_id, giver.home.service_id)
    transfer_id = agreed(database, giver, taker)
    assert do_jobs(database, taker.provider_id, "transfer_service") == ["done"]
    there = new_service(database, taker, transfer_id)
    mine = counted(database, taker.provider_id, there)
    assert {name: mine[name] for name in MOVED} == {name: before[name] for name in MOVED}
    kept = counted(database, giver.provider_id, giver.home.service_id)
    assert {name: number for name, number in kept.items() if name in before} == before
    told = rows(
        database,
        "select table_name, rows, (select count(*) from transferred_row r where r.provider_id = t.provider_id"
        " and r.transfer_id = t.transfer_id and r.table_name = t.table_name) as origins from transferred_table t"
        " where provider_id = :p",
        p=taker.provider_id,
    )
    assert all(row.rows == row.origins for row in told)
    with capsys.disabled():
        print(f"\ntransfer: {sum(row.rows for row in told)} rows of {len(told)} tables, counts and checksums equal")  # noqa: T201
    for side in (giver, taker):
        acts = rows(database, "select act from ledger_entry where provider_id = :p", p=side.provider_id)
        assert any(row.act.startswith("service transferred") for row in acts)
        with database.transaction(database.command_reach(side.provider_id)) as session:
            while seal(session, side.provider_id):
                pass
            assert verify(session, side.provider_id).holds


def test_who_ran_the_service_reads_their_period_and_writes_nothing_more(
    database: Database, giver: Keepers, taker: Keepers
) -> None:
    manager = a_manager(database, giver, giver.home.service_id)
    transfer_id = agreed(database, giver, taker)
    do_jobs(database, taker.provider_id, "transfer_service")
    there = new_service(database, taker, transfer_id)
    with database.transaction(manager) as session:
        assert session.query(Observation).count() == 4
    with pytest.raises(NotPermittedError), database.transaction(manager) as session:
        session.add(_observation(giver.provider_id, giver.home.service_id, giver.home.indicator_id))
    newcomer = a_manager(database, taker, there)
    with database.transaction(newcomer) as session:
        assert {row.service_id for row in session.query(Observation)} == {there}
        session.add(_observation(taker.provider_id, there, giver.home.indicator_id))
    with database.transaction(manager) as session:
        assert {row.service_id for row in session.query(Observation)} == {giver.home.service_id}
        assert session.query(Observation).count() == 4


def _observation(provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID) -> Observation:
    return Observation(
        provider_id=provider_id,
        service_id=service_id,
        indicator_id=indicator_id,
        period_start=now().date(),
        revision=1,
        observation_id=new_id(),
        numerator=1,
        denominator=2,
        value=50,
        state="final",
        source="entered",
        recorded_at=now(),
    )


def test_only_what_was_agreed_goes_along(database: Database, giver: Keepers, taker: Keepers) -> None:
    transfer_id = agreed(database, giver, taker, ("summary",))
    do_jobs(database, taker.provider_id, "transfer_service")
    mine = counted(database, taker.provider_id, new_service(database, taker, transfer_id))
    assert mine["observation"] == 4
    assert "record" not in mine


def test_killed_at_every_point_it_is_carried_over_once_and_whole(
    database: Database,
    giver: Keepers,
    taker: Keepers,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with database.administration() as session:
        for number in range(40):
            session.add(
                Record(
                    provider_id=giver.provider_id,
                    service_id=giver.home.service_id,
                    record_id=new_id(),
                    revision=1,
                    record_type="incident",
                    type_version="1",
                    happened_at=now(),
                    payload={"person": f"P-{number}", "kind": "fall"},
                    recorded_at=now(),
                )
            )
    before = counted(database, giver.provider_id, giver.home.service_id)
    transfer_id = agreed(database, giver, taker)
    real, killed = transferring.copy_some, 0
    left = 0

    def dies(session, table: str) -> int:
        nonlocal left
        if left == 0:
            raise KilledError
        left -= 1
        copied = real(session, table, 3)
        if left == 0 and copied % 2:
            raise KilledError  # within the transaction: what was copied is taken back
        return copied

    monkeypatch.setattr("workers.custody.copy_some", dies)
    for _ in range(200):
        left = 1 + killed % 3
        try:
            states = do_jobs(database, taker.provider_id, "transfer_service")
        except KilledError:
            killed += 1
            with database.administration() as session:
                session.execute(
                    text("update job set state = 'queued', attempts = 0, lease_until = null where provider_id = :p"),
                    {"p": taker.provider_id},
                )
            if killed == 50:
                monkeypatch.setattr("workers.custody.copy_some", real)
        else:
            break
    assert states == ["done"]
    mine = counted(database, taker.provider_id, new_service(database, taker, transfer_id))
    with capsys.disabled():
        print(f"\ntransfer killed {killed} times and resumed: {mine['record']} records of {before['record']}")  # noqa: T201
    assert killed >= 20
    assert {name: mine[name] for name in MOVED} == {name: before[name] for name in MOVED}


def test_a_row_that_differs_is_noticed_and_nothing_is_ended(
    database: Database, giver: Keepers, taker: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer_id = agreed(database, giver, taker)
    real = transferring.copy_objects

    def tampering(*arguments):
        with database.administration() as session:
            session.execute(
                text("update observation set numerator = 1 where provider_id = :p and service_id = :s"),
                {"p": taker.provider_id, "s": new_service(database, taker, transfer_id)},
            )
        return real(*arguments)

    monkeypatch.setattr("workers.custody.copy_objects", tampering)
    assert do_jobs(database, taker.provider_id, "transfer_service") == ["failed"]
    with database.transaction(giver.administrator) as session:
        assert "done" not in queries.find_transfer(session, giver.provider_id, transfer_id).own_steps


def test_a_code_works_once_and_tells_nothing(database: Database, giver: Keepers, taker: Keepers) -> None:
    _, code = offered(database, giver)
    third = a_kept_provider(database, "Third Care", records=False)
    told = set()
    for wrong in ("", "x", code[:-1], code + "x", "' or true --"):
        with pytest.raises(RefusedError) as refused:
            taken_up(database, taker, wrong)
        told.add(str(refused.value))
    with pytest.raises(RefusedError) as own:
        taken_up(database, giver, code)
    taken_up(database, taker, code)
    with pytest.raises(RefusedError) as again:
        taken_up(database, third, code)
    assert told | {str(own.value), str(again.value)} == {str(own.value)}


def test_one_side_alone_moves_nothing_and_a_stranger_cannot_help(
    database: Database, giver: Keepers, taker: Keepers
) -> None:
    transfer_id, code = offered(database, giver)
    with pytest.raises(RefusedError), database.transaction(giver.nominated) as session:
        commands_transfers.approve_transfer(session, giver.nominated, giver.provider_id, transfer_id)
    taken_up(database, taker, code)
    with database.transaction(taker.nominated) as session:
        assert not commands_transfers.approve_transfer(session, taker.nominated, taker.provider_id, transfer_id)
    with pytest.raises(ConflictError), database.transaction(taker.nominated) as session:
        commands_transfers.approve_transfer(session, taker.nominated, taker.provider_id, transfer_id)
    stranger = a_kept_provider(database, "Third Care", records=False)
    with database.transaction(stranger.administrator) as session:
        began = session.execute(text("select custody.begin_transfer(:t)"), {"t": transfer_id}).scalar_one()
        seen = session.execute(text("select * from custody.other_side(:t)"), {"t": transfer_id}).all()
    assert (began, seen) == (False, [])
    with database.transaction(giver.nominated) as session:
        commands_transfers.refuse_transfer(
            session, giver.nominated, giver.provider_id, transfer_id, {"reason": "Not agreed"}
        )
    assert do_jobs(database, taker.provider_id, "transfer_service") == []


def test_a_job_of_another_kind_or_provider_carries_nothing_over(
    database: Database, giver: Keepers, taker: Keepers
) -> None:
    agreed(database, giver, taker)
    for provider_id in (giver.provider_id, taker.provider_id):
        with database.transaction(database.command_reach(provider_id)) as session:
            job_id = enqueue(session, "custody_day", provider_id=provider_id)
        claimed = database.claim(job_id, worker="test", lease_seconds=60)
        assert claimed is not None
        with pytest.raises(Exception, match="not the work of this job"), database.transaction(claimed[0]) as session:
            session.execute(text("select custody.copy_rows('record', 10)"))


def test_files_of_packs_go_along(database: Database, giver: Keepers, taker: Keepers, tmp_path: Path) -> None:
    pack_id = new_id()
    key = f"{giver.provider_id}/packs/{pack_id}.pdf"
    keep(tmp_path, key, b"%PDF-1.7 a pack")
    values = {"p": giver.provider_id, "s": giver.home.service_id, "i": pack_id, "k": key}
    with database.administration() as session:
        session.execute(
            text(
                "insert into pack (provider_id, service_id, pack_id, reference, as_at, options, job_id, requested_at)"
                " values (:p, :s, :i, 'RH-1', now(), '{}', gen_random_uuid(), now())"
            ),
            values,
        )
        session.execute(
            text(
                "insert into pack_file (provider_id, service_id, pack_id, object_key, sha256, manifest_sha256, bytes,"
                " pages, made_at) values (:p, :s, :i, :k, 'x', 'y', 15, 1, now())"
            ),
            values,
        )
    agreed(database, giver, taker)
    assert do_jobs(database, taker.provider_id, "transfer_service") == ["done"]
    assert (
        tmp_path / "objects" / str(taker.provider_id) / "packs" / f"{pack_id}.pdf"
    ).read_bytes() == b"%PDF-1.7 a pack"
    assert (tmp_path / "objects" / key).is_file()


def test_what_is_asked_about_a_person_stays_with_whoever_was_asked(
    database: Database, giver: Keepers, taker: Keepers
) -> None:
    asked(database, giver, EXPORT)
    noted(database, giver, "something")
    transfer_id = agreed(database, giver, taker)
    do_jobs(database, taker.provider_id, "transfer_service")
    mine = counted(database, taker.provider_id, new_service(database, taker, transfer_id))
    assert not {"custody_request", "membership", "legal_hold", "commissioner_grant"} & set(mine)
