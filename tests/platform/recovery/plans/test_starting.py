"""Starting a plan on a real database, its work, its changes, and who is asked: each in one transaction."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from support.facts import a_provider, a_service, an_indicator, figures
from support.tenancy import Place, add_membership, add_person, signed_in

from mendline.catalogue.calendar import week_start
from mendline.catalogue.plans import plan_template
from mendline.duties.commands import cancel, complete_with_record, finish, move
from mendline.duties.handing_over import GivenHandOver, hand_over
from mendline.duties.queries import work_at, work_of
from mendline.duties.rows import WorkLine
from mendline.recovery.plans.commands import reopen_objective, revise_plan, sign_objective
from mendline.recovery.plans.inspecting import (
    GivenInspection,
    correct_inspection,
    record_inspection,
)
from mendline.recovery.plans.judging import judge_objectives, standing_of, targets_of
from mendline.recovery.plans.queries import objectives_of, plans_of, requirements_of, revisions_of, thread_of
from mendline.recovery.plans.requiring import GivenRequirement, add_requirement, meet_requirement
from mendline.recovery.plans.scheduling import bring_up_to_date
from mendline.recovery.plans.starting import GivenPlan, StartedPlan, start_plan
from mendline.recovery.plans.templating import copied, save_template
from tenants.clock import today
from tenants.database import Database
from tenants.errors import NotFoundError, NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.reach import Reach

MEDICINES = plan_template("medicines_recovery")
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class House:
    """A service with its manager and nominated individual."""

    place: Place
    manager: Reach
    nominated: Reach

    @property
    def here(self) -> dict[str, Any]:
        return {"provider_id": self.place.provider_id, "service_id": self.place.service_id}


@pytest.fixture
def house(database: Database) -> House:
    with database.administration() as session:
        provider_id = a_provider(session)
        service_id = a_service(session, provider_id)
        mar = an_indicator(session, provider_id, service_id, "mar_compliance_pct")
        first = week_start(today()) - 20 * WEEK
        figures(session, mar, [(90, 100)] * 20, first=first)
    place = Place(provider_id, service_id, "")
    manager = signed_in(database, "registered_manager", place)
    nominated = signed_in(database, "nominated_individual", place, whole_provider=True)
    return House(place, manager, nominated)


def given(**changes: Any) -> GivenPlan:
    fields: dict[str, Any] = {
        "template": MEDICINES,
        "version": "1",
        "framework_version": "saf-2023",
        "title": "Medicines recovery",
        "starts_on": week_start(today()),
        "weeks": 10,
        "review_owner": "D Hartley",
    }
    return GivenPlan(**{**fields, **changes})


def started(database: Database, house: House, **changes: Any) -> StartedPlan:
    with database.transaction(house.manager) as session:
        return start_plan(session, house.manager, **house.here, given=given(**changes), today=today())


def work(database: Database, house: House) -> tuple[WorkLine, ...]:
    with database.transaction(house.manager) as session:
        return work_at(
            session,
            house.place.provider_id,
            house.place.service_id,
            first=today() - 60 * WEEK,
            last=today() + 60 * WEEK,
        )


def test_a_plan_starts_with_everything_that_belongs_to_it(database: Database, house: House) -> None:
    made = started(database, house)
    assert made.linked == ("MAR compliance in audit",)
    assert len(made.started) == len(MEDICINES.indicators) - 1
    assert made.without_baseline == ()
    with database.transaction(house.manager) as session:
        here = (house.place.provider_id, house.place.service_id)
        plan = plans_of(session, *here)[0]
        objective = objectives_of(session, *here)[0]
        targets = targets_of(session, here[0], [here[1]], today())[objective.objective_id]
    assert plan.content is not None
    assert (plan.template_version, plan.weeks, objective.sign_off_role) == ("1", 10, "nominated_individual")
    assert [line.definition_key for line in targets] == list(MEDICINES.indicators)
    assert Counter(line.fact.part for line in targets) == {"main": 1, "support": 5, "watched": 5}
    assert targets[0].fact.baseline == pytest.approx(90)
    steps = Counter(line.step_number for line in work(database, house))
    # Its own steps, and the reviews that none of them asks for: the deputy's sampling and the quality lead's.
    assert set(steps) == {1, 2, 3, 4, 5, 101, 103}
    assert made.work_items == steps.total()


def test_freezing_the_baselines_is_the_first_step_and_does_it(database: Database, house: House) -> None:
    started(database, house)
    first = next(line for line in work(database, house) if line.step_number == 1)
    assert first.state == "done"


def test_a_target_of_the_plan_is_set_with_its_date(database: Database, house: House) -> None:
    started(database, house)
    with database.administration() as session:
        rows = session.execute(
            text(
                "select t.operator, t.value, t.reach_by, t.reason from indicator_target t join service_indicator i"
                " using (provider_id, service_id, indicator_id) where t.provider_id = :p"
                " and i.definition_key = 'mar_compliance_pct' order by t.version desc limit 1"
            ),
            {"p": house.place.provider_id},
        ).one()
    assert tuple(rows)[:3] == (">=", 98.0, week_start(today()) + 10 * WEEK - timedelta(days=1))
    assert "Medicines recovery" in rows.reason


def test_the_same_template_does_not_run_twice(database: Database, house: House) -> None:
    started(database, house)
    with pytest.raises(RefusedError) as refused:
        started(database, house)
    assert "template" in refused.value.problems


def test_a_refused_plan_leaves_nothing_behind(database: Database, house: House) -> None:
    with pytest.raises(RefusedError):
        started(database, house, weeks=0, title="")
    with database.transaction(house.manager) as session:
        assert plans_of(session, house.place.provider_id, house.place.service_id) == ()


def test_a_carer_starts_no_plan(database: Database, house: House) -> None:
    carer = signed_in(database, "carer", house.place)
    with pytest.raises(NotPermittedError), database.transaction(carer) as session:
        start_plan(session, carer, **house.here, given=given(), today=today())


def test_a_second_pass_writes_nothing(database: Database, house: House) -> None:
    started(database, house)
    reach = database.command_reach(house.place.provider_id)
    with database.transaction(reach) as session:
        done = bring_up_to_date(session, house.place.provider_id, today())
    assert (done.written, done.missed, done.reassigned) == (0, 0, 0)


def test_work_goes_to_whoever_holds_the_role_and_a_vacancy_goes_up(database: Database, house: House) -> None:
    started(database, house)
    by_step = {line.step_number: line for line in work(database, house)}
    assert by_step[2].assigned_id == house.manager.person_id
    assert by_step[5].assigned_id == house.nominated.person_id
    # Nobody is medicines lead here: the manager is asked, and it shows.
    assert (by_step[4].asked_role, by_step[4].is_vacant, by_step[4].stands_in) == (
        "registered_manager", True, "vacancy",
    )  # fmt: skip


def test_a_new_holder_is_asked_from_the_next_pass_on(database: Database, house: House) -> None:
    started(database, house)
    lead = add_person(database, name="Piotr Nowak")
    add_membership(database, lead, "medicines_lead", house.place)
    reach = database.command_reach(house.place.provider_id)
    with database.transaction(reach) as session:
        bring_up_to_date(session, house.place.provider_id, today())
    step = next(line for line in work(database, house) if line.step_number == 4)
    assert (step.assigned_id, step.is_vacant) == (lead, False)


def test_a_shift_check_that_nobody_made_is_told_as_missed_and_stays(database: Database, house: House) -> None:
    started(database, house, starts_on=today() - 3 * WEEK)
    reach = database.command_reach(house.place.provider_id)
    with database.transaction(reach) as session:
        bring_up_to_date(session, house.place.provider_id, today() + 2 * WEEK)
    missed = [line for line in work(database, house) if line.state == "missed"]
    assert missed
    assert {line.step_number for line in missed} == {3}


def one(database: Database, house: House, step: int) -> WorkLine:
    return next(line for line in work(database, house) if line.step_number == step and line.state == "open")


def test_records_do_the_work_and_the_same_record_counts_once(database: Database, house: House) -> None:
    started(database, house)
    item = one(database, house, 4)
    assert item.needed == 3
    first = new_id()
    made = []
    for record_id in (first, first, new_id(), new_id()):
        with database.transaction(house.manager) as session:
            made.append(
                complete_with_record(
                    session, house.manager, **house.here, work_item_id=item.work_item_id,
                    record_type="competency_observation", record_id=record_id, today=today(),
                )
            )  # fmt: skip
    assert made == [False, False, False, True]
    after = next(line for line in work(database, house) if line.work_item_id == item.work_item_id)
    assert (after.state, after.made) == ("done", 3)


def test_another_kind_of_record_does_not_do_the_work(database: Database, house: House) -> None:
    started(database, house)
    item = one(database, house, 4)
    with pytest.raises(RefusedError), database.transaction(house.manager) as session:
        complete_with_record(
            session, house.manager, **house.here, work_item_id=item.work_item_id, record_type="incident",
            record_id=new_id(), today=today(),
        )  # fmt: skip


def test_work_of_another_provider_is_not_there(database: Database, house: House) -> None:
    started(database, house)
    item = one(database, house, 4)
    with database.administration() as session:
        other = a_provider(session)
        elsewhere = a_service(session, other)
    stranger = signed_in(database, "registered_manager", Place(other, elsewhere, ""))
    with pytest.raises(NotFoundError), database.transaction(stranger) as session:
        finish(
            session, stranger, provider_id=other, service_id=elsewhere, work_item_id=item.work_item_id,
            words="Done by somebody else.", by_words=True, today=today(),
        )  # fmt: skip


def test_moving_and_cancelling_need_a_reason(database: Database, house: House) -> None:
    started(database, house)
    item = one(database, house, 2)
    with database.transaction(house.manager) as session:
        move(
            session, house.manager, **house.here, work_item_id=item.work_item_id, due_on=today() + WEEK,
            reason="The inspector comes that day.", today=today(),
        )  # fmt: skip
    with pytest.raises(RefusedError), database.transaction(house.manager) as session:
        cancel(session, house.manager, **house.here, work_item_id=item.work_item_id, reason=" ", today=today())
    after = next(line for line in work(database, house) if line.work_item_id == item.work_item_id)
    assert (after.due_on, after.first_due_on, after.state) == (today() + WEEK, item.due_on, "open")


def test_a_holiday_hands_a_roles_work_over_from_day_to_day(database: Database, house: House) -> None:
    started(database, house)
    deputy = signed_in(database, "deputy_manager", house.place)
    with database.transaction(house.manager) as session:
        hand_over(
            session, house.manager, **house.here, today=today(),
            given=GivenHandOver(
                "registered_manager", deputy.person_id, "holiday", today(), today() + WEEK,
                from_person=house.manager.person_id,
            ),
        )  # fmt: skip
    item = one(database, house, 2)
    assert (item.assigned_id, item.stands_in) == (deputy.person_id, "holiday")
    reach = database.command_reach(house.place.provider_id)
    with database.transaction(reach) as session:
        bring_up_to_date(session, house.place.provider_id, today() + WEEK + timedelta(days=1))
    assert one(database, house, 2).assigned_id == house.manager.person_id


def test_a_carer_hands_over_nobody_elses_work(database: Database, house: House) -> None:
    started(database, house)
    carer = signed_in(database, "carer", house.place)
    with pytest.raises(NotPermittedError), database.transaction(carer) as session:
        hand_over(
            session, carer, **house.here, today=today(),
            given=GivenHandOver("registered_manager", carer.person_id, "holiday", today()),
        )  # fmt: skip


def test_a_manager_who_leaves_with_forty_open_items_can_be_listed(database: Database, house: House) -> None:
    started(database, house, starts_on=today() - 5 * WEEK)
    reach = database.command_reach(house.place.provider_id)
    manager = house.manager.person_id
    assert manager is not None
    with database.transaction(reach) as session:
        every = work_at(session, **house.here, first=today() - 9 * WEEK, last=today() + 9 * WEEK, most=500)
        held = [line for line in every if line.assigned_id == manager and line.state == "open"]
        mine = work_of(
            session, person_id=manager, today=today(), soon=today() + WEEK, most=8,
            roles=[(house.place.provider_id, house.place.service_id, "registered_manager")],
        )  # fmt: skip
    assert len(held) >= 40
    assert all(sum((line.due_on < today()) is late for line in mine) <= 8 for late in (True, False))


def inspection(visited: date, **changes: Any) -> GivenInspection:
    return GivenInspection(visited, None, "saf-2023", "inadequate", {"safe": "inadequate"}, **changes)


def test_a_wrong_inspection_date_moves_the_plan_by_rule_and_on_the_record(database: Database, house: House) -> None:
    visited = today() - 6 * WEEK
    with database.transaction(house.manager) as session:
        found = record_inspection(
            session, house.manager, **house.here, given=inspection(visited), today=today()
        )  # fmt: skip
    starts_on = today() - 2 * WEEK
    started(database, house, inspection_id=found, starts_on=starts_on)
    with database.transaction(house.manager) as session:
        new, moved = correct_inspection(
            session, house.manager, **house.here, inspection_id=found, given=inspection(visited + WEEK),
            reason="The visit was a week later, as the report says.", today=today(),
        )  # fmt: skip
    assert [move.days for move in moved] == [7]
    with database.transaction(house.manager) as session:
        here = (house.place.provider_id, house.place.service_id)
        plan = plans_of(session, *here)[0]
        revision = revisions_of(session, *here)[plan.plan_id][0]
    assert (plan.starts_on, plan.first_starts_on) == (starts_on + WEEK, starts_on)
    assert revision.cause == "inspection_date"
    early = [line for line in work(database, house) if line.first_due_on < starts_on + WEEK and line.state == "open"]
    assert early == []
    with pytest.raises(NotFoundError), database.transaction(house.manager) as session:
        correct_inspection(
            session, house.manager, **house.here, inspection_id=found, given=inspection(visited),
            reason="Once more, over what was corrected.", today=today(),
        )  # fmt: skip
    assert new != found


def test_ending_a_plan_cancels_its_open_work_and_lets_another_begin(database: Database, house: House) -> None:
    made = started(database, house)
    with database.transaction(house.manager) as session:
        revise_plan(
            session, house.manager, **house.here, plan_id=made.plan_id, starts_on=week_start(today()), weeks=10,
            cause="ended", reason="The service changes its regulated activity.", today=today(), ended_on=today(),
        )  # fmt: skip
    assert not [line for line in work(database, house) if line.state == "open" and line.opens_on > today()]
    assert started(database, house).plan_id != made.plan_id


def test_a_breach_leads_to_its_objective_indicators_and_back_until_it_is_met(database: Database, house: House) -> None:
    with database.transaction(house.manager) as session:
        breach = add_requirement(
            session, house.manager, **house.here, today=today(),
            given=GivenRequirement(
                "warning_notice", "hsca-12", "Medicines were not managed safely.", today() - 4 * WEEK, today() + 4 * WEEK
            ),
        )  # fmt: skip
    started(database, house, requirement_ids=(breach,))
    with database.transaction(house.manager) as session:
        here = (house.place.provider_id, house.place.service_id)
        line = requirements_of(session, *here)[0]
        thread = thread_of(session, *here, line)
    assert {each.title for each in thread if each.what == "indicator"} == {
        target.indicator for target in MEDICINES.targets
    }
    with database.transaction(house.manager) as session:
        meet_requirement(
            session, house.manager, **house.here, requirement_id=breach, met_on=today(),
            words="Inspection report of this month, page 4.", today=today(),
        )  # fmt: skip
    with database.transaction(house.manager) as session:
        lines = requirements_of(session, *here)
    assert [(each.met_on, each.met_note) for each in lines] == [(today(), "Inspection report of this month, page 4.")]


def test_a_notice_needs_its_dates(database: Database, house: House) -> None:
    with pytest.raises(RefusedError) as refused, database.transaction(house.manager) as session:
        add_requirement(
            session, house.manager, **house.here, today=today(),
            given=GivenRequirement("warning_notice", "hsca-99", "Too short", None, None),
        )  # fmt: skip
    assert {"regulation", "summary", "issued_on", "comply_by"} <= set(refused.value.problems)


def test_an_objective_that_is_not_ready_is_not_signed(database: Database, house: House) -> None:
    started(database, house)
    with database.transaction(house.nominated) as session:
        objective = objectives_of(session, house.place.provider_id, house.place.service_id)[0]
        with pytest.raises(RefusedError) as refused:
            sign_objective(
                session, house.nominated, **house.here, objective_id=objective.objective_id,
                words="It looks fine to me.", confirmed=True, today=today(),
            )  # fmt: skip
    assert "must be kept for 4 more weeks" in refused.value.problems["objective"]


def test_only_the_named_role_signs(database: Database, house: House) -> None:
    started(database, house)
    with database.transaction(house.manager) as session:
        objective = objectives_of(session, house.place.provider_id, house.place.service_id)[0]
        with pytest.raises(NotPermittedError):
            sign_objective(
                session, house.manager, **house.here, objective_id=objective.objective_id,
                words="It looks fine to me.", confirmed=True, today=today(),
            )  # fmt: skip


def test_what_was_met_and_drifts_is_opened_again_by_the_worker(database: Database, house: House) -> None:
    made = started(database, house)
    reach = database.command_reach(house.place.provider_id)
    here = (house.place.provider_id, house.place.service_id)
    with database.administration() as session:
        session.execute(
            text(
                "insert into objective_event (provider_id, service_id, plan_id, objective_id, event_id, kind, reason,"
                " conditions, happened_on, signed_label, signed_role, recorded_at)"
                " select provider_id, service_id, plan_id, objective_id, gen_random_uuid(), 'met', 'Held.', '[]',"
                " current_date - 7, 'H Marsh', 'Nominated individual', now() - interval '7 days'"
                " from plan_objective where plan_id = :plan"
            ),
            {"plan": made.plan_id},
        )
    with database.transaction(reach) as session:
        assert judge_objectives(session, reach, here[0], [here[1]], today()) == 1
    with database.transaction(reach) as session:
        assert judge_objectives(session, reach, here[0], [here[1]], today()) == 0
        objective = objectives_of(session, *here)[0]
        stored = session.execute(text("select stage from objective_status where plan_id = :p"), {"p": made.plan_id})
        assert stored.scalar_one() == "working"
    assert [event.kind for event in objective.events] == ["reopened", "met"]
    assert objective.signature is None
    assert objective.reopened_on == today()


def test_an_open_objective_is_not_opened_again(database: Database, house: House) -> None:
    started(database, house)
    with database.transaction(house.manager) as session:
        objective = objectives_of(session, house.place.provider_id, house.place.service_id)[0]
        assert standing_of(objective, ()).stage == "working"
        with pytest.raises(RefusedError):
            reopen_objective(
                session, house.manager, **house.here, objective_id=objective.objective_id,
                reason="It slipped at once.", today=today(),
            )  # fmt: skip


def test_a_provider_writes_its_own_template_and_a_plan_keeps_its_version(database: Database, house: House) -> None:
    text_of = copied(MEDICINES).replace("weeks: 10", "weeks: 12", 1)
    with database.transaction(house.nominated) as session:
        key, version = save_template(
            session, house.nominated, provider_id=house.place.provider_id, written=text_of, reason=""
        )  # fmt: skip
    assert (key, version) == ("own_medicines_recovery", 1)
    with pytest.raises(RefusedError), database.transaction(house.nominated) as session:
        save_template(session, house.nominated, provider_id=house.place.provider_id, written=text_of, reason="")
    with database.transaction(house.nominated) as session:
        assert save_template(
            session, house.nominated, provider_id=house.place.provider_id, written=text_of, reason="Longer sustain time"
        ) == (key, 2)  # fmt: skip
    with pytest.raises(NotPermittedError), database.transaction(house.manager) as session:
        save_template(session, house.manager, provider_id=house.place.provider_id, written=text_of, reason="Mine")
