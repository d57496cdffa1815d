"""How long a file of 200,000 figures takes to read and check, beside what `csv.reader` alone takes on it."""

import csv
import io
import time
from datetime import date, timedelta
from uuid import UUID, uuid5

from mendline.evidence.imports.checking import check_observations
from mendline.evidence.imports.known import Known, KnownIndicator, KnownService
from mendline.evidence.imports.mapping import find_mapping

HOMES, INDICATORS, WEEKS = 100, 20, 100
NAMES = UUID("00000000-0000-4000-8000-000000000002")


def made_file() -> bytes:
    """A file of 200,000 rows with British dates."""
    weeks = [f"{date(2024, 1, 1) + timedelta(weeks=week):%d/%m/%Y}" for week in range(WEEKS)]
    lines = ["service,indicator,period,numerator,denominator"]
    for home in range(HOMES):
        for indicator in range(INDICATORS):
            lines += [f"Home {home},k{indicator},{day},{home},{100 + home}" for day in weeks]
    return "\n".join(lines).encode()


def run() -> str:
    """Processor time of both as a table with their ratio: the wall clock would measure the neighbours too."""
    content = made_file()
    services = tuple(KnownService(uuid5(NAMES, str(home)), f"Home {home}") for home in range(HOMES))
    indicators = {f"k{n}": KnownIndicator(f"k{n}", "proportion", "weekly", "%") for n in range(INDICATORS)}
    started = time.process_time()
    count = sum(1 for _ in csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8", newline="")))
    alone = time.process_time() - started
    started = time.process_time()
    plan = check_observations(
        io.BytesIO(content), find_mapping("observations"), Known(services, indicators), date(2026, 11, 23)
    )
    checked = time.process_time() - started
    return (
        f"{'rows':>9} {'csv.reader':>11} {'read+check':>11} {'ratio':>6}\n"
        f"{count - 1:>9,} {alone:>10.2f}s {checked:>10.2f}s {checked / alone:>6.1f}\n"
        f"saved rows {len(plan.rows):,}, problems {plan.problem_count}"
    )


if __name__ == "__main__":
    print(run())  # noqa: T201 -- a bench prints
