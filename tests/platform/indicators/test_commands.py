import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from support.facts import Home, a_home, a_provider, a_service, an_indicator
from support.statements import statements_of

from mendline.indicators.commands import enter_observation, save_observations
from mendline.indicators.model import Observation, StaleMark
from mendline.indicators.rows import ObservationRow
from tenants.database import Database
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.jobs import Job
from tenants.ledger import LedgerEntry
from tenants.reach import Reach

TODAY = date(2026, 11, 17)
MONDAY = date(2026, 11, 2)


@dataclass(frozen=True)
class Setting:
    db: Database
    reach: Reach
    home: Home

    def enter(self, **given: Any) -> Any:
        fields: dict[str, Any] = {"period_start": MONDAY, "today": TODAY, "numerator": 45, "denominator": 50}
        with self.db.transaction(self.reach) as session:
            return enter_observation(
                session,
                self.reach,
                provider_id=self.home.provider_id,
                service_id=self.home.service_id,
                indicator_id=self.home.indicator_id,
                **{**fields, **given},
            )

    def count(self, model: type) -> int:
        with self.db.transaction(self.reach) as session:
            return len(session.scalars(select(model).where(model.provider_id == self.home.provider_id)).all())


@pytest.fixture
def here(database: Database) -> Setting:
    with database.administration() as session:
        home = a_home(session, a_provider(session))
    return Setting(database, database.command_reach(home.provider_id), home)


def test_a_figure_is_kept_with_its_value_and_marked_stale_with_one_job(here: Setting) -> None:
    saved = here.enter()
    assert (saved.revision, saved.state, saved.value, saved.changed) == (1, "final", 90.0, True)
    assert here.count(StaleMark) == here.count(Job) == here.count(LedgerEntry) == 1


def test_the_same_figure_again_is_no_new_revision(here: Setting) -> None:
    first = here.enter()
    again = here.enter()
    assert again.observation_id == first.observation_id
    assert not again.changed
    assert here.count(Observation) == here.count(StaleMark) == 1


def test_a_correction_needs_a_reason_and_stands_beside_the_old_figure(here: Setting) -> None:
    here.enter()
    with pytest.raises(RefusedError) as refusal:
        here.enter(numerator=44)
    assert set(refusal.value.problems) == {"reason"}
    corrected = here.enter(numerator=44, reason="One chart had been counted twice")
    assert (corrected.revision, corrected.state, corrected.value) == (2, "revised", 88.0)
    assert here.count(Observation) == 2


def test_a_corrected_figure_entered_again_as_final_says_nothing_new(here: Setting) -> None:
    here.enter()
    here.enter(numerator=44, reason="Counted twice")
    assert not here.enter(numerator=44).changed


def test_a_missing_figure_that_comes_later_corrects_nothing(here: Setting) -> None:
    here.enter(numerator=None, denominator=None, state="missing")
    late = here.enter()
    assert (late.revision, late.state) == (2, "final")


def test_a_denominator_of_zero_is_not_applicable_and_never_zero_percent(here: Setting) -> None:
    saved = here.enter(numerator=0, denominator=0)
    assert (saved.state, saved.value) == ("not_applicable", None)


def test_nothing_counted_out_of_something_is_a_real_zero(here: Setting) -> None:
    assert here.enter(numerator=0).value == 0.0


def test_the_running_week_is_provisional(here: Setting) -> None:
    assert here.enter(period_start=date(2026, 11, 16)).state == "provisional"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"period_start": date(2026, 11, 23)}, "period_start"),
        ({"period_start": date(2026, 11, 3)}, "period_start"),
        ({"numerator": -1}, "numerator"),
        ({"denominator": -1}, "denominator"),
        ({"numerator": float("nan")}, "numerator"),
        ({"numerator": float("inf")}, "numerator"),
        ({"numerator": 51}, "numerator"),
        ({"numerator": 1, "denominator": 0}, "denominator"),
        ({"denominator": None}, "denominator"),
        ({"numerator": None}, "numerator"),
        ({"numerator": None, "denominator": None}, "numerator"),
        ({"numerator": None, "denominator": None, "value": 101}, "value"),
        ({"numerator": None, "denominator": None, "state": "final"}, "numerator"),
        ({"state": "perfect"}, "state"),
    ],
)
def test_what_cannot_be_true_is_refused_and_nothing_is_saved(here: Setting, given: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        here.enter(**given)
    assert set(refusal.value.problems) == {field}
    assert here.count(Observation) == here.count(Job) == 0


def test_a_rota_may_be_filled_beyond_its_plan(database: Database) -> None:
    with database.administration() as session:
        provider = a_provider(session)
        home = an_indicator(session, provider, a_service(session, provider), "staffing_fill_rate_pct")
    here = Setting(database, database.command_reach(provider), home)
    assert here.enter(numerator=55).value == pytest.approx(110)


def test_a_figure_from_before_the_service_opened_is_refused(database: Database) -> None:
    with database.administration() as session:
        provider = a_provider(session)
        home = an_indicator(session, provider, a_service(session, provider, opened_on=date(2026, 11, 9)))
    here = Setting(database, database.command_reach(provider), home)
    with pytest.raises(RefusedError, match="opened on 2026-11-09"):
        here.enter()
    assert here.enter(period_start=date(2026, 11, 9)).revision == 1


def test_a_monthly_figure_starts_on_the_first_of_a_month(database: Database) -> None:
    with database.administration() as session:
        provider = a_provider(session)
        home = an_indicator(session, provider, a_service(session, provider), cadence="monthly")
    here = Setting(database, database.command_reach(provider), home)
    with pytest.raises(RefusedError, match="first day of a month"):
        here.enter()
    assert here.enter(period_start=date(2026, 10, 1)).state == "final"


def test_an_indicator_of_another_provider_is_not_found(here: Setting) -> None:
    with here.db.administration() as session:
        foreign = a_home(session, a_provider(session, "CANARYGROUP"))
    with pytest.raises(NotFoundError), here.db.transaction(here.reach) as session:
        enter_observation(
            session,
            here.reach,
            provider_id=here.home.provider_id,
            service_id=here.home.service_id,
            indicator_id=foreign.indicator_id,
            period_start=MONDAY,
            numerator=1,
            denominator=2,
            today=TODAY,
        )


def _rows(home: Home, count: int, numerator: float = 40) -> list[ObservationRow]:
    first = date(2024, 1, 1).toordinal()
    return [
        ObservationRow(home.service_id, home.indicator_id, date.fromordinal(first + 7 * week), numerator, 50)
        for week in range(count)
    ]


def _save(session: Session, here: Setting, rows: list[ObservationRow], **options: Any) -> Any:
    return save_observations(
        session, here.reach, rows, provider_id=here.home.provider_id, source="imported", today=TODAY, **options
    )


def test_many_figures_are_saved_in_as_many_statements_as_few(here: Setting) -> None:
    counts = []
    for rows in (_rows(here.home, 10), _rows(here.home, 120)):
        with statements_of(here.db, "worker") as sent, here.db.transaction(here.reach) as session:
            saved = _save(session, here, rows)
        counts.append(len(sent))
        assert saved.saved + saved.unchanged == len(rows)
    assert counts[0] == counts[1] <= 9
    assert here.count(Observation) == 120


def test_a_file_that_comes_again_changes_nothing(here: Setting) -> None:
    with here.db.transaction(here.reach) as session:
        _save(session, here, _rows(here.home, 10), batch_id=uuid.uuid4())
    with here.db.transaction(here.reach) as session:
        again = _save(session, here, _rows(here.home, 10), batch_id=uuid.uuid4())
    assert (again.saved, again.unchanged) == (0, 10)
    assert here.count(Job) == 1


def test_one_bad_row_keeps_the_whole_file_out_and_is_named_by_its_number(here: Setting) -> None:
    rows = _rows(here.home, 3)
    rows[1] = ObservationRow(here.home.service_id, here.home.indicator_id, rows[1].period_start, 60, 50)
    with pytest.raises(RefusedError) as refusal, here.db.transaction(here.reach) as session:
        _save(session, here, rows)
    assert set(refusal.value.problems) == {"2.numerator"}
    assert here.count(Observation) == 0


def test_a_period_that_stands_twice_in_one_save_is_refused(here: Setting) -> None:
    with pytest.raises(RefusedError, match="cannot be kept"), here.db.transaction(here.reach) as session:
        _save(session, here, _rows(here.home, 2) + _rows(here.home, 1))


def test_two_people_who_enter_one_figure_at_the_same_moment_do_not_overwrite_each_other(here: Setting) -> None:
    def enter_other() -> None:
        with here.db.transaction(here.reach) as session:
            _save(session, here, _rows(here.home, 1, numerator=30))

    with ThreadPoolExecutor(1) as pool:
        with here.db.transaction(here.reach) as session:
            _save(session, here, _rows(here.home, 1))
            other = pool.submit(enter_other)  # reads no earlier figure, then waits for the key that the first one holds
            _until_somebody_waits(here.db)
        with pytest.raises(ConflictError, match="same moment"):
            other.result(timeout=10)
    assert here.count(Observation) == 1


def _until_somebody_waits(db: Database) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with db.administration() as session:
            if session.scalar(text("select count(*) from pg_locks where not granted")):
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited for the lock")
