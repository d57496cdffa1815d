"""PDF files: opened, and held back where they hold scripts, launch programs or carry files of their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from mendline.evidence.files.verdict import HeldBackError, RefusedFileError

_HARMFUL_ACTIONS = {
    "/JavaScript": "scripts",
    "/Launch": "a command to start a program",
    "/ImportData": "a command to read other files",
    "/SubmitForm": "a command to send what is typed elsewhere",
    "/GoToE": "a way into an embedded file",
    "/GoToR": "a way into another file",
    "/Rendition": "a film or sound",
    "/RichMediaExecute": "a film or sound",
}
_HARMFUL_KEYS = {
    "/JS": "scripts",
    "/JavaScript": "scripts",
    "/EmbeddedFiles": "files inside it",
    "/EF": "files inside it",
    "/XFA": "an XFA form",
    "/RichMediaContent": "a film or sound",
}
_MOVING = ("/RichMedia", "/Screen", "/Movie", "/Sound", "/3D", "/FileAttachment")
MOST_DEPTH = 20
MOST_OBJECTS = 200_000
MOST_PAGES = 5_000


def judge_pdf(path: Path) -> int:
    """Opens a PDF and says how many pages it has.

    Raises:
        RefusedFileError: it is damaged, has a password, or no pages.
        HeldBackError: it can do something when opened.
    """
    try:
        with pikepdf.open(path) as pdf:
            if len(pdf.objects) > MOST_OBJECTS:
                raise RefusedFileError("The PDF is built of far too many parts.")
            pages = len(pdf.pages)
            found = next(_harm(pdf), None)
    except pikepdf.PasswordError as locked:
        raise RefusedFileError("The PDF has a password. Save it without one and add it again.") from locked
    except (pikepdf.PdfError, RecursionError, ValueError) as broken:
        raise RefusedFileError("The PDF is damaged: it cannot be opened.") from broken
    if found:
        raise HeldBackError(f"The PDF holds {found}. Print it to a new PDF and add that one.")
    if not 0 < pages <= MOST_PAGES:
        raise RefusedFileError(f"The PDF has {pages:,} pages; 1 to {MOST_PAGES:,} are taken.")
    return pages


def _harm(pdf: pikepdf.Pdf) -> Iterator[str]:
    """What in the file can do something, in words. Every object is looked at, reachable or not."""
    for thing in pdf.objects:
        yield from _harm_in(thing, depth=0)
    yield from _harm_in(pdf.trailer, depth=0)


def _harm_in(thing: Any, depth: int) -> Iterator[str]:
    if depth > MOST_DEPTH:
        raise RefusedFileError("The PDF is nested far too deep.")
    within: list[Any] = []
    if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        entries = dict(thing.items())
        yield from _harm_of(entries)
        within = list(entries.values())
    elif isinstance(thing, pikepdf.Array):
        within = list(thing.as_list())
    for value in within:
        if not _indirect(value):
            yield from _harm_in(value, depth + 1)


def _harm_of(entries: dict[str, Any]) -> Iterator[str]:
    action = entries.get("/S")
    if isinstance(action, pikepdf.Name) and str(action) in _HARMFUL_ACTIONS:
        yield _HARMFUL_ACTIONS[str(action)]
    if str(entries.get("/Subtype", "")) in _MOVING:
        yield "a film, sound or attached file"
    yield from (_HARMFUL_KEYS[key] for key in entries if key in _HARMFUL_KEYS)


def _indirect(value: Any) -> bool:
    return isinstance(value, pikepdf.Object) and value.is_indirect
