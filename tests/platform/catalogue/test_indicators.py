from pathlib import Path

import pytest

from mendline.catalogue.indicators import (
    SHORT_NAME_LENGTH,
    catalogues,
    indicator_catalogue,
    indicator_definition,
    indicator_definitions,
    read_indicators,
)
from mendline.catalogue.reading import DATA, CatalogueError

FILE = DATA / "indicators-2026-11.yaml"
ONE_MORE = """
- key: garden_visits_rate
  version: "1"
  name: Visits to the garden
  short_name: Garden visits
  domain: feedback
  description: Visits to the garden per 100 bed days.
  measure_type: rate
  rate_per: 100
  numerator: Visits
  denominator: Occupied bed days
  unit: visits per 100 OBD
  direction: higher_is_better
  cadence: weekly
  target: {operator: ">=", value: 20, basis: provider_standard, rationale: Fresh air}
  spc_chart: u
  source_record_type: occupancy_day
  rollup: pooled_rate
  quality_statements: [responsive.person-centred-care]
  regulations: [hsca-9]
  evidence_categories: [people]
  minimum_n: 100
  pitfalls: [Rain]
"""


def changed(folder: Path, old: str, new: str) -> Path:
    text = FILE.read_text()
    assert old in text
    path = folder / "indicators-2027-01.yaml"
    path.write_text(text.replace(old, new, 1))
    return path


OF_THE_AREA = ("care_homes_good_or_outstanding_pct", "broad_spectrum_antibiotics_pct")


def test_all_sixty_indicators_are_there_and_two_of_the_area_beyond_them() -> None:
    assert len([key for key in indicator_definitions() if key not in OF_THE_AREA]) == 60
    assert tuple(indicator_definitions())[-2:] == OF_THE_AREA
    assert indicator_catalogue().version == "2026-11"
    assert indicator_catalogue().framework_version == "saf-2023"


def test_short_names_fit_a_matrix_column_and_differ() -> None:
    names = [definition.short_name for definition in indicator_definitions().values()]
    assert max(map(len, names)) <= SHORT_NAME_LENGTH
    assert len(set(names)) == len(names)


def test_a_definition_is_found_by_key_and_by_version() -> None:
    definition = indicator_definition("mar_compliance_pct")
    assert definition is indicator_definition("mar_compliance_pct", definition.version)
    assert (definition.target.operator, definition.target.value) == (">=", 98.0)
    with pytest.raises(KeyError, match="of version '9'"):
        indicator_definition("mar_compliance_pct", "9")
    with pytest.raises(KeyError, match="no indicator 'nonsense'"):
        indicator_definition("nonsense")


def test_contextual_and_watched_indicators_are_not_judged() -> None:
    unjudged = [key for key, definition in indicator_definitions().items() if not definition.is_judged]
    assert unjudged == ["infection_rate", "restraint_rate", *OF_THE_AREA]


@pytest.mark.parametrize("key", OF_THE_AREA)
def test_a_figure_of_the_area_is_never_judged_pooled_or_worked_out(key: str) -> None:
    definition = indicator_definition(key)
    assert (definition.is_judged, definition.rollup, definition.measure) == (False, "not_rolled_up", None)
    assert definition.of_area
    assert (definition.source_record_type, set(definition.evidence_not_applicable)) == ("published_figure", set("AFP"))


def test_a_zero_target_is_a_target() -> None:
    definition = indicator_definition("overdue_regulatory_actions_count")
    assert definition.target.value == 0.0
    assert definition.is_judged


def test_one_more_entry_is_one_more_indicator(tmp_path: Path) -> None:
    path = tmp_path / "indicators-2027-01.yaml"
    path.write_text(FILE.read_text() + ONE_MORE)
    read = read_indicators(path)
    assert len(read.definitions) == len(indicator_definitions()) + 1
    assert read.definitions["garden_visits_rate"].rate_per == 100
    assert read.definitions["garden_visits_rate"].external_view == "aggregate"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("short_name: MAR compliance\n", "short_name: MAR compliance in every audit\n", "longer than 24 characters"),
        ("short_name: MAR compliance\n", "short_name: Falls\n", "'Falls' is declared twice"),
        ("- key: mar_compliance_pct", "- key: falls_rate", "'falls_rate' is declared twice"),
        ("domain: medicines", "domain: gardening", "domain 'gardening' is not one of"),
        ("  rate_per: 1000\n", "", "rate_per goes with a rate"),
        ("  contextual: true\n  of_area: true\n", "  of_area: true\n", "figure of the area is contextual"),
        ("spc_chart: g", "spc_chart: pie", "'pie' is not one of"),
        ("value: [97, 110]", "value: [110, 97]", "does not fit the value"),
        ("  minimum_n: 100\n", "  minimum_n: 100\n  colour: red\n", "unknown key 'colour'"),
        ("test: within_hours_of, other: known_at, value: 24", "test: within_hours_of, value: 24", "needs 'other'"),
        ("form: rate\n", "form: median\n", "has parts that are missing or not used"),
    ],
)
def test_a_wrong_entry_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        read_indicators(changed(tmp_path, old, new))


def test_every_plan_indicator_says_how_it_is_counted() -> None:
    uncounted = [
        key for key, definition in indicator_definitions().items() if definition.used_in and definition.measure is None
    ]
    assert uncounted == []


def test_a_measure_names_every_record_type_that_can_change_it() -> None:
    measure = indicator_definition("medicines_competency_current_pct").measure
    assert measure is not None
    assert measure.record_types() == {"rota_shift", "competency_observation"}


def test_definitions_are_read_once() -> None:
    assert catalogues() is catalogues()
