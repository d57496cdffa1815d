"""What commissioners asked and found, with the answers: one bounded statement. The policies keep one body from another's."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A request or a finding with its answers, oldest first: who, when, the words, and the share of a pack that is one."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    note_id: uuid.UUID
    body_id: uuid.UUID
    body: str
    kind: str
    words: str
    answer_by: date | None
    recorded_label: str
    recorded_at: datetime
    answers: Sequence[dict[str, Any]]

    def is_late(self, today: date) -> bool:
        """Whether an answer that was asked for by a day is not there yet."""
        return not self.answers and self.answer_by is not None and self.answer_by < today

    @property
    def share(self) -> str:
        """The share that answers a request for a pack, while it stands; nothing where there is none."""
        return next((str(each["share"]) for each in self.answers if each["is_open"]), "")


_NOTES = text("""
select n.provider_id, n.service_id, s.name as service, n.note_id, n.body_id, n.body, n.kind, n.words, n.answer_by,
       n.recorded_label, n.recorded_at,
       (select coalesce(jsonb_agg(jsonb_build_object('words', a.words, 'by', a.recorded_label, 'at', a.recorded_at,
                                                     'share', a.share_id, 'is_open', x.share_id is not null)
                                  order by a.recorded_at), '[]')
          from commissioner_note_answer a
          left join pack_share x on x.provider_id = a.provider_id and x.service_id = a.service_id
           and x.share_id = a.share_id and x.withdrawn_at is null
         where a.provider_id = n.provider_id and a.service_id = n.service_id and a.note_id = n.note_id) as answers
from commissioner_note n
join service s on s.provider_id = n.provider_id and s.service_id = n.service_id
where n.provider_id = any (:providers) and (cast(:service as uuid) is null or n.service_id = :service)
order by n.recorded_at desc, n.note_id
limit 200
""")


def notes(
    session: Session, providers: tuple[uuid.UUID, ...], service_id: uuid.UUID | None = None
) -> tuple[NoteLine, ...]:
    """The newest requests and findings within reach, of any service or one."""
    rows = session.execute(_NOTES, {"providers": list(providers), "service": service_id}).mappings()
    return tuple(NoteLine(**row) for row in rows)
