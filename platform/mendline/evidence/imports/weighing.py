"""What a row of a file is to what is kept already: pure values in, one word out.

Three things are compared: what the file says now, what stands, and what came out of a file before. A correction by hand
that a later export does not know of is not undone by it: the export says nothing new.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mendline.evidence.imports.plan import Place

Verdict = Literal["new", "changed", "unchanged", "kept", "written", "conflict", "alike"]
OnConflict = Literal["stop", "skip", "update"]

VERDICTS: tuple[Verdict, ...] = ("new", "changed", "unchanged", "kept", "written", "conflict", "alike")
ON_CONFLICT: tuple[OnConflict, ...] = ("stop", "skip", "update")

# Answers that tell one event from another at the same moment.
_TELLS_APART = frozenset({"person_reference", "staff_reference", "room"})
_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Stands:
    """What is kept under the identity of a row.

    Attributes:
        revision: its newest revision.
        says: what that revision says.
        by_import: whether it came out of a file, or was taken back with one.
        imported: what the newest revision that came out of a file said; none where none did.
        gone: it was taken back, or is a period without a figure: nothing is lost where the row takes its place.
        told: who recorded it and when, for whoever has to choose.
        by_action: the work of an action wrote it, which alone changes it.
    """

    revision: int
    says: Any
    by_import: bool
    imported: Any = None
    gone: bool = False
    told: str = ""
    by_action: bool = False


def weigh(given: Any, stands: Stands | None) -> Verdict:
    """What a row is to what stands.

    Args:
        given: what the file says, in the form that `Stands` has it.
        stands: what is kept; none where nothing is.
    """
    if stands is None:
        return "new"
    if given == stands.says:
        return "unchanged"
    if stands.by_action:
        return "written"
    if not stands.by_import and stands.imported is not None and given == stands.imported:
        return "kept"
    if stands.gone:
        return "new"
    return "changed" if stands.by_import else "conflict"


@dataclass(slots=True)
class Tally:
    """How many rows are what, and what of it a person has to look at.

    Attributes:
        counts: by verdict.
        verdicts: of the rows that are shown, by their place in the file.
        conflicts: the first rows that say something else than what somebody recorded by hand.
        proposals: the first rows that may be records which are kept already.
        undecided: how many of those nobody has decided yet.
    """

    counts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))
    verdicts: dict[Place, Verdict] = field(default_factory=dict)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    proposals: list[dict[str, Any]] = field(default_factory=list)
    undecided: int = 0

    def told(self) -> dict[str, int]:
        """The counts by the word of their verdict."""
        return {str(verdict): count for verdict, count in self.counts.items()}

    def add(self, verdict: Verdict, place: Place, shown: frozenset[Place]) -> None:
        """Counts one row."""
        self.counts[verdict] += 1
        if place in shown:
            self.verdicts[place] = verdict


def alike(kinds: Mapping[str, str], one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two records of one type and moment may be the same event.

    No answer that tells events apart (person, staff, room) differs where both have it, and at least half of the answers
    that either has are the same.

    Args:
        kinds: the kind of each field.
        one: answers of the one.
        other: answers of the other.
    """
    named = one.keys() | other.keys()
    if not named:
        return False
    for name in named:
        if kinds.get(name) in _TELLS_APART and name in one and name in other and one[name] != other[name]:
            return False
    same = sum(1 for name in named if name in one and name in other and one[name] == other[name])
    return same >= _ENOUGH * len(named)
