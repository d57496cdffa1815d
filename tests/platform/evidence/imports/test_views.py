"""Files through the pages: sent, matched, looked over, imported, taken back; and what each reader may see of it."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text
from support.custody import do_jobs
from support.import_files import real
from support.sending import FILES_KEY, House, a_house, csv_of, send

from mendline.catalogue.csv_template import example_row
from mendline.catalogue.record_types import record_type, record_types
from mendline.evidence.imports import judging
from mendline.evidence.imports.writing import safe_cell
from tenants.database import Database
from workers.claiming import MOST_TRIES

WEEK = "Home 0,mar_compliance_pct,09/11/2026,96,100,,,"


@pytest.fixture
def house(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    made = a_house(database, tmp_path)
    monkeypatch.setenv("MENDLINE_STATE", str(tmp_path))
    monkeypatch.setenv("MENDLINE_FILES_KEY", FILES_KEY)
    return made


def figures(house: House, where: str = "true"):
    with house.db.administration() as session:
        return session.execute(
            text(
                f"select revision, numerator, denominator, state, source, reason, recorded_initials from observation"
                f" where provider_id = :p and {where} order by period_start, revision"
            ),
            {"p": house.home.provider_id},
        ).all()


def records(house: House):
    with house.db.administration() as session:
        return session.execute(
            text(
                "select record_id, revision, payload, source_system, source_reference, withdrawn_at, reason, batch_id"
                " from record where provider_id = :p order by recorded_at, revision"
            ),
            {"p": house.home.provider_id},
        ).all()


def by_hand(house: House, visitor, **fields):
    visitor.get(f"/services/{house.home.service_id}/imports")
    answer = visitor.post(
        f"/services/{house.home.service_id}/indicators/{house.home.indicator_id}/figures",
        {"period_start": "2026-11-09", "denominator": "100", "reason": "Counted again by hand", **fields},
    )
    assert answer.status == 303, answer.text[:3000]


def imported(house: House, visitor, name, content, mapping="observations", **fields):
    """Sends, checks and imports a file; its page."""
    sent = send(visitor, house.home, name, content, mapping)
    assert sent.status == 303, sent.text[:3000]
    house.work()
    visitor.get(sent.location)
    answer = visitor.post(f"{sent.location}/save", {"on_conflict": "stop", **fields})
    assert answer.status == 303, answer.text[:3000]
    house.work()
    return sent.location


def a_record(reference="S-1", **changes):
    kind = record_type("rota_shift")
    row = example_row(kind) | changes
    return f"source_reference,{','.join(row)}\r\n{reference},{','.join(row.values())}\r\n"


def test_a_file_is_sent_checked_shown_imported_and_taken_back_as_one_step(house: House) -> None:
    visitor = house.visit()
    sent = send(
        visitor,
        house.home,
        "November.csv",
        csv_of(WEEK, "Home 0,mar_compliance_pct,02/11/2026,90,100,,,"),
        "observations",
    )
    assert sent.status == 303
    waiting = visitor.get(sent.location)
    assert waiting.says("Being checked")
    assert "data-refresh" in waiting.text
    assert '<noscript><meta http-equiv="refresh"' in waiting.text
    assert house.work() == ["done"]
    preview = visitor.get(sent.location)
    assert preview.says("Ready to import")
    assert preview.says("96 of 100")
    assert preview.says("2 rows would be saved.")
    assert figures(house) == []
    assert visitor.post(f"{sent.location}/save", {}).status == 303
    assert house.work() == ["done"]
    assert visitor.get(sent.location).says("2 facts came in with this file.")
    kept = figures(house)
    assert [(row.numerator, row.source) for row in kept] == [(90, "imported"), (96, "imported")]
    assert {row.recorded_initials for row in kept} == {visitor.reach.initials}
    assert house.objects() == []
    assert visitor.get(f"/services/{house.home.service_id}/imports").says("2 saved")
    assert visitor.get(f"{sent.location}/undo").says("Nothing is deleted")
    visitor.post(f"{sent.location}/undo", {"reason": "The wrong month was exported"})
    assert house.work() == ["done"]
    assert visitor.get(sent.location).says("2 facts of this file were taken back.")
    after = figures(house)
    assert len(after) == 4
    assert [(row.state, row.reason) for row in after if row.revision == 2] == [
        ("missing", "Import taken back: The wrong month was exported")
    ] * 2


def test_after_an_import_was_taken_back_the_same_file_comes_in_again(house: House) -> None:
    visitor = house.visit()
    address = imported(house, visitor, "a.csv", csv_of(WEEK))
    visitor.get(f"{address}/undo")
    visitor.post(f"{address}/undo", {"reason": "Sent too early by mistake"})
    house.work()
    again = imported(house, visitor, "a.csv", csv_of(WEEK))
    assert visitor.get(again).says("1 fact came in with this file.")
    assert [(row.revision, row.numerator) for row in figures(house)] == [(1, 96), (2, None), (3, 96)]


def test_taking_back_a_correction_says_again_what_stood_before_and_tells_what_was_built_since(house: House) -> None:
    visitor = house.visit()
    by_hand(house, visitor, numerator="88")
    address = imported(
        house, visitor, "b.csv", csv_of(WEEK, "Home 0,mar_compliance_pct,02/11/2026,90,100,,,"), on_conflict="update"
    )
    by_hand(house, visitor, numerator="70", period_start="2026-11-02")
    assert visitor.get(f"{address}/undo").says("1 of its facts were corrected since and stay as they are now.")
    visitor.post(f"{address}/undo", {"reason": "The export was of another home"})
    house.work()
    assert visitor.get(address).says("1 of its facts were corrected since and stay as they are now.")
    newest = {row.period_start: row for row in _newest(house)}
    assert [newest[key].numerator for key in sorted(newest)] == [70, 88]


def _newest(house: House):
    with house.db.administration() as session:
        return session.execute(
            text(
                "select distinct on (period_start) period_start, numerator from observation where provider_id = :p"
                " order by period_start, revision desc"
            ),
            {"p": house.home.provider_id},
        ).all()


def test_a_correction_by_hand_stands_when_another_export_says_again_what_it_said(house: House) -> None:
    visitor = house.visit()
    imported(house, visitor, "week-45.csv", csv_of(WEEK))
    by_hand(house, visitor, numerator="90")
    later = "Home 0,mar_compliance_pct,02/11/2026,80,100,,,"
    address = imported(house, visitor, "week-46.csv", csv_of(WEEK, later))
    assert visitor.get(address).says("1 fact came in with this file.")
    assert [row.numerator for row in _newest(house)] == [80, 90]
    assert visitor.get(f"/services/{house.home.service_id}/imports").says("1 corrected by hand")


def test_a_record_corrected_by_hand_stands_when_another_export_brings_it_under_its_reference_again(
    house: House,
) -> None:
    visitor = house.visit()
    imported(house, visitor, "a.csv", a_record(), "rota-shift")
    one = records(house)[0]
    address = f"/services/{house.home.service_id}/records/rota_shift/{one.record_id}"
    form = visitor.get(f"{address}/correction")
    typed = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form.text)) | {
        "seen_revision": "1", "correction_reason": "Went home early that day", "worked_hours": "6",
    }  # fmt: skip
    typed = {**example_row(record_type("rota_shift")), **typed, "shift_on": "2026-11-16", "worked_hours": "6",
             "started_at": "2026-11-16T06:41", "ended_at": "2026-11-16T06:41", "staff_type": "employed", "role": "carer",
             "shift_band": "day", "direct_care": "yes", "weekend": "yes", "gave_medicines": "yes", "one_to_one": "yes",
             "sleep_in": "yes"}  # fmt: skip
    assert visitor.post(address, typed).status == 303
    more = a_record("S-2", staff="PN").split("\r\n")[1]
    imported(house, visitor, "b.csv", a_record() + more + "\r\n", "rota-shift")
    kept = records(house)
    assert [(row.source_reference, row.revision, row.payload["worked_hours"]) for row in kept if row.record_id == one.record_id] == [
        ("S-1", 1, 12), (None, 2, 6),
    ]  # fmt: skip
    assert len(kept) == 3


@pytest.mark.parametrize(
    ("choice", "newest", "saved"), [("skip", 88, "0 facts"), ("update", 96, "1 fact")], ids=["skipped", "updated"]
)
def test_a_conflict_with_what_a_person_recorded_is_shown_and_stops_until_somebody_chooses(
    house: House, choice, newest, saved
) -> None:
    visitor = house.visit()
    by_hand(house, visitor, numerator="88")
    sent = send(visitor, house.home, "c.csv", csv_of(WEEK), "observations")
    house.work()
    page = visitor.get(sent.location)
    assert page.says("What happens with the 1 conflicting rows?")
    assert page.says("88 of 100")
    refused = visitor.post(f"{sent.location}/save", {"on_conflict": "stop"})
    assert refused.status == 422
    assert refused.says("Choose what happens with the rows that differ")
    assert visitor.post(f"{sent.location}/save", {"on_conflict": choice}).status == 303
    house.work()
    assert visitor.get(sent.location).says(f"{saved} came in with this file.")
    assert [row.numerator for row in _newest(house)] == [newest]


def test_a_row_that_looks_like_a_record_kept_already_is_proposed_and_a_person_decides(house: House) -> None:
    visitor = house.visit()
    imported(house, visitor, "a.csv", a_record("S-1"), "rota-shift")
    twin = "source_reference,source_system,{}\r\nX-9,Agency portal,{}\r\n".format(
        ",".join(example_row(record_type("rota_shift"))),
        ",".join((example_row(record_type("rota_shift")) | {"worked_hours": "11"}).values()),
    )
    sent = send(visitor, house.home, "twin.csv", twin, "rota-shift")
    house.work()
    page = visitor.get(sent.location)
    assert page.says("Looks like one kept")
    assert page.says("1 row looks like a record that is kept already.")
    refused = visitor.post(f"{sent.location}/save", {})
    assert refused.status == 422
    assert refused.says("Say of each row whether it is the record that is kept already.")
    rows = visitor.get(f"{sent.location}/rows")
    assert rows.says("file 11 hours, kept 12 hours")
    row, record = re.search(r'name="(d_[^"]+)" value="([^"]+)"', rows.text).groups()
    decided = visitor.post(f"{sent.location}/rows", {"act": "each", row: record})
    assert (decided.status, decided.location) == (303, sent.location)
    assert visitor.post(f"{sent.location}/save", {}).status == 303
    house.work()
    kept = records(house)
    assert [(one.revision, one.payload["worked_hours"], one.source_system) for one in kept] == [
        (1, 12, None),
        (2, 11, "Agency portal"),
    ]
    assert len({one.record_id for one in kept}) == 1
    # From then on it is known by that reference too.
    again = imported(house, visitor, "twin-2.csv", twin + "\r\n", "rota-shift")
    assert visitor.get(again).says("0 facts came in with this file.")


def test_taking_back_records_withdraws_them_from_lists_and_figures_and_keeps_them(house: House) -> None:
    visitor = house.visit()
    address = imported(house, visitor, "a.csv", a_record(), "rota-shift")
    listing = f"/services/{house.home.service_id}/records/rota_shift"
    assert "Recorded by" in visitor.get(listing).text
    visitor.get(f"{address}/undo")
    visitor.post(f"{address}/undo", {"reason": "It was a file of last year"})
    house.work()
    assert visitor.get(listing).says("No rota shifts yet") or "<tbody" not in visitor.get(listing).text
    kept = records(house)
    assert [(one.revision, one.withdrawn_at is not None) for one in kept] == [(1, False), (2, True)]
    assert kept[1].reason == "Import taken back: It was a file of last year"


def test_columns_are_matched_on_a_page_saved_and_used_for_the_next_file(house: House) -> None:
    visitor = house.visit()
    row = example_row(record_type("rota_shift"))
    heads = {"shift_on": "Shift date", "staff": "Carer initials", "worked_hours": "Hours worked"}
    header = ",".join(["Unique ID", *(heads.get(name, name.replace("_", " ").title()) for name in row)])
    content = f"{header}\r\n77,{','.join((row | {'shift_band': 'LD'}).values())}\r\n"
    sent = send(visitor, house.home, "rota_export.csv", content)
    assert house.work() == ["done"]
    assert visitor.get(sent.location).says("Match its columns")
    page = visitor.get(f"{sent.location}/mapping?target=rota_shift")
    chosen = dict(
        re.findall(
            r'<select class="select" id="f-(c_\w+)"(?:(?!</select>).)*?<option value="([^"]+)" selected>', page.text
        )
    )
    assert chosen["c_shift_on"] == "Shift date"
    assert chosen["c_at_source"] == "Unique ID"
    mapping_id = re.search(r'name="mapping_id" value="([^"]+)"', page.text)[1]
    fields = {f"c_{name}": heads.get(name, name.replace("_", " ").title()) for name in row}
    fields |= {
        "c_at_source": "Unique ID", "target": "rota_shift", "mapping_id": mapping_id, "name": "Rota export",
        "system": "RotaMaster", "l_shift_band": "LD = day",
    }  # fmt: skip
    refused = visitor.post(f"{sent.location}/mapping", fields | {"c_shift_on": "", "name": "x"})
    assert refused.status == 422
    assert refused.says("Choose the column that holds")
    assert visitor.post(f"{sent.location}/mapping", fields).status == 303
    house.work()
    assert visitor.get(sent.location).says("1 row would be saved.")
    visitor.post(f"{sent.location}/save", {})
    house.work()
    (kept,) = records(house)
    assert (kept.source_system, kept.source_reference, kept.payload["shift_band"]) == ("RotaMaster", "77", "day")
    index = visitor.get(f"/services/{house.home.service_id}/imports")
    assert index.says("Rota export")
    next_one = send(visitor, house.home, "rota_2.csv", content.replace("77,", "78,").replace("AO", "PN"), mapping_id)
    house.work()
    assert visitor.get(next_one.location).says("1 row would be saved.")
    with house.db.administration() as session:
        assert session.execute(
            text("select count(*), max(version) from import_mapping where mapping_id = :m"), {"m": mapping_id}
        ).one() == (1, 1)


def test_problems_stand_with_line_and_column_page_by_page_and_as_a_spreadsheet_without_formulas(house: House) -> None:
    visitor = house.visit()
    bad = [f"Home 0,mar_compliance_pct,09/11/2026,=1+{number},100,,," for number in range(120)]
    sent = send(visitor, house.home, "bad.csv", csv_of(WEEK, *bad), "observations")
    house.work()
    page = visitor.get(sent.location)
    assert page.says("120 problems to mend")
    assert "<b>120</b><span>refused" in page.text
    assert "<b>1</b><span>new" in page.text
    listed = visitor.get(f"{sent.location}/problems?after=50")
    assert listed.says("51 to 100 of 120")
    assert listed.says("numerator")
    answer = visitor.client.get(f"{sent.location}/problems.csv")
    lines = answer.get_data(as_text=True).splitlines()
    assert len(lines) == 121
    assert all("'=1+" in line for line in lines[1:])
    assert visitor.post(f"{sent.location}/save", {}).status == 409
    assert visitor.post(f"{sent.location}/discard", {}).status == 303
    assert house.objects() == []


@pytest.mark.parametrize("key", sorted(record_types()))
def test_the_template_of_each_kind_of_record_comes_back_through_the_pages(house: House, key) -> None:
    visitor = house.visit()
    template = visitor.client.get(f"/imports/templates/{key}.csv")
    assert template.headers["Content-Type"].startswith("text/csv")
    content = template.get_data().decode("utf-8-sig").replace("Name of the service", "Home 0")
    imported(house, visitor, f"{key}.csv", content, key.replace("_", "-"))
    (kept,) = records(house)
    assert kept.source_reference == "1"


def test_the_template_of_figures_comes_back_through_the_pages(house: House) -> None:
    visitor = house.visit()
    header = visitor.client.get("/imports/templates/observations.csv").get_data().decode("utf-8-sig")
    imported(house, visitor, "figures.csv", header + WEEK + "\r\n")
    assert len(figures(house)) == 1


def test_a_manager_imports_for_their_own_service_and_names_no_other(house: House) -> None:
    visitor = house.visit()
    sent = send(visitor, house.home, "a.csv", csv_of(WEEK.replace("Home 0", "Home 1")), "observations")
    house.work()
    assert visitor.get(sent.location).says("is not a service that you can enter figures for")
    assert visitor.get(f"/providers/{house.home.provider_id}/imports").status == 404
    assert visitor.get(f"/services/{house.sister.service_id}/imports").status == 404


def test_a_quality_lead_imports_for_every_service_and_sees_no_kept_record(house: House) -> None:
    manager = house.visit()
    imported(house, manager, "a.csv", a_record("S-1"), "rota-shift")
    visitor = house.visit("provider_quality_lead", whole_provider=True)
    row = example_row(record_type("rota_shift")) | {"worked_hours": "11"}
    twin = f"service,source_reference,source_system,{','.join(row)}\r\nHome 0,9,Other,{','.join(row.values())}\r\n"
    sent = send(visitor, house.home, "t.csv", twin, "rota-shift", whole=True)
    house.work()
    page = visitor.get(f"{sent.location}/rows")
    assert page.says("Differs in: ")
    assert not page.says("kept 12 hours")
    other = house.visit("provider_administrator", whole_provider=True)
    hidden = other.get(sent.location)
    assert hidden.says("The rows are shown to whoever sent the file")
    assert not hidden.says("Import it")
    assert other.get(f"{sent.location}/rows").status == 404


@pytest.mark.parametrize("role", ["carer", "senior_carer", "medicines_lead", "deputy_manager"])
def test_roles_that_do_not_import_are_refused(house: House, role) -> None:
    visitor = house.visit(role)
    assert visitor.get(f"/services/{house.home.service_id}/imports").status == 403
    assert visitor.get("/imports").status == 403
    sent = send(house.visit(), house.home, "a.csv", csv_of(WEEK), "observations")
    visitor.get("/notices")
    assert visitor.csrf_token  # so that it is refused for the role
    assert visitor.post(f"{sent.location}/again", {}).status == 403


def test_another_provider_sees_nothing_of_a_file(house: House) -> None:
    sent = send(house.visit(), house.home, "CANARY.csv", csv_of(WEEK), "observations")
    stranger = house.visit("provider_quality_lead", house.foreign, whole_provider=True)
    for path in ("", "/mapping", "/problems", "/problems.csv", "/undo"):
        assert stranger.get(f"{sent.location}{path}").status == 404
    for path in ("/mapping", "/use", "/save", "/undo", "/discard", "/again"):
        stranger.get("/imports")
        assert (
            stranger.post(f"{sent.location}{path}", {"mapping_id": "00000000-0000-4000-8000-000000000001"}).status
            == 404
        )


def test_a_workbook_is_read_with_the_value_of_its_formulas(house: House) -> None:
    visitor = house.visit()
    book = openpyxl.Workbook()
    book.active.append(["service", "indicator", "period", "numerator", "denominator"])
    book.active.append(["Home 0", "mar_compliance_pct", "09/11/2026", 96, 100])
    out = io.BytesIO()
    book.save(out)
    imported(house, visitor, "week.xlsx", out.getvalue())
    assert [row.numerator for row in figures(house)] == [96]


def test_a_real_export_is_matched_checked_and_its_problems_told(house: House) -> None:
    visitor = house.visit("provider_quality_lead", whole_provider=True)
    sent = send(
        visitor, house.home, "covid.csv", real("weekly_covid_by_home_LA.csv.gz").read(), "weekly-infections", whole=True
    )
    assert house.work() == ["done"]
    page = visitor.get(sent.location)
    assert page.says("Has problems")
    assert page.says("is not a service that you can enter figures for")
    assert visitor.get(f"{sent.location}/mapping").status == 200


def test_a_form_that_is_sent_twice_adds_one_file(house: House) -> None:
    visitor = house.visit()
    index = f"/services/{house.home.service_id}/imports"
    number = re.search(r'name="import_id" value="([^"]+)"', visitor.get(index).text)[1]
    first = visitor.post(
        index, {"import_id": number, "mapping": "observations", "file": (io.BytesIO(csv_of(WEEK).encode()), "a.csv")}
    )
    again = visitor.post(
        index, {"import_id": number, "mapping": "observations", "file": (io.BytesIO(csv_of(WEEK).encode()), "a.csv")}
    )
    assert (first.status, again.status) == (303, 409)
    assert len(house.objects()) == 1


def test_cells_of_the_files_that_are_handed_out_run_nothing() -> None:
    assert safe_cell("=cmd()") == "'=cmd()"


def noted(house: House, act: str) -> list[str]:
    with house.db.administration() as session:
        found = session.execute(
            text("select detail ->> 'step' from ledger_entry where provider_id = :p and act = :act"),
            {"p": house.home.provider_id, "act": act},
        )
        return list(found.scalars())


def test_a_save_that_was_given_up_is_tried_again_from_its_page_by_whoever_imports_there(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = house.visit()
    sent = send(visitor, house.home, "a.csv", csv_of(WEEK), "observations")
    house.work()
    visitor.get(sent.location)
    assert visitor.post(f"{sent.location}/again", {}).status == 409  # nothing was given up
    visitor.post(f"{sent.location}/save", {})
    with monkeypatch.context() as poisoned:
        poisoned.setattr(judging, "saved_columns", dict.fromkeys)  # no such arguments: it fails when all is written
        states = [state for _ in range(MOST_TRIES) for state in house.work()]
    assert states == ["queued"] * (MOST_TRIES - 1) + ["dead"]
    assert figures(house) == []
    page = visitor.get(sent.location)
    assert page.says("Nothing of it was imported.")
    assert page.says("Put the file aside")
    sister = house.visit()  # another manager of the same home
    stuck = sister.get(sent.location)
    assert stuck.says("Try again")
    assert sister.post(f"{sent.location}/again", {}).status == 303
    assert sister.post(f"{sent.location}/again", {}).status == 409  # asked for already
    assert noted(house, "import tried again") == ["save"]
    assert not sister.get(sent.location).says("Try again")
    assert house.work() == ["done"]
    assert visitor.get(sent.location).says("1 fact came in with this file.")
    assert len(figures(house)) == 1


def test_taking_back_that_died_is_tried_again_with_its_reason_and_whoever_answers_is_told(house: House) -> None:
    visitor = house.visit()
    lead = house.visit("provider_quality_lead", whole_provider=True)
    address = imported(house, visitor, "a.csv", csv_of(WEEK))
    visitor.get(f"{address}/undo")
    visitor.post(f"{address}/undo", {"reason": "The wrong month was exported"})
    with house.db.administration() as session:
        job = session.scalar(
            text("select job_id from job where provider_id = :p and kind = 'import_facts' and state = 'queued'"),
            {"p": house.home.provider_id},
        )
    for number in range(MOST_TRIES):  # each worker takes it and dies
        assert house.db.claim(job, worker=f"w{number}", lease_seconds=1, kind="import_facts") is not None
        with house.db.administration() as session:
            session.execute(
                text("update job set lease_until = now() - interval '1 second' where job_id = :j"), {"j": job}
            )
    assert house.db.claim(job, worker="last", lease_seconds=1, kind="import_facts") is None
    page = visitor.get(address)
    assert page.says("Nothing of it was taken back: all of it still stands.")
    assert not page.says("Put the file aside")
    assert visitor.post(f"{address}/again", {}).status == 303
    assert house.work() == ["done"]
    assert visitor.get(address).says("The wrong month was exported")
    assert [row.state for row in figures(house)] == ["final", "missing"]
    assert do_jobs(house.db, house.home.provider_id, "tell_people") == ["done"]
    assert lead.get("/notices").says("1 fact of Home 0 changed.")
    assert not visitor.get("/notices").says("1 fact of Home 0 changed.")  # took it back themselves


def test_rows_that_contradict_each_other_are_left_out_by_choice_told_and_stay_told(house: House) -> None:
    visitor = house.visit()
    rows = (WEEK, "Home 0,mar_compliance_pct,10/11/2026,90,100,,,", "Home 0,mar_compliance_pct,02/11/2026,97,100,,,")
    sent = send(visitor, house.home, "Twice.csv", csv_of(*rows), "observations")
    house.work()
    refused = visitor.get(sent.location)
    assert refused.says("Has problems")
    assert refused.says("1 row contradicts an earlier row of the same file")
    assert visitor.post(f"{sent.location}/leave-out", {}).status == 303
    house.work()
    ready = visitor.get(sent.location)
    assert ready.says("Ready to import")
    assert ready.says("1 row contradicts an earlier row of the file. Both rows of each pair were left out, as chosen.")
    assert ready.says("says something else than line 2")
    assert visitor.post(f"{sent.location}/leave-out", {}).status == 409
    assert visitor.post(f"{sent.location}/save", {}).status == 303
    house.work()
    assert visitor.get(sent.location).says("says something else than line 2")
    assert [(row.numerator, row.source) for row in figures(house)] == [(97, "imported")]


def test_nothing_is_left_out_of_a_file_that_has_other_problems_too(house: House) -> None:
    visitor = house.visit()
    rows = (WEEK, "Home 0,mar_compliance_pct,10/11/2026,90,100,,,", "Nowhere,mar_compliance_pct,02/11/2026,97,100,,,")
    sent = send(visitor, house.home, "Both.csv", csv_of(*rows), "observations")
    house.work()
    assert "leave-out" not in visitor.get(sent.location).text
    assert visitor.post(f"{sent.location}/leave-out", {}).status == 409
    assert figures(house) == []
