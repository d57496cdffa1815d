"""One way to draw a page: the template's own view, and around it the layout with what this person may open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, current_app, render_template, request, url_for
from flask_login import current_user

from mendline.web.components import Link, NavItem, Who
from mendline.web.frame import as_at_day, as_at_given, csrf_token, ground, reach
from tenants.clock import LONDON
from tenants.reach import Reach


@dataclass(frozen=True, slots=True)
class Way:
    """An entry of the top bar: its words, the endpoint, and who is offered it.

    Attributes:
        permission: offered to whoever holds it anywhere; None for everybody who is signed in.
        external: whether outsiders are offered it: True only them, False only the provider's own people, None both.
    """

    label: str
    endpoint: str
    permission: str | None
    external: bool | None = False


# The licences of the demonstration's figures ask that this line stays with them.
ATTRIBUTION = (
    "Contains public sector information licensed under the Open Government Licence v3.0. "
    "COVID Tracking Project at The Atlantic, CC BY 4.0."
)

NOTICES = "telling.listing"

# In the order of the top bar. An endpoint that is not registered is left out.
WAYS = (
    Way("My work", "work.mine", None),
    Way("Notices", NOTICES, None),
    Way("Record", "capture.home", "enter_record"),
    Way("Services", "services.listing", "see_indicators"),
    Way("Compare", "comparison.matrix", "compare_services"),
    Way("Services", "commissioner.portfolio", "see_service", external=True),
    Way("Escalations", "escalations.everywhere", "see_escalations"),
    Way("Packs", "packs.listing", "see_packs"),
    Way("Access", "members.listing", "see_people"),
    Way("Data protection", "custody.start", "see_custody"),
    Way("Operations", "operating.listing", "see_operations", external=None),
)


def page(template: str, *, title: str, crumbs: Sequence[Link] = (), section: str = "", **view: Any) -> str:
    """Draws a page.

    Args:
        template: its file below `templates/`.
        title: what the window says before the product's name.
        crumbs: the way here; the last one is this page and leads nowhere.
        section: the endpoint of the top bar's entry that this page belongs to.
        view: what the template shows.
    """
    return render_template(template, **view, **layout_context(title=title, crumbs=crumbs, section=section))


def layout_context(*, title: str, crumbs: Sequence[Link] = (), section: str = "") -> dict[str, Any]:
    """What `layout/base.html` needs for whoever asks."""
    signed_in = bool(current_user and current_user.is_authenticated)
    return {
        "title": title,
        "as_at": as_at_day(),
        "as_at_words": _past_words(),
        "as_at_until": "then" if "T" in as_at_given() else "the end of that day",
        "now_href": request.path,
        "crumbs": tuple(crumbs),
        "nav": _ways(reach(), section) if signed_in else (),
        "who": _who(reach()) if signed_in else None,
        "theme": request.cookies.get("mendline_theme", ""),
        "demonstration": ground().settings.demonstration,
        "attribution": ATTRIBUTION,
        "sign_out_href": _way_out() if signed_in else "",
        "watch": _watch(reach()) if signed_in else "",
    }


def declare_filters(app: Flask) -> None:
    """What templates, and the components that they import without their context, may call."""
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _past_words() -> str:
    """`1 February 2026`, or with its time, of a page that is drawn as it stood then; empty for now."""
    day, given = as_at_day(), as_at_given()
    if day is None:
        return ""
    return day_and_time(datetime.fromisoformat(given)) if "T" in given else f"{day.day} {day:%B %Y}"


def _way_out() -> str:
    return url_for("inspection.leave" if reach().inspecting else "signin.leave")


def _watch(held: Reach) -> str:
    """What stands above each page while somebody from outside is let in: to them, and to those who let them in."""
    if held.inspecting:
        here = held.inspecting
        return (
            f"{here.service}, as at {day_and_time(here.as_at)}. Read only, until {day_and_time(here.until)}."
            " The provider sees each look."
        )
    for mine in held.supported:
        return (
            f"Support access to {mine.provider} until {clock(mine.until)}. Read only."
            " The provider sees each page that you open."
        )
    for records in held.opened:
        return (
            f"You opened records of {records.service} that identify people, until {clock(records.until)}."
            " Each look is in the ledger."
        )
    for each in held.watched:
        return (
            f"{each.name} of Mendline support is reading here until {clock(each.until)}, as your provider agreed."
            " Each look is in the ledger."
        )
    return ""


def clock(moment: datetime) -> str:
    """`14:05` in England."""
    return f"{moment.astimezone(LONDON):%H:%M}"


def day_and_time(moment: datetime) -> str:
    """`3 November 2026, 14:05` in England."""
    return f"{moment.astimezone(LONDON):%d %B %Y, %H:%M}".lstrip("0")


def _ways(held: Reach, section: str) -> tuple[NavItem, ...]:
    if held.inspecting:
        return ()
    known = current_app.view_functions
    if held.sign_in.level == "enrol":
        return ()
    return tuple(
        NavItem(
            way.label,
            url_for(way.endpoint),
            current=way.endpoint == section,
            count=held.unread if way.endpoint == NOTICES else 0,
        )
        for way in WAYS
        if way.endpoint in known
        and (way.external is None or way.external == held.is_external)
        and (way.permission is None or held.may_anywhere(way.permission))
        and (way.endpoint != NOTICES or held.held)  # only who works for a provider is told anything
    )


def _who(held: Reach) -> Who:
    return Who(
        name=held.name,
        role=held.role_label,
        initials=held.initials,
        scope="Read only" if held.is_external else "",
    )
