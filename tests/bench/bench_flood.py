"""One provider's programs flood the API: how long does another provider's manager wait for a page, compared with before?

On the real server of two processes, with Valkey, over real connections. The flood sends five times the quota a minute and
has used up its quota when measuring begins; the manager opens a service's page four times a second throughout.
"""

import http.client
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from support.folders import passable_folder
from support.parts import environment_of, parts_of, until
from support.running import free_port, lend_assets
from support.tenancy import Place, add_membership, add_person
from support.world import a_world

from mendline.config import resources
from mendline.local import smoke
from mendline.local.postgres import EmbeddedPostgres
from mendline.local.valkey import EmbeddedValkey
from tenants.clock import now
from tenants.database import RUNNING_ROLES, Database
from tenants.migrate import upgrade
from tenants.signin.tokens import create_token

QUOTA, FLOOD_A_SECOND, LOOKS, LOOKS_A_SECOND, AIM = 600, 50, 80, 4, 1.5


def run() -> str:
    """Measures on servers of its own.

    Returns:
        The other provider's median and 95th percentile before and during the flood, and what became of the flood.
    """
    passwords = dict.fromkeys(RUNNING_ROLES, "bench")
    with (
        passable_folder() as folder,
        EmbeddedPostgres(folder, durable=False) as server,
        EmbeddedValkey(folder) as valkey,
    ):
        url = server.create_database("bench_flood")
        upgrade(url, passwords, resources().migrations)
        database = Database(url, passwords)
        world = a_world(database, indicators=12, weeks=52)
        state, port = Path(folder) / "state", free_port()
        state.mkdir()
        lend_assets(state)
        environment = environment_of(url, valkey.url(), passwords, state) | {"MENDLINE_API_PER_MINUTE": str(QUOTA)}
        key = environment["MENDLINE_SECRET_KEY"].encode()
        here, there = world.large[0], world.canary[0]
        manager = _token(database, key, Place(here.provider_id, here.service_id, ""))
        flooder = _token(database, key, Place(there.provider_id, there.service_id, ""))
        address = f"http://127.0.0.1:{port}"
        try:
            with parts_of(environment, Path(folder) / "parts") as parts, (Path(folder) / "web.log").open("wb") as log:
                parts.running["web"] = subprocess.Popen(
                    [sys.executable, "-m", "mendline", "web", "--port", str(port)],
                    env=environment, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
                until(lambda: smoke.answers(f"{address}/health/ready"), 40, "the server to be ready")
                return _measured(address, manager, f"/services/{here.service_id}", flooder)
        finally:
            database.dispose()


def _token(database: Database, key: bytes, place: Place) -> str:
    person_id = add_person(database)
    add_membership(database, person_id, "registered_manager", place)
    at = now()
    return create_token(
        database, key, f"{person_id}@example.org", label="bench", at=at, expires_at=at + timedelta(hours=1)
    )


def _measured(address: str, manager: str, page: str, flooder: str) -> str:
    _looked(address, manager, page, 20)  # plans and caches are warm by then
    before = _looked(address, manager, page, LOOKS)
    over, said = threading.Event(), Counter[int]()
    time.sleep(
        max(0.0, 62 - time.time() % 60) if time.time() % 60 > 25 else 0.0
    )  # the quota's minute must not turn meanwhile
    _asked(address, flooder, QUOTA, said)
    flood = threading.Thread(target=_flood, args=(address, flooder, said, over))
    flood.start()
    during = _looked(address, manager, page, LOOKS)
    over.set()
    flood.join()
    ratio = _p95(during) / _p95(before)
    return "\n".join(
        [
            f"one provider floods the API with {FLOOD_A_SECOND} requests a second, {QUOTA} a minute are its quota:",
            *(
                f"  {name:<24} median {statistics.median(took) * 1000:6.1f} ms, p95 {_p95(took) * 1000:6.1f} ms"
                for name, took in (("another's page before", before), ("during the flood", during))
            ),
            f"  p95 {ratio:.2f} x (aim at most {AIM} x); of the flood {said[200]} answered, {said[429]} turned away",
        ]
    )


def _connection(address: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)


def _get(connection: http.client.HTTPConnection, path: str, token: str) -> int:
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}", "X-Request": uuid.uuid4().hex})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _looked(address: str, token: str, page: str, times: int) -> list[float]:
    connection, took = _connection(address), []
    for _ in range(times):
        began = time.perf_counter()
        if _get(connection, page, token) != 200:
            raise RuntimeError("the page was refused")
        took.append(time.perf_counter() - began)
        time.sleep(max(0.0, 1 / LOOKS_A_SECOND - took[-1]))
    connection.close()
    return took


def _asked(address: str, token: str, times: int, said: Counter[int]) -> None:
    connection = _connection(address)
    for _ in range(times):
        said[_get(connection, "/api/v1/services", token)] += 1
    connection.close()


def _flood(address: str, token: str, said: Counter[int], over: threading.Event) -> None:
    connection = _connection(address)
    began, sent = time.perf_counter(), 0
    while not over.is_set():
        said[_get(connection, "/api/v1/services", token)] += 1
        sent += 1
        time.sleep(max(0.0, began + sent / FLOOD_A_SECOND - time.perf_counter()))
    connection.close()


def _p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]


if __name__ == "__main__":
    print(run())  # noqa: T201 -- the figure is asked for
