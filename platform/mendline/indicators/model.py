import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, ServiceKey, of_indicator, of_provider, of_service


class ServiceIndicator(ServiceKey, Base):
    """An indicator that a service runs; its meaning stays in the catalogue, by key and version."""

    __tablename__ = "service_indicator"
    __table_args__ = (of_service(), Index("ix_service_indicator_definition", "provider_id", "definition_key"))

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    definition_key: Mapped[str]
    definition_version: Mapped[str]
    cadence: Mapped[str]  # weekly or monthly
    review_owner: Mapped[str | None]  # initial and surname, the one field that exists for it
    review_owner_role: Mapped[str | None]
    review_every_days: Mapped[int]
    display_order: Mapped[int]
    in_plan: Mapped[bool]
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    recorded_at: Mapped[datetime]


class IndicatorOwner(ServiceKey, Base):
    """Who reviews an indicator from then on; the newest row holds, and before the first the indicator's own owner."""

    __tablename__ = "indicator_owner"
    __table_args__ = (of_indicator(),)

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str]
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class IndicatorBaseline(ServiceKey, Base):
    """The measured starting position, frozen when recovery begins; a correction is the next version."""

    __tablename__ = "indicator_baseline"
    __table_args__ = (of_indicator(),)

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    first_period: Mapped[date]
    last_period: Mapped[date]
    periods: Mapped[int]
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    value: Mapped[float]
    method: Mapped[str]
    reason: Mapped[str | None]
    signed_by: Mapped[str]
    approved_by: Mapped[str | None]
    figures: Mapped[list[Any] | None]  # as they stood when it was frozen: period, parts, value, revision
    definition_version: Mapped[str | None]
    recorded_at: Mapped[datetime]


class IndicatorTarget(ServiceKey, Base):
    """What is aimed at and from when; a period is judged by the target in force then."""

    __tablename__ = "indicator_target"
    __table_args__ = (of_indicator(),)

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    operator: Mapped[str]  # >=, <=, ==, monitor_only
    value: Mapped[float | None]
    valid_from: Mapped[date]
    reach_by: Mapped[date | None]
    reason: Mapped[str | None]
    recorded_by: Mapped[str | None]
    recorded_at: Mapped[datetime]


class IndicatorRedefinition(ServiceKey, Base):
    """From a period on something else is counted, or it is counted in another way: no trend crosses it."""

    __tablename__ = "indicator_redefinition"
    __table_args__ = (of_indicator(),)

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    from_period: Mapped[date]
    definition_version: Mapped[str]
    what_changed: Mapped[str]
    reason: Mapped[str]
    recorded_by: Mapped[str | None]
    recorded_at: Mapped[datetime]


class Contradiction(ServiceKey, Base):
    """A source that points the other way than the figure; it holds until it is answered in writing."""

    __tablename__ = "contradiction"
    __table_args__ = (of_indicator(),)

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    contradiction_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    says: Mapped[str]
    noticed_on: Mapped[date]
    origin: Mapped[str]  # person, or the key of the trigger that noticed it
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class ContradictionAnswer(ServiceKey, Base):
    """The written answer to a contradiction."""

    __tablename__ = "contradiction_answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "indicator_id", "contradiction_id"],
            [
                "contradiction.provider_id",
                "contradiction.service_id",
                "contradiction.indicator_id",
                "contradiction.contradiction_id",
            ],
        ),
    )

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    contradiction_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    answer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    answer: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class EvidenceExemption(ServiceKey, Base):
    """That a kind of evidence cannot exist for an indicator here, with the reason; the newest version holds."""

    __tablename__ = "evidence_exemption"
    __table_args__ = (of_indicator(), CheckConstraint("letter in ('R', 'A', 'F', 'P')", name="letter_known"))

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    letter: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    applies: Mapped[bool]
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class Observation(ServiceKey, Base):
    """A figure of one indicator for one period; a correction is the next revision, nothing is overwritten."""

    __tablename__ = "observation"
    __table_args__ = (
        of_indicator(),
        UniqueConstraint("provider_id", "observation_id"),
        Index("ix_observation_batch", "provider_id", "batch_id", postgresql_where=text("batch_id is not null")),
        CheckConstraint("numerator >= 0", name="numerator_not_negative"),
        CheckConstraint("denominator >= 0", name="denominator_not_negative"),
        CheckConstraint(
            "state in ('provisional', 'final', 'revised', 'missing', 'not_applicable', 'suspended')",
            name="state_known",
        ),
    )

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    period_start: Mapped[date] = mapped_column(primary_key=True)  # happened
    revision: Mapped[int] = mapped_column(primary_key=True)
    observation_id: Mapped[uuid.UUID]
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    value: Mapped[float | None]
    state: Mapped[str]
    source: Mapped[str]  # entered, imported, derived, api
    reason: Mapped[str | None]
    pointer: Mapped[dict[str, Any] | None]  # where the records are kept, when they stay in another system
    batch_id: Mapped[uuid.UUID | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class ChartEvent(ServiceKey, Base):
    """A dated change on a chart with its story: what changed, why, what action followed."""

    __tablename__ = "chart_event"
    __table_args__ = (of_indicator(),)

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(server_default="story", default="story")  # or baseline, target, definition
    happened_on: Mapped[date]
    what_changed: Mapped[str]
    why: Mapped[str]
    what_followed: Mapped[str]
    reference: Mapped[str | None]  # of an action or evidence item, such as A-022
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class ChartChoice(ServiceKey, Base):
    """A chart that a person set over the fitting one, or `fitting` where it was given back; the newest version counts."""

    __tablename__ = "chart_choice"
    __table_args__ = (
        of_indicator(),
        CheckConstraint(
            "chart in ('fitting', 'xmr', 'p', 'pp', 'u', 'up', 'c', 'g', 't', 'run')",
            name="chart_known",
        ),
    )

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    chart: Mapped[str]
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class LimitBase(ServiceKey, Base):
    """A request to set a chart's limits anew from a period on, because the process was changed."""

    __tablename__ = "limit_base"
    __table_args__ = (of_indicator(),)

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    base_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    starts_on: Mapped[date]  # first day of the first period of the new base
    what_changed: Mapped[str]
    reason: Mapped[str]
    evidence_reference: Mapped[str]
    requested_by: Mapped[uuid.UUID | None]
    requested_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class LimitBaseDecision(ServiceKey, Base):
    """What another person decided about new limits; without approval the old ones stay in force."""

    __tablename__ = "limit_base_decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "indicator_id", "base_id"],
            ["limit_base.provider_id", "limit_base.service_id", "limit_base.indicator_id", "limit_base.base_id"],
        ),
        CheckConstraint("decision in ('approved', 'refused')", name="decision_known"),
    )

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    base_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    decision: Mapped[str]
    note: Mapped[str]
    decided_by: Mapped[uuid.UUID | None]
    decided_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class OutlookGiven(ServiceKey, Base):
    """What was foreseen for a period, kept so that it can be held against what came."""

    __tablename__ = "outlook_given"
    __table_args__ = (of_indicator(),)

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    after_period: Mapped[date] = mapped_column(primary_key=True)  # the newest figure it was made from
    for_period: Mapped[date] = mapped_column(primary_key=True)
    verdict: Mapped[str | None]  # on_track, likely, at_risk, off_track; none without a trend
    share_meeting: Mapped[float | None]
    centre: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    target_value: Mapped[float | None]
    rule_set_version: Mapped[str]
    recorded_at: Mapped[datetime]


class StaleMark(ProviderKey, Base):
    """Says which figure a write made stale; removed only in the transaction that used it."""

    __tablename__ = "stale_mark"
    __table_args__ = (of_provider(), Index("ix_stale_mark_provider_id_marked_at", "provider_id", "marked_at"))

    mark_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID]
    indicator_id: Mapped[uuid.UUID]
    period_start: Mapped[date | None]  # none: every period of the indicator
    marked_at: Mapped[datetime]


class IndicatorStatus(ServiceKey, Base):
    """Derived: where an indicator stands and why. Can be rebuilt from the facts at any time."""

    __tablename__ = "indicator_status"
    __table_args__ = (
        of_indicator(),
        Index("ix_indicator_status_definition", "provider_id", "definition_key"),
        Index("ix_indicator_status_judged", "provider_id", "judged_on"),
    )

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    definition_key: Mapped[str]
    rule_set_version: Mapped[str]
    judged_on: Mapped[date]
    status: Mapped[str]  # improving, stable, deteriorating, changed, insufficient
    reason: Mapped[str]
    sentence: Mapped[str]
    basis: Mapped[str | None]
    since: Mapped[date | None]
    strength: Mapped[str | None]
    variation: Mapped[str | None]
    assurance: Mapped[str | None]  # pass, inconsistent, fail
    is_stale: Mapped[bool]
    usable_points: Mapped[int]
    last_period: Mapped[date | None]
    last_state: Mapped[str | None]
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    value: Mapped[float | None]
    centre: Mapped[float | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    target_operator: Mapped[str | None]
    target_value: Mapped[float | None]
    target_by: Mapped[date | None]
    baseline_value: Mapped[float | None]
    evidence_level: Mapped[str]  # strong, sufficient, partial, not_supported
    evidence_marks: Mapped[dict[str, Any]]  # {"R": "current" | "old" | "missing", "A": ..., "F": ..., "P": ...}
    declined_since: Mapped[date | None]
    unescalated_days: Mapped[int | None]  # none: no decline without escalation
    review_due_on: Mapped[date | None]
    last_decision: Mapped[str | None]
    last_decision_on: Mapped[date | None]
    last_decision_by: Mapped[str | None]
    series: Mapped[dict[str, Any]]  # what a chart of the newest periods needs: periods, values, marks, limits
    facts_recorded_at: Mapped[datetime | None]  # newest fact that was used
    rules_version: Mapped[str | None]  # the rules of all parts; a status by other rules than today's is not shown
    composite: Mapped[str | None]  # improving, stable, deteriorating, changed, too_few, not_supported
    composite_rule: Mapped[str | None]  # the first row of the rule table that applied
    current_until: Mapped[date | None]  # the last day on which its figure is up to date
    parts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # each part with its facts
    todos: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))  # what would fill each gap
    drawn: Mapped[dict[str, Any] | None]  # words and paths of its row, ready to be shown
