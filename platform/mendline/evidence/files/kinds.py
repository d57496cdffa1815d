"""The kinds of file that evidence may be, and how content tells its kind."""

from dataclasses import dataclass
from typing import Literal

Family = Literal["pdf", "picture", "office", "text"]


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file.

    Attributes:
        key: its short name, stored with the file.
        label: what people call it.
        family: which examination it gets.
        extensions: endings of a file's name that go with it, lower case, with the dot.
        media_type: what a download says it is.
        largest_bytes: no file of the kind may be larger.
    """

    key: str
    label: str
    family: Family
    extensions: tuple[str, ...]
    media_type: str
    largest_bytes: int


_MB = 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."

KINDS: dict[str, FileKind] = {
    kind.key: kind
    for kind in (
        FileKind("pdf", "PDF document", "pdf", (".pdf",), "application/pdf", 50 * _MB),
        FileKind("jpeg", "photograph", "picture", (".jpg", ".jpeg"), "image/jpeg", 25 * _MB),
        FileKind("png", "picture", "picture", (".png",), "image/png", 25 * _MB),
        FileKind("docx", "Word document", "office", (".docx",), f"{_OFFICE}wordprocessingml.document", 50 * _MB),
        FileKind("xlsx", "Excel workbook", "office", (".xlsx",), f"{_OFFICE}spreadsheetml.sheet", 50 * _MB),
        FileKind("csv", "table of text", "text", (".csv",), "text/csv", 25 * _MB),
        FileKind("txt", "plain text", "text", (".txt",), "text/plain", 25 * _MB),
    )
}

LARGEST_BYTES = max(kind.largest_bytes for kind in KINDS.values())
TAKEN = "PDF, JPEG, PNG, Word (.docx), Excel (.xlsx), CSV and plain text"


def kind_of_name(name: str) -> FileKind | None:
    """The kind that a file's name promises; None where Mendline takes none of that ending."""
    _, dot, ending = name.strip().lower().rpartition(".")
    return next((kind for kind in KINDS.values() if dot and f".{ending}" in kind.extensions), None)


# First bytes that no kind taken here begins with, so that a lie is named for what it is.
_FOREIGN = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"#!", "a script"),
    (b"\xd0\xcf\x11\xe0", "an older Office file, which may hold macros; save it as .docx, .xlsx or PDF"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"BZh", "an archive"),
    (b"\xfd7zXZ", "an archive"),
    (b"GIF8", "a GIF picture; save it as PNG"),
    (b"BM", "a bitmap; save it as PNG"),
    (b"RIFF", "a sound, video or WebP picture"),
    (b"II*\x00", "a TIFF picture; save it as PNG"),
    (b"MM\x00*", "a TIFF picture; save it as PNG"),
    (b"{\\rtf", "a rich text file; save it as .docx or PDF"),
    (b"%!PS", "a PostScript program"),
    (b"SQLite format 3", "a database"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "a shortcut"),
)
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<?php", b"<%")


def signature_family(head: bytes) -> Family | None:
    """The family that the first bytes belong to; `text` where they are none of the others, None for nothing at all."""
    if not head:
        return None
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return "picture"
    if head.startswith(b"PK\x03\x04"):
        return "office"
    return "text"


def foreign(head: bytes) -> str | None:
    """What a file is that is never taken, in words; None where its first bytes say nothing of the kind."""
    for first, words in _FOREIGN:
        if head.startswith(first):
            return words
    opening = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "a web page or script" if opening.startswith(_MARKUP) else None
