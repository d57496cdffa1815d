"""A batch taken back as one step: each fact of it gets a revision that withdraws it, or that says what stood before again.

Nothing is deleted. What somebody built on since stays: a figure or record that was corrected after the file is left as it
is, and told.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mendline.evidence.imports.model import ImportUndo
from mendline.evidence.imports.target import Sender
from mendline.evidence.measuring.marking import Placed, also_on, mark_records, placed
from mendline.evidence.model import ImportBatch, Record
from mendline.indicators.commands import figure_events
from mendline.indicators.marking import mark_many_stale
from mendline.indicators.model import Observation
from mendline.indicators.touching import touch_many
from tenants.database import in_turn, insert_many
from tenants.errors import ConflictError, NotFoundError
from tenants.events import announce
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

CHUNK = 5_000
_MOST_NAMED = 20

# What of a batch is the newest word still, beside what stood before it. A part that was taken back is not found again.
_FIGURES = text("""
    select o.service_id, o.indicator_id, o.period_start, o.revision,
           e.numerator, e.denominator, e.value, e.state, e.source
    from observation o
    left join observation e on e.provider_id = o.provider_id and e.service_id = o.service_id
        and e.indicator_id = o.indicator_id and e.period_start = o.period_start and e.revision = o.revision - 1
    where o.provider_id = :provider and o.batch_id = :batch and not exists (
        select 1 from observation n
        where n.provider_id = o.provider_id and n.service_id = o.service_id and n.indicator_id = o.indicator_id
          and n.period_start = o.period_start and n.revision > o.revision)
    limit :most
""")
_RECORDS = text("""
    select o.service_id, o.record_id, o.revision, o.record_type, o.type_version, o.happened_at, o.payload,
           o.source_system, o.source_reference, e.revision as earlier, e.type_version as e_version,
           e.happened_at as e_happened_at, e.payload as e_payload, e.source_system as e_system,
           e.source_reference as e_reference, e.withdrawn_at as e_withdrawn_at
    from record o
    left join record e on e.provider_id = o.provider_id and e.service_id = o.service_id
        and e.record_id = o.record_id and e.revision = o.revision - 1
    where o.provider_id = :provider and o.batch_id = :batch and not exists (
        select 1 from record n
        where n.provider_id = o.provider_id and n.service_id = o.service_id and n.record_id = o.record_id
          and n.revision > o.revision)
    limit :most
""")
_BUILT = text("""
    with figure as (
        select o.service_id, o.indicator_id, exists (
            select 1 from observation n
            where n.provider_id = o.provider_id and n.service_id = o.service_id and n.indicator_id = o.indicator_id
              and n.period_start = o.period_start and n.revision > o.revision) as corrected
        from observation o where o.provider_id = :provider and o.batch_id = :batch),
    entry as (
        select o.service_id, o.record_id, exists (
            select 1 from record n
            where n.provider_id = o.provider_id and n.service_id = o.service_id and n.record_id = o.record_id
              and n.revision > o.revision) as corrected
        from record o where o.provider_id = :provider and o.batch_id = :batch),
    place as (select service_id from figure union select service_id from entry)
    select
        (select count(*) from figure where corrected) as figures,
        (select count(*) from entry where corrected) as records,
        (select array_agg(p.reference order by p.reference) from pack p
         where p.provider_id = :provider and p.service_id in (select service_id from place) and p.as_at >= :at) as packs,
        (select count(*) from review r
         where r.provider_id = :provider and r.recorded_at >= :at
           and (r.service_id, r.indicator_id) in (select service_id, indicator_id from figure)) as decisions,
        (select count(distinct (c.indicator_id, c.period_start)) from counted_record c
         where c.provider_id = :provider and c.verdict = 'counted'
           and (c.service_id, c.record_id) in (select service_id, record_id from entry)) as measured
""")


@dataclass(frozen=True, slots=True)
class Built:
    """What was built on a batch since, as far as whoever asks may see it.

    Attributes:
        figures: of it that somebody corrected; they stay.
        records: of it that somebody corrected; they stay.
        packs: made since, for services that it speaks of, by reference.
        decisions: taken since about indicators whose figures it brought.
        measured: figures that were measured from its records and are measured again.
    """

    figures: int
    records: int
    packs: tuple[str, ...]
    decisions: int
    measured: int

    def told(self) -> list[str]:
        """In sentences; none where nothing was built on it."""
        stay = self.figures + self.records
        said = []
        if stay:
            said.append(f"{stay:,} of its facts were corrected since and stay as they are now.")
        if self.packs:
            names = ", ".join(self.packs[:_MOST_NAMED]) + (" and others" if len(self.packs) > _MOST_NAMED else "")
            said.append(f"Made since, for services that it speaks of: {names}. A pack stays as it was made.")
        if self.decisions:
            one = self.decisions == 1
            said.append(
                f"{self.decisions:,} decision{' was' if one else 's were'} taken since about indicators whose figures it"
                " brought. Look at them again."
            )
        if self.measured:
            one = self.measured == 1
            said.append(
                f"{self.measured:,} figure{' was' if one else 's were'} measured from its records and"
                f" {'is' if one else 'are'} measured again."
            )
        return said


def built_since(session: Session, provider_id: uuid.UUID, batch_id: uuid.UUID, at: datetime) -> Built:
    """What was built on a batch since it was saved: one statement.

    Args:
        session: a transaction in the reach of whoever asks, who is told of what they may see.
        provider_id: the provider.
        batch_id: the batch.
        at: when it was saved.
    """
    row = session.execute(_BUILT, {"provider": provider_id, "batch": batch_id, "at": at}).one()
    return Built(row.figures, row.records, tuple(row.packs or ()), row.decisions, row.measured)


def undo_batch(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    batch_id: uuid.UUID,
    reason: str,
    sender: Sender,
    at: datetime,
) -> tuple[int, Built]:
    """Takes a batch back, all of it in the transaction given.

    Args:
        session: the transaction.
        reach: who works.
        provider_id: the provider.
        batch_id: the batch.
        reason: why, in words that are shown beside each fact.
        sender: in whose name.
        at: the moment of recording, in UTC.

    Returns:
        How many facts were taken back, and what was built on the batch since.

    Raises:
        NotFoundError: there is no such batch.
        ConflictError: it was taken back already, or somebody corrects one of its facts at this moment.
    """
    in_turn(session, f"undo:{provider_id}:{batch_id}")
    batch = session.get(ImportBatch, (provider_id, batch_id))
    if batch is None:
        raise NotFoundError("There is no such import.")
    built = built_since(session, provider_id, batch_id, batch.recorded_at)
    if session.get(ImportUndo, (provider_id, batch_id)) is not None:
        raise ConflictError("This import was taken back already. Nothing was changed.")
    why = f"Import taken back: {reason}"
    here = _Undo(session, reach, provider_id, batch_id, why, sender, at)
    changed: Counter[str] = Counter()
    try:
        for rows in _chunks(session, _FIGURES, provider_id, batch_id):
            here.figures(rows)
            changed.update(str(row.service_id) for row in rows)
        for rows in _chunks(session, _RECORDS, provider_id, batch_id):
            here.records(rows)
            changed.update(str(row.service_id) for row in rows)
    except IntegrityError as clash:
        raise ConflictError(
            "Somebody corrects one of these facts at this moment. Nothing was taken back yet."
        ) from clash
    taken = changed.total()
    session.add(
        ImportUndo(
            provider_id=provider_id,
            batch_id=batch_id,
            reason=reason,
            withdrawn=taken,
            left_standing=built.figures + built.records,
            services=dict(changed),
            recorded_by=sender.person_id,
            recorded_at=at,
        )
    )
    note(
        session,
        reach,
        "import taken back",
        provider_id=provider_id,
        subject=f"import {batch_id}",
        detail={"withdrawn": taken, "left_standing": built.figures + built.records},
        why=reason,
    )
    return taken, built


def _chunks(session: Session, statement: Any, provider_id: uuid.UUID, batch_id: uuid.UUID) -> Iterator[Sequence[Any]]:
    while rows := session.execute(statement, {"provider": provider_id, "batch": batch_id, "most": CHUNK}).all():
        yield rows


@dataclass(frozen=True, slots=True)
class _Undo:
    session: Session
    reach: Reach
    provider_id: uuid.UUID
    batch_id: uuid.UUID
    why: str
    sender: Sender
    at: datetime

    def figures(self, rows: Sequence[Any]) -> None:
        written = [
            {
                "provider_id": self.provider_id,
                "service_id": row.service_id,
                "indicator_id": row.indicator_id,
                "period_start": row.period_start,
                "revision": row.revision + 1,
                "observation_id": new_id(),
                "numerator": row.numerator,
                "denominator": row.denominator,
                "value": row.value,
                "state": row.state or "missing",
                # What stood before keeps its source, so that records or a later file may still replace it.
                "source": row.source or "imported",
                "reason": self.why,
                "pointer": None,
                "batch_id": None,
                "recorded_by": self.sender.person_id,
                "recorded_initials": self.sender.initials,
                "recorded_at": self.at,
            }
            for row in rows
        ]
        insert_many(self.session, cast("Table", Observation.__table__), written)
        keys = [(row.service_id, row.indicator_id, row.period_start) for row in rows]
        mark_many_stale(self.session, self.provider_id, keys, self.reach.person_id)
        announce(self.session, self.provider_id, figure_events(keys))

    def records(self, rows: Sequence[Any]) -> None:
        written = [self._record(row) for row in rows]
        insert_many(self.session, cast("Table", Record.__table__), written)
        moved: list[Placed] = []
        touched: dict[uuid.UUID, set[str]] = {}
        for row in rows:
            moved.append(placed(row.service_id, row.record_type, row.happened_at, row.payload))
            if row.earlier is not None:
                moved.append(placed(row.service_id, row.record_type, row.e_happened_at, row.e_payload))
            touched.setdefault(row.service_id, set()).add(f"record:{row.record_type}")
        mark_records(self.session, self.provider_id, moved, self.reach.person_id)
        touch_many(self.session, self.provider_id, touched)

    def _record(self, row: Any) -> dict[str, Any]:
        before = row.earlier is not None and row.e_withdrawn_at is None
        payload = row.e_payload if before else row.payload
        return {
            "provider_id": self.provider_id,
            "service_id": row.service_id,
            "record_id": row.record_id,
            "revision": row.revision + 1,
            "record_type": row.record_type,
            "type_version": row.e_version if before else row.type_version,
            "happened_at": row.e_happened_at if before else row.happened_at,
            "payload": payload,
            "source_system": row.e_system if before else row.source_system,
            "source_reference": row.e_reference if before else row.source_reference,
            "reason": self.why,
            "batch_id": None,
            "recorded_by": self.sender.person_id,
            "recorded_initials": self.sender.initials,
            "recorded_at": self.at,
            "also_on": also_on(row.record_type, payload),
            "withdrawn_at": None if before else self.at,
        }
