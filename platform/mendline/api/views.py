"""The HTTP API as one section: importing its rooms puts their operations on it."""

import time

from flask import Response, current_app
from flask_login import current_user

from mendline.api import (
    views_documents,
    views_evidence,
    views_indicators,
    views_plan_changes,
    views_plans,
    views_records,
    views_recovery,
    views_registers,
    views_services,
    views_story,
    views_webhooks,
)
from mendline.api.quota import Quota
from mendline.api.table import api
from mendline.web.errors import problem
from mendline.web.frame import ground, reach

ROOMS = (
    views_services,
    views_indicators,
    views_plan_changes,
    views_plans,
    views_records,
    views_evidence,
    views_recovery,
    views_registers,
    views_documents,
    views_story,
    views_webhooks,
)


@api.before_request
def _within_quota() -> Response | None:
    """A flood of one provider's programs is turned away before it reaches the database again."""
    if not current_user.is_authenticated:
        return None
    who = reach()
    asking = {held.provider_id for held in who.held} or {who.person_id or who.provider_ids[0]}  # a link is no person
    settings = ground().settings
    quota = current_app.extensions.setdefault("mendline.quota", Quota(settings.messages, settings.api_per_minute))
    wait = quota.too_many(asking, time.time())
    if not wait:
        return None
    answer = problem(429, f"Your provider's programs have {quota.most:,} requests a minute. Wait {wait} seconds.")
    answer.headers["Retry-After"] = str(wait)
    return answer


@api.after_request
def _ask_for_a_token(response: Response) -> Response:
    """A program that came without a token learns how to come with one (RFC 6750)."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Mendline"'
    return response


__all__ = ["ROOMS", "api"]
