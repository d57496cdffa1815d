"""What stands behind a figure now: five marks, and the word that they make.

The marks are a record of sufficient size (R), practice seen, with at least one evening, night or weekend (P), a voice of
people or staff (F), a check by somebody who did not produce the figure (A), and being fresh and complete, which decides
whether a letter is drawn solid or half. Records may be two cadences old, the other kinds four weeks. The word is Strong
with all four kinds, Sufficient with three, Partial with two, Not supported with fewer, without current records, or where
the figure itself is out of date; a figure whose series has gaps is Partial at most. A source that points the other way
and is not answered in writing makes it Contradicted, whatever else there is. A voice that reached us only with the help
of the person's own carer does not carry the mark F: somebody else asks as well. Windows and shares are published rules.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from mendline.catalogue.calendar import bank_holidays
from mendline.catalogue.indicators import Cadence
from mendline.catalogue.status_rules import EvidenceRules, status_rules

Mark = Literal["current", "old", "missing", "not_applicable", "day_only", "few", "not_independent", "own_carer"]
Freshness = Literal["current", "old", "incomplete", "missing"]
Level = Literal["strong", "sufficient", "partial", "not_supported", "contradicted"]

LETTERS = ("R", "A", "F", "P")
MET: frozenset[Mark] = frozenset({"current", "not_applicable"})
SATURDAY = 5
# What a look at the original found, and whether the pointer still proves anything.
_STOPS_COUNTING = frozenset({"withdrawn", "not_found", "changed"})


@dataclass(frozen=True, slots=True)
class EvidenceFact:
    """Something that stands behind an indicator: a linked pointer, or source records of one type.

    Attributes:
        letter: R record, A independent check, F feedback, P practice seen.
        dated_on: the day that it bears.
        checked: what the newest look at its original found.
        out_of_hours: of practice: seen in an evening or at night; a weekend or bank holiday is known from the date.
        size: how many records or people it rests on, where that is known.
        by_producer: of a check: made by whoever produced the figure, so that it is not independent.
        by_own_carer: of a voice: the person's own carer helped to answer, so that it does not carry the mark alone.
    """

    letter: str
    dated_on: date
    checked: str | None = None
    out_of_hours: bool = False
    size: float | None = None
    by_producer: bool = False
    by_own_carer: bool = False

    @property
    def counts(self) -> bool:
        """Whether its original still says what it said."""
        return self.checked not in _STOPS_COUNTING

    @property
    def outside_the_working_week(self) -> bool:
        """Whether it was in an evening, at night, at a weekend or on a bank holiday."""
        return self.out_of_hours or self.dated_on.weekday() >= SATURDAY or self.dated_on in bank_holidays()


@dataclass(frozen=True, slots=True)
class MarkFound:
    """One letter: how it stands, the newest day behind it, and the last day on which it still counts."""

    state: Mark
    newest: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Fresh:
    """The fifth mark: enough of the expected figures, none of it too old.

    Attributes:
        present: of the newest expected periods, how many have a figure.
        until: the last day on which it holds without anything new.
    """

    state: Freshness
    present: int = 0
    expected: int = 0
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """The five marks and the word that they make.

    Attributes:
        contradictions: sources that point the other way and are not answered in writing.
    """

    letters: dict[str, MarkFound]
    fresh: Fresh
    level: Level
    contradictions: int = 0

    @property
    def marks(self) -> dict[str, Mark]:
        """Letter to state."""
        return {letter: found.state for letter, found in self.letters.items()}

    @property
    def missing(self) -> tuple[str, ...]:
        """The letters that are not met, in fixed order, and `fresh` where that mark fails."""
        unmet = tuple(letter for letter, found in self.letters.items() if found.state not in MET)
        return unmet if self.fresh.state == "current" else (*unmet, "fresh")


@dataclass(frozen=True, slots=True)
class FigureBehind:
    """What the marks need to know of the figure itself.

    Attributes:
        present: of the newest expected periods that are over, in order: whether each has a figure.
        last_end: last day of the newest period with a figure.
        size: its denominator, or that of four pooled periods; None where nothing is counted.
        minimum_n: the smallest denominator that is judged.
    """

    present: Sequence[bool] = ()
    last_end: date | None = None
    size: float | None = None
    minimum_n: float = 0


@dataclass(frozen=True, slots=True)
class Behind:
    """Everything that stands behind a figure, or against it."""

    linked: Sequence[EvidenceFact] = ()
    not_applicable: Collection[str] = ()
    figure: FigureBehind = field(default_factory=FigureBehind)
    contradictions: int = 0


def sufficiency_of(behind: Behind, cadence: Cadence, today: date, rules: EvidenceRules | None = None) -> Sufficiency:
    """The five marks of a figure on a day, and their word."""
    rules = rules or status_rules().evidence
    letters = {
        letter: MarkFound("not_applicable")
        if letter in behind.not_applicable
        else _mark(letter, behind, cadence, today, rules)
        for letter in LETTERS
    }
    fresh = _fresh(behind.figure, letters["R"], cadence, today, rules)
    level = _level({letter: found.state for letter, found in letters.items()}, fresh, behind.contradictions, rules)
    return Sufficiency(letters, fresh, level, behind.contradictions)


def _mark(letter: str, behind: Behind, cadence: Cadence, today: date, rules: EvidenceRules) -> MarkFound:
    facts = [fact for fact in behind.linked if fact.letter == letter and fact.counts and fact.dated_on <= today]
    if not facts:
        return MarkFound("missing")
    window = timedelta(days=window_days(letter, cadence, rules))
    current = [fact for fact in facts if today - fact.dated_on <= window]
    newest = max(fact.dated_on for fact in facts)
    if not current:
        return MarkFound("old", newest, newest + window)
    # A letter may need more than being recent: size, another pair of eyes, the hours when nobody looks, or a
    # voice that did not speak in front of whoever it speaks of.
    wanting, holding = _wanting(letter, current, behind.figure)
    if not holding:
        return MarkFound(wanting, newest)
    return MarkFound("current", newest, max(fact.dated_on for fact in holding) + window)


def _wanting(letter: str, current: Sequence[EvidenceFact], figure: FigureBehind) -> tuple[Mark, list[EvidenceFact]]:
    """What is said where none of the current ones will do, and those that do."""
    if letter == "R":
        return "few", [fact for fact in current if _is_large_enough(fact, figure)]
    if letter == "A":
        return "not_independent", [fact for fact in current if not fact.by_producer]
    if letter == "P":
        return "day_only", [fact for fact in current if fact.outside_the_working_week]
    return "own_carer", [fact for fact in current if not fact.by_own_carer]


def _is_large_enough(fact: EvidenceFact, figure: FigureBehind) -> bool:
    """A record counts with a sample or a figure of the smallest size that is judged; what has no size has no smallest."""
    known = [size for size in (fact.size, figure.size) if size is not None]
    return not known or max(known) >= figure.minimum_n


def window_days(letter: str, cadence: Cadence, rules: EvidenceRules | None = None) -> int:
    """How many days a kind of evidence stays current."""
    rules = rules or status_rules().evidence
    return rules.record_cadences * rules.cadence_days[cadence] if letter == "R" else rules.window_days


def _fresh(figure: FigureBehind, record: MarkFound, cadence: Cadence, today: date, rules: EvidenceRules) -> Fresh:
    newest = list(figure.present)[-rules.complete_periods :]
    present, expected = sum(newest), len(newest)
    span = timedelta(days=window_days("R", cadence, rules))
    ends = [day for day in (record.until, figure.last_end + span if figure.last_end else None) if day]
    until = min(ends, default=None)
    if figure.last_end is None:
        state: Freshness = "missing"
    elif today - figure.last_end > span or record.state == "old":
        state = "old"
    elif present < rules.complete_share * expected:
        state = "incomplete"
    else:
        state = "current"
    return Fresh(state, present, expected, until)


def _level(marks: dict[str, Mark], fresh: Fresh, contradictions: int, rules: EvidenceRules) -> Level:
    """The word for a set of marks; without current records nothing else makes up for them."""
    if contradictions:
        return "contradicted"
    met = [letter for letter, mark in marks.items() if mark in MET]
    alone = not any(mark == "current" for mark in marks.values())
    if "R" not in met or alone or fresh.state in ("old", "missing"):
        return "not_supported"
    word: Any = rules.levels.get(str(len(met)), "not_supported")
    found: Level = word
    return "partial" if fresh.state == "incomplete" and found in ("strong", "sufficient") else found
