"""The pages of webhooks, in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from mendline.api.webhooks.queries import PAGE, DeliveryRow, WebhookRow
from mendline.catalogue.wording import counted
from mendline.people.desk import Act, Card, Cell, DeskPage, Row, Table, desk_head
from mendline.places.head import Address
from mendline.web.components import Badge, Button, Empty, Field, Form, Item, ItemList, Link, Note, Option, Pager
from mendline.web.page import day_and_time
from tenants.events import EVENTS
from tenants.reach import Reach

LISTING = "webhooks.listing"
STATES = {
    "waiting": Badge("Being tried", "i-clock", "pending"),
    "received": Badge("Received", "i-tick", "ok"),
    "failed": Badge("Given up", "i-warn", "alert"),
}
_RECEIVER = ItemList(
    "For whoever writes the receiver",
    (
        Item(
            "Check the signature",
            "Mendline-Signature holds t, the second of signing, and one v1 for each secret that holds: HMAC-SHA256 over "
            "t, a full stop and the body. Take a delivery that one of them fits and that is at most five minutes old.",
        ),
        Item(
            "Count a delivery once",
            "A delivery comes again until it is answered with 2xx, each time under the same delivery_id.",
        ),
        Item(
            "Ask for what it means",
            "An event names identifiers and nothing that a record says. The API answers with the reach of your own token.",
        ),
    ),
)


def listing_page(held: Reach, found: Sequence[WebhookRow], *, address: Address) -> DeskPage:
    """The addresses that are told, with how their deliveries stand."""
    failing = sum(1 for one in found if one.failed)
    said = f"{counted(len(found), 'address is', 'addresses are')} told of events as they happen."
    if failing:
        said += f" Deliveries were given up at {counted(failing, 'address', 'addresses')}."
    new = Button("Tell an address", address("webhooks.new"), "i-plus", "primary")
    buttons = (new,) if held.may_anywhere("change_settings") else ()
    return DeskPage(
        desk_head(held, LISTING, address, "Webhooks", said, *buttons),
        tables=(
            Table(
                "webhooks",
                "Addresses",
                ("Address", "Events", "Received", "Given up"),
                tuple(_line(one, address) for one in found),
                Empty(
                    "No address is told of anything",
                    "A webhook tells another system at once that a figure, a decision or a pack is there.",
                ),
                "Signed, and tried again until received",
            ),
        ),
        rail=(_RECEIVER,),
    )


def new_page(
    held: Reach,
    providers: Sequence[tuple[str, str]],
    *,
    typed: Mapping[str, str],
    chosen: Sequence[str],
    problems: Mapping[str, str],
    address: Address,
) -> DeskPage:
    """The form that makes a webhook."""
    fields = [
        Field(
            "url",
            "Address",
            value=typed.get("url", ""),
            hint="Begins with https:// and is reached over the internet.",
            error=problems.get("url", ""),
        ),
        Field(
            "events",
            "Tell it of",
            "choices",
            values=tuple(chosen),
            options=tuple(Option(one, _event(one)) for one in EVENTS),
            error=problems.get("events", ""),
        ),
    ]
    if len(providers) > 1:
        options = tuple(Option(key, name) for key, name in providers)
        fields.insert(
            0,
            Field(
                "provider",
                "Provider",
                "select",
                value=typed.get("provider", ""),
                options=options,
                error=problems.get("provider_id", ""),
            ),
        )
    form = Form(
        address("webhooks.create"),
        tuple(fields),
        "Make the webhook",
        cancel=Link("Cancel", address(LISTING)),
        footnote="Its secret is shown once, on the next page.",
    )
    head = desk_head(held, LISTING, address, "Tell an address of events", "Each delivery is signed with a secret.")
    return DeskPage(head, cards=(Card("new", "A new webhook", form),))


def one_page(
    held: Reach,
    one: WebhookRow,
    found: Sequence[DeliveryRow],
    *,
    more: bool,
    page: int,
    state: str | None,
    now: datetime,
    overlap: timedelta,
    address: Address,
    secret: str = "",
) -> DeskPage:
    """One address with its deliveries; `secret` where one was just made."""
    may = held.may("change_settings", one.provider_id) and one.ended_at is None
    notes = [Note("Copy the secret now: it is shown this once", secret, "scope", "i-lock")] if secret else []
    changing = one.secret_changed_at is not None and now - one.secret_changed_at < overlap
    if changing and one.secret_changed_at is not None:
        until = day_and_time(one.secret_changed_at + overlap)
        notes.append(Note("Two secrets sign", f"The new one and the one before, until {until}.", icon="i-clock"))
    if one.ended_at is not None:
        notes.append(Note("This webhook was ended", f"{day_and_time(one.ended_at)}. Nothing is sent any more."))
    return DeskPage(
        desk_head(
            held, LISTING, address, one.url, f"Told of {', '.join(_event(each).lower() for each in one.events)}."
        ),
        tuple(notes),
        tables=(
            Table(
                "deliveries",
                "Deliveries",
                ("Event", "Happened", "State", "Receipt"),
                tuple(_delivery(one, each, may=may, address=address) for each in found),
                Empty("Nothing was sent yet", "A delivery stands here from the moment of its event, with its receipt."),
                "Tried eight times within half an hour, then given up; kept for thirty days",
                _pager(one, page, more, state, address),
            ),
        ),
        cards=_cards(one, address, changing=changing) if may else (),
        rail=(_RECEIVER,),
    )


def _line(one: WebhookRow, address: Address) -> Row:
    last = f"last {day_and_time(one.last_received_at)}" if one.last_received_at else "none yet"
    return Row(
        (
            Cell(one.url, one.provider, address("webhooks.one", webhook_id=one.webhook_id)),
            Cell(counted(len(one.events), "event"), ", ".join(_event(each) for each in one.events)),
            Cell(f"{one.received:,}", last),
            Cell(f"{one.failed:,}", f"{one.waiting:,} being tried" if one.waiting else ""),
        ),
        flagged=one.failed > 0,
    )


def _delivery(one: WebhookRow, row: DeliveryRow, *, may: bool, address: Address) -> Row:
    again = Act(
        "Send again",
        address("webhooks.again", webhook_id=one.webhook_id, delivery_id=row.delivery_id),
        about=f"{_event(row.event)}, {day_and_time(row.happened_at)}",
    )
    tried = f"{counted(row.attempts, 'try', 'tries')}, last {day_and_time(row.tried_at)}" if row.tried_at else ""
    if row.next_try_at is not None:
        tried += f"{'; next' if tried else 'Next'} {day_and_time(row.next_try_at)}"
    return Row(
        (
            Cell(_event(row.event), row.service or "The whole provider"),
            Cell(day_and_time(row.happened_at), f"delivery {str(row.delivery_id)[:8]}"),
            Cell("", badge=STATES[row.state]),
            Cell(row.answer or "Waiting for its turn", tried),
        ),
        (again,) if may and row.state != "waiting" else (),
        flagged=row.state == "failed",
    )


def _cards(one: WebhookRow, address: Address, *, changing: bool) -> tuple[Card, ...]:
    change = Form(address("webhooks.change_secret", webhook_id=one.webhook_id), (), "Make a new secret")
    end = Form(address("webhooks.end_one", webhook_id=one.webhook_id), (), "End this webhook")
    told = "Both secrets sign for a day, so that the receiver can change over without a gap."
    first = () if changing else (Card("secret", "Change the secret", change, told),)
    return (*first, Card("end", "End it", end, "What waits is not sent. Its deliveries stay here for thirty days."))


def _pager(one: WebhookRow, page: int, more: bool, state: str | None, address: Address) -> Pager | None:
    if not more and not page:
        return None

    def at(number: int) -> str:
        asked = {"page": number} | ({"state": state} if state else {})
        return address("webhooks.one", webhook_id=one.webhook_id, **asked)

    words = f"{page * PAGE + 1:,} to {(page + 1) * PAGE:,}" if more else f"From {page * PAGE + 1:,} to the first"
    return Pager(words, at(page) if page else "", at(page + 2) if more else "")


def _event(name: str) -> str:
    """`Figure recorded` for `figure.recorded`."""
    return name.replace(".", " ").replace("_", " ").capitalize()
