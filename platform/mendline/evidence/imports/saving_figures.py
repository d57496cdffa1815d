"""Figures of a file: weighed against what stands, and saved."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import long_date
from mendline.evidence.imports.findings import Findings
from mendline.evidence.imports.plan import ImportRow
from mendline.evidence.imports.target import Target
from mendline.evidence.imports.weighing import Stands, Tally, weigh
from mendline.indicators.commands import save_observations
from mendline.indicators.rows import ObservationRow
from tenants.clock import LONDON
from tenants.errors import RefusedError

_MOST_TOLD = 500

Key = tuple[uuid.UUID, uuid.UUID, date]

# By lists and a span, not by pairs: a join with the keys is planned by statistics that a first large import does not
# have yet. The newest revision, and beside it the newest that came out of a file.
_STANDING = text("""
    select distinct on (o.service_id, o.indicator_id, o.period_start, o.source = 'imported')
        o.service_id, o.indicator_id, o.period_start, o.revision, o.numerator, o.denominator, o.value, o.state, o.source,
        o.recorded_initials, o.recorded_at
    from observation o
    where o.provider_id = :provider and o.service_id = any (:services) and o.indicator_id = any (:indicators)
        and o.period_start between :first and :last
    order by o.service_id, o.indicator_id, o.period_start, o.source = 'imported', o.revision desc
""").bindparams(
    bindparam("provider", type_=Uuid()),
    bindparam("services", type_=ARRAY(Uuid())),
    bindparam("indicators", type_=ARRAY(Uuid())),
    bindparam("first", type_=Date()),
    bindparam("last", type_=Date()),
)


def save_figures(here: Target, rows: Sequence[ImportRow], tally: Tally, findings: Findings) -> int:
    """Saves what is new or changed; what the figures' own rules refuse is told by the line of the file.

    Returns:
        How many were saved.
    """
    stands = _standing(here, rows)
    wanted: list[ImportRow] = []
    for row in rows:
        verdict = weigh(_said(row.numerator, row.denominator, row.value, row.state), stands.get(_key(here, row)))
        tally.add(verdict, row.place, here.shown)
        if verdict == "conflict" and len(tally.conflicts) < _MOST_TOLD:
            tally.conflicts.append(_conflict(here, row, stands[_key(here, row)]))
        if verdict in ("new", "changed") or (verdict == "conflict" and here.choices.on_conflict == "update"):
            wanted.append(row)
    return _save(here, wanted, findings)


def _key(here: Target, row: ImportRow) -> Key:
    return row.service_id, here.names.indicator_ids[row.service_id, row.indicator], row.period_start


def _said(numerator: float | None, denominator: float | None, value: float | None, state: str) -> tuple[Any, ...]:
    """What makes two figures the same: their parts where both are known; a revised figure is a final one."""
    whole = numerator is not None and denominator is not None
    return numerator, denominator, None if whole else value, {"revised": "final"}.get(state, state)


def _standing(here: Target, rows: Sequence[ImportRow]) -> Mapping[Key, Stands]:
    keys = [_key(here, row) for row in rows]
    given = {
        "provider": here.provider_id,
        "services": list({key[0] for key in keys}),
        "indicators": list({key[1] for key in keys}),
        "first": min(key[2] for key in keys),
        "last": max(key[2] for key in keys),
    }
    found: dict[Key, Stands] = {}
    for row in here.session.execute(_STANDING, given):
        key = (row.service_id, row.indicator_id, row.period_start)
        one = _stands(row)
        other = found.get(key)
        found[key] = one if other is None else _together(one, other)
    return found


def _stands(row: Any) -> Stands:
    by_import = row.source == "imported"
    said = _said(row.numerator, row.denominator, row.value, row.state)
    who = row.recorded_initials or {"measured": "records"}.get(row.source, "")
    told = f"{f'{who}, ' if who else ''}{long_date(row.recorded_at.astimezone(LONDON).date())}"
    return Stands(row.revision, said, by_import, said if by_import else None, gone=row.state == "missing", told=told)


def _together(one: Stands, other: Stands) -> Stands:
    newer, older = (one, other) if one.revision > other.revision else (other, one)
    imported = newer.imported if newer.by_import else older.imported
    return Stands(newer.revision, newer.says, newer.by_import, imported, gone=newer.gone, told=newer.told)


def _conflict(here: Target, row: ImportRow, stands: Stands) -> dict[str, Any]:
    place = next(one.name for one in here.names.known.services if one.service_id == row.service_id)
    what = f"{_title(row.indicator)}, {place}, {long_date(row.period_start)}"
    given = _said(row.numerator, row.denominator, row.value, row.state)
    return {"line": row.line, "what": what, "file": _words(given), "stands": _words(stands.says), "who": stands.told}


def _title(key: str) -> str:
    try:
        return indicator_definition(key).name
    except KeyError:
        return key


def _words(said: tuple[Any, ...]) -> str:
    numerator, denominator, value, state = said
    if numerator is not None and denominator is not None:
        return f"{numerator:g} of {denominator:g}"
    number = value if value is not None else numerator
    return state.replace("_", " ") if number is None else f"{number:g}"


def _save(here: Target, rows: Sequence[ImportRow], findings: Findings) -> int:
    given = [
        ObservationRow(
            *_key(here, row),
            row.numerator,
            row.denominator,
            row.value,
            None if row.state == "final" else row.state,  # so that a corrected figure becomes `revised`
            pointer={"reference": row.source_reference, "file": here.file_name} if row.source_reference else None,
            recorded_at=here.at,
        )
        for row in rows
    ]
    if not given:
        return 0
    # What the figures' own rules refuse is found before anything is written, so the other parts can be looked at too.
    rehearsal = None if here.writes else here.session.begin_nested()
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
            recorded_by=(here.sender.person_id, here.sender.initials),
        ).saved
    except RefusedError as refused:
        _tell(refused, rows, findings)
        return 0
    finally:
        if rehearsal is not None:
            rehearsal.rollback()


def _tell(refused: RefusedError, rows: Sequence[ImportRow], findings: Findings) -> None:
    """Problems that name a figure by its place among many, as problems of lines."""
    for key, words in refused.problems.items():
        number, _, field = key.rpartition(".")
        row = rows[int(number) - 1] if number else rows[0]
        findings.problem(row.line, field, "", f"{row.indicator}: {words.rstrip('.')}", "Correct the line.")
