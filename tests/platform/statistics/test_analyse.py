"""The analyst's door takes anything and answers each case by itself."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from mendline.statistics.analyse import run_cases

DATES = [f"2026-{month:02}-01" for month in range(1, 13)]
VALUES = [3.0, 4.0, 2.0, 5.0, 3.0, 4.0, 2.0, 4.0, 3.0, 5.0, 4.0, 3.0]


def answer(kind: str, given: Any, options: Any = None) -> dict[str, Any]:
    (found,) = run_cases([{"name": "case", "kind": kind, "input": given, "options": options or {}}])
    json.dumps(found, allow_nan=False)
    return found


def test_rows_in_any_order_give_one_chart() -> None:
    backwards = {"dates": DATES[::-1], "values": VALUES[::-1]}
    assert answer("spc", backwards) == answer("spc", {"dates": DATES, "values": VALUES})


def test_a_missing_row_is_drawn_and_marks_nothing() -> None:
    result = answer("spc", {"dates": DATES, "values": [*VALUES[:-1], None]})["result"]
    assert result["outside_limits"][-1] is None
    assert result["special_cause_type"][-1] == "Common Cause"
    assert result["last_usable_date"] == DATES[-2]
    assert result["groups"][0]["n"] == 12


def test_a_rebase_on_the_first_row_counts_as_the_first_phase() -> None:
    result = answer("spc", {"dates": DATES, "values": VALUES}, {"rebase": [DATES[0], DATES[6]]})["result"]
    assert [group["rebase_group"] for group in result["groups"]] == [1, 2]


def test_one_point_is_no_chart_with_an_icon() -> None:
    result = answer("spc", {"dates": DATES[:1], "values": [3.0]}, {"target": 2})["result"]
    assert (result["variation_icon"], result["assurance_icon"], result["reason"]) == ("insufficient", None, "one_point")


@pytest.mark.parametrize(
    ("kind", "given", "options"),
    [
        ("spc", {"dates": [DATES[0], DATES[0]], "values": [1, 2]}, {}),
        ("spc", {"dates": DATES, "values": VALUES}, {"rebase": ["2026-01-15"]}),
        ("spc", {"dates": DATES, "values": VALUES}, {"fix_after_n_points": 11}),
        ("spc", {"dates": DATES, "values": VALUES}, {"improvement_direction": "sideways"}),
        ("spc", {"dates": DATES, "values": VALUES[1:]}, {}),
        ("spc", {"dates": ["soon"], "values": [1]}, {}),
        ("spc", {"dates": [None], "values": [1]}, {}),
        ("spc", {"dates": DATES, "values": [math.inf] * 12}, {}),
        ("spc", {"dates": DATES, "values": ["a"] * 12}, {}),
        ("spc", {"dates": [], "values": []}, {}),
        ("spc", {"values": VALUES}, {}),
        ("spc", None, {}),
        ("qi", {"y": [1, 2]}, {}),
        ("qi", {"y": [1, 2]}, {"chart": "p"}),
        ("qi", {"y": [1, 0]}, {"chart": "t"}),
        ("qi", {"y": 5}, {"chart": "i"}),
        ("funnel", {"group": ["a"], "numerator": [1], "denominator": [2]}, {"data_type": "RC"}),
        ("funnel", {"group": ["a"], "numerator": [1], "denominator": [2]}, {"data_type": "SR", "sr_method": "CQC"}),
        ("phe_significance", {"numerator": [1], "denominator": [0]}, {"statistic": "rate"}),
        ("ci", {"x": 3, "n": 2}, {"method": "wilson"}),
        ("ci", {"x": 3, "n": 2}, {"method": "wald"}),
        ("ci", {"x": 10**400, "n": 2}, {"method": "wilson"}),
        ("benjamini_hochberg", {"p": [2]}, {}),
        ("anhoej_thresholds", {"n_useful": [1.5]}, {}),
        ("magic", {}, {}),
    ],
)
def test_an_invalid_case_is_an_error_with_words(kind: str, given: Any, options: Any) -> None:
    found = answer(kind, given, options)
    assert set(found) == {"name", "error"}
    assert found["error"]


def test_one_bad_case_does_not_spoil_the_others() -> None:
    good = {"name": "good", "kind": "ci", "input": {"x": 1, "n": 2}, "options": {"method": "wilson"}}
    found = run_cases([good, {"name": "bad"}, good, "no case"])  # type: ignore[list-item]
    assert ["result" in one for one in found] == [True, False, True, False]


def test_services_given_in_parts_are_pooled_before_they_are_placed() -> None:
    parts = {"group": ["a", "b", "a"], "numerator": [1, 5, 2], "denominator": [10, 20, 10]}
    result = answer("phe_significance", parts, {"statistic": "proportion"})["result"]
    assert result["groups"] == ["a", "b"]
    assert result["average"] == pytest.approx(8 / 40)


def test_intervals_of_several_rows_come_row_by_row() -> None:
    result = answer("ci", {"x": [1, 2], "n": [4, 4]}, {"method": "wilson"})["result"]
    assert result["value"] == [0.25, 0.5]


def test_the_real_series_are_all_charted() -> None:
    file = Path(__file__).parents[2] / "data" / "statistics" / "real_series.json"
    cases = [
        {"name": series["id"], "kind": "spc", "input": {"dates": series["dates"], "values": series["values"]}}
        for series in json.loads(file.read_text(encoding="utf-8"))
    ]
    found = run_cases(cases)
    assert len(found) == 20
    assert all("result" in one for one in found), [one.get("error") for one in found]
