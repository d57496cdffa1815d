"""One word for the dashboard from the parts of a status: the first row of the published rule table that applies."""

from collections.abc import Callable
from dataclasses import dataclass

from mendline.catalogue.status_rules import CompositeCondition, CompositeRow, StatusRules
from mendline.indicators.reporting import Rise


@dataclass(frozen=True, slots=True)
class Parts:
    """What the rule table asks about.

    Attributes:
        direction: improving, stable, deteriorating, changed or insufficient, as the chart reads.
        out_of_date: whether the next figure should have come by now.
        evidence: strong, sufficient, partial, not_supported or contradicted.
        rise: how a rise is read that better reporting can make; empty where the chart alone says how the figure stands.
    """

    direction: str
    out_of_date: bool
    evidence: str
    rise: Rise = ""


_CONDITIONS: dict[CompositeCondition, Callable[[Parts], bool]] = {
    "figure_out_of_date": lambda parts: parts.out_of_date,
    "nothing_behind_it": lambda parts: parts.evidence == "not_supported",
    "too_little_data": lambda parts: parts.direction == "insufficient",
    "contradicted_but_not_worse": lambda parts: (
        parts.evidence == "contradicted" and (parts.direction != "deteriorating" or parts.rise != "")
    ),
    "more_reported_harm_unknown": lambda parts: parts.rise == "harm_unknown",
    "more_reported_undecided": lambda parts: parts.rise == "undecided",
    "more_reported_harm_steady": lambda parts: parts.rise == "better_reporting",
    "changed": lambda parts: parts.direction == "changed",
    "improving": lambda parts: parts.direction == "improving",
    "deteriorating": lambda parts: parts.direction == "deteriorating",
    "steady": lambda parts: parts.direction == "stable",
}


def composite_of(parts: Parts, rules: StatusRules) -> CompositeRow:
    """The row of the rule table that decides.

    Raises:
        ValueError: the table leaves the case undecided.
    """
    for row in rules.composite:
        if _CONDITIONS[row.when](parts):
            return row
    raise ValueError(f"the rules {rules.identity} leave a case undecided: {parts}")
