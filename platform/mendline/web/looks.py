"""What the ledger is told of every request of an outsider who was let in, and of every refusal to somebody signed in."""

import json

from flask import Response, request
from flask_login import current_user
from sqlalchemy import text

from mendline.web.frame import ground, origin, reach
from tenants.errors import MendlineError
from tenants.ledger import note
from tenants.reach import Reach


def note_outside_look(response: Response) -> Response:
    """Writes down what an inspector, or an operator whom a provider let in, is shown, before it goes out.

    Where it cannot be written down, nothing goes out. What was refused is noted as that, by the kind of page alone.
    """
    shown = request.method == "GET" and response.status_code < 400 and request.endpoint not in (None, "static")
    if not shown or not current_user.is_authenticated:
        return response
    held = reach()
    if held.inspecting or held.supported:
        _note(held, "look", {})
    return response


def note_refusal(status: int) -> None:
    """Writes down that somebody who is signed in was refused a place or an act; never stands in the answer's way."""
    if request.endpoint is None or not (request.view_args or request.method == "POST"):
        return
    try:
        if current_user.is_authenticated:
            _note(reach(), "refused", {"status": status, "method": request.method})
    except MendlineError:
        return  # the database is away, or the sign-in ended meanwhile: the refusal itself is what counts


def _note(held: Reach, what: str, detail: dict[str, object]) -> None:
    """One entry in the ledger of each provider that let the asker in, or for which they work.

    What was refused is told by the kind of page: an identifier that somebody guessed may be another provider's.
    """
    path = request.path[:200]
    if what == "refused" and request.url_rule is not None:
        path = request.url_rule.rule
    if held.inspecting:
        _note_inspection(held, f"inspector {what}", path, detail)
        return
    let_in = [each.provider_id for each in held.supported]
    providers = let_in or list(dict.fromkeys(each.provider_id for each in held.held))[:1]
    act = f"support {what}" if let_in else what
    with ground().database.transaction(held, role="web") as session:
        session.info["origin"] = origin()
        for provider_id in providers:
            note(session, held, act, provider_id=provider_id, subject=path, detail=detail)


def _note_inspection(held: Reach, act: str, path: str, detail: dict[str, object]) -> None:
    with ground().database.transaction(held, role="web") as session:
        session.execute(
            text("select reach.note_inspection(:act, :subject, cast(:detail as jsonb), cast(:origin as jsonb))"),
            {"act": act, "subject": path, "detail": json.dumps(detail), "origin": json.dumps(origin())},
        )
