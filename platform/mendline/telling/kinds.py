"""What people are told of, how each kind is told unless they choose otherwise, and what it is called."""

from dataclasses import dataclass
from typing import Literal

Way = Literal["at_once", "daily", "weekly", "never"]

WAYS: dict[Way, str] = {
    "at_once": "By email at once",
    "daily": "In a daily email",
    "weekly": "In a weekly email",
    "never": "Only here, no email",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notice.

    Attributes:
        one: what one of them is called in a digest.
        many: what several are called there.
        way: how it is told to whoever chose nothing.
    """

    key: str
    label: str
    hint: str
    one: str
    many: str
    way: Way


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            "security",
            "Alerts",
            "Something in your provider's ledger is unlike an ordinary day.",
            "alert to look at",
            "alerts to look at",
            "at_once",
        ),
        Kind(
            "escalation",
            "Escalations",
            "Something waits for your decision, or went up to you.",
            "escalation for you to decide",
            "escalations for you to decide",
            "at_once",
        ),
        Kind(
            "clock",
            "The regulator's clocks",
            "Three days before something is due outside, and when it is late.",
            "regulator's clock that ends soon or is late",
            "regulator's clocks that end soon or are late",
            "at_once",
        ),
        Kind(
            "hand_over",
            "Handed over to you",
            "Somebody else's work became yours.",
            "hand-over to you",
            "hand-overs to you",
            "at_once",
        ),
        Kind(
            "offer",
            "Roles that you offered",
            "Somebody whom you offered a role accepted or declined it, or the offer ran out.",
            "answer to a role that you offered",
            "answers to roles that you offered",
            "at_once",
        ),
        Kind(
            "import",
            "Imports taken back",
            "A file was taken back, so that figures or records of your services changed.",
            "import that was taken back",
            "imports that were taken back",
            "daily",
        ),
        Kind("action", "Overdue actions", "An action is past its date.", "overdue action", "overdue actions", "daily"),
        Kind(
            "effect",
            "Look-backs",
            "It is time to look at what a closed action changed.",
            "look-back that is due",
            "look-backs that are due",
            "daily",
        ),
        Kind(
            "work",
            "Overdue work",
            "Your dated work, once a week while some is overdue.",
            "service with overdue work of yours",
            "services with overdue work of yours",
            "weekly",
        ),
    )
}


def way_of(kind: str, ways: dict[str, str]) -> Way:
    """How a kind is told to somebody with these choices; an unknown choice counts as none."""
    chosen = ways.get(kind)
    for known in WAYS:
        if known == chosen:
            return known
    return KINDS[kind].way
