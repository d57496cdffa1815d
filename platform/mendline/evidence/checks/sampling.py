"""How many records a spot check draws, which ones, and what their agreement says: values in, values out."""

import hashlib
import math
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mendline.statistics.intervals import wilson

CONFIDENCE = 0.9  # as for every proportion in Mendline
MARGIN = 0.15  # half the width of the interval in the worst case, where half of the records agree
_Z = 1.6448536269514722  # normal quantile of CONFIDENCE
SMALL = 10  # a population up to this is compared whole

# A claim fails its check where even the upper end of the interval leaves more than one record in twenty in doubt, and
# holds where even the lower end is four in five. Both are Mendline's own choice: no regulator sets a number.
DOUBT_ABOVE = 0.95
HOLDS_FROM = 0.8

Finding = Literal["agrees", "disagrees", "not_found"]
FINDINGS: tuple[Finding, ...] = ("agrees", "disagrees", "not_found")
Verdict = Literal["holds", "unsure", "contradicted"]


def sample_size(population: int) -> int:
    """Records to draw so that the agreement is known to within 15 points, nine times in ten.

    Cochran's size for a proportion of one half, corrected for the finite population (Cochran, Sampling Techniques,
    1977, section 4.4); small populations are compared whole.
    """
    if population <= SMALL:
        return max(0, population)
    unlimited = _Z**2 * 0.25 / MARGIN**2
    return min(population, max(SMALL, math.ceil(unlimited / (1 + (unlimited - 1) / population))))


def draw(records: Iterable[uuid.UUID], seed: str, size: int) -> tuple[uuid.UUID, ...]:
    """The records that a seed draws: the same ones for the same records and seed, in whatever order they come.

    Each record is ranked by SHA-256 over seed and identifier, which nobody can steer once the seed is drawn.
    """
    ranked = sorted(set(records), key=lambda each: hashlib.sha256(f"{seed}:{each}".encode()).digest())
    return tuple(ranked[: max(0, size)])


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a spot check came to.

    Attributes:
        agree: records that say what their original says.
        compared: records that were compared, found or not.
        share: agree out of compared; None where nothing was compared.
        low: lower end of the interval, as a share.
        high: upper end.
        verdict: holds, unsure or contradicted; None where nothing was compared.
    """

    agree: int
    compared: int
    share: float | None
    low: float | None
    high: float | None
    verdict: Verdict | None


def agreement(findings: Sequence[Finding], population: int) -> Agreement:
    """The share that agrees with its Wilson interval, narrowed for the part of the population that was seen.

    A record whose original was not found does not agree. The interval is that of a sample enlarged by
    (N - 1) / (N - n), the finite population correction; where every record was compared there is nothing left to guess.

    Args:
        findings: one for each compared record.
        population: records behind the figure.

    Raises:
        ValueError: more findings than records.
    """
    compared = len(findings)
    if compared > population:
        raise ValueError("more records were compared than stand behind the figure")
    if not compared:
        return Agreement(0, 0, None, None, None, None)
    agree = sum(finding == "agrees" for finding in findings)
    share = agree / compared
    if compared == population:
        low = high = share
    else:
        wider = (population - 1) / (population - compared)
        interval = wilson(agree * wider, compared * wider, confidence=CONFIDENCE)
        low, high = float(interval.lower), float(interval.upper)
    return Agreement(agree, compared, share, low, high, _verdict(low, high))


def _verdict(low: float, high: float) -> Verdict:
    if high < DOUBT_ABOVE:
        return "contradicted"
    return "holds" if low >= HOLDS_FROM else "unsure"


def words_of(found: Agreement) -> str:
    """The result in a sentence, such as `17 of 20 agree: 85%, between 70% and 93% of all.`."""
    if found.share is None or found.low is None or found.high is None:
        return "Nothing is compared yet."
    told = f"{found.agree} of {found.compared} agree: {found.share:.0%}"
    if found.low == found.high:
        return f"{told}, and these are all."
    return f"{told}, between {found.low:.0%} and {found.high:.0%} of all."


def median(seconds: Sequence[int]) -> float | None:
    """The middle of the times to evidence; None where nothing was found."""
    ordered = sorted(seconds)
    if not ordered:
        return None
    half = len(ordered) // 2
    return float(ordered[half]) if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
