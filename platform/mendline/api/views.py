"""The HTTP API as one section: importing its rooms puts their operations on it."""

from flask import Response

from mendline.api import (
    views_documents,
    views_indicators,
    views_records,
    views_recovery,
    views_registers,
    views_services,
    views_story,
    views_webhooks,
)
from mendline.api.table import api

ROOMS = (
    views_services,
    views_indicators,
    views_records,
    views_recovery,
    views_registers,
    views_documents,
    views_story,
    views_webhooks,
)


@api.after_request
def _ask_for_a_token(response: Response) -> Response:
    """A program that came without a token learns how to come with one (RFC 6750)."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Mendline"'
    return response


__all__ = ["ROOMS", "api"]
