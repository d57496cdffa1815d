"""The pages of packs, from rows to words."""

from mendline.catalogue.wording import counted, log_time, moment, short_date
from mendline.packs.pages import PackListPage, PackPage, PackRow
from mendline.packs.queries import PackLine
from mendline.places.head import Address
from mendline.web.components import Badge, Button, Empty, Fact, Form, Head, Link, Note
from tenants.clock import LONDON

WAITING = Badge("Being made", "i-clock", "pending")
READY = Badge("Ready", "i-tick", "ok")
FAILED = Badge("Not made", "i-warn", "alert")
UNKNOWN = Badge("Not ready", "i-clock", "hollow")


def state_of(line: PackLine) -> Badge:
    """How far a pack is, in a word."""
    if line.object_key:
        return READY
    if line.job_state in ("failed", "dead"):
        return FAILED
    return WAITING if line.job_state else UNKNOWN


def pack_list(
    head: Head, lines: tuple[PackLine, ...], *, address: Address, form: Form | None, name_service: bool = False
) -> PackListPage:
    """Packs, newest first."""
    return PackListPage(
        head=head,
        rows=tuple(_row(line, address, name_service) for line in lines),
        form=form,
        empty=Empty("No packs yet", "Packs stand here from the moment they are asked for. Each keeps its fingerprint."),
    )


def pack_page(line: PackLine, *, address: Address) -> PackPage:
    """One pack, while it is made and after."""
    working = not line.object_key and line.job_state in ("queued", "running")
    asked = line.requested_at.astimezone(LONDON)
    facts = [
        Fact("Service", line.service),
        Fact("Released" if line.for_body else "As at", moment(line.as_at.astimezone(LONDON))),
        Fact("Asked for", f"{short_date(asked.date())}, {log_time(asked)} by {line.requested_initials or 'Mendline'}"),
    ]
    if line.sha256:
        facts += [
            Fact("Pages", str(line.pages)),
            Fact("Size", f"{(line.bytes or 0) / 1024:,.0f} KB"),
            Fact("Fingerprint, SHA-256", line.sha256, "Kept with the pack, so that a copy can be checked later."),
        ]
    return PackPage(
        head=Head(f"Pack {line.reference}", line.service, _sentence(line, working=working)),
        state=state_of(line),
        facts=tuple(facts),
        working=working,
        step=_step(line),
        done=line.progress if line.job_state == "running" else None,
        steps=100,
        download=Button("Download PDF", address("packs.file", pack_id=line.pack_id), "i-down", "primary")
        if line.object_key
        else None,
        note=Note("This pack was not made", line.error or "Ask for it again.", "alert")
        if state_of(line) is FAILED
        else None,
    )


def _step(line: PackLine) -> str:
    """What happens now; a try that failed is told, although another follows by itself."""
    if line.job_state == "queued" and line.error:
        return line.error
    return line.progress_text or "Waiting for its turn"


def _sentence(line: PackLine, *, working: bool) -> str:
    if line.object_key:
        return f"The pack is ready: {counted(line.pages or 0, 'page')}. It never changes; for newer figures, make a new one."
    return "The pack is being made." if working else "The pack was not made."


def _row(line: PackLine, address: Address, name_service: bool) -> PackRow:
    asked = line.requested_at.astimezone(LONDON)
    return PackRow(
        reference=line.reference,
        href=address("packs.one", pack_id=line.pack_id),
        as_at=moment(line.as_at.astimezone(LONDON)),
        requested=f"{short_date(asked.date())}, {log_time(asked)} by {line.requested_initials or 'Mendline'}",
        state=state_of(line),
        detail=_detail(line, name_service=name_service),
        download=Link("Download", address("packs.file", pack_id=line.pack_id)) if line.object_key else None,
    )


def _detail(line: PackLine, *, name_service: bool) -> str:
    said = line.service if name_service else counted(line.pages, "page") if line.pages else ""
    return ". ".join(part for part in (said, f"For {line.for_body}" if line.for_body else "") if part)
