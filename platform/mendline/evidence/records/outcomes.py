"""What became of records whose end others decide, such as concerns that a council looks into: a share and what waits."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from mendline.catalogue.record_types import Outcomes, RecordType
from mendline.catalogue.wording import counted, long_date


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How many records stand at one answer.

    Attributes:
        recent: how many of them happened in the last twelve months.
        oldest: the day on which the first of them happened.
        unchased: how many were not asked after for as long as the catalogue allows.
    """

    answer: str | None
    number: int
    recent: int
    oldest: date
    unchased: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The share that was upheld, of those with an outcome in twelve months, and everything that waits.

    A record that waits, or that was closed without an outcome, is in neither part of the share.
    """

    upheld: int
    decided: int
    waiting: int
    oldest: date | None
    unchased: int


def ended_of(outcomes: Outcomes, found: Collection[AnswerCount]) -> Ended:
    """What the answers come to."""
    waiting = [one for one in found if one.answer in outcomes.waiting]
    return Ended(
        upheld=sum(one.recent for one in found if one.answer in outcomes.upheld),
        decided=sum(one.recent for one in found if one.answer in outcomes.decided),
        waiting=sum(one.number for one in waiting),
        oldest=min((one.oldest for one in waiting), default=None),
        unchased=sum(one.unchased for one in waiting),
    )


def ended_words(kind: RecordType, outcomes: Outcomes, found: Collection[AnswerCount]) -> str:
    """The same in sentences, as counted and without a percentage: there are few of them at a service."""
    ended = ended_of(outcomes, found)
    if ended.decided:
        said = f"Of {ended.decided} with an outcome, of the last 12 months, {ended.upheld} {_be(ended.upheld, 'was')} {outcomes.word}."
    else:
        said = "None of the last 12 months has an outcome yet."
    if ended.oldest is not None:
        noun = counted(ended.waiting, kind.title.lower(), kind.plural.lower())
        said += (
            f" {noun} {'waits' if ended.waiting == 1 else 'wait'} for one and {_be(ended.waiting, 'is')} not counted there,"
            f" the oldest since {long_date(ended.oldest)}."
        )
    if ended.unchased:
        said += f" {ended.unchased} {_be(ended.unchased, 'was')} not asked after for {outcomes.chase_days} days."
    return said


def _be(number: int, one: str) -> str:
    return one if number == 1 else {"was": "were", "is": "are"}[one]
