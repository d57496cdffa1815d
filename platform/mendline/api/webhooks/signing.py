"""What a delivery says and how it is signed. A receiver counts `delivery_id` once, however often it comes."""

import hmac
import json
import uuid
from collections.abc import Mapping
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


def signature(secret: str, body: bytes, at: int) -> str:
    """The header's value: the second of signing, and HMAC-SHA256 over it, a full stop and the body."""
    made = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return f"t={at},v1={made}"


def is_signed(secret: str, body: bytes, header: str, now: int) -> bool:
    """What a receiver checks: the signature is ours and no older than five minutes."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    stamp = parts.get("t", "")
    if not stamp.isdecimal() or abs(now - int(stamp)) > LONGEST_AGE:
        return False
    return hmac.compare_digest(signature(secret, body, int(stamp)).encode(), header.encode())
