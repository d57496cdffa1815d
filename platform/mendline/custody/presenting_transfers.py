"""The pages of services that change hands, from rows to words."""

from mendline.custody.commands_transfers import ALWAYS_ALONG, TRANSFERABLE
from mendline.custody.pages import Aside, CustodyPage, Line, Listing
from mendline.custody.presenting import Address, head_of, leaving_notes
from mendline.custody.questions import Typed, field, reason_field, service_field
from mendline.custody.rows import Keeper, ServiceName, Transfer
from mendline.web.components import Badge, Empty, Fact, Field, Form, Head, Note, Option


def transfers_page(
    keeper: Keeper,
    found: tuple[Transfer, ...],
    services: tuple[ServiceName, ...],
    address: Address,
    *,
    typed: Typed,
    chosen: tuple[str, ...],
    problems: Typed,
) -> CustodyPage:
    """Services that go to another provider, or come from one."""
    sentence = (
        "When a service changes hands, both providers agree on what history goes along. It is copied; what is behind "
        "stays with whoever ran the service then, to be read alone."
    )
    lines = tuple(_transfer_line(one, keeper, address) for one in found)
    listing = Listing(
        "Transfers",
        ("Service", "Other provider", "State"),
        lines,
        Empty("No transfers", "A service that is offered to another provider, or taken up from one, stands here."),
    )
    where = {"provider_id": keeper.provider_id}
    offered = tuple(one for one in services if not one.is_frozen)
    options = tuple(Option(key, words) for key, words in TRANSFERABLE.items() if key != ALWAYS_ALONG)
    give = Form(
        address("custody.propose", **where),
        (
            service_field(offered, typed, problems, "", required=True),
            Field(
                "classes",
                "What goes along",
                "choices",
                hint="Indicators and their figures always do.",
                error=problems.get("classes", ""),
                required=False,
                options=options,
                values=chosen,
            ),
            reason_field(problems, typed),
        ),
        "Offer the service",
    )
    take = Form(
        address("custody.take_up", **where),
        (field("code", "Code from the other provider", typed, problems),),
        "Take it up",
    )
    head = head_of(keeper, "Transfers", sentence, address, "custody.transfers")
    asides = (Aside("Offer a service", give), Aside("Take a service up", take))
    return CustodyPage(head, leaving_notes(keeper), listings=(listing,), asides=asides)


def transfer_page(
    keeper: Keeper, found: Transfer, other: frozenset[str], address: Address, problems: Typed, code: str
) -> CustodyPage:
    """One transfer as one side sees it."""
    where = {"provider_id": keeper.provider_id, "transfer_id": found.transfer_id}
    notes = leaving_notes(keeper)
    if code:
        text = f"{code} works once, for thirty days. It is not shown again: give it to the other provider now."
        notes += (Note("The code", text, "scope", "i-review"),)
    asides: tuple[Aside, ...] = ()
    if not found.own_steps & {"refused", "done"}:
        if "approved" not in found.own_steps and found.other_provider:
            form = Form(address("custody.approve_transfer", **where), (), "Approve for our side")
            asides += (Aside("Approve", form, "It begins once both sides have approved, and cannot be undone then."),)
        if not ("approved" in found.own_steps and "approved" in other):
            form = Form(address("custody.refuse_transfer", **where), (reason_field(problems),), "Refuse or withdraw")
            asides += (Aside("Refuse", form),)
    giving = found.side == "giving"
    facts = [
        Fact("Service", found.service_name),
        Fact("Goes to" if giving else "Comes from", found.other_provider or "Nobody has taken it up yet"),
        Fact("What goes along", "; ".join(TRANSFERABLE[one] for one in found.classes if one in TRANSFERABLE)),
        Fact("Our side", _side(found.own_steps)),
        Fact("Their side", _side(other)),
    ]
    if found.rows:
        facts.append(Fact("Came along", f"{found.rows:,} rows of {found.tables} tables, each with its checksum"))
    return CustodyPage(
        Head(f"{'Giving' if giving else 'Taking'} {found.service_name}", keeper.name, found.reason),
        notes,
        tuple(facts),
        _transfer_state(found, other),
        asides=asides,
    )


def _transfer_line(one: Transfer, keeper: Keeper, address: Address) -> Line:
    where = {"provider_id": keeper.provider_id, "transfer_id": one.transfer_id}
    direction = "to" if one.side == "giving" else "from"
    other = f"{direction} {one.other_provider}" if one.other_provider else "offered, not taken up"
    return Line(
        (one.service_name, other),
        href=address("custody.transfer", **where),
        badge=_transfer_state(one, frozenset()),
    )


def _transfer_state(one: Transfer, other: frozenset[str]) -> Badge:
    if "done" in one.own_steps:
        return Badge("Done", "i-tick", "ok")
    if "refused" in one.own_steps | other:
        return Badge("Refused", "i-warn", "hollow")
    return Badge("Under way" if one.own_steps & other >= {"approved"} else "Waits", "i-clock", "pending")


def _side(steps: frozenset[str]) -> str:
    words = {"done": "Done", "refused": "Refused", "approved": "Approved"}
    return next((word for key, word in words.items() if key in steps), "Has not decided")
