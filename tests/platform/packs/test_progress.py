import uuid
from dataclasses import replace
from datetime import UTC, datetime

from mendline.packs.presenting import pack_page
from mendline.packs.queries import PackLine

AT = datetime(2026, 11, 17, 7, 12, tzinfo=UTC)
WAITING = PackLine(
    provider_id=uuid.UUID(int=1), service_id=uuid.UUID(int=2), service="Rowan House", pack_id=uuid.UUID(int=3),
    reference="RH-2026-11-17-01", as_at=AT, requested_initials="DH", requested_at=AT, job_state="queued", progress=0,
    progress_text=None, error=None, object_key=None, sha256=None, manifest_sha256=None, bytes=None, pages=None,
    made_at=None,
)  # fmt: skip


def shown(line: PackLine) -> tuple[str, bool, str]:
    view = pack_page(line, address=lambda *_names, **_values: "/x")
    return view.state.word, view.working, view.step


def test_a_pack_waits_is_drawn_and_is_ready() -> None:
    assert shown(WAITING) == ("Being made", True, "Waiting for its turn")
    drawing = replace(WAITING, job_state="running", progress=40, progress_text="Drawing the pages")
    assert shown(drawing) == ("Being made", True, "Drawing the pages")
    ready = replace(WAITING, job_state="done", object_key="k", sha256="0" * 64, bytes=2048, pages=12)
    assert shown(ready)[:2] == ("Ready", False)


def test_a_try_that_failed_is_told_while_another_follows() -> None:
    words = "This did not finish and is tried again soon (try 1 of 8)."
    assert shown(replace(WAITING, error=words, progress_text="Drawing the pages")) == ("Being made", True, words)


def test_a_pack_that_cannot_be_made_says_why_and_stops_asking() -> None:
    view = pack_page(
        replace(WAITING, job_state="failed", error="Choose fewer sections."), address=lambda *_n, **_v: "/x"
    )
    assert (view.state.word, view.working) == ("Not made", False)
    assert view.note is not None
    assert view.note.text == "Choose fewer sections."
