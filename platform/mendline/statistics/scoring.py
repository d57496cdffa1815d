"""How well did earlier outlooks hold? Each is kept when it is given and held against the figure when its period is over."""

from collections.abc import Sequence
from dataclasses import dataclass

from mendline.statistics.targets import TargetRange, meets


@dataclass(frozen=True, slots=True)
class Foreseen:
    """An outlook whose period is over. It gave either an 80% range or the share of periods that would meet the target.

    Attributes:
        low: the range's lower end, `high` its upper one; None without a trend.
        share_meeting: chance that a period meets the target; None with a trend.
        wanted: the values that met the target as it was then.
        outcome: the figure that came; None where none came.
    """

    low: float | None
    high: float | None
    share_meeting: float | None
    wanted: TargetRange | None
    outcome: float | None


@dataclass(frozen=True, slots=True)
class Score:
    """What held.

    Attributes:
        ranges: outlooks with a range and a figure; `inside` of them held it: eight in ten would be right.
        periods: outlooks with a share and a figure; `expected` of them were to meet the target, `met` did.
    """

    ranges: int = 0
    inside: int = 0
    periods: int = 0
    expected: float = 0.0
    met: int = 0


def score(given: Sequence[Foreseen]) -> Score:
    """Scores outlooks whose time has come; one without a figure counts neither way."""
    known = [each for each in given if each.outcome is not None]
    ranged = [(each.low, each.high, each.outcome) for each in known if each.low is not None and each.high is not None]
    shares = [each for each in known if each.share_meeting is not None and each.wanted is not None]
    return Score(
        ranges=len(ranged),
        inside=sum(low <= (outcome or 0.0) <= high for low, high, outcome in ranged),
        periods=len(shares),
        expected=sum(each.share_meeting or 0.0 for each in shares),
        met=sum(meets(each.outcome, each.wanted) is True for each in shares),
    )
