"""How long a sign-in lasts and what it needs, by role: data, so that a provider's rules are one edit away."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class SessionLimits:
    """When a session ends by itself.

    Attributes:
        idle: after this long without a request.
        longest: after this long whatever happens.
    """

    idle: timedelta
    longest: timedelta


USUAL = SessionLimits(timedelta(minutes=30), timedelta(hours=12))
# A device that several people share, and a quick re-entry with a PIN on it.
SHARED = SessionLimits(timedelta(minutes=15), timedelta(hours=12))
QUICK = SessionLimits(timedelta(minutes=15), timedelta(hours=4))
# Until a second factor is set up; reaches nothing.
UNFINISHED = SessionLimits(timedelta(minutes=15), timedelta(hours=1))

# Roles with stricter limits than the usual ones; of several roles the strictest counts.
BY_ROLE = {
    "platform_operator": SessionLimits(timedelta(minutes=15), timedelta(hours=8)),
    "provider_administrator": SessionLimits(timedelta(minutes=30), timedelta(hours=8)),
}

# Roles that may go without a second factor. None: every human shows one.
WITHOUT_FACTOR: frozenset[str] = frozenset()

# After a full sign-in on a home's tablet, how long a PIN brings the same person back.
PIN_LIVES = timedelta(days=7)


def limits_of(roles: Iterable[str], *, shared: bool = False) -> SessionLimits:
    """The strictest limits of somebody's roles, stricter still on a device that several people share."""
    held = [USUAL, *(BY_ROLE[role] for role in roles if role in BY_ROLE), *([SHARED] if shared else [])]
    return SessionLimits(min(one.idle for one in held), min(one.longest for one in held))


def needs_factor(roles: Iterable[str]) -> bool:
    """Whether somebody with these roles has to show a second factor; somebody without a role does too."""
    held = set(roles)
    return not held or not held <= WITHOUT_FACTOR
