"""Measuring what one changed record touches, at a service with ten times the records, and the page behind a figure."""

import secrets
import statistics
import time
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import text
from support.facts import Home, two_providers
from support.folders import passable_folder
from support.records import AT, measure, write_record
from support.shifts import place_of
from support.statements import statements_of
from support.visiting import an_application, visit

from mendline.config import resources
from mendline.local.postgres import EmbeddedPostgres
from tenants.database import RUNNING_ROLES, Database
from tenants.migrate import upgrade

FIRST = date(2024, 1, 1)
AUDIT = {
    "auditor": "PN", "independent": "yes", "sample_method": "all", "shift_band": "mixed", "weekday_weekend": "mixed",
    "lines_audited": 50, "lines_compliant": 45,
}  # fmt: skip
WEEKS, EACH, TIMES = 10, 20, 31


def run() -> str:
    """A table: milliseconds to measure one changed record with n and with 10 n records, and the page's statements."""
    with passable_folder() as state, EmbeddedPostgres(state, durable=False) as server:
        passwords = {role: secrets.token_urlsafe(12) for role in RUNNING_ROLES}
        upgrade(server.url(), passwords, resources().migrations)
        db = Database(server.url(), passwords)
        try:
            return _table(db, Path(state))
        finally:
            db.dispose()


def _table(db: Database, folder: Path) -> str:
    few, many = two_providers(db)[0]
    _fill(db, few, WEEKS)
    _fill(db, many, WEEKS * 10)
    small, large, ratio = _one_change_each(db, few, many)
    whole = two_providers(db)[0][0]
    _fill(db, whole, 1, 5_000)
    visitor = visit(an_application(db, folder), db, "registered_manager", place_of(whole))
    page = f"/services/{whole.service_id}/indicators/{whole.indicator_id}/figures/{FIRST.isoformat()}"
    visitor.get(page)
    began = time.perf_counter()
    with statements_of(db, "web") as sent:
        visitor.get(page)
    took = 1000 * (time.perf_counter() - began)
    lines = [
        f"{'records of the service':<44}{'ms for one change':>18}",
        f"{WEEKS * EACH:<44}{small:>18.1f}",
        f"{WEEKS * EACH * 10:<44}{large:>18.1f}",
        f"{'ratio (limit 1.3)':<44}{ratio:>18.2f}",
        f"{'page behind a figure of 5,000 records, statements':<50}{len(sent):>12}",
        f"{'the same, ms':<44}{took:>18.0f}",
    ]
    return "\n".join(lines)


def _fill(db: Database, home: Home, weeks: int, each: int = EACH) -> None:
    with db.transaction(db.command_reach(home.provider_id)) as session:
        for week in range(weeks):
            for number in range(each):
                day = FIRST + timedelta(weeks=week, days=number % 7)
                write_record(session, home, "medicines_audit", **AUDIT, audited_on=day.isoformat(), unit=f"U{number}")
    while measure(db, home, today=date(2026, 2, 2)):
        pass


def _one_change_each(db: Database, few: Home, many: Home) -> tuple[float, float, float]:
    """Medians in milliseconds, and the median of the ratios of neighbours: in turns, so that a busy machine hits both."""
    with db.administration() as session:
        session.execute(text("analyze"))
    for home in (few, many):
        _one_change(db, home, 0)
    pairs = []
    for number in range(1, TIMES + 1):
        homes = (few, many) if number % 2 else (many, few)
        took = {home.service_id: _one_change(db, home, number) for home in homes}
        pairs.append((took[few.service_id], took[many.service_id]))
    small, large = zip(*pairs, strict=True)
    ratio = statistics.median(above / below for below, above in pairs)
    return statistics.median(small), statistics.median(large), ratio


def _one_change(db: Database, home: Home, number: int) -> float:
    with db.transaction(db.command_reach(home.provider_id)) as session:
        write_record(session, home, "medicines_audit", **AUDIT, audited_on="2024-01-03", unit=f"New {number}")
    began = time.perf_counter()
    measure(db, home, today=date(2026, 2, 2), at=AT)
    return 1000 * (time.perf_counter() - began)
