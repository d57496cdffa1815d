"""A service that has closed, duty by duty: nothing begins there, what happened still counts, what is owed goes on."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from support.escalating import an_escalation, decide, outcome, works_as
from support.facts import Home, a_home, a_provider, figures
from support.shifts import a_check, place_of
from support.site import a_site, a_visitor, who_works_as
from support.standings import a_standing
from support.tenancy import add_body, add_grant, add_officer, add_person, signed_in
from support.triggers import Recovering, a_recovering_service, rows_of, same_gaps

from mendline.catalogue.calendar import week_start
from mendline.catalogue.plans import plan_template
from mendline.catalogue.record_types import record_type
from mendline.catalogue.wording import long_date
from mendline.comparison.comparing import compared
from mendline.evidence.records.commands import enter_record
from mendline.indicators.aims import GivenTarget
from mendline.indicators.commands import enter_observation
from mendline.indicators.running import change_target, freeze_baseline, start_indicator
from mendline.people.register.commands import close
from mendline.people.register.queries import registered
from mendline.people.tablets.commands import trust_tablet
from mendline.recovery.clocks.following import start_following
from mendline.recovery.commands import record_decision
from mendline.recovery.decisions import GivenDecision
from mendline.recovery.plans.milestone_judging import judge_milestones, verdicts_of
from mendline.recovery.plans.starting import GivenPlan, start_plan
from mendline.recovery.registers.action_commands import change_action, open_action
from mendline.recovery.registers.risks import GivenRisk, GivenScore, add_risk
from mendline.recovery.triggers.rising import raise_late
from mendline.telling.finding import Finder
from mendline.telling.passing import look
from tenants.clock import LONDON, now, today
from tenants.database import Database
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.jobs import enqueue
from tenants.reach import Reach
from tenants.roles import GRANTABLE
from workers.claiming import _work as work_of
from workers.claiming import do
from workers.planned_work import plan_work
from workers.rollups import derive
from workers.triggers import check_triggers

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
MONDAY = week_start(today()) - WEEK
CLOSED = MONDAY - DAY  # a Sunday: the last week that it ran in is the one before last
WHY = "The home moved to a new building across the road"


def shut(db: Database, home: Home, on: date | None = CLOSED) -> None:
    """Closes it in the register."""
    reach = signed_in(db, "provider_administrator", place_of(home), whole_provider=True)
    with db.transaction(reach) as session:
        found = next(each for each in registered(session, (home.provider_id,)) if each.service_id == home.service_id)
        close(session, reach, found, on, WHY, today())


@pytest.fixture
def home(database: Database) -> Recovering:
    """A home with a plan, figures of five weeks of which it ran in four, and an escalation and an action that are open."""
    return a_recovering_service(database, numbers=(90, 90, 90, 90, 90))


def run(db: Database, home: Home, kind: str, actor: Callable[..., None], **arguments: Any) -> None:
    """Does one job of a provider, or the one that waits where it was asked for already."""
    with db.transaction(db.command_reach(home.provider_id)) as session:
        if arguments:
            enqueue(session, kind, provider_id=home.provider_id, arguments=arguments)
        job = session.execute(
            text("select job_id from job where provider_id = :p and kind = :k and state = 'queued' order by created_at"),
            {"p": home.provider_id, "k": kind},
        ).scalars().first()  # fmt: skip
    claimed = db.claim(job, worker="test", lease_seconds=60, kind=kind)
    assert claimed is not None
    do(work_of(db, *claimed, 60), actor)


def a_decision() -> GivenDecision:
    return GivenDecision("assured", "Steady since May.", "Each week above its target.", "Look again in a week.")


Begin = Callable[[Any, Reach, dict[str, Any], Home], object]

BEGINNINGS: dict[str, Begin] = {
    "indicator": lambda s, r, at, _: start_indicator(
        s, r, **at, definition_key="falls_rate", review_owner="D Hartley", target=GivenTarget("<=", 4), today=today()
    ),
    "target": lambda s, r, at, home: change_target(
        s, r, **at, indicator_id=home.indicator_id, target=GivenTarget(">=", 97, reason="Agreed again"), today=today()
    ),
    "baseline": lambda s, r, at, home: freeze_baseline(
        s, r, **at, indicator_id=home.indicator_id, last_period=CLOSED, today=today()
    ),
    "plan": lambda s, r, at, _: start_plan(
        s, r, **at, today=today(),
        given=GivenPlan(plan_template("staffing_recovery"), "1", "saf-2023", "Staffing", today(), 10, "D Hartley"),
    ),
    "action": lambda s, r, at, _: open_action(
        s, r, **at, title="Appoint two night seniors", owner="D Hartley", due_on=today() + WEEK, today=today()
    ),
    "risk": lambda s, r, at, _: add_risk(
        s, r, **at, given=GivenRisk("Rounds on nights have no second checker", "P Nowak"),
        score=GivenScore(3, 4, "Gaps come back on nights.", today() + WEEK), today=today(),
    ),
    "decision": lambda s, r, at, home: record_decision(
        s, r, **at, standing=a_standing(indicator_id=home.indicator_id), given=a_decision(), forum="weekly_review",
        today=today(),
    ),
    "tablet": lambda s, r, at, _: trust_tablet(s, r, *at.values(), label="Medicines room", device="0" * 64),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(BEGINNINGS))
def test_nothing_begins_there_any_more(database: Database, home: Recovering, what: str) -> None:
    shut(database, home.home)
    manager = works_as(database, "registered_manager", home.home)
    here = {"provider_id": home.home.provider_id, "service_id": home.home.service_id}
    with pytest.raises(RefusedError, match="The service closed on"), database.transaction(manager) as session:
        BEGINNINGS[what](session, manager, here, home.home)


def test_nothing_is_escalated_there_and_what_was_is_still_decided(database: Database, home: Recovering) -> None:
    manager = works_as(database, "registered_manager", home.home)
    open_one, late = (an_escalation(database, manager, home.home) for _ in range(2))
    with database.administration() as session:
        session.execute(
            text("update escalation set due_on = :day where escalation_id = :id"), {"day": CLOSED - WEEK, "id": late}
        )
    shut(database, home.home)
    with pytest.raises(RefusedError, match="nothing is escalated there"):
        an_escalation(database, manager, home.home)
    reach = database.command_reach(home.home.provider_id)
    with database.transaction(reach) as session:
        assert raise_late(session, reach, home.home.provider_id, today=today(), now=now()) == 0
    decide(database, manager, home.home, open_one, outcome("no_further_action"))
    assert [row.outcome for row in rows_of(database, home, "escalation_decision")] == ["no_further_action"]


def test_an_action_that_was_open_is_told_no_more_and_can_still_be_closed(database: Database, home: Recovering) -> None:
    manager = works_as(database, "registered_manager", home.home)
    here = {"provider_id": home.home.provider_id, "service_id": home.home.service_id}
    with database.transaction(manager) as session:
        reference = open_action(
            session, manager, **here, title="Count each blister pack at handover", owner="A Other", due_on=today(),
            today=today(),
        )  # fmt: skip
    with database.administration() as session:
        session.execute(
            text("update action set due_on = :day where service_id = :s"), {"day": CLOSED, "s": here["service_id"]}
        )
    assert "action" in kinds_told(database, home.home)
    shut(database, home.home)
    assert "action" not in kinds_told(database, home.home)
    with database.transaction(manager) as session:
        change_action(
            session, manager, **here, reference=reference, kind="no_longer_applicable", words="The home has closed.",
            today=today(),
        )  # fmt: skip


def kinds_told(db: Database, home: Home) -> set[str]:
    with db.transaction(db.command_reach(home.provider_id)) as session:
        return {each.kind for each in Finder(session, home.provider_id, now()).everything()}


def test_a_clock_of_the_regulator_is_told_until_it_is_answered(database: Database, home: Recovering) -> None:
    manager = works_as(database, "registered_manager", home.home)
    with database.transaction(manager) as session:
        start_following(
            session, manager, provider_id=home.home.provider_id, service_id=home.home.service_id,
            what="requirement_notice", summary="Safe management of medicines.", on=today() - 27 * DAY,
            owner="A Other", today=today(),
        )  # fmt: skip
    shut(database, home.home)
    assert kinds_told(database, home.home) == {"clock"}


def test_a_letter_that_waited_when_it_closed_does_not_go_out(database: Database, home: Recovering) -> None:
    manager = works_as(database, "registered_manager", home.home)
    an_escalation(database, manager, home.home)
    noon = datetime.combine(today(), time(12), LONDON)
    reach = database.command_reach(home.home.provider_id)
    with database.transaction(reach) as session:
        assert look(session, home.home.provider_id, at=noon, today=today(), most_mails=0).noticed == 1
    shut(database, home.home)
    with database.transaction(reach) as session:
        assert look(session, home.home.provider_id, at=noon, today=today()).mails == 0
        assert session.scalars(text("select mail_id from notice where mailed_at is not null")).all() == [None]


def test_no_rule_is_asked_of_what_comes_in_late(database: Database, home: Recovering) -> None:
    shut(database, home.home)
    same_gaps(database, home)
    changed = {str(home.home.service_id): ["record:medicines_discrepancy"]}
    run(database, home.home, "check_triggers", check_triggers, changed=changed)
    run(database, home.home, "check_triggers", check_triggers, daily=today().isoformat())
    assert rows_of(database, home, "trigger_episode") == []


def test_a_check_that_nobody_made_is_not_counted_as_missed(database: Database, home: Recovering) -> None:
    with database.administration() as session:
        session.execute(
            text("""insert into work_item (
                provider_id, service_id, work_item_id, occurrence, title, record, role, asked_role, is_vacant,
                record_types, needed, made, opens_on, first_due_on, due_on, shift_band, state, recorded_at)
            values (:p, :s, :w, 'once', 'Watch a round', 'Competency findings', 'medicines_lead', 'medicines_lead', false,
                '{}', 1, 0, :day, :day, :day, 'night', 'open', now())"""),
            {"p": home.home.provider_id, "s": home.home.service_id, "w": new_id(), "day": CLOSED - 2 * DAY},
        )
        session.execute(
            text("insert into work_pass (provider_id, service_id, passed_on) values (:p, :s, :day)"),
            {"p": home.home.provider_id, "s": home.home.service_id, "day": CLOSED - 3 * DAY},
        )
    shut(database, home.home)
    run(database, home.home, "plan_work", plan_work, why="the day's pass")
    assert [row.state for row in rows_of(database, home, "work_item")] == ["open"]


def test_what_happened_up_to_its_last_day_is_still_taken_and_nothing_after_it(
    database: Database, home: Recovering
) -> None:
    shut(database, home.home)
    manager = works_as(database, "registered_manager", home.home)
    here = {"provider_id": home.home.provider_id, "service_id": home.home.service_id}
    enter = partial(enter_record, kind=record_type("end_of_shift_check"), at=now(), **here)
    with database.transaction(manager) as session:
        enter(
            session, manager, record_id=new_id(), raw=a_check(checked_at=f"{CLOSED}T06:41", shift_on=str(CLOSED - DAY))
        )
    after = CLOSED + DAY
    with pytest.raises(RefusedError) as refused, database.transaction(manager) as session:
        enter(session, manager, record_id=new_id(), raw=a_check(checked_at=f"{after}T06:41", shift_on=str(CLOSED)))
    assert "The service closed on" in str(refused.value.problems)
    figure = partial(
        enter_observation, indicator_id=home.home.indicator_id, numerator=91, denominator=100, today=today(), **here
    )
    with database.transaction(manager) as session:
        figure(session, manager, period_start=MONDAY - WEEK, reason="Counted again")
    with pytest.raises(RefusedError, match="The service closed on"), database.transaction(manager) as session:
        figure(session, manager, period_start=MONDAY, reason="Counted again")


def test_it_weighs_in_no_pooled_figure_after_its_last_week_at_once(database: Database) -> None:
    with database.administration() as session:
        provider_id = a_provider(session)
        old, other = (a_home(session, provider_id, name) for name in ("Rowan House", "Fernleigh"))
        for one in (old, other):
            figures(session, one, [(90, 100)] * 2, first=MONDAY - 2 * WEEK)
        figures(session, other, [(90, 100)], first=MONDAY)
    for one in (old, other):
        run(database, one, "derive", derive, service=str(one.service_id))
    assert expected(database, old) == [2, 2, 2]
    assert places_compared(database, old) == {old.service_id, other.service_id}
    shut(database, old)
    run(database, old, "derive", derive)
    assert expected(database, old) == [2, 2, 1]
    assert places_compared(database, old) == {other.service_id}


def places_compared(db: Database, home: Home) -> set[uuid.UUID]:
    with db.transaction(db.command_reach(home.provider_id)) as session:
        return {each.service_id for each in compared(session, home.provider_id).cells}


def expected(db: Database, home: Home) -> list[int]:
    with db.administration() as session:
        found = text("select services_expected from roll_up where provider_id = :p order by period_start")
        return list(session.execute(found, {"p": home.provider_id}).scalars())


def test_milestones_of_weeks_after_its_last_day_are_never_judged(database: Database, home: Recovering) -> None:
    manager = works_as(database, "registered_manager", home.home)
    here = {"provider_id": home.home.provider_id, "service_id": home.home.service_id}
    starts = week_start(today()) - 8 * WEEK  # its week 5 expects 95%, and is over
    with database.administration() as session:
        session.execute(text("delete from recovery_plan where service_id = :s"), {"s": here["service_id"]})
    with database.transaction(manager) as session:
        made = start_plan(
            session, manager, **here, today=today(),
            given=GivenPlan(plan_template("medicines_recovery"), "1", "saf-2023", "Medicines", starts, 10, "D Hartley"),
        )  # fmt: skip
    shut(database, home.home, starts + 4 * WEEK - DAY)
    reach = database.command_reach(here["provider_id"])
    with database.transaction(reach) as session:
        assert judge_milestones(session, here["provider_id"], None, today()) == 0
        assert verdicts_of(session, **here).get(made.plan_id) is None
    with database.administration() as session:
        session.execute(
            text("update service set closed_on = :day where service_id = :s"),
            {"day": starts + 4 * WEEK, "s": here["service_id"]},
        )
    with database.transaction(reach) as session:
        assert judge_milestones(session, here["provider_id"], None, today()) == 1


def test_a_grant_to_a_commissioner_holds_until_it_ends_and_says_that_it_closed(
    site: Flask, database: Database, home: Recovering
) -> None:
    person_id, body_id = add_person(database), add_body(database)
    add_officer(database, body_id, person_id)
    add_grant(database, place_of(home.home), body_id, classes=GRANTABLE)
    shut(database, home.home)
    officer = a_visitor(site, database, person_id)
    words = f", closed {long_date(CLOSED)}"
    assert words in officer.text("/portfolio/")
    assert words in officer.text(f"/portfolio/{home.home.service_id}")


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


def test_its_pages_offer_nothing_that_would_be_refused(site: Flask, database: Database, home: Recovering) -> None:
    manager = who_works_as(site, database, "registered_manager", place_of(home.home))
    page = f"/services/{home.home.service_id}/indicators/{home.home.indicator_id}"
    assert f"{page}/decision" in manager.text(page)
    shut(database, home.home)
    text_after = manager.text(page)
    assert f"{page}/decision" not in text_after
    assert f'{page}/aims"' not in text_after
    assert str(datetime.now(UTC).year) in text_after
