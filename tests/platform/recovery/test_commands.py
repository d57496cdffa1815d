"""Decisions and actions on a real database: what each one writes, and who is refused."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from support.facts import Home, a_provider, a_service, an_indicator, two_providers
from support.standings import a_place, a_standing, at_address
from support.tenancy import Place, signed_in

from mendline.evidence.model import Evidence
from mendline.recovery.commands import record_decision
from mendline.recovery.decisions import GivenDecision
from mendline.recovery.model import TriggerEpisode, TriggerEpisodeEnd
from mendline.recovery.presenting_decision import decision_page
from mendline.recovery.queries import ActionLine, actions_of, decisions_of
from mendline.recovery.registers.action_commands import change_action, open_action, signature
from tenants.clock import now, today
from tenants.database import Database
from tenants.errors import NotFoundError, NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.reach import Reach

SOUND = a_standing()


@pytest.fixture(scope="module")
def places(database: Database) -> tuple[Home, Home]:
    mine, theirs = two_providers(database, services=1)
    with database.administration() as session:
        for home, reference in ((mine[0], "E-001"), (theirs[0], "E-666")):
            session.add(some_evidence(home, reference))
    return mine[0], theirs[0]


@pytest.fixture
def home(database: Database) -> Home:
    """A service of its own for a test, with one piece of evidence."""
    with database.administration() as session:
        provider_id = a_provider(session)
        found = an_indicator(session, provider_id, a_service(session, provider_id))
        session.add(some_evidence(found, "E-001"))
    return found


def some_evidence(home: Home, reference: str) -> Evidence:
    return Evidence(
        provider_id=home.provider_id, service_id=home.service_id, evidence_id=new_id(), reference=reference, letter="R",
        title="MAR export", dated_on=today(), system="eMAR", where_to_look="Report 4", recorded_at=now(),
    )  # fmt: skip


def place(home: Home) -> Place:
    return Place(home.provider_id, home.service_id, "")


def manager_of(database: Database, home: Home, role: str = "registered_manager") -> Reach:
    return signed_in(database, role, place(home))


def decide(database: Database, reach: Reach, home: Home, decision: str = "assured", **changes: Any) -> None:
    standing = replace(changes.pop("standing", SOUND), indicator_id=home.indicator_id)
    fields: dict[str, Any] = {
        "what_changed": "",
        "why": "Four observed rounds followed the process.",
        "what_follows": "",
        "relied_on": ("E-001",),
    }
    with database.transaction(reach) as session:
        record_decision(
            session, reach, provider_id=home.provider_id, service_id=home.service_id, standing=standing,
            given=GivenDecision(decision, **{**fields, **changes}), forum="weekly_review", today=today(),
        )  # fmt: skip


def act(database: Database, reach: Reach, home: Home, title: str = "Induct agency seniors", **changes: Any) -> str:
    fields: dict[str, Any] = {"owner": "P Nowak", "due_on": today(), "today": today()}
    with database.transaction(reach) as session:
        return open_action(
            session, reach, provider_id=home.provider_id, service_id=home.service_id, title=title, **{**fields, **changes}
        )  # fmt: skip


def change(database: Database, reach: Reach, home: Home, reference: str, kind: str, **changes: Any) -> None:
    with database.transaction(reach) as session:
        change_action(
            session, reach, provider_id=home.provider_id, service_id=home.service_id, reference=reference, kind=kind,
            today=today(), **changes,
        )  # fmt: skip


def actions(database: Database, reach: Reach, home: Home) -> dict[str, ActionLine]:
    with database.transaction(reach) as session:
        return {row.reference: row for row in actions_of(session, home.provider_id, home.service_id)}


def written(database: Database, home: Home, statement: str) -> list[Any]:
    with database.administration() as session:
        found = session.execute(text(statement), {"service": home.service_id, "provider": home.provider_id})
        return list(found)


def refused(run: Any) -> set[str]:
    with pytest.raises(RefusedError) as told:
        run()
    return set(told.value.problems)


def test_an_assurance_is_written_with_who_decided_and_asks_for_the_status(database: Database, home: Home) -> None:
    reach = manager_of(database, home)
    decide(database, reach, home)
    with database.transaction(reach) as session:
        (found,) = decisions_of(session, home.provider_id, home.service_id)
    assert (found.decision, found.relied_on, found.decided_role) == ("assured", ["E-001"], "Registered manager")
    assert found.decided_label == "A Other"
    (review,) = written(database, home, "select * from review where service_id = :service")
    assert review.next_review_on == today() + timedelta(days=7)
    assert written(database, home, "select 1 from stale_mark where service_id = :service")
    assert written(database, home, "select 1 from job where provider_id = :provider and kind = 'derive'")
    (entry,) = written(database, home, "select * from ledger_entry where provider_id = :provider")
    assert (entry.act, entry.detail["decision"], entry.person_id) == ("decision recorded", "assured", reach.person_id)


def test_an_assurance_on_thin_evidence_is_kept_as_an_exception_with_its_reason(database: Database, home: Home) -> None:
    reach = manager_of(database, home)
    thin = replace(SOUND, evidence_level="partial")
    assert refused(lambda: decide(database, reach, home, standing=thin)) == {"exception_reason"}
    assert written(database, home, "select 1 from review where service_id = :service") == []
    decide(database, reach, home, standing=thin, relied_on=(), exception_reason="The audit is booked for Friday.")
    (review,) = written(database, home, "select * from review where service_id = :service")
    assert (review.decision, review.exception_reason) == ("assured_with_exception", "The audit is booked for Friday.")


def test_a_reason_for_an_exception_is_not_kept_where_none_was_needed(database: Database, home: Home) -> None:
    decide(database, manager_of(database, home), home, exception_reason="A reason nobody asked for.")
    (review,) = written(database, home, "select * from review where service_id = :service")
    assert (review.decision, review.exception_reason) == ("assured", None)


def test_further_action_opens_an_action_with_the_next_reference_for_the_indicator(
    database: Database, home: Home
) -> None:
    reach = manager_of(database, home)
    assert act(database, reach, home) == "A-001"
    decide(database, reach, home, "further_action", action_title="Train the night seniors", action_owner="P Nowak",
           action_due_on=today() + timedelta(days=5))  # fmt: skip
    found = actions(database, reach, home)["A-002"]
    assert (found.title, found.owner, found.indicator_id) == ("Train the night seniors", "P Nowak", home.indicator_id)
    (review,) = written(database, home, "select * from review where service_id = :service")
    assert review.relied_on == ["E-001", "A-002"]
    assert review.what_follows == "Train the night seniors"


def test_an_escalation_waits_for_its_role_by_its_date(database: Database, home: Home) -> None:
    reach = manager_of(database, home)
    decide(database, reach, home, "escalate", what_follows="Approve two permanent night posts.",
           escalate_to="nominated_individual", reply_due_on=today() + timedelta(days=3))  # fmt: skip
    (found,) = written(database, home, "select * from escalation where service_id = :service")
    assert (found.to_role, found.due_on, found.opened_on) == (
        "nominated_individual", today() + timedelta(days=3), today(),
    )  # fmt: skip
    assert found.indicator_id == home.indicator_id
    assert written(database, home, "select 1 from escalation_decision where service_id = :service") == []


def test_noted_is_refused_and_leaves_nothing(database: Database, home: Home) -> None:
    reach = manager_of(database, home)
    assert refused(lambda: decide(database, reach, home, "noted")) == {"decision"}
    for table in ("review", "action", "escalation"):
        assert written(database, home, f"select 1 from {table} where service_id = :service") == []


def test_a_decision_rests_only_on_evidence_of_the_service(database: Database, places: tuple[Home, Home]) -> None:
    mine, _ = places
    reach = manager_of(database, mine)
    assert refused(lambda: decide(database, reach, mine, relied_on=("E-001", "E-666"))) == {"relied_on"}
    assert refused(lambda: decide(database, reach, mine, relied_on=("<b>",))) == {"relied_on"}


@pytest.mark.parametrize("role", ["carer", "senior_carer", "shift_leader", "medicines_lead"])
def test_whoever_does_not_decide_is_refused_and_the_deputy_is_not(
    role: str, database: Database, places: tuple[Home, Home]
) -> None:
    mine, _ = places
    with pytest.raises(NotPermittedError):
        decide(database, manager_of(database, mine, role), mine)
    with pytest.raises(NotPermittedError):
        act(database, manager_of(database, mine, role), mine)
    deputy = manager_of(database, mine, "deputy_manager")
    act(database, deputy, mine)
    assert refused(lambda: decide(database, deputy, mine)) == {"decision"}


def test_whoever_entered_the_newest_figure_does_not_assure_it(database: Database, home: Home) -> None:
    enterer, other = manager_of(database, home), manager_of(database, home)
    with database.administration() as session:
        session.execute(
            text(
                "insert into observation (provider_id, service_id, indicator_id, period_start, revision, observation_id,"
                " state, source, recorded_by, recorded_at) values (:provider, :service, :indicator, current_date, 1,"
                " gen_random_uuid(), 'final', 'entered', :person, now())"
            ),
            {
                "provider": home.provider_id,
                "service": home.service_id,
                "indicator": home.indicator_id,
                "person": enterer.person_id,
            },
        )
    assert refused(lambda: decide(database, enterer, home)) == {"decision"}
    decide(database, other, home)


def test_a_manager_of_another_provider_finds_nothing_there(database: Database, places: tuple[Home, Home]) -> None:
    mine, theirs = places
    foreign = manager_of(database, theirs)
    for attempt in (
        lambda: decide(database, foreign, mine),
        lambda: act(database, foreign, mine),
        lambda: change(database, foreign, mine, "A-001", "closed", evidence_reference="E-001"),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    decide(database, foreign, theirs, relied_on=("E-666",))


def test_an_action_needs_a_title_an_owner_and_a_date_to_come(database: Database, home: Home) -> None:
    reach = manager_of(database, home)
    late = today() - timedelta(days=1)
    assert refused(lambda: act(database, reach, home, "Do it", owner=" ", due_on=late)) == {"title", "owner", "due_on"}
    assert actions(database, reach, home) == {}


def test_references_count_per_service(database: Database) -> None:
    with database.administration() as session:
        provider_id = a_provider(session)
        homes = [an_indicator(session, provider_id, a_service(session, provider_id, name)) for name in ("One", "Two")]
    for each in homes:
        assert act(database, manager_of(database, each), each) == "A-001"


def test_two_who_open_an_action_at_once_get_two_references(database: Database, home: Home) -> None:
    reach = manager_of(database, home)
    given: list[str] = []
    threads = [threading.Thread(target=lambda: given.append(act(database, reach, home))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == ["A-001", "A-002", "A-003", "A-004"]


def test_a_new_date_keeps_the_first_one_in_sight(database: Database, home: Home) -> None:
    reach = manager_of(database, home)
    reference = act(database, reach, home)
    later = today() + timedelta(days=9)
    assert refused(lambda: change(database, reach, home, reference, "redated", due_on=later)) == {"note"}
    assert refused(lambda: change(database, reach, home, reference, "redated", words="Delivery is late")) == {"due_on"}
    change(database, reach, home, reference, "redated", due_on=later, words="Delivery is late")
    found = actions(database, reach, home)[reference]
    assert (found.first_due_on, found.due_on, found.moved, found.state) == (today(), later, 1, "open")


def test_an_action_closes_with_evidence_that_exists_and_reopens_with_a_reason(database: Database, home: Home) -> None:
    reach = manager_of(database, home)
    reference = act(database, reach, home)
    assert refused(lambda: change(database, reach, home, reference, "closed")) == {"evidence_reference"}
    assert refused(lambda: change(database, reach, home, reference, "closed", evidence_reference="E-404")) == {
        "evidence_reference"
    }
    change(database, reach, home, reference, "closed", evidence_reference=" E-001 ")
    closed = actions(database, reach, home)[reference]
    assert (closed.state, closed.closed_on, closed.evidence_reference) == ("closed", today(), "E-001")
    assert refused(lambda: change(database, reach, home, reference, "reopened")) == {"note"}
    change(database, reach, home, reference, "reopened", words="The gap came back")
    assert actions(database, reach, home)[reference].state == "reopened"


def test_a_closed_action_is_not_moved_or_closed_again_and_an_open_one_not_reopened(
    database: Database, home: Home
) -> None:
    reach = manager_of(database, home)
    reference = act(database, reach, home)
    assert refused(lambda: change(database, reach, home, reference, "reopened", words="Why not")) == {"kind"}
    assert refused(lambda: change(database, reach, home, reference, "deleted", words="Why not")) == {"kind"}
    change(database, reach, home, reference, "no_longer_applicable", words="The unit has closed")
    for kind in ("closed", "redated", "no_longer_applicable"):
        again = {"words": "Again", "evidence_reference": "E-001", "due_on": today()}
        assert refused(lambda kind=kind, again=again: change(database, reach, home, reference, kind, **again)) == {
            "kind"
        }


def test_an_unknown_action_is_not_found(database: Database, home: Home) -> None:
    with pytest.raises(NotFoundError):
        change(database, manager_of(database, home), home, "A-404", "closed", evidence_reference="E-001")


@pytest.mark.parametrize(
    ("name", "signed"), [("Denise Hartley", "D Hartley"), ("Cher", "Cher"), ("J van Dam", "J Dam")]
)
def test_a_decision_is_signed_with_an_initial_and_a_surname(
    name: str, signed: str, database: Database, places: tuple[Home, Home]
) -> None:
    assert signature(replace(manager_of(database, places[0]), name=name)) == signed


def test_case_27_a_target_that_is_met_cannot_be_assured_while_an_early_warning_on_it_is_open(
    database: Database, home: Home
) -> None:
    reach = manager_of(database, home)
    episode = TriggerEpisode(
        provider_id=home.provider_id, service_id=home.service_id, episode_id=new_id(), rule_key="M7", rule_version="1",
        family="warning", is_contradiction=False, subject="", number=1, indicator_ids=[home.indicator_id], facts=[],
        fact_count=0, thresholds={}, sentence="Two end-of-shift checks are missing.", held_back=False, opened_on=today(),
        recorded_at=now(),
    )  # fmt: skip
    with database.administration() as session:
        session.add(episode)
    assert refused(lambda: decide(database, reach, home)) == {"exception_reason"}
    decide(database, reach, home, exception_reason="The two checks were done on paper and are attached.")
    ((decision,),) = written(database, home, "select decision from review where service_id = :service")
    assert decision == "assured_with_exception"
    with database.administration() as session:
        session.add(
            TriggerEpisodeEnd(
                provider_id=home.provider_id, service_id=home.service_id, episode_id=episode.episode_id,
                how="no_longer_so", ended_on=today(), recorded_at=now(),
            )
        )  # fmt: skip
    decide(database, reach, home)
    found = written(database, home, "select decision from review where service_id = :service order by recorded_at")
    assert [row.decision for row in found] == ["assured_with_exception", "assured"]


def test_case_22_a_reporting_effect_is_recorded_first_in_the_reason_and_only_where_reporting_raises_the_figure(
    database: Database, home: Home
) -> None:
    reach = manager_of(database, home)
    assert refused(lambda: decide(database, reach, home, reporting_effect=True)) == {"why"}
    falls = replace(SOUND, definition_key="falls_rate")
    decide(database, reach, home, standing=falls, reporting_effect=True, why="Harm is unchanged since the training.")
    ((why, said),) = written(database, home, "select why, reporting_effect from review where service_id = :service")
    assert said
    assert why == "Reporting effect: more is reported, not more happens. Harm is unchanged since the training."


def test_case_22_the_form_offers_the_reporting_effect_and_names_the_companion_of_the_figure() -> None:
    shown = decision_page(
        a_place(), replace(SOUND, definition_key="falls_rate"), (), (), today=today(), address=at_address, given={}
    )
    (offered,) = [field for field in shown.form.fields if field.name == "reporting_effect"]
    assert "Falls with harm per 1,000 bed days" in offered.hint
    other = decision_page(a_place(), SOUND, (), (), today=today(), address=at_address, given={})
    assert "reporting_effect" not in {field.name for field in other.form.fields}
