"""The rows of the demonstration's facts, table by table, in an order that every foreign key allows."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, cast

from sqlalchemy import Table

from mendline.catalogue.calendar import add_working_days
from mendline.catalogue.capture_forms import form_for
from mendline.catalogue.plans import plan_template, template_data
from mendline.demonstration.model import DemoIndicator, Demonstration
from mendline.evidence.measuring.marking import also_on
from mendline.evidence.model import Evidence, EvidenceCheck, EvidenceLink, Record
from mendline.indicators.model import ChartEvent, IndicatorBaseline, IndicatorTarget, ServiceIndicator
from mendline.recovery.model import (
    Action,
    ActionEvent,
    Escalation,
    EscalationDecision,
    Oversight,
    RecoveryPlan,
    Review,
    Risk,
    RiskScore,
)
from tenants.clock import LONDON
from tenants.ids import new_id

Rows = Iterator[tuple[Table, list[dict[str, Any]]]]


def setting_rows(planned: Demonstration, provider_id: uuid.UUID) -> Rows:
    """What figures need to be there first: indicators with their baselines and targets, and plans."""
    indicators = [one for one in planned.indicators if one.provider_id == provider_id]
    yield _table(ServiceIndicator), [_indicator(one) for one in indicators]
    yield _table(IndicatorBaseline), [_baseline(one) for one in indicators if one.baseline]
    yield _table(IndicatorTarget), [_target(one) for one in indicators]
    yield (
        _table(RecoveryPlan),
        [
            {
                "provider_id": one.provider_id,
                "service_id": one.service_id,
                "plan_id": one.plan_id,
                "template_key": one.template_key,
                "template_version": plan_template(one.template_key).version,
                "framework_version": "saf-2023",
                "title": one.title,
                "goal": one.goal,
                "starts_on": one.starts_on,
                "weeks": one.weeks,
                "target": plan_template(one.template_key).target,
                "content": template_data(plan_template(one.template_key)),
                "recorded_at": _at(one.starts_on),
            }
            for one in planned.plans
            if one.provider_id == provider_id
        ],
    )


def rows_of_service_facts(planned: Demonstration, provider_id: uuid.UUID) -> Rows:
    """Records, evidence, the story, actions, risks, reviews and escalations."""

    def mine(rows: Sequence[Any]) -> list[Any]:
        return [one for one in rows if one.provider_id == provider_id]

    writers = _writers(planned)
    yield (
        _table(Record),
        [
            _plain(one, Record, revision=1, source_system=None, source_reference=None, reason=None)
            | {"batch_id": None, "also_on": also_on(one.record_type, one.payload)}
            | {
                "recorded_by": writers.get((one.service_id, one.recorded_initials))
                if form_for(one.record_type)
                else None
            }
            for one in mine(planned.records)
        ],
    )
    yield from _evidence(mine(planned.evidence))
    yield (
        _table(ChartEvent),
        [_plain(one, ChartEvent, recorded_by=None, recorded_at=_at(one.happened_on)) for one in mine(planned.events)],
    )
    yield from _work(mine(planned.actions), mine(planned.risks))
    yield (
        _table(Review),
        [
            _plain(one, Review, recorded_at=_at(one.held_on)) | {"relied_on": list(one.relied_on)}
            for one in mine(planned.reviews)
        ],
    )
    yield from _escalations(mine(planned.escalations))


def _writers(planned: Demonstration) -> dict[tuple[uuid.UUID | None, str], uuid.UUID]:
    """Who works at a service by their initials there: what they recorded on a phone is theirs when they sign in."""
    initials = {one.person_id: one.initials for one in planned.people}
    return {(one.service_id, initials[one.person_id]): one.person_id for one in planned.memberships if one.service_id}


def _evidence(evidence: Sequence[Any]) -> Rows:
    yield _table(Evidence), [_plain(one, Evidence, recorded_by=None) for one in evidence]
    yield (
        _table(EvidenceLink),
        [
            {**_key(one), "indicator_id": indicator, "evidence_id": one.evidence_id, "recorded_at": one.recorded_at}
            for one in evidence
            for indicator in one.indicator_ids
        ],
    )
    yield (
        _table(EvidenceCheck),
        [
            {
                **_key(one),
                "evidence_id": one.evidence_id,
                "check_id": new_id(),
                "result": one.check,
                "checked_at": one.checked_at,
                "checked_initials": one.recorded_initials,
            }
            for one in evidence
        ],
    )


def _escalations(escalations: Sequence[Any]) -> Rows:
    """Escalations, their decisions, and what the decisions put before the provider."""
    yield _table(Escalation), [_plain(one, Escalation, recorded_at=_at(one.opened_on)) for one in escalations]
    decided = [one for one in escalations if one.outcome]
    yield (
        _table(EscalationDecision),
        [
            _plain(one, EscalationDecision, recorded_at=_at(one.decided_on)) | {"made": list(one.made)}
            for one in decided
        ],
    )
    yield (
        _table(Oversight),
        [
            {
                **_key(one),
                "oversight_id": new_id(),
                "reference": reference,
                "asked": one.asked,
                "to_role": "nominated_individual",
                "indicator_id": one.indicator_id,
                "escalation_id": one.escalation_id,
                "opened_on": one.decided_on,
                "due_on": add_working_days(one.decided_on, 5),
                "recorded_label": one.decided_label,
                "recorded_at": _at(one.decided_on),
            }
            for one in decided
            for reference in one.made
            if reference.startswith("O-")
        ],
    )


def _work(actions: Sequence[Any], risks: Sequence[Any]) -> Rows:
    yield (
        _table(Action),
        [_plain(one, Action, recorded_initials=None, recorded_at=_at(one.opened_on)) for one in actions],
    )
    yield (
        _table(ActionEvent),
        [
            _plain(event, ActionEvent, **_key(one), action_id=one.action_id, recorded_initials=None)
            | {"recorded_at": _at(event.happened_on)}
            for one in actions
            for event in one.events
        ],
    )
    yield _table(Risk), [_plain(one, Risk, recorded_at=_at(one.opened_on)) for one in risks]
    yield (
        _table(RiskScore),
        [
            _plain(score, RiskScore, **_key(one), risk_id=one.risk_id, recorded_at=_at(score.judged_on))
            for one in risks
            for score in one.scores
        ],
    )


def _indicator(one: DemoIndicator) -> dict[str, Any]:
    return _plain(one, ServiceIndicator, ended_on=None, recorded_at=_at(one.started_on))


def _baseline(one: DemoIndicator) -> dict[str, Any]:
    return _plain(
        one.baseline,
        IndicatorBaseline,
        **_key(one),
        indicator_id=one.indicator_id,
        version=1,
        reason=None,
        recorded_at=_at(one.started_on),
    )


def _target(one: DemoIndicator) -> dict[str, Any]:
    return _plain(
        one.target,
        IndicatorTarget,
        **_key(one),
        indicator_id=one.indicator_id,
        version=1,
        reason=None,
        recorded_by=one.review_owner,
        recorded_at=_at(one.started_on),
    )


def _plain(one: Any, model: Any, **more: Any) -> dict[str, Any]:
    """The columns of a table, from an object's fields of the same names and the values given beside."""
    names = [column.name for column in _table(model).columns]
    found = {name: getattr(one, name) for name in names if hasattr(one, name)}
    return found | {name: more[name] for name in names if name in more}


def _key(one: Any) -> dict[str, Any]:
    return {"provider_id": one.provider_id, "service_id": one.service_id}


def _table(model: Any) -> Table:
    return cast("Table", model.__table__)


def _at(day: date | None) -> datetime:
    """Ten in the morning of a day: when what happened on it was written down."""
    return datetime.combine(day or date(2026, 1, 1), time(10, 0), LONDON)
