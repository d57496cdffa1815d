"""Alerts in words: what was unlike an ordinary day, how often, when, and who saw it."""

import uuid
from collections.abc import Mapping, Sequence

from mendline.catalogue.wording import counted
from mendline.people.alerts.queries import Raised
from mendline.people.desk import Act, Cell, DeskPage, Row, Table, desk_head
from mendline.places.head import Address
from mendline.web.components import Badge, Empty
from mendline.web.page import day_and_time
from tenants.reach import Reach
from tenants.watching import what_to_do, words_of

_ONCE = frozenset({"break_glass", "ledger_broken"})  # what is not a matter of how often


def alerts_page(held: Reach, raised: Sequence[Raised], address: Address) -> DeskPage:
    """A provider's alerts."""
    unseen = sum(not each.seen_by for each in raised)
    head = desk_head(
        held, "alerts.listing", address, "Alerts",
        f"{counted(unseen, 'alert')} that nobody has seen." if unseen
        else "Nothing is unlike an ordinary day that nobody has seen.",
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                Cell(words_of(each.kind), what_to_do(each.kind)),
                Cell(each.person or "Nobody by name", _times(each)),
                Cell(day_and_time(each.raised_at)),
                _seen(each),
            ),
            _see(each, address("alerts.see", alert_id=each.alert_id)),
            flagged=not each.seen_by,
        )
        for each in raised
    )
    table = Table(
        "alerts", "Unlike an ordinary day", ("What", "Who", "When", "Seen by"), rows,
        Empty("None", "What is unlike an ordinary day in your ledger would stand here within five minutes."),
    )  # fmt: skip
    return DeskPage(head=head, tables=(table,))


def alerts_table(raised: Sequence[Raised], names: Mapping[uuid.UUID, str], address: Address) -> Table:
    """The operators' table: at which provider, and nobody's name."""
    rows = tuple(
        Row(
            (
                Cell(words_of(each.kind), _times(each)),
                Cell(names.get(each.provider_id, "A provider that left") if each.provider_id else "The platform"),
                Cell(day_and_time(each.raised_at)),
                _seen(each),
            ),
            _see(each, address("operating.see", alert_id=each.alert_id)),
            flagged=not each.seen_by,
        )
        for each in raised
    )
    return Table(
        "alerts", "Alerts", ("What", "Where", "When", "Seen by"), rows,
        Empty("None", "What is unlike an ordinary day would stand here within five minutes."),
        "Ninety days",
    )  # fmt: skip


def _times(each: Raised) -> str:
    return "" if each.kind in _ONCE else f"{counted(each.times, 'time')} when it was raised"


def _seen(each: Raised) -> Cell:
    if each.seen_by:
        return Cell(", ".join(each.seen_by))
    return Cell("", badge=Badge("Not seen yet", "i-warn", "alert"))


def _see(each: Raised, href: str) -> tuple[Act, ...]:
    return () if each.seen_by_me else (Act("I have seen this", href, about=words_of(each.kind)),)
