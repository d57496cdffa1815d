"""Copies of a real pack that inspectors saved: `mendline verify` says whose each is, and whether it was changed."""

import hashlib
import io
import os
from pathlib import Path

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import text
from support.application import a_world, an_application_over
from support.custody import settle
from support.inspecting import a_link, come_in
from support.tenancy import Groups, signed_in

from mendline.cli.verify import _examine as examine
from mendline.config import state_folder as installed_state
from mendline.evidence.files.watermark import mark_of, marked
from mendline.packs.commands import request_pack
from mendline.packs.queries import find_pack
from mendline.places.queries import find_place
from tenants.database import Database
from workers.claiming import _work as work_of
from workers.claiming import do
from workers.packs import make_pack

HANDED = "It is the copy that was handed to Iris Holt, inspector, on "
CHANGED = "THE FILE WAS CHANGED since it was made."


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    (folder / "frontend").symlink_to(installed_state(os.environ) / "frontend")
    return folder


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, state: Path) -> Flask:
    return an_application_over(database, groups, state)


@pytest.fixture(scope="module")
def saved(app: Flask, database: Database, groups: Groups, state: Path) -> tuple[bytes, bytes]:
    """A pack as it was made, and as an inspector saved it."""
    manager = signed_in(database, "registered_manager", groups.first)
    with database.transaction(manager) as session:
        pack_id = request_pack(session, manager, find_place(session, manager, groups.first.service_id))
    with database.administration() as session:
        job_id = session.execute(text("select job_id from pack where pack_id = :id"), {"id": pack_id}).scalar_one()
    claimed = database.claim(job_id, worker="test", lease_seconds=120, kind="make_pack")
    assert claimed is not None
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, state)
        do(work_of(database, *claimed, 120), make_pack)
    with database.transaction(manager) as session:
        made = find_pack(session, manager, pack_id)
    assert made.object_key is not None
    inspector = come_in(app, database, a_link(database, manager, groups.first, pack_id=pack_id))
    answer = inspector.get("/inspection/pack.pdf")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return (state / "objects" / made.object_key).read_bytes(), answer.data


def told_of(db: Database, content: bytes) -> tuple[bool, list[str]]:
    with db.administration() as session:
        return examine(session, content)


def test_an_inspectors_copy_is_known_again_and_its_figures_trace(
    database: Database, saved: tuple[bytes, bytes]
) -> None:
    original, copy = saved
    assert copy != original
    first, second = told_of(database, original), told_of(database, copy)
    assert first[1][1] == "The file is unchanged."
    assert second[1][1].startswith(HANDED)
    assert second[1][2].startswith("Across its pages stands: For Iris Holt, ")
    # All else that is said of the copy is what is said of the pack itself: its name, its figures, where its pages lead.
    assert (second[0], second[1][:1] + second[1][3:]) == (first[0], first[1][:1] + first[1][2:])


def test_the_ledger_keeps_the_fingerprint_and_the_mark_of_the_copy(
    database: Database, saved: tuple[bytes, bytes]
) -> None:
    with database.administration() as session:
        found = session.execute(
            text("select detail ->> 'sha256' as sha256, detail ->> 'mark' as mark from ledger_entry"
                 " where act = 'inspector look' and subject = '/inspection/pack.pdf'")
        ).one()  # fmt: skip
    assert tuple(found) == (hashlib.sha256(saved[1]).hexdigest(), mark_of(saved[1]))


def test_a_copy_with_one_byte_changed_is_told_with_whose_it_was(database: Database, saved: tuple[bytes, bytes]) -> None:
    copy = saved[1]
    at = copy.rindex(b"startxref") - 2  # within the cross-reference, so that every page still opens
    for changed in (copy + b"\n", copy[:at] + bytes([copy[at] ^ 1]) + copy[at + 1 :]):
        good, said = told_of(database, changed)
        assert (good, said[1]) == (False, CHANGED)
    good, said = told_of(database, copy + b"\n")
    assert said[2].startswith("Across its pages stands: For Iris Holt, ")
    assert said[3].startswith("Such a copy was handed to Iris Holt, inspector, on ")


def test_a_pack_that_somebody_marked_themselves_is_no_copy_that_was_handed_out(
    database: Database, saved: tuple[bytes, bytes]
) -> None:
    good, said = told_of(database, marked(saved[0], "For Somebody Else, 1 June 2026 10:00"))
    assert (good, said[1:4]) == (
        False,
        [CHANGED, "Across its pages stands: For Somebody Else, 1 June 2026 10:00.", "NO SUCH COPY was handed out."],
    )


def test_a_mark_is_read_back_as_it_was_written_and_none_where_there_is_none() -> None:
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    out = io.BytesIO()
    document.save(out)
    words = "For Iris (Holt) \\ Søn, Eastshire, 23 November 2026 05:00"
    assert mark_of(marked(out.getvalue(), words)) == words
    assert mark_of(out.getvalue()) is None
    assert mark_of(b"no document") is None
