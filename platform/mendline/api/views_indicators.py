"""Indicators of a service: where they stand, their figures, their charts, and what is behind a figure."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response, request

from mendline.api import cursors
from mendline.api.asking import answer, answer_list, answer_slice, as_at, bodies_of, body_of, day, limit, number
from mendline.api.bodies import AIMS, INDICATOR, OBSERVATION
from mendline.api.queries import find_indicator, find_observation, observations_of, own_place
from mendline.api.resources_indicators import (
    CurrentOut,
    GoingOut,
    IndicatorOut,
    ObservationOut,
    PartOut,
    SavedObservationOut,
    SavedObservationsOut,
    TargetOut,
    TodoOut,
)
from mendline.api.resources_records import CountedRecordOut, EvidenceOut, SourcesOut
from mendline.api.table import AS_AT, CURSOR, LIMIT, Query, api
from mendline.api.wire import picked
from mendline.api.writing import written
from mendline.catalogue.indicators import indicator_definition, indicator_definitions
from mendline.evidence.measuring.queries import figure_sources
from mendline.evidence.queries import evidence_behind
from mendline.indicators.aims import USUAL_PERIODS, GivenTarget, usual_target
from mendline.indicators.chart_queries import happenings_of
from mendline.indicators.charting import chart_of
from mendline.indicators.commands import save_observations
from mendline.indicators.queries import standings
from mendline.indicators.reading import readings
from mendline.indicators.rows import ObservationRow
from mendline.indicators.running import change_target, freeze_baseline, start_indicator
from mendline.indicators.staleness import going_out_of_date, next_review
from mendline.indicators.standing import Standing
from mendline.web.frame import on_day, reach, transaction
from tenants.errors import NotFoundError, RefusedError

PARTS = frozenset({"direction", "target", "data", "currency", "evidence", "governance"})

MOST_PERIODS, USUAL_CHART, MOST_PAGES = 200, 60, 10_000
PAGE = Query("page", "integer", "Which page of records.", span=(1, MOST_PAGES))


@api.operation(
    "GET",
    "/services/<uuid:service_id>/indicators",
    access="see_indicators",
    answer=IndicatorOut,
    paged=True,
    query=(CURSOR, LIMIT),
)
def indicators_of(service_id: uuid.UUID) -> Response:
    """The indicators of a service with baseline, current position, target, owner, status and its reasons."""
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("see_indicators", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id)
    return answer_slice(found, lambda one: one.indicator_id, lambda one: _indicator(one, service_id))


@api.operation(
    "POST",
    "/services/<uuid:service_id>/indicators",
    access="change_indicators",
    answer=IndicatorOut,
    status=201,
    body=INDICATOR,
)
def add_indicator(service_id: uuid.UUID) -> Response:
    """Begins an indicator of the catalogue; without a target the catalogue's own is taken."""
    given = body_of(INDICATOR)
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("change_indicators", place.provider_id, place.service_id)
        here = (place.provider_id, place.service_id)

        def save() -> IndicatorOut:
            indicator_id = start_indicator(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                definition_key=given["definition_key"],
                review_owner=given["review_owner"],
                target=_given_target(given) or _own_target(given["definition_key"]),
                today=on_day(),
            )
            return _indicator(standings(session, *here, indicator_id)[0], service_id)

        return written(session, place.provider_id, 201, save)


@api.operation("PATCH", "/indicators/<uuid:indicator_id>", access="change_indicators", answer=IndicatorOut, body=AIMS)
def change_indicator(indicator_id: uuid.UUID) -> Response:
    """Sets a target, freezes a baseline, or both; what stood before is kept."""
    given = body_of(AIMS)
    reason, target = given.get("reason") or "", _given_target(given)
    with transaction() as session:
        found = find_indicator(session, reach(), indicator_id)
        here = {
            "provider_id": found.provider_id,
            "service_id": found.service_id,
            "indicator_id": indicator_id,
        }
        reach().require("change_indicators", found.provider_id, found.service_id)
        if target is None and given.get("baseline_at") is None:
            raise RefusedError("Nothing was changed: give a target, a baseline, or both.")

        def save() -> IndicatorOut:
            if given.get("baseline_at") is not None:
                freeze_baseline(
                    session,
                    reach(),
                    **here,
                    last_period=given["baseline_at"],
                    periods=USUAL_PERIODS,
                    reason=reason,
                    today=on_day(),
                )
            if target is not None:
                change_target(session, reach(), **here, target=replace(target, reason=reason), today=on_day())
            kept = standings(session, found.provider_id, found.service_id, indicator_id)[0]
            return _indicator(kept, found.service_id)

        return written(session, found.provider_id, 200, save)


@api.operation("GET", "/indicators/<uuid:indicator_id>", access="see_indicators", answer=IndicatorOut)
def indicator(indicator_id: uuid.UUID) -> Response:
    """One indicator of a service."""
    service_id, standing = _standing(indicator_id)
    return answer(_indicator(standing, service_id))


@api.operation(
    "GET",
    "/indicators/<uuid:indicator_id>/chart",
    access="see_indicators",
    media="application/json",
    query=(Query("most", "integer", "How many of the newest periods; 60 otherwise.", span=(1, MOST_PERIODS)),),
)
def chart(indicator_id: uuid.UUID) -> Response:
    """Points, limits, target, special-cause marks and events of the chart that fits, with why; 404 before the first figure."""
    most = number("most", USUAL_CHART, most=MOST_PERIODS)
    with transaction() as session:
        here = find_indicator(session, reach(), indicator_id)
        reach().require("see_indicators", here.provider_id, here.service_id)
        standing = standings(session, here.provider_id, here.service_id, indicator_id)[0]
        events = happenings_of(session, here.provider_id, here.service_id, indicator_id)
    definition = indicator_definition(standing.definition_key)
    reading, _ = readings(standing, definition)
    spec = chart_of(standing, definition, events=events, reading=reading.word, most=most)
    if spec is None:
        raise NotFoundError("This indicator has no figure yet, so there is nothing to draw.")
    return answer({**spec.to_json(), **_said_of(standing)})


@api.operation(
    "GET",
    "/indicators/<uuid:indicator_id>/observations",
    access="see_indicators",
    answer=ObservationOut,
    paged=True,
    query=(
        Query("from", "date", "The first period."),
        Query("to", "date", "The last period."),
        AS_AT,
        CURSOR,
        LIMIT,
    ),
)
def observations(indicator_id: uuid.UUID) -> Response:
    """The figures of an indicator, oldest first, each at its newest revision."""
    after, most = request.args.get("cursor"), limit()
    with transaction() as session:
        here = find_indicator(session, reach(), indicator_id)
        reach().require("see_indicators", here.provider_id, here.service_id)
        found = observations_of(
            session, here, since=day("from"), until=day("to"), after=_period(after) if after else None,
            as_at=as_at(), most=most,
        )  # fmt: skip
    more = cursors.written(found[most - 1].period_start.isoformat()) if len(found) > most else None
    return answer_list([picked(ObservationOut, one) for one in found[:most]], more)


@api.operation(
    "POST",
    "/indicators/<uuid:indicator_id>/observations",
    access="enter_observation",
    answer=SavedObservationsOut,
    status=201,
    body=OBSERVATION,
)
def enter_observations(indicator_id: uuid.UUID) -> Response:
    """Enters or corrects one figure or up to 1,000, all or none."""
    given = bodies_of(OBSERVATION)
    with transaction() as session:
        here = find_indicator(session, reach(), indicator_id)
        reach().require("enter_observation", here.provider_id, here.service_id)

        def save() -> SavedObservationsOut:
            rows = [ObservationRow(here.service_id, here.indicator_id, **one) for one in given]
            saved = save_observations(
                session, reach(), rows, provider_id=here.provider_id, source="api", today=on_day()
            )
            told = tuple(picked(SavedObservationOut, one) for one in saved.observations)
            return SavedObservationsOut(saved.saved, saved.unchanged, told)

        return written(session, here.provider_id, 201, save)


@api.operation(
    "GET",
    "/observations/<uuid:observation_id>/sources",
    access="see_indicators",
    answer=SourcesOut,
    query=(PAGE, LIMIT),
)
def sources(observation_id: uuid.UUID) -> Response:
    """What is behind a figure: the records that were counted and those that were not, the file it came in, evidence."""
    with transaction() as session:
        found = find_observation(session, reach(), observation_id)
        here = (found.provider_id, found.service_id)
        reach().require("see_indicators", *here)
        may_see = reach().may("see_evidence", *here)
        evidence = evidence_behind(session, *here, found.indicator_id) if may_see else ()
        behind = figure_sources(
            session,
            *here,
            found.indicator_id,
            found.row.period_start,
            revision=found.row.revision,
            page=number("page", 1, most=MOST_PAGES) - 1,
            most=limit(),
        )
    return answer(
        SourcesOut(
            observation=picked(ObservationOut, found.row),
            indicator_id=found.indicator_id,
            service_id=found.service_id,
            pointer=found.row.pointer,
            import_batch_id=found.batch_id,
            counted=behind.measured.counted if behind.measured else None,
            left_out=behind.measured.left_out if behind.measured else None,
            kinds=behind.measured.kinds if behind.measured else None,
            records=tuple(picked(CountedRecordOut, line) for line in behind.lines),
            more_records=behind.more,
            evidence=tuple(picked(EvidenceOut, one) for one in evidence),
        )
    )


def _standing(indicator_id: uuid.UUID) -> tuple[uuid.UUID, Standing]:
    with transaction() as session:
        here = find_indicator(session, reach(), indicator_id)
        reach().require("see_indicators", here.provider_id, here.service_id)
        return here.service_id, standings(session, here.provider_id, here.service_id, indicator_id)[0]


def _said_of(standing: Standing) -> dict[str, Any]:
    """What is said beside the chart: which one it is and why, what its limits rest on, the outlook on the target."""
    names = ("chart_kind", "chart_reason", "chart_overruled", "small_numbers", "base", "icon_words", "outlook")
    said = {name: standing.series.get(name) for name in names}
    return {**said, "variation": standing.variation, "assurance": standing.assurance}


def _given_target(given: Mapping[str, Any]) -> GivenTarget | None:
    operator = given.get("target_operator")
    if operator is None:
        return None
    return GivenTarget(operator, given.get("target_value"), given.get("reach_by"))


def _own_target(key: str) -> GivenTarget:
    known = indicator_definitions().get(key)
    return GivenTarget(*usual_target(known)) if known else GivenTarget("monitor_only", None)


def _period(cursor: str) -> date:
    (written_day,) = cursors.read(cursor, 1)
    try:
        return date.fromisoformat(written_day)
    except ValueError as wrong:
        raise RefusedError("This cursor is not one that was given. Begin again without it.") from wrong


def _indicator(standing: Standing, service_id: uuid.UUID) -> IndicatorOut:
    definition = indicator_definition(standing.definition_key)
    trend, target = readings(standing, definition)
    return picked(
        IndicatorOut,
        standing,
        service_id=service_id,
        definition=definition.key,
        name=definition.name,
        unit=definition.unit,
        measure_type=definition.measure_type,
        baseline=standing.baseline_value,
        current=_current(standing),
        target=_target(standing),
        reading=trend.word,
        target_reading=target.word,
        days_without_decision=standing.unescalated_days,
        parts=tuple(
            PartOut(key, part.get("code"), part["says"])
            for key, part in standing.parts.items()
            if key in PARTS and isinstance(part, dict)
        ),
        todos=tuple(TodoOut(todo["mark"], todo["words"]) for todo in standing.todos),
        going_out_of_date=tuple(
            GoingOut(each.what, each.until)
            for each in going_out_of_date(standing.parts, next_review(standing.review_due_on, on_day()))
        ),
    )


def _current(standing: Standing) -> CurrentOut | None:
    if standing.last_period is None:
        return None
    return CurrentOut(
        standing.last_period, standing.last_state, standing.numerator, standing.denominator, standing.value
    )


def _target(standing: Standing) -> TargetOut | None:
    if standing.target_operator is None:
        return None
    return TargetOut(standing.target_operator, standing.target_value, standing.target_by)
