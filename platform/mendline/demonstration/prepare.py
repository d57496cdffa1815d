"""How `catalogue/demo/series.csv.gz` was made from published data. Run by hand; what it writes is committed.

    python -m mendline.demonstration.prepare FOLDER

FOLDER holds the two sources, as published (README of `catalogue/demo` has origin and licence):
`weekly_covid_by_home_LA.csv.gz`, `weekly_covid_by_home_CT.csv.gz` and `ae_attendances_2016-04_2018-03.csv.gz`.

Infections are the real weekly counts of one real home each, on its real number of people in residence. Percentages are
the real monthly shape of one organisation's four-hour breaches, brought to the level and the size of a home: see
`shaped` and `sampled`. What a recovery story says of its last weeks was written, and is marked so in `origin`.
"""

import csv
import gzip
import io
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import yaml

from mendline.catalogue.indicators import indicator_definition

DEMO = Path(__file__).parents[1] / "catalogue" / "demo"
WEEKS, MONTHS = 104, 24  # the published series has 24 months, which are 104 weeks

# How much of what is done falls short, by how good the service is: the level that a real shape is brought to.
SHORTFALL: Mapping[str, tuple[float, float, float, float]] = {
    "mar_compliance_pct": (0.010, 0.018, 0.025, 0.055),
    "care_review_on_time_pct": (0.02, 0.045, 0.10, 0.32),
    "care_review_actions_closed_on_time_pct": (0.03, 0.06, 0.15, 0.42),
    "call_bell_within_standard_pct": (0.05, 0.085, 0.14, 0.25),
    "timely_support_feedback_positive_pct": (0.06, 0.11, 0.19, 0.32),
    "safeguarding_referral_within_24h_pct": (0.045, 0.06, 0.09, 0.12),
    "actions_closed_on_time_pct": (0.03, 0.06, 0.13, 0.42),
    "people_feedback_positive_pct": (0.04, 0.08, 0.15, 0.25),
    "medicines_discrepancy_review_median_hours": (18, 26, 38, 60),
}
RATINGS = ("outstanding", "good", "requires_improvement", "inadequate")
# People counted in a week or month, for each person who lives there, and at least.
SIZE: Mapping[str, tuple[float, int]] = {
    "mar_compliance_pct": (29.0, 300),
    "care_review_on_time_pct": (0.33, 11),
    "care_review_actions_closed_on_time_pct": (0.36, 12),
    "call_bell_within_standard_pct": (4.6, 60),
    "timely_support_feedback_positive_pct": (0.36, 12),
    "safeguarding_referral_within_24h_pct": (0.14, 6),
    "actions_closed_on_time_pct": (0.3, 11),
    "people_feedback_positive_pct": (0.5, 12),
    "medicines_discrepancy_review_median_hours": (0.18, 6),
}
KEY_INDICATORS = tuple(key for key in SHORTFALL if key != "people_feedback_positive_pct")
HOME_CARE = tuple(
    key
    for key in SHORTFALL
    if key not in {"call_bell_within_standard_pct", "medicines_discrepancy_review_median_hours"}
)


@dataclass(frozen=True, slots=True)
class Series:
    """One indicator of one service, oldest period first; `None` where there is no figure.

    `late` newest periods were never sent.
    """

    service: str
    indicator: str
    cadence: str
    origin: str
    numerators: list[int | None]
    denominators: list[int | None]
    values: list[float | None]
    late: int = 0


def main(folder: Path) -> None:
    """Writes the series of every service."""
    groups = yaml.safe_load((DEMO / "groups.yaml").read_text(encoding="utf-8"))
    stories = {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (DEMO / "stories").glob("*.yaml")
    }
    services = [service for provider in groups["providers"] for service in provider["services"]]
    shapes, homes = breach_shapes(folder), infection_homes(folder)
    found: list[Series] = []
    for service in services:
        found += service_series(service, stories.get(service["key"], {}), shapes)
    found += infections([service for service in services if service["kind"] != "home_care"], homes)
    (DEMO / "series.csv.gz").write_bytes(gzip.compress(as_csv(found).encode(), mtime=0))
    sys.stderr.write(f"{len(found)} series, {sum(len(one.denominators) for one in found)} figures\n")


def breach_shapes(folder: Path) -> list[list[float]]:
    """Share of attendances over four hours, month by month, of every organisation and type with all 24 months."""
    months: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in rows_of(folder / "ae_attendances_2016-04_2018-03.csv.gz"):
        if int(row["attendances"]) > 0:
            months[row["org_code"], row["type"]][row["period"]] = int(row["breaches"]) / int(row["attendances"])
    full = [[share for _, share in sorted(months[key].items())] for key in sorted(months) if len(months[key]) == MONTHS]
    return [shape for shape in full if min(shape) > 0 and sum(shape) / MONTHS > 0.002]


def shaped(shape: list[float], level: float, strength: float) -> list[float]:
    """A real shape around a level: each month's share over the mean share, its swing damped to the power `strength`.

    Months become weeks by straight lines between the middles of months.
    """
    mean = sum(shape) / len(shape)
    monthly = [level * (share / mean) ** strength for share in shape]
    middles = (np.arange(MONTHS) + 0.5) * WEEKS / MONTHS
    return [float(one) for one in np.interp(np.arange(WEEKS) + 0.5, middles, monthly)]


def sampled(name: str, shortfall: list[float], size: float) -> tuple[list[int | None], list[int | None]]:
    """Whole numbers of a home's size: each period's denominator varies by 8%, its shortfall is a binomial draw."""
    draw = np.random.default_rng(zlib.crc32(name.encode()))
    denominators = [max(1, round(size * float(draw.uniform(0.92, 1.08)))) for _ in shortfall]
    missed = [int(draw.binomial(n, min(0.95, share))) for n, share in zip(denominators, shortfall, strict=True)]
    return [n - m for n, m in zip(denominators, missed, strict=True)], list(denominators)


def service_series(service: Mapping[str, Any], story: Mapping[str, Any], shapes: list[list[float]]) -> Iterable[Series]:
    """The key indicators of a service and those of its story."""
    told = {one["key"]: one.get("series", {}) for one in story.get("indicators", [])}
    keys = HOME_CARE if service["kind"] == "home_care" else KEY_INDICATORS
    for key in [*keys, *(key for key in told if key not in keys)]:
        if key != "infection_rate":
            yield one_series(service, key, told.get(key, {}), shapes)


def one_series(service: Mapping[str, Any], key: str, told: Mapping[str, Any], shapes: list[list[float]]) -> Series:
    """One indicator of one service: a real shape, and at its end what the story tells."""
    name = f"{service['key']}/{key}"
    definition = indicator_definition(key)
    cadence = told.get("cadence") or (
        "monthly" if key == "safeguarding_referral_within_24h_pct" else definition.cadence
    )
    shape = shapes[zlib.crc32(name.encode()) % len(shapes)]
    level = told.get("shortfall", SHORTFALL.get(key, (0.1,) * 4)[RATINGS.index(service["rating"])])
    rate, least = SIZE.get(key, (0.4, 12))
    size = told.get("size", max(least, rate * service["people"]))
    weekly = shaped(shape, level, told.get("strength", 0.3))
    shares = weekly if cadence == "weekly" else [weekly[round((m + 0.5) * WEEKS / MONTHS)] for m in range(MONTHS)]
    shares = shares[-int(told.get("periods", 104 if service["rating"] != "good" else 60)) :]
    if definition.measure_type in {"duration", "score"}:
        made = measured(name, key, cadence, shares, told, size)
    elif definition.measure_type == "proportion" and definition.direction == "lower_is_better":
        kept, whole = sampled(name, shares, size)
        parts = [None if k is None or n is None else n - k for k, n in zip(kept, whole, strict=True)]
        made = Series(service["key"], key, cadence, "ae", parts, whole, [None] * len(whole))
    elif definition.measure_type == "rate":
        made = counted(name, key, cadence, shares, size)
    else:
        kept, whole = sampled(name, shares, size)
        made = Series(service["key"], key, cadence, "ae", kept, whole, [None] * len(whole))
    return told_end(made, told)


def measured(name: str, key: str, cadence: str, shares: list[float], told: Mapping[str, Any], size: float) -> Series:
    """Medians and gaps: the shape is the level itself, with a spread of 12%, and the denominator says how many records."""
    draw = np.random.default_rng(zlib.crc32(name.encode()))
    values: list[float | None] = [
        round(float(share * draw.lognormal(0, told.get("spread", 0.12))), 1) for share in shares
    ]
    records: list[int | None] = [max(1, round(size * float(draw.uniform(0.85, 1.15)))) for _ in shares]
    return Series(name.split("/", maxsplit=1)[0], key, cadence, "ae", [None] * len(shares), records, values)


def counted(name: str, key: str, cadence: str, shares: list[float], size: float) -> Series:
    """Events on an exposure: `shortfall` is events for each unit of exposure, drawn from a Poisson distribution."""
    draw = np.random.default_rng(zlib.crc32(name.encode()))
    exposure: list[int | None] = [max(1, round(size * float(draw.uniform(0.97, 1.03)))) for _ in shares]
    events: list[int | None] = [int(draw.poisson(share * (n or 0))) for share, n in zip(shares, exposure, strict=True)]
    return Series(name.split("/", maxsplit=1)[0], key, cadence, "ae", events, exposure, [None] * len(shares))


def told_end(series: Series, told: Mapping[str, Any]) -> Series:
    """Replaces the newest periods by what the story says, in the indicator's unit; leaves periods out where it says so."""
    tail = told.get("tail", [])
    values, parts, whole = series.values[:], series.numerators[:], series.denominators[:]
    per = indicator_definition(series.indicator).rate_per or 100
    for back, figure in enumerate(reversed(tail), start=1):
        if figure is None:
            parts[-back] = whole[-back] = values[-back] = None
        elif values[-back] is not None:
            values[-back] = figure
        else:
            parts[-back] = round(figure * (whole[-back] or 0) / per)
    origin = f"{series.origin}, last {len(tail)} written" if tail else series.origin
    if told.get("not_applicable"):
        parts, whole, values = [None] * len(parts), [0] * len(whole), [None] * len(values)
    late = int(told.get("stale", 0))
    keep = slice(-int(told.get("keep", len(parts))), len(parts) - late)
    return Series(
        series.service, series.indicator, series.cadence, origin, parts[keep], whole[keep], values[keep], late
    )


@dataclass(frozen=True, slots=True)
class Home:
    """A real home's weeks."""

    people: list[int | None]
    positives: list[int | None]

    def size(self) -> float:
        """The usual number of people in residence."""
        return median(one for one in self.people if one is not None)


def infection_homes(folder: Path) -> list[Home]:
    """Homes with a figure for nearly every week, smallest first."""
    homes = []
    for state in ("LA", "CT"):
        weeks: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
        for row in rows_of(folder / f"weekly_covid_by_home_{state}.csv.gz"):
            weeks[row["facility_name"]].setdefault(row["date"], row)
        for name in sorted(weeks):
            ordered = [weeks[name][day] for day in sorted(weeks[name])]
            home = Home(
                [whole(row["resident_census"]) for row in ordered],
                [whole(row["resident_positives"]) for row in ordered],
            )
            pairs = zip(home.people, home.positives, strict=True)
            if (
                len(ordered) >= 39
                and sum(None not in pair for pair in pairs) >= 38
                and min(filter(None, home.people)) > 10
            ):
                homes.append(home)
    return sorted(homes, key=Home.size)


def infections(services: list[Mapping[str, Any]], homes: list[Home]) -> Iterable[Series]:
    """Each service gets the home that is nearest in size and not taken yet."""
    left = homes[:]
    for service in services:
        home = min(left, key=lambda one: abs(one.size() - service["people"]))
        left.remove(home)
        yield Series(
            service["key"], "infection_rate", "weekly", "covid", *weekly_counts(home), [None] * (len(home.people) - 1)
        )


def weekly_counts(home: Home) -> tuple[list[int | None], list[int | None]]:
    """New infections on occupied bed days; none where the running total fell or a figure is absent."""
    events: list[int | None] = []
    days: list[int | None] = []
    weeks = list(zip(home.people, home.positives, strict=True))
    for (_, before), (people, now) in pairwise(weeks):
        known = before is not None and now is not None and people is not None and now >= before
        events.append(now - before if known and now is not None and before is not None else None)
        days.append(people * 7 if known and people is not None else None)
    return events, days


def whole(text: str) -> int | None:
    """A count as published: empty, `nan` and words are no figure."""
    try:
        return int(float(text))
    except ValueError:
        return None


def rows_of(path: Path) -> list[dict[str, str]]:
    """A published file."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def as_csv(found: Iterable[Series]) -> str:
    """One line for each series; figures stand oldest first, a point where there is none."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("service", "indicator", "cadence", "origin", "late", "numerators", "denominators", "values"))
    for one in found:
        lists = (
            " ".join("." if figure is None else str(figure) for figure in part)
            for part in (one.numerators, one.denominators)
        )
        values = (
            " ".join("." if figure is None else f"{figure:g}" for figure in one.values)
            if any(figure is not None for figure in one.values)
            else ""
        )
        writer.writerow((one.service, one.indicator, one.cadence, one.origin, one.late, *lists, values))
    return text.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
