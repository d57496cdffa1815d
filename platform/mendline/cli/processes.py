"""`mendline web`, `mendline worker` and `mendline relay`: one process of each kind, for production and for `up`.

Web and workers become another program. Nothing here imports the workers, which stand above the platform: they are named.
"""

import importlib
import os
import sys

import click

from mendline.config import Settings

# Queue -> (processes, threads). A pack takes a processor for seconds, so its queue has one at a time.
QUEUES = {"fast": (1, 4), "derive": (1, 4), "render": (1, 1), "mail": (1, 2)}
WORKERS = "workers.main"
SERVING = "workers.serving"
RELAY = "workers.relay"
# Longer than a page may take; a job that is cut short is done again when its lease runs out.
GRACEFUL_SECONDS = 10


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen; MENDLINE_PORT otherwise.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1))
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1), help="Threads of each process.")
def web(port: int | None, processes: int, threads: int) -> None:
    """Serve the pages and the HTTP API."""
    settings = Settings.from_environment()
    address = f"{settings.bind}:{port or settings.port}"
    _become(
        "gunicorn",
        *("--bind", address, "--workers", str(processes), "--threads", str(threads), "--worker-class", "gthread"),
        *("--timeout", "60", "--graceful-timeout", str(GRACEFUL_SECONDS), "--keep-alive", "15"),
        "--preload",  # read once and forked; nothing is connected before the fork
        *("--name", "mendline-web", "--no-control-socket", "--log-level", "warning", "mendline.wsgi:application"),
    )


@click.command()
@click.option(
    "--queue", "queues", type=click.Choice(list(QUEUES)), multiple=True, help="Only this one; may be repeated."
)
def worker(queues: tuple[str, ...]) -> None:
    """Do the work of one queue or more: derived figures, packs, sealing the ledger."""
    chosen = queues or tuple(QUEUES)
    processes = max(QUEUES[queue][0] for queue in chosen)
    threads = max(QUEUES[queue][1] for queue in chosen)
    _become(
        SERVING,
        *(WORKERS, "--processes", str(processes), "--threads", str(threads)),
        *("--worker-shutdown-timeout", str(GRACEFUL_SECONDS * 1000), "--queues", *chosen),
    )


@click.command()
def relay() -> None:
    """Hand the jobs that PostgreSQL keeps to the workers."""
    importlib.import_module(RELAY).run(Settings.from_environment())


def _become(module: str, *arguments: str) -> None:
    """Replace this process by a Python program, so that signals reach it and its end is ours."""
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606  # no shell is what is wanted
