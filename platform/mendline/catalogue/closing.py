"""What a service still does once it has closed, as a pure rule: nothing new begins, and what was can be put right.

Our own rule. On a service that has closed

- nothing begins any more: indicators, targets, plans, objectives, actions, risks, escalations, review decisions, tablets;
  no work is dated or counted as missed, no trigger rule is asked, nothing goes up a level, nobody is reminded;
- what happened counts up to its last day: figures, records, what a phone or a file brings late, milestones, pooled
  figures, how old evidence is and how long a decline waits;
- what is owed or was shared goes on: clocks of the regulator are told until they are answered; escalations are decided,
  actions and look-backs closed, records corrected; packs, releases, grants and inspectors' links hold until they end.

Worked example: a home closes on Sunday 3 May. A medicines check of 3 May that a phone sends on the 5th is kept; one of
4 May is refused. The week of 27 April is still reported, that of 4 May is expected of nobody. A milestone of the week of
27 April is judged, one of 4 May never. A notice to the regulator that is due on 8 May is still told, an action is not.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

from mendline.catalogue.wording import long_date

Beginning = Literal[
    "indicator", "target", "baseline", "plan", "objective", "action", "risk", "escalation", "decision", "tablet"
]

_BEGINNINGS: Mapping[Beginning, str] = MappingProxyType(
    {
        "indicator": "no indicator begins there",
        "target": "no target is set there",
        "baseline": "no baseline is frozen there",
        "plan": "no plan begins there",
        "objective": "no objective is added there",
        "action": "no action begins there",
        "risk": "no risk is taken on there",
        "escalation": "nothing is escalated there",
        "decision": "no review is decided there",
        "tablet": "no tablet is trusted there",
    }
)

# Duties to somebody outside outlive the service; whatever else is told asks for work that nobody does any more.
_TOLD_STILL = frozenset({"clock"})


def refusal(what: Beginning, closed_on: date | None) -> str:
    """Why something cannot begin at a service; nothing while it is open."""
    if closed_on is None:
        return ""
    return (
        f"The service closed on {long_date(closed_on)}: {_BEGINNINGS[what]} any more. If it runs on, open it again in the"
        " register of services; if its work goes on elsewhere, record it there."
    )


def ran_on(closed_on: date | None, day: date) -> bool:
    """Whether a service had not closed before a day: what happened on its last day still counts."""
    return closed_on is None or day <= closed_on


def is_told(kind: str, closed_on: date | None) -> bool:
    """Whether a notice of a kind still goes out about a service."""
    return closed_on is None or kind in _TOLD_STILL
