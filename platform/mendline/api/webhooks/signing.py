"""What a delivery says and how it is signed. A receiver counts `delivery_id` once, however often it comes."""

import hmac
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

SIGNATURE = "Mendline-Signature"
LONGEST_AGE = 300  # seconds that a receiver should let pass between signing and receiving


def body_of(
    *,
    delivery_id: uuid.UUID,
    event: str,
    provider_id: uuid.UUID,
    service_id: uuid.UUID | None,
    happened_at: datetime,
    content: Mapping[str, Any],
) -> bytes:
    """The JSON that is sent: the same bytes at every try."""
    told = {
        "delivery_id": str(delivery_id),
        "event": event,
        "provider_id": str(provider_id),
        "service_id": str(service_id) if service_id else None,
        "happened_at": happened_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "content": dict(content),
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def signature(secrets: Sequence[str], body: bytes, at: int) -> str:
    """The header's value: the second of signing, and for each secret HMAC-SHA256 over it, a full stop and the body."""
    signed = f"{at}.".encode() + body
    made = (hmac.new(secret.encode(), signed, sha256).hexdigest() for secret in secrets)
    return ",".join([f"t={at}", *(f"v1={one}" for one in made)])


def is_signed(secret: str, body: bytes, header: str, now: int) -> bool:
    """What a receiver checks: one of the signatures is ours and it is no older than five minutes."""
    stamp, *given = header.split(",")
    second = stamp.removeprefix("t=")
    if not second.isdecimal() or abs(now - int(second)) > LONGEST_AGE:
        return False
    own = signature((secret,), body, int(second)).partition(",")[2]
    return any(hmac.compare_digest(own.encode(), each.encode()) for each in given)
