"""When an episode opens and ends: once per episode, and no second one while the first lasts. Values in, values out."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mendline.catalogue.rules import Rule

MOST_AT_A_SERVICE = 8  # new escalations of one rule, a day
MOST_AT_A_PROVIDER = 40

Ending = Literal["no_longer_so", "decided", "still_so"]


@dataclass(frozen=True, slots=True)
class OpenEpisode:
    """An episode without an end.

    Attributes:
        has_escalation: somebody is asked to decide about it.
        held_back: nobody was asked, since the rule fired too often on its day.
        decided_on: when they did.
    """

    opened_on: date
    has_escalation: bool = False
    held_back: bool = False
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from an answer: an episode ends, another opens, both, or neither."""

    ends: Ending | None = None
    opens: bool = False


def step_of(rule: Rule, episode: OpenEpisode | None, answer: bool | None, today: date) -> Step:
    """What one answer does.

    An early warning lasts as long as its condition. A trigger ends only by a recorded decision: where the condition has
    lapsed meanwhile, the escalation still waits for one. One that was held back is put forward on a later day. After the decision it lasts while the condition holds, without
    firing again, until the rule's time for that has passed; then the same facts are put before somebody once more. An
    answer that cannot be told changes nothing.
    """
    if episode is None:
        return Step(opens=answer is True)
    waits_for_decision = episode.has_escalation and episode.decided_on is None
    if answer is None or waits_for_decision:
        return Step()
    if not answer:
        return Step(ends="decided" if episode.has_escalation else "no_longer_so")
    if episode.decided_on is not None:
        again = today >= episode.decided_on + timedelta(days=rule.again_after_days)
    else:
        again = episode.held_back and today > episode.opened_on
    return Step(ends="still_so", opens=True) if again else Step()


def is_held_back(fired_here: int, fired_at_provider: int) -> bool:
    """Whether a rule fired so often today that it opens no further escalation: its threshold is to be looked at.

    Args:
        fired_here: episodes of the rule that opened at the service today.
        fired_at_provider: the same at all services of the provider.
    """
    return fired_here >= MOST_AT_A_SERVICE or fired_at_provider >= MOST_AT_A_PROVIDER
