"""Where the indicators of a service stand: one statement."""

import uuid
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Literal

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from mendline.indicators.charting import SPARK_PERIODS
from mendline.indicators.model import IndicatorStatus, ServiceIndicator
from mendline.indicators.standing import Standing

Periods = Literal["all", "newest", "none"]

_si, _st = ServiceIndicator.__table__, IndicatorStatus.__table__
_OWN = ("indicator_id", "definition_key", "cadence", "review_owner", "display_order", "in_plan")
_NAMES = tuple(field.name for field in fields(Standing))

# What small charts draw, cut in the database: reading two years of weeks to draw eighteen costs more than the page.
_NEWEST = f"""jsonb_build_object(
    'values', jsonb_path_query_array(indicator_status.series, '$.values[last - {SPARK_PERIODS - 1} to last]'),
    'marks', jsonb_path_query_array(indicator_status.series, '$.marks[last - {SPARK_PERIODS - 1} to last]'),
    'centre', indicator_status.series -> 'centre',
    'lower', indicator_status.series -> 'lower',
    'upper', indicator_status.series -> 'upper',
    'baseline_end', (indicator_status.series ->> 'baseline_end')::integer
        - greatest(jsonb_array_length(coalesce(indicator_status.series -> 'values', '[]')) - {SPARK_PERIODS}, 0))"""
_SERIES: dict[str, ColumnElement[Any]] = {
    "all": _st.c.series,
    "newest": literal_column(_NEWEST, JSONB),
    "none": literal_column("'{}'::jsonb", JSONB),
}
_SELECTS = {
    periods: select(
        *(
            _si.c[name] if name in _OWN else series.label("series") if name == "series" else _st.c[name]
            for name in _NAMES
        )
    )
    .join_from(
        _si,
        _st,
        (_st.c.provider_id == _si.c.provider_id)
        & (_st.c.service_id == _si.c.service_id)
        & (_st.c.indicator_id == _si.c.indicator_id),
        isouter=True,
    )
    .where(_si.c.ended_on.is_(None))
    .order_by(_si.c.display_order)
    for periods, series in _SERIES.items()
}

# An indicator that no worker has judged yet.
_UNJUDGED: dict[str, Any] = {
    "status": "insufficient",
    "reason": "not_judged_yet",
    "sentence": "This has not been judged yet. It is done in the background within a minute.",
    "is_stale": False,
    "usable_points": 0,
    "evidence_level": "not_supported",
    "evidence_marks": {},
    "series": {},
}
_STATUS = _NAMES.index("status")


def standings(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID | None = None,
    *,
    periods: Periods = "all",
) -> tuple[Standing, ...]:
    """Every running indicator of a service, or the one named, with where it stands: one statement.

    Args:
        session: a transaction within reach.
        provider_id: the provider.
        service_id: the service.
        indicator_id: one indicator; all of them otherwise.
        periods: which periods the series holds: all of them; the newest, for small charts and nothing else; or none,
            where only the words are shown.
    """
    query = _SELECTS[periods].where(_si.c.provider_id == provider_id, _si.c.service_id == service_id)
    if indicator_id is not None:
        query = query.where(_si.c.indicator_id == indicator_id)
    return tuple(_standing(row) for row in session.execute(query))


def _standing(row: Sequence[Any]) -> Standing:
    if row[_STATUS] is None:
        return Standing(**{**dict(zip(_NAMES, row, strict=True)), **_UNJUDGED})
    return Standing(*row)
