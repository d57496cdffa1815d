"""Keeps a draft of a review, signs a review once, and tells the level above of a weak assurance."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import add_working_days
from mendline.duties.commands import complete_with_record
from mendline.places.references import next_reference
from mendline.recovery.model import Oversight
from mendline.recovery.plans.scheduling import review_rhythm
from mendline.recovery.reviews.model import ReviewDraft, ReviewSitting
from mendline.recovery.reviews.queries import review_work
from mendline.recovery.reviews.rhythm import Forum, Reviewed, decided_in, outstanding, turn_start
from tenants.clock import now
from tenants.errors import ConflictError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

LONGEST = 4_000
SHORTEST_SUMMARY = 10
# The answers that a draft keeps; whatever else a form sends is left behind.
KEPT = (
    "decision", "what_changed", "why", "what_follows", "exception_reason", "action_title", "action_owner",
    "action_due_on", "escalate_to", "reply_due_on", "reporting_effect",
)  # fmt: skip
REPLY_WITHIN = 5  # working days, as for every matter before the provider


def save_draft(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    answers: Mapping[str, str],
    relied_on: Sequence[str],
) -> None:
    """Keeps what somebody wrote; it decides nothing, and only they see it."""
    reach.require("record_decision", provider_id, service_id)
    kept: dict[str, Any] = {name: answers[name][:LONGEST] for name in KEPT if answers.get(name)}
    kept["relied_on"] = [each[:LONGEST] for each in relied_on[:50]]
    row = {
        "provider_id": provider_id,
        "service_id": service_id,
        "indicator_id": indicator_id,
        "person_id": reach.person_id,
        "answers": kept,
        "saved_at": now(),
    }
    keys = ["provider_id", "service_id", "indicator_id", "person_id"]
    session.execute(
        insert(ReviewDraft)
        .values(row)
        .on_conflict_do_update(index_elements=keys, set_={"answers": kept, "saved_at": row["saved_at"]})
    )


def drop_draft(
    session: Session, reach: Reach, *, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID
) -> None:
    """Takes one's draft away, once its decision is recorded."""
    d = ReviewDraft
    session.execute(
        delete(d).where(
            d.provider_id == provider_id,
            d.service_id == service_id,
            d.indicator_id == indicator_id,
            d.person_id == reach.person_id,
        )
    )


def flag_weak_assurance(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    name: str,
    reason: str,
    label: str,
    today: date,
) -> str | None:
    """Puts an assurance over a declining or unsupported figure before the level above whoever gave it.

    The nominated individual answers for the service's managers, the provider for the nominated individual.

    Returns:
        The reference of the matter; None where whoever assured may put nothing before the provider.
    """
    may = (reach.may(each, provider_id, service_id) for each in ("manage_actions", "answer_escalation"))
    if not any(may):
        return None
    roles = {held.role for held in reach.held if held.provider_id == provider_id}
    above = "provider_lead" if "nominated_individual" in roles else "nominated_individual"
    reference = next_reference(session, Oversight.reference, "O", provider_id=provider_id, service_id=service_id)
    session.add(
        Oversight(
            provider_id=provider_id,
            service_id=service_id,
            oversight_id=new_id(),
            reference=reference,
            asked=f"Weak assurance over {name}, given by {label}: {reason} Say whether it stands.",
            to_role=above,
            indicator_id=indicator_id,
            escalation_id=None,
            opened_on=today,
            due_on=add_working_days(today, REPLY_WITHIN),
            recorded_by=reach.person_id,
            recorded_label=label,
            recorded_at=now(),
        )
    )
    session.flush()
    return reference


def sign_sitting(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    forum: Forum,
    reviewed: Sequence[Reviewed],
    summary: str,
    label: str,
    today: date,
) -> uuid.UUID:
    """Signs the review of a week or month with the decisions that were made in it; it is closed from then on.

    The planned work that asks for this review is done by it, in the same transaction.

    Raises:
        RefusedError: an indicator is due and has no decision, or a sampling says nothing of what was found.
        ConflictError: this review was signed already.
    """
    reach.require("record_decision", provider_id, service_id)
    turn = turn_start(forum, today, review_rhythm(session, provider_id, service_id, today))
    _refuse_unready(forum, outstanding(turn, reviewed, today), summary)
    decided = decided_in(turn, reviewed)
    sitting_id = new_id()
    added = session.execute(
        insert(ReviewSitting)
        .values(
            provider_id=provider_id,
            service_id=service_id,
            sitting_id=sitting_id,
            forum=forum.key,
            period_from=turn,
            held_on=today,
            decided=[
                {"indicator_id": one.indicator_id, "decision": one.decision, "by": one.decided_by} for one in decided
            ],
            summary=summary.strip()[:LONGEST],
            signed_by=reach.person_id,
            signed_label=label,
            signed_role=reach.role_label,
            recorded_at=now(),
        )
        .on_conflict_do_nothing()
        .returning(ReviewSitting.sitting_id)
    )
    if added.first() is None:
        raise ConflictError("This review was signed already. A signed review is closed.")
    _do_its_work(session, reach, provider_id, service_id, forum, sitting_id, turn, today)
    note(
        session,
        reach,
        "review signed",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"review {sitting_id}",
        detail={"forum": forum.key, "decided": len(decided)},
    )
    return sitting_id


def _refuse_unready(forum: Forum, left: Sequence[Reviewed], summary: str) -> None:
    if left and not forum.samples:
        raise RefusedError(
            f"{len(left)} due {'indicator has' if len(left) == 1 else 'indicators have'} no decision in this review."
            " Decide on each before you sign."
        )
    if len(summary.strip()) < SHORTEST_SUMMARY:
        raise RefusedError(
            "The review was not signed.", {"summary": "Say in a sentence or two what this review found."}
        )


def _do_its_work(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    forum: Forum,
    sitting_id: uuid.UUID,
    turn: date,
    today: date,
) -> None:
    if not reach.may("do_work", provider_id, service_id):
        return
    last = turn + timedelta(days=7 if forum.cadence == "weekly" else 31)
    asked = review_work(session, provider_id, service_id, [forum.role], turn - timedelta(days=7), last, today)
    if asked is not None:
        complete_with_record(
            session, reach, provider_id=provider_id, service_id=service_id, work_item_id=asked,
            record_type="indicator_review", record_id=sitting_id, today=today,
        )  # fmt: skip
