"""Closing the open work of a plan by rule, and keeping two changes of one service's plans apart."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.clock import now
from tenants.database import in_turn
from tenants.reach import Reach


def close_items(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    plan_id: uuid.UUID,
    state: str,
    words: str,
    today: date,
    which: str,
    **more: Any,
) -> None:
    """Closes open items of a plan by rule, each with its event: one statement."""
    session.execute(
        text(f"""
            with closed as (
                update work_item set state = :state, closed_on = :today, closed_label = :label, made = made
                where provider_id = :provider and service_id = :service and plan_id = :plan and state = 'open'
                  and {which}
                returning provider_id, service_id, work_item_id)
            insert into work_item_event (
                provider_id, service_id, work_item_id, event_id, kind, note, happened_on, by_person, by_label,
                recorded_at)
            select provider_id, service_id, work_item_id, gen_random_uuid(), :state, :words, :today, :person, :label, :at
            from closed"""),  # noqa: S608 -- the condition is one of ours
        {
            "provider": provider_id,
            "service": service_id,
            "plan": plan_id,
            "state": state,
            "today": today,
            "label": reach.initials,
            "person": reach.person_id,
            "words": words,
            "at": now(),
            **more,
        },
    )


def one_at_a_time(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> None:
    """Two people who start, change or sign at once wait for each other."""
    in_turn(session, f"plans:{provider_id}:{service_id}")
