"""The OpenAPI 3.1 document, made from the one table of operations: what is served is what is written, and nothing else."""

import re
from collections.abc import Iterable
from typing import Any

from mendline.api import shapes
from mendline.api.idempotency import LONGEST_KEY
from mendline.api.table import PREFIX, Operation, Query
from mendline.api.wire import name_of, parts_of, schema_of
from mendline.web.section import PUBLIC

_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
_KINDS: dict[str, dict[str, Any]] = {
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "integer": {"type": "integer"},
    "uuid": {"type": "string", "format": "uuid"},
    "text": {"type": "string"},
}
_PROBLEMS = {
    "400": "The request cannot be read.",
    "401": "No token, or one that has ended.",
    "403": "Within reach, but not covered by the role.",
    "404": "Not there, or not within reach; the two look the same.",
    "409": "Somebody changed it first, or the Idempotency-Key was used for another request.",
    "422": "Something that was sent cannot be accepted; `problems` names it.",
    "429": "Too much at once for one provider; `Retry-After` says how many seconds to wait.",
    "503": "The database is away; nothing was saved.",
}
_OF_BODIES = {"413": "More was sent than is taken at once.", "415": "What was sent is of a kind that is not taken."}
_ABOUT = (
    "Figures, records, evidence and recovery of care services. Times are RFC 3339 in UTC, dates ISO 8601, identifiers "
    "UUIDs. Lists are paged by an opaque cursor. A write takes an Idempotency-Key: sent again under the same key, it is "
    "answered as the first time and not done twice. Errors are problem details (RFC 9457)."
)


def path_of(operation: Operation) -> str:
    """The path as OpenAPI writes it."""
    return _PARAMETER.sub(r"{\2}", operation.path)


def document(operations: Iterable[Operation], version: str) -> dict[str, Any]:
    """The whole document."""
    listed = list(operations)
    paths: dict[str, dict[str, Any]] = {}
    for one in listed:
        paths.setdefault(path_of(one), {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mendline", "version": version, "description": _ABOUT},
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(listed),
        },
    }


_POINTING = ("system", "where_to_look", "sha256")


def _operation(one: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.about,
        "parameters": _parameters(one),
        "responses": {str(one.status): _answer(one)} | _problems(one),
        "x-permission": one.access,
    }
    if one.access == PUBLIC:
        said["security"] = []
    if one.body is not None:
        reference = {"$ref": f"#/components/schemas/{one.body.name}"}
        many = {
            "oneOf": [reference, {"type": "array", "minItems": 1, "maxItems": shapes.MOST_AT_ONCE, "items": reference}]
        }
        content = {"application/json": {"schema": many if one.body.many else reference}}
        if one.largest:
            content["multipart/form-data"] = {"schema": _with_file(shapes.schema(one.body))}
        said["requestBody"] = {"required": one.body.needed, "content": content}
    return said


def _with_file(schema: dict[str, Any]) -> dict[str, Any]:
    """The same with the original itself, in place of where it is kept."""
    kept = {name: said for name, said in schema["properties"].items() if name not in _POINTING}
    needed = [name for name in schema.get("required", ()) if name not in _POINTING]
    file = {"type": "string", "format": "binary", "description": "The original, to be kept here."}
    return {"type": "object", "properties": {"file": file, **kept}, "required": ["file", *needed]}


def _parameters(one: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _KINDS["uuid" if kind == "uuid" else "text"]}
        for kind, name in _PARAMETER.findall(one.path)
    ]
    found += [
        {"name": query.name, "in": "query", "description": query.about, "schema": _asked(query)} for query in one.query
    ]
    if one.method != "GET":
        about = "Made by whoever sends, new for each request; up to 200 characters."
        schema = _KINDS["text"] | {"maxLength": LONGEST_KEY}
        found.append({"name": "Idempotency-Key", "in": "header", "description": about, "schema": schema})
    return found


def _asked(query: Query) -> dict[str, Any]:
    schema = dict(_KINDS[query.kind])
    if query.choices:
        schema["enum"] = list(query.choices)
    if query.kind == "integer":
        schema |= {"minimum": query.span[0], "maximum": query.span[1]}
    return {"type": "array", "items": schema} if query.many else schema


def _answer(one: Operation) -> dict[str, Any]:
    if one.answer is None:
        schema: dict[str, Any] = {"type": "object"} if one.media == "application/json" else {"type": "string"}
    else:
        schema = {"$ref": f"#/components/schemas/{name_of(one.answer)}"}
    if one.paged:
        schema = {
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": schema},
                "next_cursor": {"type": ["string", "null"]},
            },
            "required": ["items", "next_cursor"],
        }
    return {"description": one.about, "content": {one.media: {"schema": schema}}}


def _problems(one: Operation) -> dict[str, Any]:
    reference = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if one.access == PUBLIC:
        return {}
    told = _PROBLEMS | (_OF_BODIES if one.method != "GET" else {})
    return {status: {"description": words, "content": reference} for status, words in told.items()}


def _schemas(listed: list[Operation]) -> dict[str, Any]:
    found: dict[str, Any] = {"Problem": _PROBLEM}

    def add(name: str, schema: dict[str, Any]) -> None:
        if found.setdefault(name, schema) != schema:
            raise ValueError(f"two resources of the API are called {name}: rename one of them")

    for one in listed:
        for part in parts_of(one.answer) if one.answer else ():
            add(name_of(part), schema_of(part))
        if one.body is not None:
            add(one.body.name, shapes.schema(one.body))
    return dict(sorted(found.items()))


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457, with the members that were refused.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "reference": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
                "required": ["field", "reason"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}
