"""Marks each page of a PDF with for whom and when it was taken out, and reads such a mark."""

import io
import re

import pikepdf

from tenants.errors import UnavailableError

_SIZE = 26
_SMALL = 8
_DRAWN = re.compile(rb"/MendlineMark \d+ Tf [^(]*\(((?:[^()\\]|\\.)*)\) Tj")


def marked(content: bytes, words: str) -> bytes:
    """The same document with words across each page and at its foot; nothing else of it changes.

    Args:
        content: a PDF.
        words: for whom and when; letters that the standard font lacks become question marks.

    Raises:
        UnavailableError: the file is no PDF that can be read.
    """
    plain = words.encode("cp1252", errors="replace").decode("cp1252")
    try:
        return _marked(content, plain)
    except pikepdf.PdfError as problem:
        raise UnavailableError(
            "This file cannot be read, so no copy can be marked for you. The service can make or send it again."
        ) from problem


def mark_of(content: bytes) -> str | None:
    """The words with which a PDF was marked; None where it bears none that can be read.

    Whoever changes a file can change its mark too: it says whose copy to look for, and proves nothing.
    """
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            page = document.pages[0]
            page.contents_coalesce()
            found = _DRAWN.search(page.Contents.read_bytes())
    except (pikepdf.PdfError, IndexError, AttributeError):
        return None
    return re.sub(rb"\\(.)", rb"\1", found[1]).decode("cp1252", errors="replace") if found else None


def _marked(content: bytes, plain: str) -> bytes:
    written = "".join(f"\\{letter}" if letter in "()\\" else letter for letter in plain).encode("cp1252")
    with pikepdf.open(io.BytesIO(content)) as document:
        font = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type1,
                BaseFont=pikepdf.Name.Helvetica,
                Encoding=pikepdf.Name.WinAnsiEncoding,
            )
        )
        light = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, ca=0.25))
        for page in document.pages:
            _mark(document, page, font, light, written)
        out = io.BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()


def _mark(
    document: pikepdf.Pdf, page: pikepdf.Page, font: pikepdf.Object, light: pikepdf.Object, written: bytes
) -> None:
    box = [float(edge) for edge in page.mediabox]
    width, height = box[2] - box[0], box[3] - box[1]
    across = b"q /MendlineLight gs 0.45 g BT /MendlineMark %d Tf 0.707 0.707 -0.707 0.707 %.1f %.1f Tm (%s) Tj ET Q\n" % (
        _SIZE, box[0] + width * 0.12, box[1] + height * 0.18, written,
    )  # fmt: skip
    foot = b"q 0.3 g BT /MendlineMark %d Tf 1 0 0 1 %.1f %.1f Tm (%s) Tj ET Q\n" % (
        _SMALL,
        box[0] + 24,
        box[1] + 12,
        written,
    )
    page.add_resource(font, pikepdf.Name.Font, name=pikepdf.Name("/MendlineMark"), replace_existing=True)
    page.add_resource(light, pikepdf.Name.ExtGState, name=pikepdf.Name("/MendlineLight"), replace_existing=True)
    page.contents_add(document.make_stream(b"Q\n" + across + foot), prepend=False)
    page.contents_add(document.make_stream(b"q\n"), prepend=True)
