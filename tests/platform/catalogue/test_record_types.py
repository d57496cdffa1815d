from pathlib import Path

import pytest

from mendline.catalogue.indicators import indicator_definitions
from mendline.catalogue.reading import DATA, CatalogueError
from mendline.catalogue.record_types import read_record_types, record_type, record_types

GARDEN_VISIT = """
key: garden_visit
version: "1"
title: Visit to the garden
plural: Visits to the garden
description: One person's time outside.
entered_by: [carer]
retention_years: 5
purpose: To know
lawful_basis: care
happened_field: visited_on
evidence_category: people
evidence_letter: R
quality_statements: [responsive.person-centred-care]
list_fields: [visited_on, minutes]
fields:
- {name: visited_on, label: When?, kind: date, required: true}
- {name: minutes, label: How long?, kind: integer, minimum: 1, maximum: 600, unit: minutes}
"""


def folder_with(folder: Path, text: str, name: str = "garden_visit.yaml") -> Path:
    for path in (DATA / "record_types").glob("*.yaml"):
        (folder / path.name).write_text(path.read_text())
    (folder / name).write_text(text)
    return folder


def test_every_source_of_an_indicator_has_its_type() -> None:
    sources = {definition.source_record_type for definition in indicator_definitions().values()}
    beside = {"compliment", "staffing_exception", "response_time_sample", "family_meeting", "professional_visit"}
    supporting = {name for definition in indicator_definitions().values() for name in definition.supporting_records}
    assert len(record_types()) == 39
    assert sources | supporting | beside <= set(record_types())


def test_one_more_file_is_one_more_record_type(tmp_path: Path) -> None:
    read = read_record_types(folder_with(tmp_path, GARDEN_VISIT))
    assert len(read) == len(record_types()) + 1
    assert read["garden_visit"].field("minutes").unit == "minutes"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("key: garden_visit", "key: garden", "file and key must have one name"),
        ("happened_field: visited_on", "happened_field: minutes", "must be a required date or datetime"),
        ("happened_field: visited_on", "happened_field: gone_on", "there is no field 'gone_on'"),
        ("list_fields: [visited_on, minutes]", "list_fields: [colour]", "there is no field 'colour'"),
        ("name: minutes", "name: visited_on", "field 'visited_on' is declared twice"),
        ("name: minutes", "name: How long", "must be lower-case words"),
        ("kind: integer", "kind: whole", "'whole' is not one of"),
        ("kind: integer, minimum: 1, maximum: 600, unit: minutes", "kind: choice", "choices go with choice"),
        ("kind: integer", "kind: text", "are for numbers"),
        ("kind: integer, minimum: 1, maximum: 600, unit: minutes", "kind: person_reference", "declare personal_data"),
        ("unit: minutes", "unit: minutes, not_above: beds", "there is no field 'beds'"),
        ("unit: minutes", "unit: minutes, not_before: visited_on", "not_before is for dates"),
        ("required: true}", "required: true, max_length: 3}", "max_length is for text"),
        ("required: true}", "required: true, required_when: minutes}", "required_when says nothing"),
        ("entered_by: [carer]", "entered_by: []", "needs a role"),
        ("evidence_letter: R", "evidence_letter: X", "'X' is not one of R, A, F, P"),
        ("retention_years: 5", "retention_years: 5\ncolour: red", "unknown key 'colour'"),
    ],
)
def test_a_wrong_declaration_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GARDEN_VISIT
    with pytest.raises(CatalogueError, match=message):
        read_record_types(folder_with(tmp_path, GARDEN_VISIT.replace(old, new, 1)))


def test_choice_codes_that_yaml_would_read_as_yes_or_no_must_be_quoted(tmp_path: Path) -> None:
    text = GARDEN_VISIT + "- {name: sunny, label: Sunny?, kind: choice, choices: {yes: Sunny, cloudy: Cloudy}}\n"
    with pytest.raises(CatalogueError, match="put the key 'True' in quotes"):
        read_record_types(folder_with(tmp_path, text))


def test_people_and_staff_are_codes_and_free_text_says_what_it_may_hold() -> None:
    for declared in record_types().values():
        for field in declared.fields:
            if field.kind in {"person_reference", "staff_reference", "room"}:
                assert field.personal_data == "pseudonymous", (declared.key, field.name)
            if field.kind == "long_text":
                assert field.personal_data in {"personal", "special"}, (declared.key, field.name)


def test_no_field_asks_for_a_name() -> None:
    asked = [field.name for declared in record_types().values() for field in declared.fields]
    assert [name for name in asked if name.endswith("_name") or name == "name"] == []


def test_a_carer_enters_only_what_a_carer_sees() -> None:
    assert {declared.key for declared in record_types().values() if declared.may_enter("carer")} == {
        "compliment",
        "feedback",
        "fluid_record",
        "incident",
        "response_time_sample",
        "unmet_need_event",
        "weight_record",
    }
    assert record_type("end_of_shift_check").may_enter("senior_carer")
    assert not record_type("end_of_shift_check").may_enter("carer")


def test_an_unknown_type_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        record_type("nonsense")
    with pytest.raises(KeyError):
        record_type("incident").field("nonsense")
