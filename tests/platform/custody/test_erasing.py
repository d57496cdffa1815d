"""A person's data: found everywhere, packed, erased by two people, stopped by a hold, and the ledger still holds."""

import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from support.custody import (
    NAME,
    OTHER,
    PERSON,
    SAID,
    Keepers,
    a_kept_provider,
    a_record,
    approved,
    asked,
    do_jobs,
    noted,
    rows,
    settle,
)
from support.facts import AT

from mendline.catalogue.record_types import record_types
from mendline.config import Settings
from mendline.custody import commands, queries
from mendline.custody.erasing import replay
from mendline.custody.outside import ANCHORS, REGISTER, anchored_heads, lines_of
from mendline.custody.rows import ERASURE, EXPORT
from mendline.custody.schedule import identifying_fields, kept_from, schedule_of
from mendline.custody.tables import tenant_tables
from mendline.evidence.files.keeping import keeper_of
from mendline.evidence.files.model import EvidenceFile, EvidenceFileVerdict
from mendline.evidence.model import Evidence
from mendline.indicators.model import ChartEvent
from tenants.chain import verify
from tenants.clock import now
from tenants.database import Database
from tenants.errors import ConflictError, NotPermittedError, RefusedError
from tenants.ids import new_id

HOLD = {"person_reference": "", "service_id": "", "reason": "Letter from solicitors"}


@pytest.fixture
def keepers(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keepers:
    settle(monkeypatch, tmp_path)
    found = a_kept_provider(database)
    with database.administration() as session:
        session.add(
            ChartEvent(
                provider_id=found.provider_id,
                service_id=found.home.service_id,
                indicator_id=found.home.indicator_id,
                event_id=new_id(),
                happened_on=AT.date(),
                what_changed="More falls at night.",
                why=SAID,
                what_followed="A lamp.",
                recorded_at=AT,
            )
        )
    noted(database, found, f"record of {PERSON}")
    noted(database, found, f"record of {OTHER}")
    return found


def everything(db: Database, keepers: Keepers) -> dict[str, str]:
    """Every row of the provider as text, table by table."""
    with db.administration() as session:
        return {
            table.name: "\n".join(
                session.execute(
                    text(f"select to_jsonb(t)::text from {table.name} t where provider_id = :p order by 1"),
                    {"p": keepers.provider_id},
                ).scalars()
            )
            for table in tenant_tables()
        }


def naming(found: dict[str, str], words: str) -> list[str]:
    pattern = re.compile(rf"(?<![\w-]){re.escape(words)}(?!\w)")
    return sorted(name for name, told in found.items() if pattern.search(told))


def verdict(db: Database, keepers: Keepers):
    with db.transaction(db.command_reach(keepers.provider_id)) as session:
        return verify(session, keepers.provider_id)


def test_an_archive_holds_every_row_that_names_the_person_and_none_that_does_not(
    database: Database, keepers: Keepers, tmp_path: Path
) -> None:
    request_id = asked(database, keepers, EXPORT)
    assert do_jobs(database, keepers.provider_id, "custody_request") == ["done"]
    with database.transaction(keepers.administrator) as session:
        found = queries.find_request(session, keepers.provider_id, request_id)
    assert found.state == "done"
    content = (tmp_path / "objects" / found.object_key).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        records = [json.loads(line) for line in archive.read("record.jsonl").decode().splitlines()]
        names = set(archive.namelist())
    assert manifest["rows"] == found.counts
    assert {"record.csv", "chart_event.csv", "ledger_entry.jsonl", "read-me.txt"} <= names
    # The other person's record is there too, since its words name this one.
    assert {each["payload"]["person"] for each in records} == {PERSON, OTHER}
    assert set(manifest["rows"]) == set(naming(everything(database, keepers), PERSON))


def a_file(db: Database, keepers: Keepers, name: str, title: str) -> str:
    """An evidence file that was found harmless; the name of the object that is given out."""
    kept = keeper_of(Settings.from_environment()).keep(
        keepers.administrator, keepers.provider_id, name, io.BytesIO(f"about {title}".encode())
    )
    here = {"provider_id": keepers.provider_id, "service_id": keepers.home.service_id}
    evidence_id, file_id = new_id(), new_id()
    with db.administration() as session:
        session.add(
            Evidence(
                **here, evidence_id=evidence_id, reference=f"A-{file_id.hex[-6:]}", letter="A", title=title,
                dated_on=AT.date(), system="Mendline", where_to_look=f"File {name}", recorded_at=AT,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            EvidenceFile(
                **here, file_id=file_id, evidence_id=evidence_id, name=name, sha256=kept.sha256, bytes=kept.size,
                object_key=kept.object_key, supports=[], recorded_at=AT,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            EvidenceFileVerdict(
                **here, file_id=file_id, verdict="ready", kind="txt", object_key=kept.object_key, sha256=kept.sha256,
                bytes=kept.size, is_cleaned=False, scan="none", decided_at=AT,
            )
        )  # fmt: skip
    return kept.object_key


def test_an_archive_holds_the_evidence_files_whose_entry_names_the_person_and_an_erasure_takes_them_away(
    database: Database, keepers: Keepers, tmp_path: Path
) -> None:
    mine = a_file(database, keepers, "notes.txt", f"Care review of {PERSON}")
    named = a_file(database, keepers, f"{NAME}.txt", "Care review")
    other = a_file(database, keepers, "other.txt", f"Care review of {OTHER}")
    request_id = asked(database, keepers, EXPORT)
    do_jobs(database, keepers.provider_id, "custody_request")
    with database.transaction(keepers.administrator) as session:
        found = queries.find_request(session, keepers.provider_id, request_id)
    with zipfile.ZipFile(tmp_path / "objects" / found.object_key) as archive:
        files = [archive.read(name).decode() for name in archive.namelist() if name.startswith("files/")]
    assert sorted(files) == ["about Care review", f"about Care review of {PERSON}"]
    request_id = asked(database, keepers, ERASURE)
    approved(database, keepers, request_id)
    assert do_jobs(database, keepers.provider_id, "custody_request")[-1] == "done"
    objects = tmp_path / "objects"
    assert [(objects / key).is_file() for key in (mine, named, other)] == [False, False, True]
    withdrawn = rows(
        database, "select reason from evidence_check where provider_id = :p and result = 'withdrawn'",
        p=keepers.provider_id,
    )  # fmt: skip
    assert len(withdrawn) == 2


def test_an_erasure_leaves_the_person_nowhere_and_everybody_else_as_they_were(
    database: Database, keepers: Keepers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(database, keepers, EXPORT)
    do_jobs(database, keepers.provider_id, "custody_request")
    before = everything(database, keepers)
    figures = before["observation"]
    request_id = asked(database, keepers, ERASURE)
    approved(database, keepers, request_id)
    assert do_jobs(database, keepers.provider_id, "custody_request") == ["done"]
    after = everything(database, keepers)
    with capsys.disabled():
        print(f"\nerasure: {PERSON} stood in {naming(before, PERSON)}, afterwards in {naming(after, PERSON)}")  # noqa: T201
    assert naming(after, PERSON) == []
    assert naming(after, NAME) == []
    assert naming(after, "P-0145") == ["chart_event", "record"]  # a longer reference is somebody else's
    assert naming(after, OTHER) == naming(before, OTHER)
    assert after["observation"] == figures
    assert list((tmp_path / "objects").rglob("*.zip")) == []
    found = verdict(database, keepers)
    assert found.holds
    assert found.erased >= 1


def test_what_figures_are_counted_from_stays_under_a_reference_that_leads_to_nobody(
    database: Database, keepers: Keepers
) -> None:
    with database.administration() as session:
        a_record(session, keepers.home, PERSON)
    approved(database, keepers, asked(database, keepers, ERASURE))
    do_jobs(database, keepers.provider_id, "custody_request")
    erased = rows(
        database,
        "select payload, source_reference, reason, record_id from record where provider_id = :p and erased_at is not null",
        p=keepers.provider_id,
    )
    assert len(erased) == 4  # two records of two revisions
    assert {row.payload["person"] for row in erased} == {erased[0].payload["person"]}
    assert re.fullmatch(r"ERA-\d{6}", erased[0].payload["person"])
    assert {(row.payload["harm_level"], row.payload["kind"], row.payload["shift_band"]) for row in erased} == {
        ("low", "fall", "day")
    }
    assert all("what_happened" not in row.payload and row.source_reference is None for row in erased)


def test_whoever_asks_for_an_erasure_does_not_approve_it(database: Database, keepers: Keepers) -> None:
    request_id = asked(database, keepers, ERASURE)
    with pytest.raises(NotPermittedError), database.transaction(keepers.administrator) as session:
        commands.approve(session, keepers.administrator, keepers.provider_id, request_id)
    assert do_jobs(database, keepers.provider_id, "custody_request") == []


def test_the_database_itself_erases_nothing_that_no_second_person_approved(
    database: Database, keepers: Keepers
) -> None:
    request_id = asked(database, keepers, ERASURE)
    job = database.command_reach(keepers.provider_id)
    for reach in (keepers.administrator, job):
        with (
            pytest.raises(Exception, match=r"not the work of this job|permission denied"),
            database.transaction(reach) as session,
        ):
            session.execute(text("select custody.erase_records('{}')"))
    with database.administration() as session:
        session.execute(
            text(
                "insert into job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)"
                " values (:p, gen_random_uuid(), 'custody_request', jsonb_build_object('request_id', cast(:r as text)),"
                " 'queued', 0, now(), 0, now())"
            ),
            {"p": keepers.provider_id, "r": str(request_id)},
        )
    before = everything(database, keepers)["record"]
    assert do_jobs(database, keepers.provider_id, "custody_request") == ["queued"]
    assert everything(database, keepers)["record"] == before


@pytest.mark.parametrize("covers", ["provider", "service", "person"])
def test_a_hold_stops_an_erasure_when_it_is_asked_for_and_when_it_is_carried_out(
    database: Database, keepers: Keepers, covers: str
) -> None:
    typed = HOLD | {
        "service_id": str(keepers.home.service_id) if covers == "service" else "",
        "person_reference": PERSON if covers == "person" else "",
    }
    request_id = asked(database, keepers, ERASURE)
    approved(database, keepers, request_id)
    with database.transaction(keepers.administrator) as session:
        hold_id = commands.place_hold(session, keepers.administrator, keepers.provider_id, typed)
    with pytest.raises(RefusedError):
        asked(database, keepers, ERASURE)
    before = everything(database, keepers)["record"]
    do_jobs(database, keepers.provider_id, "custody_request")
    with database.transaction(keepers.administrator) as session:
        stopped = queries.find_request(session, keepers.provider_id, request_id)
        assert (stopped.state, stopped.state_reason) == ("stopped", "A legal hold covers this.")
        commands.release_hold(session, keepers.administrator, keepers.provider_id, hold_id, {"reason": "It ended"})
    assert everything(database, keepers)["record"] == before
    approved(database, keepers, asked(database, keepers, ERASURE))
    do_jobs(database, keepers.provider_id, "custody_request")
    assert naming(everything(database, keepers), PERSON) == []


def test_a_hold_on_somebody_else_does_not_stop_it(database: Database, keepers: Keepers) -> None:
    with database.transaction(keepers.administrator) as session:
        commands.place_hold(session, keepers.administrator, keepers.provider_id, HOLD | {"person_reference": OTHER})
    approved(database, keepers, asked(database, keepers, ERASURE))
    assert do_jobs(database, keepers.provider_id, "custody_request") == ["done"]


def test_the_schedule_proposes_what_is_due_and_erases_it_after_approval_but_not_what_is_held(
    database: Database, keepers: Keepers
) -> None:
    long_ago = now() - timedelta(days=366 * 11)
    with database.administration() as session:
        for person in ("P-100", "P-101"):
            a_record(session, keepers.home, person, happened_at=long_ago)
    with database.transaction(keepers.administrator) as session:
        commands.place_hold(session, keepers.administrator, keepers.provider_id, HOLD | {"person_reference": "P-101"})
    for _ in range(2):  # a proposal that waits is not made twice
        add_day(database, keepers)
        assert do_jobs(database, keepers.provider_id, "custody_day") == ["done"]
    with database.transaction(keepers.administrator) as session:
        (proposed,) = [one for one in queries.requests(session, keepers.provider_id) if one.kind == "retention"]
    assert proposed.due == {"incident": 2}
    approved(database, keepers, proposed.request_id)
    assert do_jobs(database, keepers.provider_id, "custody_request") == ["done"]
    left = rows(
        database,
        "select distinct payload ->> 'person' as person, erased_at is not null as erased from record"
        " where provider_id = :p and happened_at < now() - interval '10 years' order by 1",
        p=keepers.provider_id,
    )
    assert [(row.person[:4], row.erased) for row in left] == [("ERA-", True), ("P-10", False)]
    assert naming(everything(database, keepers), PERSON)  # recent records stay


def test_a_record_that_was_taken_back_is_erased_with_every_revision_and_told_of_once(
    database: Database, keepers: Keepers
) -> None:
    with database.administration() as session:
        record_id = a_record(session, keepers.home, "P-100", happened_at=now() - timedelta(days=366 * 11))
        session.execute(
            text("update record set withdrawn_at = now() where record_id = :r and revision = 2"), {"r": record_id}
        )
    add_day(database, keepers)
    assert do_jobs(database, keepers.provider_id, "custody_day") == ["done"]
    with database.transaction(keepers.administrator) as session:
        (proposed,) = [one for one in queries.requests(session, keepers.provider_id) if one.kind == "retention"]
    assert proposed.due == {"incident": 1}
    approved(database, keepers, proposed.request_id)
    assert do_jobs(database, keepers.provider_id, "custody_request") == ["done"]
    with database.transaction(keepers.administrator) as session:
        assert queries.find_request(session, keepers.provider_id, proposed.request_id).counts["records"] == 1
    left = rows(
        database,
        "select payload ->> 'person' as person, erased_at from record where provider_id = :p and record_id = :r",
        p=keepers.provider_id,
        r=record_id,
    )
    assert len(left) == 2
    assert all(row.erased_at is not None and row.person.startswith("ERA-") for row in left)


def add_day(db: Database, keepers: Keepers) -> None:
    with db.administration() as session:
        session.execute(
            text(
                "insert into job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)"
                " values (:p, gen_random_uuid(), 'custody_day', '{}', 'queued', 0, now(), 0, now())"
            ),
            {"p": keepers.provider_id},
        )


def test_a_day_writes_the_head_of_the_ledger_outside_and_the_chain_passes_through_it(
    database: Database, keepers: Keepers, tmp_path: Path
) -> None:
    add_day(database, keepers)
    do_jobs(database, keepers.provider_id, "custody_day")
    heads = anchored_heads(tmp_path / "outside", keepers.provider_id)
    assert len(heads) == 1
    noted(database, keepers, "more")
    with database.transaction(database.command_reach(keepers.provider_id)) as session:
        assert verify(session, keepers.provider_id, heads).holds
    assert (tmp_path / "outside" / ANCHORS).is_dir()


def test_archives_go_after_thirty_days(database: Database, keepers: Keepers, tmp_path: Path) -> None:
    asked(database, keepers, EXPORT)
    do_jobs(database, keepers.provider_id, "custody_request")
    assert len(list((tmp_path / "objects").rglob("*.zip"))) == 1
    with database.administration() as session:
        session.execute(text("update custody_file set made_at = made_at - interval '31 days'"))
    add_day(database, keepers)
    do_jobs(database, keepers.provider_id, "custody_day")
    assert list((tmp_path / "objects").rglob("*.zip")) == []
    assert rows(database, "select 1 from custody_file where provider_id = :p", p=keepers.provider_id) == []


def test_the_register_outside_brings_a_restored_copy_to_the_same_state(
    database: Database, keepers: Keepers, tmp_path: Path
) -> None:
    def kept() -> list[tuple]:
        return rows(
            database,
            "select record_id, revision, payload from record where provider_id = :p order by 1, 2",
            p=keepers.provider_id,
        )

    restored = kept()
    story = rows(database, "select why from chart_event where provider_id = :p", p=keepers.provider_id)
    approved(database, keepers, asked(database, keepers, ERASURE))
    do_jobs(database, keepers.provider_id, "custody_request")
    erased = kept()
    lines = list(lines_of(tmp_path / "outside", REGISTER, keepers.provider_id))
    assert naming({"register": json.dumps(lines)}, PERSON) == []
    assert naming({"register": json.dumps(lines)}, NAME) == []
    with database.administration() as session:
        for row in restored:
            session.execute(
                text(
                    "update record set payload = cast(:payload as jsonb) where record_id = :id and revision = :revision"
                ),
                {"payload": json.dumps(row.payload), "id": row.record_id, "revision": row.revision},
            )
        session.execute(
            text("update chart_event set why = :why where provider_id = :p"),
            {"why": story[0].why, "p": keepers.provider_id},
        )
        assert replay(session, [line | {"provider_id": str(keepers.provider_id)} for line in lines]) > 0
    assert kept() == erased
    assert naming(everything(database, keepers), PERSON) == []


def test_words_that_are_gone_without_a_request_are_noticed(database: Database, keepers: Keepers) -> None:
    add_day(database, keepers)
    do_jobs(database, keepers.provider_id, "custody_day")
    with database.administration() as session:
        session.execute(
            text(
                "update ledger_entry set subject = null, detail = '{}', erased_at = now(), erased_under = gen_random_uuid()"
                " where provider_id = :p and subject like :words"
            ),
            {"p": keepers.provider_id, "words": f"%{OTHER}%"},
        )
    assert "no entry of the chain says who" in (verdict(database, keepers).broken or "")


def test_a_request_that_was_decided_is_not_decided_again(database: Database, keepers: Keepers) -> None:
    request_id = asked(database, keepers, ERASURE)
    with database.transaction(keepers.nominated) as session:
        commands.refuse(session, keepers.nominated, keepers.provider_id, request_id, {"reason": "Not who they say"})
    with pytest.raises(ConflictError):
        approved(database, keepers, request_id)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"person_reference": "somebody"}, "person_reference"),
        ({"person_reference": ""}, "person_reference"),
        ({"person_reference": "P-1|.*"}, "person_reference"),
        ({"also_named": "Ed"}, "also_named"),
        ({"reason": " "}, "reason"),
        ({"service_id": "7d4d1f1e-0000-4000-8000-000000000000"}, "service_id"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(
    database: Database, keepers: Keepers, typed: dict[str, str], field: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        asked(database, keepers, ERASURE, **typed)
    assert field in refused.value.problems


def test_a_name_is_looked_for_as_it_stands_whatever_signs_are_in_it(database: Database, keepers: Keepers) -> None:
    hostile = "a.*) | (.{4}"
    approved(database, keepers, asked(database, keepers, ERASURE, also_named=hostile, person_reference="P-999"))
    before = everything(database, keepers)["chart_event"]
    do_jobs(database, keepers.provider_id, "custody_request")
    assert everything(database, keepers)["chart_event"] == before


def test_the_schedule_counts_the_provider_s_own_years_and_says_which_are_theirs() -> None:
    lines = {one.key: one for one in schedule_of(record_types(), {"incident": 20})}
    assert (lines["incident"].years, lines["incident"].own) == (20, True)
    assert (lines["complaint"].years, lines["complaint"].own) == (10, False)
    assert all(one.purpose and one.basis for one in lines.values())


def test_a_leap_day_is_kept_from_the_first_of_march() -> None:
    assert kept_from(datetime(2028, 2, 29, tzinfo=UTC).date(), 1).isoformat() == "2027-03-01"
    assert kept_from(datetime(2026, 11, 23, tzinfo=UTC).date(), 8).isoformat() == "2018-11-23"


def test_every_type_that_identifies_people_says_which_fields_do() -> None:
    fields = identifying_fields(record_types(), staff=True)
    named = {key: one["people"] + one["words"] for key, one in fields.items()}
    declared = {key: [f.name for f in one.fields if f.personal_data != "none"] for key, one in record_types().items()}
    assert {key: sorted(value) for key, value in named.items()} == {
        key: sorted(value) for key, value in declared.items() if value
    }
