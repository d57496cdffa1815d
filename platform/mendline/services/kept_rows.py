"""Rows of dashboards as they were last drawn, so that a page draws anew only what has changed since.

A row is kept in the process under everything that it is made from: where the indicator stands, as the database has just
shown it to whoever asks, the day, and what the person may open. Whatever differs is another row, so nothing has to be
taken out when a figure comes in, and nobody is shown what they have not just read themselves.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache, partial
from uuid import UUID

from flask import current_app, get_template_attribute, request
from markupsafe import Markup

from mendline.indicators.pages import IndicatorRow
from mendline.indicators.standing import Standing
from mendline.places.head import Offers, address
from mendline.places.rows import Place
from mendline.services.dashboard import framework_of, indicator_row

KEPT = 4096  # rows of a process, some 7 kB each with what they are kept under


def kept_rows(place: Place, offers: Offers, today: date) -> Callable[[Standing], Markup]:
    """What draws the rows of one page, or takes them as they were drawn before."""
    keep = current_app.extensions.get("mendline.rows")
    if keep is None:  # of one application: another one may build other addresses
        macro = get_template_attribute("components/data.html", "ind_row")
        keep = current_app.extensions["mendline.rows"] = lru_cache(KEPT)(partial(_drawn, macro))
    found: Callable[[Standing], Markup] = partial(
        keep, request.script_root, place.service_id, framework_of(place), today, offers.see_evidence
    )
    return found


def _drawn(
    macro: Callable[[IndicatorRow], str],
    _root: str,
    service_id: UUID,
    framework: str,
    today: date,
    see_evidence: bool,
    standing: Standing,
) -> Markup:
    row = indicator_row(standing, service_id, framework, today=today, see_evidence=see_evidence, address=address)
    return Markup(macro(row))  # noqa: S704 -- a macro has escaped it
