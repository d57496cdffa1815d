"""The classes of content that roles hold, how heavy each is, and which class each page and act asks for: data alone."""

from typing import Literal

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
    "identifiers": "opening records that identify people for an hour at most, with a reason",
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


# What a role without these classes may open for itself at one service for an hour at most, saying why: it works with
# pseudonyms otherwise. Staff files and concerns are never opened so.
OPENED_ON_NEED = ("records", "records_medicines", "records_staffing")
LONGEST_OPENING_MINUTES = 60

# What a route, a command or a query asks for -> the class and the mode that answer it.
PERMISSIONS: dict[str, tuple[str, Mode]] = {
    "see_service": ("service", "r"),
    "manage_services": ("service", "w"),
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
    "see_opened_records": ("identifiers", "r"),
    "open_records": ("identifiers", "w"),
    "see_visits": ("visits", "r"),
    "write_visits": ("visits", "w"),
    "operate": ("operations", "w"),
    "see_operations": ("operations", "r"),
}
