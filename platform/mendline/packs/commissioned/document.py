"""What a pack for a commissioner says, as plain values, and what travels inside it."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from mendline.indicators.chart_spec import ChartSpec
from mendline.packs.attachments import FACTS, MANIFEST, PackAttachment, canonical, csv_text
from mendline.web.readings import Reading

FORMAT = "mendline-pack-commissioner-1"
_COLUMNS = ("indicator", "definition", "period_start", "value")


@dataclass(frozen=True, slots=True)
class Line:
    """A term with its value; `note` is a second line."""

    term: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """An indicator on the table of figures, as the commissioner's page shows it.

    Attributes:
        longer: a longer period in place of a figure that is withheld.
        flag: that it declines and nobody decided in time.
    """

    indicator: str
    baseline: str
    now: str
    target: str
    reading: Reading
    against: str
    evidence: str
    decision: str
    decided: str
    longer: str = ""
    flag: str = ""


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A figure of one period: in words, and as `facts.csv` gives it.

    Attributes:
        period: in words, such as `week of 25 May 2026`.
        shown: the figure with its unit.
        starts_on: the period's first day, as an ISO date.
        value: in the indicator's unit, not rounded.
    """

    period: str
    shown: str
    starts_on: str
    value: float


@dataclass(frozen=True, slots=True)
class SeriesPart:
    """The figures of one indicator over time: a chart, and the table beside it."""

    name: str
    definition: str
    chart: ChartSpec
    periods: tuple[PeriodRow, ...]


@dataclass(frozen=True, slots=True)
class CommissionerDocument:
    """A whole pack for a commissioner.

    Attributes:
        service: its name, or the code by which it is shown.
        released: when the figures were released, in words; `as_at_iso` the same moment.
        rows: every indicator that is shared; `series` those with figures that can be shown over time.
        decisions: what leaders decided; empty where the grant does not cover it, as `covers_actions` says.
        left_out: what a reader may miss, and why it is not here.
    """

    reference: str
    provider: str
    service: str
    body: str
    purpose: str
    released: str
    as_at_iso: str
    figures_to: str
    period: str
    cover: tuple[Line, ...]
    sentence: str
    regulator: tuple[Line, ...]
    rows: tuple[FigureRow, ...]
    series: tuple[SeriesPart, ...]
    covers_actions: bool
    covers_evidence: bool
    decisions: tuple[Line, ...]
    actions: tuple[Line, ...]
    left_out: tuple[Line, ...]
    rule_set: str
    is_sample: bool


def commissioner_attachments(document: CommissionerDocument) -> tuple[PackAttachment, ...]:
    """What is embedded, manifest last; the same document gives the same bytes. Figures as shown, and no counts."""
    rows = ((part.name, part.definition, row.starts_on, row.value) for part in document.series for row in part.periods)
    facts = PackAttachment(FACTS, "Figures of this pack, as shown", csv_text(_COLUMNS, rows))
    return facts, _manifest(document, (facts,))


def _manifest(document: CommissionerDocument, files: Sequence[PackAttachment]) -> PackAttachment:
    content = {
        "format": FORMAT,
        "pack": document.reference,
        "provider": document.provider,
        "service": document.service,
        "made_for": document.body,
        "as_at": document.as_at_iso,
        "figures_to": document.figures_to,
        "rule_set": document.rule_set,
        "document_sha256": hashlib.sha256(canonical(asdict(document))).hexdigest(),
        "files": {file.name: {"sha256": file.sha256, "bytes": len(file.content)} for file in files},
    }
    return PackAttachment(MANIFEST, "What this pack is made of, with fingerprints", canonical(content) + b"\n")
