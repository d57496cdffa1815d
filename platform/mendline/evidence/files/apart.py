"""Has a file examined in a process of its own, so that a file made to do harm harms nothing but that."""

import json
import subprocess
import sys
from pathlib import Path

from mendline.evidence.files.verdict import Examined, HeldBackError, RefusedFileError

SECONDS = 8  # by the clock; the process limits itself to 5 of the processor


def examine_apart(name: str, path: Path, kept: Path) -> Examined:
    """What `examining.examine` finds, found in a limited process.

    Raises:
        RefusedFileError: the file is not taken, or could not be examined within the limits.
        HeldBackError: the file could do harm when opened.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "mendline.evidence.files.examining", name, str(path), str(kept)],
            capture_output=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as slow:
        raise RefusedFileError("The file takes too long to examine. Send it as a smaller file.") from slow
    if done.returncode:
        raise RefusedFileError("The file cannot be examined. It may be damaged; save it anew and add it again.")
    told = json.loads(done.stdout)
    if "held_back" in told:
        raise HeldBackError(told["held_back"])
    if "refused" in told:
        raise RefusedFileError(told["refused"])
    return Examined(**told["examined"])
