"""How long a provider's roll-up takes to be fresh after a figure was committed, with everything running as for people.

`mendline up` runs the web server, the relay and the workers; figures are posted over HTTP by a signed-in person, twenty a
second on a fixed timetable, whether the answers keep up or not. A figure counts as committed when its answer came; the
roll-up counts as fresh when another connection reads it. The same figures are then entered one at a time, for the
ratio between the loaded and the idle path.
"""

import statistics
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import psycopg
from support.folders import passable_folder
from support.running import Running, running_application

from mendline.local.smoke import Visitor, read

RATE = 20  # figures a second
SECONDS = 15
LOOK_SECONDS = 0.005
TARGET_MS = 500
Key = tuple[str, str, date]


@dataclass(frozen=True)
class Place:
    """A figure that can be corrected, and the one roll-up that it enters."""

    service_id: uuid.UUID
    indicator_id: uuid.UUID
    key: Key
    numerator: float
    denominator: float


@dataclass
class Timed:
    """When a figure was sent and acknowledged, and when its roll-up was seen to be fresh."""

    sent: float
    sent_at: datetime
    answered: float = 0.0
    fresh: float = 0.0


class Watch:
    """Reads the roll-ups again and again and notes when each one that is waited for turns fresh."""

    def __init__(self, connection: "psycopg.Connection[Any]", provider_id: uuid.UUID) -> None:
        self._connection = connection
        self._provider = provider_id
        self._waiting: dict[Key, Timed] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def wait_for(self, key: Key) -> Timed:
        timed = Timed(time.perf_counter(), datetime.now(UTC))
        self._waiting[key] = timed
        return timed

    def _look(self) -> None:
        since = datetime.now(UTC)
        while not self._ended.wait(LOOK_SECONDS):
            rows = self._connection.execute(
                "select definition_key, service_kind, period_start, facts_recorded_at from roll_up"
                " where provider_id = %s and facts_recorded_at > %s",
                (self._provider, since),
            ).fetchall()
            seen = time.perf_counter()
            for definition, kind, period, recorded in rows:
                timed = self._waiting.get((definition, kind, period))
                if timed is not None and not timed.fresh and recorded >= timed.sent_at:
                    timed.fresh = seen

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


class Writer:
    """A signed-in person who corrects figures by the form."""

    def __init__(self, url: str, sign_in: dict[str, Any], place: Place) -> None:
        self._visitor = Visitor(url)
        (form,) = [one for one in read(self._visitor.get("/sign-in").text)[0] if "password" in one.fields]
        self._visitor.post(form.action, {**form.fields, "email": sign_in["email"], "password": sign_in["password"]})
        page = self._visitor.get(f"{self._address(place)}/new")
        assert page.status == 200, f"the form answers {page.status}"
        (form,) = [one for one in read(page.text)[0] if "numerator" in one.fields]
        self._fields = form.fields

    @staticmethod
    def _address(place: Place) -> str:
        return f"/services/{place.service_id}/indicators/{place.indicator_id}/figures"

    def correct(self, place: Place, turn: int) -> None:
        changed = max(0.0, place.numerator - 1 - turn % 2) if place.numerator else 1.0
        fields = {
            **self._fields,
            "period_start": place.key[2].isoformat(),
            "numerator": f"{changed:g}",
            "denominator": f"{place.denominator:g}",
            "value": "",
            "state": "",
            "reason": "A line was counted twice",
        }
        answer, location = self._visitor._once(
            "POST", f"{self._visitor._base}{self._address(place)}", urlencode(fields)
        )
        assert location is not None, f"{answer.status}: {answer.text[:2000]}"


def places_of(connection: "psycopg.Connection[Any]", provider_id: str) -> list[Place]:
    """One figure for each roll-up of the provider, so that each is waited for alone."""
    rows = connection.execute(
        "select distinct on (i.definition_key, s.kind, o.period_start)"
        " i.definition_key, s.kind, o.period_start, o.service_id, o.indicator_id, o.numerator, o.denominator"
        " from observation o join service_indicator i using (provider_id, service_id, indicator_id)"
        " join service s using (provider_id, service_id)"
        " where o.provider_id = %s and o.numerator is not null and o.denominator > 2"
        " order by i.definition_key, s.kind, o.period_start, o.service_id",
        (provider_id,),
    ).fetchall()
    return [Place(row[3], row[4], (row[0], row[1], row[2]), row[5], row[6]) for row in rows]


def run() -> str:
    """The distribution as a table, in milliseconds."""
    with passable_folder() as folder, running_application(folder) as application, _reading(application) as connection:
        sign_in = next(one for one in application.ready()["sign_ins"] if one["role"] == "provider_quality_lead")
        places = places_of(connection, sign_in["provider_id"])
        writers = [Writer(application.url, sign_in, places[0]) for _ in range(4)]
        with Watch(connection, uuid.UUID(sign_in["provider_id"])) as watch:
            loaded = list(_loaded(watch, writers, places[: RATE * SECONDS]))
            idle = list(_idle(watch, writers[0], places[RATE * SECONDS :][:40]))
            _settle([*loaded, *idle])
        size = connection.execute("select count(*) from observation").fetchone()
    return _table(loaded, idle, size[0] if size else 0)


@contextmanager
def _reading(application: Running) -> Iterator["psycopg.Connection[Any]"]:
    """A connection of our own to the database that the running parts were told of."""
    told = Path(f"/proc/{application.child('relay')}/environ").read_text(encoding="utf-8").split("\0")
    address = next(line.partition("=")[2] for line in told if line.startswith("DATABASE_URL="))
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def _loaded(watch: Watch, writers: Sequence[Writer], places: Sequence[Place]) -> Iterator[Timed]:
    """Twenty a second by the clock: a slow answer delays nobody but its own writer."""
    started = time.perf_counter()

    def one(number: int, place: Place) -> Timed:
        time.sleep(max(0.0, started + number / RATE - time.perf_counter()))
        timed = watch.wait_for(place.key)
        writers[number % len(writers)].correct(place, number)
        timed.answered = time.perf_counter()
        return timed

    with ThreadPoolExecutor(len(writers)) as pool:
        yield from pool.map(one, range(len(places)), places)


def _idle(watch: Watch, writer: Writer, places: Sequence[Place]) -> Iterator[Timed]:
    for number, place in enumerate(places):
        timed = watch.wait_for(place.key)
        writer.correct(place, number)
        timed.answered = time.perf_counter()
        yield timed
        time.sleep(0.3)


def _settle(timed: Sequence[Timed]) -> None:
    deadline = time.monotonic() + 30
    while any(not one.fresh for one in timed) and time.monotonic() < deadline:
        time.sleep(0.05)


def _table(loaded: Sequence[Timed], idle: Sequence[Timed], observations: int) -> str:
    span = loaded[-1].sent - loaded[0].sent
    lines = [
        f"{len(loaded)} figures over HTTP at {len(loaded) / span:.1f} a second, {observations:,} figures in the database",
        f"{'milliseconds':34} {'p50':>7} {'p90':>7} {'p95':>7} {'p99':>7} {'most':>7}",
        _line("committed to fresh, 20 a second", [1e3 * (one.fresh - one.answered) for one in loaded if one.fresh]),
        _line("sent to fresh, 20 a second", [1e3 * (one.fresh - one.sent) for one in loaded if one.fresh]),
        _line("committed to fresh, one at a time", [1e3 * (one.fresh - one.answered) for one in idle if one.fresh]),
    ]
    lost = sum(not one.fresh for one in [*loaded, *idle])
    p95 = _share([1e3 * (one.fresh - one.answered) for one in loaded if one.fresh], 0.95)
    verdict = "holds" if p95 < TARGET_MS and not lost else "does not hold"
    lines.append(f"not fresh within 30 s: {lost}; p95 under {TARGET_MS} ms: {verdict}")
    return "\n".join(lines)


def _share(values: Sequence[float], share: float) -> float:
    return statistics.quantiles(values, n=1000, method="inclusive")[min(998, int(share * 1000) - 1)]


def _line(name: str, values: Sequence[float]) -> str:
    cells = " ".join(f"{_share(values, share):>7.0f}" for share in (0.5, 0.9, 0.95, 0.99))
    return f"{name:34} {cells} {max(values):>7.0f}"


if __name__ == "__main__":
    print(run())  # noqa: T201 -- a bench prints
