from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """The moment, in UTC: the only place from which commands and workers take the time."""
    return datetime.now(UTC)


def today() -> date:
    """The date on the wall in England; a night shift past midnight UTC in summer already has tomorrow's."""
    return now().astimezone(LONDON).date()
