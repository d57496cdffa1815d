"""What covers quality statements at a service: two statements, whatever it has."""

from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.record_types import record_types
from mendline.catalogue.status_rules import status_rules
from mendline.places.rows import Place
from mendline.services.coverage import Piece, RecordGroup

_PIECES = text("""
select e.evidence_id, e.reference, e.title, e.letter, e.dated_on, e.quality_statement as statement, e.category,
       (select c.result from evidence_check c
         where c.provider_id = e.provider_id and c.service_id = e.service_id and c.evidence_id = e.evidence_id
         order by c.checked_at desc limit 1) as result,
       array(select i.definition_key from evidence_link l
               join service_indicator i
                 on i.provider_id = l.provider_id and i.service_id = l.service_id and i.indicator_id = l.indicator_id
              where l.provider_id = e.provider_id and l.service_id = e.service_id and l.evidence_id = e.evidence_id
              order by i.display_order) as definition_keys
from evidence e
where e.provider_id = :provider and e.service_id = :service and e.dated_on between :since and :today
order by e.dated_on desc, e.reference desc
limit 5000
""")

_RECORDS = text("""
select record_type, (max(happened_at) at time zone 'Europe/London')::date as newest,
       count(*) filter (where happened_at >= :current) as count
from record r
where provider_id = :provider and service_id = :service and record_type = any (:types)
  and happened_at >= :since and happened_at < :until and withdrawn_at is null
  and not exists (
    select 1 from record n
    where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
      and n.revision > r.revision)
group by record_type
""")


def coverage_facts(session: Session, place: Place, today: date) -> tuple[tuple[Piece, ...], tuple[RecordGroup, ...]]:
    """Evidence and records of the last year; records only as far as the reader may see them."""
    rules = status_rules().coverage
    since = today - timedelta(days=rules.look_back_days)
    here = {"provider": place.provider_id, "service": place.service_id, "since": since}
    pieces = session.execute(_PIECES, {**here, "today": today}).mappings()
    records = session.execute(
        _RECORDS,
        {
            **here,
            "types": list(record_types()),
            "current": today - timedelta(days=rules.current_days),
            "until": today + timedelta(days=1),
        },
    ).mappings()
    return (
        tuple(Piece(**{**row, "definition_keys": tuple(row["definition_keys"])}) for row in pieces),
        tuple(RecordGroup(**row) for row in records),
    )
