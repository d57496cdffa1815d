"""Corrections of figures that people outside the provider had seen: for the next pack, their own pages, and by mail.

A letter names the service, the indicator and the page, never a figure and never the reason: those may say too much, and
stand behind the sign-in. Only officers whose grant stands are written to.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import period_label
from mendline.catalogue.indicators import Cadence, indicator_definition
from mendline.comparison.differencing import Told, told_of
from mendline.comparison.evidence_reading import FOREVER
from mendline.comparison.suppression import is_shared
from mendline.telling.mail import Fact, send

MOST = 200
MOST_TOLD = 100  # letters in one pass; a batch that corrects more is told of by the first hundred
EARLIEST = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Restated:
    """A corrected figure: what outsiders had seen, what stands in its place, why, and which packs hold the earlier one."""

    indicator_id: uuid.UUID
    definition_key: str
    cadence: Cadence
    period_start: date
    earlier: float | None
    value: float | None
    reason: str | None
    packs: list[str]
    outside_looks: int
    recorded_at: datetime

    @property
    def period(self) -> str:
        """The period in words."""
        return period_label(self.cadence, self.period_start)


_RESTATED = text("""
select r.indicator_id, i.definition_key, i.cadence, r.period_start, e.value as earlier, n.value, r.reason, r.packs,
       r.outside_looks, r.recorded_at
from restatement r
join service_indicator i on i.provider_id = r.provider_id and i.service_id = r.service_id
    and i.indicator_id = r.indicator_id
join observation n on n.provider_id = r.provider_id and n.service_id = r.service_id and n.indicator_id = r.indicator_id
    and n.period_start = r.period_start and n.revision = r.revision
join observation e on e.provider_id = r.provider_id and e.service_id = r.service_id and e.indicator_id = r.indicator_id
    and e.period_start = r.period_start and e.revision = r.earlier_revision
where r.provider_id = :provider and r.service_id = :service and r.recorded_at > :since and r.recorded_at <= :as_at
order by r.recorded_at desc, r.indicator_id, r.period_start desc
limit :most
""")

# What outsiders had looked at before it was corrected.
_TOLD = text("""
select r.indicator_id, i.definition_key, r.period_start, e.value, e.numerator, e.denominator
from restatement r
join service_indicator i on i.provider_id = r.provider_id and i.service_id = r.service_id
    and i.indicator_id = r.indicator_id
join observation e on e.provider_id = r.provider_id and e.service_id = r.service_id and e.indicator_id = r.indicator_id
    and e.period_start = r.period_start and e.revision = r.earlier_revision
where r.provider_id = :provider and r.service_id = :service and r.outside_looks > 0
order by r.recorded_at desc
limit 2000
""")

# Whoever looked at a service while the earlier figure stood, and may still look at it.
_READERS = text("""
select distinct x.person_id, r.service_id, s.name as service, g.show_name, i.definition_key
from restatement r
join service s on s.provider_id = r.provider_id and s.service_id = r.service_id
join service_indicator i on i.provider_id = r.provider_id and i.service_id = r.service_id
    and i.indicator_id = r.indicator_id
join observation e on e.provider_id = r.provider_id and e.service_id = r.service_id and e.indicator_id = r.indicator_id
    and e.period_start = r.period_start and e.revision = r.earlier_revision
join ledger_entry x on x.provider_id = r.provider_id and x.service_id = r.service_id and x.act = 'external look'
    and x.person_id is not null and x.recorded_at >= e.recorded_at and x.recorded_at < r.recorded_at
join commissioner_grant g on g.provider_id = r.provider_id and g.service_id = r.service_id and g.withdrawn_at is null
    and current_date between g.valid_from and g.valid_until
join reach.bodies() b on b.body_id = g.body_id and b.name = x.detail ->> 'body'
where r.provider_id = :provider
  and (r.service_id, r.indicator_id, r.period_start, r.revision) in (
    select * from unnest(cast(:services as uuid[]), cast(:indicators as uuid[]), cast(:periods as date[]),
                         cast(:revisions as integer[])))
order by r.service_id, x.person_id, i.definition_key
""")


def restated_of(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    *,
    since: datetime = EARLIEST,
    as_at: datetime = FOREVER,
) -> tuple[Restated, ...]:
    """The corrections of a service that outsiders need to know of, newest first: one statement."""
    given = {"provider": provider_id, "service": service_id, "since": since, "as_at": as_at, "most": MOST}
    return tuple(Restated(**row) for row in session.execute(_RESTATED, given).mappings())


def told_outside(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> Told:
    """The counts behind figures that outsiders had looked at before they were corrected: one statement."""
    rows = session.execute(_TOLD, {"provider": provider_id, "service": service_id})
    return told_of(tuple(row) for row in rows)


def tell_outsiders(
    session: Session, provider_id: uuid.UUID, corrected: Sequence[tuple[uuid.UUID, uuid.UUID, date, int]]
) -> int:
    """Writes to each officer who had seen what was corrected, once for a service; returns how many letters go out.

    Args:
        session: a worker's transaction over the provider, the one that wrote the corrections down.
        provider_id: the provider.
        corrected: service, indicator, first day of the period and revision of each correction.
    """
    if not corrected:
        return 0
    services, indicators, periods, revisions = (list(each) for each in zip(*corrected, strict=True))
    given = {
        "provider": provider_id,
        "services": services,
        "indicators": indicators,
        "periods": periods,
        "revisions": revisions,
    }
    letters: dict[tuple[uuid.UUID, uuid.UUID], tuple[str, list[dict[str, str]]]] = {}
    for row in session.execute(_READERS, given):
        if not is_shared(indicator_definition(row.definition_key)):
            continue
        name = row.service if row.show_name else f"Service {str(row.service_id)[:4].upper()}"
        lines = letters.setdefault((row.service_id, row.person_id), (name, []))[1]
        lines.append({"title": indicator_definition(row.definition_key).name})
    for (service_id, person_id), (name, lines) in list(letters.items())[:MOST_TOLD]:
        facts: dict[str, Fact] = {"service": name, "lines": lines, "path": f"/portfolio/{service_id}"}
        send(session, "figure_corrected", provider_id=provider_id, person_id=person_id, facts=facts)
    return min(len(letters), MOST_TOLD)
