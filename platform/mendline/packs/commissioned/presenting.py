"""Packs for commissioners in words: the form that asks for one, with whom it is shared, and an officer's page of it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mendline.catalogue.wording import counted, log_time, long_date, short_date
from mendline.comparison.commissioned import CLASS_WORDS
from mendline.comparison.shared_packs import SharedPack
from mendline.packs.commissioned.rows import ALL, WEEKS, GrantChoice, MadeFor, ShareLine
from mendline.packs.pages import PackPage
from mendline.packs.queries import PackLine
from mendline.places.head import Address
from mendline.web.components import Badge, Button, Fact, Field, Form, Head, Link, Note, Option
from tenants.clock import LONDON
from tenants.errors import RefusedError

OPEN = Badge("Open", "i-eye", "ok")
CLOSED = Badge("Closed", kind="hollow")


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A share of a pack; an open one has the form that takes it back."""

    body: str
    purpose: str
    when: str
    state: Badge
    note: str
    looks: str
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Sharing:
    """For whom a pack is made, with whom it is shared, and the form that shares it."""

    facts: tuple[Fact, ...]
    rows: tuple[ShareRow, ...]
    form: Form | None = None
    note: Note | None = None


def ask_form(
    grants: Sequence[GrantChoice],
    action: str,
    cancel: str,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> Form:
    """The form that asks for a pack for a commissioner."""
    problems = refused.problems if refused else {}
    fields = (
        Field(
            "grant", "For whom", "select", given.get("grant") or (str(grants[0].grant_id) if len(grants) == 1 else ""),
            "It holds what this grant opens, and no more.", problems.get("grant", ""),
            options=tuple(_option(each) for each in grants),
        ),
        Field(
            "weeks", "How far back", "choice", given.get("weeks") or str(WEEKS[1]), error=problems.get("weeks", ""),
            options=(*(Option(str(weeks), f"{weeks} weeks") for weeks in WEEKS), Option(ALL, "Everything released")),
        ),
    )  # fmt: skip
    return Form(
        action,
        fields,
        "Make this pack",
        Link("Back to packs", cancel),
        trouble=(str(refused),) if refused and not problems else (),
        footnote="Look at it before you share it: until then no commissioner sees that it is there.",
    )


def _option(each: GrantChoice) -> Option:
    opens = ", ".join(CLASS_WORDS.get(class_, class_).lower() for class_ in each.classes)
    return Option(str(each.grant_id), f"{each.body}, until {short_date(each.valid_until)}: {opens}")


def sharing_part(
    line: PackLine,
    made: MadeFor,
    shares: Sequence[ShareLine],
    grants: Sequence[GrantChoice],
    *,
    may: bool,
    today: date,
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> Sharing:
    """What stands beside a pack that is made for a commissioner.

    Args:
        line: the pack.
        made: for whom.
        shares: with which grants it is shared or was.
        grants: of the service, that stand.
        may: whether whoever asks releases figures here.
        today: the day.
        address: writes links.
        given: what was typed, where it was refused.
        refused: why.
    """
    rows = tuple(
        _share_row(each, line, may=may, today=today, address=address, refused=refused, given=given) for each in shares
    )
    facts = (
        Fact("Made for", made.body, made.purpose),
        Fact("Holds", "; ".join(CLASS_WORDS.get(each, each) for each in made.classes), "As last released before it was asked for"),
        Fact("The service is shown", "by its name" if made.show_name else "by a code"),
    )  # fmt: skip
    taken = {each.grant_id for each in shares if each.is_open(today)}
    fitting = [each for each in grants if each.covers(made) and each.grant_id not in taken]
    form = note = None
    if may and line.object_key and fitting:
        form = _share_form(fitting, line, made, address, given, refused)
    elif may and line.object_key and not taken:
        note = Note(
            "No grant that it could be shared with stands",
            f"It is made for {made.body} and holds what an earlier grant opened.",
        )
    if refused and form is None and "share" not in given:
        note = Note("The pack was not shared", " ".join(refused.problems.values()) or str(refused), "alert")
    return Sharing(facts, rows, form, note)


def _share_form(
    fitting: Sequence[GrantChoice],
    line: PackLine,
    made: MadeFor,
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None,
) -> Form:
    problems = refused.problems if refused and "share" not in given else {}
    fields = (
        Field(
            "grant", "With which grant", "select",
            given.get("grant") or (str(fitting[0].grant_id) if len(fitting) == 1 else ""), error=problems.get("grant", ""),
            options=tuple(_option(each) for each in fitting),
        ),
        Field("purpose", "What for", "text", given.get("purpose", made.purpose), "The commissioner reads it too.",
              problems.get("purpose", "")),
    )  # fmt: skip
    trouble = (str(refused),) if refused and not refused.problems else ()
    return Form(
        address("commissioned_packs.share_it", pack_id=line.pack_id), fields, "Share this pack", trouble=trouble,
        footnote="Officers open it while the grant and this share stand. You can take it back at any time.",
    )  # fmt: skip


def _share_row(
    each: ShareLine,
    line: PackLine,
    *,
    may: bool,
    today: date,
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None,
) -> ShareRow:
    shared = each.shared_at.astimezone(LONDON)
    is_open = each.is_open(today)
    form = None
    if may and is_open:
        mine = refused is not None and given.get("share") == str(each.share_id)
        error = refused.problems.get("reason", "") if refused and mine else ""
        there = address("commissioned_packs.take_back", pack_id=line.pack_id, share_id=each.share_id)
        form = Form(there, (Field(reason_of(each.share_id), "Why", error=error),), "Take it back")
    return ShareRow(
        body=each.body,
        purpose=each.purpose,
        when=f"{short_date(shared.date())}, {log_time(shared)} by {each.shared_label}",
        state=OPEN if is_open else CLOSED,
        note=_ends(each, today),
        looks=_looks(each),
        form=form,
    )


def reason_of(share_id: uuid.UUID) -> str:
    """The name under which the form of one share sends its reason: a page may hold several."""
    return f"reason-{share_id}"


def _ends(each: ShareLine, today: date) -> str:
    if each.withdrawn_at is not None:
        return f"Taken back on {short_date(each.withdrawn_at.astimezone(LONDON).date())}: {each.withdrawn_reason or ''}"
    if each.grant_withdrawn_at is not None:
        return f"The grant was withdrawn on {short_date(each.grant_withdrawn_at.astimezone(LONDON).date())}"
    return f"Until {long_date(each.grant_until)}" if each.grant_until >= today else "The grant is over"


def _looks(each: ShareLine) -> str:
    if not each.looks or each.last_look is None:
        return "Nobody has looked yet"
    last = each.last_look.astimezone(LONDON)
    return f"{counted(each.looks, 'look')}, the last on {short_date(last.date())}, {log_time(last)}"


def shared_page(pack: SharedPack, service: str, provider: str, until: date, *, address: Address) -> PackPage:
    """A shared pack as an officer sees it."""
    shared = pack.shared_at.astimezone(LONDON)
    here = {"service_id": pack.service_id, "share_id": pack.share_id}
    return PackPage(
        head=Head(
            f"Pack {pack.reference}",
            f"{service}. {provider}.",
            "What the provider released, as one document. It never changes; for newer figures, ask for a new one.",
        ),
        state=OPEN,
        note=Note(
            f"You see this pack until {long_date(until)}, or until it is taken back",
            "No names or records of people or staff; counts under 5 are withheld. The provider sees when you look."
            " A saved copy says on each page for whom it is and when it was taken.",
            "scope",
            "i-eye",
        ),
        facts=(
            Fact("Shared with", pack.body, pack.purpose),
            Fact("Shared", f"{short_date(shared.date())}, {log_time(shared)} by {provider}"),
            Fact("Released", long_date(pack.released_at.astimezone(LONDON).date())),
            Fact("Figures to", long_date(pack.figures_to) if pack.figures_to else "None yet"),
            Fact("Pages", str(pack.pages)),
            Fact("Fingerprint, SHA-256", pack.sha256, "Of the pack as it is kept. The provider's ledger holds that of your copy."),
        ),
        working=False,
        download=Button("Download PDF", address("shared_packs.file", **here), "i-down", "primary"),
    )  # fmt: skip
