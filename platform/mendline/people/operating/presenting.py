"""The operators' pages and the provider's page about support, in words."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from mendline.catalogue.calendar import london_date
from mendline.catalogue.wording import counted, long_date
from mendline.people.alerts.presenting import alerts_table
from mendline.people.alerts.queries import Raised
from mendline.people.desk import Act, Card, Cell, DeskPage, Row, Table, desk_head
from mendline.people.operating.commands import REVIEWS
from mendline.people.operating.queries import DeadJob, Refusal, Support, Tenant
from mendline.places.head import Address
from mendline.web.components import Badge, Empty, Field, Form, Head, Note, Option
from mendline.web.page import clock, day_and_time
from tenants.errors import RefusedError
from tenants.reach import Reach

STATES = {
    "asked": Badge("Waits for a second operator", "i-clock", "pending"),
    "seconded": Badge("Waits for the provider", "i-clock", "pending"),
    "open": Badge("Open now", "i-eye", "alert"),
    "over": Badge("Over", kind="hollow"),
}


def operations_page(
    held: Reach,
    tenants: Sequence[Tenant],
    dead: Sequence[DeadJob],
    asked: Sequence[Support],
    turned_away: Sequence[Refusal],
    raised: Sequence[Raised],
    *,
    given: Mapping[str, str],
    at: datetime,
    address: Address,
    refused: RefusedError | None = None,
) -> DeskPage:
    """Alerts; providers by name, plan, health and queues; work that was given up; requests for support access."""
    names = {each.provider_id: each.name for each in tenants}
    gone = sum(each.dead for each in tenants)
    late = max((each.oldest_seconds for each in tenants), default=0)
    unseen = sum(not each.seen_by for each in raised)
    new = f" {counted(unseen, 'alert')} not seen yet." if unseen else ""
    waits = f"The oldest that waits is {_age(late)} old." if late >= 1 else "Nothing waits."
    problems = refused.problems if refused else {}
    form = Form(
        address("operating.ask"),
        (
            Field(
                "provider", "Provider", "select", given.get("provider", ""),
                options=tuple(Option(str(each.provider_id), each.name) for each in tenants),
                error=problems.get("provider", ""),
            ),
            Field("reason", "Why", "textarea", given.get("reason", ""), error=problems.get("reason", "")),
        ),
        "Ask for access",
        trouble=(str(refused),) if refused and not problems else (),
        footnote="It stands in the provider's ledger at once.",
    )  # fmt: skip
    return DeskPage(
        head=Head(
            "Operations",
            "Names, plans, health and queues. No care content is shown here.",
            f"{counted(len(tenants), 'provider')}. {counted(gone, 'job')} given up in thirty days. {waits}{new}",
        ),
        tables=(
            _tenants(tenants),
            alerts_table(raised, names, address),
            _support(held, asked, names, at, address),
            _refusals(turned_away),
            _dead(dead),
        ),
        cards=(
            Card(
                "ask", "Ask for support access", form,
                "A second operator stands behind it, then the provider lets you read for up to an hour.",
            ),
        ),
    )  # fmt: skip


def _tenants(tenants: Sequence[Tenant]) -> Table:
    return Table(
        "providers",
        "Providers",
        ("Provider", "Plan", "Size", "Queue", "Health"),
        tuple(
            Row(
                (
                    Cell(each.name, f"Since {long_date(london_date(each.since))}"),
                    Cell("Demonstration" if each.is_demonstration else each.plan.title()),
                    Cell(counted(each.services, "service"), counted(each.members, "person", "people")),
                    Cell(
                        f"{counted(each.waiting, 'job')} waiting",
                        f"oldest {_age(each.oldest_seconds)}" if each.waiting else "",
                    ),
                    Cell("", badge=_health(each)),
                ),
                flagged=bool(each.dead or each.unsealed),
            )
            for each in tenants
        ),
        Empty("No provider", "Providers would stand here."),
    )


def _health(each: Tenant) -> Badge:
    if each.dead:
        return Badge(f"{each.dead} given up", "i-warn", "alert")
    if each.unsealed:
        return Badge("Ledger waits to be linked", "i-warn", "pending")
    return Badge("Well", "i-tick", "ok") if each.oldest_seconds < 300 else Badge("Slow", "i-clock", "pending")


def _dead(dead: Sequence[DeadJob]) -> Table:
    return Table(
        "jobs",
        "Work that was given up",
        ("Provider", "Kind", "Tries", "When"),
        tuple(
            Row(
                (
                    Cell(each.provider, str(each.job_id)),
                    Cell(each.kind.replace("_", " "), each.state),
                    Cell(str(each.attempts)),
                    Cell(day_and_time(each.finished_at)),
                )
            )
            for each in dead
        ),
        Empty("None", "Jobs that failed for good would stand here, without what they were about."),
        "Last thirty days",
    )


def _refusals(turned_away: Sequence[Refusal]) -> Table:
    return Table(
        "refusals",
        "Refused, with no provider to name",
        ("What was shown", "How often", "From", "Hour"),
        tuple(
            Row(
                (
                    Cell(each.kind[:1].upper() + each.kind[1:]),
                    Cell(counted(each.times, "time")),
                    Cell(
                        counted(each.sources, "source"),
                        f"{each.busiest_times} from {each.busiest}" if each.sources > 1 else each.busiest,
                    ),
                    Cell(f"From {day_and_time(each.hour)}"),
                )
            )
            for each in turned_away
        ),
        Empty("Nothing", "Made-up cookies, tokens and links would stand here: counted, and never what was shown."),
        "Counted by the minute, kept for ninety days",
    )


def _support(
    held: Reach, asked: Sequence[Support], names: Mapping[uuid.UUID, str], at: datetime, address: Address
) -> Table:
    rows = []
    for each in asked:
        state = each.state(at)
        acts: tuple[Act, ...] = ()
        there = {"request_id": each.request_id}
        if state == "asked" and each.person_id != held.person_id:
            acts = (Act("Stand behind it", address("operating.second", **there), kind="primary"),)
        if state != "over" and held.person_id in (each.person_id, each.seconded_by):
            acts += (Act("End", address("operating.end", **there)),)
        due = each.review_due(at)
        if due is not None and each.person_id != held.person_id:
            acts += tuple(
                Act(words, address("operating.review", **there), (("found", found),), about=each.name)
                for found, words in REVIEWS.items()
            )
        until = f"until {clock(each.ends_at)}" if each.ends_at and state == "open" else ""
        rows.append(
            Row(
                (
                    Cell(names.get(each.provider_id, "A provider"), each.reason),
                    Cell(each.name, f"with {each.seconded_name}" if each.seconded_name else ""),
                    Cell(day_and_time(each.asked_at)),
                    Cell("", until or _reviewed(each, at), badge=STATES[state]),
                ),
                acts,
                flagged=due is not None and due < london_date(at),
            )
        )
    return Table(
        "support",
        "Support access",
        ("Provider and reason", "Operator", "Asked", "State"),
        tuple(rows),
        Empty("None asked for", "Requests would stand here with how far they are."),
    )


def _reviewed(each: Support, at: datetime) -> str:
    """Whether somebody else went through the looks, and by when they have to."""
    if each.review is not None:
        return f"{REVIEWS.get(each.review, each.review)}, says {each.reviewed_name}"
    due = each.review_due(at)
    return f"Another operator goes through the looks by {long_date(due)}" if due else ""


def support_page(
    held: Reach,
    asked: Sequence[Support],
    *,
    at: datetime,
    address: Address,
    refused: RefusedError | None = None,
) -> DeskPage:
    """What support asked of a provider, and its consent."""
    waiting = [each for each in asked if each.state(at) == "seconded"]
    may = held.may_anywhere("consent_to_support")
    cards = tuple(_consent_card(each, address, refused) for each in waiting) if may else ()
    notes = tuple(
        Note(
            f"{each.name} asks to read at your provider",
            f"{each.reason} Seconded by {each.seconded_name}. They would see indicators, actions and the evidence index;"
            " no record and no file.",
            "pending",
        )
        for each in waiting
    )
    open_now = sum(each.state(at) == "open" for each in asked)
    head = desk_head(
        held, "support.overview", address, "Support access",
        f"{counted(open_now, 'operator')} {'reads' if open_now == 1 else 'read'} here now." if open_now
        else "Nobody from support reads here now.",
    )  # fmt: skip
    table = Table(
        "support",
        "What was asked, and what you agreed to",
        ("Operator", "Why", "Asked", "Let in"),
        tuple(_support_row(each, at, address, may_stop=may) for each in asked),
        Empty("Nothing asked", "Support sees none of your data unless you let it in here, for an hour at most."),
        "Each look stands in your ledger",
    )
    return DeskPage(head, notes=notes, tables=(table,), cards=cards)


def _support_row(each: Support, at: datetime, address: Address, *, may_stop: bool) -> Row:
    state = each.state(at)
    stop = Act(
        "End now" if state == "open" else "Decline", address("support.stop", request_id=each.request_id), kind="alert"
    )
    window = f"{day_and_time(each.consented_at)} to {clock(each.ends_at)}" if each.consented_at and each.ends_at else ""
    return Row(
        (
            Cell(each.name, f"with {each.seconded_name}" if each.seconded_name else ""),
            Cell(each.reason),
            Cell(day_and_time(each.asked_at)),
            Cell(window or "Not let in", _reviewed(each, at), badge=STATES[state]),
        ),
        (stop,) if may_stop and state != "over" else (),
        flagged=state == "open",
    )


def _consent_card(each: Support, address: Address, refused: RefusedError | None) -> Card:
    problems = refused.problems if refused else {}
    return Card(
        f"consent-{each.request_id.hex[:8]}",
        f"Let {each.name} read",
        Form(
            address("support.agree", request_id=each.request_id),
            (
                Field(
                    "minutes", "For how many minutes", "count", "30", "60 at most", problems.get("minutes", ""),
                    low="5", high="60", one="minute",
                ),
            ),
            "Let them read",
            footnote="It ends by itself. You can end it sooner.",
        ),
    )  # fmt: skip


def _age(seconds: float) -> str:
    """How long something has waited, in the largest unit that fits."""
    if seconds < 60:
        return counted(int(seconds), "second")
    return counted(int(seconds // 60), "minute") if seconds < 7200 else counted(int(seconds // 3600), "hour")
