"""What a pack says of the recovery plan, of checks of its claims, of the regulator's dates and of its own corrections."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObjectiveRow:
    """An objective of the recovery plan: what it reaches, where it stands, and what its exit test still misses."""

    number: str
    goal: str
    target: str
    weeks: str
    state: str
    missing: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of the recovery plan with the work that was due so far."""

    number: str
    action: str
    role: str
    rhythm: str
    done: str
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A milestone of the recovery plan: what it expects, whether it was met, and what shows it."""

    week: str
    title: str
    expects: str
    state: str
    says: str


@dataclass(frozen=True, slots=True)
class PlanPart:
    """The recovery plan that runs."""

    title: str
    sentence: str
    goal: str
    objectives: tuple[ObjectiveRow, ...]
    steps: tuple[StepRow, ...]
    milestones: tuple[MilestoneRow, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A spot check that ended: what was drawn, and how many records agree with their originals."""

    reference: str
    what: str
    drawn: str
    found: str
    verdict: str
    references: tuple[str, ...] = ()
    href: str = ""


@dataclass(frozen=True, slots=True)
class ClockRow:
    """Something that the regulator or another body waits for, or that was sent, with its proof."""

    what: str
    about: str
    due: str
    owner: str
    state: str
    proof: str
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class RestatedRow:
    """A figure that was corrected after somebody outside had seen it."""

    when: str
    what: str
    change: str
    seen: str
    why: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A kind of source record that is kept, with how many there are and what they are for."""

    what: str
    records: str
    span: str
    purpose: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class DrillRow:
    """An inspection drill that was answered to its end: claims drawn at random, against a clock."""

    reference: str
    when: str
    by: str
    found: str
    misses: tuple[str, ...] = ()
    href: str = ""
