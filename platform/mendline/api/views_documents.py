"""The document of the API, for programs and for people."""

from importlib.metadata import version

from flask import Response, jsonify

from mendline.api.openapi import document, path_of
from mendline.api.shapes import MOST_AT_ONCE
from mendline.api.table import PREFIX, Operation, api
from mendline.web.page import page
from mendline.web.section import PUBLIC

_DOCUMENTS = frozenset({"docs", "openapi.json"})
_OWNERS = frozenset({"services", "providers"})


@api.operation("GET", "/openapi.json", access=PUBLIC)
def openapi() -> Response:
    """This document: OpenAPI 3.1."""
    return jsonify(document(api.operations, version("mendline")))


@api.operation("GET", "/docs", access=PUBLIC, media="text/html")
def docs() -> str:
    """The same for reading."""
    groups: dict[str, list[tuple[str, Operation]]] = {}
    for path, one in sorted(
        ((path_of(one), one) for one in api.operations), key=lambda each: (each[0], each[1].method)
    ):
        groups.setdefault(_subject(path), []).append((path, one))
    return page("api/docs.html", title="HTTP API", groups=groups, prefix=PREFIX, largest=MOST_AT_ONCE)


def _subject(path: str) -> str:
    """`Record types` for `/record-types/{record_type}/template.csv`: what is asked for, whoever's it is."""
    words = [part for part in path.strip("/").split("/") if not part.startswith("{")]
    if words[0] in _DOCUMENTS:
        return "This document"
    chosen = words[1] if words[0] in _OWNERS and len(words) > 1 else words[0]
    return chosen.replace("-", " ").capitalize()
