"""Carries out what custody approved: archives, erasures, the day's proposals. Called by workers, in a job's reach."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.catalogue.record_types import record_types
from mendline.custody.evidence_files import files_about, withdraw
from mendline.custody.model import CustodyFile, CustodyRequest, CustodyStep
from mendline.custody.outside import REGISTER, add_line, anchor
from mendline.custody.queries import holds_against, years_set
from mendline.custody.rows import ERASURE, RETENTION
from mendline.custody.schedule import identifying_fields, kept_from
from mendline.evidence.files.keeping import Keeper, is_evidence_key
from tenants.chain import ERASED, newest, seal
from tenants.clock import now
from tenants.ids import new_id
from tenants.ledger import LedgerAnchor, note
from tenants.reach import Reach

FILES_LIVE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request as a worker reads it."""

    kind: str
    service_id: uuid.UUID | None
    person_reference: str | None
    also_named: str | None
    steps: frozenset[str]

    @property
    def is_ended(self) -> bool:
        """Whether there is nothing left to do."""
        return bool(self.steps & {"done", "refused", "stopped"})


def read_request(session: Session, provider_id: uuid.UUID, request_id: uuid.UUID) -> Wanted | None:
    """The request of a job."""
    row = session.execute(
        select(
            CustodyRequest.kind, CustodyRequest.service_id, CustodyRequest.person_reference, CustodyRequest.also_named
        ).where(CustodyRequest.provider_id == provider_id, CustodyRequest.request_id == request_id)
    ).one_or_none()
    if row is None:
        return None
    steps = session.execute(
        select(CustodyStep.kind).where(CustodyStep.provider_id == provider_id, CustodyStep.request_id == request_id)
    ).scalars()
    return Wanted(row.kind, row.service_id, row.person_reference, row.also_named, frozenset(steps))


def erase(
    session: Session, reach: Reach, provider_id: uuid.UUID, request_id: uuid.UUID, wanted: Wanted, outside: Path
) -> list[str]:
    """Erases what an approved request names, or says that a hold stands in the way.

    What was erased is written outside before the transaction ends, so that a restored copy can be brought to the same
    state; it holds no words that were erased.

    Returns:
        Keys of files that go once the transaction is committed.
    """
    if wanted.kind == ERASURE and wanted.person_reference is None:
        _step(session, provider_id, request_id, "stopped", "This was erased with an earlier request.")
        return []
    if wanted.kind == ERASURE and holds_against(session, provider_id, wanted.service_id, wanted.person_reference):
        _step(session, provider_id, request_id, "stopped", "A legal hold covers this.")
        note(session, reach, "erasure stopped by a hold", provider_id=provider_id, subject=f"request {request_id}")
        return []
    fields = identifying_fields(record_types(), staff=wanted.kind == RETENTION)
    changed = _call(session, "select custody.erase_records(cast(:fields as jsonb))", fields=_json(fields))
    # Each revision is erased, of a record that was taken back too; a record is told of once.
    counts = {"records": len({(place["key"]["service_id"], place["key"]["record_id"]) for place in changed})}
    gone: list[str] = []
    if wanted.kind == ERASURE:
        pattern = _call(
            session,
            "select custody.words_of(:reference, :named)",
            reference=wanted.person_reference,
            named=wanted.also_named,
        )
        files = files_about(session, provider_id, wanted.service_id, pattern)
        gone += withdraw(session, provider_id, files)
        counts["files"] = len(files)
        words = _call(session, "select custody.erase_words()")
        ledger = _call(session, "select custody.erase_ledger_words()")
        gone += _files_of(session, provider_id, wanted)
        counts |= {"words": len(words), "ledger": ledger["entries"], "left_in_old_links": ledger["left"]}
        changed += words
        if ledger["entries"]:
            detail = {"entries": ledger["entries"], "digest": ledger["digest"]}
            note(session, reach, ERASED, provider_id=provider_id, subject=f"request {request_id}", detail=detail)
    _call(session, "select custody.forget_request(cast(:counts as jsonb))", counts=_json(counts))
    note(
        session,
        reach,
        "data erased",
        provider_id=provider_id,
        service_id=wanted.service_id,
        subject=f"request {request_id}",
        detail={"kind": wanted.kind, **counts},
    )
    session.flush()
    seal(session, provider_id)  # what is gone and the entry that tells of it become part of the chain together
    line = {"at": now().isoformat(), "request_id": str(request_id), "kind": wanted.kind, "places": changed}
    add_line(outside, REGISTER, provider_id, line)
    return gone


def propose_what_is_due(session: Session, reach: Reach, provider_id: uuid.UUID, today: date) -> uuid.UUID | None:
    """Puts what the schedule says is due before whoever keeps custody, unless a proposal waits already."""
    before, counts = {}, {}
    types = record_types()
    years = years_set(session, provider_id)
    oldest = session.execute(_OLDEST, {"provider": provider_id}).all()
    for key, happened in oldest:
        if key not in types or not types[key].identifies_people:
            continue
        cut = kept_from(today, years.get(key, types[key].retention_years))
        if happened.date() < cut:
            before[key] = cut.isoformat()
            counts[key] = int(session.execute(_DUE, {"provider": provider_id, "type": key, "cut": cut}).scalar_one())
    if not counts or session.execute(_WAITING, {"provider": provider_id}).first():
        return None
    request_id = new_id()
    session.add(
        CustodyRequest(
            provider_id=provider_id,
            request_id=request_id,
            kind=RETENTION,
            reason="Kept for as long as the retention schedule says.",
            detail={"before": before, "counts": counts},
            recorded_at=now(),
        )
    )
    note(
        session, reach, "erasure by schedule proposed", provider_id=provider_id, subject=f"request {request_id}",
        detail=counts,
    )  # fmt: skip
    return request_id


def write_anchor(session: Session, provider_id: uuid.UUID, outside: Path, at: datetime, day: date) -> bool:
    """Writes the head of the ledger outside, once a day; whether there was one to write."""
    head = newest(session, provider_id)
    if head is None:
        return False
    path = anchor(outside, provider_id, head, at)
    session.execute(
        insert(LedgerAnchor)
        .values(
            provider_id=provider_id,
            anchored_on=day,
            sequence=head.sequence,
            chain_hash=head.chain_hash,
            kept_in=path.name,
            recorded_at=at,
        )
        .on_conflict_do_nothing()
    )
    return True


def forget_old_files(session: Session, reach: Reach, provider_id: uuid.UUID, at: datetime) -> list[str]:
    """Archives that nobody needs any more; the keys of their files."""
    found = list(
        session.execute(
            delete(CustodyFile)
            .where(CustodyFile.provider_id == provider_id, CustodyFile.made_at < at - FILES_LIVE)
            .returning(CustodyFile.object_key)
        ).scalars()
    )
    if found:
        note(session, reach, "archives removed", provider_id=provider_id, detail={"files": len(found)})
    return found


def remove_objects(state: Path, keeper: Keeper, keys: list[str]) -> None:
    """Removes files whose rows are gone; one that is not there any more is no trouble."""
    for key in keys:
        if is_evidence_key(key):
            keeper.store.remove(key)
        else:
            (state / "objects" / key).unlink(missing_ok=True)


def replay(session: Session, lines: list[Mapping[str, Any]]) -> int:
    """Does erasures again on a copy that was restored from before them, as its owner; how many places it was.

    Args:
        session: a transaction of the owner of the tables.
        lines: the register of one provider, with the provider in each line.
    """
    done = 0
    for line in lines:
        for place in line["places"]:
            keys = {**place["key"], "provider_id": line["provider_id"]}
            named = " and ".join(f'"{name}"::text = :k_{name}' for name in keys)
            session.execute(
                # Names come from the register that we write; values are bound.
                text(
                    f'update "{place["table"]}" t set "{place["column"]}" ='  # noqa: S608
                    f' (jsonb_populate_record(t, jsonb_build_object(cast(:column as text), cast(:value as jsonb))))."{place["column"]}"'
                    f" where {named}"
                ),
                {"column": place["column"], "value": _json(place["value"])}
                | {f"k_{name}": str(value) for name, value in keys.items()},
            )
            done += 1
    return done


_OLDEST = text("""
select record_type, min(happened_at) from record
where provider_id = :provider and erased_at is null group by record_type order by record_type
""")
_DUE = text("""
select count(distinct record_id) from record
where provider_id = :provider and record_type = :type and erased_at is null and happened_at < :cut
""")
_WAITING = text("""
select 1 from custody_request q where q.provider_id = :provider and q.kind = 'retention' and not exists (
    select 1 from custody_step s where s.provider_id = q.provider_id and s.request_id = q.request_id
      and s.kind in ('refused', 'stopped', 'done'))
limit 1
""")
_FILES = text("""
select f.object_key from custody_file f
join custody_request q on q.provider_id = f.provider_id and q.request_id = f.request_id
where f.provider_id = :provider and q.person_reference = :reference
  and (cast(:service as uuid) is null or q.service_id is null or q.service_id = :service)
""")


def _files_of(session: Session, provider_id: uuid.UUID, wanted: Wanted) -> list[str]:
    values = {"provider": provider_id, "reference": wanted.person_reference, "service": wanted.service_id}
    return list(session.execute(_FILES, values).scalars())


def _step(session: Session, provider_id: uuid.UUID, request_id: uuid.UUID, kind: str, reason: str) -> None:
    session.add(
        CustodyStep(
            provider_id=provider_id, request_id=request_id, kind=kind, reason=reason, detail={}, recorded_at=now()
        )
    )


def _call(session: Session, statement: str, **values: Any) -> Any:
    return session.execute(text(statement), values).scalar_one()


def _json(value: Any) -> str:
    return json.dumps(value, default=str)
