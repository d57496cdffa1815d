"""Pages about inspectors' links at the provider: who has one, the form that makes one, and each look through it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, long_date
from mendline.packs.queries import PackLine
from mendline.people.desk import Act, Card, Cell, DeskPage, Row, Table, desk_head
from mendline.people.inspection.commands import LONGEST, SECTIONS, USUAL
from mendline.people.inspection.queries_links import LinkLine, LookLine
from mendline.places.head import Address
from mendline.web.components import Badge, Button, Empty, Field, Form, Item, ItemList, Link, Option
from mendline.web.page import day_and_time
from mendline.web.typed import day_or_none
from tenants.errors import RefusedError
from tenants.reach import Reach

STATES = {
    "coming": Badge("Not open yet", "i-clock", "pending"),
    "open": Badge("Open", "i-eye", "alert"),
    "over": Badge("Over", kind="hollow"),
    "revoked": Badge("Revoked", kind="hollow"),
}
LOOK_WORDS = {
    "inspector code sent": "Asked for a code",
    "inspector code refused": "Typed a code that was refused",
    "inspector link refused": "Was refused a code",
    "inspector signed in": "Opened the link",
    "inspector look": "Looked",
    "inspector refused": "Was refused",
}


def links_page(held: Reach, links: Sequence[LinkLine], *, at: datetime, address: Address) -> DeskPage:
    """Every link with how it stands and how often it was looked through."""
    may = held.may_anywhere("invite_inspector")
    open_now = sum(each.state(at) == "open" for each in links)
    rows = tuple(
        Row(
            (
                Cell(each.named, each.email, address("inspectors.one", link_id=each.link_id)),
                Cell(each.service, each.pack or ""),
                Cell(f"{day_and_time(each.opens_at)} to", day_and_time(each.closes_at)),
                Cell("", badge=STATES[each.state(at)]),
                Cell(counted(each.looks, "look"), f"last {day_and_time(each.last_look)}" if each.last_look else ""),
            ),
            flagged=each.state(at) == "open",
        )
        for each in links
    )
    head = desk_head(
        held, "inspectors.listing", address, "Inspectors",
        f"{counted(open_now, 'link')} {'is' if open_now == 1 else 'are'} open now." if open_now else "No link is open now.",
        *((Button("Make a link", address("inspectors.new"), "i-plus", "primary"),) if may else ()),
    )  # fmt: skip
    table = Table(
        "links",
        "Links",
        ("For whom", "Service and pack", "Open", "State", "Looks"),
        rows,
        Empty("No link yet", "A link opens one pack, and the records behind it, to one named inspector."),
        "Read only, for 30 days at most",
    )
    return DeskPage(head, tables=(table,))


def link_form(
    held: Reach,
    packs: Sequence[PackLine],
    given: Mapping[str, str],
    sections: Sequence[str],
    *,
    today: date,
    address: Address,
    refused: RefusedError | None = None,
) -> DeskPage:
    """The form that makes a link."""
    problems = refused.problems if refused else {}

    def field(name: str, label: str, kind: str = "text", **more: object) -> Field:
        return Field(name, label, kind, given.get(name, ""), error=problems.get(name, ""), **more)  # type: ignore[arg-type]

    options = tuple(
        Option(str(each.pack_id), f"{each.reference}, {each.service}, as at {day_and_time(each.as_at)}")
        for each in packs
    )
    form = Form(
        address("inspectors.create"),
        (
            field("pack", "Pack", "select", options=options, hint="What it shows stays as it was at that moment."),
            field("named", "Inspector's name", hint="One person; each needs a link of their own"),
            field("email", "Inspector's email address", "email", hint="The link and each code go here and nowhere else."),
            field("purpose", "What for", hint="Such as: inspection of 3 December"),
            Field("opens", "Opens on", "date", given.get("opens") or today.isoformat(), error=problems.get("opens", "")),
            Field(
                "days", "For how many days", "count", given.get("days") or str(USUAL.days), "30 at most",
                problems.get("days", ""), low="1", high=str(LONGEST.days), one="day",
            ),
            Field(
                "sections", "What can be opened behind the pack", "choices", required=False,
                options=tuple(Option(key, words) for key, words in SECTIONS.items()), values=tuple(sections),
                error=problems.get("sections", ""),
            ),
        ),
        "Make the link and send it",
        Link("Back", address("inspectors.listing")),
        trouble=(str(refused),) if refused and not problems else (),
        footnote="You can revoke it at any time.",
    )  # fmt: skip
    head = desk_head(
        held, "inspectors.new", address, "A link for an inspector",
        "One named person reads one pack, and the records behind its figures as they stood at its moment.",
    )  # fmt: skip
    return DeskPage(head, cards=(Card("link", "For whom, what, until when", form),))


def link_page(held: Reach, link: LinkLine, looks: Sequence[LookLine], *, at: datetime, address: Address) -> DeskPage:
    """One link with every look through it, and the press that revokes it."""
    state = link.state(at)
    opened = [SECTIONS[each] for each in link.classes if each in SECTIONS]
    facts = (
        Item("For", f"{link.named}, {link.email}"),
        Item("What for", link.purpose),
        Item("Pack", f"{link.pack}, as at {day_and_time(link.as_at)}"),
        Item("Also opened", ", ".join(opened) or "Nothing but the pack"),
        Item("Open", f"{day_and_time(link.opens_at)} to {day_and_time(link.closes_at)}"),
        Item("Made by", link.made_label),
    )
    rows = tuple(
        Row(
            (
                Cell(day_and_time(each.recorded_at)),
                Cell(LOOK_WORDS.get(each.act, each.act), each.because or ""),
                Cell(_page_words(each)),
                Cell(each.device or ""),
            ),
            flagged="refused" in each.act,
        )
        for each in looks
    )
    acts: tuple[Act, ...] = ()
    if state in ("open", "coming") and held.may("invite_inspector", link.provider_id, link.service_id):
        acts = (Act("Revoke this link now", address("inspectors.revoke", link_id=link.link_id), kind="alert"),)
    revoke = Table(
        "state",
        "This link",
        ("State", "Looks"),
        (Row((Cell("", badge=STATES[state]), Cell(counted(link.looks, "look"))), acts),),
        Empty("", ""),
        "Ended links open nothing, in the middle of a page too",
    )
    looked = Table(
        "looks",
        "What was looked at",
        ("When", "What", "Page", "From"),
        rows,
        Empty("Nothing yet", "Each page that is opened stands here at once."),
        "Newest first",
    )
    head = desk_head(
        held,
        "inspectors.one",
        address,
        f"Link for {link.named}",
        f"{link.service}. {counted(link.looks, 'look')} so far.",
    )
    return DeskPage(head, tables=(revoke, looked), rail=(ItemList("About it", facts),))


_PAGES = (
    ("/inspection/pack.pdf", "The pack, a copy"),
    ("/inspection/records/", "A record behind a figure"),
    ("/inspection/evidence/", "An evidence file, a copy"),
)


def _page_words(look: LookLine) -> str:
    """Which page it was; nothing for what is about the link itself, and the address of a page that was refused."""
    page = look.subject or ""
    if page.startswith("inspector link "):
        return ""
    if page == "/inspection":
        return "The pack, with every indicator"
    if look.definition_key:
        name, day = indicator_definition(look.definition_key).name, day_or_none(page.rpartition("/")[2])
        return f"{name}: records behind the figure from {long_date(day)}" if day else name
    return next((words for beginning, words in _PAGES if page.startswith(beginning)), page)


def sections_of(given: Iterable[str]) -> tuple[str, ...]:
    """The sections that were ticked, in the order in which they are asked; anything else is kept to be refused."""
    ticked = tuple(dict.fromkeys(given))
    return tuple(each for each in SECTIONS if each in ticked) + tuple(each for each in ticked if each not in SECTIONS)
