import io
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.import_files import TODAY, indicator, known, opened, real, service

from mendline.catalogue.indicators import indicator_definition
from mendline.evidence.imports.areas import NO_SERVICE, NOT_KEPT, NOT_OPEN
from mendline.evidence.imports.checking import check_observations
from mendline.evidence.imports.decoding import UnreadableFileError
from mendline.evidence.imports.findings import KEPT
from mendline.evidence.imports.known import known_indicator
from mendline.evidence.imports.mapping import find_mapping
from mendline.evidence.imports.own import Chosen, chosen_of, declared, read_own
from mendline.evidence.imports.reading import open_table
from mendline.evidence.imports.writing import write_csv

AREAS = find_mapping("local-authority-monthly")
HEADER = "service,indicator,period,numerator,denominator,value,state\n"


def check(*lines, today=TODAY, **more):
    text = HEADER + "".join(f"{line}\n" for line in lines)
    return check_observations(opened(text), find_mapping("observations"), known(**more), today)


def only(plan):
    assert plan.problem_count == 0, [problem.sentence() for problem in plan.problems]
    assert len(plan.rows) == 1
    return plan.rows[0]


def test_a_row_becomes_a_figure_of_its_week():
    row = only(check('Rosewood House,mar_compliance_pct,11/11/2026,"1,204",1240,97.1%,'))
    assert (row.period_start, row.numerator, row.denominator, row.value, row.state) == (
        date(2026, 11, 9),
        1204,
        1240,
        None,
        "final",
    )


def test_a_month_begins_on_its_first_day():
    assert only(check("rosewood  house,falls_rate,Oct 2026,3,1302,,")).period_start == date(2026, 10, 1)


def test_a_period_that_is_not_over_is_provisional():
    assert only(check("Rosewood House,mar_compliance_pct,2026-11-23,1,2,,")).state == "provisional"
    assert only(check("Rosewood House,mar_compliance_pct,2026-11-22,1,2,,")).state == "final"


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("Rosewod,mar_compliance_pct,2026-11-09,1,2,,", "service", "not a service"),
        (",mar_compliance_pct,2026-11-09,1,2,,", "service", "names no service"),
        ("Rosewood House,mars,2026-11-09,1,2,,", "indicator", "not an indicator"),
        ("Rosewood House,mar_compliance_pct,2026-11-24,1,2,,", "period", "in the future"),
        ("Rosewood House,mar_compliance_pct,1026-11-09,1,2,,", "period", "before 1990"),
        ("Rosewood House,mar_compliance_pct,,1,2,,", "period", "no date"),
        ("Rosewood House,mar_compliance_pct,11/13/2026,1,2,,", "period", "not a date"),
        ("Rosewood House,mar_compliance_pct,2026-11-09,-1,2,,", "numerator", "below zero"),
        ("Rosewood House,mar_compliance_pct,2026-11-09,1,-2,,", "denominator", "below zero"),
        ("Rosewood House,mar_compliance_pct,2026-11-09,3,2,,", "numerator", "more than its denominator of 2"),
        ("Rosewood House,mar_compliance_pct,2026-11-09,3,0,,", "numerator", "denominator of zero"),
        ("Rosewood House,mar_compliance_pct,2026-11-09,3,,,", "numerator", "no denominator"),
        ("Rosewood House,mar_compliance_pct,2026-11-09,,3,,", "denominator", "no numerator"),
        ("Rosewood House,mar_compliance_pct,2026-11-09,1e300,2,,", "numerator", "out of range"),
        ("Rosewood House,mar_compliance_pct,2026-11-09,,,120,", "value", "out of range"),
        ("Rosewood House,mar_compliance_pct,2026-11-09,x,2,,", "numerator", "not a number"),
        ("Rosewood House,mar_compliance_pct,2026-11-09,1,2,,maybe", "state", "not a state"),
        ("Rosewood House,mar_compliance_pct,2026-11-09,1", "", "has 4 cells where the header has 7"),
        (
            "Rosewood House,mar_compliance_pct,2026-11-09,1,204,1240,,,",
            "numerator",
            "does not agree with a value of 1240",
        ),
    ],
)
def test_what_cannot_be_true_is_told_with_line_column_and_reason(line, column, reason):
    plan = check("Rosewood House,mar_compliance_pct,2026-10-05,1,2,,", line)
    (problem,) = plan.problems
    assert (problem.line, problem.column) == (3, column)
    assert reason in problem.reason
    assert problem.advice.endswith(".")
    assert not plan.can_be_saved


def test_a_denominator_of_zero_is_not_applicable():
    row = only(check("Rosewood House,mar_compliance_pct,2026-11-09,0,0,,"))
    assert (row.state, row.numerator, row.denominator) == ("not_applicable", None, None)


def test_a_row_without_figures_is_missing_and_never_zero():
    row = only(check("Rosewood House,mar_compliance_pct,2026-11-09,NA,,,"))
    assert (row.state, row.numerator, row.value) == ("missing", None, None)


def test_a_state_without_figures_drops_them():
    assert only(check("Rosewood House,mar_compliance_pct,2026-11-09,1,2,,Suspended")).numerator is None


def test_a_shift_may_be_staffed_above_its_plan():
    assert only(check("Rosewood House,staffing_fill_rate_pct,2026-11-09,110,100,,")).numerator == 110


def test_a_value_alone_is_enough():
    assert only(check("Rosewood House,mar_compliance_pct,2026-11-09,,,97.1%,")).value == 97.1


def test_the_same_row_twice_is_counted_once_and_told():
    line = "Rosewood House,mar_compliance_pct,2026-11-09,1,2,,"
    plan = check(line, line)
    assert only(plan)
    assert (plan.repeated, plan.lines_read) == (1, 2)
    assert "counted once" in plan.warnings[0]


def test_two_figures_for_one_week_are_a_problem_that_names_both_lines():
    plan = check(
        "Rosewood House,mar_compliance_pct,2026-11-09,1,2,,", "Rosewood House,mar_compliance_pct,15/11/2026,2,2,,"
    )
    assert (plan.problems[0].line, "line 2" in plan.problems[0].reason) == (3, True)


def test_figures_from_before_a_service_opened_are_refused():
    plan = check(
        "New Home,mar_compliance_pct,2026-10-05,1,2,,", services=[service("New Home", opened_on=date(2026, 11, 1))]
    )
    assert "opened on 2026-11-01" in plan.problems[0].reason


def test_two_services_of_one_name_are_told_apart_by_their_location():
    twins = [service("Oak Lodge", location_id="1-9000000001"), service("Oak Lodge", location_id="1-9000000002")]
    plan = check("Oak Lodge,mar_compliance_pct,2026-10-05,1,2,,", services=twins)
    assert "two or more services" in plan.problems[0].reason
    assert (
        only(check("1-9000000002,mar_compliance_pct,2026-10-05,1,2,,", services=twins)).service_id
        == twins[1].service_id
    )


def test_an_indicator_that_is_not_set_up_is_told():
    home = service()
    plan = check(
        "Rosewood House,falls_rate,2026-10-05,1,2,,", running={(home.service_id, "mar_compliance_pct"): "weekly"}
    )
    assert "not set up at Rosewood House" in plan.problems[0].reason


def test_a_service_may_keep_an_indicator_more_often_than_its_definition():
    running = {(service().service_id, "falls_rate"): "weekly"}
    row = only(check("Rosewood House,falls_rate,2026-10-08,1,2,,", running=running))
    assert row.period_start == date(2026, 10, 5)


def test_problems_are_all_counted_and_the_first_ones_shown():
    plan = check(*["Nowhere,mar_compliance_pct,2026-11-09,1,2,,"] * (KEPT + 50))
    assert (plan.problem_count, len(plan.problems)) == (KEPT + 50, KEPT)


def test_a_message_never_repeats_a_long_cell():
    note = "Mrs Example was given paracetamol at 10pm and then again at 11pm"
    plan = check(f"{note},mar_compliance_pct,2026-11-09,1,2,,")
    assert len(plan.problems[0].value) == 40
    assert note not in plan.problems[0].sentence()


def test_a_file_with_a_header_only_is_a_problem():
    assert "no rows" in check().problems[0].reason


def test_a_file_without_the_mapping_s_columns_names_them():
    with pytest.raises(UnreadableFileError, match=r"no column “indicator or indicator_key”.*“home”"):
        check_observations(
            opened("home,week\nservice,1\n".replace("home", "home,service,period")),
            find_mapping("observations"),
            known(),
            TODAY,
        )


def homes_of(stream, number, name):
    table = open_table(stream, [name])
    places = table.header.index(number), table.header.index(name)
    pairs = {(cells[places[0]], cells[places[1]]) for _, cells in table.rows()}
    return [service(f"{name}|{number}", own_reference=number or None) for number, name in sorted(pairs)]


def test_the_real_weekly_infections_of_277_homes_are_read():
    stream = real("weekly_covid_by_home_LA.csv.gz")
    homes = homes_of(stream, "facility_cms_id", "facility_name")
    homes = [service(home.name.split("|")[0], own_reference=home.own_reference) for home in homes]
    infections = indicator("infection_rate", "rate", "weekly", "episodes per 1,000 OBD")
    plan = check_observations(stream, find_mapping("weekly-infections"), known(homes, [infections]), TODAY)
    assert plan.problem_count == 0, plan.problems[0].sentence()
    assert plan.lines_read == 10_657
    assert len(plan.rows) == 10_657 - 289 - plan.repeated
    states = [row.state for row in plan.rows]
    assert (states.count("final") > 9_900, states.count("not_applicable") > 0, states.count("missing") > 90) == (
        True,
    ) * 3
    assert any("fell" in warning for warning in plan.warnings)
    assert all(row.numerator >= 0 and row.denominator > 0 for row in plan.rows if row.state == "final")


def test_a_weekly_file_is_not_read_into_a_monthly_series():
    stream = opened("date,facility_name,resident_positives,resident_census\n20201126,Rosewood House,1,42\n")
    infections = indicator("infection_rate", "rate", "monthly", "episodes per 1,000 OBD")
    plan = check_observations(stream, find_mapping("weekly-infections"), known(indicators=[infections]), TODAY)
    assert "is kept monthly at Rosewood House" in plan.problems[0].reason


def test_running_totals_become_weekly_counts():
    weeks = [
        "20201105,A,5,40",
        "20201112,A,7,40",
        "20201119,A,6,40",
        "20201126,A,9,40",
        "20201210,A,9,40",
        "20201217,A,9,Closed",
    ]
    stream = opened("date,facility_name,resident_positives,resident_census\n" + "\n".join(weeks))
    infections = indicator("infection_rate", "rate", "weekly", "episodes per 1,000 OBD")
    plan = check_observations(stream, find_mapping("weekly-infections"), known([service("A")], [infections]), TODAY)
    assert [(row.numerator, row.denominator, row.state) for row in plan.rows] == [
        (2, 280, "final"),
        (None, None, "missing"),  # the total fell: which week was wrong is not known
        (3, 280, "final"),
        (None, None, "missing"),  # a week is left out before it
        (None, None, "missing"),  # nobody was counted
    ]


@pytest.mark.parametrize("issue", ["first", "second"])
def test_a_quarter_s_staffing_is_read_from_either_issue_of_the_file(issue):
    stream = real(f"staffing_by_home_2025Q4_{issue}.csv.gz")
    table = open_table(stream)
    homes = [service(number, own_reference=number) for number in sorted({cells[0] for _, cells in table.rows()})]
    agency = indicator("agency_hours_pct", cadence="monthly")
    plan = check_observations(stream, find_mapping("staffing-quarterly"), known(homes, [agency]), TODAY)
    assert plan.problem_count == 0
    assert len(plan.rows) == plan.lines_read > 580
    assert {row.period_start for row in plan.rows} == {date(2025, 10, 1)}


def test_the_monthly_figures_of_local_authorities_are_read():
    stream = real("la_care_homes_good_or_outstanding_monthly.csv")
    table = open_table(stream)
    homes = [service(f"{name} Lodge", area_code=code) for code, name in sorted({(*c[:2],) for _, c in table.rows()})]
    good = known_indicator(indicator_definition("care_homes_good_or_outstanding_pct"))
    plan = check_observations(stream, AREAS, known(homes, [good]), TODAY)
    assert (plan.problem_count, len(plan.rows), plan.warnings) == (0, 510, ())
    assert plan.rows[0].period_start == date(2023, 11, 1)


def test_a_figure_of_an_area_comes_to_each_service_in_it_that_keeps_it_and_what_is_left_out_is_told():
    stream = real("la_broad_spectrum_antibiotics_monthly.csv")
    antibiotics = known_indicator(indicator_definition("broad_spectrum_antibiotics_pct"))
    homes = [
        service("Old Hall", area_code="E08000009"),
        service("New Hall", area_code="E08000009", opened_on=date(2025, 2, 1)),
        service("Far Hall", area_code="E08000009"),
        service("Nowhere"),
    ]
    keeping = {(home.service_id, antibiotics.key): "monthly" for home in homes[:2]}
    plan = check_observations(stream, AREAS, known(homes, [antibiotics], keeping), TODAY)
    assert plan.problem_count == 0
    assert Counter(row.service_id for row in plan.rows) == {homes[0].service_id: 61, homes[1].service_id: 13}
    assert len({row.place for row in plan.rows}) == 74
    assert {(row.value, row.numerator, row.state) for row in plan.rows if row.line == 2} == {(13.8, None, "final")}
    assert plan.warnings == (f"{NOT_OPEN} (48 times)", f"{NOT_KEPT} (61 times)", f"{NO_SERVICE} (61 times)")


def test_a_file_of_areas_that_brings_nothing_says_what_to_do_first():
    stream = real("la_broad_spectrum_antibiotics_monthly.csv")
    antibiotics = known_indicator(indicator_definition("broad_spectrum_antibiotics_pct"))
    plan = check_observations(stream, AREAS, known([service()], [antibiotics]), TODAY)
    assert [problem.line for problem in plan.problems] == [0]
    assert plan.problems[0].advice.startswith("Say in the service register which area each service lies in")


def test_what_is_wrong_with_a_row_of_an_area_is_told_once():
    homes = [service(name, area_code="E08000009") for name in ("One", "Two")]
    antibiotics = known_indicator(indicator_definition("broad_spectrum_antibiotics_pct"))
    text = (
        "area_code,area_name,period,indicator,measure,unit,value\n"
        "E08000009,Trafford,2025-01-01,broad_spectrum_antibiotics_pct,,,many\n"
        "E08000009,Trafford,soon,broad_spectrum_antibiotics_pct,,,9\n"
    )
    plan = check_observations(opened(text), AREAS, known(homes, [antibiotics]), TODAY)
    assert [(problem.line, problem.column) for problem in plan.problems] == [(2, "value"), (3, "period")]


@given(
    st.dictionaries(
        st.integers(0, 400), st.tuples(st.integers(0, 500), st.integers(1, 500)).map(sorted), min_size=1, max_size=40
    )
)
def test_figures_that_are_exported_come_back_the_same(figures):
    base = date(2019, 1, 7).toordinal()
    stream = io.StringIO(newline="")
    rows = [
        ("Rosewood House", "mar_compliance_pct", date.fromordinal(base + 7 * week), *parts)
        for week, parts in figures.items()
    ]
    write_csv(stream, ("service", "indicator", "period", "numerator", "denominator"), rows)
    plan = check_observations(opened(stream.getvalue()), find_mapping("observations"), known(), TODAY)
    assert plan.problem_count == 0
    assert [(row.period_start, row.numerator, row.denominator) for row in plan.rows] == [row[2:] for row in rows]


@pytest.mark.parametrize("named", ["mar_compliance_pct", "MAR compliance in audit", "mar COMPLIANCE  in audit"])
def test_an_indicator_is_known_by_its_key_and_by_its_name_in_any_case(named):
    mar = known_indicator(indicator_definition("mar_compliance_pct"))
    stream = opened(f"service,indicator,period,numerator,denominator\nRosewood House,{named},09/11/2026,96,100\n")
    plan = check_observations(stream, find_mapping("observations"), known(indicators=[mar]), TODAY)
    assert (plan.problem_count, [row.indicator for row in plan.rows]) == (0, ["mar_compliance_pct"])


def test_a_provider_says_what_its_files_call_an_indicator():
    header = ["Home", "Week", "KPI", "Done", "Of"]
    chosen = Chosen(
        "observations", "Weekly KPIs", "",
        {"at_service": "Home", "period": "Week", "indicator": "KPI", "numerator": "Done", "denominator": "Of"},
        words={"indicator": "mar audit = MAR compliance in audit"},
    )  # fmt: skip
    mapping = read_own(declared(chosen, header))
    assert chosen_of(mapping).words == chosen.words
    stream = opened(f"{','.join(header)}\nRosewood House,09/11/2026,MAR Audit,96,100\n")
    mar = known_indicator(indicator_definition("mar_compliance_pct"))
    plan = check_observations(stream, mapping, known(indicators=[mar]), TODAY)
    assert (plan.problem_count, [row.indicator for row in plan.rows]) == (0, ["mar_compliance_pct"])


@pytest.mark.parametrize("text", ['{"a": 1}', '[{"a": 1}]', "[]", '\n [\n {"a": 1}]', "\ufeff{}"])
def test_json_is_told_as_what_it_is(text):
    with pytest.raises(UnreadableFileError, match="This is JSON, not CSV"):
        open_table(opened(text))


def test_people_in_residence_that_were_not_reported_are_no_number():
    stream = opened(
        "date,facility_name,facility_cms_id,ctp_id,resident_positives,resident_census\n"
        "20201126,Rosewood House,,x,1,40\n20201203,Rosewood House,,x,2,-\n"
    )
    found = known(indicators=[indicator("infection_rate", "rate", "weekly", "episodes per 1,000 OBD")])
    plan = check_observations(stream, find_mapping("weekly-infections"), found, TODAY)
    assert (plan.problem_count, [row.state for row in plan.rows]) == (0, ["missing"])


CONTRADICTING = (
    "Rosewood House,mar_compliance_pct,09/11/2026,96,100,,",
    "Rosewood House,mar_compliance_pct,10/11/2026,90,100,,",
    "Rosewood House,mar_compliance_pct,02/11/2026,97,100,,",
)


def test_rows_that_contradict_each_other_stop_the_file_unless_a_person_has_both_left_out():
    stream = opened(HEADER + "".join(f"{line}\n" for line in CONTRADICTING))
    stopped = check_observations(stream, find_mapping("observations"), known(), TODAY)
    assert (stopped.can_be_saved, stopped.problem_count, stopped.contradictions) == (False, 1, 1)
    chosen = check_observations(stream, find_mapping("observations"), known(), TODAY, leaves_out=True)
    assert (chosen.can_be_saved, chosen.problem_count, chosen.left_out_count) == (True, 0, 1)
    assert [row.line for row in chosen.rows] == [4]
    assert chosen.left_out[0].sentence() == (
        "Line 3, column “period”: “2026-11-10” says something else than line 2 about mar_compliance_pct in the same"
        " period. Both rows were left out."
    )


def test_what_is_wrong_otherwise_stops_a_file_whose_contradictions_are_left_out():
    stream = opened(
        HEADER + "".join(f"{line}\n" for line in (*CONTRADICTING, "Nowhere,mar_compliance_pct,02/11/2026,1,2,,"))
    )
    plan = check_observations(stream, find_mapping("observations"), known(), TODAY, leaves_out=True)
    assert (plan.can_be_saved, [problem.line for problem in plan.problems]) == (False, [5])


def test_a_week_whose_running_totals_contradict_each_other_and_the_week_after_it_are_not_known():
    header = "date,facility_name,facility_cms_id,ctp_id,resident_positives,resident_census\n"
    readings = ((5, 10), (12, 12), (12, 40), (19, 13))
    stream = opened(header + "".join(f"202611{day:02},A,,,{total},40\n" for day, total in readings))
    infections = indicator("infection_rate", "rate", "weekly", "episodes per 1,000 OBD")
    given = (find_mapping("weekly-infections"), known([service("A")], [infections]), TODAY)
    assert check_observations(stream, *given).contradictions == 1
    plan = check_observations(stream, *given, leaves_out=True)
    assert (plan.problem_count, plan.left_out[0].line) == (0, 4)
    assert [(row.period_start, row.state) for row in plan.rows] == [(date(2026, 11, 16), "missing")]


def test_an_empty_cell_of_the_indicator_is_told_as_empty():
    plan = check("Rosewood House,,09/11/2026,96,100,,")
    (problem,) = plan.problems
    assert problem.sentence() == (
        "Line 2, column “indicator”: is empty, so it is not known what the figure is of."
        " Write the name or the key of an indicator."
    )
