"""Offers of roles, in words for the person they are made to."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mendline.catalogue.wording import long_date
from tenants.clock import LONDON
from tenants.roles import ROLES
from tenants.signin.offers import Offered

_HOW = {"substantive": "", "acting": " (acting up)", "cover": " (cover)"}


@dataclass(frozen=True, slots=True)
class OfferCard:
    """One offer: the sentence, what else is to be known, and where the answer goes."""

    key: str
    heading: str
    sentence: str
    details: tuple[str, ...]
    action: str


def offer_cards(found: Sequence[Offered], action: Callable[[uuid.UUID], str]) -> tuple[OfferCard, ...]:
    """Offers as cards, each with its form."""
    return tuple(
        OfferCard(
            key=str(each.offer_id),
            heading=f"{_role(each)} at {each.service or each.provider}",
            sentence=offer_sentence(each),
            details=_details(each),
            action=action(each.offer_id),
        )
        for each in found
    )


def offer_sentence(each: Offered) -> str:
    """Such as: Alderway Care Group offers you the role Carer at Rosewood House from 1 June 2026 until 30 June 2026."""
    where = f" at {each.service}" if each.service else ""
    until = f" until {long_date(each.valid_until)}" if each.valid_until else ""
    return f"{each.provider} offers you the role {_role(each)}{where} from {long_date(each.valid_from)}{until}."


def _role(each: Offered) -> str:
    label = ROLES[each.role].label if each.role in ROLES else each.role
    return f"{label}{_HOW.get(each.kind, '')}"


def _details(each: Offered) -> tuple[str, ...]:
    said = []
    if each.reason:
        said.append(f"Why: {each.reason}")
    if each.offered_by:
        said.append(f"Offered by {each.offered_by}.")
    said.append(f"It stands until {long_date(each.expires_at.astimezone(LONDON).date())}, and opens nothing before.")
    return tuple(said)
