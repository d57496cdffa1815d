"""What becomes of a service as such: it closes, opens again, or follows another whose history comes before its own.

A service that follows another begins with no baseline and no figures: a new location is another place, and what was
achieved at the old one is not its doing. The link shows where the history is.
"""

import uuid
from collections.abc import Mapping
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.people.register.model import ServiceSuccession
from mendline.people.register.queries import Registered
from tenants.clock import now
from tenants.directory.areas import read_area
from tenants.errors import ConflictError, RefusedError
from tenants.ids import new_id
from tenants.jobs import enqueue
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST_REASON = 10
_CLOSE = text("select reach.close_service(:provider, :service, :day)")
_SET_AREA = text("select reach.set_area(:provider, :service, :area)")
_WHY = "Say why, in a sentence."


def close(session: Session, reach: Reach, service: Registered, day: date | None, why: str, today: date) -> None:
    """Ends a service on a day: no more work, triggers, reminders or weight in pooled figures; its pages stay to be read.

    Raises:
        RefusedError: the day is to come, or before the service opened; no reason.
        ConflictError: somebody closed it meanwhile.
    """
    reach.require("manage_services", service.provider_id, service.service_id)
    problems = _reason_problems(why)
    if day is None:
        problems["day"] = "Give the last day, such as 03/05/2026."
    elif day > today:
        problems["day"] = "The last day is to come. Close the service when it has passed."
    elif service.opened_on and day < service.opened_on:
        problems["day"] = "That is before the service opened."
    if problems:
        raise RefusedError("The service was not closed.", problems)
    _set(session, reach, service, day, why)


def open_again(session: Session, reach: Reach, service: Registered, why: str) -> None:
    """Takes a closing back.

    Raises:
        ConflictError: it is open already.
    """
    reach.require("manage_services", service.provider_id, service.service_id)
    _set(session, reach, service, None, why)


def _set(session: Session, reach: Reach, service: Registered, day: date | None, why: str) -> None:
    here = {"provider": service.provider_id, "service": service.service_id, "day": day}
    if not session.execute(_CLOSE, here).scalar_one():
        raise ConflictError("Somebody changed this service meanwhile. Look again.")
    note(
        session,
        reach,
        "service closed" if day else "service opened again",
        provider_id=service.provider_id,
        service_id=service.service_id,
        detail={"closed_on": day.isoformat()} if day else {},
        why=why.strip(),
    )
    arguments = {"judge": True, "service": str(service.service_id)}
    enqueue(session, "derive", provider_id=service.provider_id, arguments=arguments)


def set_area(session: Session, reach: Reach, service: Registered, code: str) -> str | None:
    """Says which local authority area a service lies in; published figures of the area then come to it too.

    Args:
        session: the transaction.
        reach: who says so.
        service: the service.
        code: the area's code; empty takes what was said back.

    Returns:
        The code as it is kept.

    Raises:
        RefusedError: it is no such code.
        ConflictError: it is what stands already.
    """
    reach.require("manage_services", service.provider_id, service.service_id)
    area = read_area(code)
    here = {"provider": service.provider_id, "service": service.service_id, "area": area}
    if not session.execute(_SET_AREA, here).scalar_one():
        raise ConflictError("That is what the register says already.")
    note(
        session,
        reach,
        "area of a service set",
        provider_id=service.provider_id,
        service_id=service.service_id,
        detail={"area_code": area},
    )
    return area


def follow(
    session: Session,
    reach: Reach,
    service: Registered,
    before: Registered | None,
    from_on: date | None,
    why: str,
    all_of: Mapping[uuid.UUID, Registered],
) -> None:
    """Says that a service follows another from a day, or follows none.

    Args:
        session: the transaction.
        reach: who says so.
        service: the newer service.
        before: the one whose history comes before; None takes what was said back.
        from_on: the first day of the newer one.
        why: the reason.
        all_of: the provider's services, by which a circle is found.

    Raises:
        RefusedError: it would follow itself, by whatever way; no day; no reason.
    """
    reach.require("manage_services", service.provider_id, service.service_id)
    problems = _reason_problems(why, "because")
    if from_on is None:
        problems["from_on"] = "Give the first day, such as 04/05/2026."
    if before is not None and (before.provider_id != service.provider_id or _leads_to(before, service, all_of)):
        problems["before"] = "A service cannot follow itself. Choose the one that was there before."
    if problems or from_on is None:
        raise RefusedError("Nothing was saved.", problems)
    session.add(
        ServiceSuccession(
            provider_id=service.provider_id,
            service_id=service.service_id,
            succession_id=new_id(),
            follows=before.service_id if before else None,
            follows_name=before.name if before else None,
            from_on=from_on,
            reason=why.strip(),
            recorded_by=reach.person_id,
            recorded_label=reach.initials or "Command line",
            recorded_at=now(),
        )
    )
    note(
        session,
        reach,
        "service said to follow another" if before else "service said to follow none",
        provider_id=service.provider_id,
        service_id=service.service_id,
        subject=f"service {before.service_id}" if before else None,
        detail={"from_on": from_on.isoformat()},
        why=why.strip(),
    )


def _leads_to(found: Registered, service: Registered, all_of: Mapping[uuid.UUID, Registered]) -> bool:
    """Whether following back from one service leads to another."""
    seen: set[uuid.UUID] = set()
    current: Registered | None = found
    while current is not None and current.service_id not in seen:
        if current.service_id == service.service_id:
            return True
        seen.add(current.service_id)
        current = all_of.get(current.follows) if current.follows else None
    return False


def _reason_problems(why: str, field: str = "reason") -> dict[str, str]:
    return {} if len(why.strip()) >= SHORTEST_REASON else {field: _WHY}
