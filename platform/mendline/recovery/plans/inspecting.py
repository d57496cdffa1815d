"""What a person records of an inspection, and how it is corrected: plans that follow it move along."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from mendline.catalogue.frameworks import frameworks
from mendline.duties.holding import short_name
from mendline.recovery.clocks.following import start_following
from mendline.recovery.plans.commands import revise_plan
from mendline.recovery.plans.queries import inspections_of, plans_of
from mendline.recovery.plans.rows import InspectionLine
from mendline.recovery.plans.weeks import MovedWeeks, moved_with_inspection
from tenants.clock import now
from tenants.directory.model import Inspection
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

RATINGS = ("outstanding", "good", "requires_improvement", "inadequate", "not_rated")
KEY_QUESTIONS = ("safe", "effective", "caring", "responsive", "well-led")
EARLIEST = date(2009, 4, 1)  # the regulator's first day
SHORTEST_REASON = 10


@dataclass(frozen=True, slots=True)
class GivenInspection:
    """An inspection as it was typed.

    Attributes:
        key_questions: rating by key question; those that were not rated are left out.
        quality_statements: what was found, by code of the framework version.
    """

    inspected_on: date | None
    published_on: date | None
    framework_version: str
    overall: str
    key_questions: Mapping[str, str]
    quality_statements: Mapping[str, str] = field(default_factory=dict)
    outcome: str = ""


def record_inspection(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    given: GivenInspection,
    today: date,
) -> uuid.UUID:
    """Adds an inspection; returns its identifier.

    Raises:
        RefusedError: a date, rating or code cannot be; `problems` names the field.
    """
    reach.require("change_indicators", provider_id, service_id)
    problems = inspection_problems(given, today)
    if problems:
        raise RefusedError("The inspection was not saved.", problems)
    inspection_id = _add(session, reach, provider_id, service_id, given, None, None)
    note(
        session, reach, "inspection recorded", provider_id=provider_id, service_id=service_id,
        subject=f"inspection {inspection_id}",
    )  # fmt: skip
    session.flush()
    start_following(
        session, reach, provider_id=provider_id, service_id=service_id, what="report",
        summary="An inspection report was published.", on=given.published_on, owner=short_name(reach.name), today=today,
    )  # fmt: skip
    return inspection_id


def correct_inspection(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    inspection_id: uuid.UUID,
    given: GivenInspection,
    reason: str,
    today: date,
) -> tuple[uuid.UUID, tuple[MovedWeeks, ...]]:
    """Puts an inspection in place of one that was wrong; plans that follow it move by as many days, on the record.

    Returns:
        The new row's identifier, and how each plan moved.

    Raises:
        NotFoundError: there is none, or it was corrected already.
        RefusedError: something cannot be, or no reason is given.
    """
    reach.require("change_indicators", provider_id, service_id)
    before = _current(session, provider_id, service_id, inspection_id)
    problems = inspection_problems(given, today)
    if len(reason.strip()) < SHORTEST_REASON:
        problems["reason"] = "Say what was wrong. Both stay visible, in packs too."
    if problems or given.inspected_on is None:
        raise RefusedError("The inspection was not corrected.", problems)
    new = _add(session, reach, provider_id, service_id, given, inspection_id, reason.strip())
    session.flush()
    chain = _chain(inspections_of(session, provider_id, service_id), new)
    moved = []
    for plan in plans_of(session, provider_id, service_id):
        if plan.ended_on is not None or plan.inspection_id not in chain:
            continue
        move = moved_with_inspection(plan.starts_on, plan.weeks, before.inspected_on, given.inspected_on, today)
        if move is None:
            continue
        revise_plan(
            session, reach, provider_id=provider_id, service_id=service_id, plan_id=plan.plan_id,
            starts_on=move.starts_on, weeks=plan.weeks, cause="inspection_date", reason=reason, today=today,
            inspection_id=new,
        )  # fmt: skip
        moved.append(move)
    note(
        session, reach, "inspection corrected", provider_id=provider_id, service_id=service_id,
        subject=f"inspection {new}", detail={"corrects": str(inspection_id), "plans_moved": len(moved)},
    )  # fmt: skip
    return new, tuple(moved)


def inspection_problems(given: GivenInspection, today: date) -> dict[str, str]:
    """What an inspection cannot be, one sentence per field."""
    version = frameworks().get(given.framework_version)
    unknown = sorted(set(given.quality_statements) - set(version.nodes if version else ()))
    wrong_rating = sorted(
        question
        for question, rating in given.key_questions.items()
        if question not in KEY_QUESTIONS or rating not in RATINGS
    )
    visited = given.inspected_on
    return {
        name: words
        for wrong, name, words in (
            (visited is None or not EARLIEST <= visited <= today, "inspected_on", "Give the day of the visit, up to today."),
            (given.published_on is not None and visited is not None and given.published_on < visited,
             "published_on", "The report cannot be older than the visit."),
            (given.published_on is not None and given.published_on > today, "published_on", "This day is yet to come."),
            (version is None, "framework_version", "Choose the framework that was in force."),
            (given.overall not in RATINGS, "overall", "Choose the overall rating, or not rated."),
            (bool(wrong_rating), f"rating_{(wrong_rating or [''])[0]}", "Choose a rating, or not rated."),
            (bool(unknown), "quality_statements", f"The framework has no statement “{(unknown or [''])[0]}”."),
        )
        if wrong
    }  # fmt: skip


def _add(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    given: GivenInspection,
    corrects: uuid.UUID | None,
    reason: str | None,
) -> uuid.UUID:
    inspection_id = new_id()
    session.add(
        Inspection(
            provider_id=provider_id,
            service_id=service_id,
            inspection_id=inspection_id,
            inspected_on=given.inspected_on,
            published_on=given.published_on,
            framework_version=given.framework_version,
            overall=given.overall,
            key_questions=dict(given.key_questions),
            outcome=given.outcome.strip() or None,
            quality_statements={code: words.strip() for code, words in given.quality_statements.items()},
            corrects=corrects,
            correction_reason=reason,
            recorded_label=short_name(reach.name),
            recorded_at=now(),
        )
    )
    return inspection_id


def _current(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, inspection_id: uuid.UUID
) -> InspectionLine:
    for each in inspections_of(session, provider_id, service_id):
        if each.inspection_id == inspection_id and not each.is_corrected:
            return each
    raise NotFoundError("There is no such inspection, or it was corrected already.")


def _chain(found: tuple[InspectionLine, ...], newest: uuid.UUID) -> set[uuid.UUID]:
    """An inspection with all that it corrects, one after another."""
    corrects = {each.inspection_id: each.corrects for each in found}
    chain: set[uuid.UUID] = set()
    here: uuid.UUID | None = newest
    while here is not None and here not in chain:
        chain.add(here)
        here = corrects.get(here)
    return chain
