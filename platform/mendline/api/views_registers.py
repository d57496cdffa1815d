"""Escalations and risks of a service."""

import uuid

from flask import Response

from mendline.api.asking import MOST_LISTED, answer_slice, body_of
from mendline.api.bodies import ESCALATION, ESCALATION_DECISION, RISK, RISK_CHANGE
from mendline.api.queries import own_place
from mendline.api.resources_recovery import EscalationOut, MadeEscalationOut, ReferenceOut, RiskOut
from mendline.api.table import CURSOR, LIMIT, api
from mendline.api.wire import picked
from mendline.api.writing import written
from mendline.indicators.queries import standings
from mendline.recovery.queries import risks_of
from mendline.recovery.registers.commands import GivenEscalation, decide_escalation, open_escalation
from mendline.recovery.registers.outcomes import GivenOutcome
from mendline.recovery.registers.queries import escalations_of
from mendline.recovery.registers.risks import GivenRisk, GivenRiskChange, GivenScore, score_risk
from mendline.recovery.registers.risks import add_risk as record_risk
from mendline.recovery.registers.risks import change_risk as alter_risk
from mendline.web.frame import on_day, reach, transaction
from tenants.errors import RefusedError

_OF_A_SCORE = frozenset({"likelihood", "impact"})


@api.operation(
    "GET",
    "/services/<uuid:service_id>/escalations",
    access="see_actions",
    answer=EscalationOut,
    paged=True,
    query=(CURSOR, LIMIT),
)
def escalations(service_id: uuid.UUID) -> Response:
    """The escalations of a service, open ones first, with their outcomes and what these made."""
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("see_actions", place.provider_id, place.service_id)
        found = escalations_of(session, place.provider_id, place.service_id, most=MOST_LISTED)
    return answer_slice(found, lambda one: one.escalation_id, lambda one: picked(EscalationOut, one))


@api.operation(
    "POST",
    "/services/<uuid:service_id>/escalations",
    access="manage_actions",
    answer=MadeEscalationOut,
    status=201,
    body=ESCALATION,
)
def add_escalation(service_id: uuid.UUID) -> Response:
    """Puts something before a role, with a date."""
    given = GivenEscalation(**body_of(ESCALATION))
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("manage_actions", *here)
        if not standings(session, *here, given.indicator_id, periods="none"):
            raise RefusedError("The escalation was not opened.", {"indicator_id": "No such indicator runs here."})

        def add() -> MadeEscalationOut:
            found = open_escalation(
                session, reach(), provider_id=here[0], service_id=here[1], given=given, today=on_day()
            )
            return MadeEscalationOut(found, [])

        return written(session, place.provider_id, 201, add)


@api.operation(
    "PATCH",
    "/services/<uuid:service_id>/escalations/<uuid:escalation_id>",
    access="answer_escalation",
    answer=MadeEscalationOut,
    body=ESCALATION_DECISION,
)
def decide(service_id: uuid.UUID, escalation_id: uuid.UUID) -> Response:
    """Ends an escalation in a decision, once, and makes what that decides."""
    given = GivenOutcome(**body_of(ESCALATION_DECISION))
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("answer_escalation", place.provider_id, place.service_id)

        def end() -> MadeEscalationOut:
            made = decide_escalation(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                escalation_id=escalation_id,
                given=given,
                today=on_day(),
            )
            return MadeEscalationOut(escalation_id, list(made))

        return written(session, place.provider_id, 200, end)


@api.operation(
    "GET", "/services/<uuid:service_id>/risks", access="see_actions", answer=RiskOut, paged=True, query=(CURSOR, LIMIT)
)
def risks(service_id: uuid.UUID) -> Response:
    """The risk register of a service, highest score first."""
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("see_actions", place.provider_id, place.service_id)
        found = risks_of(session, place.provider_id, place.service_id, most=MOST_LISTED)
    return answer_slice(found, lambda one: one.reference, lambda one: picked(RiskOut, one))


@api.operation(
    "POST", "/services/<uuid:service_id>/risks", access="manage_actions", answer=ReferenceOut, status=201, body=RISK
)
def add_risk(service_id: uuid.UUID) -> Response:
    """Puts a risk on the register with its first score."""
    given = body_of(RISK)
    risk = GivenRisk(given["title"], given["owner"], given.get("controls", ""), given.get("indicator_id"))
    score = GivenScore(given["likelihood"], given["impact"], given["reason"], given["look_again_on"])
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("manage_actions", *here)
        if risk.indicator_id is not None and not standings(session, *here, risk.indicator_id, periods="none"):
            raise RefusedError("The risk was not recorded.", {"indicator_id": "No such indicator runs here."})

        def add() -> ReferenceOut:
            return ReferenceOut(
                record_risk(
                    session, reach(), provider_id=here[0], service_id=here[1], given=risk, score=score, today=on_day()
                )
            )

        return written(session, place.provider_id, 201, add)


@api.operation(
    "PATCH",
    "/services/<uuid:service_id>/risks/<reference>",
    access="manage_actions",
    answer=ReferenceOut,
    body=RISK_CHANGE,
)
def change_risk(service_id: uuid.UUID, reference: str) -> Response:
    """Scores a risk again, changes or reviews it, closes it or opens it again; earlier scores stay."""
    given = body_of(RISK_CHANGE)
    scores = sorted(given.keys() & _OF_A_SCORE)
    if scores and given["kind"] != "scored":
        words = "A score goes with the kind scored, and with no other."
        raise RefusedError("The risk was not changed.", dict.fromkeys(scores, words))
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("manage_actions", *here)

        def alter() -> ReferenceOut:
            if given["kind"] == "scored":
                score = GivenScore(
                    given.get("likelihood", 0), given.get("impact", 0), given["note"], given.get("look_again_on")
                )
                score_risk(
                    session, reach(), provider_id=here[0], service_id=here[1], reference=reference, given=score,
                    today=on_day(),
                )  # fmt: skip
            else:
                alter_risk(
                    session, reach(), provider_id=here[0], service_id=here[1], reference=reference,
                    given=GivenRiskChange(**given), today=on_day(),
                )  # fmt: skip
            return ReferenceOut(reference)

        return written(session, place.provider_id, 200, alter)
