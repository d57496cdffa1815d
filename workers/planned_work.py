"""Brings the dated work of a provider's recovery plans up to date, once a day and whenever a plan changes."""

import logging

from mendline.recovery.plans.scheduling import bring_up_to_date, mark_passed
from tenants.clock import today
from workers.claiming import Work

log = logging.getLogger("mendline.workers")


def plan_work(work: Work) -> None:
    """Dates what falls due soon, tells what was missed, and asks whoever holds each role today."""
    with work.completing() as session:
        done = bring_up_to_date(session, work.provider_id, today())
        mark_passed(session, work.provider_id, today())
    log.info(
        "dated %d work items, %d were missed, %d are asked of somebody else", done.written, done.missed, done.reassigned
    )
