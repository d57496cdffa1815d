"""Files for the tests of evidence: honest ones, and ones that lie or were made to do harm. All are built here."""

import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf
from openpyxl import Workbook
from PIL import Image


@dataclass(frozen=True)
class SentFile:
    """A file as somebody sends it."""

    name: str
    content: bytes


def a_pdf(change: Callable[[pikepdf.Pdf], None] = lambda _pdf: None, **saving: object) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    change(pdf)
    made = io.BytesIO()
    pdf.save(made, **saving)  # type: ignore[arg-type]
    return made.getvalue()


def a_picture(form: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **saving: object) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, 120 if mode == "L" else (10, 90, 83)).save(made, form, **saving)
    return made.getvalue()


def a_workbook() -> bytes:
    book = Workbook()
    book.active.append(["period", "value"])  # type: ignore[union-attr]
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


_DOCUMENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'


def a_document(extra: dict[str, bytes] | None = None, types: str = _DOCUMENT_TYPES, relations: str = "") -> bytes:
    parts = {
        "[Content_Types].xml": types.encode(),
        "word/document.xml": b"<w:document/>",
        "word/_rels/document.xml.rels": _RELATIONS.format(relations).encode(),
    }
    return an_archive(parts | (extra or {}))


def an_archive(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def honest_files() -> dict[str, SentFile]:
    """One of each kind that is taken."""
    return {
        "pdf": SentFile("Audit October.pdf", a_pdf()),
        "jpeg": SentFile("IMG_0042.JPG", a_picture("JPEG")),
        "png": SentFile("board.png", a_picture("PNG")),
        "png-grey": SentFile("scan.png", a_picture("PNG", mode="L")),
        "docx": SentFile("minutes.docx", a_document()),
        "docx-with-a-link": SentFile("minutes.docx", a_document(relations=_external("hyperlink"))),
        "xlsx": SentFile("figures.xlsx", a_workbook()),
        "csv": SentFile("figures.csv", b"period,value\n2026-11-02,4\n"),
        "csv-from-windows": SentFile("figures.csv", "caf\xe9;1\r\n".encode("cp1252")),
        "txt-utf16": SentFile("notes.txt", "notes of the meeting".encode("utf-16")),
    }


def _external(kind: str) -> str:
    return (
        f'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"'
        ' Target="http://example.invalid/x" TargetMode="External"/>'
    )


def _with_open_action(action: dict[str, object]) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OpenAction = pikepdf.Dictionary(action)

    return change


def _annotated(entries: dict[str, object]) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj["/Annots"] = pikepdf.Array([pikepdf.Dictionary({"/Type": pikepdf.Name.Annot, **entries})])

    return change


def _with_attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["x.exe"] = pikepdf.AttachedFileSpec(pdf, b"MZ")


def _orphan_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Kept = pdf.make_indirect(
        pikepdf.Dictionary({"/S": pikepdf.Name.JavaScript, "/JS": pikepdf.String("app.alert(1)")})
    )


def _named_scripts(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Names = pikepdf.Dictionary({"/JavaScript": pikepdf.Dictionary({"/Names": pikepdf.Array([])})})


def _form_in_xml(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary({"/XFA": pikepdf.String("<xdp/>"), "/Fields": pikepdf.Array([])})


def _deep(pdf: pikepdf.Pdf) -> None:
    nested: pikepdf.Object = pikepdf.Array([])
    for _ in range(60):
        nested = pikepdf.Array([nested])
    pdf.Root.Deep = nested


def _bomb_picture() -> bytes:
    """A PNG of 50,000 by 50,000 dots in a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    size = (50_000).to_bytes(4)
    rows = zlib.compress(bytes(50_001) * 20, 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + size + b"\x08\x00\x00\x00\x00")
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


def _locked_archive() -> bytes:
    content = bytearray(a_document())
    for mark, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + flags_at] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


def _doubled_part() -> bytes:
    made = io.BytesIO(a_document())
    with zipfile.ZipFile(made, "a") as archive:
        info = zipfile.ZipInfo("word/document2.xml")
        archive.writestr(info, b"<w:document/>")
    return made.getvalue().replace(b"word/document2.xml", b"word/document.xml2")


def _liars() -> dict[str, SentFile]:
    """Files that are not what their name says."""
    contents = {
        "program": b"MZ\x90\x00" + bytes(200),
        "linux-program": b"\x7fELF\x02" + bytes(200),
        "script": b"#!/bin/sh\nrm -rf /\n",
        "page": b"<!DOCTYPE html><script>alert(1)</script>",
        "page-after-spaces": b"\xef\xbb\xbf \n<HTML><body onload=alert(1)>",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "php": b"<?php system($_GET['c']); ?>",
        "old-office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "rar": b"Rar!\x1a\x07\x00" + bytes(100),
        "seven-zip": b"7z\xbc\xaf\x27\x1c" + bytes(100),
        "gzip": b"\x1f\x8b\x08" + bytes(100),
        "shortcut": b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(100),
        "rich-text": b"{\\rtf1\\ansi}",
        "zeros": bytes(4096),
    }
    said = {}
    for what, content in contents.items():
        for ending in ("pdf", "jpg", "txt"):
            said[f"{what}-as-{ending}"] = SentFile(f"evidence.{ending}", content)
    return said


def bad_files() -> dict[str, SentFile]:
    """Files that are refused or held back, by what is wrong with them."""
    javascript = {"/S": pikepdf.Name.JavaScript, "/JS": pikepdf.String("app.alert(1)")}
    launch = {"/S": pikepdf.Name.Launch, "/F": pikepdf.String("cmd.exe")}
    submit = {"/S": pikepdf.Name.SubmitForm, "/F": pikepdf.String("http://example.invalid")}
    elsewhere = {"/S": pikepdf.Name.GoToR, "/F": pikepdf.String("\\\\example.invalid\\x")}
    macro_types = _DOCUMENT_TYPES.replace("openxmlformats-officedocument.wordprocessingml", "ms-word").replace(
        "document.main", "document.macroEnabled.main"
    )
    return {
        "empty": SentFile("empty.pdf", b""),
        "no-ending": SentFile("evidence", a_pdf()),
        "page-by-name": SentFile("evidence.html", b"<p>hello"),
        "svg-by-name": SentFile("evidence.svg", b"<svg/>"),
        "program-by-name": SentFile("evidence.exe", b"MZ"),
        "two-endings": SentFile("evidence.pdf.exe", a_pdf()),
        "macro-ending": SentFile("evidence.docm", a_document()),
        "pdf-not-at-the-start": SentFile("evidence.pdf", b"GIF89a" + a_pdf()),
        "pdf-after-a-page": SentFile("evidence.pdf", b"\n<html></html>" + a_pdf()),
        "pdf-cut-short": SentFile("evidence.pdf", a_pdf()[:40]),
        "pdf-of-nothing": SentFile("evidence.pdf", b"%PDF-1.7\n%%EOF"),
        "pdf-with-a-password": SentFile(
            "evidence.pdf", a_pdf(encryption=pikepdf.Encryption(owner="owner", user="secret"))
        ),
        "pdf-script-on-opening": SentFile("evidence.pdf", a_pdf(_with_open_action(javascript))),
        "pdf-program-on-opening": SentFile("evidence.pdf", a_pdf(_with_open_action(launch))),
        "pdf-sends-a-form": SentFile("evidence.pdf", a_pdf(_with_open_action(submit))),
        "pdf-opens-another": SentFile("evidence.pdf", a_pdf(_with_open_action(elsewhere))),
        "pdf-script-on-a-click": SentFile(
            "evidence.pdf", a_pdf(_annotated({"/Subtype": pikepdf.Name.Link, "/A": pikepdf.Dictionary(javascript)}))
        ),
        "pdf-film": SentFile("evidence.pdf", a_pdf(_annotated({"/Subtype": pikepdf.Name.RichMedia}))),
        "pdf-attached-file-note": SentFile(
            "evidence.pdf", a_pdf(_annotated({"/Subtype": pikepdf.Name.FileAttachment}))
        ),
        "pdf-with-a-file-inside": SentFile("evidence.pdf", a_pdf(_with_attachment)),
        "pdf-orphan-script": SentFile("evidence.pdf", a_pdf(_orphan_script)),
        "pdf-script-in-a-packed-part": SentFile(
            "evidence.pdf", a_pdf(_orphan_script, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        ),
        "pdf-named-scripts": SentFile("evidence.pdf", a_pdf(_named_scripts)),
        "pdf-xfa": SentFile("evidence.pdf", a_pdf(_form_in_xml)),
        "pdf-nested": SentFile("evidence.pdf", a_pdf(_deep)),
        "picture-bomb": SentFile("evidence.png", _bomb_picture()),
        "picture-cut-short": SentFile("evidence.jpg", a_picture("JPEG", (400, 400))[:300]),
        "gif-as-png": SentFile("evidence.png", a_picture("GIF", mode="L")),
        "jpeg-as-png": SentFile("evidence.png", a_picture("JPEG")),
        "tiff-as-jpg": SentFile("evidence.jpg", a_picture("TIFF")),
        "document-macro": SentFile("evidence.docx", a_document({"word/vbaProject.bin": b"x"})),
        "document-macro-type": SentFile("evidence.docx", a_document(types=macro_types)),
        "document-object": SentFile("evidence.docx", a_document({"word/embeddings/oleObject1.bin": b"x"})),
        "document-control": SentFile("evidence.docx", a_document({"word/activeX/activeX1.xml": b"<x/>"})),
        "document-foreign-template": SentFile("evidence.docx", a_document(relations=_external("attachedTemplate"))),
        "document-foreign-picture": SentFile("evidence.docx", a_document(relations=_external("image"))),
        "document-entities": SentFile(
            "evidence.docx", a_document(types=_DOCUMENT_TYPES.replace("<Types", '<!DOCTYPE x [<!ENTITY a "b">]><Types'))
        ),
        "document-climbs": SentFile("evidence.docx", a_document({"../../outside.xml": b"x"})),
        "document-bomb": SentFile("evidence.docx", a_document({"word/media/a.xml": bytes(20 * 1024 * 1024)})),
        "document-large": SentFile(
            "evidence.docx", a_document({f"word/{n}.xml": (b"0123456789" * 100_000) for n in range(110)})
        ),
        "document-many-parts": SentFile("evidence.docx", a_document({f"word/{n}.xml": b"x" for n in range(1_100)})),
        "document-with-a-password": SentFile("evidence.docx", _locked_archive()),
        "document-cut-short": SentFile("evidence.docx", a_document()[:100]),
        "archive-as-document": SentFile("evidence.docx", an_archive({"a.txt": b"x"})),
        "workbook-as-document": SentFile("evidence.docx", a_workbook()),
        "document-as-workbook": SentFile("evidence.xlsx", a_document()),
        "binary-as-csv": SentFile("evidence.csv", b"a,b\n" + bytes(range(9)) + b"\n"),
        "half-utf16": SentFile("evidence.txt", b"\xff\xfea\x00\x00\xd8"),
        "pdf-as-csv": SentFile("evidence.csv", a_pdf()),
    } | _liars()
