"""The document of the API, for programs and for people."""

from importlib.metadata import version

from flask import Response, jsonify

from mendline.api.openapi import document, path_of
from mendline.api.table import PREFIX, api
from mendline.web.page import page
from mendline.web.section import PUBLIC


@api.operation("GET", "/openapi.json", access=PUBLIC)
def openapi() -> Response:
    """This document: OpenAPI 3.1."""
    return jsonify(document(api.operations, version("mendline")))


@api.operation("GET", "/docs", access=PUBLIC, media="text/html")
def docs() -> str:
    """The same for reading."""
    listed = sorted(((path_of(one), one) for one in api.operations), key=lambda each: (each[0], each[1].method))
    return page("api/docs.html", title="HTTP API", operations=listed, prefix=PREFIX)
