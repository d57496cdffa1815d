"""Who owns what, and since when nobody does: values in, values out.

Most owners are written as an initial and a surname. They are the people of that name who work at the service; where
nobody of that name works there any more, the thing is without an owner since the day after their last one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mendline.recovery.handover.rows import Member, Owned
from mendline.telling.finding import is_named

LEAVES_SOON_DAYS = 28


@dataclass(frozen=True, slots=True)
class Ownership:
    """How a thing is owned.

    Attributes:
        days_without: how many days nobody has owned it; None while somebody does, or where nobody of that name is known.
        leaves_on: the last day of its owner, where that lies ahead within four weeks.
        is_known: somebody of that name works or worked there.
    """

    owned: Owned
    days_without: int | None
    leaves_on: date | None
    is_known: bool

    @property
    def needs_owner(self) -> bool:
        """Nobody owns it, or its owner leaves soon."""
        return self.days_without is not None or self.leaves_on is not None or not self.is_known


def ownership(owned: Owned, members: Sequence[Member], today: date) -> Ownership:
    """How a thing is owned today."""
    own = [each for each in members if _owns(each, owned)]
    here = [each for each in own if each.works(owned.provider_id, owned.service_id, today)]
    if here:
        ends = [each.until for each in here]
        last = None if None in ends else max(end for end in ends if end is not None)
        soon = last is not None and (last - today).days <= LEAVES_SOON_DAYS
        return Ownership(owned, None, last if soon else None, is_known=True)
    ended = [each.until for each in own if each.until is not None]
    return Ownership(owned, (today - max(ended)).days if ended else None, None, is_known=bool(ended))


def _owns(member: Member, owned: Owned) -> bool:
    if member.provider_id != owned.provider_id or member.service_id not in (None, owned.service_id):
        return False
    return member.person_id == owned.person_id if owned.person_id else is_named(owned.owner, member.name)


def same_owner(owner: str, owned: Owned) -> bool:
    """Whether a thing is owned by whoever is written so."""
    return is_named(owner, owned.owner)
