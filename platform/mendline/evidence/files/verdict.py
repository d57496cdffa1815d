"""What an examination finds."""

from dataclasses import dataclass

from tenants.errors import RefusedError


class RefusedFileError(RefusedError):
    """A file that Mendline does not take; the message says why and what to do."""


class HeldBackError(RefusedError):
    """A file that is what it says and can do harm when opened: kept from everybody until somebody sends a clean one."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that is what its name says.

    Attributes:
        kind: a key of `mendline.evidence.files.kinds.KINDS`.
        sha256: fingerprint of the file as it came.
        size: bytes as it came.
        cleaned: True where what is kept was drawn anew (pictures: no hidden data).
        kept_sha256: fingerprint of what is kept.
        kept_size: bytes of what is kept.
        pages: pages of a PDF.
    """

    kind: str
    sha256: str
    size: int
    cleaned: bool
    kept_sha256: str
    kept_size: int
    pages: int | None = None
