"""What a pack says, as plain values: filled by queries, written down by templates, hashed for its manifest.

Every text arrives ready to read. Whatever leaders, people or records are said to have said is a `Claim`, and a claim
ends in references: E evidence, A action, R risk, D discrepancy. A pack never hides that a reference is missing or leads
nowhere; it says so where the claim stands and counts it on the control sheet.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mendline.indicators.chart import ChartSpec
from mendline.packs.document_figures import FactRow, PointRow
from mendline.packs.document_recovery import CheckRow, ClockRow, DrillRow, HeldRow, PlanPart, RestatedRow
from mendline.web.readings import Reading


@dataclass(frozen=True, slots=True)
class Fact:
    """A term with its value; `note` is a second line."""

    term: str
    value: str
    note: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement and the references that it rests on, such as `E-046` or `A-022`."""

    text: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PositionRow:
    """An indicator on the one-page position.

    Attributes:
        anchor: leads to its part of the pack, if it has one.
        href: leads to the page of what is behind the figure, for whoever may sign in.
        mark: that the figure came late or was restated.
        baseline_href: leads to the figures that the baseline was made of.
        target_href: leads to the indicator, where its target stands with who set it and why.
        evidence_href: leads to the evidence that is linked to it.
    """

    indicator: str
    baseline: str
    now: str
    target: str
    reading: Reading
    evidence: str
    decision: str = ""
    decided: str = ""
    anchor: str = ""
    href: str = ""
    mark: str = ""
    baseline_href: str = ""
    target_href: str = ""
    evidence_href: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where the service stands, on one page: the sentence, the table, and declines that met no decision."""

    sentence: str
    rows: tuple[PositionRow, ...]
    declines: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A lettered event of a chart."""

    letter: str
    when: str
    what_changed: str
    why: str
    what_followed: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndicatorPart:
    """An indicator inside a section: its sentence, up to four boxed facts, its chart and the story behind it.

    Attributes:
        sources: references of the records behind the figures.
        method: how the limits were made, in a sentence, for the caption.
        baseline: the figures that the baseline was made of.
        points: the other figures of the chart.
    """

    anchor: str
    name: str
    sentence: str
    facts: tuple[Fact, ...] = ()
    chart: ChartSpec | None = None
    method: str = ""
    sources: tuple[str, ...] = ()
    story: tuple[StoryRow, ...] = ()
    baseline: tuple[PointRow, ...] = ()
    points: tuple[PointRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What a leader decided, when, why and on what."""

    when: str
    decision: str
    by: str
    reason: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A quality statement, or whatever the framework of the inspection calls it.

    Attributes:
        anchor: where contents and links lead, such as `medicines`.
        heading: such as `Medicines optimisation`.
        label: with its key question, such as `Safe: Medicines optimisation`; stands at the head of each page.
        kicker: what it answers to, such as `Key question: Safe. Regulation 12(2)(g)`.
        sentence: its position, said first.
        contents: what it holds, for the contents page.
        found: what CQC found and what the service set out to do.
        weaknesses: what is not yet good enough.
        voices: what people, families and staff say.
        checks: how a reader can test what is said.
    """

    anchor: str
    heading: str
    label: str
    kicker: str
    sentence: str
    contents: str = ""
    found: tuple[Claim, ...] = ()
    indicators: tuple[IndicatorPart, ...] = ()
    weaknesses: tuple[Claim, ...] = ()
    decisions: tuple[DecisionRow, ...] = ()
    voices: tuple[Claim, ...] = ()
    checks: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action: what was found, what is done about it, by whom and when, and what it changed for people."""

    reference: str
    what: str
    owner: str
    due: str
    state: str
    is_late: bool = False
    finding: str = ""
    effect: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskRow:
    """A risk with its score now and before."""

    reference: str
    what: str
    score: str
    before: str
    owner: str
    next_look: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """Something that was put before somebody: what, since when, how it ended; late ones are not hidden."""

    what: str
    asked: str
    opened: str
    due: str
    ended: str
    is_late: bool = False
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """A line of the recovery's story: when, what, in words."""

    when: str
    heading: str
    words: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A piece of evidence: what it is, where its original is, and whether that is what it was.

    Attributes:
        fingerprint: SHA-256 of the file in full; empty where nobody could fingerprint it, as with paper.
        checked: when the original was last compared.
        state: unchanged, changed, withdrawn or not_checked.
    """

    reference: str
    what: str
    kind: str
    where: str
    fingerprint: str
    checked: str
    state: str = "unchanged"


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change of a measure itself: its baseline, its target or what it counts, with the reason."""

    when: str
    indicator: str
    kind: str
    what: str
    why: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class OpposingRow:
    """A source that points the other way than a figure, and the written answer to it."""

    when: str
    indicator: str
    source: str
    says: str
    answer: str


@dataclass(frozen=True, slots=True)
class RecordRow:
    """Another record that the pack refers to, such as a discrepancy or a notification."""

    reference: str
    what: str
    where: str


@dataclass(frozen=True, slots=True)
class PackDocument:
    """A whole pack.

    Attributes:
        reference: of the pack, such as `RH-2026-11-17-01`.
        as_at: the moment whose knowledge the pack shows, in full words.
        as_at_iso: the same moment as RFC 3339 in UTC; also the date of the file and of what is embedded in it.
        figures_to: last day that a figure covers, in words.
        subtitle: second line of the cover, such as `17 November 2026, recovery week 7 of 12`.
        cover: facts of the cover: service, rating, notices, breaches, period, manager, nominated individual.
        plan: the recovery plan that runs, if any.
        checks: spot checks of claims that ended.
        drills: inspection drills that were answered, where the pack was asked for with them.
        with_drills: whether it was.
        story_left_out: the kinds of happening that the story was asked not to tell.
        clocks: what the regulator waits for, and what was sent.
        restated: figures corrected after they had been seen outside.
        held: the kinds of source record that are kept.
        left_out: what a reader may miss, and why it is not here.
        changes: what was changed about the measures, and why.
        opposing: what points the other way than a figure, with the answers.
        control: author, approver, redaction, completeness and whatever else the control sheet says.
        framework: name and version of the regulator's framework.
        rule_set: version of the rules by which trends were judged.
        is_sample: the names and figures are invented, and every page says so.
    """

    reference: str
    provider: str
    service: str
    prepared_for: str
    subtitle: str
    as_at: str
    as_at_iso: str
    figures_to: str
    cover: tuple[Fact, ...]
    position: Position
    sections: tuple[Section, ...] = ()
    actions: tuple[ActionRow, ...] = ()
    risks: tuple[RiskRow, ...] = ()
    escalations: tuple[EscalationRow, ...] = ()
    timeline: tuple[TimelineRow, ...] = ()
    gaps: tuple[Claim, ...] = ()
    changes: tuple[ChangeRow, ...] = ()
    opposing: tuple[OpposingRow, ...] = ()
    evidence: tuple[EvidenceRow, ...] = ()
    records: tuple[RecordRow, ...] = ()
    facts: tuple[FactRow, ...] = ()
    plan: PlanPart | None = None
    checks: tuple[CheckRow, ...] = ()
    clocks: tuple[ClockRow, ...] = ()
    restated: tuple[RestatedRow, ...] = ()
    drills: tuple[DrillRow, ...] = ()
    held: tuple[HeldRow, ...] = ()
    left_out: tuple[Fact, ...] = ()
    control: tuple[Fact, ...] = ()
    framework: str = ""
    rule_set: str = ""
    is_sample: bool = False
    with_drills: bool = True
    story_left_out: tuple[str, ...] = ()

    @property
    def known_references(self) -> frozenset[str]:
        """Everything that a reference may lead to."""
        rows: tuple[ActionRow | EvidenceRow | RecordRow | RiskRow, ...] = (
            *self.evidence,
            *self.actions,
            *self.risks,
            *self.records,
        )
        return frozenset(row.reference for row in rows)

    @property
    def unknown_references(self) -> tuple[str, ...]:
        """References that lead nowhere in this pack, each once, in order."""
        used = {reference for _, references in referring(self) for reference in references}
        return tuple(sorted(used - self.known_references))

    @property
    def figures_shown(self) -> tuple[PointRow, ...]:
        """Every figure that a chart or a baseline of this pack is made of."""
        parts = [part for section in self.sections for part in section.indicators]
        return tuple(row for part in parts for row in (*part.baseline, *part.points))

    @property
    def claims_without_reference(self) -> int:
        """How many statements of leaders, people or records rest on nothing that the pack names."""
        return sum(not references for is_claim, references in referring(self) if is_claim)


def referring(document: PackDocument) -> Iterator[tuple[bool, tuple[str, ...]]]:
    """Everything in a pack that carries references: whether it must have one, and those that it has.

    Ways to check a section, and a story that is told without a record, may stand alone; what was found, what is weak,
    what people said and what leaders decided may not.
    """
    claims = [*document.position.declines, *document.gaps]
    for section in document.sections:
        claims += [*section.found, *section.weaknesses, *section.voices]
        yield from ((True, decision.references) for decision in section.decisions)
        yield from ((False, check.references) for check in section.checks)
        for part in section.indicators:
            yield part.chart is not None, part.sources
            yield from ((False, row.references) for row in part.story)
    yield from ((True, claim.references) for claim in claims)
    yield from ((False, action.references) for action in document.actions)
    yield from ((False, risk.references) for risk in document.risks)
    yield from ((False, check.references) for check in document.checks)
