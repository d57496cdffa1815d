from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from importlib import resources

import pytest

from mendline.catalogue.calendar import to_london
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.record_types import record_type
from mendline.catalogue.validation import ValidRecord, validate
from mendline.demonstration.plan import ATTRIBUTION, demonstration
from tenants.roles import ROLES

MONDAY = date(2026, 11, 23)
DAYS = [MONDAY, date(2027, 1, 3), date(2028, 2, 29)]  # a Monday, a Sunday across a year's end, a leap day
shown = cache(demonstration)


@pytest.fixture(scope="module")
def demo():
    return shown(MONDAY)


def service(demo, key):
    return next(one for one in demo.services if one.key == key)


def indicator(demo, service_key, definition_key):
    home = service(demo, service_key)
    return next(
        one for one in demo.indicators if one.service_id == home.service_id and one.definition_key == definition_key
    )


def newest(demo, service_key, definition_key, count=4):
    """The newest figures of an indicator, the last revision of each period."""
    wanted = indicator(demo, service_key, definition_key).indicator_id
    latest = {one.period_start: one for one in demo.observations if one.indicator_id == wanted}
    return list(latest.values())[-count:]


def records(demo, service_key, kind, week=None):
    home = service(demo, service_key)
    found = [one for one in demo.records if one.service_id == home.service_id and one.record_type == kind]
    if week is None:
        return found
    return [one for one in found if week <= to_london(one.happened_at).date() < week + timedelta(days=7)]


def test_three_groups_stand_side_by_side(demo):
    names = {provider.provider_id: provider.name for provider in demo.providers}
    sizes = Counter(names[one.provider_id] for one in demo.services)
    assert sizes == {"Alderway Care Group": 14, "Tamarside Homes": 42, "Brightwater Home Care": 7}


def test_nobody_could_take_an_identifier_for_a_real_one(demo):
    assert all(one.cqc_provider_id.startswith("1-800000000") for one in demo.providers)
    assert all(one.cqc_location_id.startswith("1-90000000") for one in demo.services)
    assert len({one.cqc_location_id for one in demo.services}) == len({one.code for one in demo.services}) == 63
    assert all(one.email.endswith(".example") for one in demo.people)


def test_the_same_day_gives_the_same_demonstration(demo):
    assert demonstration(MONDAY) == demo


def test_every_identifier_is_given_once(demo):
    kinds = {
        "services": "service_id", "people": "person_id", "memberships": "membership_id", "grants": "grant_id",
        "indicators": "indicator_id", "observations": "observation_id", "records": "record_id", "evidence": "evidence_id",
        "events": "event_id", "actions": "action_id", "risks": "risk_id", "reviews": "review_id",
        "escalations": "escalation_id", "inspections": "inspection_id", "requirements": "requirement_id",
    }  # fmt: skip
    for kind, name in kinds.items():
        ids = [getattr(one, name) for one in getattr(demo, kind)]
        assert len(ids) == len(set(ids)) > 0, kind


@pytest.mark.parametrize("today", DAYS)
def test_the_newest_week_is_the_last_one_that_is_over(today):
    moved = shown(today)
    weekly = {one.indicator_id for one in moved.indicators if one.cadence == "weekly"}
    newest_week = max(one.period_start for one in moved.observations if one.indicator_id in weekly)
    assert newest_week == moved.last_week == today - timedelta(days=today.weekday() + 7)
    months = [one.period_start for one in moved.observations if one.indicator_id not in weekly]
    assert max(months) == (today.replace(day=1) - timedelta(days=1)).replace(day=1)


@pytest.mark.parametrize("today", DAYS)
def test_nothing_that_has_happened_lies_in_the_future(today):
    moved = shown(today)
    end = datetime.combine(today + timedelta(days=1), time(), UTC)
    assert all(one.recorded_at < end for one in (*moved.observations, *moved.records))
    assert all(one.happened_at < end for one in moved.records)
    assert all(one.dated_on <= today for one in moved.evidence)
    assert all(one.happened_on <= today for one in moved.events)
    assert all(one.held_on <= today for one in moved.reviews)
    assert all(event.happened_on <= today for action in moved.actions for event in action.events)
    assert all(score.judged_on <= today for risk in moved.risks for score in risk.scores)


def test_figures_can_be_true(demo):
    kinds = {one.indicator_id: indicator_definition(one.definition_key) for one in demo.indicators}
    for one in demo.observations:
        definition = kinds[one.indicator_id]
        if one.state in {"missing", "not_applicable"}:
            assert (one.numerator, one.denominator, one.value) == (None, None, None)
            continue
        assert one.denominator > 0
        assert one.denominator == int(one.denominator)
        if one.numerator is not None:
            assert 0 <= one.numerator == int(one.numerator)
            assert definition.measure_type == "rate" or one.numerator <= one.denominator
        else:
            assert definition.measure_type in {"duration", "score"}
            assert one.value > 0


def test_weekly_figures_begin_on_mondays_and_monthly_ones_on_first_days(demo):
    cadence = {one.indicator_id: one.cadence for one in demo.indicators}
    for one in demo.observations:
        assert one.period_start.weekday() == 0 if cadence[one.indicator_id] == "weekly" else one.period_start.day == 1


def test_every_service_has_a_long_history_on_its_key_indicators(demo):
    counts = Counter(one.indicator_id for one in demo.observations)
    by_home = defaultdict(list)
    for one in demo.indicators:
        by_home[one.service_id].append(counts[one.indicator_id])
    for home in demo.services:
        long = [count for count in by_home[home.service_id] if count >= 24]
        assert len(long) >= (9 if home.kind != "home_care" else 7), home.name


def test_baselines_are_the_pooled_figures_of_their_periods(demo):
    one = indicator(demo, "rosewood-house", "mar_compliance_pct")
    latest = {seen.period_start: seen for seen in demo.observations if seen.indicator_id == one.indicator_id}
    inside = [seen for start, seen in latest.items() if one.baseline.first_period <= start <= one.baseline.last_period]
    assert len(inside) == one.baseline.periods == 12
    assert one.baseline.numerator == sum(seen.numerator for seen in inside)
    assert one.baseline.value == pytest.approx(100 * one.baseline.numerator / one.baseline.denominator)
    assert 90.5 < one.baseline.value < 92


def test_the_story_of_medicines_at_rosewood_house(demo):
    figures = [100 * one.numerator / one.denominator for one in newest(demo, "rosewood-house", "mar_compliance_pct", 7)]
    assert figures[0] < 93
    assert 97 < figures[-1] < 98
    wanted = indicator(demo, "rosewood-house", "mar_compliance_pct").indicator_id
    assert len([one for one in demo.events if one.indicator_id == wanted]) == 4
    assert [one.decision for one in demo.reviews if one.indicator_id == wanted] == [
        "further_action",
        "further_action",
        "assured",
    ]
    corrected = [one for one in demo.observations if one.indicator_id == wanted and one.revision == 2]
    assert [(one.state, bool(one.reason)) for one in corrected] == [("revised", True)]


def test_a_decline_that_nobody_has_answered(demo):
    for home in ("rosewood-house", "hawthorn-place"):
        one = indicator(demo, home, "call_bell_within_standard_pct")
        before, after = [100 * seen.numerator / seen.denominator for seen in newest(demo, home, one.definition_key, 6)][
            ::5
        ]
        assert before - after > 9
        reviews = [review for review in demo.reviews if review.indicator_id == one.indicator_id]
        assert reviews[-1].decision == "assured"
        assert reviews[-1].held_on < MONDAY - timedelta(days=20)
        assert all(escalation.indicator_id != one.indicator_id for escalation in demo.escalations)


def test_what_cannot_be_relied_on_is_there(demo):
    counts = Counter(one.indicator_id for one in demo.observations)
    assert counts[indicator(demo, "rosewood-house", "medicines_competency_current_pct").indicator_id] == 5
    stale = newest(demo, "rosewood-house", "staffing_hours_vs_dependency_pct", 1)[0]
    assert stale.period_start == MONDAY - timedelta(weeks=6)
    covert = newest(demo, "rosewood-house", "covert_medicines_review_current_pct", 12)
    assert {one.state for one in covert} == {"not_applicable"}
    weak = [one for one in demo.reviews if one.decision == "assured_with_exception"]
    assert len(weak) == 4
    assert all(one.exception_reason for one in weak)


def test_every_decision_says_what_why_and_what_follows(demo):
    for one in demo.reviews:
        assert one.what_changed, one
        assert one.why, one
        assert one.what_follows, one
        assert one.next_review_on > one.held_on


def newest_date(action):
    moved = [event.due_on for event in action.events if event.due_on is not None]
    return moved[-1] if moved else action.due_on


def test_some_actions_are_late_and_some_were_moved(demo):
    late = [one for one in demo.actions if one.is_open and newest_date(one) < MONDAY]
    assert len(late) >= 4
    assert any(len(one.events) > 1 for one in demo.actions)
    assert any(not one.is_open for one in demo.actions)


def test_references_that_decisions_rely_on_exist_at_the_service(demo):
    known = defaultdict(set)
    for one in (*demo.evidence, *demo.actions):
        known[one.service_id].add(one.reference)
    for review in demo.reviews:
        assert set(review.relied_on) <= known[review.service_id]
    for event in demo.events:
        assert event.reference is None or event.reference in known[event.service_id]


def test_a_fingerprint_is_that_of_the_content(demo):
    assert all(one.sha256 == sha256(one.content).hexdigest() for one in demo.evidence)
    assert {one.letter for one in demo.evidence} == set("RAFP")
    assert [one.reference for one in demo.evidence if one.check == "changed"] == ["E-030"]


def test_records_keep_to_their_declarations(demo):
    for one in demo.records:
        checked = validate(record_type(one.record_type), one.payload)
        assert isinstance(checked, ValidRecord), (one.record_type, checked)
        assert checked.happened_at == one.happened_at


def test_records_hold_codes_and_initials_and_never_names(demo):
    names = {word for person in demo.people for word in (person.name, person.name.split()[1])}
    for one in demo.records:
        text = " ".join(str(value) for value in one.payload.values())
        assert not any(name in text for name in names), one.payload
        assert one.recorded_initials.isupper()
        assert len(one.recorded_initials) == 2


@pytest.mark.parametrize("home", ["rosewood-house", "hawthorn-place"])
def test_calls_add_up_to_the_call_bell_figures(demo, home):
    for week in newest(demo, home, "call_bell_within_standard_pct"):
        calls = records(demo, home, "call_bell_event", week.period_start)
        assert len(calls) == week.denominator
        assert sum(one.payload["within_standard"] for one in calls) == week.numerator


def test_audits_add_up_to_the_medicines_figures(demo):
    for week in newest(demo, "rosewood-house", "mar_compliance_pct"):
        audits = records(demo, "rosewood-house", "medicines_audit", week.period_start)
        assert sum(one.payload["lines_audited"] for one in audits) == week.denominator
        assert sum(one.payload["lines_compliant"] for one in audits) == week.numerator


@pytest.mark.parametrize("home", ["rosewood-house", "fernleigh"])
def test_care_reviews_and_their_actions_add_up(demo, home):
    for week in newest(demo, home, "care_review_on_time_pct"):
        due = records(demo, home, "care_review", week.period_start)
        on_time = [one for one in due if one.payload.get("completed_on", "9") <= one.payload["due_on"]]
        assert (len(on_time), len(due)) == (week.numerator, week.denominator)
    for key, sources in (
        ("care_review_actions_closed_on_time_pct", {"care_review"}),
        ("actions_closed_on_time_pct", {"care_review", "audit"}),
    ):
        for week in newest(demo, home, key):
            last = week.period_start + timedelta(days=6)
            due = [
                one
                for one in records(demo, home, "action")
                if week.period_start.isoformat() <= one.payload["original_due_on"] <= last.isoformat()
                and one.payload["source"] in sources
            ]
            closed = [one for one in due if one.payload.get("closed_on", "9") <= one.payload["original_due_on"]]
            assert (len(closed), len(due)) == (week.numerator, week.denominator), key


def test_there_is_a_sign_in_for_every_role_and_no_role_that_does_not_exist(demo):
    held = {one.person_id: one.role for one in demo.memberships}
    listed = {held.get(one.person_id) for one in demo.people if one.is_listed}
    listed |= {"platform_operator" for one in demo.people if one.is_operator}
    listed |= {"commissioner_officer" for body in demo.bodies if body.officers}
    assert set(ROLES) - {"inspector"} <= listed
    for one in demo.memberships:
        level = ROLES[one.role].level
        assert (level == "service") == (one.service_id is not None)


def test_the_council_sees_six_services_of_two_groups_for_less_than_a_year(demo):
    council = next(body for body in demo.bodies if body.name == "Northmoor Council")
    granted = [one for one in demo.grants if one.body_id == council.body_id]
    assert len(granted) == 6
    assert len({one.provider_id for one in granted}) == 2
    assert all(MONDAY <= one.valid_until <= one.valid_from + timedelta(days=366) for one in granted)
    assert all("evidence_files" not in one.classes for one in granted)


def test_the_data_is_small_and_says_where_it_comes_from():
    folder = resources.files("mendline.catalogue") / "demo"
    assert len((folder / "series.csv.gz").read_bytes()) < 1_500_000
    assert " ".join((folder / "README.md").read_text(encoding="utf-8").replace(">", "").split()).count(ATTRIBUTION) == 1
