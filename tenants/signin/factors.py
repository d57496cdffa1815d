"""The second factor: time-based one-time codes (RFC 6238: SHA-1, 30 seconds, six digits)."""

import base64
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote

STEP_SECONDS = 30
_DIGITS = 6


def new_seed() -> str:
    """A fresh secret of 160 bits, in the base 32 that authenticator apps take."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def code_at(seed: str, step: int) -> str:
    """The six digits of one 30-second step (RFC 4226, section 5.3)."""
    digest = hmac.new(base64.b32decode(seed), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number: int = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def matching_step(seed: str, code: str, unix_time: float, last_step: int | None) -> int | None:
    """The step that a code belongs to, one step of clock difference allowed each way; None where it is not good.

    A step that was used, or an older one, is refused, so that a code seen over a shoulder is worth nothing. Without a
    seed no code is good: one of an empty seed could be worked out by anybody.
    """
    if not seed:
        return None
    now = int(unix_time) // STEP_SECONDS
    given = "".join(code.split()).encode()
    for step in (now - 1, now, now + 1):
        if (last_step is None or step > last_step) and hmac.compare_digest(code_at(seed, step).encode(), given):
            return step
    return None


def enrolment_address(seed: str, email: str) -> str:
    """What an authenticator app reads from a picture or takes as a link."""
    return f"otpauth://totp/Mendline:{quote(email)}?secret={seed}&issuer=Mendline"
