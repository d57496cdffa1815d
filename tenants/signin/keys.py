"""The server's key with those that it was before, as whatever signs and whatever judges takes it."""

from collections.abc import Iterable
from typing import Self


class Key(bytes):
    """The server's key. What the keys that were it before have signed is believed too, for a while.

    Attributes:
        former: those keys, the newest first.
    """

    former: tuple[bytes, ...]

    def __new__(cls, key: bytes, former: Iterable[bytes] = ()) -> Self:
        """A key with those before it."""
        made = super().__new__(cls, key)
        made.former = tuple(former)
        return made


def accepted(key: bytes) -> tuple[bytes, ...]:
    """The keys by which something shown is judged: the one that signs, then the former ones."""
    return (key, *key.former) if isinstance(key, Key) else (key,)
