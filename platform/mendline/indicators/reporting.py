"""A rise of what is reported, read beside harm: better reporting raises the one and moves the other less.

Our own rule for figures whose definition names a companion, such as falls and falls with harm. Where more is reported,
nothing turns red by itself: while harm does not rise, somebody decides whether more is reported or more happens; read as
better reporting, the figure counts as stable, with the rise named, for as long as harm does not rise. It counts as
deteriorating where harm gets worse too, or where a decision since then says nothing of better reporting.

Worked example: falls stand above the usual level for eight months, falls with harm are stable. Undecided, falls are not
supported; read as better reporting, stable; decided on otherwise, deteriorating. Once falls with harm get worse,
deteriorating whatever was decided.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mendline.catalogue.wording import within_sentence

Harm = Literal["worse", "steady", "unknown"]
Rise = Literal["", "undecided", "harm_unknown", "better_reporting"]


@dataclass(frozen=True, slots=True)
class HarmBeside:
    """How the companion of a figure stands: the harmful part, which reporting moves less.

    Attributes:
        name: of the companion, as it starts a sentence.
        status: improving, stable, deteriorating or insufficient, as its own chart reads; empty where it is not measured.
        is_stale: whether its next figure should have come by now.
        declines: whether it declines by the rules of a decline.
    """

    name: str
    status: str = ""
    is_stale: bool = False
    declines: bool = False

    @property
    def harm(self) -> Harm:
        """Whether harm rises; unknown where its figures are too few, out of date or not kept."""
        if self.status == "deteriorating" or self.declines:
            return "worse"
        return "steady" if self.status in ("improving", "stable") and not self.is_stale else "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """A decision on the figure: the day on which it was recorded, and whether it reads the rise as better reporting."""

    recorded_on: date
    as_reporting: bool


def rise_of(direction: str, beside: HarmBeside | None, decided: Iterable[Reading], seen_on: date | None) -> Rise:
    """How a figure that gets worse by its chart is read beside its companion.

    Args:
        direction: as the chart reads.
        beside: the companion; None where the definition names none, and the chart alone says how the figure stands.
        decided: decisions on the figure.
        seen_on: from when its rise could be seen; decisions before it were about something else.

    Returns:
        Nothing where the figure stands as its chart reads.
    """
    if direction != "deteriorating" or beside is None or beside.harm == "worse":
        return ""
    newest = max(
        (one for one in decided if seen_on is None or one.recorded_on >= seen_on),
        key=lambda one: one.recorded_on,
        default=None,
    )
    if newest and not newest.as_reporting:
        return ""
    if beside.harm == "unknown":
        return "harm_unknown"
    return "better_reporting" if newest else "undecided"


def rise_words(rise: Rise, beside: HarmBeside | None) -> str:
    """What stands beside the rise, as a sentence; nothing where there is no such rise."""
    if not rise or beside is None:
        return ""
    if rise == "harm_unknown":
        why = "is not measured here" if not beside.status else "cannot be judged yet"
        return f"Better reporting can raise it, and {within_sentence(beside.name)} {why}: somebody must decide what the rise means."
    if rise == "undecided":
        return (
            f"Better reporting can raise it, and {within_sentence(beside.name)} does not rise: somebody must decide whether more is"
            " reported or more happens."
        )
    return f"It was decided that more is reported and not more happens; {within_sentence(beside.name)} does not rise."
