"""Actions and reviews of a service."""

import uuid

from flask import Response

from mendline.api.asking import MOST_LISTED, answer_slice, body_of
from mendline.api.bodies import ACTION, ACTION_CHANGE, ADDENDUM, REVIEW
from mendline.api.queries import own_place
from mendline.api.resources_recovery import ActionOut, MadeReviewOut, ReferenceOut, ReviewOut
from mendline.api.table import CURSOR, LIMIT, api
from mendline.api.wire import picked
from mendline.api.writing import written
from mendline.indicators.queries import standings
from mendline.recovery.commands import add_addendum, record_decision
from mendline.recovery.decisions import GivenDecision
from mendline.recovery.queries import actions_of, decisions_of
from mendline.recovery.registers.action_commands import change_action, open_action
from mendline.recovery.registers.actions import ActionEdit
from mendline.web.frame import on_day, reach, transaction
from tenants.errors import NotFoundError, RefusedError

_WORDS = ("what_changed", "why", "what_follows", "exception_reason", "action_title", "action_owner", "escalate_to")


@api.operation(
    "GET",
    "/services/<uuid:service_id>/actions",
    access="see_actions",
    answer=ActionOut,
    paged=True,
    query=(CURSOR, LIMIT),
)
def actions(service_id: uuid.UUID) -> Response:
    """The actions of a service, open ones first, soonest first."""
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("see_actions", place.provider_id, place.service_id)
        found = actions_of(session, place.provider_id, place.service_id, most=MOST_LISTED)
    return answer_slice(found, lambda one: one.reference, lambda one: picked(ActionOut, one))


@api.operation(
    "POST",
    "/services/<uuid:service_id>/actions",
    access="manage_actions",
    answer=ReferenceOut,
    status=201,
    body=ACTION,
)
def add_action(service_id: uuid.UUID) -> Response:
    """Opens an action."""
    given = body_of(ACTION)
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("manage_actions", *here)
        wanted = given.get("indicator_id")
        if wanted is not None and not standings(session, *here, wanted):
            raise RefusedError("The action was not opened.", {"indicator_id": "No such indicator runs here."})

        def add() -> ReferenceOut:
            reference = open_action(session, reach(), provider_id=here[0], service_id=here[1], today=on_day(), **given)
            return ReferenceOut(reference)

        return written(session, place.provider_id, 201, add)


@api.operation(
    "PATCH",
    "/services/<uuid:service_id>/actions/<reference>",
    access="manage_actions",
    answer=ReferenceOut,
    body=ACTION_CHANGE,
)
def change(service_id: uuid.UUID, reference: str) -> Response:
    """Moves an action to another date, closes it with evidence, or opens it again; what stood before stays."""
    given = body_of(ACTION_CHANGE)
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("manage_actions", place.provider_id, place.service_id)

        def alter() -> ReferenceOut:
            change_action(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                reference=reference,
                kind=given["kind"],
                today=on_day(),
                due_on=given.get("due_on"),
                words=given.get("note", ""),
                evidence_reference=given.get("evidence_reference", ""),
                edit=ActionEdit(
                    given.get("title", ""), given.get("owner", ""), given.get("measure", ""), given.get("high_risk")
                ),
            )
            return ReferenceOut(reference)

        return written(session, place.provider_id, 200, alter)


@api.operation(
    "GET",
    "/services/<uuid:service_id>/reviews",
    access="see_actions",
    answer=ReviewOut,
    paged=True,
    query=(CURSOR, LIMIT),
)
def reviews(service_id: uuid.UUID) -> Response:
    """The reviews of a service and the decisions they ended in, newest first."""
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("see_actions", place.provider_id, place.service_id)
        found = decisions_of(session, place.provider_id, place.service_id, most=MOST_LISTED)
    return answer_slice(found, lambda one: one.review_id, lambda one: picked(ReviewOut, one))


@api.operation(
    "POST",
    "/services/<uuid:service_id>/reviews",
    access="record_decision",
    answer=MadeReviewOut,
    status=201,
    body=REVIEW,
)
def add_review(service_id: uuid.UUID) -> Response:
    """Ends a review of one indicator in a decision, and makes the action or escalation that it names."""
    given = body_of(REVIEW)
    words = {name: given.get(name, "") for name in _WORDS}
    decision = GivenDecision(
        decision=given["decision"],
        relied_on=tuple(given.get("relied_on", ())),
        action_due_on=given.get("action_due_on"),
        reply_due_on=given.get("reply_due_on"),
        reporting_effect=bool(given.get("reporting_effect")),
        **words,
    )
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("record_decision", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, given["indicator_id"])
        if not found:
            raise NotFoundError("There is no such indicator at this service.")

        def decide() -> MadeReviewOut:
            review_id = record_decision(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                standing=found[0],
                given=decision,
                forum=given.get("forum", "weekly_review"),
                today=on_day(),
            )
            return MadeReviewOut(review_id)

        return written(session, place.provider_id, 201, decide)


@api.operation(
    "PATCH",
    "/services/<uuid:service_id>/reviews/<uuid:review_id>",
    access="record_decision",
    answer=MadeReviewOut,
    body=ADDENDUM,
)
def correct_review(service_id: uuid.UUID, review_id: uuid.UUID) -> Response:
    """Adds a correction to a review; what was recorded is never changed."""
    given = body_of(ADDENDUM)
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        here = {"provider_id": place.provider_id, "service_id": place.service_id}
        reach().require("record_decision", place.provider_id, place.service_id)

        def add() -> MadeReviewOut:
            words = given["correction"]
            return MadeReviewOut(
                add_addendum(session, reach(), **here, review_id=review_id, words=words, today=on_day())
            )

        return written(session, place.provider_id, 200, add)
