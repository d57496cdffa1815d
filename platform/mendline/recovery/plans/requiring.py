"""Breaches and notices: adding one from the regulator's letter, saying that it is met, and what of either cannot be."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from mendline.catalogue.frameworks import regulations
from mendline.duties.holding import short_name
from mendline.recovery.clocks.following import start_following
from mendline.recovery.plans.inspecting import KEY_QUESTIONS
from mendline.recovery.plans.queries import requirements_of
from tenants.clock import now
from tenants.directory.model import RegulatoryRequirement
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

REQUIREMENT_KINDS = ("breach", "requirement_notice", "warning_notice", "condition")
SHORTEST_WORDS = 10


@dataclass(frozen=True, slots=True)
class GivenRequirement:
    """A breach, notice or condition as it was typed."""

    kind: str
    regulation: str
    summary: str
    issued_on: date | None
    comply_by: date | None
    inspection_id: uuid.UUID | None = None
    key_question: str = ""
    quality_statement: str = ""


def add_requirement(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    given: GivenRequirement,
    today: date,
) -> uuid.UUID:
    """Adds a breach, notice or condition with its dates; returns its identifier.

    Raises:
        RefusedError: a field cannot be, or the same one of the same day is there already.
    """
    reach.require("change_indicators", provider_id, service_id)
    problems = requirement_problems(given, today)
    for each in requirements_of(session, provider_id, service_id):
        if (each.kind, each.regulation, each.issued_on) == (given.kind, given.regulation, given.issued_on):
            problems.setdefault("regulation", "This one is there already, with the same date.")
    if problems:
        raise RefusedError("The breach or notice was not saved.", problems)
    requirement_id = new_id()
    session.add(
        RegulatoryRequirement(
            provider_id=provider_id,
            service_id=service_id,
            requirement_id=requirement_id,
            kind=given.kind,
            regulation=given.regulation,
            summary=given.summary.strip(),
            issued_on=given.issued_on,
            comply_by=given.comply_by,
            inspection_id=given.inspection_id,
            key_question=given.key_question or None,
            quality_statement=given.quality_statement or None,
            recorded_label=short_name(reach.name),
            recorded_at=now(),
        )
    )
    note(
        session, reach, f"{given.kind.replace('_', ' ')} recorded", provider_id=provider_id, service_id=service_id,
        subject=f"requirement {requirement_id}",
    )  # fmt: skip
    session.flush()
    start_following(
        session, reach, provider_id=provider_id, service_id=service_id, what=given.kind, summary=given.summary.strip(),
        on=given.issued_on, owner=short_name(reach.name), today=today, comply_by=given.comply_by,
        requirement_id=requirement_id,
    )  # fmt: skip
    return requirement_id


def meet_requirement(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    requirement_id: uuid.UUID,
    met_on: date | None,
    words: str,
    today: date,
) -> None:
    """Says that a breach or notice is met, from which day, and who found so; a later row, as all facts are.

    Raises:
        NotFoundError: there is none.
        RefusedError: it is met already, the day cannot be, or it is not said on what that rests.
    """
    reach.require("change_plans", provider_id, service_id)
    found = {each.requirement_id: each for each in requirements_of(session, provider_id, service_id)}
    line = found.get(requirement_id)
    if line is None:
        raise NotFoundError("There is no such breach or notice at this service.")
    problems = {}
    if line.met_on is not None:
        problems["met_on"] = "This is told as met already."
    elif met_on is None or met_on > today or (line.issued_on and met_on < line.issued_on):
        problems["met_on"] = "Give the day, from the notice up to today."
    if len(words.strip()) < SHORTEST_WORDS:
        problems["words"] = "Say who found that it is met, and in which letter or report."
    if problems:
        raise RefusedError("Nothing was changed.", problems)
    session.add(
        RegulatoryRequirement(
            provider_id=provider_id,
            service_id=service_id,
            requirement_id=new_id(),
            kind=line.kind,
            regulation=line.regulation,
            summary=line.summary,
            issued_on=line.issued_on,
            comply_by=line.comply_by,
            met_on=met_on,
            inspection_id=line.inspection_id,
            key_question=line.key_question,
            quality_statement=line.quality_statement,
            note=words.strip(),
            recorded_label=short_name(reach.name),
            recorded_at=now(),
        )
    )
    note(
        session, reach, f"{line.kind.replace('_', ' ')} met", provider_id=provider_id, service_id=service_id,
        subject=f"requirement {requirement_id}",
    )  # fmt: skip


def requirement_problems(given: GivenRequirement, today: date) -> dict[str, str]:
    """What a breach or notice cannot be, one sentence per field."""
    is_notice = given.kind in ("warning_notice", "condition")
    return {
        name: words
        for wrong, name, words in (
            (given.kind not in REQUIREMENT_KINDS, "kind", "Choose what it is."),
            (given.regulation not in regulations(), "regulation", "Choose the regulation."),
            (len(given.summary.strip()) < SHORTEST_WORDS, "summary", "Say what was found, in a sentence."),
            (given.issued_on is not None and given.issued_on > today, "issued_on", "This day is yet to come."),
            (is_notice and given.issued_on is None, "issued_on", "Give the date on the notice."),
            (given.kind == "warning_notice" and given.comply_by is None, "comply_by",
             "Give the day in the notice by which to comply."),
            (given.comply_by is not None and given.issued_on is not None and given.comply_by < given.issued_on,
             "comply_by", "It cannot be due before it was issued."),
            (bool(given.key_question) and given.key_question not in KEY_QUESTIONS, "key_question", "Choose one of the five."),
        )
        if wrong
    }  # fmt: skip
