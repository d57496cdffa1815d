"""What became of roles that were offered to people who did not work for the provider: told to whoever offered them.

Neither the notice nor its mail names the person: who it is stands on the page.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.telling.told import Holder, Told
from tenants.roles import ROLES

_BECAME = {"accepted": "was accepted", "declined": "was declined"}
_RAN_OUT = "ran out without an answer"

# What the offerer took back themselves, or offered anew, they know.
_OFFERS = text("""
select o.offer_id, o.service_id, s.name as service, o.role, o.offered_by, o.answer
from role_offer o
left join service s on s.provider_id = o.provider_id and s.service_id = o.service_id
where o.provider_id = :provider and o.offered_by is not null and (
    (o.answer in ('accepted', 'declined') and o.answered_at >= :since)
    or (o.answer is null and o.expires_at >= :since and (o.expires_at <= :now or o.valid_until < :today)))
order by o.recorded_at desc, o.offer_id limit :most
""")


def answered_offers(session: Session, given: Mapping[str, Any], people: Iterable[Holder]) -> Iterable[Told]:
    """Each offer that was answered or ran out, for its offerer while they work here: one statement.

    Args:
        session: a transaction over the provider.
        given: the provider, the moment and the day, since when, and how many at most.
        people: who holds a role there today.
    """
    works_here = {each.person_id for each in people}
    for row in session.execute(_OFFERS, dict(given)):
        if row.offered_by not in works_here:
            continue
        role = ROLES[row.role].label if row.role in ROLES else row.role
        where = f" at {row.service}" if row.service else ""
        yield Told(
            row.offered_by,
            row.service_id,
            "offer",
            f"offer:{row.offer_id}",
            f"The role {role}{where} that you offered {_BECAME.get(row.answer, _RAN_OUT)}.",
            "/people",
            presses=False,
        )
