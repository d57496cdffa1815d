import json
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from support.charts import MEDICINES, a_chart, a_series, weeks

from mendline.indicators.chart import (
    PERCENT,
    FunnelChart,
    FunnelLimit,
    FunnelPoint,
    Happening,
    Phase,
    Series,
    Target,
    Unit,
    chart_spec,
    funnel_chart,
    layout,
    spark,
)
from mendline.indicators.chart_axis import axis_of, ticks
from mendline.indicators.chart_layout import spread
from mendline.indicators.chart_spec import letters

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.found if found == tag]


def elements(html: str) -> Elements:
    parser = Elements()
    parser.feed(html)
    return parser


def drawn(template: str, call: str, **values: Any) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    name = call.split("(", 1)[0]
    page = environment.from_string(f'{{% from "components/{template}" import {name} %}}{{{{ {call} }}}}')
    return page.render(**values)


# ---------------------------------------------------------------------- what is said
def test_the_sentence_gives_baseline_range_latest_target_and_reading() -> None:
    assert a_chart().sentence == (
        "XmR chart of medicines recorded without gaps, 18 weeks. Baseline average 91.2%. Expected range 87.3% to "
        "95.1%. Latest 97.1%, week of 9 Nov. Target 98%. Improving. Misses target."
    )


def test_fewer_than_twelve_points_show_line_and_target_and_no_limits() -> None:
    spec = a_chart(MEDICINES[:11], recovery_start=None)
    assert (spec.few, spec.kind, spec.phases, spec.moving_range) == (True, "line", (), None)
    assert [line.text for line in spec.targets] == ["98%"]
    assert {point.reading for point in spec.points} == {"Not judged"}
    assert "Too few points to judge" in spec.sentence


def test_a_baseline_median_makes_a_run_chart() -> None:
    spec = a_chart(MEDICINES[:8], phases=(), median=91.2, recovery_start=None)
    assert spec.kind == "run"
    assert "Baseline median 91.2%" in spec.sentence
    assert layout(spec).centres[0].y == next(label.y for label in layout(spec).labels if "Median" in label.text)


def test_limits_are_capped_for_drawing_and_kept_for_the_record() -> None:
    spec = a_chart(phases=(Phase(0, 17, 98.0, 94.0, 102.0, 1.5),))
    placed = layout(spec)
    assert spec.to_json()["phases"][0]["upper"] == 102.0
    assert spec.axis.high == 100
    assert "Upper limit 100.0%" in [label.text for label in placed.labels]
    assert "Expected range 94.0% to 100.0%" in spec.sentence
    assert placed.bands[0].y == placed.box.top


def test_a_target_of_nought_is_a_target() -> None:
    spec = a_chart(targets=(Target(0),))
    assert "Target 0%" in spec.sentence
    assert spec.axis.low == 0
    assert layout(spec).targets[0].y == layout(spec).box.bottom


def test_a_target_holds_only_for_its_days() -> None:
    old = Target(95, valid_to=date(2026, 10, 4))
    spec = a_chart(targets=(old, Target(98, valid_from=date(2026, 10, 5))))
    assert [(line.start, line.end, line.text) for line in spec.targets] == [(0, 11, "95%"), (12, 17, "98%")]
    assert [label.text for label in layout(spec).labels if label.kind == "target"] == ["Target 98%"]


def test_events_get_letters_by_date_and_stand_on_their_week() -> None:
    spec = a_chart()
    assert [(event.letter, event.index) for event in spec.events] == [("A", 7), ("B", 12), ("C", 14), ("D", 15)]
    assert spec.letters[14] == "C"


def test_two_events_of_one_week_are_pushed_apart_on_the_chart_and_listed_together() -> None:
    twice = (Happening(date(2026, 10, 20), "one"), Happening(date(2026, 10, 21), "two"))
    spec = a_chart(events=twice)
    first, second = layout(spec).events
    assert spec.letters == {14: "A, B"}
    assert second.x - first.x >= 19.9
    assert first.to_x == second.to_x


def test_an_event_before_the_first_week_is_not_pinned_to_a_week_that_it_did_not_touch() -> None:
    assert a_chart(events=(Happening(date(2026, 7, 1), "before"),)).events == ()


def test_letters_go_on_after_z() -> None:
    assert letters(28)[25:] == ["Z", "AA", "AB"]


def test_the_moving_range_has_the_limit_of_a_range_of_two() -> None:
    moving = a_chart().moving_range
    assert moving is not None
    assert moving.upper == pytest.approx(3.268 * 1.47)
    assert moving.values[0] is None
    assert moving.values[1] == pytest.approx(1.2)
    assert moving.sentence == ("Moving range chart. Average change 1.5, upper limit 4.8. No week is above the limit.")


def test_no_moving_range_crosses_a_gap_or_new_limits() -> None:
    values = [*MEDICINES[:5], None, *MEDICINES[6:]]
    phases = (Phase(0, 11, 91.2, 87.3, 95.1, 1.4), Phase(12, 17, 95.0, 92.0, 98.0, 1.1))
    spec = a_chart(values, phases=phases)
    assert spec.moving_range is not None
    assert [row for row, value in enumerate(spec.moving_range.values) if value is None] == [0, 5, 6, 12]


def test_a_missing_week_breaks_the_line_and_is_named_in_the_table() -> None:
    spec = a_chart([*MEDICINES[:5], None, *MEDICINES[6:]])
    assert layout(spec).path.count("M") == 2
    assert spec.points[5].reading == "Not recorded"


def test_days_carry_their_year_when_a_chart_is_longer_than_one() -> None:
    spec = a_chart([91.0] * 60, series=a_series([91.0] * 60))
    assert spec.points[0].label == "13 Jul 26"
    assert a_chart().points[0].label == "13 Jul"


def test_a_hollow_point_says_that_evidence_does_not_support_it() -> None:
    spec = a_chart(series=a_series(hollow=[False] * 17 + [True]))
    assert spec.points[-1].reading == "Real improvement, not supported by evidence"
    assert [dot.hollow for dot in layout(spec).dots][-1] is True


def test_a_series_without_any_value_is_drawn_empty_and_says_so() -> None:
    spec = chart_spec("Falls", Unit(decimals=1), Series(weeks(3), [None, None, None]))
    placed = layout(spec)
    assert "Nothing has been recorded yet" in spec.sentence
    assert (placed.dots, placed.ring, placed.path) == ((), None, "")


def test_no_dates_at_all_make_an_empty_chart() -> None:
    spec = chart_spec("Falls", Unit(), Series([], []), events=(Happening(date(2026, 1, 1), "x"),))
    assert layout(spec).dates == ()


@pytest.mark.parametrize(
    ("series", "phases", "message"),
    [
        (Series(weeks(2), [1.0]), (), "as many entries as its 2 dates"),
        (Series(list(reversed(weeks(2))), [1.0, 2.0]), (), "must rise"),
        (Series(weeks(2), [1.0, 2.0]), (Phase(0, 2, 1.0),), "outside the 2 points"),
    ],
)
def test_rows_that_do_not_fit_are_refused(series: Series, phases: tuple[Phase, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        chart_spec("Falls", Unit(), series, phases=phases)


def test_the_specification_is_plain_json() -> None:
    spec = a_chart()
    again = json.loads(json.dumps(spec.to_json(), allow_nan=False))
    assert again["points"][17]["counts"] == "1,204 of 1,240"
    assert again["latest"] == 17


# ---------------------------------------------------------------------- where it goes
def test_the_axis_says_where_it_starts() -> None:
    assert a_chart().axis.note == "Scale starts at 86%"
    assert a_chart(targets=(Target(0),)).axis.note == ""


@settings(max_examples=150, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_an_axis_holds_everything_in_round_steps(values: list[float]) -> None:
    axis = axis_of(values, Unit(floor=None))
    assert axis.low <= min(values) + 1e-6 * abs(min(values))
    assert axis.high >= max(values) - 1e-6 * abs(max(values))
    assert 1 <= len(ticks(axis)) - 1 <= 12


@settings(max_examples=150, deadline=None)
@given(st.lists(st.floats(0, 100), max_size=8).map(sorted))
def test_labels_are_pushed_apart_and_stay_inside(wanted: list[float]) -> None:
    places = spread(wanted, 16, 0, 300)
    assert all(later - earlier >= 15.8 for earlier, later in pairwise(places))
    assert all(-0.1 <= place <= 300.1 for place in places)


def test_labels_that_do_not_touch_stay_on_their_lines() -> None:
    assert spread([10, 60, 100], 16, 0, 300) == [10, 60, 100]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.floats(0, 100), min_size=1, max_size=110), st.floats(0, 100))
def test_everything_is_placed_inside_the_drawing(values: list[float | None], target: float) -> None:
    phases = (Phase(0, len(values) - 1, 50.0, -10.0, 110.0, 20.0),)
    spec = a_chart(values, series=a_series(values), phases=phases, targets=(Target(target),))
    placed = layout(spec)
    box = placed.box
    for dot in placed.dots:
        assert box.left <= dot.x <= box.right
        assert box.top - 0.1 <= dot.y <= box.bottom + 0.1
    for line in (*placed.limits, *placed.centres, *placed.targets, *placed.grid):
        assert box.top - 0.1 <= line.y <= box.bottom + 0.1
    assert all(len(label.text) * 5 < placed.width - box.right for label in placed.labels)


def test_words_above_the_chart_do_not_run_into_each_other() -> None:
    spec = a_chart(recovery_start=date(2026, 7, 20))
    headings = layout(spec).headings
    assert [heading.text for heading in headings] == ["", "Recovery plan"]
    assert headings[1].line is not None


# ---------------------------------------------------------------------- small charts
def test_a_small_chart_uses_the_same_marks() -> None:
    placed = spark(
        MEDICINES, sentence="said", marks=[point.mark for point in a_chart().points],
        unit=PERCENT, centre=91.2, lower=87.3, upper=95.1, target=98, divider=12,
    )  # fmt: skip
    assert placed.improvement.count("z") == 3
    assert placed.usual.count("z") == 15
    assert placed.ring is not None
    assert placed.band is not None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.floats(-1e5, 1e5), max_size=30))
def test_a_small_chart_takes_any_series(values: list[float | None]) -> None:
    placed = spark(values, sentence="said")
    assert (placed.ring is None) == (not any(value is not None for value in values))
    heights = [float(pair.split(" ")[1]) for pair in placed.line.replace("M", "L").split("L")[1:]]
    assert all(5 <= height <= 45 for height in heights)


# ---------------------------------------------------------------------- templates
def test_the_page_has_a_named_drawing_the_data_and_the_table() -> None:
    spec = a_chart()
    html = drawn("chart.html", 'xmr_chart(placed, spec, "medicines")', placed=layout(spec), spec=spec)
    page = elements(html)
    figure = page.of("figure")[0]
    assert figure["id"] == "medicines"
    assert json.loads(str(figure["data-spec"]))["latest"] == 17
    assert [drawing.get("role") for drawing in page.of("svg")].count("img") == 2
    assert spec.sentence in page.words
    assert len(page.of("tr")) == 19
    assert not [attributes for _, attributes in page.found if "style" in attributes]
    assert not page.of("script")


def test_words_of_people_are_escaped_on_the_page_and_in_its_data() -> None:
    nasty = "<script>alert('1')</script>\" onload='x"
    spec = replace(a_chart(events=(Happening(date(2026, 10, 20), nasty),)), name=nasty, sentence=nasty)
    html = drawn("chart.html", 'xmr_chart(placed, spec, "m")', placed=layout(spec), spec=spec)
    page = elements(html)
    assert not page.of("script")
    assert not [attributes for _, attributes in page.found if "onload" in attributes]
    assert json.loads(str(page.of("figure")[0]["data-spec"]))["name"] == nasty


def test_the_drawing_for_paper_uses_fixed_colours_and_no_class() -> None:
    spec = a_chart()
    html = drawn("chart_pack.html", "pack_chart(placed, spec)", placed=layout(spec, 690, 235, 0), spec=spec)
    page = elements(html)
    assert page.of("title")
    assert "var(--" not in html
    assert not [attributes for _, attributes in page.found if "class" in attributes or "style" in attributes]


def test_the_small_drawing_has_its_sentence() -> None:
    html = drawn("chart_spark.html", "spark(placed)", placed=spark(MEDICINES, sentence="18 weeks & more"))
    assert "<title>18 weeks &amp; more</title>" in html


# ---------------------------------------------------------------------- funnels
def a_funnel(points: tuple[FunnelPoint, ...] | None = None) -> FunnelChart:
    points = points or (
        FunnelPoint("Rosewood House", 4960, 95.7, "concern", "4,747 of 4,960"),
        FunnelPoint("Fernleigh", 3980, 94.6, "concern"),
        FunnelPoint("Larchwood", 3120, 98.3),
        FunnelPoint("Oakdene", 6010, 99.1, "improvement"),
    )
    limits = [
        FunnelLimit(volume, 97.6 - 80 / volume**0.5, 97.6 + 80 / volume**0.5, 97.6 - 130 / volume**0.5, None)
        for volume in range(1200, 7001, 200)
    ]
    return funnel_chart("Medicines", PERCENT, points, limits, centre=97.6, volume_word="Administrations")


def test_a_funnel_says_who_is_outside_and_on_which_side() -> None:
    assert a_funnel().sentence == (
        "Funnel plot of 4 services. Group average 97.6%. Rosewood House (95.7%) and Fernleigh (94.6%) are below the lower "
        "limit. Oakdene (99.1%) is above the upper limit."
    )


def test_a_funnel_names_outliers_only_and_lists_everyone_in_its_table() -> None:
    funnel = a_funnel()
    assert {name.text for name in funnel.names} == {"Rosewood House", "Fernleigh", "Oakdene"}
    assert [row.name for row in funnel.rows] == ["Fernleigh", "Rosewood House", "Larchwood", "Oakdene"]
    assert (len(funnel.near), len(funnel.far)) == (2, 1)


def test_a_funnel_without_outliers_says_so() -> None:
    assert "No service is outside the limits" in a_funnel((FunnelPoint("Larchwood", 3120, 98.3),)).sentence


def test_a_funnel_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one service"):
        funnel_chart("Medicines", PERCENT, (), (), centre=1, volume_word="x")


def test_the_drawing_of_a_funnel_has_its_sentence_and_escapes_names() -> None:
    html = drawn(
        "chart.html", "funnel_chart(funnel)", funnel=a_funnel((FunnelPoint("<b>Fern</b>", 3000, 90, "concern"),))
    )
    page = elements(html)
    assert not page.of("b")
    assert "<b>Fern</b> (90.0%)" in str(page.of("svg")[0]["aria-label"])
    assert not [attributes for _, attributes in page.found if "style" in attributes]
