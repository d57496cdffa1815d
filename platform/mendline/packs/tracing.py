"""Does each figure of a pack still trace: to its fact, to the records that were counted, and from the page it stands on."""

import csv
import io
import re
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.wording import counted

MOST_TOLD = 20
_FIGURE_PAGE = re.compile(r"/indicators/(?P<indicator>[0-9a-f-]{36})/figures/(?P<period>\d{4}-\d\d-\d\d)(?:\?|$)")

_FACTS = text("""
select i.definition_key, o.indicator_id, o.period_start, o.revision, o.observation_id, o.numerator, o.denominator, o.value
from observation o
join service_indicator i on i.provider_id = o.provider_id and i.service_id = o.service_id
    and i.indicator_id = o.indicator_id
where o.provider_id = :provider and o.service_id = :service
""")

# What stood behind a revision at the pack's moment, and how many records still say so: rows tell only what changed.
_RECORDS = text("""
select o.indicator_id, o.period_start, o.revision, coalesce(c.counted, 0) as counted
from observation o
join lateral (
    select m.measurement from measurement m
    where m.provider_id = o.provider_id and m.service_id = o.service_id and m.indicator_id = o.indicator_id
      and m.period_start = o.period_start and m.measured_at <= :as_at
    order by (m.revision = o.revision) desc nulls last, m.measurement desc limit 1) m on true
left join lateral (
    select count(*) filter (where c.verdict = 'counted') as counted from (
        select distinct on (c.record_id) c.verdict from counted_record c
        where c.provider_id = o.provider_id and c.service_id = o.service_id and c.indicator_id = o.indicator_id
          and c.period_start = o.period_start and c.measurement <= m.measurement
        order by c.record_id, c.measurement desc) c) c on true
where o.provider_id = :provider and o.service_id = :service
""")


@dataclass(frozen=True, slots=True)
class Traced:
    """Whether everything traces, and what was found, in order."""

    holds: bool
    told: tuple[str, ...]


def trace(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    *,
    as_at: datetime,
    facts: bytes,
    links: Collection[str],
) -> Traced:
    """Each figure of a pack against the revision and the records that it names, in two statements.

    Args:
        session: a transaction that sees the provider.
        provider_id: whose pack it is.
        service_id: of which service.
        as_at: the moment of the pack.
        facts: its `facts.csv`; packs of earlier versions name no records in it.
        links: the addresses that its pages lead to.
    """
    here = {"provider": provider_id, "service": service_id}
    stored = {(_place(row), row.revision): row for row in session.execute(_FACTS, here)}
    behind = {(_place(row), row.revision): row.counted for row in session.execute(_RECORDS, here | {"as_at": as_at})}
    by_key = {(row.definition_key, row.period_start, row.revision): place for (place, _), row in stored.items()}
    newest: dict[tuple[str, date], int] = {}
    for place, revision in stored:
        newest[place] = max(revision, newest.get(place, 0))
    rows = list(csv.DictReader(io.StringIO(facts.decode("utf-8-sig"), newline="")))
    lost: list[str] = []
    corrected = 0
    for row in rows:
        revision, period = int(float(row["revision"] or 1)), date.fromisoformat(row["period_start"])
        named = row.get("indicator_id")
        place = (named, period) if named else by_key.get((row["definition"], period, revision), ("", period))
        said = list(_not_so(row, stored.get((place, revision)), behind.get((place, revision))))
        lost += said
        corrected += not said and newest[place] > revision
    led, astray = _led(links, {(row["indicator_id"], row["period_start"]) for row in rows if row.get("indicator_id")})
    told = [f"{len(rows) - len(lost)} of {len(rows)} figures trace to their facts."]
    if corrected:
        told.append(f"{corrected} of them were corrected after the pack was made.")
    if (records := sum(int(row.get("records") or 0) for row in rows)) and not lost:
        told.append(
            f"Behind them {'stands' if records == 1 else 'stand'} {counted(records, 'record')}, as the pack says."
        )
    if led:
        told.append(f"The pack leads to the pages of {led} of them.")
    problems = [*lost, *astray]
    return Traced(not problems, (*told, *problems[:MOST_TOLD]))


def _not_so(row: Mapping[str, str], found: Any, records: int | None) -> Iterator[str]:
    """What a row says that is not so."""
    figure = f"{row['indicator']}, {row['period_start']}"
    same = found is not None and all(
        _number(row[name]) == getattr(found, name) for name in ("numerator", "denominator", "value")
    )
    if not same or row.get("observation_id", str(found.observation_id)) != str(found.observation_id):
        yield f"NO FACT says what the pack says of {figure}."
    elif row.get("records") and int(row["records"]) != (records or 0):
        yield f"OTHER RECORDS stand behind {figure}: {row['records']} in the pack, {records or 0} here."


def _led(links: Collection[str], known: Collection[tuple[str, str]]) -> tuple[int, list[str]]:
    """How many pages of figures a pack leads to, and those that lead to no figure of it."""
    pages = {(found["indicator"], found["period"]) for each in links if (found := _FIGURE_PAGE.search(each))}
    astray = sorted(pages - set(known)) if known else []
    return len(pages) - len(astray), [f"A LINK leads to no figure of the pack: {one[0]}, {one[1]}." for one in astray]


def _place(row: Any) -> tuple[str, date]:
    return str(row.indicator_id), row.period_start


def _number(written: str | None) -> float | None:
    return float(written) if written else None
