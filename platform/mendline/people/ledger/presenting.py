"""The ledger in plain English: one sentence for each act, whoever did it, from where and why."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from mendline.catalogue.wording import counted
from mendline.people.desk import Cell, DeskPage, Row, Table, desk_head
from mendline.people.ledger.queries import Entry
from mendline.people.members.rows import Reachable
from mendline.places.head import Address
from mendline.web.components import Empty, Filter, Filters, Link, Option, Pager
from tenants.clock import LONDON
from tenants.reach import Reach
from tenants.roles import ROLES

# What is done, as a sentence goes on after the name of whoever did it. An act that is not here is told by its own words.
SENTENCES = {
    "action opened": "opened an action",
    "action closed": "closed an action",
    "action redated": "moved an action to another date",
    "action reopened": "opened an action again",
    "action no_longer_applicable": "said that an action no longer applies",
    "decision recorded": "recorded a decision",
    "external look": "looked, as a commissioner,",
    "inspector look": "looked, as an inspector,",
    "inspector refused": "was refused, as an inspector,",
    "inspector link made": "made a link for an inspector",
    "inspector link revoked": "revoked a link for an inspector",
    "inspector link refused": "was refused a code for an inspector's link",
    "inspector code sent": "was sent a code for an inspector's link",
    "inspector code refused": "typed a code that was refused",
    "inspector signed in": "opened an inspector's link",
    "support look": "looked, as platform support,",
    "support refused": "was refused, as platform support,",
    "support access asked for": "asked for support access",
    "support access seconded": "seconded a request for support access",
    "support access consented to": "agreed to support access",
    "support access ended": "ended support access",
    "support access reviewed": "went through the looks of support access",
    "signed in": "signed in",
    "signed out": "signed out",
    "handed over": "handed over what they owned",
    "password changed": "changed their password",
    "data erased": "erased data",
    "legal hold placed": "placed a legal hold",
    "legal hold released": "released a legal hold",
    "records entered": "entered records",
    "records corrected": "corrected records",
    "evidence file added": "added an evidence file",
    "evidence file examined": "examined an evidence file",
    "evidence file opened": "opened an evidence file",
    "escalation opened": "opened an escalation",
    "escalation decided": "decided an escalation",
    "review signed": "signed a review",
    "minutes signed": "signed minutes",
    "recovery plan started": "started a recovery plan",
    "recovery plan ended": "ended a recovery plan",
    "transfer proposed": "offered a service to another provider",
    "transfer approved": "approved the transfer of a service",
    "transfer refused": "refused the transfer of a service",
    "transfer taken up": "took up the transfer of a service",
    "archive of a person's data made": "made an archive of a person's data",
    "archive of a person's data downloaded": "downloaded an archive of a person's data",
    "refused": "was refused",
    "ended sign-in refused": "was refused with a sign-in that is over",
    "altered sign-in refused": "was refused with a sign-in that was cut off or altered",
    "mailed link refused": "was refused with a mailed link that is over",
    "single sign-on refused": "was refused with an answer of single sign-on that is not believed",
    "header refused": "sent a header that names a provider, which nothing goes by",
    "role given": "gave a role",
    "role asked for": "asked for a role for somebody",
    "role declined": "declined a role that was asked for",
    "role offered": "offered a role to somebody who does not work here yet",
    "role accepted": "accepted a role that was offered",
    "role declined by the person": "declined a role that was offered",
    "offer of a role withdrawn": "withdrew an offer of a role",
    "role ended": "ended a role",
    "role's end moved": "moved the end of a role",
    "role said to be needed": "said that a role is needed",
    "role said not to be needed": "said that a role is no longer needed",
    "role given by single sign-on": "was given a role by single sign-on",
    "grant made": "granted a commissioner access",
    "grant renewed": "renewed a commissioner's access",
    "grant withdrawn": "withdrew a commissioner's access",
    "figures released": "released figures to commissioners",
    "records opened on need": "opened records that identify people",
    "opened records closed": "closed opened records",
    "evidence file shared with commissioners": "shared an evidence file with commissioners",
    "evidence file no longer shared with commissioners": "stopped sharing an evidence file with commissioners",
    "commissioner request written": "asked something of a service, as a commissioner,",
    "commissioner finding written": "told what a visit found, as a commissioner,",
    "commissioner answered": "answered a commissioner",
    "conflict named": "named a conflict of interest",
    "conflict lifted": "lifted a conflict of interest",
    "ledger exported": "exported the ledger",
    "alert raised": "raised an alert",
    "area of a service set": "said in which area a service lies",
    "service closed": "closed a service",
    "service opened again": "opened a service again",
    "service said to follow another": "said which service another follows",
    "service said to follow none": "said that a service follows none",
    "alert seen": "saw an alert",
    "ledger read": "read the ledger",
    "pack requested": "asked for a pack",
    "pack made": "made a pack",
    "pack for a commissioner requested": "asked for a pack for a commissioner",
    "pack shared with a commissioner": "shared a pack with a commissioner",
    "pack no longer shared with a commissioner": "took back a pack from a commissioner",
    "pack downloaded": "downloaded a pack",
    "observation.entered": "entered a figure",
    "observation.corrected": "corrected a figure",
    "observations.saved": "saved figures",
    "evidence added": "pointed to evidence",
    "evidence checked": "looked whether the original of evidence is there",
    "file imported": "imported a file of facts",
    "ledger words erased": "erased words of the ledger, as custody approved",
    "records read": "read records that identify people",
    "record entered": "entered a record",
    "record corrected": "corrected a record",
    "record withdrawn": "withdrew a record",
}
ACTORS = {
    "job": "Mendline",
    "command": "Whoever runs Mendline",
    "inspector": "An inspector",
    "provider": "The provider",
    "invited": "Somebody who was invited",
    "nobody": "Somebody who was not signed in",
}
KIND_OPTIONS = (
    Option("", "Everything"),
    Option("looks", "Looks, downloads and exports"),
    Option("access", "Sign-ins, roles and grants"),
    Option("outside", "From outside"),
    Option("refused", "Refused"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def sentence(entry: Entry) -> str:
    """Who did what, in one sentence."""
    who = entry.person or ACTORS.get(entry.actor) or (ROLES[entry.actor].label if entry.actor in ROLES else entry.actor)
    told = SENTENCES.get(entry.act)
    of = (
        f" of {entry.service}"
        if entry.service and entry.act == "external look"
        else f" at {entry.service}"
        if entry.service
        else ""
    )
    body = entry.detail.get("body")
    by = f" for {body}" if body else ""
    if told is None:  # an act that is told by a noun: "Threshold changed at Rosewood House, by Denise Hartley."
        return f"{entry.act[:1].upper()}{entry.act[1:]}{of}, by {who}."
    return f"{who} {told}{by}{of}".replace(",  ", ", ").rstrip(",") + "."


def why(entry: Entry) -> str:
    """The reason that was given, or what the details say."""
    reason = entry.detail.get("why")
    rest = {
        name: value
        for name, value in entry.detail.items()
        if name not in ("why", "body") and value not in ("", None, [])
    }
    said = ", ".join(f"{name.replace('_', ' ')}: {_short(value)}" for name, value in rest.items())
    return f"{reason}. {said}".strip() if reason and said else str(reason or said)


def origin(entry: Entry) -> str:
    """From where: the kind of device, and a mark by which one recognises the same address again."""
    if not entry.origin:
        return ""
    mark = str(entry.origin.get("address", ""))[:6]
    return f"{entry.origin.get('device', '')}, address {mark}" if mark else str(entry.origin.get("device", ""))


def ledger_page(
    held: Reach,
    found: Sequence[Entry],
    services: Sequence[Reachable],
    *,
    given: Mapping[str, str],
    older: str,
    download: str,
    address: Address,
) -> DeskPage:
    """The newest acts, or those that were looked for."""
    filters = Filters(
        address("ledger.listing"),
        (
            Filter("words", "Text", given.get("words", ""), placeholder="Act, reference or detail"),
            Filter("kind", "Kind", given.get("kind", ""), KIND_OPTIONS),
            Filter(
                "service", "Service", given.get("service", ""),
                (Option("", "All"), *(Option(str(each.service_id), each.name) for each in services)),
            ),
            Filter("first", "From day", given.get("first", ""), placeholder="2026-11-01"),
            Filter("last", "To day", given.get("last", ""), placeholder="2026-11-30"),
        ),
    )  # fmt: skip
    table = Table(
        "entries",
        "What was done and read",
        ("When", "What", "Why and what exactly", "From where"),
        tuple(_row(each) for each in found),
        Empty("Nothing found", "No act matches. Ask for less above."),
        "Newest first. Nobody can change or remove an entry.",
        Pager(f"{counted(len(found), 'entry', 'entries')} on this page", "", older) if older else None,
    )
    head = desk_head(
        held, "ledger.listing", address, "Ledger",
        "Every change, sign-in, look from outside and read of what identifies people, as it happened.",
    )  # fmt: skip
    return DeskPage(head, filters=filters, tables=(table,), download=Link("Export as CSV", download))


def _row(entry: Entry) -> Row:
    at = entry.recorded_at.astimezone(LONDON)
    sealed = f"link {entry.sequence}" if entry.sequence else "not linked yet"
    return Row(
        (
            Cell(f"{at:%d %b %Y, %H:%M:%S}".lstrip("0"), sealed),
            Cell(sentence(entry), entry.subject or ""),
            Cell(why(entry)),
            Cell(origin(entry)),
        ),
        flagged="refused" in entry.act,
    )


def _short(value: object) -> str:
    if isinstance(value, list):
        return f"{len(value)} of them" if len(value) > 3 else ", ".join(map(str, value))
    return str(value)[:120]


def as_csv(found: Iterable[Entry]) -> str:
    """The entries as a file; no cell of it is ever taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ("when", "what", "act", "actor", "person", "service", "subject", "why and detail", "origin", "link", "entry")
    )
    for each in found:
        cells = (
            each.recorded_at.astimezone(LONDON).isoformat(timespec="seconds"), sentence(each), each.act, each.actor,
            each.person or "", each.service or "", each.subject or "", why(each), origin(each),
            str(each.sequence or ""), str(each.entry_id),
        )  # fmt: skip
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()
