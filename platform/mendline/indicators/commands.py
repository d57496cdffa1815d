"""Entering and correcting figures: one by hand, or many from a file or the API, in a bounded number of statements."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, cast

from sqlalchemy import Date, Table, Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import Cadence, IndicatorDefinition, indicator_definition
from mendline.indicators.figures import WITHOUT_FIGURES, Figure, PeriodOf, figure_problems, period_problem, settled
from mendline.indicators.marking import mark_many_stale
from mendline.indicators.model import Observation, ServiceIndicator
from tenants.clock import now
from tenants.database import insert_many
from tenants.directory.model import Service
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.events import FIGURE, Event, announce
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

Source = Literal["entered", "imported", "api"]


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """One figure to be saved.

    Attributes:
        state: None lets the figure decide: final, provisional while its period runs, not applicable for 0 out of 0.
        reason: why an earlier figure is corrected; needed only where one says something else.
        pointer: where the records are kept, when they stay in another system.
        recorded_at: when it was recorded; with the others of its save, except where a demonstration loads its history.
    """

    service_id: uuid.UUID
    indicator_id: uuid.UUID
    period_start: date
    numerator: float | None = None
    denominator: float | None = None
    value: float | None = None
    state: str | None = None
    reason: str | None = None
    pointer: dict[str, Any] | None = None
    recorded_at: datetime | None = None

    @property
    def key(self) -> tuple[uuid.UUID, uuid.UUID, date]:
        """What there is one figure of."""
        return self.service_id, self.indicator_id, self.period_start


@dataclass(frozen=True, slots=True)
class SavedObservation:
    """A figure as it stands after a save; `changed` is false where it said the same already."""

    observation_id: uuid.UUID
    revision: int
    state: str
    value: float | None
    changed: bool


@dataclass(frozen=True, slots=True)
class SavedObservations:
    """What a save of many did; the observations are in the order of the rows."""

    saved: int
    unchanged: int
    observations: tuple[SavedObservation, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    definition: IndicatorDefinition
    cadence: Cadence
    opened_on: date | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class _Kept:
    observation_id: uuid.UUID
    revision: int
    figure: Figure


def enter_observation(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    period_start: date,
    numerator: float | None = None,
    denominator: float | None = None,
    value: float | None = None,
    state: str | None = None,
    reason: str | None = None,
    pointer: dict[str, Any] | None = None,
    source: Source = "entered",
    today: date,
) -> SavedObservation:
    """Enters or corrects the figure of one period.

    Raises:
        NotFoundError: no such indicator within reach.
        NotPermittedError: the role does not enter figures here.
        RefusedError: the figure cannot be true, or a correction comes without its reason; `problems` names the field.
    """
    row = ObservationRow(
        service_id, indicator_id, period_start, numerator, denominator, value, state, reason or None, pointer
    )
    saved = save_observations(session, reach, [row], provider_id=provider_id, source=source, today=today)
    return saved.observations[0]


def save_observations(
    session: Session,
    reach: Reach,
    rows: Sequence[ObservationRow],
    *,
    provider_id: uuid.UUID,
    source: Source,
    today: date,
    batch_id: uuid.UUID | None = None,
    reason: str | None = None,
    recorded_by: tuple[uuid.UUID | None, str | None] | None = None,
) -> SavedObservations:
    """Saves many figures of one provider, all or none, in a number of statements that does not grow with them.

    Args:
        session: the transaction.
        reach: who saves.
        rows: one per service, indicator and period; the same one twice is refused.
        provider_id: the provider of all of them.
        source: how they came in.
        today: the date in England.
        batch_id: the file they came from.
        reason: for corrections that bring no reason of their own, such as the name of the file.
        recorded_by: the person, with initials, in whose name a job saves; by default whoever saves.

    Raises:
        NotFoundError: an indicator is not within reach.
        NotPermittedError: the role does not enter figures at one of the services.
        RefusedError: a figure cannot be kept; `problems` is keyed by field, or by row (from 1) and field for many.
    """
    for service_id in dict.fromkeys(row.service_id for row in rows):
        reach.require("enter_observation", provider_id, service_id)
    places = _places(session, provider_id, rows)
    figures = _checked(rows, places, today)
    kept = _newest(session, provider_id, rows)
    at = now()
    who = recorded_by or (reach.person_id, reach.initials if reach.person_id else None)
    written: list[dict[str, Any]] = []
    result: list[SavedObservation] = []
    unexplained: dict[str, str] = {}
    for number, (row, figure) in enumerate(zip(rows, figures, strict=True), start=1):
        earlier = kept.get(row.key)
        if earlier is not None and _says_the_same(earlier.figure, figure, row.state):
            result.append(_saved(earlier.observation_id, earlier.revision, earlier.figure, changed=False))
            continue
        why = row.reason or reason
        if earlier is not None and _is_correction(earlier.figure, figure):
            if not why:
                unexplained[_field(rows, number, "reason")] = (
                    "Say why the earlier figure is corrected. It is kept beside the new one."
                )
            if row.state is None and earlier.figure.state in ("final", "revised"):
                figure = replace(figure, state="revised")  # noqa: PLW2901
        made = _written(row, figure, earlier, who, source=source, batch_id=batch_id, reason=why, at=at)
        written.append({"provider_id": provider_id, **made})
        result.append(_saved(made["observation_id"], made["revision"], figure, changed=True))
    _refuse(unexplained, rows)
    _write(session, reach, provider_id, written, batch_id)
    return SavedObservations(len(written), len(rows) - len(written), tuple(result))


def _places(
    session: Session, provider_id: uuid.UUID, rows: Sequence[ObservationRow]
) -> Mapping[tuple[uuid.UUID, uuid.UUID], _Place]:
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
        (row.service_id, row.indicator_id): _Place(
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


def _checked(
    rows: Sequence[ObservationRow], places: Mapping[tuple[uuid.UUID, uuid.UUID], _Place], today: date
) -> list[Figure]:
    problems: dict[str, str] = {}
    figures: list[Figure] = []
    seen: set[tuple[uuid.UUID, uuid.UUID, date]] = set()
    for number, row in enumerate(rows, start=1):
        place = places[row.service_id, row.indicator_id]
        period = PeriodOf(place.cadence, row.period_start, place.opened_on, place.closed_on)
        given = Figure(row.numerator, row.denominator, row.value, row.state)
        wrong = figure_problems(place.definition, given)
        when = period_problem(period, today)
        if when is None and row.key in seen:
            when = "This period stands twice in what was sent. Keep the figure that is right."
        if when:
            wrong = {"period_start": when, **wrong}
        seen.add(row.key)
        problems |= {_field(rows, number, name): words for name, words in wrong.items()}
        figures.append(given if wrong else settled(place.definition, given, period, today))
    _refuse(problems, rows)
    return figures


def _refuse(problems: dict[str, str], rows: Sequence[ObservationRow]) -> None:
    if not problems:
        return
    if len(rows) == 1:
        raise RefusedError("The figure was not saved. " + " ".join(dict.fromkeys(problems.values())), problems)
    raise RefusedError(f"Nothing was saved: {len(problems)} of the figures cannot be kept as they stand.", problems)


def _field(rows: Sequence[ObservationRow], number: int, name: str) -> str:
    return name if len(rows) == 1 else f"{number}.{name}"


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


def _newest(
    session: Session, provider_id: uuid.UUID, rows: Sequence[ObservationRow]
) -> Mapping[tuple[uuid.UUID, uuid.UUID, date], _Kept]:
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
        (row.service_id, row.indicator_id, row.period_start): _Kept(
            row.observation_id, row.revision, Figure(row.numerator, row.denominator, row.value, row.state)
        )
        for row in session.execute(_NEWEST, given)
    }


def _numbers(figure: Figure) -> tuple[float | None, ...]:
    if figure.numerator is not None and figure.denominator is not None:
        return figure.numerator, figure.denominator
    return figure.numerator, figure.denominator, figure.value


def _says_the_same(earlier: Figure, figure: Figure, given_state: str | None) -> bool:
    if _numbers(earlier) != _numbers(figure):
        return False
    kept_as_revised = earlier.state == "revised" and figure.state == "final" and given_state is None
    return earlier.state == figure.state or kept_as_revised


def _is_correction(earlier: Figure, figure: Figure) -> bool:
    """Other numbers, or numbers taken away; a figure that was missing and now comes corrects nothing."""
    return earlier.state not in WITHOUT_FIGURES and _numbers(earlier) != _numbers(figure)


def _written(
    row: ObservationRow,
    figure: Figure,
    earlier: _Kept | None,
    who: tuple[uuid.UUID | None, str | None],
    *,
    source: Source,
    batch_id: uuid.UUID | None,
    reason: str | None,
    at: datetime,
) -> dict[str, Any]:
    return {
        "service_id": row.service_id,
        "indicator_id": row.indicator_id,
        "period_start": row.period_start,
        "revision": earlier.revision + 1 if earlier else 1,
        "observation_id": new_id(),
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "value": figure.value,
        "state": figure.state,
        "source": source,
        "reason": reason if earlier else row.reason,
        "pointer": row.pointer,
        "batch_id": batch_id,
        "recorded_by": who[0],
        "recorded_initials": who[1],
        "recorded_at": row.recorded_at or at,
    }


def _saved(observation_id: uuid.UUID, revision: int, figure: Figure, *, changed: bool) -> SavedObservation:
    return SavedObservation(observation_id, revision, figure.state or "final", figure.value, changed)


def figure_events(keys: Iterable[tuple[uuid.UUID, uuid.UUID, date]]) -> list[Event]:
    """One event for each indicator, with the stretch of time and how many figures; from service, indicator and period."""
    found: dict[tuple[uuid.UUID, uuid.UUID], list[date]] = {}
    for service_id, indicator_id, start in keys:
        found.setdefault((service_id, indicator_id), []).append(start)
    return [
        Event(
            FIGURE,
            service_id,
            {
                "indicator_id": str(indicator_id),
                "from": min(starts).isoformat(),
                "to": max(starts).isoformat(),
                "figures": len(starts),
            },
        )
        for (service_id, indicator_id), starts in found.items()
    ]


def _write(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    written: Sequence[Mapping[str, Any]],
    batch_id: uuid.UUID | None,
) -> None:
    if not written:
        return
    try:
        insert_many(session, cast("Table", Observation.__table__), written)
    except IntegrityError as clash:  # the next revision of a figure was taken between reading and writing
        raise ConflictError(
            "Somebody else entered one of these figures at the same moment. Nothing was saved; look at it and try again."
        ) from clash
    keys = [(row["service_id"], row["indicator_id"], row["period_start"]) for row in written]
    mark_many_stale(session, provider_id, keys, reach.person_id)
    announce(session, provider_id, figure_events(keys))
    if len(written) == 1:
        (row,) = written
        note(
            session,
            reach,
            "observation.corrected" if row["revision"] > 1 else "observation.entered",
            provider_id=provider_id,
            service_id=row["service_id"],
            subject=f"observation {row['observation_id']}",
            detail={"period": row["period_start"].isoformat(), "revision": row["revision"], "reason": row["reason"]},
        )
        return
    services = {row["service_id"] for row in written}
    note(
        session,
        reach,
        "observations.saved",
        provider_id=provider_id,
        service_id=next(iter(services)) if len(services) == 1 else None,
        subject=f"import {batch_id}" if batch_id else None,
        detail={"figures": len(written), "corrections": sum(row["revision"] > 1 for row in written)},
    )
