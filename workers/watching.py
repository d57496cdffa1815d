"""The platform's watch: seals its own count of refusals, writes its head outside, and raises alerts for what is unlike a day.

It runs beside the relay, through functions of the database that show counts and identifiers and no content.
"""

import json
import logging
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from mendline.custody.outside import PLATFORM, anchor
from tenants.chain import Head
from tenants.clock import now
from tenants.database import Database
from tenants.errors import UnavailableError
from tenants.watching import FLOOD_MINUTES, LEDGER_MINUTES, Alert, Signal, alerts, countings

log = logging.getLogger("mendline.watch")

LOOK_SECONDS = 60.0  # every attack is told within five minutes of being one

_SEAL = text("select reach.seal_refusals()")
_HEAD = text("select sequence, chain_hash from reach.refusals_to_anchor()")
_ANCHORED = text("select reach.refusals_anchored(:sequence, :hashed, :kept)")
_COUNTED = text("select * from reach.watched(:at, cast(:countings as jsonb), :minutes)")
_LEDGERS = text("select * from reach.ledgers_amiss(:at, :minutes)")
_RAISE = text("select reach.raise_alert(:kind, :key, :provider, :person, :times, :at, :quiet, :words)")


class Watch:
    """One watch; several may run beside each other, since an alert is raised once."""

    def __init__(self, database: Database, outside: Path) -> None:
        """Looks at nothing yet.

        Args:
            database: with the role of the relay.
            outside: the folder in which heads of chains are kept.
        """
        self._database = database
        self._outside = outside
        self._looked: float | None = None

    def pass_by(self) -> None:
        """Seals what is over; looks around once a minute."""
        self.seal()
        if self._looked is None or time.monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = time.monotonic()
            self.write_head(now())
            self.look(now())

    def seal(self) -> int:
        """Adds a link for each minute of refusals that is over; says how many."""
        with self._database.as_role("relay") as connection:
            return int(connection.execute(_SEAL).scalar_one())

    def write_head(self, at: datetime) -> None:
        """Writes the newest link down outside, once a day; tried again with the next look where that cannot be written."""
        with self._database.as_role("relay") as connection:
            head = connection.execute(_HEAD).one_or_none()
            if head is None:
                return
            try:
                kept = anchor(self._outside, PLATFORM, Head(head.sequence, head.chain_hash), at)
            except UnavailableError as problem:
                log.warning("watch: the head of the platform's chain is not kept outside: %s", problem)
                return
            connection.execute(_ANCHORED, {"sequence": head.sequence, "hashed": head.chain_hash, "kept": str(kept)})

    def look(self, at: datetime) -> Sequence[Alert]:
        """Raises what is unlike an ordinary day in the time before a moment; what was raised now, not what repeats itself."""
        raised = []
        with self._database.as_role("relay") as connection:
            given = {"at": at, "countings": json.dumps(countings()), "minutes": FLOOD_MINUTES}
            counted = connection.execute(_COUNTED, given).all()
            amiss = connection.execute(_LEDGERS, {"at": at, "minutes": LEDGER_MINUTES}).all()
            signals = [
                *(Signal(r.signal, r.provider_id, r.person_id, r.subject, r.times, r.usual) for r in counted),
                *(Signal(r.signal, r.provider_id, None, "", r.times) for r in amiss),
            ]
            for each in alerts(signals):
                values = {
                    "kind": each.kind, "key": each.key, "provider": each.provider_id, "person": each.person_id,
                    "times": each.times, "at": at, "quiet": each.quiet_minutes, "words": each.words,
                }  # fmt: skip
                if connection.execute(_RAISE, values).scalar_one() is not None:
                    raised.append(each)
        for each in raised:
            log.warning("watch: alert %s, counted %d times", each.kind, each.times)
        return raised
