"""What a session may see and do. The wall is row-level security; this is the same knowledge, for pages and commands."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from tenants.classes import PERMISSIONS, record_class
from tenants.errors import NotFoundError, NotPermittedError
from tenants.roles import ROLES
from tenants.signin.level import SignIn, sign_in_of

Kind = Literal["person", "job", "command", "inspector"]
INSIDE = ("service", "provider")
WRITTEN_OUTSIDE = frozenset({"visits"})  # what a commissioner writes is the commissioner's own


@dataclass(frozen=True)
class Held:
    """A role that a person holds now, at a provider or (with `service_id`) at one of its services."""

    provider_id: uuid.UUID
    provider: str
    service_id: uuid.UUID | None
    role: str
    display_name: str
    initials: str
    kind: str = "substantive"  # substantive, acting or cover; support: an operator whom the provider let in to read


@dataclass(frozen=True)
class Granted:
    """A service that a provider lets the person's commissioning body see now."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    body: str
    classes: frozenset[str]
    show_name: bool
    until: date
    live: bool = True  # the figures as they stand; else as the provider last released them

    def opens(self, class_: str) -> bool:
        """Whether the grant opens a class: the service's name and what was released, the rest only where it is live.

        Files are opened one by one, whatever the grant says of figures.
        """
        return class_ in ("service", "released", "visits") or (
            self.live and class_ != "evidence_files" and class_ in self.classes
        )


@dataclass(frozen=True)
class Supported:
    """A provider that let an operator read for a while."""

    provider_id: uuid.UUID
    provider: str
    request_id: uuid.UUID
    until: datetime


@dataclass(frozen=True)
class Watched:
    """That an operator reads at a provider where the person works, and until when: their pages say so."""

    provider_id: uuid.UUID
    name: str
    until: datetime


@dataclass(frozen=True)
class OpenedHere:
    """Records of a service that the person opened for a while, and until when."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    classes: frozenset[str]
    until: datetime


@dataclass(frozen=True)
class Inspecting:
    """What an inspector's link opens: one service and one pack, as things stood at its moment."""

    provider_id: uuid.UUID
    provider: str
    service_id: uuid.UUID
    service: str
    link_id: uuid.UUID
    pack_id: uuid.UUID
    classes: frozenset[str]
    as_at: datetime
    until: datetime


@dataclass(frozen=True)
class Reach:
    """Everything a transaction may touch, as PostgreSQL itself resolved it from the ticket.

    Attributes:
        ticket: the unguessable secret that each transaction shows; never log it.
        kind: a signed-in person, a claimed job, the command line, or the holder of an inspector's link.
        provider_ids: every provider in reach, for naming in queries (routing and index; not the wall).
        unread: how many notices wait for the person, up to 100.
    """

    ticket: str
    kind: Kind
    person_id: uuid.UUID | None
    name: str
    held: tuple[Held, ...]
    granted: tuple[Granted, ...]
    provider_ids: tuple[uuid.UUID, ...]
    supported: tuple[Supported, ...] = ()
    watched: tuple[Watched, ...] = ()
    opened: tuple[OpenedHere, ...] = ()
    inspecting: Inspecting | None = None
    operates: bool = False
    sign_in: SignIn = field(default_factory=SignIn)
    unread: int = 0

    def __repr__(self) -> str:
        return f"Reach(kind={self.kind!r}, person_id={self.person_id!r})"

    @property
    def is_external(self) -> bool:
        """A commissioner: reads through the read-only role and writes nothing of a provider's."""
        return self.kind == "person" and not self.held and bool(self.granted)

    @property
    def reads_only(self) -> bool:
        """Whoever reads through the read-only role: outsiders, inspectors, and operators whom a provider let in."""
        return self.kind == "inspector" or (
            self.kind == "person"
            and bool(self.granted or self.supported)
            and not any(ROLES[held.role].level in INSIDE for held in self.held)
        )

    @property
    def actor(self) -> str:
        """What the ledger calls whoever acts: a role or a part of Mendline, never a name."""
        if self.kind != "person":
            return self.kind
        if self.held:
            return self.held[0].role
        return "platform_operator" if self.operates else "commissioner_officer"

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
            label = ROLES[self.held[0].role].label
            return f"{label}, {self.held[0].kind}" if self.held[0].kind in ("acting", "cover") else label
        if self.inspecting:
            return ROLES["inspector"].label
        if self.operates:
            return ROLES["platform_operator"].label
        return "Commissioner officer" if self.granted else "No role at present"

    def may(self, permission: str, provider_id: uuid.UUID, service_id: uuid.UUID | None = None) -> bool:
        """Whether the permission is held at the provider, or at the service when one is named."""
        class_, mode = PERMISSIONS[permission]
        return self.holds(class_, mode, provider_id, service_id)

    def may_see_records(self, record_type: str, provider_id: uuid.UUID, service_id: uuid.UUID) -> bool:
        """Whether everybody's records of a kind are seen at a service; one's own are another matter."""
        return self.holds(record_class(record_type), "r", provider_id, service_id)

    def holds(
        self, class_: str, mode: Literal["r", "w"], provider_id: uuid.UUID, service_id: uuid.UUID | None = None
    ) -> bool:
        """Whether a class is held at the provider, or at the service when one is named."""
        if self.inspecting:
            here = (self.inspecting.provider_id, self.inspecting.service_id) == (provider_id, service_id)
            return here and mode == "r" and (class_ in self.inspecting.classes or class_ == "service")
        if self.kind != "person":
            return provider_id in self.provider_ids
        if not self.sign_in.covers(class_, mode) or not self.sign_in.covers_place(service_id):
            return False
        for held in self.held:
            if held.provider_id != provider_id or not ROLES[held.role].holds(class_, mode):
                continue
            if held.service_id is None or held.service_id == service_id:
                return True
        return (mode == "r" or class_ in WRITTEN_OUTSIDE) and (
            any(
                granted.provider_id == provider_id and granted.service_id == service_id and granted.opens(class_)
                for granted in self.granted
            )
            or any(
                opened.provider_id == provider_id and opened.service_id == service_id and class_ in opened.classes
                for opened in self.opened
            )
        )

    def may_anywhere(self, permission: str) -> bool:
        """Whether the permission is held anywhere at all: decides what navigation offers."""
        class_, mode = PERMISSIONS[permission]
        if self.inspecting:
            return mode == "r" and (class_ in self.inspecting.classes or class_ == "service")
        if not self.sign_in.covers(class_, mode):
            return False
        if class_ == "operations":
            return self.operates
        return any(ROLES[held.role].holds(class_, mode) for held in self.held) or (
            (mode == "r" or class_ in WRITTEN_OUTSIDE)
            and (
                any(granted.opens(class_) for granted in self.granted)
                or any(class_ in opened.classes for opened in self.opened)
            )
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

    def require_fresh_factor(self, at: datetime) -> None:
        """Refuses what needs a factor of the last ten minutes. Jobs and the command line have none and need none.

        Raises:
            StepUpNeededError: a page asks for a factor and comes back.
            NotPermittedError: a token, a quick re-entry with a PIN, or an inspector: none can show one.
        """
        if self.kind == "inspector":
            raise NotPermittedError("This needs a full sign-in.")
        if self.kind == "person":
            self.sign_in.require_fresh_factor(at)

    def providers_with(self, permission: str) -> tuple[uuid.UUID, ...]:
        """Providers where the permission is held for the whole provider."""
        class_, mode = PERMISSIONS[permission]
        if self.inspecting:
            return ()
        if self.kind != "person":
            return self.provider_ids
        if not self.sign_in.covers(class_, mode) or not self.sign_in.covers_place(None):
            return ()
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
    supported = tuple(_supported(row) for row in profile.get("supported") or ())
    held = tuple(_held(row) for row in profile["held"])
    # Where a provider let an operator in, the operator's own pages show it as any other reach: a role that only reads.
    at_work = {row.provider_id for row in held}
    held += tuple(
        Held(row.provider_id, row.provider, None, "platform_operator", "Support", "", "support")
        for row in supported
        if row.provider_id not in at_work
    )
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
        supported=supported,
        watched=tuple(
            Watched(uuid.UUID(row["provider_id"]), row["name"], datetime.fromisoformat(row["until"]))
            for row in profile.get("watched") or ()
        ),
        opened=tuple(_opened(row) for row in profile.get("opened") or ()),
        inspecting=_inspecting(profile["inspecting"]) if profile.get("inspecting") else None,
        operates=bool(profile.get("operates")),
        sign_in=sign_in_of(profile.get("sign_in")),
        unread=int(profile.get("unread") or 0),
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
        kind=row.get("kind", "substantive"),
    )


def _granted(row: Mapping[str, Any]) -> Granted:
    return Granted(
        provider_id=uuid.UUID(row["provider_id"]),
        service_id=uuid.UUID(row["service_id"]),
        body=row["body"],
        classes=frozenset(row["classes"]),
        show_name=row["show_name"],
        until=date.fromisoformat(row["until"]),
        live=row.get("live", True),
    )


def _supported(row: Mapping[str, Any]) -> Supported:
    return Supported(
        provider_id=uuid.UUID(row["provider_id"]),
        provider=row["provider"],
        request_id=uuid.UUID(row["request_id"]),
        until=datetime.fromisoformat(row["until"]),
    )


def _opened(row: Mapping[str, Any]) -> OpenedHere:
    return OpenedHere(
        provider_id=uuid.UUID(row["provider_id"]),
        service_id=uuid.UUID(row["service_id"]),
        service=row["service"],
        classes=frozenset(row["classes"]),
        until=datetime.fromisoformat(row["until"]),
    )


def _inspecting(row: Mapping[str, Any]) -> Inspecting:
    return Inspecting(
        provider_id=uuid.UUID(row["provider_id"]),
        provider=row["provider"],
        service_id=uuid.UUID(row["service_id"]),
        service=row["service"],
        link_id=uuid.UUID(row["link_id"]),
        pack_id=uuid.UUID(row["pack_id"]),
        classes=frozenset(row["classes"]),
        as_at=datetime.fromisoformat(row["as_at"]),
        until=datetime.fromisoformat(row["until"]),
    )
