"""The permission matrix, as data: what each role may read (r) and write (w), class by class.

The database holds the same table (`reach.role_class`, filled by `mendline migrate` from here), so that row-level
security and the pages decide by one source. Roles and their limits follow the regulator's expectations of who
reviews and who decides; a class that is not named for a role is closed to it.
"""

from dataclasses import dataclass
from typing import Literal

from tenants.classes import CLASSES, Mode, weight

Level = Literal["service", "provider", "external", "platform"]


@dataclass(frozen=True)
class Role:
    """One role: where it is held, what it is called and what it may reach."""

    key: str
    label: str
    level: Level
    classes: dict[str, str]

    def holds(self, class_: str, mode: Mode) -> bool:
        """Whether the role may read or write a class."""
        return mode in self.classes.get(class_, "")


def _role(key: str, label: str, level: Level, **classes: str) -> Role:
    unknown = set(classes) - set(CLASSES)
    if unknown:
        raise ValueError(f"role {key} names classes that do not exist: {sorted(unknown)}")
    return Role(key, label, level, classes)


_FLOOR = {"service": "r", "capture": "rw", "work": "rw"}
_LEAD = _FLOOR | {
    "summary": "r",
    "figures": "w",
    "story": "rw",
    "actions": "r",
    "evidence_index": "rw",
    "checks": "rw",
}
_ALL_RECORDS = {
    "records": "r",
    "records_medicines": "r",
    "records_staffing": "r",
    "records_staff": "r",
    "concerns": "r",
}
_GOVERNS = {"summary": "r", "story": "rw", "actions": "rw", "reviews": "rw", "risks": "rw", "meetings": "rw"}

ROLES: dict[str, Role] = {
    role.key: role
    for role in (
        _role("carer", "Carer", "service", **_FLOOR),
        _role("senior_carer", "Senior carer", "service", **_FLOOR, summary="r", checks="rw"),
        _role("key_worker", "Key worker", "service", **_FLOOR, summary="r", actions="r"),
        _role(
            "shift_leader",
            "Shift leader",
            "service",
            **_FLOOR,
            summary="r",
            actions="r",
            checks="r",
            records_staffing="r",
        ),
        _role("medicines_lead", "Medicines lead", "service", **_LEAD, records_medicines="r"),
        _role("care_coordinator", "Care coordinator", "service", **_LEAD, records="r"),
        _role("rota_coordinator", "Rota coordinator", "service", **_LEAD, records_staffing="r"),
        _role(
            "deputy_manager",
            "Deputy manager",
            "service",
            **(_LEAD | _GOVERNS | _ALL_RECORDS),
            evidence_files="rw",
            escalations="r",
            plans="r",
            clocks="r",
            packs="r",
            released="r",
            people="r",
            telling="r",
        ),
        _role(
            "registered_manager",
            "Registered manager",
            "service",
            **(_LEAD | _GOVERNS | _ALL_RECORDS | {"summary": "rw"}),
            assurance="w",
            escalations="rw",
            plans="rw",
            evidence_files="rw",
            packs="rw",
            released="r",
            release="w",
            inspectors="rw",
            people="rw",
            members="w",
            grants="r",
            identifiers="r",
            clocks="rw",
            telling="rw",
            imports="rw",
            exports="w",
        ),
        _role(
            "nominated_individual",
            "Nominated individual",
            "provider",
            **(_GOVERNS | _ALL_RECORDS),
            service="r",
            work="rw",
            assurance="w",
            escalations="rw",
            plans="rw",
            checks="rw",
            evidence_index="rw",
            evidence_files="r",
            packs="rw",
            released="r",
            release="w",
            inspectors="rw",
            people="rw",
            members="w",
            grants="rw",
            support="rw",
            identifiers="r",
            clocks="rw",
            telling="rw",
            imports="r",
            exports="w",
            rollup="r",
            settings="rw",
            custody="rw",
            ledger="r",
        ),
        _role(
            "provider_quality_lead",
            "Provider quality lead",
            "provider",
            **(_GOVERNS | {"summary": "rw"}),
            service="r",
            work="rw",
            identifiers="rw",
            figures="w",
            escalations="r",
            plans="rw",
            checks="rw",
            evidence_index="rw",
            packs="rw",
            released="r",
            clocks="r",
            telling="rw",
            imports="rw",
            exports="w",
            rollup="r",
        ),
        _role(
            "provider_lead",
            "Provider lead",
            "provider",
            service="r",
            summary="r",
            work="rw",
            actions="r",
            escalations="rw",
            risks="r",
            meetings="r",
            packs="r",
            released="r",
            grants="rw",
            clocks="r",
            rollup="r",
        ),
        _role(
            "provider_administrator",
            "Provider administrator",
            "provider",
            service="rw",
            work="rw",
            people="rw",
            members="w",
            grants="r",
            support="rw",
            inspectors="r",
            imports="r",
            settings="rw",
            custody="rw",
            telling="rw",
            exports="w",
            ledger="r",
        ),
        # What outsiders hold here is the most that a grant, a link or a consent can give; without one it is nothing.
        _role(
            "commissioner_officer",
            "Commissioner officer",
            "external",
            service="r",
            summary="r",
            actions="r",
            evidence_index="r",
            evidence_files="r",
            released="r",
            visits="rw",
        ),
        _role(
            "inspector",
            "CQC inspector",
            "external",
            **_ALL_RECORDS,
            service="r",
            summary="r",
            story="r",
            actions="r",
            evidence_index="r",
            evidence_files="r",
            packs="r",
        ),
        _role(
            "platform_operator",
            "Platform operator",
            "platform",
            service="r",
            summary="r",
            story="r",
            actions="r",
            evidence_index="r",
            imports="r",
            people="r",
            operations="rw",
        ),
    )
}

# What a provider may grant to a commissioning body; evidence files never by default.
GRANTABLE = ("summary", "actions", "evidence_index", "evidence_files")


def gives(giver: str, given: str) -> bool:
    """Whether a holder of one role may by it alone give another: never a role that sees or decides more than their own.

    Both are roles inside a provider, and a role over the whole provider is given only from there.
    """
    mine, theirs = ROLES[giver], ROLES[given]
    inside = ("service", "provider")
    if mine.level not in inside or theirs.level not in inside or not mine.holds("members", "w"):
        return False
    if theirs.level == "provider" and mine.level != "provider":
        return False
    return all(_covers(mine, class_, modes) for class_, modes in theirs.classes.items())


def _covers(mine: Role, class_: str, modes: str) -> bool:
    heavy = weight(class_)
    if heavy == "open":
        return True
    if heavy == "power":
        return all(mode in mine.classes.get(class_, "") for mode in modes)
    return bool(mine.classes.get(class_)) and ("r" not in modes or mine.holds(class_, "r"))


def role_rows() -> list[tuple[str, str, bool, bool]]:
    """The matrix as rows (role, class, may read, may write), as `reach.role_class` stores it."""
    return [
        (role.key, class_, "r" in modes, "w" in modes)
        for role in ROLES.values()
        for class_, modes in role.classes.items()
    ]


def giving_rows() -> list[tuple[str, str, bool]]:
    """Who may give what as rows (role, role given, whether it is held at a service), as `reach.role_gives` stores it."""
    return [
        (mine, theirs, ROLES[theirs].level == "service") for mine in ROLES for theirs in ROLES if gives(mine, theirs)
    ]
