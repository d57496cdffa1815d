"""The page about opened records, in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mendline.people.access.presenting import class_name
from mendline.people.desk import Act, Card, Cell, DeskPage, Row, Table, desk_head
from mendline.people.members.rows import Reachable
from mendline.people.opening.queries import Opening
from mendline.places.head import Address
from mendline.web.components import Badge, Empty, Field, Form, Option
from mendline.web.page import clock, day_and_time
from tenants.classes import CLASSES, OPENED_ON_NEED
from tenants.errors import RefusedError
from tenants.reach import Reach

USUAL_MINUTES = "30"


def openings_page(
    held: Reach,
    found: Sequence[Opening],
    services: Sequence[Reachable],
    *,
    given: Mapping[str, str],
    classes: tuple[str, ...],
    at: datetime,
    address: Address,
    refused: RefusedError | None = None,
) -> DeskPage:
    """Who opened which records and why, and the form that opens some."""
    table = Table(
        "openings",
        "Records that were opened",
        ("Who", "Where", "What", "Why", "When"),
        tuple(_row(held, each, at, address) for each in found),
        Empty("None", "Nobody has opened records that identify people."),
        "Each record that was looked at stands in the ledger",
    )
    open_now = sum(each.is_open(at) for each in found)
    head = desk_head(
        held,
        "opening.listing",
        address,
        "Opened records",
        f"{open_now or 'No'} service{'' if open_now == 1 else 's'} {'is' if open_now == 1 else 'are'} open to somebody"
        " who works with pseudonyms otherwise.",
    )
    may = held.may_anywhere("open_records") and bool(services)
    cards = (_card(services, given, classes, address, refused),) if may else ()
    return DeskPage(head, tables=(table,), cards=cards)


def _row(held: Reach, each: Opening, at: datetime, address: Address) -> Row:
    is_open = each.is_open(at)
    end = Act(
        "Close them now",
        address("opening.end", service_id=each.service_id, opening_id=each.opening_id),
        about=each.service,
    )
    closed = each.ended_at or each.ends_at
    where = address("records.types", service_id=each.service_id) if is_open and each.person_id == held.person_id else ""
    return Row(
        (
            Cell(each.person or "Somebody who left", badge=Badge("Open", "i-eye", "pending") if is_open else None),
            Cell(each.service, href=where),
            Cell(", ".join(class_name(class_) for class_ in each.classes)),
            Cell(each.reason),
            Cell(day_and_time(each.begun_at), f"Until {clock(closed)}"),
        ),
        (end,) if is_open else (),
        flagged=is_open,
    )


def _card(
    services: Sequence[Reachable],
    given: Mapping[str, str],
    classes: tuple[str, ...],
    address: Address,
    refused: RefusedError | None,
) -> Card:
    problems = refused.problems if refused else {}
    form = Form(
        address("opening.begin"),
        (
            Field(
                "service",
                "Service",
                "select",
                given.get("service", ""),
                options=tuple(Option(str(each.service_id), each.name) for each in services),
                error=problems.get("service", ""),
            ),
            Field(
                "classes",
                "Which records",
                "choices",
                values=classes,
                options=tuple(Option(each, CLASSES[each][0].upper() + CLASSES[each][1:]) for each in OPENED_ON_NEED),
                error=problems.get("classes", ""),
            ),
            Field("reason", "What you need them for", value=given.get("reason", ""), error=problems.get("reason", "")),
            Field(
                "minutes",
                "For how many minutes",
                "number",
                given.get("minutes") or USUAL_MINUTES,
                "60 at most",
                problems.get("minutes", ""),
            ),
        ),
        "Open the records",
        trouble=(str(refused),) if refused and not problems else (),
        footnote="The manager of the service and the nominated individual are written to. Each look is in the ledger.",
    )
    return Card("open", "Open records that identify people", form, "Use pseudonyms wherever they are enough.")
