"""A record type as JSON Schema (draft 2020-12), for the API and for whoever sends records to it."""

from collections.abc import Mapping
from typing import Any

from mendline.catalogue.parsing import PERSON_PATTERN, STAFF_PATTERN, TIME_PATTERN
from mendline.catalogue.record_types import Field, RecordType

_TYPES: Mapping[str, Mapping[str, Any]] = {
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "pattern": TIME_PATTERN},
    "person_reference": {"type": "string", "pattern": PERSON_PATTERN, "examples": ["P-014"]},
    "staff_reference": {"type": "string", "pattern": STAFF_PATTERN, "examples": ["AO"]},
}


def json_schema(record_type: RecordType) -> dict[str, Any]:
    """The schema of one record's payload.

    What JSON Schema cannot say (a number not above another field's) stands as an ``x-`` member beside the field, and
    the server checks it.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:mendline:record-type:{record_type.key}:{record_type.version}",
        "title": record_type.title,
        "description": record_type.description,
        "type": "object",
        "additionalProperties": False,
        "properties": {field.name: _property(field) for field in record_type.fields},
        "required": [field.name for field in record_type.fields if field.required],
        "dependentRequired": _dependent(record_type),
        "x-happened-field": record_type.happened_field,
    }


def _dependent(record_type: RecordType) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for field in record_type.fields:
        if field.required_when is not None:
            found.setdefault(field.required_when, []).append(field.name)
    return found


def _property(field: Field) -> dict[str, Any]:
    described: dict[str, Any] = {"title": field.label, **_type(field)}
    if field.hint:
        described["description"] = field.hint
    if field.personal_data != "none":
        described["x-personal-data"] = field.personal_data
    for name in ("unit", "not_above", "not_before", "differs_from"):
        value = getattr(field, name)
        if value is not None:
            described[f"x-{name.replace('_', '-')}"] = value
    return described


def _type(field: Field) -> dict[str, Any]:
    if field.kind in _TYPES:
        return dict(_TYPES[field.kind])
    if field.kind in {"integer", "number"}:
        limits = {"minimum": field.minimum, "maximum": field.maximum}
        return {"type": field.kind, **{name: _plain(limit) for name, limit in limits.items() if limit is not None}}
    codes = {"type": "string", "enum": list(field.choices)}
    labels = {"x-labels": dict(field.choices)}
    if field.kind == "choice":
        return codes | labels
    if field.kind == "multi_choice":
        return {"type": "array", "items": codes, "uniqueItems": True, "minItems": int(field.required)} | labels
    return {"type": "string", "minLength": 1, "maxLength": field.longest, "pattern": r"\S"}


def _plain(limit: float) -> float:
    return int(limit) if float(limit).is_integer() else limit
