"""Brings the dated work of a provider's recovery plans up to date, once a day and whenever a plan changes."""

import logging

from mendline.indicators.touching import touch_many
from mendline.recovery.plans.scheduling import bring_up_to_date, lapsed_since_last, mark_passed
from tenants.clock import today
from workers.claiming import Work

log = logging.getLogger("mendline.workers")


def plan_work(work: Work) -> None:
    """Dates what falls due soon, tells what was missed, and asks whoever holds each role today.

    Where work was missed or has fallen overdue since the last pass, the rules over work are asked in the same transaction.
    """
    with work.completing() as session:
        done = bring_up_to_date(session, work.provider_id, today())
        left = done.silent | lapsed_since_last(session, work.provider_id, today())
        touch_many(session, work.provider_id, dict.fromkeys(left, ("work",)))
        mark_passed(session, work.provider_id, today())
    log.info(
        "dated %d work items, %d were missed, %d are asked of somebody else", done.written, done.missed, done.reassigned
    )
