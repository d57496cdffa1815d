"""Who is asked to do what a role does, as a pure rule: the person who holds it, whoever stands in, or the role above.

A role that nobody holds is a vacancy: its work goes up, to the registered manager and from there to the nominated
individual and the provider, and says so. The ladder is our own rule.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tenants.roles import ROLES

# From the service's roles up; whoever is named first and is held is asked.
LADDER = ("registered_manager", "nominated_individual", "provider_lead", "provider_quality_lead")


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role at the service, or for its whole provider."""

    role: str
    person_id: uuid.UUID
    label: str


@dataclass(frozen=True, slots=True)
class Delegation:
    """Work that was handed over: one item where it names one, otherwise all that the role is asked."""

    delegation_id: uuid.UUID
    role: str
    work_item_id: uuid.UUID | None
    from_person: uuid.UUID | None
    to_person: uuid.UUID
    to_label: str
    why: str
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked now.

    Attributes:
        role: whose work it is at present.
        person_id: the one person; None where several hold the role, and any of them may do it.
        stands_in: why it is not the role's own holder: holiday, absence, vacancy, other; None where it is.
        is_vacant: nobody holds the role that the plan names.
    """

    role: str
    person_id: uuid.UUID | None
    label: str | None
    stands_in: str | None = None
    is_vacant: bool = False


def asked_of(
    role: str,
    holders: Sequence[Holder],
    delegations: Sequence[Delegation],
    today: date,
    work_item_id: uuid.UUID | None = None,
) -> Asked:
    """Who is asked to do a role's work today.

    Args:
        role: by the plan.
        holders: everybody who holds any role at the service or for its provider today.
        delegations: in order of recording; those that were ended early carry their new end.
        today: the date in England.
        work_item_id: the item, for what was handed over by itself.
    """
    live = [each for each in delegations if each.from_on <= today and (each.until_on is None or today <= each.until_on)]
    for each in reversed(live):
        if work_item_id is not None and each.work_item_id == work_item_id:
            return Asked(role, each.to_person, each.to_label, each.why)
    wide = [each for each in live if each.work_item_id is None]
    own = _present(role, holders, wide)
    if own is not None:
        return own
    for above in (step for step in LADDER if step != role):
        found = _present(above, holders, wide)
        if found is not None and _is_above(above, role):
            return Asked(found.role, found.person_id, found.label, "vacancy", is_vacant=True)
    return Asked("nominated_individual", None, None, "vacancy", is_vacant=True)


def short_name(name: str) -> str:
    """An initial and a surname, as owners and decisions are shown."""
    words = name.split()
    return f"{words[0][0]} {words[-1]}" if len(words) > 1 else name


def _present(role: str, holders: Sequence[Holder], delegations: Sequence[Delegation]) -> Asked | None:
    """Whoever does the role's work today; None where nobody holds it and nobody stands in."""
    of_role = [each for each in delegations if each.role == role]
    people = {each.person_id: each for each in holders if each.role == role}
    away = {each.from_person: each for each in of_role if each.from_person in people}
    there = [holder for person_id, holder in people.items() if person_id not in away]
    if len(there) == 1:
        return Asked(role, there[0].person_id, there[0].label)
    if there:
        return Asked(role, None, None)
    if of_role:
        newest = of_role[-1]
        return Asked(role, newest.to_person, newest.to_label, newest.why, is_vacant=not people)
    return None


def _is_above(above: str, role: str) -> bool:
    """Whether one role answers for the other's vacancy: a service's roles go up to its manager, a manager's further."""
    if role not in LADDER:
        return above != role and (ROLES[role].level == "service" or above != "registered_manager")
    return above == "nominated_individual" or LADDER.index(above) > LADDER.index(role)
