"""The ledger's pages: read, searched and exported by the provider that it belongs to."""

import uuid
from datetime import datetime

from flask import Response, request

from mendline.people.ledger import queries
from mendline.people.ledger.presenting import as_csv, ledger_page
from mendline.people.members.queries import services_of
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import day_or_none, identifier_or_none
from tenants.errors import NotFoundError
from tenants.ledger import note

ledger = Section("ledger", url_prefix="/ledger")
ASKED = ("words", "kind", "service", "person", "first", "last")


@ledger.page("", access="see_ledger")
def listing() -> str:
    """The newest acts of a provider, or those that are looked for."""
    given = _given()
    with transaction() as session:
        provider_id = _provider()
        found, after = queries.entries(session, provider_id, _wanted(given), cursor=_cursor())
        services = services_of(session, (provider_id,))
    there = {name: words for name, words in given.items() if words}
    older = ""
    if after:
        older = address("ledger.listing", **there, before=f"{after.recorded_at.isoformat()}~{after.entry_id}")
    view = ledger_page(
        reach(), found, services, given=given, older=older, download=address("ledger.export", **there), address=address
    )
    return page("people/desk.html", title="Ledger", crumbs=(Link("Ledger"),), section="members.listing", view=view)


@ledger.page("/export.csv", access="see_ledger", step_up=True)
def export() -> Response:
    """What is looked for as a file; that it was taken stands in the ledger itself."""
    given = _given()
    with transaction() as session:
        provider_id = _provider()
        found, _ = queries.entries(session, provider_id, _wanted(given), most=queries.MOST_EXPORTED)
        note(session, reach(), "ledger exported", provider_id=provider_id, detail={"entries": len(found)})
    response = Response(as_csv(found), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="ledger.csv"'
    return response


def _given() -> dict[str, str]:
    return {name: request.args.get(name, "")[:80] for name in ASKED}


def _wanted(given: dict[str, str]) -> queries.Wanted:
    return queries.Wanted(
        words=given["words"],
        person_id=identifier_or_none(given["person"]),
        service_id=identifier_or_none(given["service"]),
        first=day_or_none(given["first"]),
        last=day_or_none(given["last"]),
        kind=given["kind"],
    )


def _provider() -> uuid.UUID:
    """The provider whose ledger is read: the one asked for, if it is in reach, else the first."""
    providers = reach().providers_with("see_ledger")
    wanted = request.args.get("provider")
    found = next((each for each in providers if wanted is None or str(each) == wanted), None)
    if found is None:
        raise NotFoundError("There is no such provider within your sign-in.")
    return found


def _cursor() -> queries.Cursor | None:
    at, _, entry = request.args.get("before", "").partition("~")
    entry_id = identifier_or_none(entry)
    try:
        return queries.Cursor(datetime.fromisoformat(at), entry_id) if entry_id else None
    except ValueError:
        return None
