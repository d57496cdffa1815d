import json

import pytest

from mendline.catalogue.record_types import RecordType, record_type, record_types
from mendline.catalogue.schema import json_schema

EVERY_TYPE = pytest.mark.parametrize("declared", record_types().values(), ids=list(record_types()))


@EVERY_TYPE
def test_every_type_has_a_closed_schema_with_all_its_fields(declared: RecordType) -> None:
    schema = json.loads(json.dumps(json_schema(declared)))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    assert list(schema["properties"]) == [field.name for field in declared.fields]
    assert schema["x-happened-field"] in schema["required"]


def test_a_number_has_its_limits_and_says_what_it_may_not_exceed() -> None:
    gaps = json_schema(record_type("end_of_shift_check"))["properties"]["gaps_found"]
    assert gaps == {
        "title": "How many gaps did you find?",
        "type": "integer",
        "minimum": 0,
        "description": "A gap is a dose with no signature and no code. Count each dose.",
        "x-not-above": "doses_due",
    }


def test_choices_are_codes_with_their_labels() -> None:
    told = json_schema(record_type("medicines_discrepancy"))["properties"]["told"]
    assert told["items"]["enum"] == ["manager", "person_or_family", "gp_or_pharmacist", "nobody_yet"]
    assert (told["minItems"], told["x-labels"]["nobody_yet"]) == (1, "Nobody yet")


def test_an_answer_that_needs_another_says_so() -> None:
    schema = json_schema(record_type("medicines_discrepancy"))
    assert schema["dependentRequired"] == {"reviewed_at": ["reviewed_by", "root_cause", "action_taken"]}


def test_personal_data_is_marked() -> None:
    properties = json_schema(record_type("incident"))["properties"]
    assert properties["person"]["x-personal-data"] == "pseudonymous"
    assert properties["what_happened"]["x-personal-data"] == "special"
    assert "x-personal-data" not in properties["harm_level"]
