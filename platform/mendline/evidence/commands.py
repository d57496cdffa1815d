"""What a person does with evidence: add a pointer to an original, and record a look at it. Each in one transaction."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.catalogue.frameworks import framework_in_force
from mendline.evidence.model import Evidence, EvidenceCheck, EvidenceLink
from mendline.evidence.rules import CHECK_RESULTS, GivenEvidence, evidence_problems, kept_for, reason_problem
from mendline.indicators.marking import mark_many_stale
from mendline.indicators.model import ServiceIndicator
from mendline.places.references import next_reference
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

_SENT_BEFORE = "This form was sent before with other answers. Nothing was changed. Open a new form for other evidence."


def add_evidence(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    evidence_id: uuid.UUID,
    given: GivenEvidence,
    today: date,
    at: datetime,
) -> str:
    """Adds a pointer to an original and links it to the figures that it supports, which are judged again.

    Args:
        session: a transaction in the reach.
        reach: who adds it.
        provider_id: the provider.
        service_id: the service.
        evidence_id: made with the form, so that a form sent twice adds one.
        given: what was given.
        today: the day in England.
        at: the moment of recording, in UTC.

    Returns:
        Its reference, such as E-046.

    Raises:
        RefusedError: something is missing or cannot be; `problems` names the field.
        ConflictError: the form was sent before with other answers.
    """
    reach.require("add_evidence", provider_id, service_id)
    problems = evidence_problems(given, today)
    if not problems and not run_here(session, provider_id, service_id, given.supports):
        problems["supports"] = "One of these indicators does not run at this service any more. Choose again."
    if problems:
        raise RefusedError("The evidence was not added.", problems)
    # The reference is drawn first: its lock also lets a second sending of the same form wait for the first.
    reference = next_reference(session, Evidence.reference, "E", provider_id=provider_id, service_id=service_id)
    before = _sent_before(session, provider_id, service_id, evidence_id, given)
    if before is not None:
        return before
    here = {"provider_id": provider_id, "service_id": service_id, "evidence_id": evidence_id}
    session.add(_row_of(reach, here, reference, given, today, at))
    session.flush()
    session.add_all(EvidenceLink(**here, indicator_id=each, recorded_at=at) for each in given.supports)
    _judge_again(session, reach, provider_id, service_id, given.supports)
    note(
        session,
        reach,
        "evidence added",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"evidence {reference}",
        detail={"letter": given.letter, "indicators": [str(each) for each in given.supports]},
    )
    return reference


def _row_of(
    reach: Reach, here: dict[str, uuid.UUID], reference: str, given: GivenEvidence, today: date, at: datetime
) -> Evidence:
    """The evidence as it is kept, with the framework that its quality statement is of and the day it is kept until."""
    return Evidence(
        **here,
        reference=reference,
        letter=given.letter,
        title=given.title,
        dated_on=given.dated_on,
        system=given.system,
        where_to_look=given.where_to_look,
        sha256=given.sha256,
        sample_size=given.sample_size,
        seen_at=given.seen_at,
        made_by=given.made_by,
        category=given.category,
        quality_statement=given.quality_statement,
        framework_version=framework_in_force(today).version if given.quality_statement else None,
        keep_until=given.keep_until or kept_for(today),
        recorded_by=reach.person_id,
        recorded_initials=reach.initials,
        recorded_at=at,
    )


def record_check(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    evidence_id: uuid.UUID,
    result: str,
    at: datetime,
    reason: str = "",
) -> str:
    """Records a look at an original; figures that lean on it are judged again.

    Args:
        session: a transaction in the reach.
        reach: who looked.
        provider_id: the provider.
        service_id: the service.
        evidence_id: the evidence.
        result: unchanged, changed, not_found, or withdrawn, which stays in the index and supports nothing any more.
        at: the moment, in UTC.
        reason: why it is withdrawn, which is asked for there and told nowhere else.

    Returns:
        The reference of the evidence.

    Raises:
        NotFoundError: no such evidence at the service.
        RefusedError: the result is not one of the four, or the evidence was withdrawn before.
    """
    reach.require("add_evidence", provider_id, service_id)
    here = {"provider_id": provider_id, "service_id": service_id, "evidence_id": evidence_id}
    reference = session.execute(select(Evidence.reference).filter_by(**here)).scalar_one_or_none()
    if reference is None:
        raise NotFoundError("There is no such evidence at this service.")
    if result not in CHECK_RESULTS:
        raise RefusedError("The check was not recorded.", {"result": "Choose what you found."})
    last = select(EvidenceCheck.result).filter_by(**here).order_by(EvidenceCheck.checked_at.desc()).limit(1)
    if session.execute(last).scalar_one_or_none() == "withdrawn":
        words = "This evidence was withdrawn. It stays in the index; add it anew if it counts again."
        raise RefusedError("The check was not recorded.", {"result": words})
    missing = reason_problem(result, reason)
    if missing:
        raise RefusedError("The check was not recorded.", {"reason": missing})
    session.add(
        EvidenceCheck(
            **here,
            check_id=new_id(),
            result=result,
            checked_at=at,
            checked_initials=reach.initials,
            reason=reason if result == "withdrawn" else None,
        )
    )
    linked = session.execute(select(EvidenceLink.indicator_id).filter_by(**here)).scalars()
    _judge_again(session, reach, provider_id, service_id, linked)
    note(
        session,
        reach,
        "evidence checked",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"evidence {reference}",
        detail={"result": result},
    )
    return reference


def _judge_again(
    session: Session, reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID, indicators: Iterable[uuid.UUID]
) -> None:
    keys = [(service_id, indicator_id, None) for indicator_id in indicators]
    mark_many_stale(session, provider_id, keys, reach.person_id)


def run_here(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicators: tuple[uuid.UUID, ...]
) -> bool:
    """Whether each of these indicators runs at a service."""
    if not indicators:
        return True
    running = session.execute(
        select(ServiceIndicator.indicator_id).where(
            ServiceIndicator.provider_id == provider_id,
            ServiceIndicator.service_id == service_id,
            ServiceIndicator.ended_on.is_(None),
            ServiceIndicator.indicator_id.in_(indicators),
        )
    ).scalars()
    return set(running) == set(indicators)


def _sent_before(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, evidence_id: uuid.UUID, given: GivenEvidence
) -> str | None:
    stands = session.execute(
        select(
            Evidence.reference, Evidence.letter, Evidence.title, Evidence.dated_on, Evidence.where_to_look
        ).filter_by(provider_id=provider_id, service_id=service_id, evidence_id=evidence_id)
    ).one_or_none()
    if stands is None:
        return None
    if tuple(stands)[1:] != (given.letter, given.title, given.dated_on, given.where_to_look):
        raise ConflictError(_SENT_BEFORE)
    return str(stands.reference)
