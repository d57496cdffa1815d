"""Sending a file through the pages, having it examined, saving it: and every bad file, from the form to the answer."""

import io
import re
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import text
from support.custody import do_jobs
from support.evidence_files import SentFile, a_document, a_pdf, a_picture, a_workbook, bad_files, honest_files
from support.facts import Home, two_providers
from support.running import free_port, lend_assets
from support.scanner import a_scanner
from support.shifts import place_of
from support.tenancy import add_body, add_grant, add_officer, add_person
from support.visiting import KEY, Page, Visitor, visit, visit_as

from mendline.app import create_app
from mendline.config import Settings
from mendline.evidence.files.kinds import LARGEST_BYTES
from mendline.evidence.files.leaving import MARKED
from tenants.clock import today
from tenants.database import Database

FILES_KEY = "the key of the files of these tests alone"


@dataclass(frozen=True)
class House:
    """An application with two groups, and what its workers find in their environment."""

    app: Flask
    db: Database
    state: Path
    home: Home
    sister: Home
    foreign: Home

    def visit(self, role: str, home: Home | None = None, *, whole_provider: bool = False) -> Visitor:
        return visit(self.app, self.db, role, place_of(home or self.home), whole_provider=whole_provider)

    def examine(self) -> list[str]:
        return do_jobs(self.db, self.home.provider_id, "examine_file")

    def objects(self) -> list[Path]:
        return [path for path in (self.state / "objects").rglob("*") if path.is_file()]


def an_app(db: Database, state: Path, **settings: object) -> Flask:
    known = {"state": state, "secret_key": KEY, "role_passwords": {}, "demonstration": True, "files_keys": (FILES_KEY,)}
    return create_app(Settings(**known | settings), db)


@pytest.fixture
def house(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    mine, theirs = two_providers(database)
    lend_assets(tmp_path)  # from the folder that the environment still names
    monkeypatch.setenv("MENDLINE_STATE", str(tmp_path))
    monkeypatch.setenv("MENDLINE_FILES_KEY", FILES_KEY)
    return House(an_app(database, tmp_path), database, tmp_path, mine[0], mine[1], theirs[0])


def send(visitor: Visitor, home: Home, file: SentFile | None, **changes: object) -> tuple[Page, str]:
    """Sends a file by the form; what came back, and where its evidence stands."""
    index = f"/services/{home.service_id}/evidence"
    form = visitor.get(f"{index}/files/new")
    found = re.search(r'name="evidence_id" value="([^"]+)"', form.text)
    assert found, form.text
    typed = {
        "letter": "A", "title": "Medicines audit, Primrose unit", "dated_on": "2026-01-15",
        "supports": [str(home.indicator_id)], "evidence_id": found[1], **changes,
    }  # fmt: skip
    carried = {"file": (io.BytesIO(file.content), file.name)} if file else {}
    return visitor.post(f"{index}/files", typed | carried), f"{index}/{typed['evidence_id']}"


def asked_for(visitor: Visitor, address: str):
    return visitor.client.get(f"{address}/file")


def test_a_file_is_sent_examined_and_saved_and_the_ledger_tells_who_saved_it(house: House) -> None:
    visitor = house.visit("registered_manager")
    content = a_pdf()
    answer, address = send(visitor, house.home, SentFile("Audit October.pdf", content))
    assert (answer.status, answer.location) == (303, address)
    waiting = visitor.get(address)
    assert waiting.says("Being examined")
    assert waiting.says("Waiting for its turn")
    assert "data-refresh" in waiting.text
    assert asked_for(visitor, address).status_code == 404
    assert house.examine() == ["done"]
    ready = visitor.get(address)
    assert ready.says("Ready to open")
    assert ready.says("PDF document, 1 page")
    assert ready.says("1 figure leans on it.")
    assert ready.says("No virus scanner is set up here")
    saved = asked_for(visitor, address)
    assert saved.data == content
    assert saved.headers["Content-Disposition"].startswith('attachment; filename="Audit October.pdf"')
    assert "sandbox" in saved.headers["Content-Security-Policy"]
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    assert saved.headers["Cache-Control"] == "no-store"
    with house.db.administration() as session:
        acts = session.execute(
            text("select act, person_id from ledger_entry where provider_id = :p and act like 'evidence file%'"),
            {"p": house.home.provider_id},
        ).all()
    assert sorted(act for act, _ in acts) == ["evidence file added", "evidence file examined", "evidence file opened"]
    assert ("evidence file opened", visitor.reach.person_id) in [tuple(row) for row in acts]


def test_a_photograph_is_given_out_without_what_was_hidden_in_it(house: House) -> None:
    visitor = house.visit("registered_manager")
    _, address = send(visitor, house.home, SentFile("IMG_1.jpg", a_picture("JPEG") + b"canary-trailer"))
    house.examine()
    assert visitor.get(address).says("Kept without hidden data")
    assert b"canary" not in asked_for(visitor, address).data
    assert len(house.objects()) == 1  # the one that was sent is gone


def test_nothing_is_readable_where_files_are_kept(house: House) -> None:
    send(house.visit("registered_manager"), house.home, SentFile("notes.txt", b"canary of the meeting"))
    assert [b"canary" in path.read_bytes() for path in house.objects()] == [False]


def test_every_honest_kind_is_taken_and_comes_back_as_a_download(house: House) -> None:
    visitor = house.visit("registered_manager")
    sent = [send(visitor, house.home, file)[1] for file in honest_files().values()]
    assert house.examine() == ["done"] * len(sent)
    for address in sent:
        saved = asked_for(visitor, address)
        assert saved.status_code == 200, visitor.get(address).text
        assert saved.headers["Content-Disposition"].startswith("attachment")


def test_no_bad_file_is_ever_given_out_or_supports_a_figure(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    visitor = house.visit("registered_manager")
    bad = bad_files()
    at_once, later = [], []
    for name, file in bad.items():
        answer, address = send(visitor, house.home, file)
        assert answer.status in (303, 422), name
        (later if answer.status == 303 else at_once).append(address)
    with house.db.administration() as session:  # the limit on jobs of one provider is for people, not for this test
        session.execute(text("update job set due_at = now() where kind = 'examine_file'"))
    began = time.perf_counter()
    states = house.examine()
    seconds = (time.perf_counter() - began) / len(states)
    assert set(states) == {"done"}
    for address in later:
        page = visitor.get(address)
        assert page.says("This file is not given to anybody"), address
        assert page.says("0 figure") or page.says("No figure leaned on it.")
        assert asked_for(visitor, address).status_code == 404
    with house.db.administration() as session:
        verdicts = dict(
            session.execute(
                text("select verdict, count(*) from evidence_file_verdict where provider_id = :p group by 1"),
                {"p": house.home.provider_id},
            ).all()
        )
        links = session.execute(
            text("select count(*) from evidence_link where provider_id = :p"), {"p": house.home.provider_id}
        ).scalar_one()
    with capsys.disabled():
        print(  # noqa: T201 -- the figure is asked for
            f"\n{len(bad)} bad files: {len(at_once)} refused at the form, {verdicts}, {seconds:.2f} s each in the worker"
        )
    assert "ready" not in verdicts
    assert links == 0
    assert house.objects() == []  # nothing of a refused file is kept
    assert len(bad) >= 60
    assert seconds < 5


def test_who_may_not_see_files_sees_the_pointer_and_no_file(house: House) -> None:
    manager = house.visit("registered_manager")
    _, address = send(manager, house.home, SentFile("notes.txt", b"notes"))
    house.examine()
    lead = house.visit("medicines_lead")
    assert lead.get(address).status == 200
    assert "The file itself" not in lead.get(address).text
    assert asked_for(lead, address).status_code == 403
    assert lead.get(f"/services/{house.home.service_id}/evidence/files/new").status == 403
    for stranger in (house.visit("registered_manager", house.foreign), house.visit("registered_manager", house.sister)):
        assert asked_for(stranger, address).status_code == 404
        crossed = address.replace(str(house.home.service_id), str(stranger.reach.held[0].service_id))
        assert asked_for(stranger, crossed).status_code == 404


@pytest.mark.parametrize(
    ("classes", "status"), [(("evidence_index",), 403), (("evidence_index", "evidence_files"), 403)]
)
def test_a_commissioner_comes_to_no_file_by_the_providers_own_address(
    house: House, classes: tuple[str, ...], status: int
) -> None:
    _, address = send(house.visit("registered_manager"), house.home, SentFile("notes.txt", b"notes"))
    house.examine()
    body, officer = add_body(house.db), add_person(house.db)
    add_officer(house.db, body, officer)
    add_grant(house.db, place_of(house.home), body, classes=("summary", *classes))
    outsider = visit_as(house.app, house.db, officer)
    assert asked_for(outsider, address).status_code == status


def test_a_form_sent_twice_keeps_one_file(house: House) -> None:
    visitor = house.visit("registered_manager")
    evidence_id = str(uuid.uuid4())
    for _ in range(2):
        answer, _ = send(visitor, house.home, SentFile("notes.txt", b"notes"), evidence_id=evidence_id)
        assert answer.status == 303
    assert len(house.objects()) == 1
    other, _ = send(visitor, house.home, SentFile("other.txt", b"other"), evidence_id=evidence_id)
    assert other.status == 409
    assert len(house.objects()) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "x"}, "Say what it is"),
        ({"letter": "Q"}, "Choose what kind of evidence"),
        ({"quality_statement": "nothing.known"}, "Choose the quality statement from the list"),
        ({"category": "gossip"}, "Choose the kind from the list"),
        ({"keep_until": "2026-01-01"}, "Give a day from next year on"),
        ({"supports": [str(uuid.UUID(int=9))]}, "does not run at this service"),
    ],
)
def test_a_refused_form_says_what_to_mend_and_keeps_nothing(
    house: House, changes: dict[str, object], words: str
) -> None:
    answer, _ = send(house.visit("registered_manager"), house.home, SentFile("notes.txt", b"notes"), **changes)
    assert answer.status == 422
    assert answer.says(words)
    assert house.objects() == []


def test_a_form_without_a_file_asks_for_one(house: House) -> None:
    answer, _ = send(house.visit("registered_manager"), house.home, None)
    assert answer.status == 422
    assert answer.says("Choose a file to send.")


def sends_much(visitor: Visitor, address: str, size: int, body: io.IOBase) -> int:
    """What a request is answered that says that it is so long."""
    announced = {
        "wsgi.input": body,
        "CONTENT_LENGTH": str(size),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
    }
    return visitor.client.post(address, environ_overrides=announced).status_code


def test_two_gigabytes_are_refused_before_any_of_it_is_read(house: House) -> None:
    visitor = house.visit("registered_manager")
    visitor.get(f"/services/{house.home.service_id}/evidence/files/new")

    class Unread(io.RawIOBase):
        asked = 0

        def readable(self) -> bool:
            return True

        def readinto(self, into: bytearray) -> int:
            Unread.asked += len(into)
            return len(into)

    for size in (2 * 1024**3, LARGEST_BYTES + 2 * 1024 * 1024):
        assert sends_much(visitor, f"/services/{house.home.service_id}/evidence/files", size, Unread()) == 413
    assert Unread.asked == 0


def test_elsewhere_a_request_stays_small(house: House) -> None:
    visitor = house.visit("registered_manager")
    address = f"/services/{house.home.service_id}/evidence"
    assert sends_much(visitor, address, 40 * 1024 * 1024, io.BytesIO(b"")) == 413
    stranger = Visitor(house.app.test_client(), visitor.reach)
    assert sends_much(stranger, f"{address}/files", 40 * 1024 * 1024, io.BytesIO(b"")) == 413


def test_a_withdrawn_file_stays_and_is_given_to_nobody(house: House) -> None:
    visitor = house.visit("registered_manager")
    _, address = send(visitor, house.home, SentFile("notes.txt", b"notes"))
    house.examine()
    visitor.get(address)
    visitor.post(f"{address}/checks", {"result": "withdrawn", "reason": "It names a person"})
    assert visitor.get(address).says("It names a person")
    assert asked_for(visitor, address).status_code == 404
    assert len(house.objects()) == 1


def test_files_are_given_out_from_another_host_name_where_one_is_set(
    house: House, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = an_app(database, house.state, files_host="files.example.org")
    visitor = visit(app, database, "registered_manager", place_of(house.home))
    _, address = send(visitor, house.home, SentFile("notes.txt", b"notes"))
    house.examine()
    sent_on = asked_for(visitor, address)
    assert sent_on.status_code == 303
    elsewhere = sent_on.headers["Location"]
    assert elsewhere.startswith("http://files.example.org/files/")
    path = elsewhere.removeprefix("http://files.example.org")
    stranger = app.test_client()
    files = {"base_url": "http://files.example.org"}
    assert stranger.get(path, **files).data == b"notes"
    assert stranger.get(path[:-4] + "AAAA", **files).status_code == 404
    assert stranger.get("/services", **files).status_code == 404
    assert stranger.get("/", **files).status_code == 404
    assert stranger.get(path).status_code == 404  # and nowhere else
    clock = time.time
    monkeypatch.setattr("mendline.evidence.files.views.time.time", lambda: clock() + 61)
    assert stranger.get(path, **files).status_code == 404


def test_files_wait_while_the_scanner_is_away_and_go_on_when_it_is_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = house.visit("registered_manager")
    port = free_port()
    monkeypatch.setenv("MENDLINE_SCANNER", f"127.0.0.1:{port}")
    _, address = send(visitor, house.home, SentFile("notes.txt", b"notes"))
    _, infected = send(visitor, house.home, SentFile("other.txt", b"an EICAR-STANDARD sample"))
    for _ in range(10):  # more often than a job is tried
        assert house.examine() == ["done", "done"]
    page = visitor.get(address)
    assert page.says("The virus scanner does not answer. The file waits for it and is not shown yet.")
    assert asked_for(visitor, address).status_code == 404
    with a_scanner(port):
        house.examine()
    assert visitor.get(address).says("Scanned for viruses: none found")
    assert asked_for(visitor, address).data == b"notes"
    assert visitor.get(infected).says("The virus scanner found Eicar-Signature")
    assert asked_for(visitor, infected).status_code == 404


def test_an_examination_that_is_asked_for_twice_decides_once(house: House) -> None:
    visitor = house.visit("registered_manager")
    _, address = send(visitor, house.home, SentFile("board.png", a_picture()))
    house.examine()
    with house.db.administration() as session:
        session.execute(text("update job set state = 'queued', lease_until = null where kind = 'examine_file'"))
    assert house.examine() == ["done"]
    assert asked_for(visitor, address).status_code == 200


def test_a_file_that_was_changed_where_it_is_kept_is_not_given_out(house: House) -> None:
    visitor = house.visit("registered_manager")
    _, address = send(visitor, house.home, SentFile("notes.txt", b"notes"))
    house.examine()
    (kept,) = house.objects()
    content = bytearray(kept.read_bytes())
    content[-1] ^= 1
    kept.write_bytes(content)
    answer = asked_for(visitor, address)
    assert answer.status_code == 503
    assert "changed where it is kept" in answer.get_data(as_text=True)


def an_officer(house: House, *classes: str, live: bool = True) -> tuple[Visitor, str]:
    """A commissioner's officer with a grant of these classes at the house, and the page of the service for them."""
    body, officer = add_body(house.db), add_person(house.db)
    add_officer(house.db, body, officer)
    add_grant(house.db, place_of(house.home), body, classes=("summary", *classes), live=live)
    return visit_as(house.app, house.db, officer), f"/portfolio/{house.home.service_id}"


def a_shared_file(house: House, words: str = "Medicines audit, January") -> tuple[Visitor, str]:
    manager = house.visit("registered_manager")
    _, there = send(manager, house.home, SentFile("Mrs Smith audit.pdf", a_pdf()))
    house.examine()
    manager.get(there)
    answer = manager.post(f"{there}/sharing", {"share": "yes", "shown_as": words, "looked": "yes"})
    assert answer.location == there, answer.text
    return manager, there


def way_to_the_file(officer: Visitor, there: str) -> str:
    found = re.search(rf'href="({there}/files/[^"]+)"', officer.get(there).text)
    return found[1] if found else ""


@pytest.mark.parametrize("live", [True, False])
def test_a_commissioner_opens_a_file_that_was_shared_under_its_words_and_the_look_is_on_record(
    house: House, live: bool
) -> None:
    a_shared_file(house)
    officer, there = an_officer(house, "evidence_files", live=live)
    page = officer.get(there)
    assert page.says("Medicines audit, January")
    assert "Smith" not in page.text
    saved = officer.client.get(way_to_the_file(officer, there))
    assert saved.status_code == 200
    assert saved.data.startswith(b"%PDF-")
    assert saved.headers["Content-Disposition"].startswith('attachment; filename="Medicines audit_ January.pdf"')
    assert "For Ann Other, " in words_on(saved.data)
    with house.db.administration() as session:
        looks = session.execute(
            text("select subject from ledger_entry where provider_id = :p and act = 'external look'"),
            {"p": house.home.provider_id},
        ).scalars()
        assert any(subject.startswith("file ") for subject in looks)


@pytest.mark.parametrize(
    ("name", "content", "saved_as"),
    [
        ("Rota.png", a_picture("PNG"), "Shared rota.pdf"),
        ("Rota.jpg", a_picture("JPEG"), "Shared rota.pdf"),
        ("Rota.csv", b"day,hours\nMonday,12\n", "Shared rota for Ann Other {day}.csv"),
        ("Rota.txt", b"Monday: 12 hours", "Shared rota for Ann Other {day}.txt"),
        ("Rota.docx", a_document(), "Shared rota for Ann Other {day}.docx"),
        ("Rota.xlsx", a_workbook(), "Shared rota for Ann Other {day}.xlsx"),
    ],
    ids=["png", "jpg", "csv", "txt", "docx", "xlsx"],  # the bytes of an archive differ from run to run
)
def test_a_copy_that_a_commissioner_saves_says_for_whom_it_is_on_its_page_or_in_its_name(
    house: House, name: str, content: bytes, saved_as: str
) -> None:
    manager = house.visit("registered_manager")
    _, there = send(manager, house.home, SentFile(name, content))
    house.examine()
    manager.get(there)
    manager.post(f"{there}/sharing", {"share": "yes", "shown_as": "Shared rota", "looked": "yes"})
    officer, page = an_officer(house, "evidence_files")
    assert officer.get(page).says(MARKED)
    saved = officer.client.get(way_to_the_file(officer, page))
    assert saved.status_code == 200
    assert f'filename="{saved_as.format(day=today())}"' in saved.headers["Content-Disposition"]
    if saved_as.endswith(".pdf"):
        assert "For Ann Other, " in words_on(saved.data)
    else:
        assert saved.data.strip() == content.strip()
    assert saved.headers["Cache-Control"] == "no-store"


def words_on(content: bytes) -> str:
    """What was drawn last on the pages of a PDF."""
    with pikepdf.open(io.BytesIO(content)) as document:
        return b"".join(page.Contents[-1].read_bytes() for page in document.pages).decode("cp1252")


def test_of_two_grants_of_a_service_each_opens_what_it_covers(house: House) -> None:
    a_shared_file(house)
    body, officer_id = add_body(house.db), add_person(house.db)
    add_officer(house.db, body, officer_id)
    add_grant(house.db, place_of(house.home), body, classes=("summary",), live=True)
    add_grant(house.db, place_of(house.home), body, classes=("summary", "evidence_files"), live=False)
    officer, there = visit_as(house.app, house.db, officer_id), f"/portfolio/{house.home.service_id}"
    page = officer.get(there)
    assert page.says("Figures as they stand")
    assert officer.client.get(way_to_the_file(officer, there)).status_code == 200


def test_a_file_that_nobody_shared_is_not_even_listed_and_a_grant_without_files_opens_none(house: House) -> None:
    manager, there = a_shared_file(house)
    _, other = send(manager, house.home, SentFile("notes.txt", b"notes"), title="Of Mr Jones")
    house.examine()
    officer, page = an_officer(house, "evidence_files")
    assert "Jones" not in officer.get(page).text
    assert officer.get(page).text.count(f"{page}/files/") == 1
    way = way_to_the_file(officer, page)
    without, _ = an_officer(house, "evidence_index")
    assert without.get(way).status == 404
    assert "Evidence files" not in without.get(page).text
    assert asked_for(officer, there).status_code == asked_for(officer, other).status_code == 403


def test_what_is_shared_no_more_or_withdrawn_is_gone_with_the_next_press(house: House) -> None:
    manager, there = a_shared_file(house)
    officer, page = an_officer(house, "evidence_files")
    way = way_to_the_file(officer, page)
    assert officer.client.get(way).status_code == 200
    manager.get(there)
    assert manager.post(f"{there}/sharing", {"share": "no"}).location == there
    assert officer.get(way).status == 404
    assert officer.get(page).says("No file has been shared yet")
    manager.get(there)
    manager.post(f"{there}/sharing", {"share": "yes", "shown_as": "Again, the audit", "looked": "yes"})
    assert officer.client.get(way).status_code == 200
    manager.get(there)
    manager.post(f"{there}/checks", {"result": "withdrawn", "reason": "Sent by mistake"})
    assert officer.get(way).status == 404


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"shown_as": "Audit of January"}, "Look through the file first"),
        ({"shown_as": "A", "looked": "yes"}, "without any name"),
    ],
)
def test_a_file_is_shared_only_by_whoever_looked_through_it(house: House, typed: dict[str, str], words: str) -> None:
    manager = house.visit("registered_manager")
    _, there = send(manager, house.home, SentFile("notes.txt", b"notes"))
    house.examine()
    manager.get(there)
    answer = manager.post(f"{there}/sharing", {"share": "yes", **typed})
    assert answer.status == 422
    assert answer.says(words)
    assert manager.get(there).says("Not shared.")


def test_whoever_may_not_release_figures_shares_no_file(house: House) -> None:
    _, there = send(house.visit("registered_manager"), house.home, SentFile("notes.txt", b"notes"))
    house.examine()
    deputy = house.visit("deputy_manager")
    assert "Share this file" not in deputy.get(there).text
    assert deputy.post(f"{there}/sharing", {"share": "yes", "shown_as": "Notes of it", "looked": "yes"}).status == 403
