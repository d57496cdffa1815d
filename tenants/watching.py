"""What is unlike an ordinary day: a rule over counts, by which an alert is raised or not. No clock, no database.

Counts come from ledgers, sign-ins and refusals of the time before a moment; the watch (`workers.watching`) asks for them
every minute. A person's own busiest time of the last 28 days is what theirs is measured by, above a floor that nobody
reaches in ordinary work.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

FLOOD_MINUTES = 5  # over which sign-ins and forged secrets are counted
LEDGER_MINUTES = 4  # an entry is sealed within one; four without a link is a gap
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of alert.

    Attributes:
        words: what operators and administrators read, as the beginning of a sentence without its end.
        what_to_do: what administrators do first.
        quiet_minutes: for how long the same is not raised again.
    """

    words: str
    what_to_do: str
    quiet_minutes: int = 60


KINDS = {
    "foreign": Kind(
        "Addresses of things that are not within a sign-in were tried one after the other",
        "Ask whoever it was. If it was not them, end their role on the People page: their sign-ins end with it.",
    ),
    "reads": Kind(
        "One person opened far more records than in their busiest hour of four weeks",
        "Ask whoever it was what it was for, and look at the entries in the ledger.",
    ),
    "exports": Kind(
        "One person took far more downloads and exports than in their busiest hour of four weeks",
        "Ask whoever it was what it was for, and look at the entries in the ledger.",
    ),
    "looks": Kind(
        "One visitor from outside opened far more pages than in their busiest hour of four weeks",
        "Look at the entries in the ledger; withdraw the grant or the link where it was not reading.",
    ),
    "sign_in": Kind("Far more sign-ins fail than succeed", "Nothing at one provider: operators look into it."),
    "forged": Kind("Made-up secrets are shown in numbers", "Nothing at one provider: operators look into it."),
    "ledger_gap": Kind(
        "Entries of a ledger wait for their link",
        "Operators look whether the work behind pages runs; an entry that never gets its link was put in by hand.",
        _DAY_MINUTES,
    ),
    "ledger_broken": Kind(
        "The chain of a ledger does not hold",
        "Ask whoever runs Mendline for `mendline ledger verify` and for the heads that are kept outside.",
        _DAY_MINUTES,
    ),
    "break_glass": Kind(
        "Support access is in use",
        "Nothing, if you agreed to it. You can end it on the page Support access.",
        _DAY_MINUTES,
    ),
}


@dataclass(frozen=True, slots=True)
class Counting:
    """Which acts of a ledger are counted together, in how many minutes, and from how many on they matter.

    Attributes:
        signal: the kind of alert that they may raise.
        acts: as the ledger names them.
        minutes: over how long they are counted.
        floor: from how many on they matter at all, however quiet the person's other days were.
        statuses: of refusals, the answers that count, as HTTP numbers them; any where None.
    """

    signal: str
    acts: tuple[str, ...]
    minutes: int
    floor: int
    statuses: tuple[str, ...] | None = None


COUNTINGS = (
    Counting("foreign", ("refused", "support refused", "inspector refused"), 5, 20, ("403", "404")),
    Counting("reads", ("records read", "evidence file opened"), 60, 60),
    Counting(
        "exports",
        ("pack downloaded", "ledger exported", "archive of a person's data downloaded", "records exported"),
        60,
        12,
    ),
    Counting("looks", ("external look", "inspector look", "support look"), 60, 240),
)
# Counts that have no person in a ledger: from how many on, and how many times what is usual beside them.
_PLATFORM_FLOORS = {"sign_in": 60, "forged": 50, "foreign": 20}
_TIMES_USUAL = {"reads": 3, "exports": 3, "looks": 3, "sign_in": 2, "foreign": 1, "forged": 0, "break_glass": 0}


@dataclass(frozen=True, slots=True)
class Signal:
    """What was counted.

    Attributes:
        signal: the kind of alert that it may raise.
        provider_id: at which provider; None where none can be named.
        person_id: by whom; None likewise.
        subject: whose, or what: a person, a network's hash, a kind of secret, a request.
        times: how often, within the minutes of its counting.
        usual: the person's busiest such time of 28 days; for sign-ins, those that succeeded.
    """

    signal: str
    provider_id: uuid.UUID | None
    person_id: uuid.UUID | None
    subject: str
    times: int
    usual: int = 0


@dataclass(frozen=True, slots=True)
class Alert:
    """What is raised.

    Attributes:
        key: what it is about: the same is not raised again for a while.
        times: how often what raised it was counted.
    """

    kind: str
    key: str
    provider_id: uuid.UUID | None
    person_id: uuid.UUID | None
    times: int

    @property
    def quiet_minutes(self) -> int:
        """For how long the same is not raised again."""
        return KINDS[self.kind].quiet_minutes

    @property
    def words(self) -> str:
        """What a letter says of it."""
        return words_of(self.kind)


def words_of(kind: str) -> str:
    """What an alert says; also one of a kind that is watched for no longer."""
    return KINDS[kind].words if kind in KINDS else "Something was unlike an ordinary day"


def what_to_do(kind: str) -> str:
    """What administrators do first."""
    return KINDS[kind].what_to_do if kind in KINDS else "Look at the entries in the ledger."


def alerts(signals: Iterable[Signal]) -> Iterator[Alert]:
    """What of the counts is unlike an ordinary day."""
    for each in signals:
        floor = _floor(each)
        if each.times >= floor and each.times > _TIMES_USUAL.get(each.signal, 0) * each.usual:
            key = f"{each.signal} {each.provider_id or 'platform'} {each.subject}"
            yield Alert(each.signal, key, each.provider_id, each.person_id, each.times)


def _floor(signal: Signal) -> int:
    if signal.provider_id is None:
        return _PLATFORM_FLOORS.get(signal.signal, 1)
    return next((each.floor for each in COUNTINGS if each.signal == signal.signal), 1)


def countings() -> list[dict[str, object]]:
    """The countings as the database takes them."""
    return [asdict(each) for each in COUNTINGS]
