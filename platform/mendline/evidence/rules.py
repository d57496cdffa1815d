"""What a pointer to an original must say, and what may be said of a look at it; values in, problems out."""

import re
import uuid
from dataclasses import dataclass
from datetime import date

from mendline.catalogue.frameworks import framework_in_force
from mendline.web.readings import LETTERS

CHECK_RESULTS = ("unchanged", "changed", "not_found", "withdrawn")
LONGEST = 300
LONGEST_KEPT = 30  # years
KEPT_YEARS = 3
_SHORTEST_REASON = 6
SEEN_AT = {"day": "By day", "evening": "In an evening", "night": "At night"}
LARGEST_SAMPLE = 100_000
_SHORTEST = {"title": 6, "system": 2, "where_to_look": 3}
_ASKED = {
    "title": "Say what it is, in a few words: “Medicines audit, Primrose unit, 12 November”.",
    "system": "Name the system or place that keeps the original, such as “eMAR” or “Governance folder”.",
    "where_to_look": "Say where to look: a report's name, a folder, a page.",
}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class GivenEvidence:
    """A pointer to an original as somebody gave it.

    Attributes:
        letter: R record, A audit (independent check), F feedback, P practice seen.
        sha256: the original's fingerprint, in lower case, where one was taken.
        sample_size: how many records or people it rests on.
        supports: the indicators whose figures it supports.
        seen_at: of practice: day, evening or night.
        made_by: who made it, where that is not who adds it.
        category: the regulator's kind of evidence, where whoever adds it names one.
        quality_statement: the code of a quality statement that it speaks to, beside those of its indicators.
        keep_until: until when it is kept, where that is said.
    """

    letter: str
    title: str
    dated_on: date | None
    system: str
    where_to_look: str
    sha256: str | None
    sample_size: int | None
    supports: tuple[uuid.UUID, ...]
    seen_at: str | None = None
    made_by: str | None = None
    category: str | None = None
    quality_statement: str | None = None
    keep_until: date | None = None


def evidence_problems(given: GivenEvidence, today: date) -> dict[str, str]:
    """What is missing or cannot be, one sentence per field; empty where the evidence can be added."""
    problems: dict[str, str] = {}
    if given.letter not in LETTERS:
        problems["letter"] = "Choose what kind of evidence it is."
    for name, words in _ASKED.items():
        text = getattr(given, name)
        if len(text) < _SHORTEST[name]:
            problems[name] = words
        elif len(text) > LONGEST:
            problems[name] = f"Use {LONGEST} characters or fewer; this has {len(text)}."
        elif _CONTROL.search(text):
            problems[name] = "This contains a character that cannot be saved. Type it again."
    if given.dated_on is None or given.dated_on > today:
        problems["dated_on"] = "Give the date that the original bears, today or earlier."
    return problems | _optional_problems(given) | _placing_problems(given, today)


def _optional_problems(given: GivenEvidence) -> dict[str, str]:
    """What cannot be among the answers that may be left out."""
    problems: dict[str, str] = {}
    if given.sha256 is not None and not _SHA256.fullmatch(given.sha256):
        problems["sha256"] = (
            "A SHA-256 fingerprint has 64 digits from 0 to 9 and a to f. Copy it whole, or leave it out."
        )
    if given.seen_at is not None and given.seen_at not in SEEN_AT:
        problems["seen_at"] = "Choose when it was seen, or leave it out."
    if given.made_by is not None and (len(given.made_by) > LONGEST or _CONTROL.search(given.made_by)):
        problems["made_by"] = "Give an initial and a surname, or an organisation."
    if given.sample_size is not None and not 1 <= given.sample_size <= LARGEST_SAMPLE:
        problems["sample_size"] = f"Give a whole number from 1 to {LARGEST_SAMPLE:,}, or leave it out."
    return problems


def _placing_problems(given: GivenEvidence, today: date) -> dict[str, str]:
    """What cannot be about where it belongs and how long it is kept."""
    problems: dict[str, str] = {}
    known = framework_in_force(today)
    if given.category is not None and given.category not in {one.code for one in known.evidence_categories}:
        problems["category"] = "Choose the kind from the list, or leave it out."
    if given.quality_statement is not None and given.quality_statement not in known.nodes:
        problems["quality_statement"] = "Choose the quality statement from the list, or leave it out."
    if given.keep_until is not None and not 0 < given.keep_until.year - today.year <= LONGEST_KEPT:
        problems["keep_until"] = f"Give a day from next year on, at most {LONGEST_KEPT} years ahead, or leave it out."
    return problems


def kept_for(today: date) -> date:
    """Until when evidence is kept unless somebody says otherwise: three years after the end of this year.

    Three years is what the schedule of records keeps assurance for; a hold or a longer date goes before it.
    """
    return date(today.year + KEPT_YEARS, 12, 31)


def reason_problem(result: str, reason: str) -> str:
    """What is wrong with the reason of a look; only a withdrawal needs one."""
    if result != "withdrawn":
        return ""
    if len(reason) < _SHORTEST_REASON:
        return "Say why it is withdrawn, in a few words: whoever relied on it will ask."
    return "" if len(reason) <= LONGEST and not _CONTROL.search(reason) else f"Use {LONGEST} characters or fewer."
