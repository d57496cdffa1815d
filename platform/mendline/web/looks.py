"""What the ledger is told of every request of an outsider who was let in, and of every refusal to somebody signed in."""

import json
from collections.abc import Mapping

from flask import Response, g, request
from flask_login import current_user
from sqlalchemy import text

from mendline.web.frame import ground, network, origin, reach
from tenants.errors import MendlineError
from tenants.ledger import note
from tenants.reach import Reach
from tenants.signin.links import keyed_hash


def note_outside_look(response: Response) -> Response:
    """Writes down what an inspector, or an operator whom a provider let in, is shown, before it goes out.

    Where it cannot be written down, nothing goes out. What was refused is noted as that, by the kind of page alone.
    """
    shown = (
        request.method in ("GET", "HEAD") and response.status_code < 400 and request.endpoint not in (None, "static")
    )
    if not shown or not current_user.is_authenticated:
        return response
    held = reach()
    if held.inspecting or held.supported:
        _note(held, "look", g.get("looked_at", {}))
    return response


def add_to_look(detail: Mapping[str, str]) -> None:
    """Has this request's look, where it is one that is written down, say more than which page it was."""
    g.looked_at = dict(detail)


def note_refusal(status: int) -> None:
    """Writes down that somebody who is signed in was refused a place or an act; never stands in the answer's way."""
    if request.endpoint is None or not (request.view_args or request.method == "POST"):
        return
    try:
        if current_user.is_authenticated:
            _note(reach(), "refused", {"status": status, "method": request.method})
    except MendlineError:
        return  # the database is away, or the sign-in ended meanwhile: the refusal itself is what counts


# Headers by which other systems say whose data is meant, or who asks. Nothing here goes by them.
NAMING = (
    "Mendline-Ticket", "Remote-User", "X-Forwarded-User", "X-Mendline-Provider", "X-Provider", "X-Provider-Id",
    "X-Remote-User", "X-Service-Id", "X-Tenant", "X-Tenant-Id", "X-User-Id",
)  # fmt: skip


def count_refused(what: str, known: str = "") -> bool:
    """Counts, in the platform's own ledger, what was refused where no provider can be named; never in the answer's way.

    Args:
        what: what was shown, in plain words of a fixed list; never the secret itself.
        known: a fingerprint of whoever is signed in; empty for nobody, who is told by the network of the request.

    Returns:
        Whether it is the first of its kind from there in this minute.
    """
    try:
        with ground().database.as_role("signin") as connection:
            counted = connection.execute(
                text("select reach.count_refusal(:kind, :network, :known)"),
                {"kind": what, "network": known or network(), "known": bool(known)},
            )
            return bool(counted.scalar_one())
    except MendlineError:
        return False


def note_forged_form() -> None:
    """Writes down that a form came with a token that was not made for this browser, or from another site."""
    _note_at_most_once_a_minute("form of another page", "refused", {"status": 403, "method": request.method})


def note_named_place() -> None:
    """Writes down that a header names a provider, a service or a person, by which nothing goes."""
    named = {name: request.headers[name] for name in NAMING if name in request.headers}
    if named:
        _note_at_most_once_a_minute("header that names a provider", "header refused", {"headers": sorted(named)})


def _note_at_most_once_a_minute(kind: str, act: str, detail: dict[str, object]) -> None:
    """In the ledger of whoever is signed in, so that nobody fills it; for nobody, counted in the platform's own."""
    try:
        if not current_user.is_authenticated:
            count_refused(kind)
        elif count_refused(kind, _fingerprint(reach())):
            _note(reach(), act, detail)
    except MendlineError:
        return


def _fingerprint(held: Reach) -> str:
    whose = held.person_id or (held.inspecting.link_id if held.inspecting else "")
    return keyed_hash(ground().key, "who was refused", str(whose)).hex()[:16]


def _note(held: Reach, what: str, detail: Mapping[str, object]) -> None:
    """One entry in the ledger of each provider that let the asker in, or for which they work.

    What was refused is told by the kind of page: an identifier that somebody guessed may be another provider's.
    """
    path = request.path[:200]
    if what != "look" and request.url_rule is not None:
        path = request.url_rule.rule
    if held.inspecting:
        _note_inspection(held, f"inspector {what}", path, detail)
        return
    let_in = [each.provider_id for each in held.supported]
    providers = let_in or list(dict.fromkeys(each.provider_id for each in held.held))[:1]
    act = f"support {what}" if let_in else what
    if not providers:  # a commissioner, or somebody whose roles are over: no provider's ledger is theirs
        count_refused("page, by somebody without a provider", _fingerprint(held))
        return
    with ground().database.transaction(held, role="web") as session:
        session.info["origin"] = origin()
        for provider_id in providers:
            note(session, held, act, provider_id=provider_id, subject=path, detail=dict(detail))


def _note_inspection(held: Reach, act: str, path: str, detail: Mapping[str, object]) -> None:
    with ground().database.transaction(held, role="web") as session:
        session.execute(
            text("select reach.note_inspection(:act, :subject, cast(:detail as jsonb), cast(:origin as jsonb))"),
            {"act": act, "subject": path, "detail": json.dumps(dict(detail)), "origin": json.dumps(origin())},
        )
