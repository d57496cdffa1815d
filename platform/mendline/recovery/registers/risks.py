"""The risk register: entries, their scores, and everything else that happens to them, each with its reason."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.indicators.closing import refuse_if_closed
from mendline.places.references import next_reference
from mendline.recovery.model import Risk, RiskEvent, RiskScore
from mendline.recovery.registers.action_commands import signature
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST = 8
HIGH = 15  # likelihood times impact from which a risk is high
KINDS = ("changed", "reviewed", "closed", "reopened")


@dataclass(frozen=True, slots=True)
class GivenRisk:
    """A risk as somebody names it: what could happen, who holds it, what holds it down."""

    title: str
    owner: str
    controls: str = ""
    indicator_id: uuid.UUID | None = None
    escalation_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class GivenScore:
    """Likelihood and impact, 1 to 5 each, with the reason and the day of the next look."""

    likelihood: int
    impact: int
    reason: str
    look_again_on: date | None


@dataclass(frozen=True, slots=True)
class GivenRiskChange:
    """Something else that happens to a risk; what is left empty stays as it is."""

    kind: str
    note: str
    title: str = ""
    owner: str = ""
    controls: str = ""
    look_again_on: date | None = None


def score_problems(given: GivenScore, today: date) -> dict[str, str]:
    """What of a score is missing or cannot be."""
    return {
        field: words
        for wrong, field, words in (
            (given.likelihood not in range(1, 6), "likelihood", "Choose how likely it is, 1 to 5."),
            (given.impact not in range(1, 6), "impact", "Choose how bad it would be, 1 to 5."),
            (len(given.reason.strip()) < SHORTEST, "reason", "Say why, in a few words."),
            (
                given.look_again_on is None or given.look_again_on < today,
                "look_again_on",
                "Give the day of the next look, today or later.",
            ),
        )
        if wrong
    }


def risk_problems(given: GivenRisk) -> dict[str, str]:
    """What of a new risk is missing."""
    return {
        field: words
        for wrong, field, words in (
            (len(given.title.strip()) < SHORTEST, "title", "Name the risk: what could happen, to whom, and why."),
            (not given.owner.strip(), "owner", "Name who holds it: an initial and a surname."),
        )
        if wrong
    }


def add_risk(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    given: GivenRisk,
    score: GivenScore,
    today: date,
) -> str:
    """Puts a risk on the register with its first score; gives its reference, such as R-004.

    Raises:
        RefusedError: something is missing; `problems` names the field.
    """
    reach.require("manage_actions", provider_id, service_id)
    refuse_if_closed(session, provider_id, service_id, "risk")
    problems = {**risk_problems(given), **score_problems(score, today)}
    if problems:
        raise RefusedError("The risk was not recorded.", problems)
    reference = next_reference(session, Risk.reference, "R", provider_id=provider_id, service_id=service_id)
    risk_id = new_id()
    session.add(
        Risk(
            provider_id=provider_id,
            service_id=service_id,
            risk_id=risk_id,
            reference=reference,
            title=given.title.strip(),
            owner=given.owner.strip(),
            controls=given.controls.strip() or None,
            indicator_id=given.indicator_id,
            opened_on=today,
            recorded_at=now(),
            escalation_id=given.escalation_id,
            recorded_by=reach.person_id,
        )
    )
    session.flush()
    _score(session, reach, provider_id, service_id, risk_id, score, today)
    note(session, reach, "risk recorded", provider_id=provider_id, service_id=service_id, subject=f"risk {reference}")
    return reference


def score_risk(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    reference: str,
    given: GivenScore,
    today: date,
) -> None:
    """Scores a risk again; the scores before it stay.

    Raises:
        NotFoundError: no risk of that reference at the service.
        RefusedError: something is missing, or the risk is closed.
    """
    reach.require("manage_actions", provider_id, service_id)
    risk_id = _known(session, provider_id, service_id, reference)
    problems = score_problems(given, today)
    if _is_closed(session, provider_id, service_id, risk_id):
        problems = {"likelihood": "This risk is closed. Open it again first, and say why."}
    if problems:
        raise RefusedError("The risk was not scored.", problems)
    _score(session, reach, provider_id, service_id, risk_id, given, today)
    note(
        session,
        reach,
        "risk scored",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"risk {reference}",
        detail={"score": given.likelihood * given.impact},
    )


def change_risk(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    reference: str,
    given: GivenRiskChange,
    today: date,
) -> None:
    """Changes words, owner or controls, or records a review, a closure or that it is open again, with the reason.

    Raises:
        NotFoundError: no risk of that reference at the service.
        RefusedError: the kind does not fit its state, or the reason is missing.
    """
    reach.require("manage_actions", provider_id, service_id)
    risk_id = _known(session, provider_id, service_id, reference)
    closed = _is_closed(session, provider_id, service_id, risk_id)
    problems = _change_problems(given, today, closed=closed)
    if problems:
        raise RefusedError("The risk was not changed.", problems)
    session.add(
        RiskEvent(
            provider_id=provider_id,
            service_id=service_id,
            risk_id=risk_id,
            event_id=new_id(),
            kind=given.kind,
            title=given.title.strip() or None,
            owner=given.owner.strip() or None,
            controls=given.controls.strip() or None,
            look_again_on=given.look_again_on,
            note=given.note.strip(),
            happened_on=today,
            recorded_by=reach.person_id,
            recorded_label=signature(reach),
            recorded_at=now(),
        )
    )
    session.flush()
    note(
        session,
        reach,
        f"risk {given.kind}",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"risk {reference}",
    )


def _change_problems(given: GivenRiskChange, today: date, *, closed: bool) -> dict[str, str]:
    if given.kind not in KINDS:
        return {"kind": "Choose what happens to it."}
    if (given.kind == "reopened") != closed:
        words = "This risk is closed. Open it again first, and say why." if closed else "This risk is open already."
        return {"kind": words}
    problems = {}
    if len(given.note.strip()) < SHORTEST:
        problems["note"] = "Say why, in a few words."
    if given.kind == "reviewed" and (given.look_again_on is None or given.look_again_on < today):
        problems["look_again_on"] = "Give the day of the next look, today or later."
    return problems


def _score(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    risk_id: uuid.UUID,
    given: GivenScore,
    today: date,
) -> None:
    session.add(
        RiskScore(
            provider_id=provider_id,
            service_id=service_id,
            risk_id=risk_id,
            score_id=new_id(),
            likelihood=given.likelihood,
            impact=given.impact,
            judged_on=today,
            look_again_on=given.look_again_on,
            recorded_at=now(),
            reason=given.reason.strip(),
            judged_label=signature(reach),
        )
    )
    session.flush()


def _known(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, reference: str) -> uuid.UUID:
    found: uuid.UUID | None = session.execute(
        select(Risk.risk_id).where(
            Risk.provider_id == provider_id, Risk.service_id == service_id, Risk.reference == reference
        )
    ).scalar_one_or_none()
    if found is None:
        raise NotFoundError("There is no such risk at this service.")
    return found


def _is_closed(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, risk_id: uuid.UUID) -> bool:
    newest = session.execute(
        select(RiskEvent.kind)
        .where(
            RiskEvent.provider_id == provider_id,
            RiskEvent.service_id == service_id,
            RiskEvent.risk_id == risk_id,
            RiskEvent.kind.in_(("closed", "reopened")),
        )
        .order_by(RiskEvent.recorded_at.desc(), RiskEvent.event_id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return newest == "closed"
