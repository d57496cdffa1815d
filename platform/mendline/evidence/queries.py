"""What pages read of evidence: one statement each."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.evidence.rows import EvidenceBehind, EvidenceTotals, EvidenceWhole, Leaning, Look

PAGE = 200
MOST_LOOKS = 50
FOREVER = datetime.max.replace(tzinfo=UTC)  # as at no moment in particular

_COLUMNS = """e.evidence_id, e.reference, e.letter, e.title, e.dated_on, e.system, e.where_to_look, e.sha256,
       e.sample_size, e.recorded_initials, c.result, c.checked_at"""
_NEWEST_LOOK = """left join lateral (
    select result, checked_at from evidence_check c
    where c.provider_id = e.provider_id and c.service_id = e.service_id and c.evidence_id = e.evidence_id
    order by checked_at desc limit 1) c on true"""
_NEWEST_LOOK_THEN = _NEWEST_LOOK.replace("order by", "and c.checked_at <= :as_at order by")

# The statements are put together from the parts above; every value is bound.
_BEHIND = text(f"""
select {_COLUMNS}
from evidence_link l
join evidence e on e.provider_id = l.provider_id and e.service_id = l.service_id and e.evidence_id = l.evidence_id
{_NEWEST_LOOK_THEN}
where l.provider_id = :provider and l.service_id = :service and l.indicator_id = :indicator
  and l.recorded_at <= :as_at and e.recorded_at <= :as_at
order by e.dated_on desc, e.reference desc
limit 200
""")  # noqa: S608

_INDEX = text(f"""
select {_COLUMNS}
from evidence e
{_NEWEST_LOOK}
where e.provider_id = :provider and e.service_id = :service
  and (cast(:letter as text) is null or e.letter = :letter)
  and (cast(:indicator as uuid) is null or exists (
    select 1 from evidence_link l
    where l.provider_id = e.provider_id and l.service_id = e.service_id and l.evidence_id = e.evidence_id
      and l.indicator_id = :indicator))
order by e.dated_on desc, e.reference desc
limit :most offset :skip
""")  # noqa: S608

_TOTALS = text(f"""
select count(*) as total, count(*) filter (where c.result in ('changed', 'not_found')) as gone,
       count(*) filter (where c.result is null) as unchecked
from evidence e
{_NEWEST_LOOK}
where e.provider_id = :provider and e.service_id = :service
""")  # noqa: S608

_ONE = text(f"""
select {_COLUMNS}, e.recorded_at, e.quality_statement, e.framework_version, e.category, e.keep_until,
       (select coalesce(jsonb_agg(to_jsonb(k) order by k.checked_at desc), '[]') from (
           select result, checked_at, checked_initials, reason from evidence_check k
           where k.provider_id = e.provider_id and k.service_id = e.service_id and k.evidence_id = e.evidence_id
           order by checked_at desc limit :most) k) as looks,
       (select coalesce(jsonb_agg(jsonb_build_array(i.indicator_id, i.definition_key) order by i.display_order), '[]')
          from evidence_link l
          join service_indicator i
            on i.provider_id = l.provider_id and i.service_id = l.service_id and i.indicator_id = l.indicator_id
         where l.provider_id = e.provider_id and l.service_id = e.service_id
           and l.evidence_id = e.evidence_id) as leaning
from evidence e
{_NEWEST_LOOK}
where e.provider_id = :provider and e.service_id = :service and e.evidence_id = :evidence
""")  # noqa: S608


def evidence_behind(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    as_at: datetime = FOREVER,
) -> tuple[EvidenceBehind, ...]:
    """The evidence that is linked to an indicator, newest first, each with the newest look at its original.

    Only what had been recorded by the moment `as_at`.
    """
    here = {"provider": provider_id, "service": service_id, "indicator": indicator_id, "as_at": as_at}
    return tuple(EvidenceBehind(**row) for row in session.execute(_BEHIND, here).mappings())


def evidence_of(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    *,
    indicator_id: uuid.UUID | None = None,
    letter: str | None = None,
    number: int = 1,
) -> tuple[tuple[EvidenceBehind, ...], bool]:
    """A page of the evidence of a service, newest first, and whether more follows.

    Args:
        session: a transaction in the reader's reach.
        provider_id: the provider.
        service_id: the service.
        indicator_id: only what supports this indicator.
        letter: only this kind.
        number: the page, from 1.
    """
    values = {
        "provider": provider_id, "service": service_id, "indicator": indicator_id, "letter": letter,
        "most": PAGE + 1, "skip": PAGE * (number - 1),
    }  # fmt: skip
    found = [EvidenceBehind(**row) for row in session.execute(_INDEX, values).mappings()]
    return tuple(found[:PAGE]), len(found) > PAGE


def evidence_totals(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> EvidenceTotals:
    """How the evidence of a service stands."""
    row = session.execute(_TOTALS, {"provider": provider_id, "service": service_id}).mappings().one()
    return EvidenceTotals(**row)


def evidence_whole(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, evidence_id: uuid.UUID
) -> EvidenceWhole | None:
    """A piece of evidence with its looks and what leans on it; None where the service has no such evidence."""
    values = {"provider": provider_id, "service": service_id, "evidence": evidence_id, "most": MOST_LOOKS}
    row = session.execute(_ONE, values).mappings().one_or_none()
    if row is None:
        return None
    told = dict(row)
    looks, leaning, recorded_at = told.pop("looks"), told.pop("leaning"), told.pop("recorded_at")
    placing = {name: told.pop(name) for name in ("quality_statement", "framework_version", "category", "keep_until")}
    return EvidenceWhole(
        EvidenceBehind(**told),
        recorded_at,
        tuple(
            Look(look["result"], datetime.fromisoformat(look["checked_at"]), look["checked_initials"], look["reason"])
            for look in looks
        ),
        tuple(Leaning(uuid.UUID(indicator_id), key) for indicator_id, key in leaning),
        **placing,
    )
