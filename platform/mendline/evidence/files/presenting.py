"""The file on a piece of evidence's page, from its row to words."""

from mendline.catalogue.wording import counted, log_time, long_date
from mendline.evidence.files.kinds import KINDS
from mendline.evidence.files.pages import FileCard, SharingCard
from mendline.evidence.files.rows import HELD_BACK, INFECTED, READY, FileLine, Share, SharedFile
from mendline.places.head import Address
from mendline.web.components import Badge, Button, Fact, Field, Form, Item, Note, Option
from tenants.clock import LONDON
from tenants.errors import RefusedError

_WAITING = Badge("Being examined", "i-clock", "pending")
_STUCK = Badge("Not examined", "i-warn", "alert")
_BADGES = {
    READY: Badge("Ready to open", "i-tick", "ok"),
    HELD_BACK: Badge("Held back", "i-warn", "alert"),
    INFECTED: Badge("Infected", "i-warn", "alert"),
}
_REFUSED = Badge("Not taken", "i-warn", "alert")
_SCANS = {"clean": "Scanned for viruses: none found", "none": "No virus scanner is set up here"}


def file_card(line: FileLine | None, *, address: Address) -> FileCard | None:
    """The file of a piece of evidence, while it is examined and after."""
    if line is None:
        return None
    stuck = line.verdict is None and line.job_state in ("failed", "dead")
    working = line.verdict is None and not stuck
    return FileCard(
        name=line.name,
        state=_state(line, stuck=stuck),
        facts=_facts(line),
        working=working,
        step=line.step or line.job_error or "Waiting for its turn",
        done=line.progress if line.job_state == "running" else None,
        download=_download(line, address),
        note=_note(line, stuck=stuck),
    )


def sharing_card(
    line: FileLine | None, share: Share | None, action: str, refused: RefusedError | None = None, typed: str = ""
) -> SharingCard | None:
    """What is asked before commissioners may open a file, and how to take it back."""
    if line is None or not line.is_given:
        return None
    if share is not None and share.is_shared:
        day = long_date(share.recorded_at.astimezone(LONDON).date())
        said = f"Shared as “{share.shown_as}” by {share.recorded_label} on {day}, where a grant covers files."
        return SharingCard(said, Form(action, (Field("share", "", "hidden", "no"),), "Stop sharing it"))
    problems = refused.problems if refused else {}
    fields = (
        Field("share", "", "hidden", "yes"),
        Field(
            "shown_as", "Title that commissioners read", "text", typed, "No name of a person or of staff.",
            problems.get("shown_as", ""),
        ),
        Field(
            "looked", "Before it is shared", "choices", error=problems.get("looked", ""),
            options=(Option("yes", "I looked through the file: it names no person and no member of staff"),),
        ),
    )  # fmt: skip
    trouble = (str(refused),) if refused and not problems else ()
    said = "Not shared. Commissioners open files only one by one, and only where their grant covers files."
    return SharingCard(said, Form(action, fields, "Share this file", trouble=trouble))


def shared_item(file: SharedFile, href: str) -> Item:
    """A shared file on a commissioner's page."""
    day = long_date(file.shared_at.astimezone(LONDON).date())
    return Item(
        file.shown_as, f"{_capital(KINDS[file.kind].label)}, {size_words(file.size)}. Shared on {day}.", href=href
    )


def size_words(size: int) -> str:
    """A size as people say it: `840 bytes`, `12 KB`, `3.4 MB`."""
    if size < 1024:
        return counted(size, "byte")
    return f"{size / 1024:,.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:,.1f} MB"


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _state(line: FileLine, *, stuck: bool) -> Badge:
    if line.verdict is None:
        return _STUCK if stuck else _WAITING
    return _BADGES.get(line.verdict, _REFUSED)


def _facts(line: FileLine) -> tuple[Fact, ...]:
    sent = line.recorded_at.astimezone(LONDON)
    facts = [
        Fact("Name", line.name),
        Fact("Size as sent", size_words(line.size)),
        Fact("Sent", f"{long_date(sent.date())}, {log_time(sent)}", line.recorded_initials or ""),
    ]
    if line.kind in KINDS:
        pages = f", {counted(line.pages, 'page')}" if line.pages else ""
        facts.append(Fact("Kind", _capital(KINDS[line.kind].label) + pages))
    if line.is_cleaned:
        facts.append(Fact("Kept without hidden data", line.given_sha256 or "", "Fingerprint of what is given out"))
    if line.scan in _SCANS:
        facts.append(Fact("Viruses", _SCANS[line.scan]))
    return tuple(facts)


def _download(line: FileLine, address: Address) -> Button | None:
    if not line.is_given:
        return None
    href = address("evidence_files.file", service_id=line.service_id, evidence_id=line.evidence_id)
    return Button("Save the file", href, "i-down", "primary")


def _note(line: FileLine, *, stuck: bool) -> Note | None:
    if stuck:
        return Note("This file was not examined", line.job_error or "Send it again.", "alert")
    if line.words:
        return Note("This file is not given to anybody", line.words, "alert")
    return None
