"""Where the indicators of a service stand: one statement."""

import uuid
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from mendline.catalogue.status_rules import status_rules
from mendline.indicators.charting import SPARK_PERIODS
from mendline.indicators.model import IndicatorOwner, IndicatorStatus, ServiceIndicator
from mendline.indicators.standing import Standing

Periods = Literal["all", "newest", "none", "parts", "drawn"]

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
    "parts": literal_column("'{}'::jsonb", JSONB),
    "drawn": literal_column("'{}'::jsonb", JSONB),
}
# The parts are read where they are shown, on the page of one indicator and in packs.
_EMPTY = {"parts": literal_column("'{}'::jsonb", JSONB), "todos": literal_column("'[]'::jsonb", JSONB)}


# Whoever reviews it now: it may have been handed over since it began.
_owner = aliased(IndicatorOwner)
REVIEW_OWNER: ColumnElement[Any] = func.coalesce(
    select(_owner.owner)
    .where(
        _owner.provider_id == _si.c.provider_id,
        _owner.service_id == _si.c.service_id,
        _owner.indicator_id == _si.c.indicator_id,
    )
    .order_by(_owner.number.desc())
    .limit(1)
    .correlate(_si)
    .scalar_subquery(),
    _si.c.review_owner,
)


def _column(name: str, periods: str, series: ColumnElement[Any]) -> ColumnElement[Any]:
    if name == "review_owner":
        return REVIEW_OWNER.label(name)
    if name in _OWN:
        return _si.c[name]
    if name == "series":
        return series.label("series")
    if name in _EMPTY and periods not in ("all", "parts"):
        return _EMPTY[name].label(name)
    if name == "drawn" and periods != "drawn":
        return literal_column("'{}'::jsonb", JSONB).label(name)
    return _st.c[name]


_SELECTS = {
    periods: select(*(_column(name, periods, series) for name in _NAMES))
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
    "composite": "not_supported",
    "composite_rule": "not_judged_yet",
    "rules_version": "",
    "parts": {},
    "todos": [],
    "drawn": {},
}
_STATUS, _RULES = _NAMES.index("status"), _NAMES.index("rules_version")
RULES_CHANGED = "The rules by which this is judged have changed. It is judged again in the background within minutes."


def composite_now() -> ColumnElement[str]:
    """The composite in SQL: what was judged by other rules than those in force is not supported until it is judged again."""
    by_these = _st.c.rules_version == status_rules().identity
    return case((by_these, func.coalesce(_st.c.composite, "not_supported")), else_="not_supported")


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
            where only the words are shown; `parts` reads what a status is made of instead,
            and `drawn` what the row of a dashboard shows.
    """
    query = _SELECTS[periods].where(_si.c.provider_id == provider_id, _si.c.service_id == service_id)
    if indicator_id is not None:
        query = query.where(_si.c.indicator_id == indicator_id)
    return tuple(_standing(row) for row in session.execute(query))


def _standing(row: Sequence[Any]) -> Standing:
    if row[_STATUS] is None:
        return Standing(**{**dict(zip(_NAMES, row, strict=True)), **_UNJUDGED})
    if row[_RULES] != status_rules().identity:
        outlived = {"composite": "not_supported", "composite_rule": "rules_changed", "rules_version": row[_RULES] or ""}
        return Standing(**{**dict(zip(_NAMES, row, strict=True)), **outlived, "sentence": RULES_CHANGED, "drawn": {}})
    return Standing(*row)
