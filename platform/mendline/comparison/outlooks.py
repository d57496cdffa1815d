"""Keeps what was foreseen, so that it can be held against what came: once for each newest figure and period."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.indicators.model import OutlookGiven
from tenants.clock import now

GIVEN = cast("Table", OutlookGiven.__table__)


def keep_outlooks(session: Session, statuses: Sequence[dict[str, Any]], at: datetime | None = None) -> int:
    """Adds the outlooks of these derived rows; one that stands already for its figure stays as it was first given.

    Args:
        session: a transaction that may write derived rows.
        statuses: the derived rows.
        at: the moment as at which they were derived; now where not given.
    """
    given = at or now()
    rows = [_row(status, status["series"]["outlook"], given) for status in statuses if _foresees(status)]
    if rows:
        session.execute(insert(GIVEN).on_conflict_do_nothing(), rows)
    return len(rows)


def _foresees(status: dict[str, Any]) -> bool:
    made = status["series"].get("outlook") or {}
    return bool(made.get("for_period")) and not made.get("reason")


def _row(status: dict[str, Any], made: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        **{name: status[name] for name in ("provider_id", "service_id", "indicator_id", "rule_set_version")},
        "after_period": date.fromisoformat(made["after_period"]),
        "for_period": date.fromisoformat(made["for_period"]),
        **{name: made[name] for name in ("verdict", "share_meeting", "centre", "low", "high")},
        "target_value": made["target"],
        "recorded_at": at,
    }
