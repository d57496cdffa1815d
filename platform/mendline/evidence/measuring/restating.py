"""Tells of corrections to figures that people outside the provider had seen: in a pack, or on a page shown to them."""

import uuid
from datetime import date
from typing import cast

from sqlalchemy import text
from sqlalchemy.orm import Session

# A figure that waits to be worked through may be a correction. It was seen outside where a pack as at a moment between
# the two revisions exists, or somebody from outside looked at the service between them.
_NOTE = text("""
    insert into restatement (provider_id, service_id, indicator_id, period_start, revision, earlier_revision, reason,
                             packs, outside_looks, last_seen_at, recorded_at)
    select :provider, n.service_id, n.indicator_id, n.period_start, n.revision, e.revision, n.reason,
           coalesce(p.packs, '{}'), l.looks, greatest(p.last, l.last), n.recorded_at
    from (
        select distinct service_id, indicator_id, period_start from stale_mark
        where provider_id = :provider and period_start is not null) k
    join lateral (
        select * from observation o
        where o.provider_id = :provider and o.service_id = k.service_id and o.indicator_id = k.indicator_id
          and o.period_start = k.period_start
        order by o.revision desc limit 1) n on n.revision > 1
    join observation e on e.provider_id = :provider and e.service_id = n.service_id and e.indicator_id = n.indicator_id
        and e.period_start = n.period_start and e.revision = n.revision - 1
        and (e.numerator, e.denominator, e.value) is distinct from (n.numerator, n.denominator, n.value)
        and e.state not in ('missing', 'suspended')
    left join lateral (
        select array_agg(p.reference order by p.reference) as packs, max(p.as_at) as last from pack p
        where p.provider_id = :provider and p.service_id = n.service_id
          and p.as_at >= e.recorded_at and p.as_at < n.recorded_at) p on true
    left join lateral (
        select count(*) as looks, max(x.recorded_at) as last from ledger_entry x
        where x.provider_id = :provider and x.service_id = n.service_id and x.act = 'external look'
          and x.recorded_at >= e.recorded_at and x.recorded_at < n.recorded_at) l on true
    where p.packs is not null or l.looks > 0
    on conflict do nothing
    returning service_id, indicator_id, period_start, revision
""")


Corrected = tuple[uuid.UUID, uuid.UUID, date, int]  # service, indicator, first day of the period, revision


def note_restatements(session: Session, provider_id: uuid.UUID) -> list[Corrected]:
    """Writes down each correction, among figures marked stale, that outsiders had seen, and returns them.

    Run before the marks are used. Each figure's page, the service's page for outsiders and the next pack show it.
    """
    return [cast("Corrected", tuple(row)) for row in session.execute(_NOTE, {"provider": provider_id})]
