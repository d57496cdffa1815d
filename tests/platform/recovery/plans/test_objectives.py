"""Several objectives of one plan, and the life of one: held, signed, stepped down, and opened again when it drifts."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text
from support.facts import Home, a_baseline, a_provider, a_service, a_target, an_indicator, figures
from support.tenancy import Place, signed_in

from mendline.catalogue.calendar import week_start
from mendline.catalogue.plans import plan_template
from mendline.comparison.derivation import derive_indicators
from mendline.duties.queries import work_at
from mendline.evidence.model import Evidence, EvidenceLink
from mendline.recovery.model import Review
from mendline.recovery.plans.commands import sign_objective
from mendline.recovery.plans.judging import judge_objectives, standing_of, targets_of
from mendline.recovery.plans.objectives import GivenAim, GivenObjective, add_objective
from mendline.recovery.plans.queries import objectives_of
from mendline.recovery.plans.rows import ObjectiveLine
from mendline.recovery.plans.scheduling import bring_up_to_date, review_rhythm
from mendline.recovery.plans.starting import GivenPlan, start_plan
from mendline.recovery.reviews.rhythm import ReviewRhythm
from tenants.clock import now, today
from tenants.database import Database
from tenants.errors import NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.reach import Reach

WEEK = timedelta(weeks=1)
THIS_WEEK = week_start(today())


@dataclass(frozen=True)
class House:
    """A service with a plan whose one main indicator has weekly figures."""

    home: Home
    manager: Reach
    nominated: Reach
    plan_id: uuid.UUID

    @property
    def here(self) -> dict[str, Any]:
        return {"provider_id": self.home.provider_id, "service_id": self.home.service_id}


@pytest.fixture
def house(database: Database) -> House:
    with database.administration() as session:
        provider_id = a_provider(session)
        service_id = a_service(session, provider_id)
        home = an_indicator(session, provider_id, service_id, started_on=THIS_WEEK - 30 * WEEK, review_every_days=90)
        # A dozen weeks before the plan, then the rise that it brought and holds.
        shares = [*[90, 91, 89, 92, 90, 88] * 2, *[98, 99, 98, 99] * 4]
        figures(session, home, [(share * 2, 200) for share in shares], first=THIS_WEEK - 28 * WEEK)
        a_baseline(session, home, 90, first_period=THIS_WEEK - 28 * WEEK, last_period=THIS_WEEK - 17 * WEEK)
        a_target(session, home, ">=", 98)
    place = Place(provider_id, service_id, "")
    manager = signed_in(database, "registered_manager", place)
    nominated = signed_in(database, "nominated_individual", place, whole_provider=True)
    with database.transaction(manager) as session:
        plan = GivenPlan(
            plan_template("medicines_recovery"),
            "1",
            "saf-2023",
            "Medicines recovery",
            THIS_WEEK - 16 * WEEK,
            10,
            "D Hartley",
        )
        made = start_plan(session, manager, provider_id=provider_id, service_id=service_id, given=plan, today=today())
    return House(home, manager, nominated, made.plan_id)


def evidence(database: Database, house: House) -> None:
    """One source of each kind, of last week, behind the main indicator."""
    with database.administration() as session:
        for number, letter in enumerate("RAFP"):
            evidence_id = new_id()
            session.add(
                Evidence(
                    **house.here, evidence_id=evidence_id, reference=f"E-00{number + 1}", letter=letter, title="Looked at",
                    dated_on=today() - timedelta(days=3), system="Folder", where_to_look="Page 3", sha256=None,
                    sample_size=5, quality_statement=None, framework_version="saf-2023", recorded_by=None,
                    recorded_initials="AO", recorded_at=now(),
                )
            )  # fmt: skip
            session.flush()
            session.add(
                EvidenceLink(
                    **house.here, evidence_id=evidence_id, indicator_id=house.home.indicator_id, recorded_at=now()
                )
            )


def derive(database: Database, house: House, on: date) -> int:
    """Works out where the indicator and the objectives stand; gives how many were opened again."""
    reach = database.command_reach(house.home.provider_id)
    with database.transaction(reach) as session:
        derive_indicators(session, house.home.provider_id, [(house.home.service_id, house.home.indicator_id)], on)
        return judge_objectives(session, reach, house.home.provider_id, [house.home.service_id], on)


def objectives(database: Database, house: House) -> tuple[ObjectiveLine, ...]:
    with database.transaction(house.manager) as session:
        return objectives_of(session, house.home.provider_id, house.home.service_id)


def missing(database: Database, house: House, objective: ObjectiveLine) -> list[str]:
    with database.transaction(house.manager) as session:
        targets = targets_of(session, house.home.provider_id, [house.home.service_id], today())
    return [each.key for each in standing_of(objective, targets[objective.objective_id]).conditions if not each.holds]


def sign(database: Database, house: House, objective: ObjectiveLine) -> None:
    with database.transaction(house.nominated) as session:
        sign_objective(
            session, house.nominated, **house.here, objective_id=objective.objective_id, confirmed=True,
            words="Two people can keep it so; a third gap in a week would change my view.", today=today(),
        )  # fmt: skip


def assured(database: Database, house: House, *days: date) -> None:
    with database.administration() as session:
        for day in days:
            session.add(
                Review(
                    **house.here, indicator_id=house.home.indicator_id, review_id=new_id(), forum="weekly_review",
                    held_on=day, decision="assured", what_changed=None, why="It holds.", what_follows=None, relied_on=[],
                    exception_reason=None, next_review_on=None, decided_by=None, decided_label="D Hartley",
                    decided_role="Registered manager", recorded_at=now(),
                )
            )  # fmt: skip


def weekly_reviews_ahead(database: Database, house: House, on: date) -> list[date]:
    """When the manager's review of the plan is dated from a day on."""
    reach = database.command_reach(house.home.provider_id)
    with database.transaction(reach) as session:
        bring_up_to_date(session, house.home.provider_id, on, services=[house.home.service_id])
        lines = work_at(session, house.home.provider_id, house.home.service_id, first=on, last=on + 20 * WEEK)
    return [line.first_due_on for line in lines if line.step_number == 2 and line.state == "open"]


def rhythm(database: Database, house: House, on: date) -> ReviewRhythm:
    with database.transaction(house.manager) as session:
        return review_rhythm(session, house.home.provider_id, house.home.service_id, on)


def gaps(dates: list[date]) -> set[int]:
    """Days between one and the next."""
    return {(after - before).days for before, after in pairwise(dates)}


def test_an_objective_is_signed_steps_down_and_is_opened_again_when_it_drifts(database: Database, house: House) -> None:
    derive(database, house, today())
    (objective,) = objectives(database, house)
    assert missing(database, house, objective) == ["evidence", "sign_off"]
    with pytest.raises(RefusedError):
        sign(database, house, objective)
    evidence(database, house)
    derive(database, house, today())
    assert missing(database, house, objective) == ["sign_off"]
    sign(database, house, objective)
    assert derive(database, house, today()) == 0
    (objective,) = objectives(database, house)
    assert (objective.signature is not None, missing(database, house, objective)) == (True, [])
    # Two assured reviews: every second week from then on. Work that is dated already keeps its date.
    assured(database, house, today(), today() + timedelta(days=1))
    later = today() + 10 * WEEK
    dates = weekly_reviews_ahead(database, house, later)
    assert gaps(dates) == {14}
    assert rhythm(database, house, later) == ReviewRhythm(2, THIS_WEEK - 16 * WEEK)
    # Two bad weeks: opened again by the worker, weekly again, and the first signature stays to be seen.
    with database.administration() as session:
        figures(session, house.home, [(160, 200)] * 3, first=THIS_WEEK)
    after = THIS_WEEK + 4 * WEEK
    assert derive(database, house, after) == 1
    (objective,) = objectives(database, house)
    assert [event.kind for event in objective.events] == ["reopened", "met"]
    assert objective.signature is None
    again = weekly_reviews_ahead(database, house, later)
    assert gaps(again) == {7}
    assert rhythm(database, house, later).every_weeks == 1


def test_a_warning_that_lasts_keeps_it_from_being_signed_and_is_named_by_its_title(
    database: Database, house: House
) -> None:
    evidence(database, house)
    derive(database, house, today())
    with database.administration() as session:
        session.execute(
            text(
                "insert into trigger_episode (provider_id, service_id, episode_id, rule_key, rule_version, family,"
                " is_contradiction, subject, number, indicator_ids, facts, fact_count, thresholds, sentence, held_back,"
                " opened_on, recorded_at) values (:p, :s, gen_random_uuid(), 'M3', '1', 'warning', false, '', 1,"
                " array[cast(:i as uuid)], '[]', 0, '{}', 'x', false, current_date, now())"
            ),
            {"p": house.home.provider_id, "s": house.home.service_id, "i": house.home.indicator_id},
        )
    (objective,) = objectives(database, house)
    with pytest.raises(RefusedError) as refused:
        sign(database, house, objective)
    assert "Open warning: The checks rest on one person." in refused.value.problems["objective"]


# ----------------------------------------------------------- several objectives
def a_second(house: House, **changes: Any) -> GivenObjective:
    fields: dict[str, Any] = {
        "goal": "People say that they get their medicines on time.",
        "target": "MAR compliance of 95% or more by week 12.",
        "weeks": 12,
        "hold_weeks": 2,
        "sign_off_role": "provider_quality_lead",
        "aims": (GivenAim(house.home.indicator_id, ">=", 95.0),),
    }
    return GivenObjective(**{**fields, **changes})


def add(database: Database, house: House, given: GivenObjective) -> uuid.UUID:
    with database.transaction(house.manager) as session:
        return add_objective(
            session, house.manager, **house.here, plan_id=house.plan_id, given=given, today=today()
        )  # fmt: skip


def test_a_plan_has_several_objectives_each_judged_and_signed_by_itself(database: Database, house: House) -> None:
    add(database, house, a_second(house))
    evidence(database, house)
    derive(database, house, today())
    first, second = objectives(database, house)
    assert [each.number for each in (first, second)] == [1, 2]
    quality = signed_in(database, "provider_quality_lead", Place(*house.here.values(), ""), whole_provider=True)
    with pytest.raises(NotPermittedError):
        sign(database, house, second)
    with database.transaction(quality) as session:
        sign_objective(
            session, quality, **house.here, objective_id=second.objective_id, confirmed=True,
            words="Seen on the floor on three evenings.", today=today(),
        )  # fmt: skip
    first, second = objectives(database, house)
    assert (first.signature, second.signature is not None) == (None, True)
    # The rhythm of the plan stays weekly until the last of its objectives is met.
    assured(database, house, today(), today() + timedelta(days=1))
    dates = weekly_reviews_ahead(database, house, today() + 2 * WEEK)
    assert gaps(dates) == {7}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"goal": "Short"}, "goal"),
        ({"weeks": 105}, "weeks"),
        ({"hold_weeks": None}, "hold_weeks"),
        ({"sign_off_role": "carer"}, "sign_off_role"),
        ({"aims": ()}, "aims"),
        ({"requirement_ids": (uuid.UUID(int=9),)}, "requirements"),
    ],
)
def test_an_objective_that_cannot_be_is_refused_by_its_field(
    database: Database, house: House, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        add(database, house, a_second(house, **changes))
    assert set(refused.value.problems) == {field}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 101.0])
def test_a_target_that_a_percentage_cannot_have_is_refused(database: Database, house: House, value: float) -> None:
    with pytest.raises(RefusedError) as refused:
        add(database, house, a_second(house, aims=(GivenAim(house.home.indicator_id, ">=", value),)))
    assert set(refused.value.problems) == {"aims"}
