"""Where the indicators of a service stand: one statement."""

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, Text, Uuid, bindparam, case, cast, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from mendline.catalogue.status_rules import status_rules
from mendline.indicators.model import IndicatorOwner, IndicatorStatus, ServiceIndicator
from mendline.indicators.standing import Standing

Periods = Literal["all", "none", "parts", "drawn"]

_si, _st = ServiceIndicator.__table__, IndicatorStatus.__table__
# Where each indicator stands is looked up by its whole key. In a plain join PostgreSQL, which cannot know how few services
# a policy's list names, reads all rows of the service for each of its indicators.
_judged = (
    select(_st)
    .where(
        _st.c.provider_id == _si.c.provider_id,
        _st.c.service_id == _si.c.service_id,
        _st.c.indicator_id == _si.c.indicator_id,
    )
    .limit(literal_column("1"))
    .lateral("judged")
)
_OWN = ("indicator_id", "definition_key", "cadence", "review_owner", "display_order", "in_plan")
_NAMES = tuple(field.name for field in fields(Standing))
_STATUS, _RULES, _MARKS = (_NAMES.index(name) for name in ("status", "rules_version", "evidence_marks"))

# What each kind of page reads beside the plain columns; the rest stays empty, and is not even sent. What is read as text
# is a key to what was made of it before.
_NOTHING, _TEXTLESS = literal_column("'{}'::jsonb", JSONB), literal_column("''", Text)
_DRAWN = func.coalesce(cast(_judged.c.drawn, Text), "")
_BESIDE: dict[Periods, tuple[ColumnElement[Any], ...]] = {
    "all": (_TEXTLESS, _judged.c.series, _judged.c.parts, _judged.c.todos),
    "none": (),
    "parts": (_TEXTLESS, _NOTHING, _judged.c.parts, _judged.c.todos),
    "drawn": (_DRAWN,),
}


# Whoever reviews it now: it may have been handed over since it began.
_owner = IndicatorOwner.__table__.alias()
REVIEW_OWNER: ColumnElement[Any] = func.coalesce(
    select(_owner.c.owner)
    .where(
        _owner.c.provider_id == _si.c.provider_id,
        _owner.c.service_id == _si.c.service_id,
        _owner.c.indicator_id == _si.c.indicator_id,
    )
    .order_by(_owner.c.number.desc())
    .limit(1)
    .correlate(_si)
    .scalar_subquery(),
    _si.c.review_owner,
)


def _column(name: str) -> ColumnElement[Any]:
    if name == "review_owner":
        return REVIEW_OWNER.label(name)
    if name == "evidence_marks":
        return cast(_judged.c.evidence_marks, Text).label(name)
    return (_si if name in _OWN else _judged).c[name]


_SELECTS = {
    periods: select(*(_column(name) for name in _NAMES[: _MARKS + 1]), *beside)
    .join_from(_si, _judged, true(), isouter=True)
    .where(
        _si.c.provider_id == bindparam("provider"),
        _si.c.service_id == bindparam("service"),
        _si.c.ended_on.is_(None),
        (_si.c.indicator_id == bindparam("one")) | bindparam("one", type_=Uuid).is_(None),
    )
    .order_by(_si.c.display_order)
    for periods, beside in _BESIDE.items()
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
    "composite": "not_supported",
    "composite_rule": "not_judged_yet",
    "rules_version": "",
    "drawn": "",
    "series": {},
    "parts": {},
    "todos": [],
}
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
        periods: what is read beside the plain columns: `all` periods and parts; `none` where only the words are shown;
            `parts` what a status is made of; `drawn` what the row of a dashboard shows.
    """
    asked = {"provider": provider_id, "service": service_id, "one": indicator_id}
    rows = session.execute(_SELECTS[periods], asked).all()
    if periods == "drawn":
        return tuple(_read_before(tuple(row)) for row in rows)
    return tuple(map(_standing, rows))


def _standing(row: Sequence[Any]) -> Standing:
    if row[_STATUS] is None:
        return Standing(**{**dict(zip(_NAMES, row, strict=False)), **_UNJUDGED})
    marks = _marks(row[_MARKS])
    if row[_RULES] != status_rules().identity:
        outlived = {"composite": "not_supported", "composite_rule": "rules_changed", "rules_version": row[_RULES] or ""}
        read = {**dict(zip(_NAMES, row, strict=False)), **outlived, "sentence": RULES_CHANGED}
        return Standing(**{**read, "evidence_marks": marks, "drawn": ""})
    made: Callable[..., Standing] = Standing
    return made(*row[:_MARKS], marks, *row[_MARKS + 1 :])  # in the order of its fields, as it is selected


@lru_cache(maxsize=4096)  # as many as `services.kept_rows` keeps: both share what was read
def _read_before(row: tuple[Any, ...]) -> Standing:
    """A dashboard's row that says in every column what one said before is that standing; to make it anew takes longer."""
    return _standing(row)


@lru_cache(maxsize=1024)
def _marks(written: str) -> dict[str, str]:
    """Few combinations of letters exist; each is read once."""
    read: dict[str, str] = json.loads(written)
    return read
