"""What the wording of an action lacks: it suggests and never blocks, and is kept as a mark that warnings count."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from mendline.catalogue.plans import plan_templates
from mendline.catalogue.rules import rules

FAR = timedelta(days=90)
MARKS: Mapping[str, str] = {
    "vague": "It says to monitor, encourage, continue or ensure. Say what somebody will do, so that it can be seen.",
    "no_owner": "It names a group. Name one person: an initial and a surname.",
    "no_date": "Its date is more than three months away. Give a nearer one, or a first step with one.",
    "no_measure": "It does not say what will show that it worked. Add a number, a check or what a person will notice.",
}
_MORE_VAGUE = (
    "remind",
    "raise awareness",
    "be aware",
    "try to",
    "look into",
    "consider",
    "as needed",
    "where possible",
)
_GROUPS = re.compile(
    r"\b(all|staff|team|everyone|everybody|seniors|carers|managers?|nurses|management|tbc|various|service)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"^[A-Z]\.? ?[A-Z]?\.? ?[A-Z][\w'\N{RIGHT SINGLE QUOTATION MARK}-]+$")
_MEASURE = re.compile(r"\d|%|\b(each|every|until|weekly|daily|twice|none|all)\b", re.IGNORECASE)


def vague_words() -> tuple[str, ...]:
    """The words of the warning about vague actions, and some that say as little."""
    listed = [
        word
        for plan in plan_templates().values()
        for warning in plan.early_warnings
        if warning.code in rules()
        for word in warning.words
    ]
    return (*dict.fromkeys(listed), *_MORE_VAGUE)


def marks_of(title: str, owner: str, due_on: date, measure: str, today: date) -> tuple[str, ...]:
    """What is weak in an action as it is written, by the keys of `MARKS`.

    Args:
        title: what will be done.
        owner: who does it.
        due_on: by when.
        measure: what will show that it worked.
        today: the date in England.
    """
    said = title.casefold()
    found = {
        "vague": any(re.search(rf"\b{re.escape(word)}", said) for word in vague_words()),
        "no_owner": bool(_GROUPS.search(owner)) or not _NAME.match(owner.strip()),
        "no_date": due_on > today + FAR,
        "no_measure": not measure.strip() and not _MEASURE.search(title),
    }
    return tuple(mark for mark, holds in found.items() if holds)


def suggestions(marks: tuple[str, ...]) -> tuple[str, ...]:
    """The same in words; a mark of a rule that is no longer asked says nothing."""
    return tuple(MARKS[mark] for mark in marks if mark in MARKS)
