"""What a person says of rows that may be records which are kept already: row by row, of some, or of all that are open.

It may take days and several people: until each is decided the file waits, whole, and stays in sight.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mendline.evidence.imports.moving import move, require
from mendline.evidence.imports.sent import SentFile
from mendline.evidence.imports.target import NEW, SAME
from tenants.errors import ConflictError, RefusedError
from tenants.ledger import note
from tenants.reach import Reach

OPEN = "open"  # what was said of a row is taken back
ALL = None  # every row that nobody has decided yet
_TAKEN = "One record cannot be two rows of a file. Look at the rows again: another one is that record already."

_CANDIDATES = text("""
    select row_id, candidates from import_proposal
    where provider_id = :provider and import_id = :import and row_id = any (:rows)
""").bindparams(bindparam("rows", type_=ARRAY(Uuid())))
_DECIDE = text("""
    update import_proposal p
    set decision = d.decision, record_id = d.record_id, decided_by = :person, decided_initials = :initials, decided_at = :at
    from unnest(cast(:rows as uuid[]), cast(:decisions as text[]), cast(:records as uuid[])) as d(row_id, decision, record_id)
    where p.provider_id = :provider and p.import_id = :import and p.row_id = d.row_id
""")
_WANTED = """
    p.provider_id = :provider and p.import_id = :import
    and case when cast(:all as boolean) then p.decision is null else p.row_id = any (cast(:rows as uuid[])) end
"""
_NEW_OR_OPEN = text(f"""
    update import_proposal p
    set decision = cast(:decision as text), record_id = null, decided_by = :person, decided_initials = :initials,
        decided_at = :at
    where {_WANTED}
""")  # noqa: S608 -- no value stands in it
# Of several rows that look like one record alone, the first is that record and the others wait.
_SAME = text(f"""
    update import_proposal p
    set decision = 'same', record_id = p.only_record, decided_by = :person, decided_initials = :initials, decided_at = :at
    from (
        select distinct on (p.only_record) p.service_id, p.row_id from import_proposal p
        where {_WANTED} and p.only_record is not null and p.record_id is distinct from p.only_record
          and not exists (
            select 1 from import_proposal o
            where o.provider_id = p.provider_id and o.import_id = p.import_id and o.record_id = p.only_record)
        order by p.only_record, p.line, p.row_id) f
    where p.provider_id = :provider and p.import_id = :import and p.service_id = f.service_id and p.row_id = f.row_id
""")  # noqa: S608 -- no value stands in it


def decide_each(
    session: Session, reach: Reach, sent: SentFile, decisions: Mapping[uuid.UUID, str], at: datetime
) -> int:
    """Says of some rows what each is.

    Args:
        session: a transaction in the reach.
        reach: who decides.
        sent: the file.
        decisions: by row: the number of the record that it is, `NEW`, or `OPEN` where that is taken back.
        at: the moment, in UTC.

    Returns:
        How many rows were decided.

    Raises:
        RefusedError: a record that a row does not look like, or one for two rows.
        ConflictError: the file has moved on.
    """
    _begin(session, reach, sent, at)
    given = {"provider": sent.provider_id, "import": sent.import_id}
    found = session.execute(_CANDIDATES, given | {"rows": list(decisions)})
    near = {row.row_id: {each["record_id"] for each in row.candidates} for row in found}
    known = {row: said for row, said in decisions.items() if row in near}
    records = {row: said for row, said in known.items() if said not in (NEW, OPEN)}
    if any(said not in near[row] for row, said in records.items()):
        raise RefusedError("Nothing was decided.", {"rows": "Choose one of the records that the row looks like."})
    if any(times > 1 for times in Counter(records.values()).values()):
        raise RefusedError("Nothing was decided.", {"rows": _TAKEN})
    said = {row: word for row, word in known.items() if word != OPEN}
    # What is taken back goes first, so that a record can pass from one row to another at once.
    back = _who(reach, at, OPEN) | {"rows": list(known), "all": False, "decision": None}
    _run(session, _NEW_OR_OPEN, given | back)
    words = [SAME if row in records else NEW for row in said]
    values = {"rows": list(said), "decisions": words, "records": [records.get(row) for row in said]}
    count = _run(session, _DECIDE, given | _who(reach, at) | values)
    _note(session, reach, sent, Counter(words) + Counter({OPEN: len(known) - len(said)}))
    return count


def decide_many(
    session: Session, reach: Reach, sent: SentFile, rows: Sequence[uuid.UUID] | None, decision: str, at: datetime
) -> int:
    """Says the same of several rows: that they are the records they look like, other records, or not decided.

    A row that looks like more than one record is not `SAME` by itself: somebody has to choose the record.

    Args:
        session: a transaction in the reach.
        reach: who decides.
        sent: the file.
        rows: which; `ALL` for every one that nobody has decided yet.
        decision: `SAME`, `NEW` or `OPEN`.
        at: the moment, in UTC.

    Returns:
        How many rows were decided.

    Raises:
        RefusedError: no row was chosen.
        ConflictError: the file has moved on.
    """
    _begin(session, reach, sent, at)
    if rows is not ALL and not rows:
        raise RefusedError("Nothing was decided.", {"rows": "Tick the rows that you mean."})
    given: dict[str, Any] = {"provider": sent.provider_id, "import": sent.import_id}
    given |= {"all": rows is ALL, "rows": list(rows or ())} | _who(reach, at, decision)
    if decision == SAME:
        count = _run(session, _SAME, given)
    else:
        count = _run(session, _NEW_OR_OPEN, given | {"decision": NEW if decision == NEW else None})
    _note(session, reach, sent, {decision: count})
    return count


def _begin(session: Session, reach: Reach, sent: SentFile, at: datetime) -> None:
    """Only of a file that waits; whoever imports it meanwhile is first or comes after."""
    require(reach, sent)
    move(session, sent, ("checked",), at, state="checked")


def _who(reach: Reach, at: datetime, decision: str = "") -> dict[str, Any]:
    taken_back = decision == OPEN
    return {
        "person": None if taken_back else reach.person_id,
        "initials": None if taken_back else reach.initials,
        "at": None if taken_back else at,
    }


def _run(session: Session, statement: Any, given: Mapping[str, Any]) -> int:
    try:
        return int(cast("Any", session.execute(statement, given)).rowcount)
    except IntegrityError as taken:
        raise ConflictError(_TAKEN) from taken


def _note(session: Session, reach: Reach, sent: SentFile, counts: Mapping[str, int]) -> None:
    note(
        session, reach, "rows of an import decided", provider_id=sent.provider_id, service_id=sent.service_id,
        subject=f"import file {sent.import_id}", detail=dict(counts),
    )  # fmt: skip
