"""A worked example for each indicator: records in, numerator and denominator out."""

import uuid
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from mendline.catalogue.calendar import period_start
from mendline.catalogue.indicators import indicator_definition, indicator_definitions
from mendline.catalogue.record_types import record_type
from mendline.evidence.measuring.answers import SourceRecord
from mendline.evidence.measuring.drawing import PeriodOf
from mendline.evidence.measuring.evaluate import Measured, evaluate

EXAMPLES: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[3] / "data" / "measures" / "examples.yaml").read_text(encoding="utf-8")
)
TODAY = date(2026, 3, 2)
NIGHT = {"type": "occupancy_day", "unit": "All"}


def a_record(number: int, told: dict[str, Any]) -> SourceRecord:
    kind = record_type(told["type"])
    on: Any = told["at"]
    if isinstance(on, str):
        on = datetime.fromisoformat(on).replace(tzinfo=UTC)
    happened = on if isinstance(on, datetime) else datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    answers = {name: value for name, value in told.items() if name not in {"type", "at"}}
    for name, value in answers.items():
        declared = kind.field(name)  # a KeyError names an answer that the type does not have
        assert not declared.choices or value in declared.choices, f"{kind.key}, {name}: there is no choice {value}"
    payload = {name: value.isoformat() if isinstance(value, date) else value for name, value in answers.items()}
    when = happened if kind.field(kind.happened_field).kind == "datetime" else happened.date()
    payload.setdefault(kind.happened_field, when.isoformat())
    at = happened.replace(tzinfo=UTC)
    return SourceRecord(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}"), 1, kind, at, payload, at)


def records_of(example: dict[str, Any]) -> list[dict[str, Any]]:
    told = list(example["records"])
    nights = example.get("nights")
    if nights:
        days = (nights["to"] - nights["from"]).days + 1
        told += [
            {**NIGHT, "at": nights["from"] + timedelta(days=ahead), "people_in_residence": nights["people"]}
            for ahead in range(days)
        ]
    return told


def measured(key: str, told: list[dict[str, Any]], **life: Any) -> Measured:
    definition = indicator_definition(key)
    pool: defaultdict[str, list[SourceRecord]] = defaultdict(list)
    for number, one in enumerate(told):
        pool[one["type"]].append(a_record(number, one))
    start = period_start(definition.cadence, date(2026, 1, 7))
    return evaluate(definition, pool, PeriodOf(definition.cadence, start, **life), TODAY)


@pytest.mark.parametrize("key", sorted(EXAMPLES))
def test_the_worked_example_comes_out(key: str) -> None:
    found = measured(key, records_of(EXAMPLES[key]))
    numerator, denominator, *value = EXAMPLES[key]["makes"]
    assert (found.figure.numerator, found.figure.denominator) == (numerator, denominator), found.lines
    assert found.figure.state == "final"
    if value:
        assert found.figure.value == pytest.approx(value[0])


def test_every_indicator_of_the_catalogue_has_a_measure_and_a_worked_example_but_what_others_publish() -> None:
    measures = {key: definition.measure for key, definition in indicator_definitions().items()}
    unmeasured = {indicator_definition(key).source_record_type for key, measure in measures.items() if measure is None}
    assert unmeasured == {"published_figure"}
    assert {key for key, measure in measures.items() if measure and measure.form != "computed"} == set(EXAMPLES)


def test_more_leavers_than_a_team_has_posts_make_a_figure_above_a_hundred() -> None:
    left = {"type": "staff_member", "at": date(2026, 1, 5), "care_post": True, "staff_type": "employed"}
    left |= {"left_on": date(2026, 1, 20), "left_to": "left_provider"}
    told = [left | {"staff": code} for code in ("AO", "GA", "KB")]
    figure = measured("turnover_12m_pct", told, opened_on=date(2026, 1, 1)).figure
    assert (figure.numerator, figure.state) == (3, "final")
    assert figure.denominator == pytest.approx(3 * 16 / 31)


@pytest.mark.parametrize("key", sorted(EXAMPLES))
def test_the_account_adds_up_to_the_figure(key: str) -> None:
    definition = indicator_definition(key)
    found = measured(key, records_of(EXAMPLES[key]))
    if definition.measure_type in {"proportion", "rate"}:
        tops = sum(line.numerator or 0 for line in found.lines)
        assert tops == pytest.approx(found.figure.numerator)
        if key != "registered_manager_cover_pct":
            assert sum(line.denominator or 0 for line in found.lines) == pytest.approx(found.figure.denominator)
    assert all(line.why for line in found.lines if not line.is_counted)


def test_nothing_recorded_is_missing_and_never_zero() -> None:
    assert measured("mar_compliance_pct", []).figure.state == "missing"
    assert measured("overdue_regulatory_actions_count", []).figure.state == "missing"


def test_a_zero_denominator_is_not_applicable_with_no_percentage() -> None:
    below = {"type": "safeguarding_concern", "at": date(2026, 1, 6), "meets_threshold": False}
    figure = measured("safeguarding_referral_within_24h_pct", [below]).figure
    assert (figure.state, figure.value) == ("not_applicable", None)


def test_a_sample_that_nobody_took_is_missing_not_inapplicable() -> None:
    other = {"type": "feedback", "at": date(2026, 1, 6), "question": "overall", "respondent_code": "A"}
    assert measured("timely_support_feedback_positive_pct", [other]).figure.state == "missing"


def test_a_missing_night_of_exposure_makes_no_rate() -> None:
    example = EXAMPLES["falls_rate"] | {"nights": {"from": date(2026, 1, 1), "to": date(2026, 1, 30), "people": 40}}
    assert measured("falls_rate", records_of(example)).figure.state == "missing"


def test_records_before_the_service_opened_and_after_somebody_left_are_left_out_with_the_reason() -> None:
    example = records_of(EXAMPLES["falls_rate"])
    opened = measured("falls_rate", example, opened_on=date(2026, 1, 7))
    assert any(line.why == "It happened before the service opened" for line in opened.lines)
    left = measured("falls_rate", example, left={"P-001": date(2026, 1, 5)})
    assert left.figure.numerator == 0
    assert any(line.why == "It happened after the person had left the service" for line in left.lines)


def test_the_same_event_entered_twice_counts_once() -> None:
    bell = {"type": "call_bell_event", "at": datetime(2026, 1, 5, 10, tzinfo=UTC), "test": False}
    bell |= {"within_standard": True, "answered_in_person": True, "wait_minutes": 2.5}
    found = measured("call_bell_within_standard_pct", [bell, bell])
    assert found.figure.denominator == 1
    assert [line.why for line in found.lines if not line.is_counted] == [
        "It says the same, to the minute, as a record that was made first"
    ]


def test_case_9_an_incident_that_turns_out_to_be_a_fracture_counts_as_harm_once_it_is_known() -> None:
    told = records_of(EXAMPLES["falls_with_harm_rate"])
    found = [one if one["type"] != "incident" else {**one, "harm_level": "severe"} for one in told]
    assert (
        measured("falls_with_harm_rate", told).figure.numerator,
        measured("falls_with_harm_rate", found).figure.numerator,
    ) == (1, 2)
    assert measured("falls_rate", told).figure == measured("falls_rate", found).figure, "the fall was counted all along"


def test_case_11_exposure_is_the_nights_that_a_person_slept_here_and_the_event_stays_where_it_happened() -> None:
    told = records_of(EXAMPLES["falls_rate"])
    moved_on = date(2026, 1, 16)
    after = [
        {**one, "people_in_residence": one["people_in_residence"] - 1}
        if one["type"] == "occupancy_day" and one["at"] >= moved_on
        else one
        for one in told
    ]
    here, split = measured("falls_rate", told).figure, measured("falls_rate", after).figure
    assert split.numerator == here.numerator
    assert (here.denominator or 0) - (split.denominator or 0) == 16, "16 to 31 January are nights of the other home"


def test_case_12_what_is_closed_because_somebody_died_or_moved_is_out_of_both_parts_and_listed() -> None:
    found = measured("actions_closed_on_time_pct", EXAMPLES["actions_closed_on_time_pct"]["records"])
    assert (found.figure.numerator, found.figure.denominator) == (1, 2)
    assert len([line for line in found.lines if not line.is_counted]) == 1


def test_case_13_respite_is_no_review_but_its_nights_count() -> None:
    reviews = [one for one in EXAMPLES["care_review_on_time_pct"]["records"] if one["respite"]]
    assert reviews
    assert measured("care_review_on_time_pct", reviews).figure.denominator in (0, None)
    whole = measured("care_review_on_time_pct", EXAMPLES["care_review_on_time_pct"]["records"]).figure
    assert whole.denominator == 3
    nights = records_of(EXAMPLES["falls_rate"])
    respite = [{**one, "respite": 2} if one["type"] == "occupancy_day" else one for one in nights]
    assert measured("falls_rate", respite).figure == measured("falls_rate", nights).figure


def test_case_26_what_was_observed_and_what_a_carer_wrote_down_count_with_how_it_was_asked_and_who_helped() -> None:
    asked = {"type": "feedback", "at": date(2026, 1, 25), "question": "overall", "answer": "always", "positive": True}
    told = [
        asked | {"respondent": "person", "respondent_code": "A", "mode": "talk", "helped_by": "own_carer"},
        asked | {"respondent": "observed", "respondent_code": "B", "mode": "observed", "helped_by": "nobody"},
        asked | {"respondent": "staff", "respondent_code": "C", "mode": "talk", "helped_by": "nobody"},
    ]
    figure = measured("people_feedback_positive_pct", told).figure
    assert (figure.numerator, figure.denominator) == (2, 2), "an answer of staff is no voice of people"
    kind = record_type("feedback")
    assert kind.field("mode").required
    assert kind.field("helped_by").required
    assert kind.field("respondent").choices["observed"] == "Observed mood and engagement"
