"""Tells a provider's people what there is to tell: notices on their pages, and mail by their own choice."""

import logging

from mendline.telling.passing import look
from tenants.clock import now, today
from workers.claiming import Work

log = logging.getLogger("mendline.workers")


def tell_people(work: Work) -> None:
    """The actor of `tell_people` jobs: one look, in the transaction that ends the job."""
    with work.completing() as session:
        done = look(session, work.provider_id, at=now(), today=today())
    log.info("%d new notices, %d mails", done.noticed, done.mails)
