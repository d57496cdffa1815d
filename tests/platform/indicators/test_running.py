import uuid
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import select
from support.facts import Home, a_home, a_provider, a_service, figures
from support.tenancy import Place, signed_in

from mendline.indicators.aims import GivenTarget
from mendline.indicators.model import (
    ChartEvent,
    IndicatorBaseline,
    IndicatorRedefinition,
    IndicatorTarget,
    ServiceIndicator,
    StaleMark,
)
from mendline.indicators.redefining import redefine_indicator
from mendline.indicators.running import change_target, freeze_baseline, start_indicator
from tenants.database import Database
from tenants.errors import NotFoundError, NotPermittedError, RefusedError
from tenants.reach import Reach

TODAY = date(2026, 11, 17)


@dataclass(frozen=True)
class Setting:
    db: Database
    reach: Reach
    home: Home
    empty_service: uuid.UUID

    def start(self, key: str = "mar_compliance_pct", reach: Reach | None = None, owner: str = "P Nowak") -> uuid.UUID:
        using = reach or self.reach
        with self.db.transaction(using) as session:
            return start_indicator(
                session,
                using,
                provider_id=self.home.provider_id,
                service_id=self.empty_service,
                definition_key=key,
                review_owner=owner,
                target=GivenTarget(">=", 98.0),
                today=TODAY,
            )

    def aim(self, value: float, reason: str = "") -> int:
        with self.db.transaction(self.reach) as session:
            return change_target(
                session,
                self.reach,
                provider_id=self.home.provider_id,
                service_id=self.home.service_id,
                indicator_id=self.home.indicator_id,
                target=GivenTarget(">=", value, reason=reason),
                today=TODAY,
            )

    def freeze(self, reason: str = "", last: date = date(2026, 2, 2)) -> int:
        with self.db.transaction(self.reach) as session:
            return freeze_baseline(
                session,
                self.reach,
                provider_id=self.home.provider_id,
                service_id=self.home.service_id,
                indicator_id=self.home.indicator_id,
                last_period=last,
                reason=reason,
                today=TODAY,
            )

    def rows(self, model: type) -> list[object]:
        with self.db.transaction(self.reach) as session:
            return list(session.scalars(select(model).where(model.provider_id == self.home.provider_id)).all())


@pytest.fixture
def here(database: Database) -> Setting:
    with database.administration() as session:
        provider_id = a_provider(session)
        home = a_home(session, provider_id)
        figures(session, home, [(90, 100), (80, 100), None, (94, 100)])
        empty = a_service(session, provider_id, "Empty House")
    return Setting(database, database.command_reach(provider_id), home, empty)


def test_an_indicator_begins_with_its_owner_and_target_and_is_marked_to_be_judged(here: Setting) -> None:
    indicator_id = here.start()
    started = next(row for row in here.rows(ServiceIndicator) if row.indicator_id == indicator_id)
    assert (started.definition_key, started.review_owner, started.cadence) == (
        "mar_compliance_pct",
        "P Nowak",
        "weekly",
    )
    target = next(row for row in here.rows(IndicatorTarget) if row.indicator_id == indicator_id)
    assert (target.version, target.operator, target.value, target.valid_from) == (1, ">=", 98.0, TODAY)
    assert indicator_id in {row.indicator_id for row in here.rows(StaleMark)}


def test_an_indicator_does_not_run_twice_at_a_service(here: Setting) -> None:
    here.start()
    with pytest.raises(RefusedError) as refused:
        here.start()
    assert "runs here already" in refused.value.problems["definition_key"]


def test_an_indicator_needs_to_be_in_the_catalogue_and_to_have_an_owner(here: Setting) -> None:
    with pytest.raises(RefusedError) as refused:
        here.start("no_such_indicator")
    assert set(refused.value.problems) == {"definition_key"}
    with pytest.raises(RefusedError) as refused:
        here.start(owner="  ")
    assert set(refused.value.problems) == {"review_owner"}


def test_a_registered_manager_begins_an_indicator_and_a_carer_or_a_stranger_does_not(here: Setting) -> None:
    place = Place(here.home.provider_id, here.empty_service, "")
    with here.db.administration() as session:
        other = a_home(session, a_provider(session, "CANARYGROUP"), "CANARY")
    manager = signed_in(here.db, "registered_manager", place)
    carer = signed_in(here.db, "carer", place)
    stranger = signed_in(here.db, "registered_manager", Place(other.provider_id, other.service_id, ""))
    with pytest.raises(NotPermittedError):
        here.start(reach=carer)
    with pytest.raises(NotFoundError):
        here.start(reach=stranger)
    assert here.start(reach=manager)


def test_changing_a_target_needs_a_reason_and_keeps_the_earlier_one(here: Setting) -> None:
    assert here.aim(95) == 1
    with pytest.raises(RefusedError) as refused:
        here.aim(97)
    assert "reason" in refused.value.problems
    assert here.aim(97, "Agreed with the commissioner") == 2
    assert sorted(row.value for row in here.rows(IndicatorTarget)) == [95, 97]


def test_a_baseline_is_frozen_over_final_figures_and_a_missing_week_does_not_count(here: Setting) -> None:
    assert here.freeze() == 1
    (kept,) = here.rows(IndicatorBaseline)
    assert (kept.numerator, kept.denominator, kept.value, kept.periods) == (264, 300, 88.0, 3)
    assert (kept.first_period, kept.last_period) == (date(2026, 1, 5), date(2026, 1, 26))


def test_a_baseline_changes_only_with_a_reason_and_the_earlier_one_stays(here: Setting) -> None:
    here.freeze()
    with pytest.raises(RefusedError) as refused:
        here.freeze()
    assert "reason" in refused.value.problems
    assert here.freeze("A week was entered late") == 2
    assert len(here.rows(IndicatorBaseline)) == 2


def test_a_baseline_before_the_first_figure_is_refused_in_words(here: Setting) -> None:
    with pytest.raises(RefusedError) as refused:
        here.freeze(last=date(2025, 12, 1))
    assert "no final figure" in refused.value.problems["last_period"]


def test_a_changed_target_marks_the_chart_with_both_targets_and_the_reason(here: Setting) -> None:
    here.aim(95)
    assert here.rows(ChartEvent) == []
    here.aim(0, "Nothing short of none is safe.")
    (event,) = here.rows(ChartEvent)
    assert (event.kind, event.happened_on, event.why) == ("target", TODAY, "Nothing short of none is safe.")
    assert event.what_changed == "The target changed from 95% or more to 0% or more."


def test_a_changed_baseline_marks_the_chart_and_keeps_the_figures_as_they_were_frozen(here: Setting) -> None:
    here.freeze(last=date(2026, 1, 12))
    here.freeze("Two weeks were too short to start from.")
    first, second = sorted(here.rows(IndicatorBaseline), key=lambda each: each.version)
    assert [each["value"] for each in first.figures] == [90, 80]
    assert [each["period"] for each in second.figures] == ["2026-01-05", "2026-01-12", "2026-01-26"]
    assert first.definition_version
    (event,) = here.rows(ChartEvent)
    assert event.kind == "baseline"
    assert "85.0% (2 periods" in event.what_changed or "85% (2 periods" in event.what_changed


def redefined(here: Setting, **changes) -> int:
    given = {
        "from_period": date(2026, 1, 19),
        "what_changed": "The audit has six more questions.",
        "reason": "The old one left out pain relief.",
    }
    with here.db.transaction(here.reach) as session:
        return redefine_indicator(
            session,
            here.reach,
            provider_id=here.home.provider_id,
            service_id=here.home.service_id,
            indicator_id=here.home.indicator_id,
            today=TODAY,
            **{**given, **changes},
        )


def test_a_new_way_of_counting_is_recorded_with_its_reason_and_breaks_the_chart(here: Setting) -> None:
    assert redefined(here) == 1
    assert redefined(here, from_period=date(2026, 1, 26)) == 2
    assert [row.from_period for row in here.rows(IndicatorRedefinition)] == [date(2026, 1, 19), date(2026, 1, 26)]
    assert {row.kind for row in here.rows(ChartEvent)} == {"definition"}
    assert here.rows(StaleMark)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"what_changed": " "}, "what_changed"),
        ({"from_period": date(2026, 1, 20)}, "from_period"),
        ({"from_period": date(2026, 11, 23)}, "from_period"),
    ],
)
def test_a_new_way_of_counting_needs_its_period_what_changed_and_why(here: Setting, changes, field) -> None:
    with pytest.raises(RefusedError) as refused:
        redefined(here, **changes)
    assert set(refused.value.problems) == {field}
    assert here.rows(IndicatorRedefinition) == []
