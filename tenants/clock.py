from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """The moment, in UTC: the only place from which commands and workers take the time."""
    return datetime.now(UTC)


def today() -> date:
    """The date on the wall in England; a night shift past midnight UTC in summer already has tomorrow's."""
    return now().astimezone(LONDON).date()


def end_of_day(day: date) -> datetime:
    """The last moment of a day in England, in UTC: what a page or a pack as at that day has known."""
    return datetime.combine(day + timedelta(days=1), time(0), LONDON).astimezone(UTC) - timedelta(microseconds=1)
