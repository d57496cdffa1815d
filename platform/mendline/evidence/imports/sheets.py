"""The sheet of a workbook as a table, and whether a file is a workbook at all: known without reading one."""

import importlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, BinaryIO

from mendline.evidence.imports.decoding import Decoding

MAGIC = b"PK\x03\x04"
_READER = "mendline.evidence.imports.workbook"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of a workbook that is read.

    Attributes:
        title: its name.
        decoding: fingerprint and size of the file as it was sent.
        lines: the number of each row in the sheet, with its cells as text.
        warnings: what was taken on trust or left out.
    """

    title: str
    decoding: Decoding
    lines: tuple[tuple[int, list[str]], ...]
    warnings: tuple[str, ...]


def is_workbook(stream: BinaryIO) -> bool:
    """Whether a stream begins as a workbook does; it is left at its start."""
    stream.seek(0)
    head = stream.read(len(MAGIC))
    stream.seek(0)
    return head == MAGIC


def read_sheet(stream: BinaryIO, wanted: Collection[str], normalised: Any) -> Sheet:
    """What `read_workbook` reads; its library is loaded with the first workbook, since most files are CSV."""
    sheet: Sheet = importlib.import_module(_READER).read_workbook(stream, wanted, normalised)
    return sheet
