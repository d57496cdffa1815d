"""What every table is made of: the declarative base, the column types and the two keys that come first."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Double, ForeignKeyConstraint, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Fixed names, so that a migration can refer to a constraint and an error message can be mapped to plain words.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every mapped table of Mendline; `provider_id` leads every key of a tenant's table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 -- the name and form that SQLAlchemy reads
        str: Text(),
        float: Double(),
        date: Date(),
        datetime: TIMESTAMP(timezone=True),
        uuid.UUID: Uuid(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        list[str]: ARRAY(Text()),
        list[uuid.UUID]: ARRAY(Uuid()),
    }


class ProviderKey:
    """Mixin: the row belongs to one provider."""

    provider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, sort_order=-20)


class ServiceKey(ProviderKey):
    """Mixin: the row belongs to one service of one provider."""

    service_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, sort_order=-19)


def of_provider() -> ForeignKeyConstraint:
    """A row under a provider that exists."""
    return ForeignKeyConstraint(["provider_id"], ["provider.provider_id"])


def of_service() -> ForeignKeyConstraint:
    """A row under a service of the same provider: what row-level security alone would not stop."""
    return ForeignKeyConstraint(["provider_id", "service_id"], ["service.provider_id", "service.service_id"])


def of_indicator() -> ForeignKeyConstraint:
    """A row under an indicator of the same service."""
    return ForeignKeyConstraint(
        ["provider_id", "service_id", "indicator_id"],
        ["service_indicator.provider_id", "service_indicator.service_id", "service_indicator.indicator_id"],
    )
