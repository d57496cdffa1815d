"""Words that pages and packs share about checks of claims and inspection drills."""

from datetime import date
from typing import cast

from mendline.catalogue.calendar import period_label
from mendline.catalogue.indicators import Cadence, indicator_definition
from mendline.catalogue.wording import counted
from mendline.evidence.checks.rows import DrillLine
from mendline.evidence.checks.sampling import median

VERDICT_WORDS = {
    "holds": "The claim holds",
    "unsure": "Too little agrees to be sure",
    "contradicted": "The originals contradict the figure",
}
DRILL_WORDS = {"found": "Found", "not_found": "Not found", "contradicts": "Contradicts the figure"}


def claim_name(definition_key: str, cadence: str, period_start: date) -> str:
    """The claim in words: which figure of which period."""
    name = indicator_definition(definition_key).name
    return f"{name}, {period_label(cast('Cadence', cadence), period_start)}"


def drill_sentence(line: DrillLine) -> str:
    """What a drill came to so far: how many were found, and the middle of the times."""
    if not line.answers:
        return "Nothing is answered yet."
    found = [one.seconds for one in line.answers if one.result == "found"]
    against = sum(one.result == "contradicts" for one in line.answers)
    middle = median(found)
    told = f"{len(found)} of {counted(len(line.answers), 'claim')} found"
    told += f", half of them within {minutes(middle)}" if middle is not None else ""
    return f"{told}{f'; {against} contradicted' if against else ''}."


def minutes(seconds: float) -> str:
    """`40 seconds`, `2 minutes 5 seconds`."""
    whole, rest = divmod(round(seconds), 60)
    parts = [
        *((f"{whole} minute{'' if whole == 1 else 's'}",) if whole else ()),
        *((f"{rest} second{'' if rest == 1 else 's'}",) if rest or not whole else ()),
    ]
    return " ".join(parts)
