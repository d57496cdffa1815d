"""Rows of a checked file that may be records which are kept already: what waits for a decision, and what was decided."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from mendline.evidence.imports.model import ImportProposal
from mendline.evidence.imports.sent import SentFile
from mendline.evidence.imports.target import NEW
from tenants.database import insert_many

PAGE = 25
SHOWN: Mapping[str, str] = {"open": "and decision is null", "decided": "and decision is not null", "all": ""}

_HERE = "provider_id = :provider and import_id = :import"
_COUNTS = text(f"""
    select count(*) as proposed, count(*) filter (where decision is null) as open,
           count(*) filter (where decision is null and only_record is not null) as open_with_one
    from import_proposal where {_HERE}
""")  # noqa: S608 -- no value stands in it
_WAITING = text("""
    select f.provider_id, f.import_id, f.service_id, s.name as service, f.file_name, f.recorded_at, o.open,
           count(*) over () as total
    from import_file f
    join lateral (
        select count(*) as open from import_proposal o
        where o.provider_id = f.provider_id and o.import_id = f.import_id and o.decision is null) o on o.open > 0
    left join service s on s.provider_id = f.provider_id and s.service_id = f.service_id
    where f.provider_id = any (:providers) and f.state = 'checked'
    order by f.recorded_at limit :most
""").bindparams(bindparam("providers", type_=ARRAY(Uuid())))
_PAGE = {
    shown: text(f"""
    select row_id, line, what, candidates, decision, record_id, decided_initials, decided_at
    from import_proposal where {_HERE} {condition} and (line, row_id) > (:line, cast(:row as uuid))
    order by line, row_id limit :most
""")  # noqa: S608 -- no value stands in it
    for shown, condition in SHOWN.items()
}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of a file are proposed, and how many of them nobody has decided yet.

    Attributes:
        proposed: all of them.
        open: not decided yet.
        open_with_one: of those, the ones that look like one record alone.
    """

    proposed: int
    open: int
    open_with_one: int


NOTHING = Counts(0, 0, 0)


@dataclass(frozen=True, slots=True)
class ProposedRow:
    """One row of a file that may be a record which is kept already."""

    row_id: uuid.UUID
    line: int
    what: str
    candidates: Sequence[Mapping[str, Any]]
    decision: str | None
    record_id: uuid.UUID | None
    decided_initials: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that cannot come in before rows of it are decided; `total` counts all such files."""

    provider_id: uuid.UUID
    import_id: uuid.UUID
    service_id: uuid.UUID | None
    service: str | None
    file_name: str
    recorded_at: datetime
    open: int
    total: int


def waiting_files(session: Session, providers: Sequence[uuid.UUID], most: int) -> list[WaitingFile]:
    """Files within reach whose rows wait for a decision, oldest first."""
    rows = session.execute(_WAITING, {"providers": list(providers), "most": most}).mappings()
    return [WaitingFile(**row) for row in rows]


def counts_of(session: Session, sent: SentFile) -> Counts:
    """How many rows of a file wait: one statement."""
    return Counts(*session.execute(_COUNTS, _file(sent)).one())


def proposals_of(
    session: Session, sent: SentFile, shown: str, after: tuple[int, uuid.UUID], most: int = PAGE
) -> list[ProposedRow]:
    """Some of a file's proposed rows in the order of its lines; one more than a page where others follow."""
    given = _file(sent) | {"line": after[0], "row": after[1], "most": most + 1}
    return [ProposedRow(**row) for row in session.execute(_PAGE[shown], given).mappings()]


def decisions_of(session: Session, sent: SentFile) -> dict[uuid.UUID, uuid.UUID | str]:
    """What was decided about a file, as the save takes it: by row the record that it is, or `NEW`."""
    of = ImportProposal
    rows = session.execute(
        select(of.row_id, of.record_id).where(
            of.provider_id == sent.provider_id, of.import_id == sent.import_id, of.decision.is_not(None)
        )
    )
    return {row.row_id: row.record_id or NEW for row in rows}


def keep_proposals(session: Session, sent: SentFile, proposals: Sequence[Mapping[str, Any]]) -> None:
    """Puts what a check found in place of what the last one did; what was decided stays where it still fits."""
    of = ImportProposal
    decided = session.execute(
        select(of.row_id, of.decided_by, of.decided_initials, of.decided_at).where(
            of.provider_id == sent.provider_id, of.import_id == sent.import_id, of.decision.is_not(None)
        )
    )
    by_row = {str(row.row_id): row for row in decided}
    forget_proposals(session, sent.provider_id, sent.import_id)
    rows = [_row(sent, one, by_row.get(one["row_id"])) for one in proposals]
    insert_many(session, cast("Table", of.__table__), rows)


def forget_proposals(session: Session, provider_id: uuid.UUID, *imports: uuid.UUID) -> None:
    """Takes away what was proposed, as files came in or were put aside: what was decided stands with the records."""
    of = ImportProposal
    session.execute(delete(of).where(of.provider_id == provider_id, of.import_id.in_(imports)))


def _file(sent: SentFile) -> dict[str, Any]:
    return {"provider": sent.provider_id, "import": sent.import_id}


def _row(sent: SentFile, one: Mapping[str, Any], before: Any) -> dict[str, Any]:
    decided = one["decided"]  # by the check, from what stood: only what still fits
    return {
        "provider_id": sent.provider_id,
        "service_id": uuid.UUID(one["service_id"]),
        "import_id": sent.import_id,
        "row_id": uuid.UUID(one["row_id"]),
        "line": one["line"],
        "what": one["what"],
        "candidates": one["candidates"],
        "only_record": uuid.UUID(one["only"]) if one["only"] else None,
        "decision": None if decided is None else "new" if decided == NEW else "same",
        "record_id": None if decided in (None, NEW) else uuid.UUID(decided),
        "decided_by": before.decided_by if before and decided else None,
        "decided_initials": before.decided_initials if before and decided else None,
        "decided_at": before.decided_at if before and decided else None,
    }
