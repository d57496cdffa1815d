"""What the pages of services and indicators show; queries fill these, templates draw them, nobody else is involved."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from mendline.web.components import (
    Badge,
    Empty,
    Event,
    Fact,
    Filters,
    Form,
    Head,
    Item,
    ItemList,
    Link,
    Note,
    RegulatorCell,
    TallyItem,
    TimelineEntry,
    Weeks,
)
from mendline.web.readings import Kinds, Reading


@dataclass(frozen=True, slots=True)
class Count:
    """How many indicators of a service read one way, for a line of counts."""

    count: int
    word: str
    icon: str
    tone: str


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service in a list: rating 0 is "not rated"; `flag` is the words of a decline that waits, or nothing."""

    name: str
    href: str
    detail: str
    rating: int
    rating_word: str
    notice: str
    weeks: Weeks | None
    counts: tuple[Count, ...]
    decision: str
    decided: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class ServiceListPage:
    """The services within reach."""

    head: Head
    rows: tuple[ServiceRow, ...]
    filters: Filters | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator on a dashboard.

    Attributes:
        spark: what the macro `spark` of `components/chart_spark.html` draws, or nothing before the first week.
        flag: "Decline not escalated", or nothing.
        hollow: drawn as unproven (dashed number): not supported by evidence, or stale.
        stale: "2 days past due", or nothing.
        mark: that the figure came late or was restated, or nothing.
        longer: a longer period in place of a figure that is withheld: "34.1% in 12 months to 30 September 2026".
    """

    name: str
    href: str
    area: str
    spark: Any
    baseline: str
    now: str
    target: str
    trend: Reading
    assurance: Reading
    kinds: Kinds
    evidence_word: str
    decision: str
    decided: str
    target_by: str = ""
    now_href: str = ""  # what is behind the figure
    owner: str = ""
    flag: str = ""
    hollow: bool = False
    stale: str = ""
    mark: str = ""
    evidence_href: str = ""
    longer: str = ""
    baseline_href: str = ""  # who froze it, over what
    target_href: str = ""  # who set it, when and why


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """A service at a glance: declines without a decision first, then the regulator, then the indicators."""

    head: Head
    alerts: tuple[Note, ...]
    regulator: tuple[RegulatorCell, ...]
    tally: tuple[TallyItem, ...]
    rows: tuple[IndicatorRow | Markup, ...]  # Markup where a row is drawn already
    weeks_shown: int
    order: str
    other_orders: tuple[Link, ...] = ()
    rail: tuple[ItemList, ...] = ()
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """Evidence behind a figure: where the original is, its fingerprint in short, and what the last look at it said."""

    reference: Link
    title: str
    kind: str
    where: str
    fingerprint: str
    check: Badge
    checked: str


@dataclass(frozen=True, slots=True)
class KindLine:
    """What there is of one kind of evidence; `state` is c (current), o (out of date) or m (missing)."""

    letter: str
    state: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """One figure of the history; a correction shows the reason and what stood before."""

    period: str
    figure: str
    counts: str
    source: str
    recorded: str
    reason: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """One indicator: its chart with the table beside it, its story, its evidence, its decisions and its history.

    Attributes:
        chart: what the macro `xmr_chart` of `components/chart.html` draws, or nothing before the first week.
        reading: the plain reading under the position, two or three sentences.
        assurance_note: "0 of last 6 weeks met", or nothing.
        why: the parts of the status with their facts, what is to be done and what points the other way.
        chart_says: which chart it is and why, and what its numbers are too small for.
        chart_link: to where the chart and its limits are settled.
        icon_words: the direction of travel as its icon would be read out.
        outlook: on the target, with its range and its condition; nothing without a target.
        pitfalls: what can move the figure without the care having changed, from the catalogue.
    """

    head: Head
    chart: Any
    chart_heading: str
    chart_note: str
    events: tuple[Event, ...]
    evidence: tuple[EvidenceRow, ...]
    decisions: tuple[TimelineEntry, ...]
    history: tuple[ObservationRow, ...]
    facts: tuple[Fact, ...]
    trend: Reading
    assurance: Reading
    assurance_note: str
    reading: str
    sufficiency: Badge
    kind_lines: tuple[KindLine, ...]
    linked: tuple[Item, ...]
    regulator: tuple[Item, ...]
    alerts: tuple[Note, ...] = ()
    chart_says: tuple[str, ...] = ()
    chart_link: Link | None = None
    icon_words: str = ""
    outlook: str = ""
    pitfalls: tuple[str, ...] = ()
    why: Any = None
    add_event: Link | None = None
    add_evidence: Link | None = None
    all_history: Link | None = None


@dataclass(frozen=True, slots=True)
class ObservationFormPage:
    """Entering one figure for one period."""

    head: Head
    form: Form
    recent: tuple[ObservationRow, ...] = ()
    definition: tuple[Fact, ...] = ()
