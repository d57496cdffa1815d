import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mendline.packs.saving import NotSavedError, save_whole


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """The kernel refuses to let this process write more, with the same kind of error as a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    save_whole(tmp_path / "pack.pdf", b"x" * 100_000)
    assert (tmp_path / "pack.pdf").read_bytes() == b"x" * 100_000
    assert [path.name for path in tmp_path.iterdir()] == ["pack.pdf"]


def test_a_full_disk_leaves_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    with room_for(20_000), pytest.raises(NotSavedError, match=r"no room on the disk .* Nothing was saved\. Free some"):
        save_whole(tmp_path / "pack.pdf", b"x" * 100_000)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_earlier_file_as_it_was(tmp_path: Path) -> None:
    save_whole(tmp_path / "pack.pdf", b"first")
    with room_for(20_000), pytest.raises(NotSavedError):
        save_whole(tmp_path / "pack.pdf", b"x" * 100_000)
    assert (tmp_path / "pack.pdf").read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotSavedError, match=r"nowhere: no such file or directory\. Nothing was saved"):
        save_whole(tmp_path / "nowhere" / "pack.pdf", b"x")
