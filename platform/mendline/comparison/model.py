import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, of_provider


class RollUp(ProviderKey, Base):
    """Derived: one indicator over all like services of a provider for one period; pooled, never averaged."""

    __tablename__ = "roll_up"
    __table_args__ = (of_provider(),)

    definition_key: Mapped[str] = mapped_column(primary_key=True)
    service_kind: Mapped[str] = mapped_column(primary_key=True)
    period_start: Mapped[date] = mapped_column(primary_key=True)
    services_expected: Mapped[int]
    services_reporting: Mapped[int]
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    value: Mapped[float | None]
    worst_service_id: Mapped[uuid.UUID | None]
    worst_value: Mapped[float | None]
    below_target: Mapped[int]
    spread: Mapped[dict[str, Any]]  # lowest, median and highest of the services' values
    facts_recorded_at: Mapped[datetime | None]
