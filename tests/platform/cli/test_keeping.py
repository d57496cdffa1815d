"""The commands that need a database, as a person types them: onboarding, import, export, rebuilding, verifying."""

import csv
import hashlib
import io
import json
import zlib
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text
from support.facts import AT, a_provider, a_service, an_indicator, figures
from support.parts import environment_of

from mendline.cli import main
from mendline.cli.embedded import embedded_files
from mendline.cli.export import provider_tables
from mendline.config import Settings
from mendline.evidence.files.keeping import keeper_of
from mendline.evidence.files.model import EvidenceFile
from mendline.evidence.model import Evidence
from mendline.indicators.model import Observation
from tenants.chain import seal
from tenants.clock import now
from tenants.errors import NoReachError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.signin.sessions import ticket_of

HEADER = "service,indicator,period,numerator,denominator\n"


@pytest.fixture
def run(database, database_url, role_passwords, state_folder):
    """Runs one command in this process, over this module's database."""
    settings = environment_of(database_url, "redis://localhost:1/0", role_passwords, state_folder)
    names = ("DATABASE_URL", "REDIS_URL", "MENDLINE_STATE", "MENDLINE_ROLE_PASSWORDS", "MENDLINE_SECRET_KEY")
    chosen = {name: settings[name] for name in names}
    assert database is not None

    def command(*arguments):
        return CliRunner().invoke(main, [str(one) for one in arguments], env=chosen)

    return command


@pytest.fixture
def group(database):
    """A provider with one service that runs one indicator."""
    with database.administration() as session:
        provider_id = a_provider(session, "Harbour Care")
        service_id = a_service(session, provider_id, "Rowan House")
        home = an_indicator(session, provider_id, service_id)
    yield home
    with database.administration() as session:  # so that the name stands for one provider again
        session.execute(
            text("update provider set name = name || ' before' where provider_id = :id"), {"id": provider_id}
        )


def a_file(tmp_path, *rows, name="week.csv"):
    path = tmp_path / name
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def counted(database, home):
    with database.administration() as session:
        return session.scalar(select(func.count()).where(Observation.provider_id == home.provider_id))


def test_a_provider_a_service_a_person_and_a_token_are_made_without_a_browser(run, database):
    made = run("provider", "create", "Northern Group", "--cqc-provider-id", "1-101")
    assert made.exit_code == 0, made.output
    provider_id = made.stdout.strip()
    assert run("provider", "add-service", provider_id, "Fern Lodge", "--beds", "30").exit_code == 0
    invited = run(
        "person", "invite", "Denise@example.org", "--name", "Denise Hartley", "--role", "registered_manager",
        "--provider", "northern group", "--service", "fern lodge",
    )  # fmt: skip
    assert invited.exit_code == 0, invited.output
    assert "otpauth://totp/Mendline:denise%40example.org?secret=" in invited.stdout
    assert len(invited.stdout.splitlines()[0].split()[1]) >= 20
    token = run("token", "create", "denise@example.org", "--label", "nightly")
    assert token.exit_code == 0, token.output
    secret = token.stdout.strip()
    reach = database.reach_of(ticket_of(b"a secret of this test only, long enough", secret, "token"))
    assert [held.role for held in reach.held] == ["registered_manager"]
    assert [str(one) for one in reach.provider_ids] == [provider_id]
    again = run(
        "person", "invite", "denise@example.org", "--name", "Denise Hartley", "--role", "provider_lead",
        "--provider", provider_id,
    )  # fmt: skip
    assert again.exit_code == 0
    assert again.stdout == ""
    assert len(database.reach_of(reach.ticket).held) == 2


def test_somebody_of_another_provider_is_offered_the_role_and_reaches_nothing_until_they_accept(run, database):
    for name in ("Eastern Group", "Western Group"):
        assert run("provider", "create", name).exit_code == 0
    asked = ("person", "invite", "olu@example.org", "--name", "Olu Second", "--role", "provider_lead", "--provider")
    assert "password" in run(*asked, "eastern group").stdout
    offered = run(*asked, "western group")
    assert (offered.exit_code, offered.stdout) == (0, "")
    assert "opens nothing until they accept" in offered.stderr
    with database.administration() as session:
        told = session.execute(
            text("select m.template, m.facts ->> 'provider' as provider from signin.mail m join signin.person p"
                 " on p.person_id = m.person_id where p.email = 'olu@example.org'")
        ).all()  # fmt: skip
        held = session.execute(
            text("select v.name from membership m join provider v using (provider_id) join signin.person p"
                 " using (person_id) where p.email = 'olu@example.org'")
        ).scalars().all()  # fmt: skip
    assert [tuple(row) for row in told] == [("role_offered", "Western Group")]
    assert held == ["Eastern Group"]


def test_a_token_that_would_have_ended_and_one_for_nobody_are_refused(run, database):
    past = run("token", "create", "denise@example.org", "--expires", "2020-01-01")
    assert past.exit_code == 1
    assert "over" in past.stderr
    nobody = run("token", "create", "nobody@example.org")
    assert nobody.exit_code == 1
    assert "mendline person invite" in nobody.stderr
    assert nobody.stdout == ""
    with pytest.raises(NoReachError):
        database.reach_of(ticket_of(b"a secret of this test only, long enough", "mnd_invented", "token"))


def test_an_import_says_what_it_saved_and_a_dry_run_saves_nothing(run, database, group, tmp_path):
    path = a_file(tmp_path, "Rowan House,mar_compliance_pct,09/11/2026,96,100")
    dry = run("import", "harbour care", path, "--mapping", "observations", "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "1 would be saved" in dry.stdout
    assert counted(database, group) == 0
    done = run("import", group.provider_id, path, "--mapping", "observations")
    assert (done.exit_code, counted(database, group)) == (0, 1)
    assert "1 rows read (utf-8, comma), 1 saved, 0 unchanged" in done.stdout
    again = run("import", "Harbour Care", path, "--mapping", "observations")
    assert again.exit_code == 0
    assert "was imported before" in again.stdout
    assert counted(database, group) == 1


def test_a_refused_import_tells_each_problem_on_standard_error_and_ends_with_1(run, database, group, tmp_path):
    path = a_file(
        tmp_path,
        "Rowan House,mar_compliance_pct,09/11/2026,96,100",
        "Elm House,mar_compliance_pct,09/11/2026,96,100",
        "Rowan House,mar_compliance_pct,02/11/2026,101,100",
    )
    refused = run("import", "Harbour Care", path, "--mapping", "observations")
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert "Line 3, column “service”: “Elm House”" in refused.stderr
    assert "Line 4, column “numerator”: “101” is more than its denominator of 100." in refused.stderr
    assert "Nothing was saved: the file has 2 problems." in refused.stderr
    assert counted(database, group) == 0


def test_an_import_leaves_out_rows_that_contradict_each_other_where_it_is_told_to(run, database, group, tmp_path):
    path = a_file(
        tmp_path,
        "Rowan House,mar_compliance_pct,14/09/2026,96,100",
        "Rowan House,mar_compliance_pct,15/09/2026,90,100",
        "Rowan House,mar_compliance_pct,07/09/2026,97,100",
    )
    before = counted(database, group)
    stopped = run("import", "Harbour Care", path, "--mapping", "observations")
    assert (stopped.exit_code, counted(database, group)) == (1, before)
    assert "--contradictions leave-out takes neither" in stopped.stderr
    done = run("import", "Harbour Care", path, "--mapping", "observations", "--contradictions", "leave-out")
    assert (done.exit_code, counted(database, group)) == (0, before + 1)
    assert "says something else than line 2" in done.stderr
    assert "Both rows were left out." in done.stderr
    assert "3 rows read (utf-8, comma), 1 saved" in done.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 and more", "damaged"),
        (b"service,indicator,period\n\xc3\xa9t\xe9,x,y\n", "not UTF-8"),
        (b'service,indicator,period,numerator\n"open,x,y,z\n', "quotation mark"),
        (b"service,indicator,period,numerator\na\0b,x,y,z\n", "NUL"),
        (b"colour,taste\nred,sweet\n", "service"),
        (b"service,service,indicator,period\na,b,c,d\n", "more than once"),
    ],
)
def test_a_file_that_is_no_table_is_told_in_one_line(run, group, tmp_path, content, words):
    assert group
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    refused = run("import", "Harbour Care", path, "--mapping", "observations")
    assert refused.exit_code == 1
    assert words in refused.stderr
    assert "Nothing was saved" in refused.stderr
    assert "Traceback" not in refused.output


def test_semicolons_a_byte_order_mark_and_utf16_are_read(run, database, group, tmp_path):
    text_of = "service;indicator;period;numerator;denominator\nRowan House;mar_compliance_pct;{};96;100\n"
    for day, encoding in (("05/10/2026", "utf-8-sig"), ("12/10/2026", "utf-16"), ("19/10/2026", "cp1252")):
        path = tmp_path / f"{encoding}.csv"
        path.write_text(text_of.format(day), encoding=encoding)
        done = run("import", "Harbour Care", path, "--mapping", "observations")
        assert done.exit_code == 0, done.output
        assert "semicolon" in done.stdout
    assert counted(database, group) == 3


def test_wrong_usage_of_import_ends_with_2(run, group, tmp_path):
    assert group
    path = a_file(tmp_path, "Rowan House,mar_compliance_pct,09/11/2026,96,100")
    assert run("import", "Harbour Care", path).exit_code == 2
    assert run("import", "Harbour Care", tmp_path / "none.csv", "--mapping", "observations").exit_code == 2
    unknown = run("import", "Harbour Care", path, "--mapping", "nonsense")
    assert unknown.exit_code == 2
    assert "--mappings" in unknown.stderr
    listed = run("import", "--mappings")
    assert "observations" in listed.stdout
    assert "medicines-discrepancy" in listed.stdout


def test_an_unknown_provider_is_told_with_those_there_are(run, group, tmp_path):
    assert group
    path = a_file(tmp_path, "Rowan House,mar_compliance_pct,09/11/2026,96,100")
    refused = run("import", "Harbor", path, "--mapping", "observations")
    assert refused.exit_code == 1
    assert "There is no provider “Harbor”" in refused.stderr


def test_an_export_is_whole_checks_out_and_holds_nothing_of_another_provider(run, database, group, tmp_path):
    with database.administration() as session:
        other = a_provider(session, "CANARYGROUP")
        a_service(session, other, "CANARY Lodge")
        a_service(session, group.provider_id, "=cmd|' /C calc'!A0")
        figures(session, group, [(96.0, 100.0), None, (97.0, 100.0)])
    folder = tmp_path / "out"
    done = run("export", "Harbour Care", folder)
    assert done.exit_code == 0, done.output
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert {f"{table.name}.csv" for table in provider_tables()} <= manifest["files"].keys()
    for name, about in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (about["sha256"], about["bytes"])
        assert b"CANARY" not in content
    with database.administration() as session:
        for table in provider_tables():
            there = session.scalar(select(func.count()).where(table.c.provider_id == group.provider_id))
            assert manifest["files"][f"{table.name}.csv"]["rows"] == there, table.name
    with (folder / "service.csv").open(encoding="utf-8", newline="") as sheet:
        names = [row["name"] for row in csv.DictReader(sheet)]
    assert "'=cmd|' /C calc'!A0" in names
    exact = [json.loads(line)["name"] for line in (folder / "service.jsonl").read_text(encoding="utf-8").splitlines()]
    assert "=cmd|' /C calc'!A0" in exact
    again = run("export", "Harbour Care", folder)
    assert again.exit_code == 1
    assert "not empty" in again.stderr


def test_an_export_holds_the_evidence_files_and_says_which_are_not_kept(run, database, group, tmp_path, state_folder):
    keeper = keeper_of(Settings.from_environment({"MENDLINE_STATE": str(state_folder)}))
    kept = keeper.keep(database.command_reach(group.provider_id), group.provider_id, "a.txt", io.BytesIO(b"an audit"))
    here = {"provider_id": group.provider_id, "service_id": group.service_id}
    ids = [new_id(), new_id()]
    with database.administration() as session:
        for number, file_id in enumerate(ids):
            session.add(
                Evidence(
                    **here, evidence_id=file_id, reference=f"A-{number}", letter="A", title="Audit", dated_on=AT.date(),
                    system="Mendline", where_to_look="File", recorded_at=AT,
                )
            )  # fmt: skip
            session.flush()
            key = kept.object_key if number == 0 else f"{group.provider_id}/evidence/gone"
            session.add(
                EvidenceFile(
                    **here, file_id=file_id, evidence_id=file_id, name="a.txt", sha256="", bytes=8, object_key=key,
                    supports=[], recorded_at=AT,
                )
            )  # fmt: skip
    done = run("export", group.provider_id, tmp_path / "out")
    assert done.exit_code == 0, done.output
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert (tmp_path / "out" / "files" / f"{ids[0]}.txt").read_bytes() == b"an audit"
    assert f"files/{ids[0]}.txt" in manifest["files"]
    assert manifest["not_kept"] == [f"files/{ids[1]}.txt"]


def test_rebuilding_and_then_verifying_finds_no_difference_and_a_changed_row_is_told(run, database, group):
    with database.administration() as session:
        figures(session, group, [(96.0, 100.0)] * 20)
    assert run("rebuild", "--provider", "Harbour Care").exit_code == 0
    assert run("rebuild", "--provider", group.provider_id, "--verify").exit_code == 0
    with database.administration() as session:
        session.execute(
            text("update indicator_status set value = 1 where provider_id = :id"), {"id": group.provider_id}
        )
    found = run("rebuild", "--provider", group.provider_id, "--verify")
    assert found.exit_code == 1
    assert f"status of indicator {group.indicator_id}: value differ" in found.stdout


def test_a_ledger_holds_until_an_entry_is_changed(run, database, group):
    reach = database.command_reach(group.provider_id)
    with database.transaction(reach) as session:
        note(session, reach, "something done", provider_id=group.provider_id)
    with database.transaction(reach) as session:
        assert seal(session, group.provider_id) == 1
    assert "holds, 1 links" in run("ledger", "verify", "--provider", "Harbour Care").stdout
    with database.administration() as session:
        session.execute(
            text("update ledger_entry set act = 'nothing done' where provider_id = :id"), {"id": group.provider_id}
        )
    broken = run("ledger", "verify", "--provider", "Harbour Care")
    assert broken.exit_code == 1
    assert "DOES NOT HOLD" in broken.stdout


def test_the_platforms_own_count_of_refusals_is_verified_with_the_ledgers(run, database):
    with database.administration() as session:
        session.execute(
            text(
                "insert into reach.refusal (counted_in, kind, network) values"
                " (date_trunc('minute', now()) - interval '3 minutes', 'token of the API', 'ab')"
            )
        )
    with database.as_role("relay") as connection:
        connection.execute(text("select reach.seal_refusals()"))
    assert "own count of refusals: holds, 1 links" in run("ledger", "verify").stdout
    with database.administration() as session:
        session.execute(text("update reach.refusal set times = 9"))
    broken = run("ledger", "verify")
    assert (broken.exit_code, "refusals: DOES NOT HOLD. Link 1" in broken.stdout) == (1, True)


def test_the_installations_key_is_renewed_and_its_former_one_dropped_from_the_command_line(run, tmp_path):
    given = run("key", "renew")
    assert (given.exit_code, "MENDLINE_SECRET_KEY_BESIDE" in given.output) == (1, True)
    alone = CliRunner(env={"MENDLINE_STATE": str(tmp_path), "MENDLINE_SECRET_KEY": ""})
    kept = Settings.from_environment({"MENDLINE_STATE": str(tmp_path)}).secret_key
    assert "believed until" in alone.invoke(main, ["key", "renew", "--keep-hours", "24"]).output
    ring = Settings.from_environment({"MENDLINE_STATE": str(tmp_path)}).key_ring
    assert ring.key(now()) != kept.encode()
    assert ring.key(now()).former == (kept.encode(),)
    assert ring.key(now() + timedelta(hours=25)).former == ()
    assert (tmp_path / "secrets" / "secret_key").stat().st_mode & 0o077 == 0
    shown = alone.invoke(main, ["key", "show"]).output
    assert ("believed until" in shown, kept in shown) == (True, False)
    assert "1 former key dropped" in alone.invoke(main, ["key", "drop"]).output
    assert ring.key(now()).former == ()
    assert "No former key" in alone.invoke(main, ["key", "show"]).output


def test_a_pdf_that_is_no_pack_is_not_verified(run, tmp_path):
    path = tmp_path / "other.pdf"
    path.write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF")
    found = run("verify", path)
    assert found.exit_code == 1
    assert "carries no manifest" in found.stdout


def test_files_inside_a_pdf_are_found_by_name_whether_packed_or_plain():
    packed = zlib.compress(b"packed content")
    pdf = (
        b"%PDF-1.7\n1 0 obj\n<</Type /EmbeddedFile /Filter /FlateDecode /Length "
        + str(len(packed)).encode()
        + b">>\nstream\n" + packed + b"\nendstream\nendobj\n"
        b"2 0 obj\n<</Type /EmbeddedFile /Length 5>>\nstream\nplain\nendstream\nendobj\n"
        b"3 0 obj\n<</Type /Filespec /F (a.csv) /UF (a.csv) /EF <</F 1 0 R>>>>\nendobj\n"
        b"4 0 obj\n<</Type /Filespec /F (b\\(1\\).json) /EF <</F 2 0 R>>>>\nendobj\n"
    )  # fmt: skip
    assert embedded_files(pdf) == {"a.csv": b"packed content", "b(1).json": b"plain"}
    assert embedded_files(b"not a pdf") == {}


def test_the_benchmarks_are_listed_and_an_unknown_one_is_refused(run):
    assert "imports" in run("bench").stdout.split()
    assert run("bench", "nonsense").exit_code == 2


def test_a_service_that_two_providers_have_is_named_by_its_provider(run, database, group, tmp_path):
    assert group
    with database.administration() as session:
        a_service(session, a_provider(session, "Second Care"), "Rowan House", opened_on=date(2026, 1, 1))
    refused = run("pack", "Rowan House", "--output", tmp_path / "pack.pdf")
    assert refused.exit_code == 1
    assert "services are called “Rowan House”" in refused.stderr
