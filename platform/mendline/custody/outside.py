"""What is kept outside the database: heads of ledgers, and the register of what was erased.

Files of lines that are only ever added to, each line forced to disk before anybody goes on. Put the folder on other
storage, under other credentials, where whoever can write to the database cannot.
"""

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tenants.chain import Head
from tenants.errors import UnavailableError

ANCHORS, REGISTER, CERTIFICATES = "anchors", "erasures", "certificates"
PLATFORM = "platform"  # whose file the heads of the platform's own chain stand in


def add_line(folder: Path, kind: str, provider_id: uuid.UUID | str, line: Mapping[str, Any]) -> Path:
    """Adds a line to a provider's file.

    Raises:
        UnavailableError: it cannot be written; nothing that depends on it may go on.
    """
    path = folder / kind / f"{provider_id}.jsonl"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, sort_keys=True, ensure_ascii=False, default=str) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        raise UnavailableError(f"{path} cannot be written: {(problem.strerror or str(problem)).lower()}.") from problem
    return path


def lines_of(folder: Path, kind: str, provider_id: uuid.UUID | str) -> Iterator[dict[str, Any]]:
    """The lines of a provider's file, oldest first; none where there is no file. A torn last line is left out."""
    path = folder / kind / f"{provider_id}.jsonl"
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def anchor(folder: Path, provider_id: uuid.UUID | str, head: Head, at: datetime) -> Path:
    """Writes down the head of a ledger."""
    line = {"at": at.isoformat(), "sequence": head.sequence, "chain_hash": head.chain_hash.hex()}
    return add_line(folder, ANCHORS, provider_id, line)


def anchored_heads(folder: Path, provider_id: uuid.UUID | str) -> list[Head]:
    """Every head that was written down for a provider, or for the platform itself."""
    lines = lines_of(folder, ANCHORS, provider_id)
    return [Head(int(line["sequence"]), bytes.fromhex(line["chain_hash"])) for line in lines]
