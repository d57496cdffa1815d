"""What is counted changes from a period on: a new definition or another way of counting, with its reason and a visible break."""

import uuid
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import period_label, period_start
from mendline.catalogue.indicators import indicator_definition
from mendline.indicators.marking import mark_stale
from mendline.indicators.model import IndicatorRedefinition, ServiceIndicator
from mendline.indicators.running import mark_chart
from tenants.clock import now
from tenants.database import in_turn
from tenants.errors import NotFoundError, RefusedError
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST = 8


def redefine_indicator(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    from_period: date,
    what_changed: str,
    reason: str,
    today: date,
) -> int:
    """Says that from a period on something else is counted, or in another way, such as an audit with more questions.

    Both parts of the series are kept, with a break between them: no limit, run or trend crosses it, and the baseline
    counts as not comparable until one is frozen anew.

    Returns:
        The number of the change.

    Raises:
        NotFoundError: no such indicator at the service.
        RefusedError: the period cannot be, or it is not said what changed and why; `problems` names the field.
    """
    reach.require("change_indicators", provider_id, service_id)
    here = (provider_id, service_id, indicator_id)
    running = session.execute(
        select(ServiceIndicator.definition_key, ServiceIndicator.cadence).filter_by(
            provider_id=provider_id, service_id=service_id, indicator_id=indicator_id
        )
    ).one_or_none()
    if running is None:
        raise NotFoundError("There is no such indicator at this service.")
    definition = indicator_definition(running.definition_key)
    problems = {}
    if from_period != period_start(running.cadence, from_period):
        problems["from_period"] = "Choose the first period that is counted in the new way."
    elif from_period > today:
        problems["from_period"] = "This period has not begun. Say it when it has."
    if len(what_changed.strip()) < SHORTEST:
        problems["what_changed"] = "Say what is counted now, or how it is counted now."
    if len(reason.strip()) < SHORTEST:
        problems["reason"] = "Say why. The break, with this reason, stands on the chart and in packs."
    if problems:
        raise RefusedError("The change was not recorded.", problems)
    version = _next_version(session, provider_id, service_id, indicator_id)
    session.add(
        IndicatorRedefinition(
            provider_id=provider_id,
            service_id=service_id,
            indicator_id=indicator_id,
            version=version,
            from_period=from_period,
            definition_version=definition.version,
            what_changed=what_changed.strip(),
            reason=reason.strip(),
            recorded_by=reach.initials,
            recorded_at=now(),
        )
    )
    label = period_label(running.cadence, from_period)
    kept = f"From the {label} on it is a new series. The baseline is not comparable until one is frozen anew."
    mark_chart(session, reach, here, "definition", from_period, what_changed.strip(), reason.strip(), kept)
    session.flush()
    mark_stale(session, provider_id, service_id, indicator_id, None, reach.person_id)
    note(
        session, reach, "definition changed", provider_id=provider_id, service_id=service_id,
        subject=f"indicator {indicator_id}", detail={"version": version, "from": from_period.isoformat()},
    )  # fmt: skip
    return version


def _next_version(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID) -> int:
    in_turn(session, f"aims:{provider_id}:{indicator_id}")
    newest = session.scalar(
        select(func.max(IndicatorRedefinition.version)).filter_by(
            provider_id=provider_id, service_id=service_id, indicator_id=indicator_id
        )
    )
    return (newest or 0) + 1
