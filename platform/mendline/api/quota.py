"""How much a provider's programs may ask in a minute, so that one provider's flood is not felt by another."""

import threading
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

import redis

WINDOW = 60  # seconds
_AWAY_FOR = 5.0  # seconds in which a Redis that did not answer is not asked again


@dataclass
class Quota:
    """Requests per provider in the running minute: one count for all processes in Redis, or one of this process alone.

    Attributes:
        address: of Valkey or Redis; None where every process counts for itself.
        most: how many requests a provider has in a minute.
    """

    address: str | None
    most: int
    _own: dict[tuple[str, int], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _away_until: float = 0.0
    _client: "redis.Redis | None" = None

    def too_many(self, providers: Collection[uuid.UUID], at: float) -> int:
        """Counts one request for each provider.

        Args:
            providers: whose programs ask.
            at: the moment, in seconds since 1970.

        Returns:
            How many seconds to wait; 0 where the request is within the quota of every one of them.
        """
        minute = int(at // WINDOW)
        counts = [self._counted(str(one), minute) for one in providers]
        return WINDOW - int(at) % WINDOW if counts and max(counts) > self.most else 0

    def _counted(self, name: str, minute: int) -> int:
        if self.address and time.monotonic() >= self._away_until:
            try:
                return self._in_redis(f"mendline:api:{name}:{minute}")
            except redis.RedisError:
                self._away_until = time.monotonic() + _AWAY_FOR
        with self._lock:
            if len(self._own) > 10_000:
                self._own.clear()
            self._own[name, minute] = self._own.get((name, minute), 0) + 1
            return self._own[name, minute]

    def _in_redis(self, key: str) -> int:
        if self._client is None:
            self._client = redis.Redis.from_url(self.address or "", socket_connect_timeout=0.2, socket_timeout=0.2)
        with self._client.pipeline(transaction=False) as asked:
            asked.incr(key)
            asked.expire(key, 2 * WINDOW)
            return int(asked.execute()[0])
