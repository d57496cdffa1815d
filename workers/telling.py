"""Tells a provider's people what there is to tell: notices on their pages, and mail by their own choice."""

import logging
from datetime import datetime

from mendline.telling.passing import look
from tenants.clock import now, today
from workers.claiming import Work

log = logging.getLogger("mendline.workers")


def tell_people(work: Work, *, at: datetime | None = None) -> None:
    """The actor of `tell_people` jobs: one look, in the transaction that ends the job.

    Args:
        work: the claimed job.
        at: the moment that quiet hours and digests go by, in UTC; now where none is given.
    """
    with work.completing() as session:
        done = look(session, work.provider_id, at=at or now(), today=today())
    log.info("%d new notices, %d mails", done.noticed, done.mails)
