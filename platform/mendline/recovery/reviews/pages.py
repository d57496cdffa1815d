"""What the page of a review shows."""

from dataclasses import dataclass

from mendline.recovery.story.pages import StoryEntry
from mendline.web.components import Form, Head, Item, Note, WorkList


@dataclass(frozen=True, slots=True)
class DecidedEntry:
    """A decision of this review, and where a correction is added to it."""

    heading: str
    meta: str
    text: str
    weak: bool
    correct: str = ""


@dataclass(frozen=True, slots=True)
class SittingPage:
    """A review at its rhythm: what happened since, what was decided, what is left, and signing it.

    Attributes:
        sign: the form that signs; None once it is signed, or for whoever may not.
    """

    head: Head
    since_words: str
    since: tuple[StoryEntry, ...]
    left: WorkList
    decided: tuple[DecidedEntry, ...]
    samples: tuple[Item, ...]
    sample_words: str
    signed: Note | None
    sign: Form | None
    earlier: tuple[Item, ...]
