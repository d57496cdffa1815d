"""Waits for another server a while and no longer, however slowly it answers: by drops, it would hold whoever waits for days.

A time limit on a socket is about each piece that arrives. So the asking is done in a thread of its own, which whoever asked
does not wait for any longer than they said; how many such threads one host may keep busy is limited too.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import TypeVar

from tenants.errors import UnavailableError

SECONDS = 10.0
MOST_OF_A_HOST = 8  # at once, in one process

Answer = TypeVar("Answer")

_busy: Counter[str] = Counter()
_lock = Lock()


def within(host: str, ask: Callable[[], Answer], *, seconds: float, told: str) -> Answer:
    """What `ask` gives, or raises.

    Args:
        host: whom it asks.
        ask: does the asking.
        seconds: how long it is waited for.
        told: the words of the error.

    Raises:
        UnavailableError: it took longer, or the host keeps as many busy already as it may.
    """
    with _lock:
        if _busy[host] >= MOST_OF_A_HOST:
            raise UnavailableError(told)
        _busy[host] += 1
    done: Future[Answer] = Future()

    def run() -> None:
        try:
            done.set_result(ask())
        except BaseException as problem:  # noqa: BLE001 -- raised again where it is waited for
            done.set_exception(problem)
        finally:
            with _lock:
                _busy[host] -= 1

    Thread(target=run, daemon=True).start()
    try:
        return done.result(seconds)
    except TimeoutError as problem:
        raise UnavailableError(told) from problem
