"""Bad files through the pages: each has one outcome and a message that says what to do; nothing of it is imported."""

import codecs
import io
import threading
import uuid
import zipfile
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text
from support.custody import work_of
from support.import_files import DATA
from support.sending import FIGURES, FILES_KEY, House, a_house, csv_of, send

from mendline.catalogue.csv_template import example_row
from mendline.catalogue.record_types import record_type
from mendline.evidence import importing
from mendline.evidence.imports import judging
from mendline.evidence.imports.views import LARGEST_SENT
from tenants.clock import now
from tenants.database import Database
from workers.imports import import_facts

WEEK = "Home 0,mar_compliance_pct,09/11/2026,96,100,,,"


@pytest.fixture
def house(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    made = a_house(database, tmp_path)
    monkeypatch.setenv("MENDLINE_STATE", str(tmp_path))
    monkeypatch.setenv("MENDLINE_FILES_KEY", FILES_KEY)
    return made


def counted(house: House, table: str) -> int:
    with house.db.administration() as session:
        return session.scalar(
            text(f"select count(*) from {table} where provider_id = :p"), {"p": house.home.provider_id}
        )


def workbook(*rows, merge: str = "") -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    if merge:
        book.active.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEADER = FIGURES.strip().split(",")


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"0" * (150 * 1024 * 1024))
    return out.getvalue()


REFUSED = {
    "empty": ("a.csv", b"", "The file is empty"),
    "only blank lines": ("a.csv", b"\r\n\r\n", "no header row"),
    "a header alone": ("a.csv", FIGURES.encode(), "has a header and no rows"),
    "a PDF that says CSV": ("a.csv", b"%PDF-1.7 nothing", "This is a PDF, not CSV"),
    "an older workbook": ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older Excel workbook"),
    "a program": ("a.xlsx", b"MZ\x90\x00", "column"),
    "a workbook that is none": ("a.xlsx", b"PK\x03\x04 broken", "workbook"),
    "a zip bomb": ("a.xlsx", bomb(), "workbook"),
    "another header": ("a.csv", b"one,two\r\n1,2\r\n", "which the mapping “observations” needs"),
    "a quote that never ends": ("a.csv", csv_of('Home 0,mar_compliance_pct,09/11/2026,96,100,,,"x').encode(), "quotation mark"),
    "NUL": ("a.csv", csv_of("Home 0,mar\0,09/11/2026,96,100,,,").encode(), "holds a NUL character"),
    "two columns of one name": ("a.csv", b"service,service,indicator,period\r\na,b,c,d\r\n", "more than once"),
    "merged cells": (
        "a.xlsx", workbook(HEADER, *(["Home 0", "mar_compliance_pct", "09/11/2026", 96, 100, None, None, None],) * 3, merge="A2:A3"),
        "Cells are merged",
    ),
    "a formula without its value": (
        "a.xlsx", workbook(HEADER, ["Home 0", "mar_compliance_pct", "09/11/2026", "=95+1", 100, None, None, None]),
        "holds a formula without its value",
    ),
    "month first": ("a.csv", csv_of("Home 0,mar_compliance_pct,11/30/2026,96,100,,,").encode(), "Write it as 2026-11-16 or 16/11/2026"),
    "the future": ("a.csv", csv_of("Home 0,mar_compliance_pct,2027-11-09,96,100,,,").encode(), "is in the future"),
    "two rows that differ": (
        "a.csv", csv_of(WEEK, "Home 0,mar_compliance_pct,09/11/2026,95,100,,,").encode(), "says something else than line 2",
    ),
    "a cell too few": ("a.csv", csv_of("Home 0,mar_compliance_pct").encode(), "has 2 cells where the header has 8"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(REFUSED))
def test_a_bad_file_is_refused_whole_and_says_what_to_do(house: House, name) -> None:
    file_name, content, words = REFUSED[name]
    visitor = house.visit()
    sent = send(visitor, house.home, file_name, content, "observations")
    if sent.status == 303:
        assert house.work() == ["done"]
        page = visitor.get(sent.location)
        assert page.says("Has problems")
    else:
        assert sent.status == 422
        page = sent
    assert page.says(words), page.text
    assert counted(house, "observation") == counted(house, "import_batch") == 0


TAKEN = {
    "a byte-order mark": codecs.BOM_UTF8 + csv_of(WEEK).encode(),
    "UTF-16": csv_of(WEEK).encode("utf-16"),
    "Windows-1252": csv_of(WEEK.replace(",,,", ",,,£1")).encode("cp1252"),
    "semicolons": csv_of(WEEK).replace(",", ";").encode(),
    "tabs": csv_of(WEEK).replace(",", "\t").encode(),
    "a title above": b"Report of November\r\n\r\n" + csv_of(WEEK).encode(),
    "the same row twice": csv_of(WEEK, WEEK).encode(),
    "an ISO date": csv_of(WEEK.replace("09/11/2026", "2026-11-09")).encode(),
    "a date in words": csv_of(WEEK.replace("09/11/2026", "9 Nov 2026")).encode(),
    "a date with dots": csv_of(WEEK.replace("09/11/2026", "09.11.2026")).encode(),
}


@pytest.mark.parametrize("name", list(TAKEN))
def test_an_odd_file_that_is_clear_enough_comes_in(house: House, name) -> None:
    visitor = house.visit()
    sent = send(visitor, house.home, "odd.csv", TAKEN[name], "observations")
    house.work()
    assert visitor.get(sent.location).says("1 row would be saved.")
    visitor.post(f"{sent.location}/save", {})
    house.work()
    assert counted(house, "observation") == 1


@pytest.mark.parametrize(
    "path", sorted((DATA / "messy").rglob("*.csv")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_every_messy_file_ends_in_a_page_that_says_something(house: House, path) -> None:
    visitor = house.visit()
    sent = send(visitor, house.home, path.name, path.read_bytes())
    if sent.status == 303:
        assert house.work() == ["done"]
        page = visitor.get(sent.location)
        assert page.says("Match its columns") or page.says("This file cannot be imported as it stands")
    else:
        assert sent.says("The file is empty")


def test_two_gigabytes_are_refused_before_any_of_it_is_read(house: House) -> None:
    visitor = house.visit()
    visitor.get(f"/services/{house.home.service_id}/imports")
    answer = visitor.client.post(
        f"/services/{house.home.service_id}/imports",
        input_stream=io.BytesIO(b""),
        content_type="multipart/form-data; boundary=x",
        headers={"X-CSRF-Token": visitor.csrf_token},
        environ_overrides={"CONTENT_LENGTH": str(2 * 1024**3)},
    )
    assert answer.status_code == 413
    assert LARGEST_SENT < 2 * 1024**3
    assert house.objects() == []


@pytest.mark.parametrize("name", ["a.pdf", "a.exe", "a", "a.xlsm", "a.ods"])
def test_other_kinds_of_file_are_not_taken(house: House, name) -> None:
    answer = send(house.visit(), house.home, name, csv_of(WEEK), "observations")
    assert answer.status == 422
    assert answer.says("Send a CSV file or an Excel workbook")


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_one_does_it_once(house: House, monkeypatch) -> None:
    visitor = house.visit()
    monkeypatch.setattr(importing, "CHUNK", 2)
    weeks = [f"Home 0,mar_compliance_pct,{day}/11/2026,96,100,,," for day in ("02", "09", "16")]
    weeks += [f"Home 0,mar_compliance_pct,{day}/10/2026,96,100,,," for day in ("05", "12", "19", "26")]
    sent = send(visitor, house.home, "a.csv", csv_of(*weeks), "observations")
    house.work()
    visitor.get(sent.location)
    visitor.post(f"{sent.location}/save", {})

    class Killed(BaseException):
        """As if the process had been killed: nothing that comes after is done."""

    def killed(*_args, **_more):
        raise Killed

    job = _job(house)
    claimed = house.db.claim(job, worker="first", lease_seconds=1, kind="import_facts")
    work = work_of(house.db, *claimed, 1)
    with monkeypatch.context() as patch:
        patch.setattr(judging, "saved_columns", killed)
        with pytest.raises(Killed):
            import_facts(work)
    assert counted(house, "observation") == counted(house, "import_batch") == 0
    with house.db.administration() as session:
        session.execute(text("update job set lease_until = now() - interval '1 second' where job_id = :j"), {"j": job})
    claimed = house.db.claim(job, worker="second", lease_seconds=60, kind="import_facts")
    import_facts(work_of(house.db, *claimed, 60))
    assert counted(house, "observation") == 7
    assert counted(house, "import_batch") == 1
    assert visitor.get(sent.location).says("7 facts came in with this file.")


def _job(house: House) -> uuid.UUID:
    with house.db.administration() as session:
        return session.scalar(
            text("select job_id from job where provider_id = :p and kind = 'import_facts' and state = 'queued'"),
            {"p": house.home.provider_id},
        )


def test_two_imports_of_the_same_file_at_once_save_it_once(house: House) -> None:
    first, second = house.visit(), house.visit()
    both = (first, second)
    addresses = [send(each, house.home, "a.csv", csv_of(WEEK), "observations").location for each in both]
    house.work()
    for visitor, address in zip((first, second), addresses, strict=True):
        visitor.get(address)
        assert visitor.post(f"{address}/save", {}).status == 303
    with house.db.administration() as session:
        jobs = session.scalars(
            text("select job_id from job where provider_id = :p and kind = 'import_facts' and state = 'queued'"),
            {"p": house.home.provider_id},
        ).all()
    assert len(jobs) == 2
    works = [
        work_of(house.db, *house.db.claim(job, worker=str(number), lease_seconds=60, kind="import_facts"), 60)
        for number, job in enumerate(jobs)
    ]
    threads = [threading.Thread(target=import_facts, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted(house, "observation") == counted(house, "import_batch") == 1
    said = [first.get(address).text for address in addresses]
    assert sum("The very same file was imported before" in one for one in said) == 1


def test_a_file_that_is_put_aside_while_it_is_checked_stays_aside(house: House) -> None:
    visitor = house.visit()
    sent = send(visitor, house.home, "a.csv", csv_of(WEEK), "observations")
    visitor.get(sent.location)
    assert visitor.post(f"{sent.location}/discard", {}).status == 303
    assert house.work() == ["done"]
    assert visitor.get(sent.location).says("Put aside")


def test_a_record_after_somebody_left_is_told_by_its_line(house: House) -> None:
    visitor = house.visit()
    telling = next(one for one in _kinds() if one.leaving_field and one.person_field)
    about = next(one for one in _kinds() if one.only_in_residence and one.person_field)
    gone = example_row(telling) | {telling.person_field: "P-014", telling.leaving_field: "10/11/2026"}
    gone[telling.happened_field] = gone[telling.happened_field].replace("16/11/2026", "01/11/2026")
    content = f"{','.join(gone)}\r\n{','.join(gone.values())}\r\n"
    sent = send(visitor, house.home, "left.csv", content, telling.key.replace("_", "-"))
    house.work()
    visitor.get(sent.location)
    assert visitor.post(f"{sent.location}/save", {}).status == 303
    house.work()
    later = example_row(about) | {about.person_field: "P-014"}
    sent = send(
        visitor,
        house.home,
        "later.csv",
        f"{','.join(later)}\r\n{','.join(later.values())}\r\n",
        about.key.replace("_", "-"),
    )
    house.work()
    page = visitor.get(sent.location)
    assert page.says("left on 10 November 2026, by their own records"), page.text


def _kinds():
    return [record_type(key) for key in sorted(importing.record_types())]


def test_files_that_nobody_touches_for_a_month_are_put_aside(house: House) -> None:
    visitor = house.visit()
    old = send(visitor, house.home, "old.csv", csv_of(WEEK), "observations")
    house.work()
    with house.db.administration() as session:
        session.execute(text("update import_file set changed_at = :at"), {"at": now() - timedelta(days=31)})
    send(visitor, house.home, "new.csv", csv_of(WEEK), "observations")
    house.work()
    assert visitor.get(old.location).says("nobody had touched it for thirty days")
    assert len(house.objects()) == 1
