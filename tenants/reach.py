"""What a session may see and do. The wall is row-level security; this is the same knowledge, for pages and commands."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from tenants.errors import NotFoundError, NotPermittedError
from tenants.roles import PERMISSIONS, ROLES

Kind = Literal["person", "job", "command"]


@dataclass(frozen=True)
class Held:
    """A role that a person holds now, at a provider or (with `service_id`) at one of its services."""

    provider_id: uuid.UUID
    provider: str
    service_id: uuid.UUID | None
    role: str
    display_name: str
    initials: str


@dataclass(frozen=True)
class Granted:
    """A service that a provider lets the person's commissioning body see now."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    body: str
    classes: frozenset[str]
    show_name: bool
    until: date


@dataclass(frozen=True)
class Reach:
    """Everything a transaction may touch, as PostgreSQL itself resolved it from the ticket.

    Attributes:
        ticket: the unguessable secret that each transaction shows; never log it.
        kind: a signed-in person, a claimed job, or the command line.
        provider_ids: every provider in reach, for naming in queries (routing and index; not the wall).
    """

    ticket: str
    kind: Kind
    person_id: uuid.UUID | None
    name: str
    held: tuple[Held, ...]
    granted: tuple[Granted, ...]
    provider_ids: tuple[uuid.UUID, ...]

    def __repr__(self) -> str:
        return f"Reach(kind={self.kind!r}, person_id={self.person_id!r})"

    @property
    def is_external(self) -> bool:
        """A commissioner: reads through the read-only role and writes nothing of a provider's."""
        return self.kind == "person" and not self.held and bool(self.granted)

    @property
    def actor(self) -> str:
        """What the ledger calls whoever acts: a role or a part of Mendline, never a name."""
        if self.kind != "person":
            return self.kind
        return self.held[0].role if self.held else "commissioner_officer"

    @property
    def initials(self) -> str:
        """What records show of who made them."""
        if self.held:
            return self.held[0].initials
        return "".join(word[0] for word in self.name.split()[:2]).upper()

    @property
    def role_label(self) -> str:
        """The role under the person's name on each page."""
        if self.held:
            return ROLES[self.held[0].role].label
        return "Commissioner officer" if self.granted else "No role at present"

    def may(self, permission: str, provider_id: uuid.UUID, service_id: uuid.UUID | None = None) -> bool:
        """Whether the permission is held at the provider, or at the service when one is named."""
        class_, mode = PERMISSIONS[permission]
        if self.kind != "person":
            return provider_id in self.provider_ids
        for held in self.held:
            if held.provider_id != provider_id or not ROLES[held.role].holds(class_, mode):
                continue
            if held.service_id is None or held.service_id == service_id:
                return True
        return mode == "r" and any(
            granted.provider_id == provider_id
            and granted.service_id == service_id
            and (class_ in granted.classes or class_ == "service")
            for granted in self.granted
        )

    def may_anywhere(self, permission: str) -> bool:
        """Whether the permission is held anywhere at all: decides what navigation offers."""
        class_, mode = PERMISSIONS[permission]
        return any(ROLES[held.role].holds(class_, mode) for held in self.held) or (
            mode == "r" and any(class_ in granted.classes or class_ == "service" for granted in self.granted)
        )

    def require(self, permission: str, provider_id: uuid.UUID, service_id: uuid.UUID | None = None) -> None:
        """Refuses what is not held.

        Raises:
            NotFoundError: the place is not in reach at all, so its existence is not told.
            NotPermittedError: the place is in reach, the act is not.
        """
        if self.may(permission, provider_id, service_id):
            return
        if self.may("see_service", provider_id, service_id) or self._works_at(provider_id, service_id):
            raise NotPermittedError("Your role does not cover this. Someone who manages people here can change that.")
        raise NotFoundError("There is nothing here that your sign-in covers.")

    def providers_with(self, permission: str) -> tuple[uuid.UUID, ...]:
        """Providers where the permission is held for the whole provider."""
        class_, mode = PERMISSIONS[permission]
        if self.kind != "person":
            return self.provider_ids
        found = (
            held.provider_id for held in self.held if held.service_id is None and ROLES[held.role].holds(class_, mode)
        )
        return tuple(dict.fromkeys(found))

    def _works_at(self, provider_id: uuid.UUID, service_id: uuid.UUID | None) -> bool:
        return any(
            held.provider_id == provider_id and (service_id is None or held.service_id in (None, service_id))
            for held in self.held
        )


def reach_from_profile(ticket: str, profile: Mapping[str, Any]) -> Reach:
    """The reach that `reach.open` describes for a ticket that it accepted."""
    held = tuple(_held(row) for row in profile["held"])
    granted = tuple(_granted(row) for row in profile["granted"])
    person = profile["person_id"]
    return Reach(
        ticket=ticket,
        kind=profile["kind"],
        person_id=uuid.UUID(person) if person else None,
        name=profile["name"] or "Mendline",
        held=tuple(sorted(held, key=lambda row: (_RANK[row.role], str(row.service_id)))),
        granted=granted,
        provider_ids=_ids(profile["provider_ids"]),
    )


# The role that a page shows first when somebody holds several: the one with the widest view.
_RANK = {key: -position for position, key in enumerate(ROLES)}


def _ids(values: Iterable[str]) -> tuple[uuid.UUID, ...]:
    return tuple(uuid.UUID(value) for value in values)


def _held(row: Mapping[str, Any]) -> Held:
    return Held(
        provider_id=uuid.UUID(row["provider_id"]),
        provider=row["provider"],
        service_id=uuid.UUID(row["service_id"]) if row["service_id"] else None,
        role=row["role"],
        display_name=row["display_name"],
        initials=row["initials"],
    )


def _granted(row: Mapping[str, Any]) -> Granted:
    return Granted(
        provider_id=uuid.UUID(row["provider_id"]),
        service_id=uuid.UUID(row["service_id"]),
        body=row["body"],
        classes=frozenset(row["classes"]),
        show_name=row["show_name"],
        until=date.fromisoformat(row["until"]),
    )
