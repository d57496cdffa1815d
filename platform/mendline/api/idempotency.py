"""A write that is sent again under the same `Idempotency-Key` gets the first answer, and is not done again."""

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from mendline.web.model import IdempotencyKey
from tenants.clock import now
from tenants.database import in_turn
from tenants.errors import ConflictError, RefusedError
from tenants.reach import Reach

LONGEST_KEY = 200


def once(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    key: str | None,
    request: bytes,
    work: Callable[[], tuple[Any, int]],
) -> tuple[Any, int, bool]:
    """Does the work, unless the same request under the same key was answered before.

    Args:
        session: the transaction of the work itself, so that the answer is kept exactly when the work is.
        reach: who asks; each person has keys of their own.
        provider_id: whose facts the work changes.
        key: the header's value; without one the work is done each time.
        request: method, path and body.
        work: gives the answer as JSON takes it, and its status.

    Returns:
        The answer, its status, and whether it is that of an earlier time.

    Raises:
        ConflictError: the key was used for another request.
        RefusedError: the key is too long.
    """
    if not key or reach.person_id is None:
        return *work(), False
    if len(key) > LONGEST_KEY:
        raise RefusedError(f"An Idempotency-Key has at most {LONGEST_KEY} characters.")
    key_hash, request_hash = _hash(key.encode()), _hash(request)
    before = _answered(session, provider_id, reach.person_id, key_hash)
    if before is not None:
        if before.request_hash != request_hash:
            raise ConflictError("This Idempotency-Key was used for another request. Use a new one for each request.")
        return before.answer, before.status, True
    answer, status = work()
    session.add(
        IdempotencyKey(
            provider_id=provider_id,
            person_id=reach.person_id,
            key_hash=key_hash,
            request_hash=request_hash,
            status=status,
            answer=answer,
            recorded_at=now(),
        )
    )
    return answer, status, False


def _answered(session: Session, provider_id: uuid.UUID, person_id: uuid.UUID, key_hash: str) -> Row[Any] | None:
    """The first answer under a key; two requests with the same key wait for each other."""
    in_turn(session, f"key:{provider_id}:{person_id}:{key_hash}")
    of = IdempotencyKey
    found: Row[Any] | None = session.execute(
        select(of.request_hash, of.answer, of.status).where(
            of.provider_id == provider_id, of.person_id == person_id, of.key_hash == key_hash
        )
    ).one_or_none()
    return found


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
