"""What pages read of evidence: one statement each."""

import uuid

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.evidence.behind import EvidenceBehind

_EVIDENCE = text("""
select e.evidence_id, e.reference, e.letter, e.title, e.dated_on, e.system, e.where_to_look, e.sha256, e.sample_size,
       e.recorded_initials, c.result, c.checked_at
from evidence_link l
join evidence e on e.provider_id = l.provider_id and e.service_id = l.service_id and e.evidence_id = l.evidence_id
left join lateral (
    select result, checked_at from evidence_check c
    where c.provider_id = e.provider_id and c.service_id = e.service_id and c.evidence_id = e.evidence_id
    order by checked_at desc limit 1) c on true
where l.provider_id = :provider and l.service_id = :service and l.indicator_id = :indicator
order by e.dated_on desc, e.reference desc
limit 200
""")


def evidence_behind(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID
) -> tuple[EvidenceBehind, ...]:
    """The evidence that is linked to an indicator, newest first, each with the newest look at its original."""
    here = {"provider": provider_id, "service": service_id, "indicator": indicator_id}
    return tuple(EvidenceBehind(**row) for row in session.execute(_EVIDENCE, here).mappings())
