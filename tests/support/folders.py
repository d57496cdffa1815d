"""Folders for tests that start servers."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def passable_folder() -> Iterator[Path]:
    """A state folder that an unprivileged account can pass through, unlike `tmp_path`; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="mendline-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
