"""What a person does with a recovery plan: start it, change its weeks, sign an objective, open it again, end it."""

import uuid
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.catalogue.wording import long_date
from mendline.duties.holding import short_name
from mendline.recovery.plans.closing import close_items, one_at_a_time
from mendline.recovery.plans.judging import conditions_data, standing_of, targets_of
from mendline.recovery.plans.model import ObjectiveEvent, PlanRevision
from mendline.recovery.plans.objectives import find_plan
from mendline.recovery.plans.queries import objectives_of
from mendline.recovery.plans.rows import ObjectiveLine, PlanLine
from mendline.recovery.plans.scheduling import bring_up_to_date
from mendline.recovery.plans.stepping import HOLD_BEFORE_CLOSING
from tenants.clock import now
from tenants.errors import NotFoundError, NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach
from tenants.roles import ROLES

SHORTEST_REASON = 10


def revise_plan(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    plan_id: uuid.UUID,
    starts_on: date,
    weeks: int,
    cause: str,
    reason: str,
    today: date,
    inspection_id: uuid.UUID | None = None,
    ended_on: date | None = None,
) -> int:
    """Changes a plan's weeks or ends it; what stood before stays visible. Returns the revision's number.

    Work that is open and lies before the new start, or after the end, is cancelled with this reason; work that was done
    stays where it was done, and what now falls due is dated anew.

    Raises:
        RefusedError: no reason, or weeks that cannot be.
    """
    reach.require("change_plans", provider_id, service_id)
    one_at_a_time(session, provider_id, service_id)
    plan = find_plan(session, provider_id, service_id, plan_id)
    _refuse_revision(plan, reason, weeks)
    revision = _newest_revision(session, provider_id, service_id, plan_id) + 1
    session.add(
        PlanRevision(
            provider_id=provider_id,
            service_id=service_id,
            plan_id=plan_id,
            revision=revision,
            starts_on=starts_on,
            weeks=weeks,
            ended_on=ended_on,
            cause=cause,
            reason=reason.strip(),
            inspection_id=inspection_id,
            recorded_label=short_name(reach.name),
            recorded_at=now(),
        )
    )
    session.flush()
    _cancel_outside(
        session, reach, provider_id, service_id, plan_id, reason.strip(), today,
        before=starts_on, after=ended_on,
    )  # fmt: skip
    if ended_on is None:
        bring_up_to_date(session, provider_id, today, services=[service_id])
    note(
        session,
        reach,
        "recovery plan ended" if ended_on else "recovery plan moved",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"recovery plan {plan_id}",
        detail={"revision": revision, "cause": cause, "starts_on": starts_on.isoformat(), "weeks": weeks},
    )
    return revision


def _refuse_revision(plan: PlanLine, reason: str, weeks: int) -> None:
    problems = {}
    if plan.ended_on is not None:
        problems["plan"] = "This plan has ended. Start another one."
    if len(reason.strip()) < SHORTEST_REASON:
        problems["reason"] = "Say why. It is shown with the plan and in packs."
    if not 1 <= weeks <= 104:
        problems["weeks"] = "A plan has from 1 to 104 weeks."
    if problems:
        raise RefusedError("The plan was not changed.", problems)


def _newest_revision(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, plan_id: uuid.UUID) -> int:
    r = PlanRevision
    newest = session.scalar(
        select(func.max(r.revision)).where(
            r.provider_id == provider_id, r.service_id == service_id, r.plan_id == plan_id
        )
    )
    return newest or 0


def sign_objective(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    objective_id: uuid.UUID,
    words: str,
    confirmed: bool,
    today: date,
) -> None:
    """Signs that an objective is met; the exit test is asked again in the same transaction.

    Raises:
        NotPermittedError: somebody whose role does not sign.
        RefusedError: a condition does not hold, or it is signed without a reason.
    """
    objective = _objective(session, provider_id, service_id, objective_id)
    role = _signs(reach, provider_id, service_id, objective)
    one_at_a_time(session, provider_id, service_id)
    objective = _objective(session, provider_id, service_id, objective_id)
    test = standing_of(objective, targets_of(session, provider_id, [service_id], today).get(objective_id, ()))
    problems = {}
    if test.stage != "ready":
        missing = [words for each in test.conditions if each.key != "sign_off" for words in each.missing]
        problems["objective"] = " ".join(missing) or "This objective is signed already."
    if len(words.strip()) < SHORTEST_REASON:
        problems["words"] = "Say why you believe that it will hold, and what would change your view."
    if not confirmed:
        problems["confirmed"] = "Confirm what the figures cannot say, or leave it unsigned."
    if problems:
        raise RefusedError("The objective was not signed.", problems)
    _tell(
        session, reach, provider_id, service_id, objective, "met", words.strip(), today,
        role=role, conditions=conditions_data(test.conditions),
    )  # fmt: skip


def close_objective(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    objective_id: uuid.UUID,
    words: str,
    today: date,
) -> None:
    """Closes an objective that held for twelve weeks after it was signed; its work ends.

    Raises:
        RefusedError: it is not met, or has not held for long enough.
    """
    objective = _objective(session, provider_id, service_id, objective_id)
    role = _signs(reach, provider_id, service_id, objective)
    signature = objective.signature
    may_close = signature.happened_on + HOLD_BEFORE_CLOSING if signature and not objective.is_closed else None
    problems = {}
    if may_close is None:
        problems["objective"] = "Only an objective that is met can be closed."
    elif today < may_close:
        problems["objective"] = f"It is held for twelve weeks first: until {long_date(may_close)}."
    if len(words.strip()) < SHORTEST_REASON:
        problems["words"] = "Say why it is closed."
    if problems:
        raise RefusedError("The objective was not closed.", problems)
    test = standing_of(objective, targets_of(session, provider_id, [service_id], today).get(objective_id, ()))
    if test.drift:
        raise RefusedError("The objective was not closed.", {"objective": " ".join(test.drift)})
    _tell(
        session, reach, provider_id, service_id, objective, "closed", words.strip(), today,
        role=role, conditions=conditions_data(test.conditions),
    )  # fmt: skip
    everything = objectives_of(session, provider_id, service_id)
    if all(each.is_closed for each in everything if each.plan_id == objective.plan_id):
        _cancel_outside(
            session, reach, provider_id, service_id, objective.plan_id, "All objectives are closed.", today, after=today
        )


def reopen_objective(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    objective_id: uuid.UUID,
    reason: str,
    today: date,
) -> None:
    """Opens an objective again by hand; its sustain clock starts anew and the first signature stays visible.

    Raises:
        RefusedError: it is open already, or no reason is given.
    """
    reach.require("change_plans", provider_id, service_id)
    objective = _objective(session, provider_id, service_id, objective_id)
    problems = {}
    if objective.signature is None and not objective.is_closed:
        problems["objective"] = "This objective is open already."
    if len(reason.strip()) < SHORTEST_REASON:
        problems["words"] = "Say what slipped."
    if problems:
        raise RefusedError("The objective was not opened again.", problems)
    _tell(
        session, reach, provider_id, service_id, objective, "reopened", reason.strip(), today,
        role=reach.role_label, conditions=[],
    )  # fmt: skip
    bring_up_to_date(session, provider_id, today, services=[service_id])


def _cancel_outside(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    plan_id: uuid.UUID,
    reason: str,
    today: date,
    *,
    before: date | None = None,
    after: date | None = None,
) -> None:
    """Takes open work off that lies outside the plan's days now."""
    close_items(
        session, reach, provider_id, service_id, plan_id, "cancelled", reason, today,
        "(first_due_on < :before or opens_on > :after)",
        before=before or date.min, after=after or date.max,
    )  # fmt: skip


def _signs(reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID, objective: ObjectiveLine) -> str:
    """The role label of whoever signs; only the role that the objective names does."""
    reach.require("see_indicators", provider_id, service_id)
    if any(
        held.role == objective.sign_off_role
        and held.provider_id == provider_id
        and held.service_id in (None, service_id)
        for held in reach.held
    ):
        return ROLES[objective.sign_off_role].label
    raise NotPermittedError(f"This is signed by the {ROLES[objective.sign_off_role].label.lower()}.")


def _objective(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, objective_id: uuid.UUID
) -> ObjectiveLine:
    for objective in objectives_of(session, provider_id, service_id):
        if objective.objective_id == objective_id:
            return objective
    raise NotFoundError("There is no such objective at this service.")


def _tell(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    objective: ObjectiveLine,
    kind: str,
    words: str,
    today: date,
    *,
    role: str,
    conditions: list[dict[str, object]],
) -> None:
    session.add(
        ObjectiveEvent(
            provider_id=provider_id,
            service_id=service_id,
            plan_id=objective.plan_id,
            objective_id=objective.objective_id,
            event_id=new_id(),
            kind=kind,
            reason=words,
            conditions=conditions,
            happened_on=today,
            signed_by=reach.person_id,
            signed_label=short_name(reach.name),
            signed_role=role,
            recorded_at=now(),
        )
    )
    note(
        session,
        reach,
        f"objective {kind}",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"objective {objective.objective_id}",
    )
    session.flush()
