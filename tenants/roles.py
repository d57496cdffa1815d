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
    "plans": "starting and changing recovery plans, targets and triggers",
    "actions": "actions, risks, escalations, reviews and decisions",
    "work": "work items and who does them",
    "reviews": "reviewing an indicator and deciding on further action or escalation",
    "assurance": "deciding that an indicator is assured",
    "escalations": "answering what was escalated",
    "risks": "the risk register",
    "checks": "spot checks and independent re-checks",
    "meetings": "governance meetings and their minutes",
    "evidence_index": "what evidence there is and where the original is kept",
    "evidence_files": "the evidence files themselves",
    "records": "source records about care, which may identify people",
    "records_medicines": "source records about medicines, which may identify people",
    "records_staffing": "rotas, deployment and dependency bands",
    "records_staff": "staff files: absence, supervision, training",
    "concerns": "safeguarding concerns and complaints",
    "capture": "making source records and seeing one's own",
    "packs": "packs for the regulator",
    "released": "what was released to commissioners",
    "release": "releasing figures to commissioners",
    "inspectors": "links for inspectors",
    "people": "who works where in which role, and what is granted to whom",
    "members": "giving, changing and ending roles",
    "grants": "grants to commissioners",
    "support": "support access to the provider: who asked, and consent",
    "clocks": "the regulator's clocks, notices and notifications",
    "telling": "reminders, and who is told what",
    "imports": "files of facts",
    "exports": "taking data out of Mendline",
    "rollup": "comparison across services",
    "settings": "settings of the provider and its services",
    "custody": "retention, erasure, legal hold, export of all data, transfer and leaving",
    "ledger": "who did and who read what",
    "visits": "a commissioner's own requests and findings",
    "operations": "health of the platform, queues and providers' names; no care content",
}

Weight = Literal["open", "work", "power"]

# How heavy a class is to give away. Nobody gives a role that reads a class which they do not read themselves, unless
# the class is open (it shows only what its holder made, or a name). Writing is work that a manager hands out, except
# where it is power over others' access, data or decisions: that is given only by whoever holds it.
OPEN = frozenset({"service", "capture", "work", "figures", "telling", "checks"})
POWER = frozenset(
    {"assurance", "release", "inspectors", "people", "members", "grants", "support", "custody", "settings", "exports"}
)


def weight(class_: str) -> Weight:
    """How heavy a class is to give away."""
    return "open" if class_ in OPEN else "power" if class_ in POWER else "work"


# Kind of source record -> the class that reads it; a kind that is not named here is a record about care.
RECORD_CLASSES = {
    "end_of_shift_check": "records_medicines",
    "medicines_audit": "records_medicines",
    "medicines_discrepancy": "records_medicines",
    "cd_check": "records_medicines",
    "competency_observation": "records_medicines",
    "rota_shift": "records_staffing",
    "staffing_exception": "records_staffing",
    "unmet_need_event": "records_staffing",
    "response_time_sample": "records_staffing",
    "call_bell_event": "records_staffing",
    "occupancy_day": "records_staffing",
    "dependency_assessment": "records_staffing",
    "manager_cover": "records_staffing",
    "staff_member": "records_staff",
    "absence": "records_staff",
    "supervision": "records_staff",
    "training_record": "records_staff",
    "safeguarding_concern": "concerns",
    "complaint": "concerns",
}


def record_class(record_type: str) -> str:
    """The class that reads a kind of source record."""
    return RECORD_CLASSES.get(record_type, "records")


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
    "record_decision": ("reviews", "w"),
    "assure": ("assurance", "w"),
    "see_plans": ("plans", "r"),
    "change_plans": ("plans", "w"),
    "see_work": ("work", "r"),
    "do_work": ("work", "w"),
    "see_escalations": ("escalations", "r"),
    "answer_escalation": ("escalations", "w"),
    "see_risks": ("risks", "r"),
    "manage_risks": ("risks", "w"),
    "see_checks": ("checks", "r"),
    "carry_out_check": ("checks", "w"),
    "see_meetings": ("meetings", "r"),
    "keep_minutes": ("meetings", "w"),
    "see_evidence": ("evidence_index", "r"),
    "add_evidence": ("evidence_index", "w"),
    "see_files": ("evidence_files", "r"),
    "add_file": ("evidence_files", "w"),
    "see_records": ("records", "r"),
    "see_medicines_records": ("records_medicines", "r"),
    "see_staffing_records": ("records_staffing", "r"),
    "see_staff_records": ("records_staff", "r"),
    "see_concerns": ("concerns", "r"),
    "see_own_records": ("capture", "r"),
    "enter_record": ("capture", "w"),
    "see_packs": ("packs", "r"),
    "request_pack": ("packs", "w"),
    "compare_services": ("rollup", "r"),
    "see_people": ("people", "r"),
    "manage_people": ("people", "w"),
    "see_imports": ("imports", "r"),
    "import_facts": ("imports", "w"),
    "see_ledger": ("ledger", "r"),
    "export_data": ("exports", "w"),
    "change_members": ("members", "w"),
    "see_grants": ("grants", "r"),
    "change_grants": ("grants", "w"),
    "see_support": ("support", "r"),
    "consent_to_support": ("support", "w"),
    "see_inspectors": ("inspectors", "r"),
    "invite_inspector": ("inspectors", "w"),
    "see_released": ("released", "r"),
    "release_figures": ("release", "w"),
    "see_clocks": ("clocks", "r"),
    "manage_clocks": ("clocks", "w"),
    "see_reminders": ("telling", "r"),
    "change_reminders": ("telling", "w"),
    "see_settings": ("settings", "r"),
    "change_settings": ("settings", "w"),
    "see_custody": ("custody", "r"),
    "keep_custody": ("custody", "w"),
    "see_visits": ("visits", "r"),
    "write_visits": ("visits", "w"),
    "operate": ("operations", "w"),
    "see_operations": ("operations", "r"),
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
