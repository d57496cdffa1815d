"""Evidence files in their store: sealed on the way in, opened on the way out, under names that only a reach can make."""

import hashlib
import secrets
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mendline.config import Settings
from mendline.evidence.files.kinds import TAKEN, kind_of_name
from mendline.evidence.files.sealing import Keys, in_blocks, opened, rewrapped, sealed
from mendline.evidence.files.stores import ObjectStore, store_of
from mendline.evidence.files.verdict import RefusedFileError
from tenants.reach import Reach

FOLDER = "evidence"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as it came, kept and not examined yet."""

    name: str
    object_key: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Keeper:
    """The store and the keys of an installation."""

    store: ObjectStore
    keys: Keys

    def keep(self, reach: Reach, provider_id: uuid.UUID, name: str, source: BinaryIO) -> KeptFile:
        """Keeps a file as it comes, under a random name; at most one block of it is held in memory.

        Args:
            reach: of whoever sends it.
            provider_id: whose file it becomes.
            name: the file's own name.
            source: its content.

        Raises:
            RefusedFileError: the name promises no kind that is taken, or the file is empty or too large.
            UnavailableError: it cannot be kept.
        """
        largest = largest_of(name)
        counting = _Counted(source, largest)
        object_key = new_key(reach, provider_id)
        self.store.put(object_key, sealed(counting.blocks(), self.keys, provider_id, object_key))
        if counting.size == 0:
            self.store.remove(object_key)
            raise RefusedFileError("The file is empty. Choose another one.")
        return KeptFile(name, object_key, counting.hash.hexdigest(), counting.size)

    def keep_again(self, reach: Reach, provider_id: uuid.UUID, path: Path) -> str:
        """Keeps what an examination made of a file; the name that it is kept under."""
        object_key = new_key(reach, provider_id)
        with path.open("rb") as file:
            self.store.put(object_key, sealed(in_blocks(file), self.keys, provider_id, object_key))
        return object_key

    def read(self, object_key: str) -> Iterator[bytes]:
        """A file's content, block after block, each proven to be what was kept.

        Raises:
            UnavailableError: it is not there, was changed, or the store does not answer.
        """
        with closing(self.store.open(object_key)) as source:
            yield from opened(source, self.keys, owner_of(object_key), object_key)

    def fetch(self, object_key: str, into: Path) -> None:
        """Writes a file's content into a file of this machine."""
        with into.open("wb") as file:
            for block in self.read(object_key):
                file.write(block)

    def carry_over(self, object_key: str, from_provider: uuid.UUID) -> None:
        """Copies a file to the name that the provider who takes it over has for it, under that provider's key."""
        to_provider = owner_of(object_key)
        before = object_key.replace(str(to_provider), str(from_provider), 1)
        with closing(self.store.open(before)) as source:
            bound = rewrapped(source, self.keys, before=(from_provider, before), after=(to_provider, object_key))
            self.store.put(object_key, bound)


class _Counted:
    """Counts and fingerprints a file while it passes, and stops it once it is too large."""

    def __init__(self, source: BinaryIO, largest: int) -> None:
        self._source, self._largest = source, largest
        self.hash = hashlib.sha256()
        self.size = 0

    def blocks(self) -> Iterator[bytes]:
        for block in in_blocks(self._source):
            self.size += len(block)
            if self.size > self._largest:
                raise RefusedFileError(f"The file is larger than {self._largest // 1024 // 1024} MB. Send it smaller.")
            self.hash.update(block)
            yield block


def keeper_of(settings: Settings) -> Keeper:
    """The keeper of an installation; without a key of its own for files, what signs its cookies also seals them."""
    return Keeper(store_of(settings), Keys(settings.files_keys or (settings.secret_key,)))


def largest_of(name: str) -> int:
    """How large a file of this name may be, in bytes.

    Raises:
        RefusedFileError: the name promises no kind that is taken.
    """
    kind = kind_of_name(name)
    if kind is None:
        raise RefusedFileError(f"Files of this kind are not taken. Mendline takes {TAKEN}.")
    return kind.largest_bytes


def new_key(reach: Reach, provider_id: uuid.UUID) -> str:
    """A random name for an object of a provider.

    Raises:
        ValueError: the provider is not within reach; a name is never made for somebody else's.
    """
    if provider_id not in reach.provider_ids:
        raise ValueError("a key is made only within reach")
    return f"{provider_id}/{FOLDER}/{secrets.token_hex(16)}"


def is_evidence_key(object_key: str) -> bool:
    """Whether an object is an evidence file, sealed for its provider."""
    return object_key.split("/")[1:2] == [FOLDER]


def owner_of(object_key: str) -> uuid.UUID:
    """The provider that an object's name begins with."""
    return uuid.UUID(object_key.partition("/")[0])
