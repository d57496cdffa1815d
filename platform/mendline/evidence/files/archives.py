"""Word and Excel files are archives: their directory is judged before anything in them is inflated."""

import zipfile
from pathlib import Path
from typing import BinaryIO

from mendline.evidence.files.verdict import RefusedFileError

MOST_MEMBERS = 1_000
MOST_INFLATED = 100 * 1024 * 1024
MOST_RATIO = 100
_RATIO_FROM = 1024 * 1024  # small members compress well without meaning harm

_MAIN_PART = {
    "docx": ("word/document.xml", b"wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", b"spreadsheetml.sheet.main+xml"),
}
_MACROS = ("vbaproject.bin", "vbadata.xml", "vbaprojectsignature.bin")
_ACTIVE = ("/embeddings/", "/activex/", "/externallinks/")
_LARGEST_LIST = 1024 * 1024


def judge_office(path: Path, kind: str) -> None:
    """Refuses a Word or Excel file that is a bomb, holds macros or other programs, or is something else.

    Args:
        path: the file.
        kind: `docx` or `xlsx`.

    Raises:
        RefusedFileError: with what is wrong, in words.
    """
    with path.open("rb") as stream:
        judge_office_stream(stream, kind)


def judge_office_stream(stream: BinaryIO, kind: str) -> None:
    """The same for a file that is open; it stays open.

    Raises:
        RefusedFileError: with what is wrong, in words.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            judge_directory(archive)
            _judge_parts(archive, kind)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, UnicodeDecodeError) as broken:
        raise RefusedFileError("The file is damaged: it cannot be opened.") from broken


def judge_directory(archive: zipfile.ZipFile) -> None:
    """Refuses an archive by its directory alone; nothing is inflated.

    Raises:
        RefusedFileError: too many members, too much or too tight content, names that climb, or a password.
    """
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise RefusedFileError(f"The file holds {len(members):,} parts; {MOST_MEMBERS:,} are the most.")
    if sum(member.file_size for member in members) > MOST_INFLATED:
        raise RefusedFileError(f"The file unpacks to more than {MOST_INFLATED // 1024 // 1024} MB.")
    for member in members:
        if member.flag_bits & 0x1:
            raise RefusedFileError("The file has a password. Save it without one and add it again.")
        tight = member.file_size > MOST_RATIO * max(member.compress_size, 1)
        if member.file_size > _RATIO_FROM and tight:
            raise RefusedFileError("The file unpacks to far more than its size, as a file made to do harm would.")
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or member.filename.startswith(("/", "\\")) or "\x00" in member.filename:
            raise RefusedFileError("The file names parts outside itself.")
    names = [member.filename for member in members]
    if len(set(names)) != len(names):
        raise RefusedFileError("The file holds two parts of one name.")


def _judge_parts(archive: zipfile.ZipFile, kind: str) -> None:
    main, content_type = _MAIN_PART[kind]
    names = {name.lower() for name in archive.namelist()}
    if "[content_types].xml" not in names or main not in names:
        raise RefusedFileError(f"The file is an archive, not a .{kind} file.")
    if any(name.endswith(_MACROS) for name in names):
        raise RefusedFileError("The file holds macros, which are programs. Save it without them and add it again.")
    if any(part in f"/{name}" for part in _ACTIVE for name in names):
        raise RefusedFileError("The file holds other files, controls or links to workbooks. Save it without them.")
    listing = _small(archive, next(name for name in archive.namelist() if name.lower() == "[content_types].xml"))
    if b"macroenabled" in listing.lower() or content_type not in listing:
        raise RefusedFileError(f"The file is not a plain .{kind} file.")
    if b"<!doctype" in listing.lower() or b"<!entity" in listing.lower():
        raise RefusedFileError("The file declares entities, which no office program writes.")
    for name in archive.namelist():
        if name.lower().endswith(".rels"):
            _judge_links(_small(archive, name))


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        content = part.read(_LARGEST_LIST + 1)
    if len(content) > _LARGEST_LIST:
        raise RefusedFileError("The file's table of parts is far too large.")
    return content


def _judge_links(relations: bytes) -> None:
    """A hyperlink waits for a click; a template, picture or frame from elsewhere is fetched on opening."""
    for one in relations.split(b"<")[1:]:
        external = b'targetmode="external"' in one.lower().replace(b"'", b'"').replace(b" ", b"")
        if external and b"/hyperlink" not in one.lower():
            raise RefusedFileError("The file fetches parts from elsewhere when it is opened. Save it without them.")
