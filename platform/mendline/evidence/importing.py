"""A file of facts into the database: what it may name, the check, and the save of all of it or nothing."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO, TypeVar, cast

from sqlalchemy import Table, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import indicator_definitions
from mendline.catalogue.record_types import record_type, record_types
from mendline.evidence.imports.checking import check_observations
from mendline.evidence.imports.findings import RowProblem
from mendline.evidence.imports.known import Known, KnownService, known_indicator
from mendline.evidence.imports.mapping import FileMapping, MappingError, shipped_mappings
from mendline.evidence.imports.plan import ImportPlan, ImportRow, RecordRow
from mendline.evidence.imports.records import check_records, mapping_of
from mendline.evidence.measuring.marking import Placed, also_on, mark_records, placed
from mendline.evidence.model import ImportBatch, Record
from mendline.indicators.commands import ObservationRow, save_observations
from mendline.indicators.model import ServiceIndicator
from mendline.indicators.touching import touch_many
from tenants.clock import LONDON
from tenants.database import insert_many
from tenants.directory.model import Service
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

CHUNK = 5_000  # rows of one save; a file takes as many as it needs, all in one transaction

Progress = Callable[[int, int], None]  # rows saved, rows in all
Row = TypeVar("Row")


class ImportRefusedError(RefusedError):
    """A file that cannot be saved as it stands; nothing of it was.

    Attributes:
        rows: the first problems, by line.
        count: all of them.
    """

    def __init__(self, rows: Sequence[RowProblem], count: int) -> None:
        """Keeps the problems, and words that say how many there are."""
        problems = "problem" if count == 1 else "problems"
        super().__init__(f"Nothing was saved: the file has {count:,} {problems}. Mend the file and import it again.")
        self.rows, self.count = tuple(rows), count


@dataclass(frozen=True, slots=True)
class Names:
    """What a file of one provider may name, and the identifiers behind the names.

    Attributes:
        known: services and indicators, as the check looks them up.
        indicator_ids: the running indicator of a service, by service and key of the definition.
    """

    known: Known
    indicator_ids: Mapping[tuple[uuid.UUID, str], uuid.UUID]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file.

    Attributes:
        batch_id: the file, as its facts name it.
        saved: facts that were added.
        unchanged: facts that stood there already and say the same.
        before: when the very same file was saved; then nothing was changed.
    """

    batch_id: uuid.UUID
    saved: int
    unchanged: int
    before: datetime | None = None


def every_mapping() -> Mapping[str, FileMapping]:
    """The mappings that come with Mendline, then one for the template of each record type."""
    own = (mapping_of(declared) for declared in record_types().values())
    return {**shipped_mappings(), **{mapping.name: mapping for mapping in sorted(own, key=lambda one: one.name)}}


def find_any_mapping(name: str) -> FileMapping:
    """A mapping by its name.

    Raises:
        MappingError: there is none; the message says how to list them.
    """
    found = every_mapping().get(name)
    if found is None:
        raise MappingError(f"There is no mapping “{name[:40]}”. `mendline import --mappings` lists those there are.")
    return found


def names_of(session: Session, reach: Reach, provider_id: uuid.UUID) -> Names:
    """What a file of this provider may name: two statements, whatever the file's size."""
    reach.require("import_facts", provider_id)
    at, of = Service, ServiceIndicator
    services = session.execute(
        select(at.service_id, at.name, at.cqc_location_id, at.own_reference, at.opened_on, at.closed_on).where(
            at.provider_id == provider_id
        )
    )
    running = session.execute(
        select(of.service_id, of.definition_key, of.cadence, of.indicator_id)
        .where(of.provider_id == provider_id, of.ended_on.is_(None))
        .order_by(of.display_order.desc())
    ).all()
    known = Known(
        tuple(
            KnownService(row.service_id, row.name, row.cqc_location_id, row.own_reference, row.opened_on, row.closed_on)
            for row in services
        ),
        {key: known_indicator(definition) for key, definition in indicator_definitions().items()},
        {(row.service_id, row.definition_key): row.cadence for row in running},
    )
    return Names(known, {(row.service_id, row.definition_key): row.indicator_id for row in running})


def check_file(stream: BinaryIO, mapping: FileMapping, names: Names, at: datetime) -> ImportPlan:
    """Reads and checks a whole file; no database is asked.

    Raises:
        UnreadableFileError: it cannot be read as a table with the mapping's columns.
    """
    if mapping.target == "observations":
        return check_observations(stream, mapping, names.known, at.astimezone(LONDON).date())
    return check_records(stream, mapping, record_type(str(mapping.record_type)), names.known, at)


def save_file(
    session: Session,
    reach: Reach,
    plan: ImportPlan,
    names: Names,
    *,
    provider_id: uuid.UUID,
    file_name: str,
    at: datetime,
    progress: Progress = lambda _done, _all: None,
) -> Imported:
    """Saves a checked file in the transaction given; the same file a second time changes nothing.

    Args:
        session: the one transaction of the whole file.
        reach: who imports.
        plan: what the check made of the file.
        names: what the check was given.
        provider_id: whose facts they are.
        file_name: what people call the file; the reason of every figure that it corrects.
        at: the moment of recording, in UTC.
        progress: hears how many rows are saved.

    Raises:
        ImportRefusedError: the file has problems, found by the check or by the rules of each figure.
    """
    reach.require("import_facts", provider_id)
    if not plan.can_be_saved:
        raise ImportRefusedError(plan.problems, plan.problem_count)
    before = _saved_before(session, provider_id, plan)
    if before is not None:
        return before
    batch_id = new_id()
    saved = _observations if isinstance(plan.rows[0], ImportRow) else _records
    here = _Target(session, reach, names, provider_id, batch_id, file_name, at)
    added = 0
    for done, rows in _parts(_in_order(plan.rows)):
        added += saved(here, rows)
        progress(done, len(plan.rows))
    outcome = Imported(batch_id, added, len(plan.rows) - added)
    _keep_batch(here, plan, outcome)
    return outcome


@dataclass(frozen=True, slots=True)
class _Target:
    session: Session
    reach: Reach
    names: Names
    provider_id: uuid.UUID
    batch_id: uuid.UUID
    file_name: str
    at: datetime

    @property
    def reason(self) -> str:
        return f"Imported from {self.file_name}"


def _parts(rows: Sequence[Row]) -> Iterator[tuple[int, list[Row]]]:
    """The rows in parts, each with how many there are up to its end."""
    remaining, done = iter(rows), 0
    while part := list(islice(remaining, CHUNK)):
        done += len(part)
        yield done, part


def _in_order(rows: Sequence[ImportRow | RecordRow]) -> list[ImportRow | RecordRow]:
    """Figures of one indicator beside each other, so that each part touches a narrow stretch of what is kept."""
    return sorted(
        rows,
        key=lambda row: (
            (row.service_id, row.indicator, row.period_start)
            if isinstance(row, ImportRow)
            else (row.service_id, row.record_type, row.happened_at)
        ),
    )


def _saved_before(session: Session, provider_id: uuid.UUID, plan: ImportPlan) -> Imported | None:
    """The same bytes under the same mapping, saved earlier; two imports of one file wait for each other."""
    session.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:what, 0))"),
        {"what": f"import:{provider_id}:{plan.sha256}"},
    )
    row = session.execute(
        select(ImportBatch.batch_id, ImportBatch.recorded_at)
        .where(
            ImportBatch.provider_id == provider_id,
            ImportBatch.sha256 == plan.sha256,
            ImportBatch.mapping == plan.mapping,
        )
        .order_by(ImportBatch.recorded_at)
        .limit(1)
    ).one_or_none()
    return Imported(row.batch_id, 0, len(plan.rows), row.recorded_at) if row else None


def _observations(here: _Target, rows: Sequence[Any]) -> int:
    """Saves figures; what the figures' own rules refuse is told by the line of the file."""
    given = [
        ObservationRow(
            row.service_id,
            here.names.indicator_ids[row.service_id, row.indicator],
            row.period_start,
            row.numerator,
            row.denominator,
            row.value,
            None if row.state == "final" else row.state,  # so that a corrected figure becomes `revised`
            pointer={"reference": row.source_reference, "file": here.file_name} if row.source_reference else None,
            recorded_at=here.at,
        )
        for row in rows
    ]
    try:
        return save_observations(
            here.session,
            here.reach,
            given,
            provider_id=here.provider_id,
            source="imported",
            today=here.at.astimezone(LONDON).date(),
            batch_id=here.batch_id,
            reason=here.reason,
        ).saved
    except RefusedError as refused:
        raise _by_line(refused, rows) from refused


def _by_line(refused: RefusedError, rows: Sequence[ImportRow]) -> ImportRefusedError:
    """Problems that name a figure by its place among many, as problems of lines."""
    told = []
    for key, words in refused.problems.items():
        number, _, field = key.rpartition(".")
        row = rows[int(number) - 1] if number else rows[0]
        told.append(RowProblem(row.line, field, "", f"{row.indicator}: {words.rstrip('.')}", "Correct the line."))
    return ImportRefusedError(told, len(told))


def _records(here: _Target, rows: Sequence[Any]) -> int:
    """Saves source records; one that came before under its reference is left, or gets its next revision."""
    wanted: Sequence[RecordRow] = rows
    ids = [_record_id(here.provider_id, row) for row in wanted]
    kept = _newest_records(here.session, here.provider_id, ids)
    added = [
        _record(here, row, record_id, kept.get(record_id))
        for row, record_id in zip(wanted, ids, strict=True)
        if record_id not in kept or kept[record_id][1] != row.payload
    ]
    insert_many(here.session, cast("Table", Record.__table__), added)
    mark_records(here.session, here.provider_id, _placed(added, kept), here.reach.person_id)
    touched: dict[uuid.UUID, set[str]] = {}
    for one in added:
        touched.setdefault(one["service_id"], set()).add(f"record:{one['record_type']}")
    touch_many(here.session, here.provider_id, touched)
    return len(added)


def _placed(
    added: Sequence[Mapping[str, Any]], kept: Mapping[uuid.UUID, tuple[int, Any, datetime]]
) -> Iterator[Placed]:
    """Where each record stands now, and where it stood before."""
    for row in added:
        yield placed(row["service_id"], row["record_type"], row["happened_at"], row["payload"])
        if row["record_id"] in kept:
            _, payload, happened_at = kept[row["record_id"]]
            yield placed(row["service_id"], row["record_type"], happened_at, payload)


def _record_id(provider_id: uuid.UUID, row: RecordRow) -> uuid.UUID:
    """Always the same for the same record: by its reference at the source, else by everything that it says."""
    said = row.source_reference or json.dumps([row.happened_at.isoformat(), dict(row.payload)], sort_keys=True)
    return uuid.uuid5(provider_id, f"{row.service_id}:{row.record_type}:{said}")


def _newest_records(
    session: Session, provider_id: uuid.UUID, ids: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, tuple[int, Any, datetime]]:
    rows = session.execute(
        select(Record.record_id, Record.revision, Record.payload, Record.happened_at)
        .where(Record.provider_id == provider_id, Record.record_id == func.any(list(ids)))
        .order_by(Record.record_id, Record.revision.desc())
        .ext(distinct_on(Record.record_id))
    )
    return {row.record_id: (row.revision, row.payload, row.happened_at) for row in rows}


def _record(
    here: _Target, row: RecordRow, record_id: uuid.UUID, earlier: tuple[int, Any, datetime] | None
) -> dict[str, Any]:
    return {
        "provider_id": here.provider_id,
        "service_id": row.service_id,
        "record_id": record_id,
        "revision": earlier[0] + 1 if earlier else 1,
        "record_type": row.record_type,
        "type_version": row.type_version,
        "happened_at": row.happened_at,
        "payload": dict(row.payload),
        "source_system": None,
        "source_reference": row.source_reference,
        "reason": here.reason if earlier else None,
        "batch_id": here.batch_id,
        "recorded_by": here.reach.person_id,
        "recorded_initials": here.reach.initials if here.reach.person_id else None,
        "recorded_at": here.at,
        "also_on": also_on(row.record_type, row.payload),
    }


def _keep_batch(here: _Target, plan: ImportPlan, outcome: Imported) -> None:
    here.session.add(
        ImportBatch(
            provider_id=here.provider_id,
            batch_id=here.batch_id,
            file_name=here.file_name,
            sha256=plan.sha256,
            mapping=plan.mapping,
            rows=plan.lines_read,
            saved=outcome.saved,
            unchanged=outcome.unchanged,
            recorded_by=here.reach.person_id,
            recorded_at=here.at,
        )
    )
    note(
        here.session,
        here.reach,
        "file imported",
        provider_id=here.provider_id,
        subject=f"import {here.batch_id}",
        detail={
            "sha256": plan.sha256,
            "mapping": plan.mapping,
            "rows": plan.lines_read,
            "saved": outcome.saved,
            "unchanged": outcome.unchanged,
        },
    )
