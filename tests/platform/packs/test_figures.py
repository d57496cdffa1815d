"""Each figure of a pack, one by one: of charts, of baselines and in the embedded table, with its way to its records."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from support.packs import a_medicines_part, a_pack, a_section
from support.standings import a_place, a_series, a_standing

from mendline.config import resources
from mendline.indicators.standing import Standing
from mendline.packs.attachments import facts_csv
from mendline.packs.composing_figures import baseline_points, chart_points, fact_rows
from mendline.packs.composing_parts import indicator_part
from mendline.packs.document_figures import PointRow
from mendline.packs.leading import Ways, ways
from mendline.packs.reading import FigureLine, PackFacts
from mendline.packs.render import pack_html

AT = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
TO = ways("https://pages.example.org", a_place().service_id, AT)


def facts(standing: Standing, **changes: Any) -> PackFacts:
    lines = tuple(
        FigureLine(standing.indicator_id, date.fromisoformat(day), top, bottom, value, "final", 1, "entered", AT)
        for day, top, bottom, value in zip(
            *(standing.series[name] for name in ("periods", "numerators", "denominators", "values")), strict=True
        )
    )
    fields: dict[str, Any] = {
        "place": a_place(), "standings": (standing,), "stories": {}, "evidence": (), "supports": {}, "actions": (),
        "risks": (), "decisions": (), "figures": lines,
    }  # fmt: skip
    return PackFacts(**{**fields, **changes})


def a_chart_of(weeks: int = 20) -> Standing:
    return a_standing(series=a_series(*[(190, 200)] * weeks))


def test_each_point_of_a_chart_leads_to_the_figure_of_its_period_as_at_the_moment_of_the_pack() -> None:
    standing = a_chart_of()
    part = indicator_part(standing, facts(standing), "i-1", TO)
    assert len(part.points) == 20
    here = f"https://pages.example.org/services/{a_place().service_id}/indicators/{standing.indicator_id}"
    assert part.points[-1].href == f"{here}/figures/2026-11-09?as_at=2026-11-17T09:30:00Z"
    assert part.points[-1].value == "95.0%"


def test_the_figures_of_a_baseline_stand_by_themselves_and_not_twice() -> None:
    standing = a_chart_of()
    days = [date.fromisoformat(day) for day in standing.series["periods"]]
    known = facts(standing, baselines={standing.indicator_id: (days[0], days[11])})
    part = indicator_part(standing, known, "i-1", TO)
    assert (len(part.baseline), len(part.points)) == (12, 8)
    assert all(row.href for row in (*part.baseline, *part.points))
    assert {fact.term: fact.href for fact in part.facts}["Baseline"] == "#i-1-figures"


def test_a_baseline_that_is_older_than_the_chart_still_lists_its_figures() -> None:
    standing = a_chart_of(40)
    days = [date.fromisoformat(day) for day in standing.series["periods"]]
    known = facts(standing, baselines={standing.indicator_id: (days[0], days[11])})
    part = indicator_part(standing, known, "i-1", TO)
    assert (len(part.baseline), len(part.points)) == (12, 26)


def test_a_period_without_a_figure_leads_nowhere_and_says_so() -> None:
    standing = a_chart_of()
    standing.series["values"][3] = standing.series["numerators"][3] = None
    known = facts(standing)
    known = replace(known, figures=tuple(line for line in known.figures if line.value is not None))
    row = chart_points(standing, indicator_part(standing, known, "i", TO).chart, known, TO)[3]
    assert (row.value, row.href) == ("not recorded", "")


def test_a_restated_figure_is_marked_in_the_list_of_a_chart_of_rare_events_too() -> None:
    standing = a_chart_of()
    day = standing.series["periods"][4]
    standing.series["gaps"] = {
        "points": [
            {"period": standing.series["periods"][row], "gap": 12.0, "events": 1, "mark": None} for row in (1, 4, 9)
        ],
        "open": None, "open_is_long": False, "phases": [], "median": 12.0, "counts_them": True,
    }  # fmt: skip
    standing.series.update({"restated": {day: "2026-10-12"}, "chart": "t", "chart_kind": "t"})
    known = facts(standing)
    lines = tuple(replace(each, revision=2) if each.period_start.isoformat() == day else each for each in known.figures)
    part = indicator_part(standing, replace(known, figures=lines), "i-1", TO)
    assert part.chart is not None
    assert part.chart.points[1].reading.endswith("restated 12 Oct")
    assert [row.restated for row in part.points] == [False, True, False]
    assert f"/figures/{day}?" in part.points[1].href


def test_where_there_are_too_few_events_for_a_chart_the_figures_themselves_lead() -> None:
    standing = a_chart_of(30)
    standing.series["gaps"] = {"points": []}
    known = facts(standing)
    part = indicator_part(standing, known, "i-1", TO)
    assert part.chart is None
    assert len(part.points) == 26
    assert part.points[-1].href.startswith("https://pages.example.org/services/")
    html = pack_html(a_pack(sections=(a_section(indicators=(part,)),)), resources().templates, manifest_sha256="f" * 64)
    assert "There are too few events for a chart yet" in html
    assert "No figure has been recorded yet" not in html


def test_an_embedded_figure_names_its_records_and_its_page() -> None:
    standing = a_chart_of()
    known = facts(standing)
    behind = replace(known.figures[-1], counted=9, left_out=2, kinds={"medicines_audit": 9}, agreement="written")
    rows = fact_rows(replace(known, figures=(*known.figures[:-1], behind)), TO)
    (*_, brought, last) = csv.DictReader(io.StringIO(facts_csv(a_pack(facts=rows)).content.decode(), newline=""))
    assert (last["records"], last["left_out"], last["kinds"], last["agreement"]) == (
        "9",
        "2",
        "medicines_audit 9",
        "written",
    )
    assert last["address"].endswith("/figures/2026-11-09?as_at=2026-11-17T09:30:00Z")
    assert (brought["records"], brought["kinds"], brought["agreement"]) == ("", "", "")


def test_where_pages_reach_nobody_no_figure_leads_to_one() -> None:
    standing = a_chart_of()
    known = facts(standing)
    assert {row.href for row in indicator_part(standing, known, "i-1", Ways()).points} == {""}
    assert baseline_points(standing, known, Ways()) == ()
    assert {row.address for row in fact_rows(known, Ways())} == {""}


def test_the_figures_stand_below_their_chart_and_are_counted_on_the_control_sheet() -> None:
    part = a_medicines_part(
        baseline=(PointRow("6 Jul", "91.2%", "https://pages.example.org/a", restated=True),),
        points=(PointRow("13 Jul", "92.0%", "https://pages.example.org/b"), PointRow("20 Jul", "not recorded")),
    )
    html = pack_html(a_pack(sections=(a_section(indicators=(part,)),)), resources().templates, manifest_sha256="f" * 64)
    assert f'id="{part.anchor}-figures"' in html
    assert '<span class="pt">6 Jul <a class="down" href="https://pages.example.org/a">91.2%</a>†</span>' in html
    assert '<span class="pt">20 Jul not recorded</span>' in html
    assert "2 of 3 lead to their records; the others were not recorded" in html
