"""Become another program, first giving up root and asking to be told when the parent dies.

Run as a script (`python -I -S launch.py PARENT UID GID SIGNAL PROGRAM ARGUMENT...`, `-` for what is not wanted), because
code between fork and exec is unsafe in a process with threads. It needs the standard library only and keeps its process
id, so the parent waits on the program itself.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def drop(uid: str, gid: str) -> None:
    """Give up root for good: groups first, since they cannot be changed afterwards."""
    if uid == "-":
        return
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))


def die_with(parent: int, signal_number: str) -> None:
    """Have the kernel send a signal when the parent dies; a change of user clears the wish, so it comes second."""
    if signal_number == "-" or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
    if os.getppid() != parent:  # it died before the wish was made
        sys.exit(1)


def main(arguments: list[str]) -> None:
    """Do what the module says; exit with 127 and one line if the program cannot be run."""
    parent, uid, gid, signal_number, *command = arguments
    drop(uid, gid)
    die_with(int(parent), signal_number)
    try:
        os.execv(command[0], command)  # noqa: S606  # no shell is what is wanted
    except OSError as problem:
        sys.stderr.write(f"cannot run {command[0]}: {problem.strerror}\n")
        sys.exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
