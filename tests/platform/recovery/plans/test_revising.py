"""The rhythm of a step and the milestones of a running plan are changed on the record, and open work follows."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from support.facts import a_provider, a_service, an_indicator, figures
from support.tenancy import Place, signed_in
from support.visiting import an_application, visit

from mendline.catalogue.calendar import week_start
from mendline.catalogue.plans import plan_template
from mendline.duties.queries import work_at
from mendline.duties.rows import WorkLine
from mendline.packs.composing_story import timeline_rows
from mendline.recovery.plans.changing import StepRhythm, Stone
from mendline.recovery.plans.commands import revise_plan
from mendline.recovery.plans.model import PlanStepRevision
from mendline.recovery.plans.queries import plans_of, revisions_of, steps_of
from mendline.recovery.plans.revising import change_milestones, change_rhythm, milestones_of
from mendline.recovery.plans.scheduling import bring_up_to_date
from mendline.recovery.plans.starting import GivenPlan, start_plan
from mendline.recovery.story.queries import story_of
from mendline.recovery.story.rows import Asked
from tenants.clock import today
from tenants.database import Database
from tenants.errors import ConflictError, NotFoundError, NotPermittedError, RefusedError
from tenants.reach import Reach

WEEK = timedelta(weeks=1)
WHY = "Four rounds were seen each week, and all were well."
REVIEW, SHIFT_CHECK = 2, 3  # steps of the template: the weekly review, the check of every shift


@dataclass(frozen=True)
class Running:
    """A plan of medicines that runs in its second week."""

    db: Database
    place: Place
    manager: Reach
    plan_id: uuid.UUID

    @property
    def here(self) -> dict[str, Any]:
        return {"provider_id": self.place.provider_id, "service_id": self.place.service_id}

    def work(self, number: int) -> tuple[WorkLine, ...]:
        with self.db.transaction(self.manager) as session:
            found = work_at(session, **self.here, first=today() - 9 * WEEK, last=today() + 9 * WEEK)
        return tuple(each for each in found if each.step_number == number)

    def change(
        self,
        number: int,
        rhythm: StepRhythm,
        reason: str = WHY,
        reach: Reach | None = None,
        from_on: date | None = None,
    ) -> int:
        held = reach or self.manager
        with self.db.transaction(held) as session:
            return change_rhythm(
                session, held, **self.here, plan_id=self.plan_id, number=number, rhythm=rhythm, reason=reason,
                today=today(), from_on=from_on,
            )  # fmt: skip

    def rhythm(self, number: int, on: date) -> str:
        with self.db.transaction(self.manager) as session:
            return next(each.rhythm for each in steps_of(session, **self.here, on=on) if each.number == number)

    def pass_of(self, day: date) -> None:
        """What workers do on a day."""
        with self.db.transaction(self.db.command_reach(self.place.provider_id)) as session:
            bring_up_to_date(session, self.place.provider_id, day, services=[self.place.service_id])

    def set_milestones(self, seen: int, *stones: Stone, reason: str = WHY) -> int:
        with self.db.transaction(self.manager) as session:
            return change_milestones(
                session, self.manager, **self.here, plan_id=self.plan_id, seen=seen, stones=stones, reason=reason,
                today=today(),
            )  # fmt: skip

    def milestones(self) -> list[tuple[int, str]]:
        with self.db.transaction(self.manager) as session:
            (plan,) = plans_of(session, self.place.provider_id, self.place.service_id)
        return [(each["week"], each["title"]) for each in milestones_of(plan)]


@pytest.fixture
def running(database: Database) -> Running:
    with database.administration() as session:
        provider_id = a_provider(session)
        service_id = a_service(session, provider_id)
        mar = an_indicator(session, provider_id, service_id, "mar_compliance_pct")
        figures(session, mar, [(90, 100)] * 12, first=week_start(today()) - 12 * WEEK)
    place = Place(provider_id, service_id, "")
    manager = signed_in(database, "registered_manager", place)
    template = plan_template("medicines_recovery")
    with database.transaction(manager) as session:
        made = start_plan(
            session, manager, provider_id=provider_id, service_id=service_id, today=today(),
            given=GivenPlan(template, "1", "saf-2023", "Medicines recovery", week_start(today()) - WEEK, 10, "D Hartley"),
        )  # fmt: skip
    return Running(database, place, manager, made.plan_id)


def test_open_work_takes_the_day_of_its_new_rhythm_and_what_was_due_before_stays(running: Running) -> None:
    before = {each.work_item_id: each for each in running.work(REVIEW)}
    assert running.change(REVIEW, StepRhythm("weekly", 2, 6)) == 1
    after = running.work(REVIEW)
    ahead = [each for each in after if each.due_on >= today()]
    assert {each.state for each in after} == {"open"}
    assert {each.needed for each in ahead} == {2}
    assert {each.work_item_id for each in after} == before.keys(), "it is the same work, on another day"
    assert all(each.due_on == before[each.work_item_id].due_on for each in after if each.due_on < today())
    assert any(each.due_on != before[each.work_item_id].due_on for each in ahead)


def test_a_rarer_rhythm_takes_work_off_and_the_old_one_brings_it_back(running: Running) -> None:
    ahead = {each.work_item_id for each in running.work(REVIEW) if each.due_on >= today()}
    running.change(REVIEW, StepRhythm("monthly", 1))
    monthly = running.work(REVIEW)
    assert {each.work_item_id for each in monthly if each.state == "cancelled"} == ahead
    assert any(each.state == "open" and each.work_item_id not in ahead for each in monthly)
    running.change(REVIEW, StepRhythm("weekly", 1, 4))
    again = {each.work_item_id: each.state for each in running.work(REVIEW)}
    assert {again[each] for each in ahead} == {"open"}


def test_a_denser_rhythm_asks_for_nothing_of_the_days_before_it(running: Running) -> None:
    running.change(REVIEW, StepRhythm("every_shift", 1, None, ("day", "night")))
    running.pass_of(today())
    shifts = [each for each in running.work(REVIEW) if each.shift_band]
    assert shifts
    assert min(each.due_on for each in shifts) >= today()


def test_a_change_of_a_later_day_leaves_the_work_before_it_and_takes_its_place_on_that_day(running: Running) -> None:
    later = week_start(today()) + 2 * WEEK
    before = {each.work_item_id: each.due_on for each in running.work(REVIEW) if each.due_on < later}
    running.change(REVIEW, StepRhythm("weekly", 3, 3), from_on=later)
    after = {each.work_item_id: each for each in running.work(REVIEW)}
    assert {each: after[each].due_on for each in before} == before
    assert {after[each].state for each in before} == {"open"}
    assert {each.needed for each in after.values() if each.due_on >= later} == {3}
    assert {each.needed for each in after.values() if each.due_on < later} == {1}
    assert running.rhythm(REVIEW, today()) == "Every week"
    assert running.rhythm(REVIEW, later) == "Every week by Thursday, 3 or more each time"
    running.pass_of(later)
    assert {each.needed for each in running.work(REVIEW) if each.due_on >= later + WEEK} == {3}


def test_a_newer_change_replaces_one_that_was_planned_for_later(running: Running) -> None:
    later = week_start(today()) + 2 * WEEK
    running.change(REVIEW, StepRhythm("monthly", 1), from_on=later)
    assert {each.state for each in running.work(REVIEW) if each.due_on >= later} >= {"cancelled"}
    running.change(REVIEW, StepRhythm("weekly", 1, 6))
    running.pass_of(today())
    ahead = [each for each in running.work(REVIEW) if each.due_on >= today() and each.state == "open"]
    assert len({each.due_on for each in ahead if each.due_on >= later}) > 1, "every week again, and no month"
    assert running.rhythm(REVIEW, later + WEEK) == "Every week by Sunday"


def test_a_change_is_planned_for_today_or_half_a_year_ahead_at_most(running: Running) -> None:
    for day in (today() - timedelta(days=1), today() + 27 * WEEK):
        with pytest.raises(RefusedError) as refused:
            running.change(REVIEW, StepRhythm("monthly", 1), from_on=day)
        assert set(refused.value.problems) == {"from_on"}


def test_each_change_is_kept_with_what_it_said_and_the_step_shows_the_newest(running: Running) -> None:
    running.change(SHIFT_CHECK, StepRhythm("every_shift", 1, None, ("night",)))
    assert running.change(SHIFT_CHECK, StepRhythm("every_shift", 1, None, ("evening", "night"))) == 2
    with running.db.transaction(running.manager) as session:
        step = next(each for each in steps_of(session, **running.here, on=today()) if each.number == SHIFT_CHECK)
        kept = revisions_of(session, **running.here)[running.plan_id]
        rows = session.query(PlanStepRevision).filter_by(**running.here).count()
    assert step.rhythm == "Every shift: evening and night"
    assert rows == 2
    assert [each.cause for each in kept] == ["rhythm", "rhythm"]
    assert (kept[0].says or "").endswith("every shift: evening and night; before, every shift: night")


def test_a_change_of_rhythm_needs_a_reason_a_step_and_somebody_who_may(running: Running) -> None:
    weekly = StepRhythm("weekly", 1, 2)
    with pytest.raises(RefusedError) as refused:
        running.change(REVIEW, weekly, "no")
    assert set(refused.value.problems) == {"reason"}
    with pytest.raises(NotFoundError):
        running.change(77, weekly)
    with pytest.raises(NotPermittedError):
        running.change(REVIEW, weekly, reach=signed_in(running.db, "senior_carer", running.place))
    with running.db.transaction(running.manager) as session:
        revise_plan(
            session, running.manager, **running.here, plan_id=running.plan_id, starts_on=today(), weeks=10,
            cause="ended", reason="Another plan takes its place.", today=today(), ended_on=today(),
        )  # fmt: skip
    with pytest.raises(RefusedError, match="not changed") as ended:
        running.change(REVIEW, weekly)
    assert "has ended" in ended.value.problems["plan"]


def test_milestones_change_by_versions_and_two_people_do_not_undo_each_other(running: Running) -> None:
    before = running.milestones()
    stones = [Stone(place, week + (week == 5), title) for place, (week, title) in enumerate(before)]
    assert running.set_milestones(0, *stones) == 1
    assert running.milestones() == [(week + (week == 5), title) for week, title in before]
    with pytest.raises(ConflictError):
        running.set_milestones(0, *stones)
    assert running.set_milestones(1, *stones[:-1]) == 2
    assert len(running.milestones()) == len(before) - 1
    with pytest.raises(RefusedError) as refused:
        running.set_milestones(2, *stones[:-1], reason="")
    assert set(refused.value.problems) == {"milestones", "reason"}


def test_the_story_and_the_pack_tell_both_changes_with_their_reasons(running: Running) -> None:
    running.change(REVIEW, StepRhythm("weekly", 1, 2))
    running.set_milestones(0, Stone(0, 1, "Baseline signed"))
    with running.db.transaction(running.manager) as session:
        lines, _ = story_of(session, **running.here, asked=Asked(kinds=("plan",)))
    rows = {row.heading: row for row in timeline_rows(lines, {})}
    rhythm = rows["The rhythm of a step was changed"]
    assert "every week by Wednesday; before, every week" in str(rhythm)
    assert WHY in str(rhythm)
    assert "moves from week 0 to week 1" in str(rows["The milestones of the plan were changed"])


def test_a_manager_changes_both_on_their_pages_and_a_carer_sees_neither(
    database: Database, state_folder: Path, running: Running
) -> None:
    site: Flask = an_application(database, state_folder)
    manager = visit(site, database, "registered_manager", running.place)
    base = f"/services/{running.place.service_id}/plan"
    page = manager.get(base)
    rhythm, milestones = f"{base}/{running.plan_id}/steps/{REVIEW}/rhythm", f"{base}/{running.plan_id}/milestones"
    assert f'href="{rhythm}"' in page.text
    assert f'href="{milestones}"' in page.text
    assert "/steps/1/rhythm" not in page.text, "the step that is done once"
    assert manager.get(rhythm).says("Change the rhythm of step 2")
    typed = {"cadence": "weekly", "weekday": "2", "at_least": "1", "reason": ""}
    refused = manager.post(rhythm, typed)
    assert refused.status == 422
    assert refused.says("Say why. It is shown with the plan")
    assert manager.post(rhythm, typed | {"reason": WHY}).status == 303
    form = manager.get(milestones)
    assert form.says("Mid-point review")
    assert form.says("Expected then: MAR compliance")
    rows = {f"title_{row}": title for row, (_, title) in enumerate(running.milestones())}
    rows |= {f"week_{row}": str(week) for row, (week, _) in enumerate(running.milestones())}
    new = len(running.milestones())
    typed = rows | {"seen": "0", f"title_{new}": "A first look", f"week_{new}": "3", "reason": WHY}
    assert manager.post(milestones, typed | {f"week_{new}": "soon"}).status == 422
    assert manager.post(milestones, typed).status == 303
    page = manager.get(base)
    for words in ("The rhythm of a step was changed", "The milestones were changed", "A first look", WHY):
        assert page.says(words), words
    carer = visit(site, database, "carer", running.place)
    assert carer.get(rhythm).status == 403
    assert carer.get(milestones).status == 403
