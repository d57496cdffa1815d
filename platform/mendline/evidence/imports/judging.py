"""What a job makes of a file: its columns, its check, its facts, or their taking back; and what the page says of it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from mendline.evidence.importing import (
    PREVIEWED,
    Imported,
    Progress,
    check_file,
    find_any_mapping,
    names_of,
    rehearse,
    save_file,
    saved_before,
)
from mendline.evidence.imports.decoding import UnreadableFileError
from mendline.evidence.imports.mapping import FileMapping, MappingError
from mendline.evidence.imports.model import ImportFile
from mendline.evidence.imports.own import likeliest_target, read_own
from mendline.evidence.imports.plan import ImportPlan
from mendline.evidence.imports.preview import columns_of, rows_of
from mendline.evidence.imports.proposals import decisions_of
from mendline.evidence.imports.queries import mapping_version
from mendline.evidence.imports.reading import DELIMITERS, open_table
from mendline.evidence.imports.saving_records import MOST_PROPOSED
from mendline.evidence.imports.sent import SentFile
from mendline.evidence.imports.target import Choices, Names, Sender, Target
from mendline.evidence.imports.undoing import undo_batch
from mendline.evidence.imports.weighing import OnConflict
from tenants.ids import new_id
from tenants.reach import Reach

SAMPLED = 5
Proposals = Sequence[Mapping[str, Any]]

_COPY = (
    f"has more than {MOST_PROPOSED:,} rows that look like records which are kept already",
    "See whether it was imported before under another mapping; if it was not, send it in parts.",
)
_STAYS = (
    "lines",
    "record_type",
    "target",
    "columns",
    "left_out",
    "left_out_count",
)  # of what was found, after the save


def columns_found(stream: BinaryIO) -> dict[str, Any]:
    """The columns of a file with the first rows, and what it most likely holds.

    Raises:
        UnreadableFileError: it cannot be read as a table.
    """
    table = open_table(stream, allow_blank_headers=True)
    samples = []
    for line, cells in table.rows():
        samples.append({"line": line, "cells": [cell[:80] for cell in cells[: len(table.header)]]})
        if len(samples) == SAMPLED:
            break
    if not samples:
        raise UnreadableFileError("The file has a header and no rows. Export it again for a period that holds facts.")
    return {
        "header": list(table.header),
        "samples": samples,
        "likely": likeliest_target(table.header),
        "encoding": table.decoding.encoding,
        "delimiter": DELIMITERS.get(table.delimiter, "sheet"),
    }


def mapping_for(session: Session, sent: SentFile) -> FileMapping:
    """The mapping that was chosen for a file.

    Raises:
        UnreadableFileError: it is not there any more.
    """
    if sent.mapping_id is not None and sent.mapping_version is not None:
        written = mapping_version(session, sent.provider_id, sent.mapping_id, sent.mapping_version)
        if written is not None:
            return read_own(written)
    try:
        return find_any_mapping(sent.mapping or "")
    except MappingError as gone:
        raise UnreadableFileError("The mapping that was chosen is not there any more. Choose another one.") from gone


def check_sent(
    session: Session, reach: Reach, sent: SentFile, stream: BinaryIO, at: datetime
) -> tuple[dict[str, Any], Proposals]:
    """Checks a file against what stands, in a transaction that changes nothing else.

    Returns:
        The file's new columns, and the rows that may be records which are kept already.

    Raises:
        UnreadableFileError: it cannot be read by its mapping.
    """
    names = names_of(session, reach, sent.provider_id, sent.service_id)
    plan = check_file(stream, mapping_for(session, sent), names, at, leaves_out=sent.leaves_out)
    before = saved_before(session, sent.provider_id, plan)
    shown = frozenset(row.place for row in plan.rows[:PREVIEWED])
    here = Target(
        session, reach, _sender(sent), names, sent.provider_id, new_id(), sent.file_name, at, choices_of(session, sent),
        shown=shown, writes=False, import_id=sent.import_id,
    )  # fmt: skip
    done = rehearse(here, plan)
    if done.tally.counts["alike"] > MOST_PROPOSED:
        done.findings.problem(0, "", "", *_COPY)
    problems = [*plan.problems, *done.findings.problems]
    count = plan.problem_count + done.findings.total
    lines = {problem.line for problem in problems}
    counts = done.tally.told() | {"refused": len(lines) if count == len(problems) else count}
    found = _about(plan) | {
        "counts": counts,
        "problem_count": count,
        "columns": columns_of(plan),
        "rows": rows_of(plan, _named(names), done.tally.verdicts, PREVIEWED),
        "conflicts": done.tally.conflicts,
        "before": before.before.isoformat() if before and before.before else None,
    }
    columns = {
        "state": "refused" if count else "checked",
        "said": None,
        "found": _kept_header(sent) | found,
        "problems": [asdict(problem) for problem in problems],
        "changed_at": at,
    }
    return columns, () if count else done.tally.proposals


def save_sent(
    session: Session, reach: Reach, sent: SentFile, stream: BinaryIO, at: datetime, progress: Progress
) -> Imported:
    """Saves a file in the transaction given.

    Raises:
        UnreadableFileError: it cannot be read by its mapping.
        ImportRefusedError: it has problems.
        ImportUndecidedError: something changed since it was checked and has to be decided.
    """
    names = names_of(session, reach, sent.provider_id, sent.service_id)
    plan = check_file(stream, mapping_for(session, sent), names, at, leaves_out=sent.leaves_out)
    return save_file(
        session, reach, plan, names, provider_id=sent.provider_id, file_name=sent.file_name, at=at, progress=progress,
        choices=choices_of(session, sent), sender=_sender(sent), import_id=sent.import_id,
    )  # fmt: skip


def saved_columns(sent: SentFile, done: Imported, at: datetime) -> dict[str, Any]:
    """What the file's row says after it was saved; the file itself is not kept any longer."""
    counts = done.tally.told() if done.tally else sent.found.get("counts", {})
    found: dict[str, Any] = {key: sent.found[key] for key in _STAYS if key in sent.found}
    found |= {"counts": counts, "saved": done.saved, "unchanged": done.unchanged}
    said = (
        f"The very same file was imported before, on {done.before:%d %B %Y}. Nothing was changed."
        if done.before
        else None
    )
    return {
        "state": "saved" if done.before is None else "discarded",
        "said": said,
        "found": found,
        "problems": [],
        "proposals": [],
        "batch_id": done.batch_id if done.before is None else None,
        "object_key": None,
        "changed_at": at,
    }


def keep_command(
    session: Session,
    provider_id: uuid.UUID,
    plan: ImportPlan,
    done: Imported,
    *,
    file_name: str,
    size: int,
    at: datetime,
) -> None:
    """Puts a file that came by the command line into the history, where it can be looked at and taken back."""
    found = _about(plan) | {
        "counts": done.tally.told() if done.tally else {},
        "saved": done.saved,
        "unchanged": done.unchanged,
    }
    session.add(
        ImportFile(
            provider_id=provider_id, import_id=new_id(), file_name=file_name, sha256=plan.sha256, bytes=size,
            mapping=plan.mapping, on_conflict="stop", state="saved", found=found, problems=[], proposals=[], decisions={},
            batch_id=done.batch_id, recorded_at=at, changed_at=at,
        )
    )  # fmt: skip


def undo_sent(
    session: Session, reach: Reach, sent: SentFile, reason: str, sender: Sender, at: datetime
) -> dict[str, Any]:
    """Takes back what a file brought, in the transaction given; what the file's row says then."""
    if sent.batch_id is None:
        return {"state": "undone", "said": "Nothing had been imported.", "changed_at": at}
    taken, built = undo_batch(
        session, reach, provider_id=sent.provider_id, batch_id=sent.batch_id, reason=reason, sender=sender, at=at
    )
    return {
        "state": "undone",
        "said": reason,
        "found": dict(sent.found) | {"taken_back": taken, "built": built.told()},
        "changed_at": at,
    }


def choices_of(session: Session, sent: SentFile) -> Choices:
    """What was decided about a file, as the save takes it."""
    conflict: dict[str, OnConflict] = {"stop": "stop", "skip": "skip", "update": "update"}
    return Choices(conflict[sent.on_conflict], decisions_of(session, sent))


def _sender(sent: SentFile) -> Sender:
    return Sender(sent.recorded_by, sent.recorded_initials)


def _about(plan: ImportPlan) -> dict[str, Any]:
    return {
        "lines": plan.lines_read,
        "repeated": plan.repeated,
        "encoding": plan.encoding,
        "delimiter": plan.delimiter,
        "warnings": list(plan.warnings),
        "record_type": plan.record_type,
        "contradictions": plan.contradictions,
        "left_out": [asdict(one) for one in plan.left_out],
        "left_out_count": plan.left_out_count,
    }


def _named(names: Names) -> dict[uuid.UUID, str]:
    return {one.service_id: one.name for one in names.known.services}


def _kept_header(sent: SentFile) -> dict[str, Any]:
    return {key: sent.found[key] for key in ("header", "samples", "likely") if key in sent.found}
