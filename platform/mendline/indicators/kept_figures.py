"""Reads what a save of figures has to know: what each indicator counts where, and the figures that stand already."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import Date, Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import Cadence, IndicatorDefinition, indicator_definition
from mendline.indicators.figures import Figure
from mendline.indicators.model import ServiceIndicator
from mendline.indicators.rows import FigureKey, ObservationRow
from tenants.directory.model import Service
from tenants.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class FigurePlace:
    """What an indicator counts at a service, and the life of the service around it."""

    definition: IndicatorDefinition
    cadence: Cadence
    opened_on: date | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class KeptFigure:
    """The newest revision of a figure that stands."""

    observation_id: uuid.UUID
    revision: int
    figure: Figure


def places_of(
    session: Session, provider_id: uuid.UUID, rows: Sequence[ObservationRow]
) -> Mapping[tuple[uuid.UUID, uuid.UUID], FigurePlace]:
    """The place of each figure, by service and indicator: one statement.

    Raises:
        NotFoundError: an indicator is not within reach.
    """
    wanted = {(row.service_id, row.indicator_id) for row in rows}
    of, at = ServiceIndicator, Service
    found = session.execute(
        select(
            of.service_id,
            of.indicator_id,
            of.definition_key,
            of.definition_version,
            of.cadence,
            at.opened_on,
            at.closed_on,
        )
        .join(at, (at.provider_id == of.provider_id) & (at.service_id == of.service_id))
        .where(of.provider_id == provider_id, of.indicator_id == func.any([key[1] for key in wanted]))
    )
    places = {
        (row.service_id, row.indicator_id): FigurePlace(
            indicator_definition(row.definition_key, row.definition_version),
            cast("Cadence", row.cadence),
            row.opened_on,
            row.closed_on,
        )
        for row in found
    }
    if wanted - places.keys():
        raise NotFoundError("There is no such indicator here.")
    return places


# By lists and a span, not by pairs: a join with the keys is planned by statistics that a first large import does not
# have yet, and then compares every figure with every other.
_NEWEST = text("""
    select distinct on (o.service_id, o.indicator_id, o.period_start)
        o.service_id, o.indicator_id, o.period_start, o.observation_id, o.revision,
        o.numerator, o.denominator, o.value, o.state
    from observation o
    where o.provider_id = :provider and o.service_id = any (:services) and o.indicator_id = any (:indicators)
        and o.period_start between :first and :last
    order by o.service_id, o.indicator_id, o.period_start, o.revision desc
""").bindparams(
    bindparam("provider", type_=Uuid()),
    bindparam("services", type_=ARRAY(Uuid())),
    bindparam("indicators", type_=ARRAY(Uuid())),
    bindparam("first", type_=Date()),
    bindparam("last", type_=Date()),
)


def newest_of(
    session: Session, provider_id: uuid.UUID, rows: Sequence[ObservationRow]
) -> Mapping[FigureKey, KeptFigure]:
    """The newest revision of each period, where there is one: of those asked for, and of others between them."""
    if not rows:
        return {}
    given = {
        "provider": provider_id,
        "services": list({row.service_id for row in rows}),
        "indicators": list({row.indicator_id for row in rows}),
        "first": min(row.period_start for row in rows),
        "last": max(row.period_start for row in rows),
    }
    return {
        (row.service_id, row.indicator_id, row.period_start): KeptFigure(
            row.observation_id, row.revision, Figure(row.numerator, row.denominator, row.value, row.state)
        )
        for row in session.execute(_NEWEST, given)
    }
