"""What a person does with dated work: make its record, say that it is done, move it, cancel it."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from mendline.duties.model import WorkItem, WorkItemEvent
from mendline.indicators.touching import touch
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST_REASON = 8


def complete_with_record(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    work_item_id: uuid.UUID,
    record_type: str,
    record_id: uuid.UUID,
    today: date,
) -> bool:
    """Counts a record for the work that asked for it, in the transaction of the record itself.

    The same record sent again counts once. Work that is done already keeps the further record with it.

    Returns:
        Whether the work is done.

    Raises:
        NotFoundError: no such work at the service.
        RefusedError: the work asks for another kind of record, or was cancelled.
    """
    reach.require("do_work", provider_id, service_id)
    item = _locked(session, provider_id, service_id, work_item_id)
    if record_type not in item.record_types:
        raise RefusedError("This work asks for another kind of record. Open it from My work and start there.")
    if item.state == "cancelled":
        raise RefusedError("This work was cancelled. Enter the record from the list of records instead.")
    e = WorkItemEvent
    counted = session.scalar(
        select(e.event_id).where(
            e.provider_id == provider_id,
            e.service_id == service_id,
            e.work_item_id == work_item_id,
            e.record_id == record_id,
        )
    )
    if counted is not None:
        return bool(item.state == "done")
    tell(session, reach, item, "recorded", today, record_type=record_type, record_id=record_id)
    made = item.made + 1
    is_done = made >= item.needed
    changes: dict[str, Any] = {"made": made}
    if is_done and item.state != "done":
        changes |= _closed("done", today, reach)
        tell(session, reach, item, "done", today)
        _noted(session, reach, item, "work done")
    _change(session, item, changes)
    return bool(is_done)


def finish(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    work_item_id: uuid.UUID,
    words: str,
    by_words: bool,
    today: date,
) -> None:
    """Says that work is done which leaves no record of a declared kind: the words are its record.

    Args:
        session: the transaction of the act.
        reach: who says so.
        provider_id: the provider.
        service_id: the service.
        work_item_id: the work.
        words: what was done, and where its record is kept.
        by_words: whether words will do even though the step names kinds of record, because the person enters none.
        today: the date in England.

    Raises:
        RefusedError: the record has to be made first, or nothing is said.
    """
    reach.require("do_work", provider_id, service_id)
    item = open_item(session, provider_id, service_id, work_item_id)
    if item.record_types and not by_words:
        raise RefusedError("This work is done by making its record. Start the record here and send it.")
    if len(words.strip()) < SHORTEST_REASON:
        raise RefusedError("The work is not closed.", {"words": "Say what was done and where the record is kept."})
    tell(session, reach, item, "done", today, note=words.strip())
    _change(session, item, {"made": max(item.made, item.needed), **_closed("done", today, reach)})
    _noted(session, reach, item, "work done")


def move(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    work_item_id: uuid.UUID,
    due_on: date | None,
    reason: str,
    today: date,
) -> None:
    """Gives work another date; the first one stays visible.

    Raises:
        RefusedError: no date from today on, or no reason.
    """
    item = _led(session, reach, provider_id, service_id, work_item_id)
    problems = {}
    if due_on is None or due_on < today:
        problems["due_on"] = "Give the new date, today or later."
    if len(reason.strip()) < SHORTEST_REASON:
        problems["reason"] = "Say why it moves. Both dates stay visible."
    if problems or due_on is None:
        raise RefusedError("The date was not moved.", problems)
    tell(session, reach, item, "redated", today, note=reason.strip(), due_on=due_on)
    _change(session, item, {"due_on": due_on})
    _noted(session, reach, item, "work moved")


def cancel(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    work_item_id: uuid.UUID,
    reason: str,
    today: date,
) -> None:
    """Takes work off the list with a reason; it stays on the plan's page as cancelled.

    Raises:
        RefusedError: no reason.
    """
    item = _led(session, reach, provider_id, service_id, work_item_id)
    if len(reason.strip()) < SHORTEST_REASON:
        raise RefusedError("The work was not cancelled.", {"reason": "Say why it is not needed."})
    tell(session, reach, item, "cancelled", today, note=reason.strip())
    _change(session, item, _closed("cancelled", today, reach))
    _noted(session, reach, item, "work cancelled")


def _locked(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, work_item_id: uuid.UUID) -> Row[Any]:
    """The item, held until the transaction ends: two people who finish it at once wait for each other."""
    w = WorkItem
    found = session.execute(
        select(*w.__table__.columns)
        .where(w.provider_id == provider_id, w.service_id == service_id, w.work_item_id == work_item_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFoundError("There is no such work at this service.")
    return found


def open_item(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, work_item_id: uuid.UUID) -> Row[Any]:
    """An item that can still be changed, held until the transaction ends.

    Raises:
        NotFoundError: there is no such item here.
        RefusedError: it is done or cancelled.
    """
    item = _locked(session, provider_id, service_id, work_item_id)
    if item.state not in ("open", "missed"):
        words = "done" if item.state == "done" else "cancelled"
        raise RefusedError(f"This work is {words} already. Nothing was changed.")
    return item


def _led(
    session: Session, reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID, work_item_id: uuid.UUID
) -> Row[Any]:
    """An open item, for whoever may move or cancel the work of others."""
    reach.require("manage_actions", provider_id, service_id)
    return open_item(session, provider_id, service_id, work_item_id)


def _closed(state: str, today: date, reach: Reach) -> dict[str, Any]:
    return {"state": state, "closed_on": today, "closed_label": reach.initials}


def _change(session: Session, item: Row[Any], changes: dict[str, Any]) -> None:
    w = WorkItem
    session.execute(
        update(w)
        .where(w.provider_id == item.provider_id, w.service_id == item.service_id, w.work_item_id == item.work_item_id)
        .values(**changes)
    )


def tell(session: Session, reach: Reach, item: Row[Any], kind: str, today: date, **more: Any) -> None:
    """Writes down what happened to an item, in the name of whoever did it; `more` are further columns of the event."""
    session.add(
        WorkItemEvent(
            provider_id=item.provider_id,
            service_id=item.service_id,
            work_item_id=item.work_item_id,
            event_id=new_id(),
            kind=kind,
            happened_on=today,
            by_person=reach.person_id,
            by_label=reach.initials,
            recorded_at=now(),
            **more,
        )
    )
    session.flush()


def _noted(session: Session, reach: Reach, item: Row[Any], act: str) -> None:
    touch(session, item.provider_id, item.service_id, "work", requested_by=reach.person_id)
    note(
        session,
        reach,
        act,
        provider_id=item.provider_id,
        service_id=item.service_id,
        subject=f"work item {item.work_item_id}",
    )
