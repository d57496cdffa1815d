"""How a file reaches a browser: as something to save, never as a page, and from another host name where one is set."""

import base64
import binascii
import json
import secrets
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Response

from mendline.evidence.files.keeping import Keeper
from mendline.evidence.files.kinds import KINDS
from mendline.evidence.files.rows import FileLine, SharedFile
from tenants.errors import NotFoundError
from tenants.signin.keys import accepted

LIVES_SECONDS = 60
POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that somebody may have now.

    Attributes:
        object_key: where it is kept.
        name: what it is saved as.
        media_type: what it is.
        size: in bytes.
        until: seconds of the epoch after which the address is dead.
    """

    object_key: str
    name: str
    media_type: str
    size: int
    until: int


def handed(line: FileLine, at: float) -> Handed:
    """What is handed out of a file that may be opened.

    Raises:
        NotFoundError: it may not be.
    """
    if not line.is_given or line.kind not in KINDS or line.given_key is None:
        raise NotFoundError("This file is not given out.")
    kind = KINDS[line.kind]
    return Handed(line.given_key, line.name, kind.media_type, line.given_size or 0, int(at) + LIVES_SECONDS)


def handed_outside(file: SharedFile, at: float) -> Handed:
    """What is handed to a commissioner: the same bytes, saved under the words that its provider chose."""
    kind = KINDS[file.kind]
    name = f"{file.shown_as}{kind.extensions[0]}"
    return Handed(file.object_key, name, kind.media_type, file.size, int(at) + LIVES_SECONDS)


def written_address(given: Handed, key: bytes) -> str:
    """What stands after the files' host name: sealed, so that it says nothing and cannot be changed."""
    nonce = secrets.token_bytes(12)
    said = json.dumps(asdict(given)).encode()
    return base64.urlsafe_b64encode(nonce + _cipher(key).encrypt(nonce, said, None)).decode().rstrip("=")


def read_address(text: str, key: bytes, at: float) -> Handed:
    """What such an address stands for.

    Raises:
        NotFoundError: it was never written here, was changed, or is over.
    """
    gone = NotFoundError("This address of a file is over. Go back to the evidence and ask for the file again.")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        said = _opened(raw, key)
        found = Handed(**json.loads(said)) if said else None
    except (binascii.Error, ValueError, TypeError) as wrong:
        raise gone from wrong
    if found is None or at > found.until:
        raise gone
    return found


def _opened(raw: bytes, key: bytes) -> bytes | None:
    """What was sealed, by the server's key or a former one."""
    for each in accepted(key):
        with suppress(InvalidTag):
            return _cipher(each).decrypt(raw[:12], raw[12:], None)
    return None


def answer_with(given: Handed, keeper: Keeper) -> Response:
    """The file as a download; its first block proves itself before anything is sent.

    Raises:
        UnavailableError: it is not where it should be, or was changed there.
    """
    blocks: Iterator[bytes] = keeper.read(given.object_key)
    first = next(blocks, b"")
    response = Response(chain((first,), blocks), mimetype=given.media_type, direct_passthrough=True)
    response.content_length = given.size
    response.headers["Content-Disposition"] = disposition(given.name)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def disposition(name: str) -> str:
    """Always `attachment`; the name in ASCII for old programs, and as it is for the others (RFC 6266)."""
    plain = "".join(letter if (letter.isascii() and letter.isalnum()) or letter in " .-_" else "_" for letter in name)
    return f"attachment; filename=\"{plain or uuid.uuid4()}\"; filename*=UTF-8''{quote(name, safe='')}"


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"mendline handing out of files").derive(key))
