"""The register of services in words: which are open, which closed, which follows which, and where each lies."""

import uuid
from collections.abc import Mapping, Sequence

from mendline.catalogue.wording import counted, long_date
from mendline.people.desk import Act, Card, Cell, DeskPage, Row, Table, desk_head
from mendline.people.register.queries import Registered
from mendline.places.head import Address
from mendline.places.wording import KIND_WORDS
from mendline.web.components import Badge, Empty, Field, Form, Option
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


def _closing(
    services: Sequence[Registered], address: Address, given: Mapping[str, str], refused: RefusedError | None
) -> Card:
    problems = refused.problems if refused and given.get("form") == "close" else {}
    mine = given if given.get("form") == "close" else {}
    form = Form(
        address("register.close"),
        (
            Field(
                "service", "Service", "select", mine.get("service", ""), error=problems.get("service", ""),
                options=_options([each for each in services if each.closed_on is None]),
            ),
            Field("day", "Last day", "date", mine.get("day", ""), error=problems.get("day", "")),
            Field("reason", "Why", value=mine.get("reason", ""), error=problems.get("reason", "")),
        ),
        "Close the service",
        footnote="From then on no work, reminder or trigger, and no weight in pooled figures. It stands in the ledger.",
    )  # fmt: skip
    return Card("close", "A service closed", form)


def _following(
    services: Sequence[Registered], address: Address, given: Mapping[str, str], refused: RefusedError | None
) -> Card:
    problems = refused.problems if refused and given.get("form") == "follow" else {}
    mine = given if given.get("form") == "follow" else {}
    form = Form(
        address("register.follow"),
        (
            Field(
                "newer", "The newer service", "select", mine.get("newer", ""), error=problems.get("newer", ""),
                options=_options(services),
            ),
            Field(
                "before", "Follows", "select", mine.get("before", ""), error=problems.get("before", ""),
                options=(Option("none", "No other service"), *_options(services)),
            ),
            Field("from_on", "From", "date", mine.get("from_on", ""), error=problems.get("from_on", "")),
            Field("because", "Why", value=mine.get("because", ""), error=problems.get("because", "")),
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
    problems = refused.problems if refused and given.get("form") == "area" else {}
    mine = given if given.get("form") == "area" else {}
    form = Form(
        address("register.set_area"),
        (
            Field(
                "located", "Service", "select", mine.get("located", ""), error=problems.get("located", ""),
                options=_options(services),
            ),
            Field(
                "area_code", "Code of its local authority", value=mine.get("area_code", ""),
                hint="As national statistics have it, such as E08000009. Empty takes it back.",
                error=problems.get("area_code", ""),
            ),
        ),
        "Save the area",
        footnote="Published figures of the area, when you import them, then stand beside the service's own.",
    )  # fmt: skip
    return Card("area", "Where a service lies", form)
