"""The derived tables can be made again from the facts at any time, and must then be what they are."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mendline.comparison.derivation import (
    CHUNK,
    ROLL_UP,
    STATUS,
    derive_indicators,
    derive_roll_ups,
    one_at_a_time,
    roll_up_rows,
)
from mendline.comparison.evidence_reading import IndicatorKey
from mendline.comparison.reading import read_indicators
from mendline.comparison.roll_up_reading import RollUpKey, touched_roll_ups
from mendline.evidence.measuring.verifying import verify_measurements
from mendline.indicators.derivation import derive_status
from mendline.indicators.model import ServiceIndicator, StaleMark
from tenants.clock import today
from tenants.database import Database
from tenants.directory.model import Provider

Tell = Callable[[str], None]


@dataclass(slots=True)
class RebuildReport:
    """What a rebuild did or found.

    Attributes:
        waiting: indicators that are marked stale: their job has not run yet, so they are not compared.
        differences: one line for each derived row that is not what its facts make, with the columns that differ.
    """

    providers: int = 0
    indicators: int = 0
    roll_ups: int = 0
    measurements: int = 0
    waiting: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        """0 where everything is as the facts make it, else 1."""
        return 1 if self.differences else 0


def rebuild(
    db: Database, provider_id: uuid.UUID | None = None, *, verify: bool = False, tell: Tell = lambda _: None
) -> RebuildReport:
    """Recomputes every derived row of a provider, or of all, in one transaction each.

    Args:
        db: where; with the administrator's address, as the command line has it.
        provider_id: whose rows; everybody's where not given.
        verify: compare with what is stored and change nothing.
        tell: hears of each provider that is done.
    """
    with db.administration() as session:
        found = session.execute(select(Provider.provider_id, Provider.name).order_by(Provider.name)).all()
    report = RebuildReport()
    for provider in found:
        if provider_id in (None, provider.provider_id):
            reach = db.command_reach(provider.provider_id)
            with db.transaction(reach) as session:
                one_at_a_time(session, provider.provider_id)
                step = _verify if verify else _write
                step(session, provider.provider_id, report)
            report.providers += 1
            tell(provider.name)
    return report


def _write(session: Session, provider_id: uuid.UUID, report: RebuildReport) -> None:
    keys = _every_indicator(session, provider_id)
    session.execute(delete(StaleMark).where(StaleMark.provider_id == provider_id))
    report.indicators += derive_indicators(session, provider_id, keys, today())
    wanted = _every_roll_up(session, provider_id, keys)
    stored = session.execute(
        select(ROLL_UP.c.definition_key, ROLL_UP.c.service_kind, ROLL_UP.c.period_start).where(
            ROLL_UP.c.provider_id == provider_id
        )
    )
    report.roll_ups += derive_roll_ups(session, provider_id, [*wanted, *(_key(row) for row in stored.mappings())])


def _verify(session: Session, provider_id: uuid.UUID, report: RebuildReport) -> None:
    marked = {
        (row.service_id, row.indicator_id)
        for row in session.execute(
            select(StaleMark.service_id, StaleMark.indicator_id).where(StaleMark.provider_id == provider_id)
        )
    }
    keys = _every_indicator(session, provider_id)
    report.waiting += len(marked)
    _verify_statuses(session, provider_id, [key for key in keys if key not in marked], report)
    waiting = set(_every_roll_up(session, provider_id, list(marked)))
    _verify_roll_ups(session, provider_id, set(_every_roll_up(session, provider_id, keys)), waiting, report)
    found = verify_measurements(session, provider_id)
    report.measurements += found.checked
    report.differences += found.differences


def _verify_statuses(session: Session, provider_id: uuid.UUID, keys: list[IndicatorKey], report: RebuildReport) -> None:
    """Each status is judged again as on the day on which it was judged."""
    rows = session.execute(select(STATUS).where(STATUS.c.provider_id == provider_id)).mappings()
    stored = {(row["service_id"], row["indicator_id"]): dict(row) for row in rows}
    for start in range(0, len(keys), CHUNK):
        for facts in read_indicators(session, provider_id, keys[start : start + CHUNK], today()):
            kept = stored.get((facts.service_id, facts.indicator_id))
            made = derive_status(facts, kept["judged_on"] if kept else today())
            report.indicators += 1
            _compare(f"status of indicator {facts.indicator_id}", kept, made, report)


def _verify_roll_ups(
    session: Session, provider_id: uuid.UUID, keys: set[RollUpKey], waiting: set[RollUpKey], report: RebuildReport
) -> None:
    """Also those that are stored and that no service's figures lead to."""
    rows = session.execute(select(ROLL_UP).where(ROLL_UP.c.provider_id == provider_id)).mappings()
    stored = {_key(row): dict(row) for row in rows}
    listed = sorted((keys | stored.keys()) - waiting)
    for start in range(0, len(listed), CHUNK):
        part = listed[start : start + CHUNK]
        made = {_key(row): row for row in roll_up_rows(session, provider_id, part)}
        for key in part:
            report.roll_ups += 1
            _compare(f"roll-up of {key[0]}, {key[1]}, {key[2]}", stored.get(key), made.get(key), report)


def _compare(what: str, stored: dict[str, Any] | None, made: dict[str, Any] | None, report: RebuildReport) -> None:
    if stored == made:
        return
    if stored is None or made is None:
        report.differences.append(f"{what}: {'is missing' if stored is None else 'rests on no facts'}")
        return
    names = sorted(name for name in made if stored.get(name) != made[name])
    report.differences.append(f"{what}: {', '.join(names)} differ")


def _key(row: Any) -> RollUpKey:
    return row["definition_key"], row["service_kind"], row["period_start"]


def _every_indicator(session: Session, provider_id: uuid.UUID) -> list[IndicatorKey]:
    s = ServiceIndicator
    found = session.execute(select(s.service_id, s.indicator_id).where(s.provider_id == provider_id))
    return [(row.service_id, row.indicator_id) for row in found]


def _every_roll_up(session: Session, provider_id: uuid.UUID, keys: Iterable[IndicatorKey]) -> list[RollUpKey]:
    every_period: date | None = None
    marks = [(service, indicator, every_period) for service, indicator in keys]
    return touched_roll_ups(session, provider_id, marks) if marks else []
