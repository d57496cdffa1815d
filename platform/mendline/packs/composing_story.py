"""The story of a pack, from lines to rows: oldest first, so that it reads as it happened."""

import uuid
from collections.abc import Collection, Mapping, Sequence

from mendline.catalogue.wording import short_date
from mendline.packs.document import TimelineRow
from mendline.recovery.story.rows import KINDS as NAMES
from mendline.recovery.story.rows import StoryLine
from mendline.recovery.story.telling import names_of, tell

# What a pack tells; evidence, risks and escalations have their own tables there.
KINDS = ("status", "event", "change", "decision", "escalation", "action", "effect", "clock", "plan")
MOST = 80


def kinds_left_out(chosen: Collection[str]) -> tuple[str, ...]:
    """The names of the kinds that whoever asked for the pack did not want told, as readers of the pack meet them."""
    return tuple(NAMES[kind] for kind in KINDS if kind not in chosen)


def timeline_rows(lines: Sequence[StoryLine], names: Mapping[uuid.UUID, str]) -> tuple[TimelineRow, ...]:
    """Each line with its day, its words and its references.

    Args:
        lines: newest first, as they are read.
        names: of the indicators that the pack shows.
    """
    rows = []
    for line in reversed(lines):
        told = tell(line, names_of([names[each] for each in line.indicator_ids if each in names]))
        kept = tuple(each for each in told.references if each[:1] in "EAR")
        rows.append(TimelineRow(short_date(line.happened_on), told.heading, told.sentence, kept))
    return tuple(rows)
