"""How many sign-ins a second does the hash allow per core, and does a genuine person get in under a flood of guesses?"""

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from support.folders import passable_folder

from mendline.config import resources
from mendline.local.postgres import EmbeddedPostgres
from tenants.clock import now
from tenants.database import RUNNING_ROLES, Database
from tenants.directory.onboarding import add_person
from tenants.errors import RefusedError
from tenants.migrate import upgrade
from tenants.signin.factors import STEP_SECONDS, code_at
from tenants.signin.passwords import hash_password, password_matches
from tenants.signin.sessions import Opened
from tenants.signin.signing import TOO_MANY, Guess, sign_in

KEY = b"a key of this benchmark only"
PASSWORD = "a long enough password"
GUESSES, STRANGERS, HASHES = 1_000, 250, 20


def run() -> str:
    """Processor time of one hash, and a flood of guesses at one account with its owner signing in meanwhile."""
    with passable_folder() as folder, EmbeddedPostgres(folder, durable=False) as server:
        url = server.create_database("bench_signin")
        passwords = dict.fromkeys(RUNNING_ROLES, "bench")
        upgrade(url, passwords, resources().migrations)
        database = Database(url, passwords)
        try:
            return "\n".join([*_hash_lines(), *_flood_lines(database)])
        finally:
            database.dispose()


def _hash_lines() -> list[str]:
    stored = hash_password(PASSWORD)
    taken = []
    for _ in range(HASHES):
        started = time.process_time()
        password_matches(stored, PASSWORD)
        taken.append(time.process_time() - started)
    seconds = median(taken)
    return [
        f"{'Argon2id, 19 MiB, 2 passes':<58}{1000 * seconds:>9.1f} ms",
        f"{'sign-ins a second that the hash allows per core':<58}{1 / seconds:>9.1f}",
    ]


def _flood_lines(database: Database) -> list[str]:
    email = "denise.hartley@flood.example"
    with database.administration() as session:
        _, seed = add_person(session, email, "Denise Hartley", PASSWORD)
    device = "the browser at work"
    assert seed is not None
    _enter(database, Guess(email, PASSWORD, _code(seed, -1), "192.0.2.1", "bench", device))
    outcomes, waits = {"evaluated": 0, "refused": 0}, []

    def guess(number: int) -> bool:
        address = f"198.51.{number % STRANGERS}.7"
        try:
            sign_in(database, KEY, Guess(email, f"guess {number}", "", address, "bench"), at=now())
        except RefusedError as refused:
            return str(refused) == TOO_MANY
        return False

    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        flood = [pool.submit(guess, number) for number in range(GUESSES)]
        for attempt in range(2):
            begun = time.monotonic()
            _enter(database, Guess(email, PASSWORD, _code(seed, attempt), "192.0.2.1", "bench", device))
            waits.append(time.monotonic() - begun)
        for one in flood:
            outcomes["refused" if one.result() else "evaluated"] += 1
    seconds = time.monotonic() - started
    told = f"{len(waits)} of 2 times, in {max(waits):.2f} s at most"
    return [
        f"{f'guesses at one account from {STRANGERS} addresses':<58}{GUESSES:>9} in {seconds:.1f} s",
        f"{'of them evaluated':<58}{outcomes['evaluated']:>9}",
        f"{'refused without work':<58}{outcomes['refused']:>9}",
        f"{'its owner in a known browser meanwhile signed in':<58}{told:>9}",
    ]


def _enter(database: Database, guess: Guess) -> None:
    opened = sign_in(database, KEY, guess, at=now())
    if not isinstance(opened, Opened):
        raise TypeError("the owner did not get in")


def _code(seed: str, steps: int) -> str:
    return code_at(seed, int(now().timestamp()) // STEP_SECONDS + steps)
