"""Milestones are judged by their figures or by a person, once, and told on the plan, in the story and in packs."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from support.facts import a_provider, a_service, an_indicator, figures
from support.tenancy import Place, signed_in
from support.visiting import an_application, visit

from mendline.catalogue.calendar import week_start
from mendline.catalogue.plans import plan_template
from mendline.comparison.derivation import derive_indicators
from mendline.packs.composing_story import timeline_rows
from mendline.recovery.plans.milestone_judging import judge_milestone, judge_milestones, verdicts_of
from mendline.recovery.plans.milestones import GivenVerdict
from mendline.recovery.plans.queries import plans_of
from mendline.recovery.plans.revising import milestones_of
from mendline.recovery.plans.starting import GivenPlan, start_plan
from mendline.recovery.story.queries import story_of
from mendline.recovery.story.rows import Asked
from tenants.clock import today
from tenants.database import Database
from tenants.errors import NotFoundError, NotPermittedError, RefusedError

WEEK = timedelta(weeks=1)
STARTS = week_start(today()) - 8 * WEEK  # week 5, which expects 95%, has long been over
SEEN = "The baselines were signed by the nominated individual."


@dataclass(frozen=True)
class Running:
    """A plan of medicines in its ninth week, with 96% in each week."""

    db: Database
    place: Place
    plan_id: uuid.UUID
    indicator: Any

    @property
    def here(self) -> dict[str, Any]:
        return {"provider_id": self.place.provider_id, "service_id": self.place.service_id}

    def judge_by_rule(self) -> int:
        with self.db.transaction(self.db.command_reach(self.place.provider_id)) as session:
            return judge_milestones(session, self.place.provider_id, [self.place.service_id], today())

    def judge(self, week: int, given: GivenVerdict, role: str = "registered_manager") -> int:
        reach = signed_in(self.db, role, self.place)
        with self.db.transaction(reach) as session:
            return judge_milestone(
                session, reach, **self.here, plan_id=self.plan_id, week=week, given=given, today=today()
            )

    def found(self) -> dict[int, tuple[str, str]]:
        with self.db.transaction(self.db.command_reach(self.place.provider_id)) as session:
            lines = verdicts_of(session, **self.here).get(self.plan_id, ())
        return {each.week: (each.verdict, each.decided_label) for each in lines}

    def stands(self, level: str) -> None:
        """Works out where its indicator stands, with so much evidence behind it."""
        key = (self.place.service_id, self.indicator.indicator_id)
        with self.db.transaction(self.db.command_reach(self.place.provider_id)) as session:
            derive_indicators(session, self.place.provider_id, [key], today())
        self.evidence(level)

    def evidence(self, level: str) -> None:
        with self.db.administration() as session:
            session.execute(
                text("update indicator_status set evidence_level = :level where indicator_id = :indicator"),
                {"level": level, "indicator": self.indicator.indicator_id},
            )

    def correct(self, value: float) -> None:
        """Another figure for week 5, recorded now."""
        with self.db.administration() as session:
            session.execute(
                text("""
                insert into observation (provider_id, service_id, indicator_id, period_start, revision, observation_id,
                    numerator, denominator, value, state, source, recorded_at, reason)
                select provider_id, service_id, indicator_id, period_start, max(revision) + 1, gen_random_uuid(),
                       :value, 100, :value, 'revised', 'entered', :at, 'Counted again'
                from observation where indicator_id = :indicator and period_start = :start
                group by provider_id, service_id, indicator_id, period_start"""),
                {
                    "value": value, "at": datetime.now(UTC), "indicator": self.indicator.indicator_id,
                    "start": STARTS + 4 * WEEK,
                },
            )  # fmt: skip


@pytest.fixture
def running(database: Database) -> Running:
    with database.administration() as session:
        provider_id = a_provider(session)
        service_id = a_service(session, provider_id)
        mar = an_indicator(session, provider_id, service_id, "mar_compliance_pct")
        figures(session, mar, [(96, 100)] * 20, first=STARTS - 12 * WEEK)
    place = Place(provider_id, service_id, "")
    manager = signed_in(database, "registered_manager", place)
    template = plan_template("medicines_recovery")
    with database.transaction(manager) as session:
        made = start_plan(
            session, manager, provider_id=provider_id, service_id=service_id, today=today(),
            given=GivenPlan(template, "1", "saf-2023", "Medicines recovery", STARTS, 10, "D Hartley"),
        )  # fmt: skip
    return Running(database, place, made.plan_id, mar)


def test_a_milestone_is_judged_by_its_figures_once_and_anew_when_a_figure_is_corrected(running: Running) -> None:
    assert running.judge_by_rule() == 1
    assert running.found() == {5: ("not_supported", "Mendline")}, "nothing stands behind the figure"
    assert running.judge_by_rule() == 0, "nothing is new"
    with running.db.transaction(running.db.command_reach(running.place.provider_id)) as session:
        derived = session.execute(text("select count(*) from milestone_verdict where not by_rule")).scalar_one()
    assert derived == 0
    running.correct(80)
    assert running.judge_by_rule() == 1
    assert running.found()[5][0] == "not_met"


def test_one_that_was_met_says_on_the_plan_what_changed_behind_it_since(running: Running, state_folder: Path) -> None:
    manager = visit(an_application(running.db, state_folder), running.db, "registered_manager", running.place)

    def plan_says(words: str) -> bool:
        return manager.get(f"/services/{running.place.service_id}/plan").says(words)

    running.stands("sufficient")
    assert running.judge_by_rule() == 1
    assert plan_says("By its figures,")
    assert not plan_says("has become too little")
    running.evidence("partial")
    assert running.judge_by_rule() == 0, "it stays met"
    assert plan_says("Since then the evidence behind MAR compliance in audit has become too little.")
    running.evidence("sufficient")
    running.correct(97)
    assert running.judge_by_rule() == 1
    assert plan_says("Judged before, on")
    assert plan_says("met. The figures have changed since.")


def test_one_that_was_met_long_ago_stays_met_when_its_figures_are_old(running: Running) -> None:
    earlier = 40 * WEEK
    with running.db.administration() as session:
        session.execute(
            text("update recovery_plan set starts_on = starts_on - :days where plan_id = :plan"),
            {"days": earlier.days, "plan": running.plan_id},
        )
        figures(session, running.indicator, [(96, 100)] * 10, first=STARTS - earlier)
    running.stands("sufficient")
    assert running.judge_by_rule() > 0
    assert running.found()[5] == ("met", "Mendline")
    assert running.judge_by_rule() == 0


def test_a_person_judges_what_names_no_figures_and_nobody_what_does(running: Running) -> None:
    assert running.judge(0, GivenVerdict("not_met", "Two baselines were not signed in time.")) == 1
    assert running.judge(0, GivenVerdict("met", SEEN)) == 2
    assert running.found()[0][0] == "met"
    with pytest.raises(RefusedError) as refused:
        running.judge(5, GivenVerdict("met", SEEN))
    assert set(refused.value.problems) == {"verdict"}
    with pytest.raises(NotFoundError):
        running.judge(7, GivenVerdict("met", SEEN))
    with pytest.raises(NotPermittedError):
        running.judge(0, GivenVerdict("met", SEEN), role="carer")


def test_one_that_is_carried_over_moves_to_its_week_in_the_same_act(running: Running) -> None:
    running.judge(0, GivenVerdict("carried_over", "The pharmacy's figures come in week 11.", 11))
    with running.db.transaction(running.db.command_reach(running.place.provider_id)) as session:
        (plan,) = plans_of(session, **running.here)
        story = story_of(session, **running.here, asked=Asked(("plan",)))[0]
    assert [each["week"] for each in milestones_of(plan)] == [5, 10, 11, 14, 22]
    rows = [f"{row.heading}: {row.words}" for row in timeline_rows(story, {})]
    told = " ".join(rows)
    assert "Milestone carried over to week 11" in told
    assert "The milestones of the plan were changed" in told
    assert running.found()[0][0] == "carried_over"


def test_the_plan_shows_what_was_found_and_offers_the_form_where_a_person_judges(
    running: Running, database: Database, state_folder: Path
) -> None:
    site: Flask = an_application(database, state_folder)
    running.judge_by_rule()
    manager = visit(site, database, "registered_manager", running.place)
    base = f"/services/{running.place.service_id}/plan"
    page = manager.get(base)
    for words in (
        "Before week 1",
        "Not supported",
        "MAR compliance in audit was 96.0% in the week of",
        "95.0% or more was expected",
        "Not yet, by",
    ):
        assert page.says(words), words
    form = f"{base}/{running.plan_id}/milestones/0"
    review = f"/services/{running.place.service_id}/reviews/current"
    assert manager.get(review).says("Baseline signed, a milestone of Medicines recovery")
    assert manager.get(form).says("Judge the milestone of week 0")
    assert manager.post(form, {"verdict": "met", "reason": ""}).status == 422
    assert manager.post(form, {"verdict": "met", "reason": SEEN}).status == 303
    assert manager.get(base).says(SEEN)
    assert manager.get(f"{base}/{running.plan_id}/milestones/7").status == 404
    assert not manager.get(review).says("Baseline signed, a milestone of")
    assert visit(site, database, "carer", running.place).get(form).status == 403
