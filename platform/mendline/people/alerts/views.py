"""A provider's page of alerts."""

import uuid
from typing import cast

from flask import Response, flash, redirect

from mendline.people.alerts import commands, queries
from mendline.people.alerts.presenting import alerts_page
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import NotFoundError

alerts = Section("alerts", url_prefix="/alerts")


@alerts.page("", access="see_ledger")
def listing() -> str:
    """What was unlike an ordinary day, and who saw it."""
    with transaction() as session:
        raised = queries.alerts_of(session, reach().providers_with("see_ledger"), reach().person_id)
    view = alerts_page(reach(), raised, address)
    return page("people/desk.html", title="Alerts", crumbs=(Link("Alerts"),), section="members.listing", view=view)


@alerts.page("/<uuid:alert_id>/seen", access="see_ledger", methods=("POST",))
def see(alert_id: uuid.UUID) -> Response:
    """Says that the reader saw it."""
    with transaction() as session:
        raised = queries.alerts_of(session, reach().providers_with("see_ledger"), reach().person_id)
        found = next((each for each in raised if each.alert_id == alert_id), None)
        if found is None:
            raise NotFoundError("There is no such alert within your sign-in.")
        commands.see(session, reach(), found)
    flash("Your initials stand beside it.", "success")
    return cast("Response", redirect(address("alerts.listing"), 303))
