"""Whether a record can stand where and when it is said to: the service open, the person still there."""

import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import london_date
from mendline.catalogue.closing import ran_on
from mendline.catalogue.record_types import RecordType, record_types
from mendline.catalogue.validation import ValidRecord
from mendline.catalogue.wording import long_date

_LIFE = text("select opened_on, closed_on from service where provider_id = :provider and service_id = :service")

# The newest record that tells of leaving, type by type; whoever came back has a newer one that does not.
_LEFT = text("""
    select distinct on (t.record_type) (r.payload ->> t.field)::date as left_on
    from unnest(:types, :fields, :people) as t (record_type, field, person_field)
    join record r on r.provider_id = :provider and r.service_id = :service and r.record_type = t.record_type
        and r.payload ->> t.person_field = :person
    where r.withdrawn_at is null and not exists (
        select 1 from record n
        where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
          and n.revision > r.revision)
    order by t.record_type, r.happened_at desc
""").bindparams(*(bindparam(name, type_=ARRAY(Text())) for name in ("types", "fields", "people")))


@dataclass
class Placing:
    """Judges whether records can have happened at a service; what it has read of the service it reads once.

    What this person may not see is not asked: a carer's record after somebody left is kept, and its measures leave it
    out, saying why.
    """

    session: Session
    provider_id: uuid.UUID
    service_id: uuid.UUID
    _life: list[Any] = field(default_factory=list)
    _left: dict[str, date | None] = field(default_factory=dict)

    def problems(self, kind: RecordType, valid: ValidRecord) -> dict[str, str]:
        """Why a record cannot have happened then and there, by field; empty where it can."""
        happened = london_date(valid.happened_at)
        life = self._service()
        if life is not None and life.opened_on and happened < life.opened_on:
            opened = long_date(life.opened_on)
            return {
                kind.happened_field: f"The service opened on {opened}, after this. Check the date, and the service."
            }
        if life is not None and life.closed_on and not ran_on(life.closed_on, happened):
            closed = long_date(life.closed_on)
            return {
                kind.happened_field: f"The service closed on {closed}, before this. Check the date, and the service."
            }
        person = valid.values.get(kind.person_field or "")
        if not kind.only_in_residence or person is None:
            return {}
        left = self._left_by(str(person))
        if left is None or happened <= left:
            return {}
        return {
            kind.person_field or kind.happened_field: f"{person} left on {long_date(left)}, by their own records."
            " Check the code and the date. If the person has come back, record their assessment first."
        }

    def _service(self) -> Any:
        if not self._life:
            here = {"provider": self.provider_id, "service": self.service_id}
            self._life.append(self.session.execute(_LIFE, here).one_or_none())
        return self._life[0]

    def _left_by(self, person: str) -> date | None:
        if person not in self._left:
            self._left[person] = _left_on(self.session, self.provider_id, self.service_id, person)
        return self._left[person]


def _left_on(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, person: str) -> date | None:
    telling = [each for each in record_types().values() if each.leaving_field and each.person_field]
    rows = session.execute(
        _LEFT,
        {
            "provider": provider_id,
            "service": service_id,
            "person": person,
            "types": [each.key for each in telling],
            "fields": [each.leaving_field for each in telling],
            "people": [each.person_field for each in telling],
        },
    )
    return max((row.left_on for row in rows if row.left_on is not None), default=None)
