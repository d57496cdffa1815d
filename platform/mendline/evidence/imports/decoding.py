"""Which text encoding a file is in. Certain signs first (byte-order mark, strict UTF-8), a guess last and said so."""

import codecs
import hashlib
import re
from dataclasses import dataclass
from typing import BinaryIO

CHUNK = 1 << 20

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*[\"}]|\[\s*[\[{\"\]])")
_NOT_TEXT = (
    (b"PK\x03\x04", "a workbook or zip file (.xlsx, .ods, .zip)"),
    (b"\xd0\xcf\x11\xe0", "an older Excel workbook (.xls)"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


class UnreadableFileError(ValueError):
    """The file as a whole cannot be used; the message says why and what to do."""

    def __init__(self, message: str, line: int | None = None) -> None:
        """Keeps the line, counted from 1, where there is one."""
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a file's bytes become text.

    Attributes:
        encoding: A name that Python's codecs know.
        certain: False where the encoding is a guess from the absence of anything better.
        sha256: Fingerprint of the bytes as they were sent, hexadecimal.
        size: Number of bytes.
    """

    encoding: str
    certain: bool
    sha256: str
    size: int


def find_decoding(stream: BinaryIO) -> Decoding:
    """Reads the whole stream once, in pieces, and leaves it at its start.

    Raises:
        UnreadableFileError: Not text, empty, of mixed encodings, or with NUL characters in it.
    """
    stream.seek(0)
    head = stream.read(4096)
    if not head:
        raise UnreadableFileError(
            "The file is empty. Export it again, with a header row and at least one row below it."
        )
    for magic, what in _NOT_TEXT:
        if head.startswith(magic):
            raise UnreadableFileError(
                f"This is {what}, not CSV. Open it and save it as “CSV UTF-8”, then send that file."
            )
    if _JSON.match(head):
        raise UnreadableFileError("This is JSON, not CSV. Save it as “CSV UTF-8”, or send its records through the API.")
    encoding = _marked(head) or _unmarked_utf16(head)
    guessed = encoding is None
    stream.seek(0)
    if encoding is None:
        encoding = _utf8_or_windows(stream)
        stream.seek(0)
    digest, size = _check_all(stream, encoding)
    stream.seek(0)
    return Decoding(encoding, not guessed or encoding == "utf-8", digest, size)


def _marked(head: bytes) -> str | None:
    return next((name for mark, name in _BYTE_ORDER_MARKS if head.startswith(mark)), None)


def _unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 without a mark: plain Latin letters leave a NUL in every second byte, always on the same side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _utf8_or_windows(stream: BinaryIO) -> str:
    """UTF-8 where every byte agrees, otherwise Windows-1252, which British spreadsheets save by default."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, has_utf8 = 1, False
    while chunk := stream.read(CHUNK):
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            good = error.object[: error.start]
            if has_utf8 or not good.isascii():
                place = line + good.count(b"\n")
                raise UnreadableFileError(
                    f"Line {place} holds bytes that are not UTF-8, although the lines above it are. Parts of the file seem "
                    "to come from different programs. Open it, check that line and save all of it as “CSV UTF-8”.",
                    place,
                ) from error
            return "cp1252"
        line += text.count("\n")
        has_utf8 = has_utf8 or not text.isascii()
    return _finished(decoder)


def _finished(decoder: codecs.IncrementalDecoder) -> str:
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _check_all(stream: BinaryIO, encoding: str) -> tuple[str, int]:
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder(encoding)()
    line, size = 1, 0
    while True:
        chunk = stream.read(CHUNK)
        digest.update(chunk)
        size += len(chunk)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            place = line + bytes(error.object[: error.start]).count(b"\n")
            raise UnreadableFileError(
                f"Line {place} holds bytes that are not valid {encoding}. Save the file again as “CSV UTF-8”.", place
            ) from error
        if "\0" in text:
            place = line + text[: text.index("\0")].count("\n")
            raise UnreadableFileError(
                f"Line {place} holds a NUL character, so the export was cut short or damaged. Export the file again.",
                place,
            )
        line += text.count("\n")
        if not chunk:
            return digest.hexdigest(), size
