"""Roles that wait for acceptance, on the page of a provider's people."""

from collections.abc import Sequence

from mendline.catalogue.wording import long_date, short_date
from mendline.people.desk import Act, Cell, Row, Table
from mendline.people.members.rows import OfferLine
from mendline.places.head import Address
from mendline.web.components import Badge, Empty
from tenants.clock import LONDON
from tenants.reach import Reach
from tenants.roles import ROLES

_WAITING = Badge("Waiting for acceptance", "i-clock", "pending")
_ANSWERS = {"declined": Badge("Declined", "i-cross", "alert"), "withdrawn": Badge("Withdrawn", kind="hollow")}
_HOW = {"acting": "Acting up", "cover": "Cover"}
_OVER = Badge("Ran out", kind="hollow")


def offers_table(held: Reach, offers: Sequence[OfferLine], address: Address) -> Table:
    """What is offered to people who do not work here yet; it opens nothing until they accept."""
    return Table(
        "offers",
        "Waiting for acceptance",
        ("Name", "Role", "Where", "From and until", "State"),
        tuple(_row(held, each, address) for each in offers),
        Empty("Nothing waits", "Roles that are offered to people who do not work here yet would stand here."),
        "Each opens nothing until the person accepts it",
    )


def _row(held: Reach, each: OfferLine, address: Address) -> Row:
    waits = each.answer is None and not each.is_over
    role = ROLES[each.role].label if each.role in ROLES else each.role
    acts: tuple[Act, ...] = ()
    if waits and held.may("change_members", each.provider_id, each.service_id):
        there = address("members.withdraw", offer_id=each.offer_id)
        acts = (Act("Withdraw", there, about=f"{each.display_name}, {role}"),)
    return Row(
        (
            Cell(each.display_name, f"Offered on {short_date(each.recorded_at.astimezone(LONDON).date())}{_by(each)}"),
            Cell(role, _HOW.get(each.kind, "")),
            Cell(each.service or "Whole provider"),
            Cell(long_date(each.valid_from), f"until {long_date(each.valid_until)}" if each.valid_until else "open"),
            _state(each),
        ),
        acts,
        flagged=waits,
    )


def _state(each: OfferLine) -> Cell:
    if each.answer is None:
        badge = _OVER if each.is_over else _WAITING
        day = each.expires_at.astimezone(LONDON).date()
        return Cell("", "" if each.is_over else f"until {short_date(day)}", badge=badge)
    answered = f"on {short_date(each.answered_at.astimezone(LONDON).date())}" if each.answered_at else ""
    said = f"{answered}: {each.answer_reason}" if each.answer == "declined" and each.answer_reason else answered
    return Cell("", said, badge=_ANSWERS.get(each.answer))


def _by(each: OfferLine) -> str:
    return f" by {each.offered_by}" if each.offered_by else ""
