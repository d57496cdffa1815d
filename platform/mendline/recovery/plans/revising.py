"""What a person changes in a running plan: how often a step is done, and its milestones. What stood before is kept."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from mendline.catalogue.calendar import plan_ends_on
from mendline.catalogue.wording import long_date
from mendline.duties.dating import HORIZON, Occurrence, Rhythm, occurrences
from mendline.duties.holding import short_name
from mendline.indicators.touching import touch
from mendline.recovery.plans.changing import (
    StepRhythm,
    Stone,
    from_problems,
    new_milestones,
    rhythm_of,
    rhythm_problems,
)
from mendline.recovery.plans.closing import close_items, one_at_a_time
from mendline.recovery.plans.model import PlanMilestoneRevision, PlanStepRevision
from mendline.recovery.plans.objectives import find_plan
from mendline.recovery.plans.queries import steps_of
from mendline.recovery.plans.rows import PlanLine, StepLine
from mendline.recovery.plans.scheduling import LONGEST_OVERRUN, bring_up_to_date
from tenants.clock import now
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST_REASON = 10
MARK = "Its rhythm was changed: "  # how the work that a change takes off says so, and by which it is found again
WHY = "Say why. It is shown with the plan, in its story and in packs."
ENDED = "This plan has ended. Start another one."
CHANGED_MEANWHILE = "Somebody changed the milestones while you were. Nothing was saved. Look at the newest ones first."

# Work that still counts under the new rhythm: its day and number follow, and what an earlier change took off returns.
_KEPT = text("""
with wanted as (
    select * from unnest(cast(:keys as text[]), cast(:days as date[])) as w(occurrence, due_on)
), kept as (
    update work_item i set due_on = w.due_on, needed = :needed, state = 'open', closed_on = null, closed_label = null
    from wanted w, work_item was
    where i.provider_id = :provider and i.service_id = :service and i.plan_id = :plan and i.step_number = :number
      and i.occurrence = w.occurrence
      and was.provider_id = :provider and was.service_id = :service and was.work_item_id = i.work_item_id
      and (i.state = 'open' and i.due_on >= :first and (i.due_on <> w.due_on or i.needed <> :needed)
           or i.state = 'cancelled' and exists (
               select 1 from work_item_event x
               where x.provider_id = i.provider_id and x.service_id = i.service_id and x.work_item_id = i.work_item_id
                 and x.kind = 'cancelled' and starts_with(x.note, :mark)))
    returning i.provider_id, i.service_id, i.work_item_id, i.due_on, was.state as was
)
insert into work_item_event (
    provider_id, service_id, work_item_id, event_id, kind, due_on, note, happened_on, by_person, by_label, recorded_at)
select provider_id, service_id, work_item_id, gen_random_uuid(),
       case when was = 'open' then 'redated' else 'reopened' end, due_on, :words, :today, :person, :label, :at
from kept
""")


def change_rhythm(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    plan_id: uuid.UUID,
    number: int,
    rhythm: StepRhythm,
    reason: str,
    today: date,
    from_on: date | None = None,
) -> int:
    """Changes how often a step is done, from a day on; returns the number of this change.

    Work that is due before that day stays as it is. Of the open work from it on, what the new rhythm asks for too takes
    its day, and the rest is taken off with the reason; what is newly asked for is dated at once. A change that had been
    planned for a later day is replaced.

    Args:
        session: the transaction of the act.
        reach: who changes it.
        provider_id: the provider.
        service_id: the service.
        plan_id: the plan.
        number: of the step.
        rhythm: how often it is done.
        reason: why, in words that are shown with the plan.
        today: the date in England.
        from_on: the day from which it holds; today where None.

    Raises:
        NotFoundError: the plan or the step is not there.
        RefusedError: the plan has ended, no reason is given, or the rhythm or its day cannot be.
    """
    reach.require("change_plans", provider_id, service_id)
    one_at_a_time(session, provider_id, service_id)
    plan = find_plan(session, provider_id, service_id, plan_id)
    first = from_on or today
    step = find_step(session, provider_id, service_id, plan_id, number, max(first, today))
    problems = rhythm_problems(rhythm_of(step), rhythm) | from_problems(first, today) | _problems(plan, reason)
    if problems:
        raise RefusedError("The rhythm was not changed.", problems)
    key = {"provider_id": provider_id, "service_id": service_id, "plan_id": plan_id}
    revision = newest_change(session, PlanStepRevision.revision, **key, number=number) + 1
    planned = f"From {long_date(first)}, step {number}, " if first > today else f"Step {number}, "
    session.add(
        PlanStepRevision(
            **key,
            number=number,
            revision=revision,
            cadence=rhythm.cadence,
            rhythm=rhythm.words(),
            at_least=rhythm.at_least,
            due_weekday=rhythm.weekday,
            shifts=list(rhythm.shifts),
            from_on=first,
            says=f"{planned}{step.action}: {_low(rhythm.words())}; before, {_low(step.rhythm)}",
            reason=reason.strip(),
            recorded_by=reach.person_id,
            recorded_label=short_name(reach.name),
            recorded_at=now(),
        )
    )
    session.flush()
    _follow(session, reach, key, plan, number, rhythm, reason.strip(), first, today)
    bring_up_to_date(session, provider_id, today, services=[service_id])
    touch(session, provider_id, service_id, "work", requested_by=reach.person_id)
    _noted(session, reach, "rhythm of a plan changed", key, {"step": number, "revision": revision})
    return revision


def change_milestones(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    plan_id: uuid.UUID,
    seen: int,
    stones: Sequence[Stone],
    reason: str,
    today: date,
) -> int:
    """Sets a plan's milestones anew, from today on; returns the number of this change.

    Args:
        session: the transaction of the act.
        reach: who changes them.
        provider_id: the provider.
        service_id: the service.
        plan_id: the plan.
        seen: the number of the change that the person had before them; 0 for those of the template.
        stones: the milestones as they should stand; one that is left out is taken away.
        reason: why, in words that are shown with the plan.
        today: the date in England.

    Raises:
        ConflictError: somebody else changed them first.
        RefusedError: the plan has ended, no reason is given, or a milestone cannot be.
    """
    reach.require("change_plans", provider_id, service_id)
    one_at_a_time(session, provider_id, service_id)
    plan = find_plan(session, provider_id, service_id, plan_id)
    key = {"provider_id": provider_id, "service_id": service_id, "plan_id": plan_id}
    revision = newest_change(session, PlanMilestoneRevision.revision, **key) + 1
    standing = milestones_of(plan)
    if revision != seen + 1 or any(each.place is not None and each.place >= len(standing) for each in stones):
        raise ConflictError(CHANGED_MEANWHILE)
    milestones, says, problems = new_milestones(standing, stones)
    problems |= _problems(plan, reason)
    if plan.content is None:
        problems["milestones"] = "This plan was started without a template, so it has no milestones."
    if problems:
        raise RefusedError("The milestones were not changed.", problems)
    session.add(
        PlanMilestoneRevision(
            **key,
            revision=revision,
            milestones=milestones,
            from_on=today,
            says=says,
            reason=reason.strip(),
            recorded_by=reach.person_id,
            recorded_label=short_name(reach.name),
            recorded_at=now(),
        )
    )
    _noted(session, reach, "milestones of a plan changed", key, {"revision": revision})
    session.flush()
    return revision


def find_step(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, plan_id: uuid.UUID, number: int, on: date
) -> StepLine:
    """A step of a plan with the rhythm that holds on a day.

    Raises:
        NotFoundError: there is none.
    """
    for step in steps_of(session, provider_id, service_id, on):
        if (step.plan_id, step.number) == (plan_id, number):
            return step
    raise NotFoundError("There is no such step in this plan.")


def milestones_of(plan: PlanLine) -> list[dict[str, Any]]:
    """The milestones that hold now, as the plan keeps them."""
    return list((plan.content or {}).get("milestones", ()))


def _follow(
    session: Session,
    reach: Reach,
    key: dict[str, uuid.UUID],
    plan: PlanLine,
    number: int,
    rhythm: StepRhythm,
    reason: str,
    first: date,
    today: date,
) -> None:
    """Lets the open work of a step follow its new rhythm from its first day on."""
    wanted = _wanted(plan, rhythm, first, today)
    words = f"{MARK}{reason}"
    session.execute(
        _KEPT,
        {
            "provider": key["provider_id"], "service": key["service_id"], "plan": plan.plan_id, "number": number,
            "keys": [each.key for each in wanted], "days": [each.due_on for each in wanted], "needed": rhythm.at_least,
            "mark": MARK, "words": words, "first": first, "today": today, "person": reach.person_id, "label": reach.initials, "at": now(),
        },
    )  # fmt: skip
    close_items(
        session, reach, key["provider_id"], key["service_id"], plan.plan_id, "cancelled", words, today,
        "step_number = :number and due_on >= :from_on and not occurrence = any (cast(:keys as text[]))",
        number=number, from_on=first, keys=[each.key for each in wanted],
    )  # fmt: skip


def _wanted(plan: PlanLine, rhythm: StepRhythm, first: date, today: date) -> list[Occurrence]:
    cadence = cast("Rhythm", rhythm.cadence)
    found = occurrences(
        cadence,
        starts_on=plan.starts_on,
        ends_on=plan_ends_on(plan.starts_on, plan.weeks) + LONGEST_OVERRUN,
        first=first,
        last=today + HORIZON[cadence][1],
        weekday=rhythm.weekday,
        bands=rhythm.shifts,
    )
    return [each for each in found if each.due_on >= first]


def _problems(plan: PlanLine, reason: str) -> dict[str, str]:
    problems = {}
    if plan.ended_on is not None:
        problems["plan"] = ENDED
    if len(reason.strip()) < SHORTEST_REASON:
        problems["reason"] = WHY
    return problems


def newest_change(session: Session, counter: InstrumentedAttribute[int], /, **key: Any) -> int:
    """The highest number among rows that are only added; 0 where there is none yet."""
    return session.scalar(select(func.max(counter)).filter_by(**key)) or 0


def _low(words: str) -> str:
    return f"{words[:1].lower()}{words[1:]}"


def _noted(session: Session, reach: Reach, act: str, key: dict[str, uuid.UUID], detail: dict[str, Any]) -> None:
    note(
        session, reach, act, provider_id=key["provider_id"], service_id=key["service_id"],
        subject=f"recovery plan {key['plan_id']}", detail=detail,
    )  # fmt: skip
