"""Which actions are open at a service, and by when: as their newest events say, at any moment asked for."""

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session
from support.facts import AT, a_provider, a_service
from support.tenancy import Place

from mendline.recovery.model import Action, ActionEvent
from mendline.services.queries import open_work
from tenants.database import Database
from tenants.ids import new_id

FIRST = date(2026, 2, 2)


def a_place(session: Session) -> Place:
    provider_id = a_provider(session)
    return Place(provider_id, a_service(session, provider_id), "")


def an_action(session: Session, place: Place, *events: tuple[str, date | None]) -> uuid.UUID:
    """An action that was due first of all, and what happened to it since, an hour apart."""
    here = {"provider_id": place.provider_id, "service_id": place.service_id, "action_id": new_id()}
    session.add(
        Action(**here, reference=f"A-{here['action_id'].hex[-9:]}", title="Mend", owner="P Nowak", opened_on=AT.date(),
               due_on=FIRST, recorded_at=AT)
    )  # fmt: skip
    session.flush()
    for hours, (kind, due_on) in enumerate(events, start=1):
        at = AT + timedelta(hours=hours)
        session.add(
            ActionEvent(**here, event_id=new_id(), kind=kind, due_on=due_on, happened_on=at.date(), recorded_at=at)
        )
    session.flush()
    return here["action_id"]


@pytest.mark.parametrize(
    ("events", "due_on"),
    [
        ((), FIRST),
        ((("redated", date(2026, 3, 2)),), date(2026, 3, 2)),
        ((("redated", date(2026, 3, 2)), ("edited", None)), date(2026, 3, 2)),
        ((("redated", date(2026, 3, 2)), ("redated", date(2026, 2, 16))), date(2026, 2, 16)),
        ((("redated", date(2026, 3, 2)), ("closed", None), ("reopened", None)), date(2026, 3, 2)),
        ((("closure_proposed", None),), FIRST),
    ],
    ids=("untouched", "redated", "edited since", "redated twice", "opened again", "closure asked for"),
)
def test_an_open_action_is_due_by_its_newest_date_whatever_else_happened_since(
    database: Database, events: tuple[tuple[str, date | None], ...], due_on: date
) -> None:
    with database.administration() as session:
        place = a_place(session)
        action_id = an_action(session, place, *events)
        actions, escalations = open_work(session, place)
    assert [(each.action_id, each.due_on, each.first_due_on) for each in actions] == [(action_id, due_on, FIRST)]
    assert escalations == ()


@pytest.mark.parametrize("ending", ["closed", "no_longer_applicable"])
def test_an_action_that_ended_is_not_open_and_was_before(database: Database, ending: str) -> None:
    with database.administration() as session:
        place = a_place(session)
        an_action(session, place, ("redated", date(2026, 3, 2)), (ending, None))
        now, _ = open_work(session, place)
        before, _ = open_work(session, place, AT + timedelta(hours=1))
        at_first, _ = open_work(session, place, AT)
    assert now == ()
    assert [each.due_on for each in before] == [date(2026, 3, 2)]
    assert [each.due_on for each in at_first] == [FIRST]
