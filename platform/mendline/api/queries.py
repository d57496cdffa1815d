"""What the API reads beyond what the pages read: one bounded statement each."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.indicators.marks import restated_on
from mendline.places.queries import find_place
from mendline.places.rows import Place
from tenants.errors import NotFoundError, NotPermittedError
from tenants.reach import Reach

_OUTSIDER = (
    "The API serves a provider's own people. What providers share with your organisation stands on its portfolio page."
)

_INDICATOR = text("""
select provider_id, service_id, indicator_id from service_indicator
where provider_id = any (:providers) and indicator_id = :indicator and ended_on is null
order by provider_id, service_id limit 1
""")

_OBSERVATIONS = text("""
select distinct on (o.period_start)
       o.observation_id, o.period_start, o.revision, o.numerator, o.denominator, o.value, o.state, o.source, o.reason,
       o.pointer, o.recorded_initials, o.recorded_at,
       min(o.recorded_at) over (partition by o.period_start) as first_recorded_at
from observation o
where o.provider_id = :provider and o.service_id = :service and o.indicator_id = :indicator
  and (cast(:since as date) is null or o.period_start >= :since)
  and (cast(:until as date) is null or o.period_start <= :until)
  and (cast(:after as date) is null or o.period_start > :after)
  and (cast(:as_at as timestamptz) is null or o.recorded_at <= :as_at)
order by o.period_start, o.revision desc
limit :most
""")

_OBSERVATION = text("""
select provider_id, service_id, indicator_id, batch_id, observation_id, period_start, revision, numerator, denominator,
       value, state, source, reason, pointer, recorded_initials, recorded_at,
       (select min(f.recorded_at) from observation f
        where f.provider_id = o.provider_id and f.service_id = o.service_id and f.indicator_id = o.indicator_id
          and f.period_start = o.period_start) as first_recorded_at
from observation o
where provider_id = any (:providers) and observation_id = :observation
order by provider_id, service_id limit 1
""")


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """A figure at its newest revision."""

    observation_id: uuid.UUID
    period_start: date
    revision: int
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    source: str
    reason: str | None
    pointer: dict[str, Any] | None
    recorded_initials: str | None
    recorded_at: datetime
    first_recorded_at: datetime

    @property
    def restated_on(self) -> date | None:
        """The day on which it took the place of an earlier revision."""
        return restated_on(self.first_recorded_at, self.recorded_at)


@dataclass(frozen=True, slots=True)
class FoundObservation:
    """A figure with where it belongs."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    indicator_id: uuid.UUID
    batch_id: uuid.UUID | None
    row: ObservationRow


@dataclass(frozen=True, slots=True)
class FoundIndicator:
    """An indicator with where it belongs."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    indicator_id: uuid.UUID


def own_place(session: Session, reach: Reach, service_id: uuid.UUID) -> Place:
    """A service where the person works.

    Raises:
        NotFoundError: there is none within reach.
        NotPermittedError: it is only shared with the person's organisation.
    """
    place = find_place(session, reach, service_id)
    _own(reach, place.provider_id, place.service_id)
    return place


def find_indicator(session: Session, reach: Reach, indicator_id: uuid.UUID) -> FoundIndicator:
    """Where an indicator belongs.

    Raises:
        NotFoundError: there is none within reach.
    """
    here = {"providers": list(reach.provider_ids), "indicator": indicator_id}
    row = session.execute(_INDICATOR, here).one_or_none()
    if row is None:
        raise NotFoundError("There is no such indicator within your sign-in.")
    _own(reach, row.provider_id, row.service_id)
    return FoundIndicator(row.provider_id, row.service_id, row.indicator_id)


def observations_of(
    session: Session,
    here: FoundIndicator,
    *,
    since: date | None,
    until: date | None,
    after: date | None,
    as_at: datetime | None,
    most: int,
) -> tuple[ObservationRow, ...]:
    """Figures by period, each at the newest revision that was recorded by `as_at`; one more than asked for."""
    values = {
        "provider": here.provider_id, "service": here.service_id, "indicator": here.indicator_id,
        "since": since, "until": until, "after": after, "as_at": as_at, "most": most + 1,
    }  # fmt: skip
    return tuple(ObservationRow(**row) for row in session.execute(_OBSERVATIONS, values).mappings())


def find_observation(session: Session, reach: Reach, observation_id: uuid.UUID) -> FoundObservation:
    """One figure.

    Raises:
        NotFoundError: there is none within reach.
    """
    here = {"providers": list(reach.provider_ids), "observation": observation_id}
    row = session.execute(_OBSERVATION, here).mappings().one_or_none()
    if row is None:
        raise NotFoundError("There is no such observation within your sign-in.")
    told = dict(row)
    place = {name: told.pop(name) for name in ("provider_id", "service_id", "indicator_id", "batch_id")}
    _own(reach, place["provider_id"], place["service_id"])
    return FoundObservation(**place, row=ObservationRow(**told))


def works_at(reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID) -> bool:
    """Whether the person holds a role there, beyond what is shared with a commissioner."""
    return reach.kind in ("job", "command") or any(
        held.provider_id == provider_id and held.service_id in (None, service_id) for held in reach.held
    )


def _own(reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID) -> None:
    """A commissioner's view withholds names and small numbers; the API does not make that view yet, so it gives none."""
    if not works_at(reach, provider_id, service_id):
        raise NotPermittedError(_OUTSIDER)
