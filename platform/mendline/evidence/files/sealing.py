"""Encryption of evidence files at rest: a key of its own for each file, under the key of its provider.

A sealed file is a header and chunks. The header holds which installation key was used, a random prefix for nonces and
the file's own key, wrapped with AES-256-GCM under the provider's key and bound to the name of the object, so that an
object moved to another name, or to another provider, does not open. Chunks are AES-256-GCM too, each bound to its place
and to being the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizar, 2015), so that a file that was
cut, reordered or changed does not open either. The provider's key is HKDF-SHA256 of the installation's key.
"""

import hashlib
import secrets
import struct
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tenants.errors import UnavailableError

CHUNK = 256 * 1024
_TAG = 16
_MARK = b"MLF1"
_HEADER = struct.Struct("!4s4s12s7s48s")  # mark, installation key's name, nonce of the wrap, prefix, wrapped key


class SpoiltFileError(UnavailableError):
    """What is kept is not what was sealed, or no key that is known opens it."""

    def __init__(self) -> None:
        super().__init__("This file cannot be opened: it was changed where it is kept, or its key is gone.")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of an installation, the newest first; older ones still open what they sealed."""

    masters: tuple[str, ...]

    def named(self, name: bytes) -> str:
        """The key that bears a name.

        Raises:
            SpoiltFileError: there is none.
        """
        for master in self.masters:
            if name_of(master) == name:
                return master
        raise SpoiltFileError


def name_of(master: str) -> bytes:
    """Four bytes that tell keys apart and lead back to none."""
    return hashlib.sha256(b"mendline key name\0" + master.encode()).digest()[:4]


def _provider_key(master: str, provider_id: uuid.UUID) -> AESGCM:
    derived = HKDF(SHA256(), 32, salt=None, info=b"mendline evidence files\0" + provider_id.bytes)
    return AESGCM(derived.derive(master.encode()))


def sealed(blocks: Iterable[bytes], keys: Keys, provider_id: uuid.UUID, name: str) -> Iterator[bytes]:
    """The sealed form of a file, chunk after chunk; never more than one chunk is held.

    Args:
        blocks: the file's content, in blocks of any size.
        keys: of the installation.
        provider_id: whose file it is.
        name: the object's name, to which it is bound.
    """
    file_key, prefix = AESGCM.generate_key(256), secrets.token_bytes(7)
    yield _header(keys.masters[0], provider_id, name, file_key, prefix)
    cipher = AESGCM(file_key)
    number, waiting = 0, bytearray()
    for block in blocks:
        waiting += block
        while len(waiting) > CHUNK:
            yield cipher.encrypt(_nonce(prefix, number, last=False), bytes(waiting[:CHUNK]), None)
            del waiting[:CHUNK]
            number += 1
    yield cipher.encrypt(_nonce(prefix, number, last=True), bytes(waiting), None)


def opened(source: BinaryIO, keys: Keys, provider_id: uuid.UUID, name: str) -> Iterator[bytes]:
    """The content of a sealed file, each chunk only after it proved to be what was sealed.

    Raises:
        SpoiltFileError: it was changed, cut, moved, or belongs to another provider.
    """
    file_key, prefix = _opened_header(_up_to(source, _HEADER.size), keys, provider_id, name)
    cipher = AESGCM(file_key)
    number, held = 0, _up_to(source, CHUNK + _TAG)
    while True:
        following = _up_to(source, CHUNK + _TAG)
        try:
            yield cipher.decrypt(_nonce(prefix, number, last=not following), held, None)
        except InvalidTag as changed:
            raise SpoiltFileError from changed
        if not following:
            return
        number, held = number + 1, following


def rewrapped(
    source: BinaryIO, keys: Keys, *, before: tuple[uuid.UUID, str], after: tuple[uuid.UUID, str]
) -> Iterator[bytes]:
    """The same file sealed for another provider, name or installation key; its content is not opened.

    Args:
        source: the sealed file.
        keys: of the installation.
        before: the provider and the object's name that it is bound to.
        after: those that it is to be bound to.

    Raises:
        SpoiltFileError: it is not bound to `before`.
    """
    file_key, prefix = _opened_header(_up_to(source, _HEADER.size), keys, *before)
    yield _header(keys.masters[0], *after, file_key, prefix)
    while block := source.read(CHUNK):
        yield block


def _header(master: str, provider_id: uuid.UUID, name: str, file_key: bytes, prefix: bytes) -> bytes:
    nonce = secrets.token_bytes(12)
    wrapped = _provider_key(master, provider_id).encrypt(nonce, file_key, prefix + name.encode())
    return _HEADER.pack(_MARK, name_of(master), nonce, prefix, wrapped)


def _opened_header(header: bytes, keys: Keys, provider_id: uuid.UUID, name: str) -> tuple[bytes, bytes]:
    if len(header) != _HEADER.size:
        raise SpoiltFileError
    mark, master_name, nonce, prefix, wrapped = _HEADER.unpack(header)
    if mark != _MARK:
        raise SpoiltFileError
    cipher = _provider_key(keys.named(master_name), provider_id)
    try:
        return cipher.decrypt(nonce, wrapped, prefix + name.encode()), prefix
    except InvalidTag as changed:
        raise SpoiltFileError from changed


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + struct.pack("!IB", number, last)


def _up_to(source: BinaryIO, size: int) -> bytes:
    """So many bytes, fewer only at the end; a network's stream may give less at a time."""
    found = bytearray()
    while len(found) < size and (block := source.read(size - len(found))):
        found += block
    return bytes(found)


def in_blocks(source: BinaryIO) -> Iterator[bytes]:
    """A file's content, block after block."""
    while block := source.read(CHUNK):
        yield block
