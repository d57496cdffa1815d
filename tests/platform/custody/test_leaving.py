"""A provider leaves: read-only, thirty days, then nothing of it is left anywhere, and everybody else is as before."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from support.custody import EXPORT_KIND, Keepers, a_kept_provider, asked, do_jobs, noted, rows, settle

from mendline.custody import commands
from mendline.custody.leaving import WAIT, erase_provider, leave, may_be_erased, stay
from mendline.custody.outside import CERTIFICATES, lines_of
from mendline.custody.tables import tenant_tables
from mendline.evidence.files.keeping import Keeper
from mendline.evidence.files.sealing import Keys
from mendline.evidence.files.stores import FolderStore, GoneError, ObjectStore
from tenants.chain import seal, verify
from tenants.clock import today
from tenants.database import Database
from tenants.errors import NotPermittedError, RefusedError

HOLD = {"person_reference": "", "service_id": "", "reason": "Letter from solicitors"}
YEARS = {"record_type": "incident", "years": "12", "reason": "Our own schedule"}


@pytest.fixture
def keepers(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keepers:
    settle(monkeypatch, tmp_path)
    found = a_kept_provider(database)
    noted(database, found, "something")
    return found


def test_a_provider_that_leaves_reads_and_writes_no_more_until_it_stays(database: Database, keepers: Keepers) -> None:
    def writes() -> None:
        with database.transaction(keepers.nominated) as session:
            session.execute(
                text(
                    "insert into action (provider_id, service_id, action_id, reference, title, owner, opened_on, due_on,"
                    " recorded_at) values (:p, :s, gen_random_uuid(), gen_random_uuid()::text, 'x', 'y', now(), now(), now())"
                ),
                {"p": keepers.provider_id, "s": keepers.home.service_id},
            )

    writes()
    with database.administration() as session:
        assert leave(session, keepers.provider_id, "Contract ended") == today() + WAIT
    with pytest.raises(NotPermittedError):
        writes()
    with database.transaction(keepers.nominated) as session:
        assert session.execute(text("select count(*) from record")).scalar_one() == 4
    with database.administration() as session:
        stay(session, keepers.provider_id)
    writes()


def test_nothing_is_erased_before_its_day_or_under_a_hold(database: Database, keepers: Keepers) -> None:
    with pytest.raises(RefusedError), database.administration() as session:
        may_be_erased(session, keepers.provider_id, today())
    with database.administration() as session:
        leave(session, keepers.provider_id, "Contract ended")
    with pytest.raises(RefusedError), database.administration() as session:
        may_be_erased(session, keepers.provider_id, today() + WAIT - timedelta(days=1))
    with database.transaction(keepers.administrator) as session:
        hold_id = commands.place_hold(session, keepers.administrator, keepers.provider_id, HOLD)
    with pytest.raises(RefusedError, match="1 legal hold"), database.administration() as session:
        may_be_erased(session, keepers.provider_id, today() + WAIT)
    with database.transaction(keepers.administrator) as session:
        commands.release_hold(session, keepers.administrator, keepers.provider_id, hold_id, {"reason": "It ended"})
    with database.administration() as session:
        may_be_erased(session, keepers.provider_id, today() + WAIT)


def test_after_erasure_nothing_is_left_and_others_are_as_they_were(
    database: Database, keepers: Keepers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = a_kept_provider(database, "Kelso Care")
    for each in (keepers, other):
        asked(database, each, EXPORT_KIND)
        do_jobs(database, each.provider_id, "custody_request")
        with database.transaction(each.administrator) as session:
            commands.set_years(session, each.administrator, each.provider_id, YEARS)
    theirs = _rows_of(database, other)
    with database.administration() as session:
        leave(session, keepers.provider_id, "Contract ended")
        made = erase_provider(
            session,
            keepers.provider_id,
            "Harbour Care",
            tmp_path,
            tmp_path / "outside",
            FolderStore(tmp_path / "objects"),
        )
    with capsys.disabled():
        print(  # noqa: T201
            f"\noffboarding: {sum(made.rows.values())} rows of {len(made.rows)} tables, {made.objects} objects erased; "
            f"residue {made.residue}"
        )
    assert (made.residue, made.objects, made.people) == (0, 1, 2)
    assert sum(_rows_of(database, keepers).values()) == 0
    assert _rows_of(database, other) == theirs
    assert [path.parts[-3] for path in (tmp_path / "objects").rglob("*.zip")] == [str(other.provider_id)]
    assert (
        rows(
            database,
            "select 1 from signin.person where person_id = :p and disabled_at is null",
            p=keepers.nominated.person_id,
        )
        == []
    )
    with database.transaction(database.command_reach(other.provider_id)) as session:
        while seal(session, other.provider_id):
            pass
        assert verify(session, other.provider_id).holds
    (line,) = lines_of(tmp_path / "outside", CERTIFICATES, keepers.provider_id)
    assert line["fingerprint"] == made.fingerprint
    assert json.loads(json.dumps(made.as_line()))["residue"] == 0


def test_files_in_a_bucket_go_with_their_provider_and_no_others(
    database: Database, keepers: Keepers, tmp_path: Path, bucket: ObjectStore
) -> None:
    other = a_kept_provider(database, "Kelso Care")
    keeper = Keeper(bucket, Keys(("an installation's key, long enough",)))
    kept = [
        keeper.keep(each.administrator, each.provider_id, "audit.txt", io.BytesIO(b"an audit")).object_key
        for each in (keepers, keepers, other)
    ]
    with database.administration() as session:
        leave(session, keepers.provider_id, "Contract ended")
        made = erase_provider(session, keepers.provider_id, "Harbour Care", tmp_path, tmp_path / "outside", bucket)
    assert (made.objects, made.residue) == (2, 0)
    for gone in kept[:2]:
        with pytest.raises(GoneError):
            bucket.open(gone)
    assert b"".join(keeper.read(kept[2])) == b"an audit"


def _rows_of(db: Database, keepers: Keepers) -> dict[str, int]:
    with db.administration() as session:
        return {
            table.name: session.execute(
                text(f"select count(*) from {table.name} where provider_id = :p"), {"p": keepers.provider_id}
            ).scalar_one()
            for table in tenant_tables()
        }
