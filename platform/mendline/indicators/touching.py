"""Says what a write changed to whoever asks the trigger rules, in the transaction of the write itself.

The job is the record of the change: it names what changed and nothing else, and only the rules that read it are asked.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from tenants.clock import now
from tenants.ids import new_id
from tenants.jobs import Job, enqueue

KIND = "check_triggers"


def touch(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    *changed: str,
    requested_by: uuid.UUID | None = None,
) -> None:
    """Asks for the rules of one service that a change can touch.

    Args:
        session: the transaction of the write.
        provider_id: the provider.
        service_id: the service.
        changed: `record:feedback`, `indicator:` and its identifier, `actions`, `reviews`, `changes`, `work`, `rule:` and its key.
        requested_by: the person who wrote, where there is one.
    """
    arguments = {"changed": {str(service_id): sorted(set(changed))}}
    enqueue(
        session, KIND, provider_id=provider_id, service_id=service_id, arguments=arguments, requested_by=requested_by
    )


def touch_many(session: Session, provider_id: uuid.UUID, changed: Mapping[uuid.UUID, Collection[str]]) -> None:
    """The same for several services at once, in one job."""
    if changed:
        told = {str(service_id): sorted(set(names)) for service_id, names in changed.items()}
        enqueue(session, KIND, provider_id=provider_id, arguments={"changed": told})


def look_again(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, rules: Collection[str], at: datetime
) -> None:
    """Asks some rules once more at a moment at which time alone may make them true.

    Args:
        session: the transaction of the evaluation.
        provider_id: the provider.
        service_id: the service.
        rules: their keys.
        at: the moment.
    """
    session.add(
        Job(
            provider_id=provider_id,
            job_id=new_id(),
            kind=KIND,
            service_id=service_id,
            arguments={"changed": {str(service_id): sorted(f"rule:{key}" for key in rules)}},
            due_at=at,
            created_at=now(),
        )
    )
