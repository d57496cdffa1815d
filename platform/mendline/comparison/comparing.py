"""The services of a provider side by side, now or as they stood at a past moment: one way for the page and the API.

Now, everything is read from what workers worked out. At a past moment it is worked out from the facts that had been
recorded by then, by the same rules: statuses as a pack does, pooled figures as a roll-up does. Nothing is written.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from mendline.comparison import queries
from mendline.comparison.queries import MOST_COLUMNS, PooledFigure, RecentCounts, StatusCell
from mendline.comparison.reading import is_known, read_indicators
from mendline.comparison.roll_up import roll_up_of
from mendline.comparison.roll_up_reading import RollUpKey, read_figures
from mendline.indicators.derivation import derive_status
from mendline.indicators.facts import IndicatorFacts
from mendline.indicators.marks import mark_words
from mendline.indicators.model import ServiceIndicator
from tenants.directory.model import Service

NEWEST_PERIODS = 4  # of each indicator: a roll-up's newest period with a pooled value lies among them, and the funnel's

InUse = tuple[tuple[str, int], ...]
Chosen = Callable[[InUse], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Then:
    """A past day in England and its last moment in UTC."""

    day: date
    moment: datetime


@dataclass(frozen=True, slots=True)
class Compared:
    """The indicators in use with how many services run each, those chosen, their cells and their pooled figures."""

    used: InUse
    keys: tuple[str, ...]
    cells: tuple[StatusCell, ...]
    pooled: tuple[PooledFigure, ...]
    recent: dict[str, tuple[RecentCounts, ...]] | None = None

    def counts(self, session: Session, provider_id: uuid.UUID) -> dict[str, tuple[RecentCounts, ...]]:
        """Each compared indicator at every service over its newest four periods."""
        if self.recent is None:
            return queries.recent_counts(session, provider_id, self.keys)
        return self.recent


def most_common(used: InUse) -> tuple[str, ...]:
    """The indicators that most services run, as many as a comparison has columns."""
    return tuple(key for key, _ in used)[:MOST_COLUMNS]


def compared(
    session: Session, provider_id: uuid.UUID, *, choose: Chosen = most_common, then: Then | None = None
) -> Compared:
    """Compares the services of a provider that are within reach.

    Args:
        session: a transaction within reach.
        provider_id: the provider.
        choose: names the indicators to compare, given those in use.
        then: a past day; None for now.
    """
    if then is not None:
        return _compared_then(session, provider_id, choose, then)
    used = queries.definitions_in_use(session, provider_id)
    keys = choose(used)
    cells = queries.status_cells(session, provider_id, keys)
    return Compared(used, keys, cells, queries.pooled_figures(session, provider_id, keys))


def _compared_then(session: Session, provider_id: uuid.UUID, choose: Chosen, then: Then) -> Compared:
    """Ten statements for the facts, three more for the roll-ups, however many services there are."""
    running = _running(session, provider_id, then)
    users: defaultdict[str, set[uuid.UUID]] = defaultdict(set)
    for row in running:
        users[row.definition_key].add(row.service_id)
    used = tuple(sorted(((key, len(found)) for key, found in users.items()), key=lambda each: (-each[1], each[0])))
    keys = choose(used)
    kinds = {row.service_id: row.kind for row in running}
    wanted = [(row.service_id, row.indicator_id) for row in running if row.definition_key in keys]
    facts = read_indicators(session, provider_id, wanted, then.day, then.moment)
    judged = [derive_status(one, then.day) for one in facts]
    return Compared(
        used,
        keys,
        tuple(_cell(row) for row in judged),
        _pooled_then(session, provider_id, _candidates(facts, kinds), then.moment),
        _recent(judged),
    )


def _cell(row: dict[str, Any]) -> StatusCell:
    known = {name: row[name] for name in StatusCell.__annotations__ if name != "mark"}
    return StatusCell(**known, mark=mark_words(row["series"].get("newest")))


def _running(session: Session, provider_id: uuid.UUID, then: Then) -> Sequence[Row[Any]]:
    i, s = ServiceIndicator, Service
    found = session.execute(
        select(i.service_id, i.indicator_id, i.definition_key, i.definition_version, s.kind)
        .join(s, (s.provider_id == i.provider_id) & (s.service_id == i.service_id))
        .where(i.provider_id == provider_id, i.recorded_at <= then.moment)
        .where((i.ended_on.is_(None)) | (i.ended_on > then.day), (s.closed_on.is_(None)) | (s.closed_on > then.day))
    ).all()
    return [cast("Row[Any]", row) for row in found if is_known(row.definition_key, row.definition_version)]


def _candidates(facts: Sequence[IndicatorFacts], kinds: dict[uuid.UUID, str]) -> list[RollUpKey]:
    """The newest periods with a figure, of each indicator and kind of service, newest first."""
    starts: defaultdict[tuple[str, str], set[date]] = defaultdict(set)
    for one in facts:
        starts[one.definition.key, kinds[one.service_id]] |= {each.period_start for each in one.observed}
    return [
        (key, kind, start)
        for (key, kind), found in sorted(starts.items())
        for start in sorted(found, reverse=True)[:NEWEST_PERIODS]
    ]


def _pooled_then(
    session: Session, provider_id: uuid.UUID, candidates: Sequence[RollUpKey], moment: datetime
) -> tuple[PooledFigure, ...]:
    if not candidates:
        return ()
    figures = read_figures(session, provider_id, candidates, as_at=moment)
    newest: dict[tuple[str, str], PooledFigure] = {}
    for key in candidates:
        if key[:2] in newest or key not in figures:
            continue
        definition, contributions = figures[key]
        row = roll_up_of(definition, key[1], key[2], contributions)
        if row is not None and row["value"] is not None:
            newest[key[:2]] = PooledFigure(**{name: row[name] for name in PooledFigure.__annotations__})
    return tuple(newest.values())


def _recent(judged: Iterable[dict[str, Any]]) -> dict[str, tuple[RecentCounts, ...]]:
    found: defaultdict[str, list[RecentCounts]] = defaultdict(list)
    for row in judged:
        tops, bottoms = (row["series"][name][-NEWEST_PERIODS:] for name in ("numerators", "denominators"))
        pairs = [pair for pair in zip(tops, bottoms, strict=True) if None not in pair]
        if pairs and not row["is_stale"]:
            counts = RecentCounts(row["service_id"], sum(top for top, _ in pairs), sum(below for _, below in pairs))
            found[row["definition_key"]].append(counts)
    return {key: tuple(each) for key, each in found.items()}
