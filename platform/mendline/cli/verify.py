"""`mendline verify`: is a pack ours, unchanged, and do its figures still trace to their facts."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.cli.copies import PackKey, handed_copy
from mendline.cli.embedded import embedded_files, links
from mendline.cli.naming import connect
from mendline.config import Settings
from mendline.evidence.files.watermark import mark_of
from mendline.packs.attachments import FACTS, MANIFEST
from mendline.packs.commissioned.document import FORMAT
from mendline.packs.commissioned.tracing import trace_shown
from mendline.packs.model import Pack, PackFile
from mendline.packs.tracing import trace
from tenants.clock import LONDON
from tenants.directory.model import Service


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Say whether the pack FILE is ours and unchanged, and whether its figures still trace to their facts and records.

    Exit status 1 where it is not, or where one does not.
    """
    content = file.read_bytes()
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            good, lines = _examine(session, content)
    finally:
        database.dispose()
    click.echo("\n".join(lines))
    sys.exit(0 if good else 1)


def _examine(session: Session, content: bytes) -> tuple[bool, list[str]]:
    """Whether everything holds, and what was found, in order."""
    inside = embedded_files(content)
    manifest = _manifest(inside)
    if manifest is None:
        return False, ["This is not a pack of Mendline: it carries no manifest."]
    digest = hashlib.sha256(content).hexdigest()
    manifest_digest = hashlib.sha256(inside[MANIFEST]).hexdigest()
    kept = _kept(session, digest, manifest_digest)
    if kept is None:
        return False, ["Not one of the packs kept here: neither the file nor its manifest is known."]
    when = kept.made_at.astimezone(LONDON)
    lines = [f"Pack {kept.reference} of {kept.service}, made on {when:%d %B %Y at %H:%M}."]
    whole, told = _told_of(session, kept, content, digest)
    lines += told
    spoilt = _spoilt(inside, manifest)
    lines += [f"The embedded file {name} IS NOT what the manifest says." for name in spoilt]
    if manifest["format"] == FORMAT:
        shown = trace_shown(session, kept.provider_id, kept.service_id, as_at=kept.as_at, facts=inside.get(FACTS, b""))
        return whole and not spoilt and shown.holds, [*lines, *shown.told]
    traced = trace(
        session,
        kept.provider_id,
        kept.service_id,
        as_at=kept.as_at,
        facts=inside.get(FACTS, b""),
        links=links(content),
    )
    return whole and not spoilt and traced.holds, [*lines, *traced.told]


def _manifest(inside: dict[str, bytes]) -> dict[str, Any] | None:
    try:
        found = json.loads(inside.get(MANIFEST, b""))
    except ValueError:
        return None
    return found if isinstance(found, dict) and str(found.get("format", "")).startswith("mendline-pack-") else None


def _kept(session: Session, digest: str, manifest_digest: str) -> Any:
    rows = session.execute(
        select(
            PackFile.provider_id,
            PackFile.service_id,
            PackFile.pack_id,
            PackFile.sha256,
            PackFile.made_at,
            Pack.reference,
            Pack.as_at,
            Service.name.label("service"),
        )
        .join(Pack, (Pack.provider_id == PackFile.provider_id) & (Pack.pack_id == PackFile.pack_id))
        .join(Service, (Service.provider_id == PackFile.provider_id) & (Service.service_id == PackFile.service_id))
        .where((PackFile.sha256 == digest) | (PackFile.manifest_sha256 == manifest_digest))
        .order_by((PackFile.sha256 == digest).desc(), PackFile.made_at.desc())
        .limit(1)
    )
    return rows.one_or_none()


def _told_of(session: Session, kept: Any, content: bytes, digest: str) -> tuple[bool, list[str]]:
    """Whether the file is one that was made or handed out here, and which; where it was changed, whose copy it was."""
    if kept.sha256 == digest:
        return True, ["The file is unchanged."]
    pack = PackKey(kept.provider_id, kept.service_id, kept.pack_id)
    copy = handed_copy(session, pack, sha256=digest)
    if copy:
        return True, [f"It is the copy that was handed to {copy}, and unchanged since.", *_words(copy.mark)]
    told = ["THE FILE WAS CHANGED since it was made."]
    mark = mark_of(content)
    if mark is None:
        return False, told
    was = handed_copy(session, pack, mark=mark)
    whose = (
        f"Such a copy was handed to {was}. This file is not that copy any more."
        if was
        else "NO SUCH COPY was handed out."
    )
    return False, [*told, *_words(mark), whose]


def _words(mark: str | None) -> list[str]:
    return [f"Across its pages stands: {mark}."] if mark else []


def _spoilt(inside: dict[str, bytes], manifest: dict[str, Any]) -> list[str]:
    """Embedded files that are missing or other than the manifest says."""
    listed: dict[str, dict[str, Any]] = manifest.get("files", {})
    return [
        name for name, about in listed.items() if hashlib.sha256(inside.get(name, b"")).hexdigest() != about["sha256"]
    ]
