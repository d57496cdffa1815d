"""A file of facts into the database: what it may name, the check, and the save of all of it or nothing."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import BinaryIO, TypeVar, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import indicator_definitions
from mendline.catalogue.record_types import record_type, record_types
from mendline.evidence.imports.checking import check_observations
from mendline.evidence.imports.findings import SHOWN, Findings, RowProblem
from mendline.evidence.imports.known import Known, KnownService, known_indicator
from mendline.evidence.imports.mapping import FileMapping, MappingError, shipped_mappings
from mendline.evidence.imports.model import ImportUndo
from mendline.evidence.imports.one_ahead import OneAhead
from mendline.evidence.imports.plan import ImportPlan, ImportRow, RecordRow
from mendline.evidence.imports.records import check_records, mapping_of
from mendline.evidence.imports.saving_figures import save_figures
from mendline.evidence.imports.saving_records import RecordSaver
from mendline.evidence.imports.target import Choices, Names, Sender, Target
from mendline.evidence.imports.weighing import Tally
from mendline.evidence.model import ImportBatch
from mendline.indicators.model import ServiceIndicator
from tenants.clock import LONDON
from tenants.database import in_turn
from tenants.directory.model import Service
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

CHUNK = 5_000  # rows of one save; a file takes as many as it needs, all in one transaction
PREVIEWED = 10  # rows of a file that its preview shows

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
        self.rows, self.count = tuple(rows[:SHOWN]), count


class ImportUndecidedError(RefusedError):
    """A file that a person has to decide about first; nothing of it was saved.

    Attributes:
        found: what has to be decided, row by row.
    """

    def __init__(self, found: "Examined") -> None:
        """Says how much there is to decide."""
        conflicts, alike = found.tally.counts["conflict"], found.tally.undecided
        parts = []
        if conflicts and found.stopped_by_conflicts:
            parts.append(f"{conflicts:,} say something else than what somebody recorded by hand")
        if alike:
            parts.append(f"{alike:,} may be records that are kept already")
        super().__init__(f"Nothing was saved: of the rows, {' and '.join(parts)}. Decide about them first.")
        self.found = found


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file.

    Attributes:
        batch_id: the file, as its facts name it.
        saved: facts that were added.
        unchanged: facts that stay as they were: they say the same already, or a person's correction stands.
        before: when the very same file was saved; then nothing was changed.
        tally: how many rows were what.
    """

    batch_id: uuid.UUID
    saved: int
    unchanged: int
    before: datetime | None = None
    tally: Tally | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file would do, or did.

    Attributes:
        saved: facts that are added.
        tally: how many rows are what.
        findings: problems that only the facts' own rules find.
        stopped_by_conflicts: whether conflicts keep the file out.
    """

    saved: int
    tally: Tally
    findings: Findings
    stopped_by_conflicts: bool


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


def names_of(session: Session, reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID | None = None) -> Names:
    """What a file of this provider, or of one of its services, may name: two statements, whatever the file's size."""
    reach.require("import_facts", provider_id, service_id)
    at, of = Service, ServiceIndicator
    here = () if service_id is None else (at.service_id == service_id,)
    services = session.execute(
        select(
            at.service_id, at.name, at.cqc_location_id, at.own_reference, at.opened_on, at.closed_on, at.area_code
        ).where(at.provider_id == provider_id, *here)
    )
    running = session.execute(
        select(of.service_id, of.definition_key, of.cadence, of.indicator_id)
        .where(of.provider_id == provider_id, of.ended_on.is_(None))
        .order_by(of.display_order.desc())
    ).all()
    known = Known(
        tuple(KnownService(*row) for row in services),
        {key: known_indicator(definition) for key, definition in indicator_definitions().items()},
        {(row.service_id, row.definition_key): row.cadence for row in running},
    )
    return Names(known, {(row.service_id, row.definition_key): row.indicator_id for row in running}, service_id)


def check_file(
    stream: BinaryIO, mapping: FileMapping, names: Names, at: datetime, *, leaves_out: bool = False
) -> ImportPlan:
    """Reads and checks a whole file; no database is asked.

    Args:
        stream: the file, seekable.
        mapping: what its columns mean.
        names: what it may name.
        at: the moment; nothing after it is accepted.
        leaves_out: whether rows that contradict each other are left out, as a person chose; otherwise they stop the file.

    Raises:
        UnreadableFileError: it cannot be read as a table with the mapping's columns.
    """
    only = next((one for one in names.known.services if one.service_id == names.service_id), None)
    if mapping.target == "observations":
        today = at.astimezone(LONDON).date()
        return check_observations(stream, mapping, names.known, today, only, leaves_out=leaves_out)
    kind = record_type(str(mapping.record_type))
    return check_records(stream, mapping, kind, names.known, at, only, leaves_out=leaves_out)


def examine(here: Target, plan: ImportPlan, progress: Progress = lambda _done, _all: None) -> Examined:
    """Weighs every row of a checked file against what stands, and saves what is to be saved unless it is a rehearsal."""
    tally, findings = Tally(), Findings()
    if not plan.rows:
        return Examined(0, tally, findings, stopped_by_conflicts=False)
    save = _save_records if isinstance(plan.rows[0], RecordRow) else _save_figures
    saved = save(here, plan, tally, findings, progress)
    stopped = here.choices.on_conflict == "stop" and tally.counts["conflict"] > 0
    return Examined(saved, tally, findings, stopped)


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
    choices: Choices | None = None,
    sender: Sender | None = None,
    import_id: uuid.UUID | None = None,
) -> Imported:
    """Saves a checked file in the transaction given; the same file a second time changes nothing.

    Args:
        session: the one transaction of the whole file.
        reach: who imports.
        plan: what the check made of the file.
        names: what the check was given.
        provider_id: whose facts they are.
        file_name: what people call the file; the reason of every fact that it corrects.
        at: the moment of recording, in UTC.
        progress: hears how many rows are saved.
        choices: what a person decided about conflicts and duplicates; by default both stop the file.
        sender: in whose name facts are recorded; by default whoever imports.
        import_id: the file's own number, where it was sent on a page.

    Raises:
        ImportRefusedError: the file has problems, found by the check or by the rules of each fact.
        ImportUndecidedError: conflicts or possible duplicates wait for a decision.
        ConflictError: another import was in the way.
    """
    reach.require("import_facts", provider_id, names.service_id)
    if not plan.can_be_saved:
        raise ImportRefusedError(plan.problems, plan.problem_count)
    before = saved_before(session, provider_id, plan)
    if before is not None:
        return before
    here = Target(
        session,
        reach,
        sender or Sender(reach.person_id, reach.initials if reach.person_id else None),
        names,
        provider_id,
        new_id(),
        file_name,
        at,
        choices or Choices(),
        import_id=import_id,
    )
    done = examine(here, plan, progress)
    if done.findings.total:
        raise ImportRefusedError(done.findings.problems, done.findings.total)
    if done.stopped_by_conflicts or done.tally.undecided:
        raise ImportUndecidedError(done)
    outcome = Imported(here.batch_id, done.saved, len(plan.rows) - done.saved, tally=done.tally)
    _keep_batch(here, plan, outcome)
    return outcome


def rehearse(here: Target, plan: ImportPlan) -> Examined:
    """What a checked file would do; nothing is changed."""
    return examine(replace(here, writes=False), plan)


def saved_before(session: Session, provider_id: uuid.UUID, plan: ImportPlan) -> Imported | None:
    """The same bytes under the same mapping, saved and not taken back; two imports of one file wait for each other."""
    in_turn(session, f"import:{provider_id}:{plan.sha256}")
    undone = select(ImportUndo.batch_id).where(
        ImportUndo.provider_id == provider_id, ImportUndo.batch_id == ImportBatch.batch_id
    )
    row = session.execute(
        select(ImportBatch.batch_id, ImportBatch.recorded_at)
        .where(
            ImportBatch.provider_id == provider_id,
            ImportBatch.sha256 == plan.sha256,
            ImportBatch.mapping == plan.mapping,
            ~undone.exists(),
        )
        .order_by(ImportBatch.recorded_at)
        .limit(1)
    ).one_or_none()
    return Imported(row.batch_id, 0, len(plan.rows), row.recorded_at) if row else None


def _save_figures(here: Target, plan: ImportPlan, tally: Tally, findings: Findings, progress: Progress) -> int:
    saved = 0
    for done, rows in _parts(_in_order(plan.rows)):
        saved += save_figures(here, cast("Sequence[ImportRow]", rows), tally, findings)
        progress(done, len(plan.rows))
    return saved


def _save_records(here: Target, plan: ImportPlan, tally: Tally, findings: Findings, progress: Progress) -> int:
    saved = 0
    with OneAhead() as ahead:
        saver = RecordSaver(here, cast("Sequence[RecordRow]", plan.rows), tally, findings, ahead)
        for done, rows in _parts(_in_order(plan.rows)):
            saved += saver.save(cast("Sequence[RecordRow]", rows))
            progress(done, len(plan.rows))
        saver.finish()
    return saved


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
            (row.service_id.int, row.indicator, row.period_start)
            if isinstance(row, ImportRow)
            else (row.service_id.int, row.record_type, row.happened_at)
        ),
    )


def _keep_batch(here: Target, plan: ImportPlan, outcome: Imported) -> None:
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
            recorded_by=here.sender.person_id,
            recorded_at=here.at,
        )
    )
    note(
        here.session,
        here.reach,
        "file imported",
        provider_id=here.provider_id,
        service_id=here.names.service_id,
        subject=f"import {here.batch_id}",
        detail={
            "sha256": plan.sha256,
            "mapping": plan.mapping,
            "rows": plan.lines_read,
            "saved": outcome.saved,
            "unchanged": outcome.unchanged,
        },
    )
