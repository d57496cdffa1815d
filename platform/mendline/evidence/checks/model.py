"""Tables of spot checks and drills. Rows are only added."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ServiceKey, of_indicator, of_service


def _of(table: str, key: str) -> ForeignKeyConstraint:
    names = ("provider_id", "service_id", key)
    return ForeignKeyConstraint(list(names), [f"{table}.{name}" for name in names])


class SpotCheck(ServiceKey, Base):
    """A sample of the records behind a figure, drawn by a seed."""

    __tablename__ = "spot_check"
    __table_args__ = (
        of_indicator(),
        UniqueConstraint("provider_id", "service_id", "reference"),
        Index("ix_spot_check_indicator", "provider_id", "service_id", "indicator_id"),
    )

    check_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]  # S-004
    indicator_id: Mapped[uuid.UUID]
    period_start: Mapped[date]
    measurement: Mapped[int]  # what the records came to when the sample was drawn
    population: Mapped[int]
    seed: Mapped[str]
    drawn: Mapped[list[uuid.UUID]]
    purpose: Mapped[str | None]
    drawn_by: Mapped[uuid.UUID | None]
    drawn_label: Mapped[str]
    drawn_on: Mapped[date]
    recorded_at: Mapped[datetime]


class SpotCheckFinding(ServiceKey, Base):
    """What the comparison of one record found; a later number corrects an earlier one."""

    __tablename__ = "spot_check_finding"
    __table_args__ = (
        _of("spot_check", "check_id"),
        CheckConstraint("finding in ('agrees', 'disagrees', 'not_found')", name="finding_known"),
    )

    check_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    record_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    finding: Mapped[str]
    note: Mapped[str | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class SpotCheckResult(ServiceKey, Base):
    """What a check came to, once."""

    __tablename__ = "spot_check_result"
    __table_args__ = (
        _of("spot_check", "check_id"),
        CheckConstraint("verdict in ('holds', 'unsure', 'contradicted')", name="verdict_known"),
    )

    check_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    agree: Mapped[int]
    compared: Mapped[int]
    low: Mapped[float]
    high: Mapped[float]
    verdict: Mapped[str]
    evidence_reference: Mapped[str | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class Drill(ServiceKey, Base):
    """Claims drawn at random across a service, answered one after another against a clock."""

    __tablename__ = "drill"
    __table_args__ = (of_service(), UniqueConstraint("provider_id", "service_id", "reference"))

    drill_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]  # D-002
    seed: Mapped[str]
    claims: Mapped[list[Any]]
    seconds_allowed: Mapped[int]
    started_by: Mapped[uuid.UUID | None]
    started_label: Mapped[str]
    started_at: Mapped[datetime]


class DrillAnswer(ServiceKey, Base):
    """How long it took to put the evidence of one claim on the table, and what it said."""

    __tablename__ = "drill_answer"
    __table_args__ = (
        _of("drill", "drill_id"),
        CheckConstraint("result in ('found', 'not_found', 'contradicts')", name="result_known"),
    )

    drill_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    result: Mapped[str]
    seconds: Mapped[int]
    evidence_reference: Mapped[str | None]
    note: Mapped[str | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]
