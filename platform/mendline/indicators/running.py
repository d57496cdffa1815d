"""Running an indicator at a service: beginning it, freezing its baseline, changing what it aims at; nothing is overwritten."""

import uuid
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition, indicator_definitions
from mendline.indicators.aims import (
    USUAL_PERIODS,
    Baseline,
    BaselinePeriod,
    GivenTarget,
    aim_words,
    baseline_of,
    span_words,
    target_problems,
)
from mendline.indicators.closing import refuse_if_closed
from mendline.indicators.marking import mark_stale
from mendline.indicators.model import ChartEvent, IndicatorBaseline, IndicatorTarget, Observation, ServiceIndicator
from tenants.clock import now
from tenants.database import in_turn
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

REVIEW_DAYS = {"weekly": 7, "monthly": 28}

Here = tuple[uuid.UUID, uuid.UUID, uuid.UUID]  # provider, service and indicator


def start_indicator(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    definition_key: str,
    review_owner: str,
    target: GivenTarget,
    today: date,
) -> uuid.UUID:
    """Begins an indicator of the catalogue at a service, with its review owner and first target.

    Raises:
        RefusedError: it is unknown or runs already, or the target cannot be; `problems` names the field.
    """
    reach.require("change_indicators", provider_id, service_id)
    refuse_if_closed(session, provider_id, service_id, "indicator")
    definition = indicator_definitions().get(definition_key)
    if definition is None:
        raise RefusedError("The indicator was not added.", {"definition_key": "Choose an indicator of the catalogue."})
    problems = target_problems(definition, target.operator, target.value)
    if not review_owner.strip():
        problems["review_owner"] = "Name who reviews it: an initial and a surname."
    if _runs(session, provider_id, service_id, definition_key):
        problems["definition_key"] = "This indicator runs here already. Open it to change its target."
    if problems:
        raise RefusedError("The indicator was not added.", problems)
    at = now()
    indicator_id = new_id()
    session.add(
        ServiceIndicator(
            provider_id=provider_id,
            service_id=service_id,
            indicator_id=indicator_id,
            definition_key=definition.key,
            definition_version=definition.version,
            cadence=definition.cadence,
            review_owner=review_owner.strip(),
            review_every_days=REVIEW_DAYS[definition.cadence],
            display_order=list(indicator_definitions()).index(definition.key),
            in_plan=bool(definition.used_in),
            started_on=today,
            recorded_at=at,
        )
    )
    session.flush()
    session.add(_target(provider_id, service_id, indicator_id, 1, target, reach, today))
    _told(session, reach, provider_id, service_id, indicator_id, "indicator started", {"definition": definition.key})
    return indicator_id


def change_target(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    target: GivenTarget,
    today: date,
) -> int:
    """Sets what is aimed at from today on; earlier periods keep the target that was in force then.

    Returns:
        The target's version.

    Raises:
        RefusedError: the target cannot be, or no reason is given for changing one.
    """
    reach.require("change_indicators", provider_id, service_id)
    refuse_if_closed(session, provider_id, service_id, "target")
    definition = _definition(session, provider_id, service_id, indicator_id)
    problems = target_problems(definition, target.operator, target.value)
    version = _next_version(session, IndicatorTarget, provider_id, service_id, indicator_id)
    if version > 1 and not target.reason.strip():
        problems["reason"] = "Say why the target changes. The earlier one stays visible."
    if problems:
        raise RefusedError("The target was not changed.", problems)
    here = (provider_id, service_id, indicator_id)
    if version > 1:
        before = _target_before(session, here)
        what = f"The target changed from {aim_words(before, definition)} to {aim_words(target, definition)}."
        kept = "Earlier periods stay judged by the target that was in force then."
        mark_chart(session, reach, here, "target", today, what, target.reason.strip(), kept)
    session.add(_target(provider_id, service_id, indicator_id, version, target, reach, today))
    _told(session, reach, provider_id, service_id, indicator_id, "target set", {"version": version})
    return version


def freeze_baseline(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    last_period: date,
    periods: int = USUAL_PERIODS,
    reason: str = "",
    today: date,
) -> int:
    """Freezes the starting position over the periods up to one; a correction is the next version, with its reason.

    Returns:
        The baseline's version.

    Raises:
        RefusedError: there is no final figure in those periods, or no reason is given for changing a baseline.
    """
    reach.require("change_indicators", provider_id, service_id)
    refuse_if_closed(session, provider_id, service_id, "baseline")
    definition = _definition(session, provider_id, service_id, indicator_id)
    frozen = _final_periods(session, provider_id, service_id, indicator_id, last_period, periods)
    made = baseline_of(definition, frozen)
    version = _next_version(session, IndicatorBaseline, provider_id, service_id, indicator_id)
    problems: dict[str, str] = {}
    if made is None:
        problems["last_period"] = "There is no final figure up to then. Enter or import the figures first."
    if version > 1 and not reason.strip():
        problems["reason"] = "Say why the baseline changes. The earlier one stays visible."
    if problems or made is None:
        raise RefusedError("The baseline was not frozen.", problems)
    here = (provider_id, service_id, indicator_id)
    if version > 1:
        before = _baseline_before(session, here)
        what = f"The baseline changed from {span_words(before, definition)} to {span_words(made, definition)}."
        kept = "The earlier baseline and its figures are kept."
        mark_chart(session, reach, here, "baseline", today, what, reason.strip(), kept)
    session.add(
        IndicatorBaseline(
            provider_id=provider_id,
            service_id=service_id,
            indicator_id=indicator_id,
            version=version,
            first_period=made.first_period,
            last_period=made.last_period,
            periods=made.periods,
            numerator=made.numerator,
            denominator=made.denominator,
            value=made.value,
            method=made.method,
            reason=reason.strip() or None,
            signed_by=reach.initials,
            approved_by=None,
            figures=[period.as_json() for period in frozen if period.value is not None],
            definition_version=definition.version,
            recorded_at=now(),
        )
    )
    _told(session, reach, provider_id, service_id, indicator_id, "baseline frozen", {"version": version})
    return version


def mark_chart(
    session: Session,
    reach: Reach,
    here: Here,
    kind: str,
    happened_on: date,
    what_changed: str,
    why: str,
    what_followed: str,
) -> None:
    """Marks a change of baseline, target or definition on the chart, with its reason, so that packs tell it as well."""
    provider_id, service_id, indicator_id = here
    session.add(
        ChartEvent(
            provider_id=provider_id,
            service_id=service_id,
            indicator_id=indicator_id,
            event_id=new_id(),
            kind=kind,
            happened_on=happened_on,
            what_changed=what_changed,
            why=why,
            what_followed=what_followed,
            recorded_by=reach.person_id,
            recorded_initials=reach.initials if reach.person_id else None,
            recorded_at=now(),
        )
    )


def _target_before(session: Session, here: Here) -> GivenTarget:
    t = IndicatorTarget
    found = session.execute(
        select(t.operator, t.value)
        .where(t.provider_id == here[0], t.service_id == here[1], t.indicator_id == here[2])
        .order_by(t.version.desc())
        .limit(1)
    ).one()
    return GivenTarget(found.operator, found.value)


def _baseline_before(session: Session, here: Here) -> Baseline:
    b = IndicatorBaseline
    found = session.execute(
        select(b.first_period, b.last_period, b.periods, b.numerator, b.denominator, b.value, b.method)
        .where(b.provider_id == here[0], b.service_id == here[1], b.indicator_id == here[2])
        .order_by(b.version.desc())
        .limit(1)
    ).one()
    return Baseline(*found)


def _runs(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, key: str) -> bool:
    """Whether the indicator runs here; two people at once wait for each other, so that it never runs twice."""
    in_turn(session, f"indicator:{provider_id}:{service_id}:{key}")
    si = ServiceIndicator
    found = session.scalar(
        select(si.indicator_id).where(
            si.provider_id == provider_id,
            si.service_id == service_id,
            si.definition_key == key,
            si.ended_on.is_(None),
        )
    )
    return found is not None


def _definition(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID
) -> IndicatorDefinition:
    si = ServiceIndicator
    key = session.scalar(
        select(si.definition_key).where(
            si.provider_id == provider_id, si.service_id == service_id, si.indicator_id == indicator_id
        )
    )
    if key is None:
        raise NotFoundError("There is no such indicator at this service.")
    return indicator_definition(key)


def _next_version(
    session: Session,
    table: type[IndicatorTarget] | type[IndicatorBaseline],
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
) -> int:
    in_turn(session, f"aims:{provider_id}:{indicator_id}")
    newest = session.scalar(
        select(func.max(table.version)).where(
            table.provider_id == provider_id, table.service_id == service_id, table.indicator_id == indicator_id
        )
    )
    return (newest or 0) + 1


def _final_periods(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    last_period: date,
    periods: int,
) -> list[BaselinePeriod]:
    o = Observation
    newest = (
        select(o.period_start, o.numerator, o.denominator, o.value, o.state, o.revision)
        .where(
            o.provider_id == provider_id,
            o.service_id == service_id,
            o.indicator_id == indicator_id,
            o.period_start <= last_period,
        )
        .order_by(o.period_start.desc(), o.revision.desc())
        .limit(periods * 8)  # a period is seldom corrected more often
    )
    found: dict[date, BaselinePeriod] = {}
    for row in session.execute(newest):
        if row.period_start not in found and row.state in ("final", "revised"):
            found[row.period_start] = BaselinePeriod(
                row.period_start, row.numerator, row.denominator, row.value, row.revision
            )
    return sorted(found.values(), key=lambda period: period.period_start)[-periods:]


def _target(
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    version: int,
    target: GivenTarget,
    reach: Reach,
    today: date,
) -> IndicatorTarget:
    return IndicatorTarget(
        provider_id=provider_id,
        service_id=service_id,
        indicator_id=indicator_id,
        version=version,
        operator=target.operator,
        value=target.value,
        valid_from=today,
        reach_by=target.reach_by,
        reason=target.reason.strip() or None,
        recorded_by=reach.initials,
        recorded_at=now(),
    )


def _told(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    act: str,
    detail: dict[str, object],
) -> None:
    session.flush()
    mark_stale(session, provider_id, service_id, indicator_id, None, reach.person_id)
    note(
        session,
        reach,
        act,
        provider_id=provider_id,
        service_id=service_id,
        subject=f"indicator {indicator_id}",
        detail=dict(detail),
    )
