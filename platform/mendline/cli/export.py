"""`mendline export`: everything that a provider owns, in open formats, with a manifest of checksums."""

import hashlib
import json
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

import click
from sqlalchemy import RowMapping, Table, select, text
from sqlalchemy.orm import Session

from mendline.cli.naming import connect, find_provider
from mendline.cli.showing import Meter
from mendline.config import Settings
from mendline.custody.evidence_files import all_files, content_of
from mendline.custody.tables import MACHINERY, tenant_tables
from mendline.evidence.files.keeping import Keeper, keeper_of
from mendline.evidence.imports.writing import Writable, write_csv
from mendline.packs.model import PackFile
from tenants.clock import now
from tenants.directory.model import Provider
from tenants.errors import RefusedError, UnavailableError

MANIFEST = "manifest.json"
# What the ledger is committed with never leaves the database.
_KEYS = frozenset({"provider_key"})
_MEMBER = json.JSONEncoder(ensure_ascii=False, default=str, allow_nan=False).encode


@click.command()
@click.argument("provider")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def export(provider: str, folder: Path) -> None:
    """Write everything that a PROVIDER (its name or identifier) owns into DIR, which must be new or empty.

    Each table as CSV for spreadsheets and as JSON lines for programs, the finished packs, the evidence files as they
    are given out, and manifest.json with the rows and the SHA-256 of each file. It is one moment of the database; DIR appears when everything is written.
    """
    settings = Settings.from_environment()
    if folder.exists() and any(folder.iterdir()):
        raise RefusedError(f"{folder} is not empty. Name a new folder, so that nothing is mixed or written over.")
    part = folder.with_name(f".{folder.name}.part")
    database = connect(settings)
    try:
        with database.administration() as session:
            session.execute(text("set transaction isolation level repeatable read, read only"))
            provider_id, name = find_provider(session, provider)
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True, mode=0o700)
            rows = _write_everything(session, provider_id, name, part, settings)
        folder.rmdir() if folder.exists() else None
        part.rename(folder)
    except OSError as problem:
        raise UnavailableError(
            f"{folder} cannot be written: {(problem.strerror or str(problem)).lower()}. Nothing was left there; free "
            "some space or choose another place, and export again."
        ) from problem
    finally:
        shutil.rmtree(part, ignore_errors=True)
        database.dispose()
    click.echo(f"{name}: {rows:,} rows in {folder}.", err=True)


def provider_tables() -> list[Table]:
    """The tables that hold what a provider owns; every area's tables are declared first."""
    return [table for table in tenant_tables() if table.name not in MACHINERY | _KEYS]


def _write_everything(session: Session, provider_id: uuid.UUID, name: str, folder: Path, settings: Settings) -> int:
    files: dict[str, dict[str, object]] = {}
    total, tables = 0, provider_tables()
    with Meter("Writing") as meter:
        for number, table in enumerate(tables, start=1):
            rows = _write_table(session, table, provider_id, folder)
            total += rows
            for suffix in ("csv", "jsonl"):
                files[f"{table.name}.{suffix}"] = {"rows": rows, **_fingerprint(folder / f"{table.name}.{suffix}")}
            meter.show(number, len(tables))
    files |= _copy_packs(session, provider_id, folder, settings.state)
    copied, gone = _copy_evidence(session, provider_id, folder, keeper_of(settings))
    files |= copied
    manifest = {
        "format": "mendline-export-1",
        "provider_id": str(provider_id),
        "provider": name,
        "is_demonstration": session.get_one(Provider, provider_id).is_demonstration,
        "exported_at": now().isoformat(),
        "files": files,
        "not_kept": gone,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return total


def _write_table(session: Session, table: Table, provider_id: uuid.UUID, folder: Path) -> int:
    names = [column.name for column in table.columns]
    found = session.execute(
        select(*table.columns).where(table.c.provider_id == provider_id).order_by(*table.primary_key.columns),
        execution_options={"yield_per": 2_000},
    )
    with (
        (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as sheet,
        (folder / f"{table.name}.jsonl").open("w", encoding="utf-8") as lines,
    ):
        return write_csv(sheet, names, _both(found.mappings(), names, lines))


def _both(rows: Iterator[RowMapping] | Any, names: Sequence[str], lines: TextIO) -> Iterator[Sequence[Writable]]:
    """Each row as a line of JSON on the way to its row of CSV."""
    for row in rows:
        lines.write(_MEMBER({name: _plain(row[name]) for name in names}) + "\n")
        yield [_cell(row[name]) for name in names]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date | datetime) else value


def _cell(value: Any) -> Writable:
    if isinstance(value, Mapping | list):
        return _MEMBER(value)
    if isinstance(value, bytes):
        return value.hex()
    found: Writable = value
    return found


def _copy_packs(session: Session, provider_id: uuid.UUID, folder: Path, state: Path) -> dict[str, dict[str, object]]:
    """Finished packs that this machine keeps; one that is elsewhere is named in the table and not copied."""
    found: dict[str, dict[str, object]] = {}
    rows = session.execute(
        select(PackFile.pack_id, PackFile.object_key).where(PackFile.provider_id == provider_id)
    ).all()
    for row in rows:
        original = state / "objects" / row.object_key
        if original.is_file():
            (folder / "packs").mkdir(exist_ok=True)
            copy = folder / "packs" / f"{row.pack_id}.pdf"
            shutil.copyfile(original, copy)
            found[f"packs/{row.pack_id}.pdf"] = _fingerprint(copy)
    return found


def _copy_evidence(
    session: Session, provider_id: uuid.UUID, folder: Path, keeper: Keeper
) -> tuple[dict[str, dict[str, object]], list[str]]:
    """Evidence files, opened; and the names of those that are not kept (refused, infected or erased)."""
    found: dict[str, dict[str, object]] = {}
    gone = []
    for file in all_files(session, provider_id):
        blocks = content_of(file, keeper)
        if blocks is None:
            gone.append(file.member)
            continue
        copy = folder / file.member
        copy.parent.mkdir(exist_ok=True)
        with copy.open("wb") as written:
            written.writelines(blocks)
        found[file.member] = {**_fingerprint(copy), "evidence_id": str(file.evidence_id)}
    return found, gone


def _fingerprint(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}
