"""The permission matrix, as data: what each role may read (r) and write (w), class by class.

The database holds the same table (`reach.role_class`, filled by `mendline migrate` from here), so that row-level
security and the pages decide by one source. Roles and their limits follow the regulator's expectations of who
reviews and who decides; a class that is not named for a role is closed to it.
"""

from dataclasses import dataclass
from typing import Literal

Level = Literal["service", "provider", "external", "platform"]
Mode = Literal["r", "w"]

CLASSES = {
    "service": "the service's name, type and size",
    "summary": "indicators, figures, status, ratings and plans",
    "figures": "entering and correcting figures",
    "story": "what changed, why, what action followed",
    "actions": "actions, risks, escalations, reviews and decisions",
    "evidence_index": "what evidence there is and where the original is kept",
    "evidence_files": "the evidence files themselves",
    "records": "source records, which may identify people",
    "capture": "making source records and seeing one's own",
    "packs": "packs for the regulator",
    "people": "who works where in which role, and what is granted to whom",
    "imports": "files of facts",
    "rollup": "comparison across services",
    "ledger": "who did and who read what",
}


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


_FLOOR = {"service": "r", "capture": "rw"}
_LEAD = _FLOOR | {
    "summary": "r",
    "figures": "w",
    "story": "rw",
    "actions": "r",
    "evidence_index": "rw",
}

ROLES: dict[str, Role] = {
    role.key: role
    for role in (
        _role("carer", "Carer", "service", **_FLOOR),
        _role("senior_carer", "Senior carer", "service", **_FLOOR, summary="r"),
        _role("key_worker", "Key worker", "service", **_FLOOR, summary="r", actions="r"),
        _role("shift_leader", "Shift leader", "service", **_FLOOR, summary="r", actions="r"),
        _role("medicines_lead", "Medicines lead", "service", **_LEAD, records="r"),
        _role("care_coordinator", "Care coordinator", "service", **_LEAD, records="r"),
        _role("rota_coordinator", "Rota coordinator", "service", **_LEAD),
        _role(
            "deputy_manager",
            "Deputy manager",
            "service",
            **(_LEAD | {"actions": "rw", "evidence_files": "rw"}),
            records="r",
            packs="r",
        ),
        _role(
            "registered_manager",
            "Registered manager",
            "service",
            **(_LEAD | {"actions": "rw", "summary": "rw"}),
            evidence_files="rw",
            records="r",
            packs="rw",
            people="rw",
        ),
        _role(
            "nominated_individual",
            "Nominated individual",
            "provider",
            service="r",
            summary="r",
            story="rw",
            actions="rw",
            evidence_index="r",
            evidence_files="r",
            records="r",
            packs="rw",
            people="rw",
            rollup="r",
            ledger="r",
        ),
        _role(
            "provider_quality_lead",
            "Provider quality lead",
            "provider",
            service="r",
            summary="rw",
            figures="w",
            story="rw",
            actions="rw",
            evidence_index="rw",
            packs="rw",
            imports="rw",
            rollup="r",
        ),
        _role(
            "provider_lead",
            "Provider lead",
            "provider",
            service="r",
            summary="r",
            actions="r",
            packs="r",
            rollup="r",
        ),
        _role(
            "provider_administrator",
            "Provider administrator",
            "provider",
            service="rw",
            people="rw",
            imports="r",
            ledger="r",
        ),
        _role("commissioner_officer", "Commissioner officer", "external"),
        _role("inspector", "CQC inspector", "external"),
        _role("platform_operator", "Platform operator", "platform"),
    )
}

# What a route, a command or a query asks for -> the class and the mode that answer it.
PERMISSIONS: dict[str, tuple[str, Mode]] = {
    "see_service": ("service", "r"),
    "see_indicators": ("summary", "r"),
    "change_indicators": ("summary", "w"),
    "enter_observation": ("figures", "w"),
    "see_story": ("story", "r"),
    "tell_story": ("story", "w"),
    "see_actions": ("actions", "r"),
    "manage_actions": ("actions", "w"),
    "record_decision": ("actions", "w"),
    "see_evidence": ("evidence_index", "r"),
    "add_evidence": ("evidence_index", "w"),
    "see_records": ("records", "r"),
    "see_own_records": ("capture", "r"),
    "enter_record": ("capture", "w"),
    "see_packs": ("packs", "r"),
    "request_pack": ("packs", "w"),
    "compare_services": ("rollup", "r"),
    "see_people": ("people", "r"),
    "import_facts": ("imports", "w"),
    "see_ledger": ("ledger", "r"),
}

# What a provider may grant to a commissioning body; evidence files never by default.
GRANTABLE = ("summary", "actions", "evidence_index", "evidence_files")


def role_rows() -> list[tuple[str, str, bool, bool]]:
    """The matrix as rows (role, class, may read, may write), as `reach.role_class` stores it."""
    return [
        (role.key, class_, "r" in modes, "w" in modes)
        for role in ROLES.values()
        for class_, modes in role.classes.items()
    ]
