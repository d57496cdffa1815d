"""Every service of a provider, open and closed, with what it follows: one statement."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Registered:
    """A service in the register.

    Attributes:
        area_code: the local authority area that it lies in.
        follows: the service whose history comes before; None where it follows none.
    """

    provider_id: uuid.UUID
    service_id: uuid.UUID
    name: str
    kind: str
    area_code: str | None
    opened_on: date | None
    closed_on: date | None
    follows: uuid.UUID | None
    from_on: date | None
    reason: str | None


_SERVICES = text("""
select s.provider_id, s.service_id, s.name, s.kind, s.area_code, s.opened_on, s.closed_on, y.follows, y.from_on, y.reason
from service s
left join lateral (
    select x.follows, x.from_on, x.reason from service_succession x
    where x.provider_id = s.provider_id and x.service_id = s.service_id
    order by x.recorded_at desc, x.succession_id desc limit 1) y on true
where s.provider_id = any (:providers)
order by s.closed_on is not null, s.name, s.service_id
limit 2000
""")


def registered(session: Session, providers: tuple[uuid.UUID, ...]) -> tuple[Registered, ...]:
    """The services of these providers that are within reach, those that are open first."""
    found = session.execute(_SERVICES, {"providers": list(providers)}).mappings()
    return tuple(Registered(**row) for row in found)
