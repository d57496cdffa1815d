"""The pages that start a clock and that say by which numbers clocks are counted, from rows to words."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mendline.catalogue.clocks import BASIS_WORDS, ClockKind, Count, clock_kinds
from mendline.catalogue.wording import long_date
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.recovery.clocks.presenting import CHECK
from mendline.recovery.clocks.rules import count_words
from mendline.recovery.registers.pages import FormPage, RulesPage
from mendline.web.asking import Asking
from mendline.web.components import Badge, Field, Form, Head, Item, ItemList, Note, Option
from tenants.clock import LONDON
from tenants.errors import RefusedError

ABOUT_WORDS = {
    "assessment": "An assessment or its report",
    "requirement_notice": "A requirement notice",
    "warning_notice": "A warning notice",
    "condition": "A condition, proposal or urgent decision",
    "return": "A return that CQC asks for",
    "incident": "An incident, death or concern",
    "complaint": "A complaint",
    "change": "A change at the service",
    "commissioning": "A council or other commissioner",
}


def kinds_of_event(place: Place, address: Address) -> RulesPage:
    """The first question of a new clock: what came in."""
    items = tuple(
        Item(words, href=address("clocks.new", service_id=place.service_id, about=key))
        for key, words in ABOUT_WORDS.items()
    )
    head = Head("Start a clock", place.name, "Say what came in. Mendline counts the days and shows what is due.")
    return RulesPage(head, (ItemList("What came in?", items),))


def new_clock_page(
    place: Place,
    about: str,
    *,
    own: Mapping[str, Count],
    today: date,
    given: Mapping[str, str],
    chosen: Sequence[str],
    refused: RefusedError | None,
    address: Address,
) -> FormPage:
    """The form that records an event with the clocks it starts."""
    ask = Asking(given, refused)
    kinds = [kind for kind in clock_kinds().values() if kind.about == about]

    dates = tuple(
        ask.field(
            f"said_{kind.key}",
            f"Date in the letter: {kind.label}",
            "date",
            "Needed: only the letter says it." if kind.counts is None else "Leave it empty to count.",
            required=False,
        )
        for kind in kinds
        if kind.takes_date
    )
    fields = (
        Field("about", "", "hidden", about),
        ask.field("summary", "What happened", "textarea", "In a few words; initials or a reference, never a name."),
        ask.field(
            "started_on",
            "From which day does it count?",
            "date",
            "The day of the letter, or on which the service became aware.",
            value=today.isoformat(),
        ),
        ask.field("started_time", "At what time?", "time", "For clocks that run by the hour.", required=False),
        ask.field(
            "kinds",
            "Which clocks start?",
            "choices",
            "One event can need several reports.",
            values=tuple(chosen),
            options=tuple(Option(kind.key, kind.label, _kind_hint(kind, own)) for kind in kinds),
        ),
        *dates,
        ask.field("owner", "Who sees to it?", "text", "An initial and a surname."),
        ask.field("record_reference", "Source record", "text", "If there is one.", required=False),
    )
    head = Head("Start a clock", place.name, ABOUT_WORDS[about])
    advice = ItemList("What is kept as proof", tuple(Item(kind.label, kind.proof) for kind in kinds))
    form = Form(address("clocks.new", service_id=place.service_id), fields, "Start")
    return FormPage(head, "What came in", form, advice)


def numbers_page(
    settings: Sequence[Any], *, may_set: bool, given: Mapping[str, str], refused: RefusedError | None, address: Address
) -> RulesPage:
    """Every kind of clock with its number in force."""
    own = {row.kind: row for row in settings}
    groups: dict[str, list[Item]] = {}
    for kind in clock_kinds().values():
        groups.setdefault(kind.about, []).append(_number_item(kind, own.get(kind.key)))
    ask = Asking(given, refused)
    counted_kinds = tuple(
        Option(kind.key, f"{kind.label} ({count_words(kind.counts)})") for kind in clock_kinds().values() if kind.counts
    )
    form = Form(
        address("clock_numbers.listing_"),
        (
            ask.field("kind", "Which clock?", "select", options=counted_kinds),
            ask.field("number", "Its number", "text", "In the unit that stands beside it."),
            ask.field("reason", "Why?", "textarea", "Who confirmed it, or why it differs here."),
        ),
        "Confirm or change",
    )
    unchecked = sum(kind.check and kind.key not in own for kind in clock_kinds().values())
    sentence = f"{unchecked} numbers are to be checked before use." if unchecked else "Every number was confirmed."
    return RulesPage(
        head=Head("Numbers of the clocks", "In force for the provider", sentence),
        lists=tuple(ItemList(ABOUT_WORDS[about], tuple(items)) for about, items in groups.items()),
        form=form if may_set else None,
        form_heading="Confirm or change a number",
        notes=(
            Note(
                "Not legal advice",
                "Whoever answers for the service confirms each number with its source. The date in a letter always goes first.",
            ),
        ),
    )


def _number_item(kind: ClockKind, setting: Any) -> Item:
    if setting is not None:
        count = Count(setting.unit, setting.number)
        day = setting.recorded_at.astimezone(LONDON).date()
        said = f"{count_words(count)}. Set by {setting.recorded_label} on {long_date(day)}: {setting.reason}"
        return Item(kind.label, f"{said} {kind.regulation}.", badge=Badge("Confirmed here", "i-tick", "ok"))
    text = f"{count_words(kind.counts).capitalize()}. {BASIS_WORDS[kind.basis]}. {kind.regulation}."
    return Item(kind.label, text, badge=CHECK if kind.check else None)


def _kind_hint(kind: ClockKind, own: Mapping[str, Count]) -> str:
    check = " Check before use." if kind.check and kind.key not in own else ""
    to = f"the {kind.recipient.removeprefix('The ')}" if kind.recipient.startswith("The ") else kind.recipient
    words = count_words(own.get(kind.key) or kind.counts)
    return f"{words[:1].upper()}{words[1:]}, to {to}. {BASIS_WORDS[kind.basis]}.{check}"
