"""`mendline verify`: is a pack ours, unchanged, and do its figures still trace to their facts."""

import csv
import hashlib
import io
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.cli.embedded import embedded_files
from mendline.cli.naming import connect
from mendline.config import Settings
from mendline.indicators.model import Observation, ServiceIndicator
from mendline.packs.attachments import FACTS, MANIFEST
from mendline.packs.model import Pack, PackFile
from tenants.clock import LONDON
from tenants.directory.model import Service


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Say whether the pack FILE is ours and unchanged, and whether its figures still trace to their facts.

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
    whole = kept.sha256 == digest
    lines.append("The file is unchanged." if whole else "THE FILE WAS CHANGED since it was made.")
    spoilt = _spoilt(inside, manifest)
    lines += [f"The embedded file {name} IS NOT what the manifest says." for name in spoilt]
    traced, told = _trace(session, kept.provider_id, kept.service_id, inside.get(FACTS, b""))
    return whole and not spoilt and traced, [*lines, *told]


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
            PackFile.sha256,
            PackFile.made_at,
            Pack.reference,
            Service.name.label("service"),
        )
        .join(Pack, (Pack.provider_id == PackFile.provider_id) & (Pack.pack_id == PackFile.pack_id))
        .join(Service, (Service.provider_id == PackFile.provider_id) & (Service.service_id == PackFile.service_id))
        .where((PackFile.sha256 == digest) | (PackFile.manifest_sha256 == manifest_digest))
        .order_by((PackFile.sha256 == digest).desc(), PackFile.made_at.desc())
        .limit(1)
    )
    return rows.one_or_none()


def _spoilt(inside: dict[str, bytes], manifest: dict[str, Any]) -> list[str]:
    """Embedded files that are missing or other than the manifest says."""
    listed: dict[str, dict[str, Any]] = manifest.get("files", {})
    return [
        name for name, about in listed.items() if hashlib.sha256(inside.get(name, b"")).hexdigest() != about["sha256"]
    ]


def _trace(session: Session, provider_id: Any, service_id: Any, facts: bytes) -> tuple[bool, list[str]]:
    """Each figure of the pack against the revision that it names."""
    stored = {
        (row.definition_key, row.period_start, row.revision): row
        for row in session.execute(
            select(
                ServiceIndicator.definition_key,
                Observation.period_start,
                Observation.revision,
                Observation.numerator,
                Observation.denominator,
                Observation.value,
            )
            .join(
                ServiceIndicator,
                (ServiceIndicator.provider_id == Observation.provider_id)
                & (ServiceIndicator.service_id == Observation.service_id)
                & (ServiceIndicator.indicator_id == Observation.indicator_id),
            )
            .where(Observation.provider_id == provider_id, Observation.service_id == service_id)
        )
    }
    newest: dict[tuple[str, date], int] = {}
    for key, period, revision in stored:
        newest[key, period] = max(revision, newest.get((key, period), 0))
    lost: list[str] = []
    rows = corrected = 0
    for row in csv.DictReader(io.StringIO(facts.decode("utf-8-sig"), newline="")):
        rows += 1
        key, period = row["definition"], date.fromisoformat(row["period_start"])
        revision = int(float(row["revision"] or 1))
        found = stored.get((key, period, revision))
        if found is None or any(_number(row[name]) != getattr(found, name) for name in ("numerator", "denominator")):
            lost.append(f"NO FACT says what the pack says of {row['indicator']}, {row['period_start']}.")
        elif newest[key, period] > revision:
            corrected += 1
    told = [f"{rows - len(lost)} of {rows} figures trace to their facts."]
    if corrected:
        told.append(f"{corrected} of them were corrected after the pack was made.")
    return not lost, [*told, *lost[:20]]


def _number(text: str | None) -> float | None:
    return float(text) if text else None
