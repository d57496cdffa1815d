"""What is read of alerts: a provider's own with who saw each, and the operators' without anybody's name."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert.

    Attributes:
        provider_id: the provider that it is about; None where it is about the platform.
        person: whose acts they were, by the name that the provider keeps; None for operators, and where it is nobody's.
        seen_by: whoever said that they saw it, the first one first.
    """

    alert_id: uuid.UUID
    kind: str
    provider_id: uuid.UUID | None
    times: int
    raised_at: datetime
    seen_by: list[str]
    seen_by_me: bool
    person: str | None = None


_OF_PROVIDERS = text("""
select a.alert_id, a.kind, a.provider_id, a.times, a.raised_at,
       (select m.display_name from membership m
         where m.provider_id = a.provider_id and m.person_id = a.person_id
         order by m.valid_from desc limit 1) as person,
       array(select s.initials from security_alert_seen s
              where s.provider_id = a.provider_id and s.alert_id = a.alert_id order by s.seen_at) as seen_by,
       exists (select from security_alert_seen s
                where s.provider_id = a.provider_id and s.alert_id = a.alert_id and s.person_id = :me) as seen_by_me
from security_alert a
where a.provider_id = any (:providers)
order by a.raised_at desc, a.alert_id
limit 100
""")


def alerts_of(session: Session, providers: tuple[uuid.UUID, ...], me: uuid.UUID | None) -> tuple[Raised, ...]:
    """The newest alerts of these providers."""
    found = session.execute(_OF_PROVIDERS, {"providers": list(providers), "me": me}).mappings()
    return tuple(Raised(**row) for row in found)


def alerts_of_platform(session: Session) -> tuple[Raised, ...]:
    """The newest alerts of ninety days, for operators; nothing for anybody else."""
    return tuple(Raised(**row) for row in session.execute(text("select * from reach.alerts()")).mappings())
