"""What was asked for when a pack was asked for."""

from dataclasses import dataclass
from datetime import datetime

from mendline.packs.composing_story import KINDS


@dataclass(frozen=True, slots=True)
class PackOrder:
    """What was asked for: the pack's reference, its moment, who asked, and whether all of it is invented.

    Attributes:
        pages: where pages reach people, for links from figures; none where empty.
        with_drills: whether inspection drills stand in it.
        story: the kinds of happening that its story tells.
    """

    reference: str
    as_at: datetime
    asked_by: str
    is_sample: bool = False
    pages: str = ""
    with_drills: bool = True
    story: tuple[str, ...] = KINDS
