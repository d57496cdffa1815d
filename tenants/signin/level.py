"""How somebody came in, and what their ticket may be used for. PostgreSQL narrows by the same."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from tenants.errors import NotPermittedError, StepUpNeededError

# How long a factor counts for what needs a fresh one: grants, roles, exports, erasure, factors, support access.
FRESH = timedelta(minutes=10)

Level = Literal["full", "capture", "enrol", "token"]


@dataclass(frozen=True)
class SignIn:
    """How a ticket was come by.

    Attributes:
        level: `full`; `capture` after a quick PIN on a home's tablet; `enrol` until a second factor is set up; `token`.
        classes: the only classes that it reaches; None for all that its person holds.
        service_ids: the only services that it reaches; None for all.
        may_write: whether it writes at all.
        factor_at: when a factor was last shown.
    """

    level: Level = "full"
    classes: frozenset[str] | None = None
    service_ids: frozenset[uuid.UUID] | None = None
    may_write: bool = True
    factor_at: datetime | None = None

    def covers(self, class_: str, mode: Literal["r", "w"]) -> bool:
        """Whether the ticket may be used for a class at all."""
        return (self.classes is None or class_ in self.classes) and (mode == "r" or self.may_write)

    def covers_place(self, service_id: uuid.UUID | None) -> bool:
        """Whether the ticket may be used at a service, or (None) for the whole provider."""
        return self.service_ids is None or service_id in self.service_ids

    def is_fresh(self, at: datetime) -> bool:
        """Whether a factor was shown within the last ten minutes."""
        return self.factor_at is not None and at - self.factor_at <= FRESH

    def require_fresh_factor(self, at: datetime) -> None:
        """Refuses where no factor was shown within the last ten minutes.

        Raises:
            StepUpNeededError: a page asks for a factor and comes back.
            NotPermittedError: a token, or a quick re-entry with a PIN: neither can show one.
        """
        if self.level != "full":
            raise NotPermittedError(
                "This needs a full sign-in in a browser. Sign in with your password and second step."
            )
        if not self.is_fresh(at):
            raise StepUpNeededError("Confirm that it is you. This asks for your second step of the last ten minutes.")


def sign_in_of(row: Mapping[str, Any] | None) -> SignIn:
    """The sign-in that `reach.open` describes; that of a job or a command, which it does not, is without limits."""
    if row is None:
        return SignIn()
    shown = row["factor_at"]
    return SignIn(
        level=row["level"] or "full",
        classes=None if row["classes"] is None else frozenset(row["classes"]),
        service_ids=None if row["service_ids"] is None else frozenset(map(uuid.UUID, row["service_ids"])),
        may_write=bool(row["may_write"]),
        factor_at=None if shown is None else datetime.fromtimestamp(float(shown), UTC),
    )
