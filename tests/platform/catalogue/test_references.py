import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from mendline.catalogue.indicators import read_indicators
from mendline.catalogue.plans import plan_template
from mendline.catalogue.reading import DATA
from mendline.catalogue.references import Contents, catalogue_contents, dangling

# Bands of time are wide so that a busy machine does not fail the test; the catalogue loads in about 0.2 s alone.
SECONDS = 2.0


def with_indicators_changed(folder: Path, old: str, new: str) -> Contents:
    text = (DATA / "indicators-2026-11.yaml").read_text()
    assert old in text
    path = folder / "indicators-2027-01.yaml"
    path.write_text(text.replace(old, new, 1))
    return replace(catalogue_contents(), indicators=read_indicators(path).definitions)


def test_every_name_in_the_catalogue_leads_somewhere() -> None:
    assert dangling(catalogue_contents()) == []


def test_a_measure_over_an_unknown_record_type_is_found(tmp_path: Path) -> None:
    contents = with_indicators_changed(tmp_path, "records: safeguarding_concern", "records: worry")
    assert dangling(contents) == ["safeguarding_referral_within_24h_pct: there is no record type 'worry'"]


def test_a_measure_over_an_unknown_field_is_found(tmp_path: Path) -> None:
    contents = with_indicators_changed(tmp_path, "field: gaps_found", "field: holes_found")
    assert dangling(contents) == ["medicines_admin_gap_rate, end_of_shift_check: there is no field 'holes_found'"] * 2


def test_a_sum_over_words_is_found(tmp_path: Path) -> None:
    contents = with_indicators_changed(tmp_path, "field: gaps_found", "field: completed_by")
    assert dangling(contents) == ["medicines_admin_gap_rate, end_of_shift_check: 'completed_by' is not a number"]


def test_an_unknown_choice_is_found(tmp_path: Path) -> None:
    contents = with_indicators_changed(
        tmp_path, "value: [recorded, by_representative, unsafe]", "value: [recorded, guessed]"
    )
    assert dangling(contents) == [
        "safeguarding_desired_outcomes_recorded_pct, safeguarding_concern, wishes: there is no choice 'guessed'"
    ]


def test_a_yes_compared_with_a_word_is_found(tmp_path: Path) -> None:
    contents = with_indicators_changed(
        tmp_path, "{field: protective, test: is, value: true}", "{field: protective, test: is, value: x}"
    )
    assert dangling(contents) == [
        "safeguarding_protective_actions_on_time_pct, action: 'protective' is compared with a value of another kind"
    ]


def test_unknown_statements_regulations_records_and_plans_are_found(tmp_path: Path) -> None:
    for old, new, what in (
        ("[safe.safeguarding, well-led.governance-management]", "[safe.gardens]", "quality statement 'safe.gardens'"),
        ("regulations: [hsca-13, hsca-17]", "regulations: [hsca-99]", "regulation 'hsca-99'"),
        ("supporting_records: [external_report, incident]", "supporting_records: [gossip]", "record type 'gossip'"),
        ("used_in: [medicines_recovery]", "used_in: [gardening]", "plan 'gardening'"),
    ):
        (found,) = dangling(with_indicators_changed(tmp_path, old, new))
        assert found.endswith(f"there is no {what}")


def test_a_plan_with_an_unknown_indicator_or_role_is_found() -> None:
    plan = plan_template("medicines_recovery")
    step = replace(plan.steps[0], role="gardener", record_types=("gossip",))
    plan = replace(plan, steps=(step, *plan.steps[1:]), supporting_indicators=("roses_pct",), triggers=("rain",))
    contents = replace(catalogue_contents(), plans=MappingProxyType({plan.key: plan}), rules=MappingProxyType({}))
    assert [one for one in dangling(contents) if one.startswith("medicines_recovery")] == [
        "medicines_recovery: there is no trigger 'rain'",
        "medicines_recovery: there is no indicator 'roses_pct'",
        "medicines_recovery: there is no role 'gardener'",
        "medicines_recovery: there is no record type 'gossip'",
    ]


def test_everything_loads_fast_and_reaches_no_web_or_database_library() -> None:
    script = (
        "import sys, time; start = time.perf_counter();"
        "from mendline.catalogue import calendar, csv_template, references, schema, scoring, validation, wording;"
        "references.catalogue_contents(); calendar.bank_holidays();"
        "seconds = time.perf_counter() - start;"
        "heavy = sorted({'flask', 'sqlalchemy', 'dramatiq', 'redis', 'weasyprint', 'numpy'} & set(sys.modules));"
        "print([seconds, heavy])"
    )
    out = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    seconds, heavy = ast.literal_eval(out)
    assert heavy == []
    assert seconds < SECONDS
