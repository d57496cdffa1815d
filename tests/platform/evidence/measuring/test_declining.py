"""Declines answered in time, worked through by hand: month by month, and as a worker keeps the figure."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from support.facts import Home, a_baseline, a_provider, a_service, an_indicator, figures
from support.shifts import place_of
from support.visiting import an_application, visit

from mendline.catalogue.indicators import indicator_definition
from mendline.comparison.derivation import derive_indicators
from mendline.evidence.measuring.declines import measure_declines
from mendline.evidence.measuring.declining import OVER_UNSEEN, STILL_TIME, SeenDecline, declines_answered
from mendline.evidence.measuring.presenting import came_in
from mendline.evidence.measuring.queries import figure_sources
from mendline.indicators.figures import PeriodOf
from tenants.database import Database

KEY = "declines_escalated_on_time_pct"
OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
seen = partial(
    SeenDecline,
    indicator_id=uuid.UUID(int=1),
    definition_key="mar_compliance_pct",
    since_period=date(2026, 10, 26),
    visible_on=date(2026, 11, 3),
    answer_due_on=date(2026, 11, 10),
    answered_on=None,
    waited_days=40,
)
IN_TIME = seen(answered_on=date(2026, 11, 10))
LATE = seen(indicator_id=uuid.UUID(int=2), answered_on=date(2026, 11, 11))
NEVER = seen(indicator_id=uuid.UUID(int=3))


def answered(*declines: SeenDecline, month: date = NOVEMBER, today: date = date(2026, 12, 20)) -> Any:
    return declines_answered(declines, indicator_definition(KEY), PeriodOf("monthly", month), today)


def parts(found: Any) -> tuple[Any, ...]:
    return found.figure.numerator, found.figure.denominator, found.figure.state


def test_an_answer_on_the_last_day_is_in_time_and_one_a_day_later_is_not() -> None:
    found = answered(IN_TIME, LATE, NEVER)
    assert parts(found) == (1, 3, "final")
    assert round(found.figure.value, 1) == 33.3
    assert [(line.numerator, line.denominator) for line in found.lines] == [(1, 1), (0, 1), (0, 1)]
    assert found.lines[1].why == "MAR compliance in audit: answered on 11 November 2026, due by 10 November 2026"


def test_a_decline_belongs_to_the_month_in_which_it_could_first_be_seen() -> None:
    assert parts(answered(IN_TIME, month=OCTOBER)) == (None, None, "missing")
    assert parts(answered(replace(IN_TIME, visible_on=date(2026, 11, 30)))) == (1, 1, "final")


def test_a_month_without_a_decline_has_nothing_to_count_once_one_was_ever_seen() -> None:
    assert parts(answered(IN_TIME, month=DECEMBER, today=date(2027, 1, 1))) == (None, None, "not_applicable")
    assert parts(answered(IN_TIME, month=DECEMBER, today=date(2026, 12, 31))) == (None, None, "missing")
    assert parts(answered(today=date(2027, 1, 1))) == (None, None, "missing")


def test_a_decline_whose_time_still_runs_is_left_out_and_the_figure_stays_provisional() -> None:
    waiting = replace(NEVER, visible_on=date(2026, 11, 28), answer_due_on=date(2026, 12, 5))
    found = answered(IN_TIME, waiting, today=date(2026, 12, 5))
    assert parts(found) == (1, 1, "provisional")
    assert found.kinds == {"counted": {"decline": 1}, "left_out": {STILL_TIME: 1}}
    assert parts(answered(IN_TIME, waiting, today=date(2026, 12, 6))) == (1, 2, "final")


def test_what_was_over_before_anybody_could_see_it_is_left_out() -> None:
    found = answered(IN_TIME, replace(NEVER, waited_days=0))
    assert parts(found) == (1, 1, "final")
    assert found.kinds["left_out"] == {OVER_UNSEEN: 1}


@pytest.fixture
def at(database: Database) -> Home:
    """Four good weeks from 5 January, then two bad ones, each recorded on the Tuesday after it; nobody answers."""
    with database.administration() as session:
        provider_id = a_provider(session, f"Group {uuid.uuid4()}")
        service_id = a_service(session, provider_id)
        declining = an_indicator(session, provider_id, service_id)
        figures(session, declining, [(95, 100)] * 4 + [(70, 100)] * 2 + [(95, 100)] * 3)
        a_baseline(session, declining, 95, first_period=date(2026, 1, 5), last_period=date(2026, 1, 26))
        return an_indicator(session, provider_id, service_id, KEY, cadence="monthly")


def worked_out(db: Database, at: Home, today: date) -> int:
    with db.transaction(db.command_reach(at.provider_id)) as session:
        keys = [(row.service_id, row.indicator_id) for row in session.execute(
            text("select service_id, indicator_id from service_indicator where provider_id = :p"), {"p": at.provider_id}
        )]  # fmt: skip
        derive_indicators(session, at.provider_id, keys, today)
        moment = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
        return measure_declines(session, at.provider_id, None, today=today, at=moment)


def test_a_service_whose_decline_nobody_answered_has_none_of_one_and_the_figure_leads_back_to_it(
    database: Database, at: Home, state_folder: Path
) -> None:
    today = date(2026, 3, 12)
    assert worked_out(database, at, today) == 1
    assert worked_out(database, at, today) == 0  # nothing changed
    with database.transaction(database.command_reach(at.provider_id)) as session:
        found = figure_sources(session, at.provider_id, at.service_id, at.indicator_id, date(2026, 2, 1))
    (figure,) = found.revisions
    assert (figure.numerator, figure.denominator, figure.state, figure.source) == (0, 1, "final", "measured")
    (line,) = found.lines
    assert (line.record_type, line.happened_on) == ("decline", date(2026, 2, 10))
    assert line.why == "MAR compliance in audit: no answer by 17 February 2026"
    assert line.declined is not None
    assert line.declined != at.indicator_id
    manager = visit(an_application(database, state_folder), database, "registered_manager", place_of(at))
    indicators = f"/services/{at.service_id}/indicators"
    page = manager.get(f"{indicators}/{at.indicator_id}/figures/2026-02-01")
    assert (page.status, page.says("Declines")) == (200, True)
    assert f'href="{indicators}/{line.declined}"' in page.text
    assert came_in(indicator_definition(KEY), figure.source) == "Worked out here from declines"
    assert came_in(indicator_definition("mar_compliance_pct"), figure.source) == "Measured from records here"
