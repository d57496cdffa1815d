"""The figures of one chosen period, service by service and pooled, from the same facts as the roll-ups."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from mendline.catalogue.indicators import IndicatorDefinition
from mendline.comparison.evidence_reading import FOREVER
from mendline.comparison.queries import PooledFigure, names_of
from mendline.comparison.roll_up import Part, ServiceFigure, part_in, roll_up_of
from mendline.comparison.roll_up_reading import read_figures
from mendline.places.wording import KIND_WORDS
from tenants.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class OfPeriod:
    """What a period says.

    Attributes:
        figures: by service and definition; a service without a figure has one whose state says so.
        pooled: per definition and kind of service.
    """

    figures: Mapping[tuple[uuid.UUID, str], ServiceFigure]
    pooled: tuple[PooledFigure, ...]


def of_period(
    session: Session, provider_id: uuid.UUID, keys: Sequence[str], start: date, moment: datetime | None
) -> OfPeriod:
    """The figures of the period that begins on a day, as they were recorded by a moment; by now where None.

    Args:
        session: a transaction within reach.
        provider_id: the provider.
        keys: the definitions to compare.
        start: the first day of the period.
        moment: only what had been recorded by then.
    """
    wanted = [(key, kind, start) for key in keys for kind in KIND_WORDS]
    found = read_figures(session, provider_id, wanted, as_at=moment or FOREVER) if wanted else {}
    rows = [roll_up_of(definition, kind, day, figures) for (_, kind, day), (definition, figures) in found.items()]
    return OfPeriod(
        {(one.service_id, key[0]): one for key, (_, figures) in found.items() for one in figures},
        tuple(
            PooledFigure(**{name: row[name] for name in PooledFigure.__annotations__})
            for row in rows
            if row is not None and row["value"] is not None
        ),
    )


@dataclass(frozen=True, slots=True)
class Member:
    """One service's part of a pooled figure, by the name of the service."""

    name: str
    figure: ServiceFigure
    part: Part


@dataclass(frozen=True, slots=True)
class Pool:
    """A pooled figure with what each service of the kind gave to it, by name."""

    provider_id: uuid.UUID
    provider: str
    definition: IndicatorDefinition
    together: PooledFigure
    members: tuple[Member, ...]


def pool_of(
    session: Session, provider_id: uuid.UUID, key: str, service_kind: str, start: date, moment: datetime | None
) -> Pool:
    """What a pooled figure is made of, as it was recorded by a moment; by now where None: three statements.

    Worked out again from the services' figures within reach, by the same rule as the roll-up itself.

    Raises:
        NotFoundError: no service of the kind ran the indicator in that period.
    """
    found = read_figures(session, provider_id, [(key, service_kind, start)], as_at=moment or FOREVER)
    for definition, figures in found.values():
        row = roll_up_of(definition, service_kind, start, figures)
        if row is not None:
            provider, names = names_of(session, provider_id, service_kind)
            members = [Member(names[each.service_id], each, part_in(definition, start, each)) for each in figures]
            together = PooledFigure(**{name: row[name] for name in PooledFigure.__annotations__})
            ordered = sorted(members, key=lambda each: (each.name.casefold(), str(each.figure.indicator_id)))
            return Pool(provider_id, provider, definition, together, tuple(ordered))
    raise NotFoundError("There is no figure of these services together for that period.")
