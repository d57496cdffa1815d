"""A provider's own view of its quality statements, scored by the rules of a framework that has scores.

This never forecasts a rating: the result is labelled "provider's own view", stays inside the provider unless released,
and risk flags that the regulator may weigh (a breach, no registered manager) are words beside it, not arithmetic.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from mendline.catalogue.frameworks import ScoringScheme

HIGHEST_SCORE = 4


@dataclass(frozen=True, slots=True)
class KeyQuestionView:
    """Scores of one key question put together.

    Attributes:
        percentage: unrounded, 25 to 100.
        band: code of the rating that the rounded percentage reads as.
        rating: after the limiter.
        limited: whether a low single score held the rating down.
    """

    percentage: float
    band: str
    rating: str
    limited: bool


def key_question_view(scores: Sequence[int], scheme: ScoringScheme) -> KeyQuestionView:
    """One key question from the scores of its statements.

    The sum over four times the number of statements, rounded half up to a whole percent, then banded. In the good
    band a single 1 limits to requires improvement; in the outstanding band a single 1 or 2 limits to good
    (the regulator's published method of 2024).

    Raises:
        ValueError: there is no score, or one that the scheme does not know.
    """
    if not scores:
        raise ValueError("Give a score for at least one quality statement.")
    unknown = [score for score in scores if str(score) not in scheme.scores]
    if unknown:
        raise ValueError(f"{unknown[0]} is not a score. Scores are {', '.join(sorted(scheme.scores))}.")
    percentage = Decimal(100 * sum(scores)) / Decimal(HIGHEST_SCORE * len(scores))
    band = _band(int(percentage.quantize(Decimal(1), ROUND_HALF_UP)), scheme)
    rating = band
    if band == "good" and min(scores) == 1:
        rating = "requires_improvement"
    elif band == "outstanding" and min(scores) <= 2:
        rating = "good"
    return KeyQuestionView(float(percentage), band, rating, limited=rating != band)


def overall_view(ratings: Sequence[str]) -> str:
    """All five key questions together, with equal weight.

    Two or more inadequate give inadequate; one inadequate, or two or more requires improvement, give requires
    improvement; two outstanding and the rest good give outstanding; everything else is good (the regulator's
    guidance on aggregating ratings, 2022).

    Raises:
        ValueError: there are not five ratings, or one is unknown.
    """
    known = {"inadequate", "requires_improvement", "good", "outstanding"}
    if len(ratings) != 5 or not set(ratings) <= known:
        raise ValueError("Give the five ratings, each one of inadequate, requires_improvement, good, outstanding.")
    count = Counter(ratings)
    if count["inadequate"] >= 2:
        return "inadequate"
    if count["inadequate"] == 1 or count["requires_improvement"] >= 2:
        return "requires_improvement"
    if count["outstanding"] >= 2 and count["requires_improvement"] == 0:
        return "outstanding"
    return "good"


def _band(percentage: int, scheme: ScoringScheme) -> str:
    for band in scheme.bands:
        if band.lowest <= percentage <= band.highest:
            return band.rating
    raise ValueError(f"{percentage}% lies in no band of the scheme.")
