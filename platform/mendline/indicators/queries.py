"""Where the indicators of a service stand: one statement."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from mendline.indicators.model import IndicatorStatus, ServiceIndicator
from mendline.indicators.standing import Standing

_STANDING_COLUMNS = [
    ServiceIndicator.indicator_id,
    ServiceIndicator.definition_key,
    ServiceIndicator.cadence,
    ServiceIndicator.review_owner,
    ServiceIndicator.display_order,
    ServiceIndicator.in_plan,
    *(
        column
        for column in IndicatorStatus.__table__.columns
        if column.name
        in {
            "status", "reason", "sentence", "since", "variation", "assurance", "is_stale", "usable_points",
            "last_period", "last_state", "numerator", "denominator", "value", "centre", "lower", "upper",
            "target_operator", "target_value", "target_by", "baseline_value", "evidence_level", "evidence_marks",
            "declined_since", "unescalated_days", "review_due_on", "last_decision", "last_decision_on",
            "last_decision_by", "series", "facts_recorded_at",
        }
    ),
]  # fmt: skip

# An indicator that no worker has judged yet.
_UNJUDGED: Mapping[str, Any] = {
    "status": "insufficient",
    "reason": "not_judged_yet",
    "sentence": "This has not been judged yet. It is done in the background within a minute.",
    "is_stale": False,
    "usable_points": 0,
    "evidence_level": "not_supported",
    "evidence_marks": {},
    "series": {},
}


def standings(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID | None = None
) -> tuple[Standing, ...]:
    """Every running indicator of a service, or the one named, with where it stands: one statement."""
    si, st = ServiceIndicator, IndicatorStatus
    query = (
        select(*_STANDING_COLUMNS)
        .join_from(
            si,
            st,
            (st.provider_id == si.provider_id)
            & (st.service_id == si.service_id)
            & (st.indicator_id == si.indicator_id),
            isouter=True,
        )
        .where(si.provider_id == provider_id, si.service_id == service_id, si.ended_on.is_(None))
        .order_by(si.display_order)
    )
    if indicator_id is not None:
        query = query.where(si.indicator_id == indicator_id)
    return tuple(_standing(row) for row in session.execute(query).mappings())


def _standing(row: RowMapping) -> Standing:
    values: dict[str, Any] = dict(row)
    if values["status"] is None:
        values |= _UNJUDGED
    return Standing(**values)
