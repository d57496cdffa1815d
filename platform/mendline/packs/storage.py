"""Where finished packs are kept: a folder per provider under the state folder, under keys that only a reach can name."""

import uuid
from pathlib import Path

from mendline.packs.saving import save_whole
from tenants.errors import UnavailableError
from tenants.reach import Reach


def object_key(reach: Reach, provider_id: uuid.UUID, pack_id: uuid.UUID) -> str:
    """The key of a pack's file.

    Raises:
        ValueError: the provider is not within reach; a key is never made for somebody else's.
    """
    if provider_id not in reach.provider_ids:
        raise ValueError("a key is made only within reach")
    return f"{provider_id}/packs/{pack_id}.pdf"


def keep(state: Path, key: str, content: bytes) -> None:
    """Saves a file whole, or not at all.

    Raises:
        UnavailableError: the disk is full or cannot be written; nothing is left behind.
    """
    target = state / "objects" / key
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    save_whole(target, content)


def fetch(state: Path, key: str) -> bytes:
    """A file's content.

    Raises:
        UnavailableError: the file is not where it should be.
    """
    try:
        return (state / "objects" / key).read_bytes()
    except OSError as problem:
        raise UnavailableError(
            "The file of this pack cannot be read. Make the pack again; its figures come from the same records."
        ) from problem
