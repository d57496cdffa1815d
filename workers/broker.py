"""The bell: Dramatiq over Valkey or Redis carries a job's id and nothing else. PostgreSQL keeps the promise.

Tries, delays, results and follow-ups are kept in the job's row, so Dramatiq's own middleware for them is left out: on
Redis it loses a retry when Redis is away at the wrong second and counts a killed worker as no try at all.
"""

from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import ShutdownNotifications

NAMESPACE = "mendline"
# Dramatiq's consumers ask Redis again and again, with a growing pause; its own limit of a second is half of the time
# that a roll-up may take. Fifty milliseconds cost an idle worker about one per cent of a core.
LONGEST_PAUSE_MS = 50
# Chance in a million, per command, that messages of dead workers are brought back: with few commands the default of
# a thousand takes hours.
MAINTENANCE_CHANCE = 50_000


class PromptBroker(RedisBroker):
    """A Redis broker whose consumers look for a message at least twenty times a second."""

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> Any:
        """A consumer; that of a delay queue, which nothing here uses, keeps the long pause."""
        if not queue_name.endswith(".DQ"):
            timeout = min(timeout, LONGEST_PAUSE_MS)
        return super().consume(queue_name, prefetch, timeout)


def make_broker(redis_url: str) -> PromptBroker:
    """A broker for sending and, once the claiming middleware is added, for working.

    Args:
        redis_url: where Valkey or Redis is (redis://, rediss:// or unix://).
    """
    return PromptBroker(  # type: ignore[no-untyped-call]  # Dramatiq's own constructor has no annotations
        url=redis_url,
        middleware=[ShutdownNotifications(notify_shutdown=True)],
        namespace=NAMESPACE,
        maintenance_chance=MAINTENANCE_CHANCE,
    )


def bell(kind: str, queue: str, job_id: str) -> dramatiq.Message[None]:
    """The message for one job: the kind is the actor's name, the id its only argument."""
    return dramatiq.Message(queue_name=queue, actor_name=kind, args=(job_id,), kwargs={}, options={})
