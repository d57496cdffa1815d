"""The link in a mail that stops one kind of mail for one person, without signing in: a name and our signature over it."""

import hmac
import uuid
from dataclasses import dataclass

from mendline.telling.kinds import KINDS
from tenants.signin.keys import accepted
from tenants.signin.links import keyed_hash

PATH = "/telling/stop/"
_PURPOSE = "stop telling"
_SIGNED = 40  # characters of the signature: 160 bits


@dataclass(frozen=True, slots=True)
class Stop:
    """Whom the link is for and what it stops."""

    provider_id: uuid.UUID
    person_id: uuid.UUID
    kind: str

    @property
    def words(self) -> str:
        """The link's name, before its signature."""
        return f"{self.provider_id.hex}-{self.person_id.hex}-{self.kind}"


def signed(key: bytes, words: str) -> str:
    """The last part of the link."""
    return f"{words}-{keyed_hash(key, _PURPOSE, words).hex()[:_SIGNED]}"


def read(key: bytes, shown: str) -> Stop | None:
    """What a link stands for; None where it is none of ours."""
    words, _, _ = shown.rpartition("-")
    parts = words.split("-")
    if (
        len(parts) != 3
        or parts[2] not in KINDS
        or not any(hmac.compare_digest(signed(each, words).encode(), shown.encode()) for each in accepted(key))
    ):
        return None
    try:
        return Stop(uuid.UUID(hex=parts[0]), uuid.UUID(hex=parts[1]), parts[2])
    except ValueError:
        return None
