"""Says what a file is by its name, its first bytes and a reading of it: all three must agree.

`python -m mendline.evidence.files.examining NAME FILE KEPT` examines one file in a process of its own, which limits its
memory and time, and prints the finding as JSON. A file made to do harm ends that process, not the worker.
"""

import hashlib
import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path

from mendline.evidence.files.archives import judge_office
from mendline.evidence.files.documents import judge_pdf
from mendline.evidence.files.kinds import TAKEN, FileKind, foreign, kind_of_name, signature_family
from mendline.evidence.files.pictures import draw_anew
from mendline.evidence.files.verdict import Examined, HeldBackError, RefusedFileError

MEMORY_BYTES = 1024 * 1024 * 1024  # of addresses; what is really used stays below 256 MB
CPU_SECONDS = 5
_BLOCK = 1024 * 1024
_PICTURE_FIRST = {"jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}


def examine(name: str, path: Path, kept: Path) -> Examined:
    """Examines one file.

    Args:
        name: the name it came with.
        path: the file as it came.
        kept: where a picture that was drawn anew goes; other files are kept as they came.

    Raises:
        RefusedFileError: it is not taken; the message says why.
        HeldBackError: it could do harm when opened.
    """
    kind = kind_of_name(name)
    if kind is None:
        raise RefusedFileError(f"Files of this kind are not taken. Mendline takes {TAKEN}.")
    size = path.stat().st_size
    if size == 0:
        raise RefusedFileError("The file is empty.")
    if size > kind.largest_bytes:
        raise RefusedFileError(f"The file is larger than {kind.largest_bytes // 1024 // 1024} MB.")
    _agree(kind, path)
    pages = judge_pdf(path) if kind.family == "pdf" else None
    if kind.family == "office":
        judge_office(path, kind.key)
    if kind.family == "text":
        _judge_text(path)
    if kind.family == "picture":
        draw_anew(path, kind.key, kept)
    cleaned = kind.family == "picture"
    sha256 = _fingerprint(path)
    final = kept if cleaned else path
    return Examined(
        kind=kind.key,
        sha256=sha256,
        size=size,
        cleaned=cleaned,
        kept_sha256=_fingerprint(final) if cleaned else sha256,
        kept_size=final.stat().st_size,
        pages=pages,
    )


def _agree(kind: FileKind, path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(1024)
    other = foreign(head)
    if other:
        raise RefusedFileError(f"The file is called {kind.extensions[0]}, but it is {other}.")
    first = _PICTURE_FIRST.get(kind.key)
    if signature_family(head) != kind.family or (first and not head.startswith(first)):
        raise RefusedFileError(f"The file is called {kind.extensions[0]}, but its content is something else.")


def _judge_text(path: Path) -> None:
    """Text is UTF-8, UTF-16 with its mark, or one byte a letter, and holds no control bytes."""
    with path.open("rb") as file:
        marked = file.read(2) in (b"\xff\xfe", b"\xfe\xff")
        file.seek(0)
        if marked:
            try:
                file.read().decode("utf-16")
            except UnicodeDecodeError as broken:
                raise RefusedFileError("The file is not readable text.") from broken
            return
        while block := file.read(_BLOCK):
            if any(byte in block for byte in _CONTROL):
                raise RefusedFileError("The file is called text, but it holds bytes that are not.")


_CONTROL = tuple(bytes([byte]) for byte in range(32) if byte not in (9, 10, 12, 13, 26))


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arguments: list[str]) -> int:
    """Examine one file and print the finding; exit status 0 also for a refusal, which is a finding."""
    name, path, kept = arguments
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        told: dict[str, object] = {"examined": asdict(examine(name, Path(path), Path(kept)))}
    except HeldBackError as harmful:
        told = {"held_back": str(harmful)}
    except RefusedFileError as refused:
        told = {"refused": str(refused)}
    except MemoryError:
        told = {"refused": "The file needs too much memory to be opened."}
    sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
