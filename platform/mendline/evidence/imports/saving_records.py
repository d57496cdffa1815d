"""Source records of a file: recognised, weighed against what stands, and saved.

A record is recognised by its source system and reference there, or by everything that it says. One that is not, and yet
looks like a record that is kept, is proposed for merging: a person decides. What the work of an action wrote is changed
by that action alone: a row is recognised as it, and writes nothing.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, TextClause
from sqlalchemy.exc import IntegrityError

from mendline.catalogue.calendar import london_date
from mendline.catalogue.record_types import record_type
from mendline.catalogue.wording import long_date
from mendline.evidence.imports.findings import Findings
from mendline.evidence.imports.kept_records import KeptRecords
from mendline.evidence.imports.model import ImportMerge
from mendline.evidence.imports.one_ahead import OneAhead
from mendline.evidence.imports.plan import RecordRow
from mendline.evidence.imports.target import NEW, SAME, Target
from mendline.evidence.imports.telling_records import conflict_of, proposal_of
from mendline.evidence.imports.weighing import Stands, Tally, Verdict, weigh
from mendline.evidence.measuring.marking import Placed, also_on, mark_records, placed_before
from mendline.evidence.measuring.reading import departures
from mendline.evidence.model import Record
from mendline.indicators.touching import touch_many
from tenants.database import insertions
from tenants.errors import ConflictError
from tenants.ids import named_id

MOST_TOLD = 500  # conflicts that are listed
MOST_PROPOSED = 50_000  # rows that are listed to be decided; a file of more is another one's copy

Added = tuple[RecordRow, uuid.UUID, Stands | None]
Merged = tuple[RecordRow, uuid.UUID, uuid.UUID]


class RecordSaver:
    """Saves the records of one file, part after part: while PostgreSQL takes one in, the next is prepared.

    Between `save` and `finish` the session belongs to the thread that writes.
    """

    def __init__(
        self, here: Target, rows: Sequence[RecordRow], tally: Tally, findings: Findings, ahead: OneAhead
    ) -> None:
        """Finds out once whether anything stands where the file's records would go."""
        self._here, self._tally, self._findings, self._ahead = here, tally, findings, ahead
        self._kind = record_type(rows[0].record_type)
        services = list({row.service_id.int: row.service_id for row in rows}.values())
        self._kept = KeptRecords(here.session, here.provider_id, services, self._kind)
        self._seen: set[uuid.UUID] = set()
        self._moments: defaultdict[uuid.UUID, set[tuple[datetime, date | None]]] = defaultdict(set)
        self._before: set[Placed] = set()
        people = self._kind.only_in_residence and self._kind.person_field
        self._left = departures(here.session, here.provider_id, services, here.at) if people else {}

    def save(self, rows: Sequence[RecordRow]) -> int:
        """Saves what is new or changed among some of the file's rows; how many."""
        if self._left:
            rows = [row for row in rows if not self._misplaced(row)]
        own = [row_id(self._here.provider_id, row) for row in rows]
        merges: list[Merged] = []
        if self._kept.any:
            self._ahead.wait()
            added = self._weighed(rows, own, merges)
        else:
            added = [(row, each, None) for row, each in zip(rows, own, strict=True)]
            for row in rows:
                self._tally.add("new", row.place, self._here.shown)
        if self._here.writes and (added or merges):
            self._write(added, merges)
        return len(added)

    def finish(self) -> None:
        """Waits for the last part, and asks for what follows from all of them."""
        self._ahead.wait()
        if not self._moments:
            return
        here, kind = self._here, self._kind.key
        placed = {
            Placed(service_id, kind, london_date(moment), other)
            for service_id, moments in self._moments.items()
            for moment, other in moments
        }
        mark_records(here.session, here.provider_id, placed | self._before, here.reach.person_id)
        touch_many(here.session, here.provider_id, {place: [f"record:{kind}"] for place in self._moments})

    def _weighed(self, rows: Sequence[RecordRow], ids: Sequence[uuid.UUID], merges: list[Merged]) -> list[Added]:
        """What of the rows is to be written; `merges` gets those that a person said are records which are kept."""
        merged = self._kept.merged(ids)
        known = [merged.get(one, one) for one in ids]
        stands = self._kept.standing(known)
        unknown = {own: row for row, own, at in zip(rows, ids, known, strict=True) if at not in stands}
        like = self._kept.like(unknown, known, self._here.batch_id)
        added: list[Added] = []
        for row, own, at in zip(rows, ids, known, strict=True):
            record_id = at
            verdict = weigh(row.payload, stands.get(record_id))
            if verdict == "new" and own in like:
                decided = self._decision(row, own, like[own])
                if decided is None:
                    self._tally.add("alike", row.place, self._here.shown)
                    continue
                if decided != NEW:
                    record_id = decided
                    stands |= self._kept.standing([record_id]) if record_id not in stands else {}
                    merges.append((row, own, record_id))
                    verdict = _merged_verdict(row, stands[record_id])
            self._tally.add(verdict, row.place, self._here.shown)
            if self._is_wanted(verdict, row, stands.get(record_id)):
                added.append((row, record_id, stands.get(record_id)))
        return added

    def _misplaced(self, row: RecordRow) -> bool:
        """Whether the person had left by then; told as a problem of the row."""
        person = row.payload.get(self._kind.person_field or "")
        left = self._left.get(row.service_id, {}).get(str(person)) if person else None
        if left is None or london_date(row.happened_at) <= left:
            return False
        advice = "Check the code and the date. If the person has come back, record their assessment first."
        self._findings.problem(
            row.line,
            self._kind.person_field or "",
            str(person),
            f"left on {long_date(left)}, by their own records",
            advice,
        )
        return True

    def _decision(self, row: RecordRow, own: uuid.UUID, like: Sequence[Any]) -> Any:
        decided: Any = self._here.choices.decisions.get(own, self._here.choices.otherwise)
        near = {each.record_id for each in like}
        if decided == SAME:
            decided = like[0].record_id if len(like) == 1 else None
        if decided is not None and decided != NEW and (decided not in near or decided in self._seen):
            decided = None
        if len(self._tally.proposals) < MOST_PROPOSED:
            self._tally.proposals.append(proposal_of(self._kind, row, own, like, decided))
        if decided is None:
            self._tally.undecided += 1
        elif decided != NEW:
            self._seen.add(decided)
        return decided

    def _is_wanted(self, verdict: Verdict, row: RecordRow, stands: Stands | None) -> bool:
        if verdict == "conflict" and stands is not None:
            if len(self._tally.conflicts) < MOST_TOLD:
                self._tally.conflicts.append(conflict_of(self._kind, row, stands))
            return self._here.choices.on_conflict == "update"
        return verdict in ("new", "changed")

    def _write(self, added: Sequence[Added], merges: Sequence[Merged]) -> None:
        rows = [self._record(*one) for one in added]
        for row, (given, _, stands) in zip(rows, added, strict=True):
            self._moments[given.service_id].add((given.happened_at, row["also_on"]))
            if stands is not None and stands.says is not None:  # it is counted anew where it stood before, too
                before = placed_before(given.service_id, self._kind, stands.says)
                if before is not None:
                    self._before.add(before)
        merged = [self._merge(*one) for one in merges]
        statements = [
            *insertions(cast("Table", Record.__table__), rows),
            *insertions(cast("Table", ImportMerge.__table__), merged),
        ]
        self._ahead.run(lambda: self._send(statements))

    def _send(self, statements: Sequence[tuple[TextClause, dict[str, Any]]]) -> None:
        try:
            for statement, values in statements:
                self._here.session.execute(statement, values)
        except IntegrityError as clash:
            raise ConflictError("Another import saved one of these records at the same moment. Try again.") from clash

    def _record(self, row: RecordRow, record_id: uuid.UUID, stands: Stands | None) -> dict[str, Any]:
        here = self._here
        return {
            "provider_id": here.provider_id,
            "service_id": row.service_id,
            "record_id": record_id,
            "revision": stands.revision + 1 if stands else 1,
            "record_type": row.record_type,
            "type_version": row.type_version,
            "happened_at": row.happened_at,
            "payload": row.payload,
            "source_system": row.source_system,
            "source_reference": row.source_reference,
            "reason": here.reason if stands else None,
            "batch_id": here.batch_id,
            "recorded_by": here.sender.person_id,
            "recorded_initials": here.sender.initials,
            "recorded_at": here.at,
            "also_on": also_on(row.record_type, row.payload) if self._kind.also_dated_by else None,
        }

    def _merge(self, row: RecordRow, own: uuid.UUID, record_id: uuid.UUID) -> dict[str, Any]:
        here = self._here
        return {
            "provider_id": here.provider_id,
            "service_id": row.service_id,
            "row_id": own,
            "record_id": record_id,
            "import_id": here.import_id or here.batch_id,
            "recorded_by": here.sender.person_id,
            "recorded_at": here.at,
        }


def row_id(provider_id: uuid.UUID, row: RecordRow) -> uuid.UUID:
    """Always the same for the same record: by its reference at the source, else by everything that it says."""
    if row.source_reference:
        said = f"{row.source_system}:{row.source_reference}" if row.source_system else row.source_reference
    else:
        said = json.dumps([row.happened_at.isoformat(), dict(row.payload)], sort_keys=True)
    return named_id(provider_id, f"{row.service_id}:{row.record_type}:{said}")


def _merged_verdict(row: RecordRow, stands: Stands) -> Verdict:
    """What a row is that a person said is this record: their word goes before a correction by hand."""
    if row.payload == stands.says:
        return "unchanged"
    return "written" if stands.by_action else "changed"
