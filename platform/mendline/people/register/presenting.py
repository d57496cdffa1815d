"""The register of services in words: which are open, which closed, which follows which, and where each lies."""

import uuid
from collections.abc import Mapping, Sequence

from mendline.catalogue.wording import counted, long_date
from mendline.people.desk import Act, Card, Cell, DeskPage, Row, Table, desk_head
from mendline.people.register.queries import Registered
from mendline.places.head import Address
from mendline.places.wording import KIND_WORDS
from mendline.web.asking import Asking
from mendline.web.components import Badge, Empty, Form, Option
from tenants.errors import RefusedError
from tenants.reach import Reach


def register_page(
    held: Reach,
    services: Sequence[Registered],
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> DeskPage:
    """Every service within reach, and the forms for whoever manages them."""
    names = {each.service_id: each.name for each in services}
    manages = [each for each in services if held.may("manage_services", each.provider_id, each.service_id)]
    closed = sum(each.closed_on is not None for each in services)
    head = desk_head(
        held, "register.listing", address, "Service register",
        f"{counted(len(services) - closed, 'service')} open, {closed} closed. A closed service stays to be read.",
    )  # fmt: skip
    table = Table(
        "services", "Open and closed", ("Service", "Since", "State", "History before it"),
        tuple(_row(held, each, names, address, can_change=each in manages) for each in services),
        Empty("None", "The services of your provider would stand here."),
    )  # fmt: skip
    cards = (
        (
            _closing(manages, address, given, refused),
            _following(manages, address, given, refused),
            _locating(manages, address, given, refused),
        )
        if manages
        else ()
    )
    return DeskPage(head=head, tables=(table,), cards=cards)


def _row(held: Reach, each: Registered, names: Mapping[uuid.UUID, str], address: Address, *, can_change: bool) -> Row:
    sees = held.may("see_indicators", each.provider_id, each.service_id)
    href = address("services.dashboard", service_id=each.service_id) if sees else ""
    state = (
        Cell(f"Closed on {long_date(each.closed_on)}", badge=Badge("Closed", kind="hollow"))
        if each.closed_on
        else Cell("", badge=Badge("Open", "i-tick", "ok"))
    )
    follows = Cell("None")
    if each.follows and each.from_on:
        follows = Cell(
            names.get(each.follows, "Another service"), f"From {long_date(each.from_on)}. {each.reason or ''}"
        )
    area = f", area {each.area_code}" if each.area_code else ""
    acts = (
        (Act("Open again", address("register.open_again", service_id=each.service_id), about=each.name),)
        if can_change and each.closed_on
        else ()
    )
    return Row(
        (
            Cell(each.name, f"{KIND_WORDS.get(each.kind, 'Service')}{area}", href),
            Cell(long_date(each.opened_on) if each.opened_on else "Not recorded"),
            state,
            follows,
        ),
        acts,
    )


def _options(services: Sequence[Registered]) -> tuple[Option, ...]:
    return tuple(Option(str(each.service_id), each.name) for each in services)


def _asking(form: str, given: Mapping[str, str], refused: RefusedError | None) -> Asking:
    """The questions of one of the page's forms; what was typed into another is not asked again here."""
    return Asking(given, refused) if given.get("form") == form else Asking({})


def _closing(
    services: Sequence[Registered], address: Address, given: Mapping[str, str], refused: RefusedError | None
) -> Card:
    asked = _asking("close", given, refused)
    form = Form(
        address("register.close"),
        (
            asked.field(
                "service", "Service", "select",
                options=_options([each for each in services if each.closed_on is None]),
            ),
            asked.field("day", "Last day", "date"),
            asked.field("reason", "Why"),
        ),
        "Close the service",
        footnote="From then on no work, reminder or trigger, and no weight in pooled figures. It stands in the ledger.",
    )  # fmt: skip
    return Card("close", "A service closed", form)


def _following(
    services: Sequence[Registered], address: Address, given: Mapping[str, str], refused: RefusedError | None
) -> Card:
    asked = _asking("follow", given, refused)
    form = Form(
        address("register.follow"),
        (
            asked.field("newer", "The newer service", "select", options=_options(services)),
            asked.field(
                "before", "Follows", "select",
                options=(Option("none", "No other service"), *_options(services)),
            ),
            asked.field("from_on", "From", "date"),
            asked.field("because", "Why"),
        ),
        "Save what it follows",
        footnote="Both services' pages say so. The newer one begins with no baseline: what was reached before is not its own.",
    )  # fmt: skip
    return Card(
        "follow", "A service follows another", form, "For a new location, where the regulator sees a new service."
    )


def _locating(
    services: Sequence[Registered], address: Address, given: Mapping[str, str], refused: RefusedError | None
) -> Card:
    asked = _asking("area", given, refused)
    form = Form(
        address("register.set_area"),
        (
            asked.field("located", "Service", "select", options=_options(services)),
            asked.field(
                "area_code", "Code of its local authority", required=False,
                hint="As national statistics have it, such as E08000009. Empty takes it back.",
            ),
        ),
        "Save the area",
        footnote="Published figures of the area, when you import them, then stand beside the service's own.",
    )  # fmt: skip
    return Card("area", "Where a service lies", form)
