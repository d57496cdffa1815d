"""When a mail about a notice may go out: values in, values out. Hours and days are England's.

At once means now, outside the quiet hours. A daily digest goes out at its hour, a weekly one at that hour of its
weekday; either holds what was noticed before it. A look that comes late still sends what is due, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mendline.catalogue.calendar import LONDON
from mendline.telling.kinds import Way, way_of


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants to be told.

    Attributes:
        ways: their own choices by kind; what is not in it goes as the kind does.
        quiet_from: the first quiet hour, 0 to 23; None where no hour is quiet.
        quiet_until: the hour at which mail goes out again.
        presses_through: what is due today or late goes out in quiet hours as well, where it is told at once.
        digest_hour: the hour of digests.
        digest_weekday: the day of weekly ones; 0 is Monday.
    """

    ways: Mapping[str, str] = field(default_factory=dict)
    quiet_from: int | None = 21
    quiet_until: int | None = 7
    presses_through: bool = True
    digest_hour: int = 7
    digest_weekday: int = 0

    def way(self, kind: str) -> Way:
        """How a kind is told."""
        return way_of(kind, dict(self.ways))


def is_quiet(wish: Wish, at: datetime) -> bool:
    """Whether a moment lies in somebody's quiet hours; these may reach over midnight."""
    start, end = wish.quiet_from, wish.quiet_until
    if start is None or end is None or start == end:
        return False
    hour = at.astimezone(LONDON).hour
    return start <= hour < end if start < end else hour >= start or hour < end


def last_digest(wish: Wish, way: Way, at: datetime) -> datetime:
    """The latest moment, up to this one, at which a digest of this way went or goes out."""
    day = at.astimezone(LONDON).date()
    for back in range(9):
        candidate = day - timedelta(days=back)
        if way == "weekly" and candidate.weekday() != wish.digest_weekday:
            continue
        moment = datetime(candidate.year, candidate.month, candidate.day, wish.digest_hour, tzinfo=LONDON)
        if moment.astimezone(UTC) <= at.astimezone(UTC):
            return moment.astimezone(UTC)
    raise AssertionError("a week and a day hold every weekday")


def goes_out(wish: Wish, kind: str, *, presses: bool, made_at: datetime, at: datetime) -> bool:
    """Whether the mail about a notice is due at a moment.

    Args:
        wish: how its person wants to be told.
        kind: the notice's kind.
        presses: it is due today, or late.
        made_at: when it was noticed.
        at: the moment of asking.
    """
    way = wish.way(kind)
    if way == "never":
        return False
    if is_quiet(wish, at) and not (presses and wish.presses_through and way == "at_once"):
        return False
    return way == "at_once" or made_at < last_digest(wish, way, at)


def next_look(at: datetime) -> datetime:
    """When to look again: at the next full hour, since every choice is one of hours."""
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
