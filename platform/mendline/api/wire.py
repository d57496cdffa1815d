"""How a resource crosses the wire: made from a row, written as JSON, described by a schema."""

import dataclasses
import types
import typing
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

Resource = TypeVar("Resource")


def picked(kind: type[Resource], row: Any, **more: Any) -> Resource:
    """A resource from the members of the same name of a row, and those that are given."""
    names = {one.name for one in dataclasses.fields(kind)} - more.keys()  # type: ignore[arg-type]
    return kind(**{name: getattr(row, name) for name in names}, **more)


def plain(value: Any) -> Any:
    """A resource as JSON takes it: dates in ISO 8601, moments in RFC 3339 in UTC, identifiers as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def schema_of(kind: type[Any]) -> dict[str, Any]:
    """The JSON Schema of a resource; resources inside it are named by `$ref`."""
    hints = typing.get_type_hints(kind)
    return {
        "type": "object",
        "description": " ".join((kind.__doc__ or "").split()),
        "properties": {name: _schema(hint) for name, hint in hints.items()},
        "required": list(hints),
    }


def parts_of(kind: type[Any]) -> set[type[Any]]:
    """The resource and those inside it."""
    found = {kind}
    for hint in typing.get_type_hints(kind).values():
        for inner in (hint, *typing.get_args(hint)):
            if dataclasses.is_dataclass(inner) and isinstance(inner, type):
                found |= parts_of(inner)
    return found


def name_of(kind: type[Any]) -> str:
    """The resource's name in the document."""
    return kind.__name__.removesuffix("Out")


_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    uuid.UUID: {"type": "string", "format": "uuid"},
}


def _schema(hint: Any) -> dict[str, Any]:
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return {"anyOf": [_schema(each) for each in inner if each is not types.NoneType] + [{"type": "null"}]}
    if origin in (tuple, list):
        return {"type": "array", "items": _schema(inner[0])}
    if origin is dict:
        return {"type": "object"}
    return {"$ref": f"#/components/schemas/{name_of(hint)}"}
