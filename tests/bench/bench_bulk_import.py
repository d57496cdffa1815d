"""How long 100,000 records take through `mendline import`, beside a plain COPY of the same rows with its constraints."""

import csv
import json
import os
import secrets
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import psycopg
from support.facts import two_providers
from support.folders import passable_folder

from mendline.config import resources
from mendline.local.postgres import EmbeddedPostgres
from tenants.database import RUNNING_ROLES, Database
from tenants.migrate import upgrade

RECORDS, TIMES = 100_000, 3
LIMIT = 4.0
FIRST = date(2024, 1, 1)
BANDS = ("day", "evening", "night")


def made_file(path: Path, service: str) -> None:
    """Lines of medicines audits of two and a half years, as one system would send them at once."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            ["service", "source_system", "source_reference", "audited_on", "auditor", "independent", "sample_method",
             "shift_band", "weekday_weekend", "unit", "lines_audited", "lines_compliant"]
        )  # fmt: skip
        for number in range(RECORDS):
            day = FIRST + timedelta(days=number % 900)
            writer.writerow(
                [service, "eMAR", f"A-{number}", f"{day:%d/%m/%Y}", "PN", "yes", "all", BANDS[number % 3],
                 "weekend" if day.weekday() > 4 else "weekday", f"Unit {number % 40}", 50, 45 + number % 6]
            )  # fmt: skip


def run() -> str:
    """Both times in seconds, the best of a few, with their ratio."""
    with passable_folder() as state, EmbeddedPostgres(state, durable=False) as server:
        passwords = {role: secrets.token_urlsafe(12) for role in RUNNING_ROLES}
        upgrade(server.url(), passwords, resources().migrations)
        db = Database(server.url(), passwords)
        try:
            providers = [two_providers(db, 1)[0][0] for _ in range(TIMES)]
        finally:
            db.dispose()
        file = Path(state) / "records.csv"
        made_file(file, "Home 0")
        environment = os.environ | {
            "DATABASE_URL": server.url(), "MENDLINE_STATE": str(state),
            "MENDLINE_ROLE_PASSWORDS": json.dumps(passwords),
        }  # fmt: skip
        through, copied = [], []
        with psycopg.connect(server.url().replace("postgresql+psycopg", "postgresql"), autocommit=True) as plain:
            for home in providers:
                through.append(_imported(str(home.provider_id), file, environment))
                copied.append(_copied(plain, str(home.provider_id)))
    imported, copy = min(through), min(copied)
    return (
        f"{'records':>9} {'COPY':>8} {'mendline import':>16} {'ratio':>7} {'limit':>6}\n"
        f"{RECORDS:>9,} {copy:>7.2f}s {imported:>15.2f}s {imported / copy:>7.2f} {LIMIT:>6.1f}"
    )


def _imported(provider: str, file: Path, environment: dict[str, str]) -> float:
    """Seconds of the whole command, from its start to its end."""
    command = [sys.executable, "-m", "mendline", "import", provider, str(file), "--mapping", "medicines-audit"]
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode or f"{RECORDS:,} saved" not in done.stdout:
        raise RuntimeError(done.stdout + done.stderr)
    return took


def _copied(plain: psycopg.Connection, provider: str) -> float:
    """Seconds of a COPY of the rows that were imported into a table of the same columns, indexes and constraints."""
    rows = b"".join(_out(plain, provider))
    plain.execute("drop table if exists plain_record")
    plain.execute("create table plain_record (like record including all)")
    plain.execute(
        "alter table plain_record add foreign key (provider_id, service_id) references service (provider_id, service_id)"
    )
    began = time.perf_counter()
    with plain.cursor().copy("copy plain_record from stdin") as copy:
        copy.write(rows)
    return time.perf_counter() - began


def _out(plain: psycopg.Connection, provider: str) -> list[bytes]:
    with plain.cursor().copy(f"copy (select * from record where provider_id = '{provider}') to stdout") as copy:
        return [bytes(part) for part in copy]


if __name__ == "__main__":
    print(run())  # noqa: T201 -- a bench prints
