"""The fixed words of status, each with the icon and tone that stand for it, in one place.

Colour is never the only cue: every reading has a word, an outline shape and a tone. The words are fixed, so that a
page, an export and a pack never call the same state by two names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

LETTERS = {"R": "Records", "A": "Audit", "F": "Feedback", "P": "Practice seen"}
EVIDENCE_WORDS = {
    "strong": "Strong",
    "sufficient": "Sufficient",
    "partial": "Partial",
    "not_supported": "Not supported",
    "contradicted": "Contradicted",
}
DECISION_WORDS = {
    "assured": "Assured",
    "assured_with_exception": "Assured, with an exception",
    "further_action": "Further action",
    "escalate": "Escalated",
    "addendum": "Correction added",
}
RATING_WORDS = {1: "Inadequate", 2: "Requires improvement", 3: "Good", 4: "Outstanding"}
_STATES = {
    "current": ("c", "current"),
    "old": ("o", "out of date"),
    "missing": ("m", "missing"),
    "not_applicable": ("n", "does not apply"),
    "day_only": ("o", "seen by day only"),
    "few": ("o", "too few"),
    "not_independent": ("o", "not independent"),
    "own_carer": ("o", "through the own carer only"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A status word with its icon in the sprite and the tone that colours it."""

    word: str
    icon: str
    tone: str


TOO_FEW = Reading("Too few weeks to judge", "v-few", "stable")
NOT_SUPPORTED = Reading("Not supported", "v-unsup", "unsupported")
STABLE = Reading("Stable", "v-stable", "stable")
CHANGED = Reading("Changed", "v-changed", "neutral")
MEETS = Reading("Meets target", "a-pass", "pass")
HIT_AND_MISS = Reading("Hit and miss", "a-hm", "hm")
MISSES = Reading("Misses target", "a-fail", "fail")
NOT_JUDGED = Reading("Not judged", "a-none", "none")
_TARGETS = {"pass": MEETS, "inconsistent": HIT_AND_MISS, "fail": MISSES}


def composite_reading(composite: str, *, lower_is_better: bool = False) -> Reading:
    """The word, icon and tone of an indicator, from the one word that its parts come to.

    Args:
        composite: improving, stable, deteriorating, changed, too_few or not_supported; without support there is no
            trend word, whatever the figures alone would say.
        lower_is_better: turns the arrow, since an improvement then points down.
    """
    if composite == "improving":
        return Reading("Improving", "v-imp-down" if lower_is_better else "v-imp-up", "improving")
    if composite == "deteriorating":
        return Reading("Deteriorating", "v-det-up" if lower_is_better else "v-det-down", "deteriorating")
    return {"stable": STABLE, "changed": CHANGED, "too_few": TOO_FEW}.get(composite, NOT_SUPPORTED)


def target_reading(assurance: str | None, *, supported: bool = True) -> Reading:
    """The word, icon and tone of recent points against the target.

    Args:
        assurance: pass, inconsistent, fail, or none where there is no target or too little to judge by.
        supported: whether evidence supports the figure; without it the target is not judged.
    """
    return _TARGETS.get(assurance or "", NOT_JUDGED) if supported else NOT_JUDGED


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of evidence behind a figure: `state` is c (current), o (half), m (missing) or n (does not apply)."""

    letter: str
    name: str
    state: str
    state_word: str


@dataclass(frozen=True, slots=True)
class Kinds:
    """The four kinds of evidence behind a figure, in fixed order, and what a screen reader says of them."""

    cells: tuple[Kind, ...]
    label: str


def kinds_of(marks: Mapping[str, str]) -> Kinds:
    """The evidence letters of an indicator.

    Args:
        marks: letter to how it stands, such as `{"R": "current", "A": "old"}`; an absent letter is missing.
    """
    return _kinds(tuple(marks.get(letter, "missing") for letter in LETTERS))


@lru_cache(maxsize=256)
def _kinds(states: tuple[str, ...]) -> Kinds:
    cells = tuple(
        Kind(letter, name, *_STATES.get(state, _STATES["missing"]))
        for (letter, name), state in zip(LETTERS.items(), states, strict=True)
    )
    return Kinds(cells, ", ".join(f"{cell.name} {cell.state_word}" for cell in cells))
