"""Everything that is held on one person, as an archive that opens without Mendline: a worker makes it."""

import hashlib
import io
import json
import uuid
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, Text, cast, func, literal_column, select, text
from sqlalchemy.orm import Session

from mendline.catalogue.record_types import LAWFUL_BASES, record_types
from mendline.custody.evidence_files import HeldFile, content_of, files_about
from mendline.custody.schedule import schedule_of
from mendline.custody.tables import searched_tables
from mendline.evidence.files.keeping import Keeper
from mendline.evidence.imports.writing import Writable, write_csv
from tenants.reach import Reach

MOST_BYTES = 200 * 1024 * 1024  # of evidence files in one archive, which a worker holds in memory
_MEMBER = json.JSONEncoder(ensure_ascii=False, default=str, allow_nan=False).encode
# What a job may read at all; what else there is (secrets of sign-in) holds nothing on people who use services.
_READABLE = text("""
select c.relname from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and has_table_privilege(c.oid, 'select')
""")
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that an archive can say; the manifest has the real one


@dataclass(frozen=True, slots=True)
class Archive:
    """A finished archive: its bytes and how many rows of each table are in it."""

    content: bytes
    counts: Mapping[str, int]


def object_key(reach: Reach, provider_id: uuid.UUID, request_id: uuid.UUID) -> str:
    """The key of an archive's file.

    Raises:
        ValueError: the provider is not within reach; a key is never made for somebody else's.
    """
    if provider_id not in reach.provider_ids:
        raise ValueError("a key is made only within reach")
    return f"{provider_id}/custody/{request_id}.zip"


def archive_of(
    session: Session,
    provider_id: uuid.UUID,
    *,
    service_id: uuid.UUID | None,
    reference: str,
    also_named: str | None,
    keeper: Keeper,
    at: datetime,
) -> Archive:
    """Looks through every table of the provider for a person's reference or name and packs what it finds.

    Args:
        session: a transaction of a job.
        provider_id: whose data.
        service_id: one service alone; a reference may mean different people at different services.
        reference: the person's reference, such as P-014.
        also_named: a name to look for in words as well.
        keeper: of evidence files; those whose entry names the person are put in as well.
        at: the moment that the manifest names.
    """
    pattern = session.execute(
        text("select custody.words_of(:reference, :named)"), {"reference": reference, "named": also_named}
    ).scalar_one()
    files: dict[str, bytes] = {}
    counts: dict[str, int] = {}
    readable = set(session.execute(_READABLE).scalars())
    for table in searched_tables():
        if table.name not in readable:
            continue
        rows = _rows_about(session, table, provider_id, service_id, pattern)
        if rows:
            counts[table.name] = len(rows)
            names = [column.name for column in table.columns]
            files[f"{table.name}.csv"] = _as_csv(names, rows)
            files[f"{table.name}.jsonl"] = _as_lines(names, rows)
    kept, left_out = _files_about(files_about(session, provider_id, service_id, pattern), keeper)
    files |= kept
    files["read-me.txt"] = _explained(counts, len(kept), left_out).encode()
    manifest = {
        "format": "mendline-person-1",
        "provider_id": str(provider_id),
        "service_id": str(service_id) if service_id else None,
        "made_at": at.isoformat(),
        "rows": counts,
        "not_searched": sorted(table.name for table in searched_tables() if table.name not in readable),
        "files_left_out": left_out,
        "files": {name: {"sha256": hashlib.sha256(content).hexdigest()} for name, content in sorted(files.items())},
    }
    files["manifest.json"] = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
    return Archive(_zipped(files), counts)


def _files_about(found: Sequence[HeldFile], keeper: Keeper) -> tuple[dict[str, bytes], list[str]]:
    """Evidence files for the archive, and the names of those that are too much for it or not kept any more."""
    kept: dict[str, bytes] = {}
    left_out = []
    room = MOST_BYTES
    for file in found:
        blocks = content_of(file, keeper)
        content = b"".join(blocks) if blocks is not None else None
        if content is None or len(content) > room:
            left_out.append(f"{file.member} ({'not kept any more' if content is None else 'too large'})")
            continue
        room -= len(content)
        kept[file.member] = content
    return kept, left_out


def _rows_about(
    session: Session, table: Table, provider_id: uuid.UUID, service_id: uuid.UUID | None, pattern: str
) -> list[Mapping[str, Any]]:
    wanted = select(*table.columns).where(
        table.c.provider_id == provider_id,
        cast(func.to_jsonb(literal_column(table.name)), Text).op("~*")(pattern),
    )
    if service_id is not None and "service_id" in table.c:
        wanted = wanted.where(table.c.service_id == service_id)
    found = session.execute(wanted.order_by(*table.primary_key.columns)).mappings()
    return [dict(row) for row in found]


def _as_csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    sheet = io.StringIO(newline="")
    write_csv(sheet, names, ([_cell(row[name]) for name in names] for row in rows))
    return sheet.getvalue().encode("utf-8-sig")  # so that a spreadsheet reads the names right


def _as_lines(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(_MEMBER({name: _plain(row[name]) for name in names}) + "\n" for row in rows).encode()


def _cell(value: Any) -> Writable:
    if isinstance(value, Mapping | list):
        return _MEMBER(value)
    found: Writable = value.hex() if isinstance(value, bytes) else value
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date | datetime) else value


def _explained(counts: Mapping[str, int], files: int, left_out: Sequence[str]) -> str:
    """What the archive is, for whoever opens it: what is there, what for, on what basis, for how long."""
    kept = {one.key: one for one in schedule_of(record_types(), {})}
    lines = [
        "Everything that Mendline holds on one person for a care provider, by their reference.",
        "Each table is there twice: .csv opens in a spreadsheet, .jsonl is for programs. manifest.json has checksums.",
        "Look through it before it is given to anybody: it may hold what concerns other people.",
        "",
        *(f"{name}: {count} rows" for name, count in sorted(counts.items())),
        f"files: {files} files of evidence whose entry in the index names the person",
        *(f"not in here: {name}" for name in left_out),
        "",
        "What records are for, and on what basis they are held:",
        *(f"{one.title}: {one.purpose}. {one.basis}. Kept {one.years} years." for one in kept.values()),
        "",
        *(f"{name}: {words}" for name, words in LAWFUL_BASES.items()),
    ]
    return "\r\n".join(lines) + "\r\n"


def _zipped(files: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, _FIXED_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            archive.writestr(member, files[name])
    return held.getvalue()
