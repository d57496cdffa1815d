"""What an evaluation writes: once per episode, with the facts that fired, before the right level, never a flood."""

import json
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text
from support.facts import figures
from support.triggers import (
    Recovering,
    a_recovering_service,
    a_stored_record,
    ask_about,
    employ,
    rows_of,
    same_gaps,
    taken_back,
)

from mendline.recovery.triggers import episodes
from mendline.recovery.triggers.reading import read_facts
from mendline.recovery.triggers.windows import Needs
from tenants.clock import now, today
from tenants.database import Database


@pytest.fixture
def home(database: Database) -> Recovering:
    return a_recovering_service(database)


def rules_of(database: Database, home: Recovering, table: str = "trigger_episode") -> list[str]:
    return sorted(row.rule_key if table == "trigger_episode" else row.trigger for row in rows_of(database, home, table))


def test_a_warning_fires_once_and_keeps_which_records_fired_it(database: Database, home: Recovering) -> None:
    records = same_gaps(database, home)
    ask_about(database, home, "record:medicines_discrepancy")
    ask_about(database, home, "record:medicines_discrepancy")
    (episode,) = rows_of(database, home, "trigger_episode")
    assert (episode.rule_key, episode.family, episode.rule_version, episode.number) == ("M1", "warning", "1", 1)
    assert {fact["id"] for fact in episode.facts} == {str(one) for one in records}
    assert episode.thresholds["same_medicine_gaps"] == 3
    assert episode.escalation_id is None
    assert rows_of(database, home, "escalation") == []


def test_a_warning_ends_with_its_condition_and_may_fire_again(database: Database, home: Recovering) -> None:
    same_gaps(database, home)
    ask_about(database, home, "record:medicines_discrepancy")
    later = today() + timedelta(days=40)
    ask_about(database, home, "rule:M1", on=later, at_moment=now() + timedelta(days=40))
    (end,) = rows_of(database, home, "trigger_episode_end")
    assert (end.how, end.ended_on) == ("no_longer_so", later)
    ask_about(database, home, "record:medicines_discrepancy")
    assert [row.number for row in rows_of(database, home, "trigger_episode")] == [1, 2]


def test_records_that_were_taken_back_fire_nothing_and_leave_their_type_as_absent_as_before(
    database: Database, home: Recovering
) -> None:
    records = same_gaps(database, home)
    needs = Needs({"medicines_discrepancy": 60}, actions=False, reviews=False, changes=False)
    provider_id, service_id = home.home.provider_id, home.home.service_id

    def read() -> dict[str, int]:
        with database.transaction(database.command_reach(provider_id)) as session:
            found = read_facts(session, provider_id, service_id, needs=needs, warned={}, today=today(), now=now())
        return {kind: len(records) for kind, records in found.records.items()}

    assert read() == {"medicines_discrepancy": 3}
    taken_back(database, home, records[0])
    assert read() == {"medicines_discrepancy": 2}
    for record in records[1:]:
        taken_back(database, home, record)
    assert read() == {}
    ask_about(database, home, "record:medicines_discrepancy")
    assert rows_of(database, home, "trigger_episode") == []


def test_a_trigger_waits_for_two_weeks_of_its_warning(database: Database, home: Recovering) -> None:
    employ(database, home, "registered_manager")
    same_gaps(database, home)
    ask_about(database, home, "record:medicines_discrepancy")
    assert rules_of(database, home) == ["M1"]
    for day in (13, 14):
        a_stored_record(database, home, "medicines_discrepancy", days_ago=0.1, kind="gap", person="P1", medicine="Senna",
                        round_slot="early", reviewed_at=now().isoformat())  # fmt: skip
        ask_about(database, home, on=today() + timedelta(days=day), at_moment=now() + timedelta(days=day))
        assert ("medicines_gaps_persist" in rules_of(database, home)) == (day == 14)
    (escalation,) = [row for row in rows_of(database, home, "escalation") if row.trigger == "medicines_gaps_persist"]
    assert (escalation.origin, escalation.kind, escalation.to_role) == (
        "rule", "revised_operational_control", "registered_manager",
    )  # fmt: skip
    assert escalation.due_at - escalation.recorded_at == timedelta(hours=72)
    assert escalation.to_label == "A Other"


def test_harm_is_put_before_the_nominated_individual_on_the_same_day(database: Database, home: Recovering) -> None:
    employ(database, home, "nominated_individual")
    a_stored_record(database, home, "medicines_discrepancy", kind="wrong_dose", harm_level="low",
                    reviewed_at=now().isoformat())  # fmt: skip
    done = ask_about(database, home, "record:medicines_discrepancy")
    assert done.escalations == 1
    (found,) = rows_of(database, home, "escalation")
    assert (found.trigger, found.to_role, found.due_on) == ("medicines_serious", "nominated_individual", today())
    (episode,) = [row for row in rows_of(database, home, "trigger_episode") if row.rule_key == "medicines_serious"]
    assert (episode.escalation_id, found.episode_id) == (found.escalation_id, episode.episode_id)
    assert "P1" not in found.asked


def test_only_rules_that_the_change_can_touch_are_asked(database: Database, home: Recovering) -> None:
    same_gaps(database, home)
    assert ask_about(database, home, "record:complaint").asked == 1
    assert ask_about(database, home, "record:weight_record").asked == 0
    assert rows_of(database, home, "trigger_episode") == []
    everything = ask_about(database, home, "*").asked
    assert everything > 15


def test_rules_of_a_plan_are_not_asked_where_nobody_follows_it(database: Database) -> None:
    without = a_recovering_service(database, plan=None)
    same_gaps(database, without)
    ask_about(database, without, "record:medicines_discrepancy")
    assert rows_of(database, without, "trigger_episode") == []


def test_a_figure_below_its_baseline_opens_an_audit_and_a_second_look_opens_nothing(database: Database) -> None:
    home = a_recovering_service(database, numbers=(90, 90, 80, 70), baseline=90)
    employ(database, home, "medicines_lead", "registered_manager")
    ask_about(database, home, f"indicator:{home.home.indicator_id}")
    ask_about(database, home, f"indicator:{home.home.indicator_id}")
    assert rules_of(database, home, "escalation") == ["falling_compliance", "medicines_compliance_falls"]
    found = {row.trigger: row for row in rows_of(database, home, "escalation")}
    audit = found["medicines_compliance_falls"]
    assert (audit.kind, audit.to_role, audit.due_on) == (
        "additional_audit", "medicines_lead", today() + timedelta(days=7),
    )  # fmt: skip
    (episode,) = [row for row in rows_of(database, home, "trigger_episode") if row.rule_key == "falling_compliance"]
    assert episode.subject == str(home.home.indicator_id)
    assert {fact["kind"] for fact in episode.facts} == {"figure"}


def test_a_role_that_nobody_holds_is_passed_by_on_the_record(database: Database) -> None:
    home = a_recovering_service(database, numbers=(90, 90, 80, 70), baseline=90)
    employ(database, home, "registered_manager")
    ask_about(database, home)
    steps = {row.escalation_id: row for row in rows_of(database, home, "escalation_step")}
    (audit,) = [row for row in rows_of(database, home, "escalation") if row.trigger == "medicines_compliance_falls"]
    step = steps[audit.escalation_id]
    assert (step.from_role, step.to_role) == ("medicines_lead", "registered_manager")
    assert step.reason == "Nobody holds the role of medicines lead here."


def test_a_contradiction_speaks_against_the_figures_until_it_is_answered(database: Database) -> None:
    home = a_recovering_service(database, plan="care_review_recovery", indicator="people_feedback_positive_pct")
    for day in (1, 2):
        a_stored_record(database, home, "feedback", days_ago=day, theme="support_not_changed")
    ask_about(database, home, "record:feedback")
    (episode,) = rows_of(database, home, "trigger_episode")
    assert (episode.rule_key, episode.is_contradiction) == ("C4", True)
    (against,) = rows_of(database, home, "contradiction")
    assert (against.indicator_id, against.origin, against.contradiction_id) == (
        home.home.indicator_id, "C4", episode.episode_id,
    )  # fmt: skip
    with database.administration() as session:
        marked = session.execute(
            text("select count(*) from stale_mark where service_id = :s"), {"s": home.home.service_id}
        )
        assert marked.scalar_one() == 1


def test_a_rule_that_matches_everything_is_held_back_and_seen(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(episodes, "MOST_AT_A_PROVIDER", 2)
    first = a_recovering_service(database, numbers=(90, 90, 80, 70), baseline=90)
    others = [
        a_recovering_service(database, name=f"House {n}", provider_id=first.home.provider_id, numbers=(90, 80, 70),
                             baseline=90)
        for n in range(3)
    ]  # fmt: skip
    held = [ask_about(database, home, "rule:falling_compliance").held_back for home in (first, *others)]
    assert held == [0, 0, 1, 1]
    (kept,) = rows_of(database, others[-1], "trigger_episode")
    assert (kept.held_back, kept.escalation_id) == (True, None)
    ask_about(database, others[-1], "rule:falling_compliance", on=today() + timedelta(days=1))
    assert [row.held_back for row in rows_of(database, others[-1], "trigger_episode")] == [True, False]


def test_what_time_alone_will_make_true_is_asked_at_its_moment(database: Database, home: Recovering) -> None:
    a_stored_record(database, home, "medicines_discrepancy", days_ago=1, kind="gap", round_slot="night")
    ask_about(database, home, "record:medicines_discrepancy")
    ask_about(database, home, "record:medicines_discrepancy")
    with database.administration() as session:
        jobs = session.execute(
            text("select due_at, arguments from job where service_id = :s and kind = 'check_triggers'"),
            {"s": home.home.service_id},
        ).all()
    (job,) = jobs
    assert timedelta(hours=47) < job.due_at - now() < timedelta(hours=49)
    assert job.arguments == {"changed": {str(home.home.service_id): ["rule:M2"]}}


def test_nothing_of_another_provider_is_read_or_written(database: Database, home: Recovering) -> None:
    other = a_recovering_service(database, name="Canary House")
    same_gaps(database, other)
    ask_about(database, home)
    assert rows_of(database, other, "trigger_episode") == []
    assert "M1" not in rules_of(database, home)


def test_late_work_of_the_plan_fires_names_the_work_and_ends_when_it_is_done(
    database: Database, home: Recovering
) -> None:
    with database.administration() as session:
        session.execute(
            text(
                "insert into work_item (provider_id, service_id, work_item_id, plan_id, step_number, occurrence, title,"
                " record, role, asked_role, record_types, needed, made, opens_on, first_due_on, due_on, shift_band, state,"
                " is_vacant, recorded_at) select :p, :s, gen_random_uuid(), plan_id, 3, n::text, 'End-of-shift check',"
                " 'Audit form', 'senior_carer', 'senior_carer', '{}', 1, 0, current_date - n, current_date - n,"
                " current_date - n, 'night', case when n < 5 then 'open' else 'done' end, false, now()"
                " from recovery_plan, generate_series(1, 10) n where service_id = :s"
            ),
            {"p": home.home.provider_id, "s": home.home.service_id},
        )
    ask_about(database, home, "work")
    (episode,) = rows_of(database, home, "trigger_episode")
    assert (episode.rule_key, episode.sentence) == (
        "W1", "4 of 10 pieces of planned work of 14 days are late or were left out",
    )  # fmt: skip
    assert {fact["kind"] for fact in episode.facts} == {"work"}
    with database.administration() as session:
        session.execute(text("update work_item set state = 'done' where service_id = :s"), {"s": home.home.service_id})
    ask_about(database, home, "work")
    (end,) = rows_of(database, home, "trigger_episode_end")
    assert (end.episode_id, end.how) == (episode.episode_id, "no_longer_so")


def test_a_plan_from_a_providers_own_template_keeps_the_signs_that_it_names(database: Database) -> None:
    own = a_recovering_service(database, plan="own_medicines")
    with database.administration() as session:
        content = {"early_warnings": [{"code": "M1"}], "triggers": ["medicines_serious"]}
        session.execute(
            text("update recovery_plan set content = cast(:content as jsonb) where service_id = :s"),
            {"content": json.dumps(content), "s": own.home.service_id},
        )
    same_gaps(database, own)
    a_stored_record(database, own, "medicines_discrepancy", days_ago=5, kind="gap")
    ask_about(database, own, "record:medicines_discrepancy")
    # M2 holds as well, since one waits for five days; the template does not name it.
    assert rules_of(database, own) == ["M1"]


def test_case_8_a_burst_of_late_entries_is_named_to_the_nominated_individual_and_what_came_from_elsewhere_is_none(
    database: Database,
) -> None:
    def answers(at: Recovering) -> list[uuid.UUID]:
        return [a_stored_record(database, at, "feedback", days_ago=10 + day) for day in range(8)]

    by_hand, by_file = a_recovering_service(database), a_recovering_service(database)
    late = answers(by_hand)
    with database.administration() as session:
        session.execute(
            text("update record set source_system = 'Rota' where record_id = any (:ids)"), {"ids": answers(by_file)[:4]}
        )
    ask_about(database, by_hand, "record:feedback")
    ask_about(database, by_file, "record:feedback")
    episodes = {row.rule_key: row for row in rows_of(database, by_hand, "trigger_episode")}
    assert {fact["id"] for fact in episodes["W4"].facts} == {str(record_id) for record_id in late}
    assert "records_back_dated" in episodes
    assert [row.to_role for row in rows_of(database, by_hand, "escalation")] == ["nominated_individual"]
    assert rows_of(database, by_file, "trigger_episode") == []


def test_figures_typed_in_long_afterwards_are_a_burst_but_the_past_of_a_new_indicator_is_none(
    database: Database,
) -> None:
    begun, new = a_recovering_service(database, numbers=()), a_recovering_service(database, numbers=())
    first = today() - timedelta(days=today().weekday(), weeks=14)
    with database.administration() as session:
        for at, started_on in ((begun, first), (new, today())):
            session.execute(
                text("update service_indicator set started_on = :day where indicator_id = :i"),
                {"day": started_on, "i": at.home.indicator_id},
            )
            figures(session, at.home, [(90, 100)] * 9, first=first, recorded_at=now())
    for at in (begun, new):
        ask_about(database, at)
    (episode,) = [row for row in rows_of(database, begun, "trigger_episode") if row.rule_key == "W4"]
    assert {fact["id"] for fact in episode.facts} == {str(begun.home.indicator_id)}
    assert episode.fact_count == 9
    assert "W4" not in rules_of(database, new)
