"""What the pages of custody read; the provider is named in every statement."""

import uuid
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.custody.rows import Hold, Keeper, Request, ServiceName, Transfer
from tenants.errors import NotFoundError
from tenants.reach import Reach

_KEEPER = text("""
select p.provider_id, p.name, l.provider_id is not null as is_leaving from provider p
left join provider_leaving l on l.provider_id = p.provider_id and l.withdrawn_at is null
where p.provider_id = :provider
""")

_YEARS = text("""
select distinct on (record_type) record_type, years from retention_rule
where provider_id = :provider order by record_type, recorded_at desc
""")

_HOLDS = text("""
select h.hold_id, s.name as service, h.person_reference, h.reason, h.recorded_by, h.recorded_initials, h.recorded_at,
       r.reason as released_reason, r.recorded_at as released_at
from legal_hold h
left join service s on s.provider_id = h.provider_id and s.service_id = h.service_id
left join legal_hold_release r on r.provider_id = h.provider_id and r.hold_id = h.hold_id
where h.provider_id = :provider
order by r.recorded_at is not null, h.recorded_at desc
limit 200
""")

_REQUESTS = """
select q.request_id, q.kind, q.service_id, s.name as service, q.person_reference, q.reason, q.recorded_by,
       q.recorded_initials, q.recorded_at, coalesce(t.kind, 'asked') as state, t.reason as state_reason,
       t.recorded_at as state_at, coalesce(t.detail, '{{}}') as counts, coalesce(q.detail -> 'counts', '{{}}') as due,
       f.object_key, f.sha256, f.bytes as size
from custody_request q
left join service s on s.provider_id = q.provider_id and s.service_id = q.service_id
left join custody_file f on f.provider_id = q.provider_id and f.request_id = q.request_id
left join lateral (
    select x.kind, x.reason, x.recorded_at, x.detail from custody_step x
    where x.provider_id = q.provider_id and x.request_id = q.request_id
    order by x.recorded_at desc, x.kind = 'done' desc limit 1) t on true
where q.provider_id = :provider {narrowed}
order by q.recorded_at desc
limit 100
"""
_ALL_REQUESTS = text(_REQUESTS.format(narrowed=""))
_ONE_REQUEST = text(_REQUESTS.format(narrowed="and q.request_id = :request"))

_TRANSFERS = """
select t.transfer_id, t.side, t.service_id, t.service_name, t.other_provider, t.classes, t.reason, t.recorded_by,
       t.recorded_initials, t.recorded_at,
       array(select s.kind from transfer_step s
             where s.provider_id = t.provider_id and s.transfer_id = t.transfer_id) as own_steps,
       (select count(*) from transferred_table x
         where x.provider_id = t.provider_id and x.transfer_id = t.transfer_id) as tables,
       (select coalesce(sum(x.rows), 0) from transferred_table x
         where x.provider_id = t.provider_id and x.transfer_id = t.transfer_id) as rows
from service_transfer t
where t.provider_id = :provider {narrowed}
order by t.recorded_at desc
limit 100
"""
_ALL_TRANSFERS = text(_TRANSFERS.format(narrowed=""))
_ONE_TRANSFER = text(_TRANSFERS.format(narrowed="and t.transfer_id = :transfer"))

_OTHER_SIDE = text("select kind from custody.other_side(:transfer)")

_SERVICES = text("""
select s.service_id, s.name, f.service_id is not null as is_frozen from service s
left join service_freeze f on f.provider_id = s.provider_id and f.service_id = s.service_id and f.lifted_at is null
where s.provider_id = :provider order by s.name
""")

_AGAINST = text("select custody.holds_against(:provider, :service, :reference)")


def find_keeper(session: Session, reach: Reach, provider_id: uuid.UUID) -> Keeper:
    """The provider, where whoever asks keeps its custody.

    Raises:
        NotFoundError: it is not within reach, or is not theirs to keep.
        NotPermittedError: they work there in another role.
    """
    if provider_id not in reach.provider_ids:
        raise NotFoundError("There is nothing here that your sign-in covers.")
    reach.require("see_custody", provider_id)
    row = session.execute(_KEEPER, {"provider": provider_id}).mappings().one_or_none()
    if row is None:
        raise NotFoundError("There is nothing here that your sign-in covers.")
    return Keeper(**row)


def years_set(session: Session, provider_id: uuid.UUID) -> dict[str, int]:
    """The years that a provider set, by type of record."""
    return {row.record_type: row.years for row in session.execute(_YEARS, {"provider": provider_id})}


def holds(session: Session, provider_id: uuid.UUID) -> tuple[Hold, ...]:
    """Legal holds, those that stand first."""
    return tuple(Hold(**row) for row in session.execute(_HOLDS, {"provider": provider_id}).mappings())


def requests(session: Session, provider_id: uuid.UUID) -> tuple[Request, ...]:
    """The newest requests."""
    return tuple(_request(row) for row in session.execute(_ALL_REQUESTS, {"provider": provider_id}).mappings())


def find_request(session: Session, provider_id: uuid.UUID, request_id: uuid.UUID) -> Request:
    """One request.

    Raises:
        NotFoundError: there is none of that identifier at the provider.
    """
    values = {"provider": provider_id, "request": request_id}
    row = session.execute(_ONE_REQUEST, values).mappings().one_or_none()
    if row is None:
        raise NotFoundError("There is no such request.")
    return _request(row)


def transfers(session: Session, provider_id: uuid.UUID) -> tuple[Transfer, ...]:
    """Services that go or come, newest first."""
    return tuple(_transfer(row) for row in session.execute(_ALL_TRANSFERS, {"provider": provider_id}).mappings())


def find_transfer(session: Session, provider_id: uuid.UUID, transfer_id: uuid.UUID) -> Transfer:
    """One transfer as this side has it.

    Raises:
        NotFoundError: there is none of that identifier at the provider.
    """
    values = {"provider": provider_id, "transfer": transfer_id}
    row = session.execute(_ONE_TRANSFER, values).mappings().one_or_none()
    if row is None:
        raise NotFoundError("There is no such transfer.")
    return _transfer(row)


def other_steps(session: Session, transfer_id: uuid.UUID) -> frozenset[str]:
    """What the other side did so far."""
    return frozenset(session.execute(_OTHER_SIDE, {"transfer": transfer_id}).scalars())


def services_of(session: Session, provider_id: uuid.UUID) -> tuple[ServiceName, ...]:
    """Every service of the provider."""
    return tuple(ServiceName(**row) for row in session.execute(_SERVICES, {"provider": provider_id}).mappings())


def holds_against(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID | None, reference: str | None) -> int:
    """How many legal holds stand in the way of erasing a person's data."""
    values = {"provider": provider_id, "service": service_id, "reference": reference}
    return int(session.execute(_AGAINST, values).scalar_one())


def _request(row: Any) -> Request:
    numbers = {key: value for key, value in row["counts"].items() if isinstance(value, int)}
    return Request(**{**row, "counts": numbers})


def _transfer(row: Any) -> Transfer:
    return Transfer(**{**row, "classes": tuple(row["classes"]), "own_steps": frozenset(row["own_steps"])})
