"""Limits on guessing, counted in PostgreSQL, which nobody can turn against somebody else.

Guesses at an account are limited for everybody together, except from browsers in which its owner has signed in before:
those have a limit of their own. A flood of guesses therefore closes the account to strangers and not to its owner. Where
an account is closed to strangers, whoever shows the right code of its authenticator beside the password is heard all the
same. Passkeys and single sign-on are not guessed at and are not limited here. Unknown accounts are limited like known ones.
"""

import ipaddress
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, text

from tenants.ids import new_id
from tenants.signin.links import keyed_hash

GUESSES_AN_HOUR = 10  # at one account, by strangers together, or from one known browser
GUESSES_OF_AN_ADDRESS = 100  # an hour; a whole care home may share one address
CODES_OF_AN_ADDRESS = 20  # an hour, codes shown at a closed account
OVERALL_A_MINUTE = 600  # of everybody, in browsers that are not known

Kind = Literal["password", "code", "pin", "reset"]

_COUNT = text(
    "select count(*) filter (where email_hash = :email and kind = :kind and attempted_at > :hour"
    " and device_hash is not distinct from :device) as of_account,"
    " count(*) filter (where address_hash = :address and device_hash is null and attempted_at > :hour) as of_address,"
    " count(*) filter (where device_hash is null and attempted_at > :minute) as overall"
    " from signin.attempt where not succeeded and attempted_at > :hour"
    " and (email_hash = :email or address_hash = :address or attempted_at > :minute)"
)


@dataclass(frozen=True)
class Source:
    """Where a guess comes from.

    Attributes:
        address: of the network.
        device: the fingerprint of a browser in which the account's owner has signed in; None for every other.
    """

    address: str
    device: bytes | None = None


@dataclass(frozen=True)
class Counted:
    """A guess that may be judged, or not.

    Attributes:
        attempt_id: the row that `succeeded` marks; None where the guess is not judged.
        failures: wrong guesses at this account within the hour, this one not counted.
    """

    attempt_id: uuid.UUID | None
    failures: int

    @property
    def is_closed(self) -> bool:
        """Whether there were too many."""
        return self.attempt_id is None


def count(
    connection: Connection, key: bytes, account: str, source: Source, *, at: datetime, kind: Kind = "password"
) -> Counted:
    """Writes the guess down as failed before it is judged, so that guesses sent side by side are counted too."""
    words = {
        "email": keyed_hash(key, "account", account),
        "address": keyed_hash(key, "address", _network(source.address)),
        "device": source.device,
        "kind": kind,
    }
    connection.execute(
        text("select pg_advisory_xact_lock(hashtextextended(encode(:email, 'hex'), 0))"), {"email": words["email"]}
    )
    row = connection.execute(
        _COUNT, {**words, "hour": at - timedelta(hours=1), "minute": at - timedelta(minutes=1)}
    ).one()
    by_address = CODES_OF_AN_ADDRESS if kind == "code" else GUESSES_OF_AN_ADDRESS
    closed = row.of_account >= GUESSES_AN_HOUR or (
        source.device is None and (row.of_address >= by_address or row.overall >= OVERALL_A_MINUTE)
    )
    if closed:
        return Counted(None, row.of_account)
    attempt_id = new_id()
    connection.execute(
        text(
            "insert into signin.attempt (attempt_id, email_hash, address_hash, device_hash, kind, attempted_at, succeeded)"
            " values (:id, :email, :address, :device, :kind, :at, false)"
        ),
        {**words, "id": attempt_id, "at": at},
    )
    return Counted(attempt_id, row.of_account)


def succeeded(connection: Connection, counted: Counted) -> None:
    """The guess was right and counts against nobody."""
    connection.execute(
        text("update signin.attempt set succeeded = true where attempt_id = :id"), {"id": counted.attempt_id}
    )


def is_worth_noting(failures: int) -> bool:
    """Whether the ledger tells of this many wrong guesses: the first, and then ever fewer, so that nobody floods it."""
    return failures in (1, 3, 5, GUESSES_AN_HOUR)


def _network(address: str) -> str:
    """The address, or for IPv6 its network of 64 bits, which one household has to itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
