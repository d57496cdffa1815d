"""Starts a drill over claims that a pack would make, and keeps what was put on the table for each, with its time."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from mendline.evidence.checks.commands import LONGEST, one_at_a_time
from mendline.evidence.checks.model import Drill, DrillAnswer
from mendline.evidence.checks.queries import claims_of, drills_of
from mendline.evidence.checks.sampling import draw
from mendline.places.references import next_reference
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

CLAIMS = 8  # of a drill: what an inspector asks for in half an hour
SECONDS_ALLOWED = 240  # for each claim
RESULTS = ("found", "not_found", "contradicts")


def start_drill(
    session: Session, reach: Reach, *, provider_id: uuid.UUID, service_id: uuid.UUID, seed: str, at: datetime
) -> uuid.UUID:
    """Draws claims at random across the figures of a service and starts the clock; gives the drill's identifier.

    Args:
        session: a transaction in the reach.
        reach: who starts it.
        provider_id: the provider.
        service_id: the service.
        seed: random, made by the caller; kept, so that anybody can draw the same claims again.
        at: the moment of the start, in UTC.

    Raises:
        RefusedError: the service has no figures to ask about.
    """
    reach.require("carry_out_check", provider_id, service_id)
    known = {row.indicator_id: row for row in claims_of(session, provider_id, service_id)}
    if not known:
        raise RefusedError("There are no figures to ask about yet.")
    claims = [
        {
            "indicator_id": str(each),
            "definition_key": known[each].definition_key,
            "period_start": known[each].last_period.isoformat(),
        }
        for each in draw(known, seed, CLAIMS)
    ]
    reference = next_reference(session, Drill.reference, "D", provider_id=provider_id, service_id=service_id)
    drill_id = new_id()
    session.add(
        Drill(
            provider_id=provider_id,
            service_id=service_id,
            drill_id=drill_id,
            reference=reference,
            seed=seed,
            claims=claims,
            seconds_allowed=SECONDS_ALLOWED,
            started_by=reach.person_id,
            started_label=reach.initials,
            started_at=at,
        )
    )
    note(
        session, reach, "drill started", provider_id=provider_id, service_id=service_id,
        subject=f"drill {reference}", detail={"claims": len(claims), "seed": seed},
    )  # fmt: skip
    return drill_id


def answer_claim(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    drill_id: uuid.UUID,
    given: Mapping[str, str],
    at: datetime,
) -> int:
    """Answers the next claim of a drill; the time runs from the answer before it. Gives the claim's number.

    Args:
        session: a transaction in the reach.
        reach: who answers.
        provider_id: the provider.
        service_id: the service.
        drill_id: the drill.
        given: the form: the number of the claim, the result, what was put on the table, a note.
        at: the moment of the answer, in UTC; whole seconds since the one before are kept.

    Raises:
        NotFoundError: no such drill.
        RefusedError: something is missing.
        ConflictError: this claim was answered, or all were.
    """
    reach.require("carry_out_check", provider_id, service_id)
    one_at_a_time(session, drill_id)
    drills = drills_of(session, provider_id, service_id, drill_id)
    if not drills:
        raise NotFoundError("There is no such drill here.")
    (drill,) = drills
    number = len(drill.answers) + 1
    if number > len(drill.claims) or given.get("number", str(number)) != str(number):
        raise ConflictError("This claim was answered already.")
    result, reference = given.get("result", ""), given.get("evidence_reference", "").strip()
    problems = {}
    if result not in RESULTS:
        problems["result"] = "Choose what happened."
    if result == "found" and not reference:
        problems["evidence_reference"] = "Name what was put on the table, such as E-046 or where it is kept."
    if result == "contradicts" and len(given.get("note", "").strip()) < 4:
        problems["note"] = "Say in a few words what does not fit. No names."
    if problems:
        raise RefusedError("The answer was not recorded.", problems)
    since = drill.answers[-1].recorded_at if drill.answers else drill.started_at
    session.add(
        DrillAnswer(
            provider_id=provider_id,
            service_id=service_id,
            drill_id=drill_id,
            number=number,
            result=result,
            seconds=max(0, round((at - since).total_seconds())),
            evidence_reference=reference or None,
            note=given.get("note", "").strip()[:LONGEST] or None,
            recorded_by=reach.person_id,
            recorded_label=reach.initials,
            recorded_at=at,
        )
    )
    note(
        session, reach, "drill answered", provider_id=provider_id, service_id=service_id,
        subject=f"drill {drill.reference}", detail={"number": number, "result": result},
    )  # fmt: skip
    return number
