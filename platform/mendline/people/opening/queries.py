"""Who opened which records, when and why: one bounded statement."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Opening:
    """Records of a service that somebody opened for a while, and how often they looked."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    opening_id: uuid.UUID
    person_id: uuid.UUID
    person: str | None
    classes: list[str]
    reason: str
    begun_at: datetime
    ends_at: datetime
    ended_at: datetime | None

    def is_open(self, at: datetime) -> bool:
        """Whether they can be read at a moment."""
        return self.ended_at is None and self.ends_at > at


_OPENINGS = text("""
select o.provider_id, o.service_id, s.name as service, o.opening_id, o.person_id,
       (select m.display_name from membership m
         where m.provider_id = o.provider_id and m.person_id = o.person_id
         order by m.valid_from desc limit 1) as person,
       o.classes, o.reason, o.begun_at, o.ends_at, o.ended_at
from opened_records o
join service s on s.provider_id = o.provider_id and s.service_id = o.service_id
where o.provider_id = any (:providers)
order by o.begun_at desc, o.opening_id
limit 200
""")


def openings(session: Session, providers: tuple[uuid.UUID, ...]) -> tuple[Opening, ...]:
    """The newest openings within reach: one's own, and those of services that one answers for."""
    return tuple(Opening(**row) for row in session.execute(_OPENINGS, {"providers": list(providers)}).mappings())
