"""Entering and correcting figures: one by hand, or many from a file or the API, in a bounded number of statements."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mendline.indicators.correcting import is_correction, says_the_same
from mendline.indicators.figures import Figure, PeriodOf, figure_problems, period_problem, settled
from mendline.indicators.kept_figures import FigurePlace, KeptFigure, newest_of, places_of
from mendline.indicators.marking import mark_many_stale
from mendline.indicators.model import Observation
from mendline.indicators.rows import FigureKey, ObservationRow, SavedObservation, SavedObservations, Source
from tenants.clock import now
from tenants.database import insert_many
from tenants.errors import ConflictError, RefusedError
from tenants.events import FIGURE, Event, announce
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach


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
    places = places_of(session, provider_id, rows)
    figures = _checked(rows, places, today)
    kept = newest_of(session, provider_id, rows)
    at = now()
    who = recorded_by or (reach.person_id, reach.initials if reach.person_id else None)
    written: list[dict[str, Any]] = []
    result: list[SavedObservation] = []
    unexplained: dict[str, str] = {}
    for number, (row, figure) in enumerate(zip(rows, figures, strict=True), start=1):
        earlier = kept.get(row.key)
        if earlier is not None and says_the_same(earlier.figure, figure, row.state):
            result.append(_saved(earlier.observation_id, earlier.revision, earlier.figure, changed=False))
            continue
        why = row.reason or reason
        if earlier is not None and is_correction(earlier.figure, figure):
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


def _checked(
    rows: Sequence[ObservationRow], places: Mapping[tuple[uuid.UUID, uuid.UUID], FigurePlace], today: date
) -> list[Figure]:
    problems: dict[str, str] = {}
    figures: list[Figure] = []
    seen: set[FigureKey] = set()
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


def _written(
    row: ObservationRow,
    figure: Figure,
    earlier: KeptFigure | None,
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


def figure_events(keys: Iterable[FigureKey]) -> list[Event]:
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
