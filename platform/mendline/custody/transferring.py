"""Carries a service over from one provider to another: copied forward table by table, compared, then closed behind.

Everything is done by functions of the database that ask again whether both sides approved; each call copies so many
rows and remembers which, so that a worker that was killed anywhere goes on where it was.
"""

import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mendline.custody.model import TransferredTable
from mendline.custody.tables import tenant_tables
from mendline.evidence.files.keeping import Keeper, is_evidence_key
from mendline.evidence.files.stores import GoneError
from mendline.indicators.marking import mark_many_stale
from mendline.indicators.model import ServiceIndicator
from tenants.clock import now
from tenants.errors import RefusedError

AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Crossing:
    """A transfer that both sides approved."""

    transfer_id: uuid.UUID
    from_provider: uuid.UUID
    to_provider: uuid.UUID
    to_service: uuid.UUID
    tables: tuple[str, ...]


def crossing_of_job(session: Session) -> Crossing:
    """The transfer of this transaction's job, with its tables, parents first."""
    row = session.execute(text("select * from custody.transfer_of_job()")).one()
    mine = session.execute(
        text("select service_id from service_transfer where provider_id = :provider and transfer_id = :transfer"),
        {"provider": row.other_provider_id, "transfer": row.transfer_id},
    ).scalar_one()
    wanted = set(session.execute(text("select custody.tables_of(:classes)"), {"classes": row.classes}).scalars())
    ordered = tuple(table.name for table in tenant_tables() if table.name in wanted)
    return Crossing(row.transfer_id, row.provider_id, row.other_provider_id, mine, ordered)


def copy_some(session: Session, table: str, most: int = AT_ONCE) -> int:
    """Copies up to so many rows of a table that are not there yet."""
    values = {"table": table, "most": most}
    return int(session.execute(text("select custody.copy_rows(:table, :most)"), values).scalar_one())


def copy_objects(state: Path, keys: Iterator[str], crossing: Crossing) -> int:
    """Copies the files that the copied rows name; the originals stay with whoever gave the service.

    Evidence files are sealed for their provider, and go over by `carry_over_files`.
    """
    copied = 0
    for key in keys:
        if is_evidence_key(key):
            continue
        original = state / "objects" / key.replace(str(crossing.to_provider), str(crossing.from_provider), 1)
        target = state / "objects" / key
        if original.is_file() and not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = target.with_name(f".{target.name}.part")
            shutil.copyfile(original, part)
            part.replace(target)
            copied += 1
    return copied


def carry_over_files(keeper: Keeper, keys: Iterable[str], crossing: Crossing) -> int:
    """Seals the evidence files that the copied rows name for whoever took the service; how many there were.

    A file that was refused, or of which only the clean one is kept, is not there to be carried.
    """
    carried = 0
    for key in keys:
        if is_evidence_key(key):
            with suppress(GoneError):
                keeper.carry_over(key, crossing.from_provider)
                carried += 1
    return carried


def object_keys(session: Session, crossing: Crossing) -> Iterator[str]:
    """The keys of files that the copied rows name."""
    for table in tenant_tables():
        if table.name in crossing.tables and "object_key" in table.c:
            found = select(table.c.object_key).where(
                table.c.provider_id == crossing.to_provider, table.c.service_id == crossing.to_service
            )
            yield from (key for key in session.execute(found).scalars() if key)


def finish(session: Session, crossing: Crossing) -> int:
    """Compares both sides and ends the transfer on both; how many rows came along.

    Raises:
        RefusedError: counts or checksums differ; nothing is ended.
    """
    total = 0
    for table in crossing.tables:
        found = session.execute(text("select * from custody.compare_rows(:table)"), {"table": table}).one()
        if (found.given, found.given_sum) != (found.taken, found.taken_sum):
            raise RefusedError(f"{table}: {found.given} rows were given and {found.taken} are there, or they differ.")
        total += found.taken
        session.add(
            TransferredTable(
                provider_id=crossing.to_provider,
                transfer_id=crossing.transfer_id,
                table_name=table,
                rows=found.taken,
                checksum=found.taken_sum,
                recorded_at=now(),
            )
        )
    session.flush()
    session.execute(
        text("select custody.end_transfer(:tables, :rows)"), {"tables": len(crossing.tables), "rows": total}
    )
    indicators = session.execute(
        select(ServiceIndicator.indicator_id).where(
            ServiceIndicator.provider_id == crossing.to_provider, ServiceIndicator.service_id == crossing.to_service
        )
    ).scalars()
    mark_many_stale(session, crossing.to_provider, [(crossing.to_service, each, None) for each in indicators])
    return total
