"""What speaks against a figure: recording it, answering it in writing, and saying that a kind of evidence cannot exist."""

import uuid
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.indicators.evidence_marks import LETTERS
from mendline.indicators.marking import mark_stale
from mendline.indicators.model import Contradiction, ContradictionAnswer, EvidenceExemption, ServiceIndicator
from tenants.clock import now
from tenants.database import in_turn
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST, LONGEST = 10, 2_000


def record_contradiction(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    source: str,
    says: str,
    noticed_on: date,
    today: date,
    origin: str = "person",
) -> uuid.UUID:
    """Records that a source points the other way than the figure; the figure is contradicted until it is answered.

    Args:
        session: a transaction in the reach.
        reach: who records it; a job, where a trigger noticed it.
        provider_id: the provider.
        service_id: the service.
        indicator_id: the indicator whose figure it speaks against.
        source: which source, such as a reference or where it is kept.
        says: what it says that does not fit.
        noticed_on: when it was noticed.
        today: the date in England.
        origin: `person`, or the key of the trigger that noticed it.

    Raises:
        NotFoundError: no such indicator at the service.
        RefusedError: something is missing; `problems` names the field.
    """
    reach.require("add_evidence", provider_id, service_id)
    _require_running(session, provider_id, service_id, indicator_id)
    problems = {}
    if len(source.strip()) < 3:
        problems["source"] = "Name the source, such as E-046, a visit, or the council's list."
    if not SHORTEST <= len(says.strip()) <= LONGEST:
        problems["says"] = "Say in a sentence what it says that does not fit the figure, without names of people."
    if noticed_on > today:
        problems["noticed_on"] = "Give the day on which it was noticed, today or earlier."
    if problems:
        raise RefusedError("The contradiction was not recorded.", problems)
    contradiction_id = new_id()
    session.add(
        Contradiction(
            provider_id=provider_id,
            service_id=service_id,
            indicator_id=indicator_id,
            contradiction_id=contradiction_id,
            source=source.strip(),
            says=says.strip(),
            noticed_on=noticed_on,
            origin=origin,
            recorded_by=reach.person_id,
            recorded_initials=reach.initials if reach.person_id else None,
            recorded_at=now(),
        )
    )
    _told(session, reach, (provider_id, service_id, indicator_id), "contradiction recorded", str(contradiction_id))
    return contradiction_id


def answer_contradiction(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    contradiction_id: uuid.UUID,
    answer: str,
) -> None:
    """Answers a contradiction in writing; both stay visible, and the figure is judged without it from then on.

    Raises:
        NotFoundError: no such contradiction.
        RefusedError: the answer says too little.
        ConflictError: it was answered before.
    """
    reach.require("manage_actions", provider_id, service_id)
    here = {
        "provider_id": provider_id,
        "service_id": service_id,
        "indicator_id": indicator_id,
        "contradiction_id": contradiction_id,
    }
    in_turn(session, f"contradiction:{contradiction_id}")
    if session.scalar(select(func.count()).select_from(Contradiction).filter_by(**here)) != 1:
        raise NotFoundError("There is no such contradiction here.")
    if not SHORTEST <= len(answer.strip()) <= LONGEST:
        raise RefusedError(
            "The answer was not recorded.", {"answer": "Say what was found when both were looked at, in a sentence."}
        )
    if session.scalar(select(func.count()).select_from(ContradictionAnswer).filter_by(**here)):
        raise ConflictError("This was answered before. Record it again if it points the other way again.")
    session.add(
        ContradictionAnswer(
            **here,
            answer_id=new_id(),
            answer=answer.strip(),
            recorded_by=reach.person_id,
            recorded_initials=reach.initials if reach.person_id else None,
            recorded_at=now(),
        )
    )
    _told(session, reach, (provider_id, service_id, indicator_id), "contradiction answered", str(contradiction_id))


def exempt_letter(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    letter: str,
    applies: bool,
    reason: str,
) -> int:
    """Says that a kind of evidence cannot exist for a figure here, or that it can after all, each with its reason.

    Returns:
        The version; the newest holds.

    Raises:
        NotFoundError: no such indicator at the service.
        RefusedError: no such kind, or no reason; records are never exempt.
    """
    reach.require("add_evidence", provider_id, service_id)
    _require_running(session, provider_id, service_id, indicator_id)
    problems = {}
    if letter not in LETTERS:
        problems["letter"] = "Choose the kind of evidence."
    elif letter == "R":
        problems["letter"] = "A figure without a record behind it is not supported. This kind always applies."
    if len(reason.strip()) < SHORTEST:
        problems["exempt_reason"] = "Say why it cannot exist for this figure, in a sentence."
    if problems:
        raise RefusedError("Nothing was changed.", problems)
    here = {"provider_id": provider_id, "service_id": service_id, "indicator_id": indicator_id, "letter": letter}
    in_turn(session, f"exemption:{indicator_id}:{letter}")
    newest = session.scalar(select(func.max(EvidenceExemption.version)).filter_by(**here)) or 0
    session.add(
        EvidenceExemption(
            **here,
            version=newest + 1,
            applies=applies,
            reason=reason.strip(),
            recorded_by=reach.person_id,
            recorded_initials=reach.initials if reach.person_id else None,
            recorded_at=now(),
        )
    )
    _told(session, reach, (provider_id, service_id, indicator_id), "evidence exemption", letter)
    return newest + 1


def _require_running(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID) -> None:
    found = session.scalar(
        select(func.count())
        .select_from(ServiceIndicator)
        .filter_by(provider_id=provider_id, service_id=service_id, indicator_id=indicator_id)
    )
    if not found:
        raise NotFoundError("There is no such indicator at this service.")


def _told(session: Session, reach: Reach, here: tuple[uuid.UUID, uuid.UUID, uuid.UUID], act: str, which: str) -> None:
    session.flush()
    provider_id, service_id, indicator_id = here
    mark_stale(session, provider_id, service_id, indicator_id, None, reach.person_id)
    note(
        session, reach, act, provider_id=provider_id, service_id=service_id,
        subject=f"indicator {indicator_id}", detail={"which": which},
    )  # fmt: skip
