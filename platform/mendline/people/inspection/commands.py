"""Links for inspectors: made and revoked by the manager; opened with a code that goes to the named address."""

import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from mendline.packs.queries import PackLine
from mendline.telling.mail import send
from tenants.clock import now
from tenants.directory.access_model import InspectorLink
from tenants.errors import NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach
from tenants.signin.links import beginning_of, keyed_hash, knowing, link_secret, secret_hash, ticket_of
from tenants.signin.links import ticket_hash as ticket_hash_of
from tenants.signin.sessions import remember_beginning

USUAL = timedelta(days=14)
LONGEST = timedelta(days=30)
CODE_LETTERS = 8

# What a link can open, in the order in which it is asked; the pack itself is always part of it.
SECTIONS = {
    "summary": "Figures, targets and baselines",
    "story": "What changed, why, what followed",
    "actions": "Actions, risks and decisions",
    "evidence_index": "Which evidence there is",
    "evidence_files": "The evidence files themselves",
    "records": "Care records behind the figures",
    "records_medicines": "Medicines records behind the figures",
    "records_staffing": "Rotas and deployment behind the figures",
}


@dataclass(frozen=True)
class GivenLink:
    """What the manager typed: for whom, why, from when, for how many days, and what is opened."""

    named: str
    email: str
    purpose: str
    opens_at: datetime
    days: int
    sections: tuple[str, ...]


def make_link(session: Session, reach: Reach, key: bytes, pack: PackLine, given: GivenLink) -> uuid.UUID:
    """Makes a link to a finished pack and writes it to the named address; nobody else ever sees it.

    Raises:
        RefusedError: something is missing or too long, or the pack is not finished.
    """
    reach.require("invite_inspector", pack.provider_id, pack.service_id)
    problems = _problems(given, pack)
    if problems:
        raise RefusedError("The link was not made.", problems)
    link_id = new_id()
    session.add(
        InspectorLink(
            provider_id=pack.provider_id,
            service_id=pack.service_id,
            link_id=link_id,
            pack_id=pack.pack_id,
            named=given.named.strip(),
            email=given.email.strip().lower(),
            purpose=given.purpose.strip(),
            classes=["packs", *given.sections],
            as_at=pack.as_at,
            opens_at=given.opens_at,
            closes_at=given.opens_at + timedelta(days=given.days),
            made_by=reach.person_id,
            made_label=reach.name,
            recorded_at=now(),
        )
    )
    session.flush()
    mail_id = send(
        session,
        "inspector_link",
        provider_id=pack.provider_id,
        address=given.email.strip().lower(),
        facts={"named": given.named.strip(), "service": pack.service, "pack": pack.reference, "days": given.days},
    )
    kept = session.execute(
        text("select reach.keep_inspector_secret(:provider, :service, :link, :hash, :beginning)"),
        {
            "provider": pack.provider_id,
            "service": pack.service_id,
            "link": link_id,
            "hash": secret_hash(link_secret(key, mail_id)),
            "beginning": beginning_of(key, link_secret(key, mail_id), "inspector link"),
        },
    ).scalar_one()
    if not kept:
        raise NotPermittedError("Your role does not cover making links for inspectors here.")
    note(
        session,
        reach,
        "inspector link made",
        provider_id=pack.provider_id,
        service_id=pack.service_id,
        subject=f"inspector link {link_id}",
        detail={"named": given.named.strip(), "pack": pack.reference, "days": given.days},
        why=given.purpose.strip(),
    )
    return link_id


def _problems(given: GivenLink, pack: PackLine) -> dict[str, str]:
    before, _, after = given.email.strip().partition("@")
    wrong = (
        (len(given.named.split()) < 2, "named", "Give the inspector's first name and surname."),
        (not before or "." not in after or " " in given.email.strip(), "email", "Give the inspector's own address."),
        (len(given.purpose.strip()) < 3, "purpose", "Say what for, such as the inspection of a date."),
        (not 1 <= given.days <= LONGEST.days, "days", "A link lasts 1 to 30 days."),
        (given.opens_at > now() + LONGEST, "opens", "A link opens within 30 days."),
        (not set(given.sections) <= set(SECTIONS), "sections", "Choose among the sections."),
        (pack.object_key is None, "pack", "This pack is not ready yet. Wait for it to be made."),
        (pack.for_body is not None, "pack", "This pack is made for a commissioner. Choose one that is made for CQC."),
    )
    return {field: words for is_wrong, field, words in wrong if is_wrong}


def revoke_link(
    session: Session, reach: Reach, *, provider_id: uuid.UUID, service_id: uuid.UUID, link_id: uuid.UUID
) -> None:
    """Ends a link with the next statement, also in the middle of a page.

    Raises:
        NotPermittedError: it is over already, or not this person's to revoke.
    """
    reach.require("invite_inspector", provider_id, service_id)
    done = session.execute(
        text("select reach.revoke_inspector(:provider, :service, :link)"),
        {"provider": provider_id, "service": service_id, "link": link_id},
    ).scalar_one()
    if not done:
        raise NotPermittedError("This link is over already.")
    note(
        session, reach, "inspector link revoked", provider_id=provider_id, service_id=service_id,
        subject=f"inspector link {link_id}",
    )  # fmt: skip


def ask_code(
    connection: Connection, key: bytes, *, shown: str, browser: str, network: str, origin: dict[str, str]
) -> None:
    """Has a code sent to the address of a link; whatever becomes of it, the asker is told the same.

    A link that is none of ours is counted in the platform's own ledger; one that is ours but for its end stands in that of
    its provider.

    Args:
        connection: a transaction of the sign-in role.
        key: the server's key.
        shown: the secret of the link; empty to have another code for this browser.
        browser: the secret of the browser that asks.
        network: a fingerprint of the network that asks.
        origin: from where, for the ledger.
    """
    mail_id = new_id()
    of_browser = _key_of_browser(connection, key, browser)
    connection.execute(
        text(
            "select reach.inspector_begin(:shown, :beginning, :browser, :code, :mail, :network, cast(:origin as jsonb))"
        ),
        {
            "shown": secret_hash(shown) if shown else None,
            "beginning": beginning_of(key, shown, "inspector link"),
            "network": network,
            "browser": keyed_hash(of_browser, "inspector browser", browser),
            "code": _code_hash(of_browser, browser, code_of(key, mail_id)),
            "mail": mail_id,
            "origin": json.dumps(origin),
        },
    )


def enter(connection: Connection, key: bytes, *, browser: str, code: str, secret: str, origin: dict[str, str]) -> bool:
    """Exchanges a code for a session of the cookie `secret`; false for every reason alike."""
    hashed = ticket_hash_of(ticket_of(key, secret, "inspector"))
    given = "".join(letter for letter in code.upper() if letter.isalnum())[:32]
    of_browser = _key_of_browser(connection, key, browser)
    done: bool = connection.execute(
        text("select reach.inspector_enter(:browser, :code, :ticket, cast(:origin as jsonb))"),
        {
            "browser": keyed_hash(of_browser, "inspector browser", browser),
            "code": _code_hash(of_browser, browser, given),
            "ticket": hashed,
            "origin": json.dumps(origin),
        },
    ).scalar_one()
    if done:
        remember_beginning(connection, hashed, beginning_of(key, secret, "inspector"))
    return done


def end_session(connection: Connection, key: bytes, secret: str) -> None:
    """Ends the session of a link in this browser."""
    hashed = ticket_hash_of(ticket_of(key, secret, "inspector"))
    connection.execute(text("select reach.revoke(:hash)"), {"hash": hashed})


def code_of(key: bytes, mail_id: uuid.UUID) -> str:
    """The code that a letter shows: the first letters of its secret, which nothing stores."""
    return link_secret(key, mail_id)[:CODE_LETTERS].upper()


def new_browser() -> str:
    """What ties a code to the browser that asked for it."""
    return secrets.token_urlsafe(24)


def _key_of_browser(connection: Connection, key: bytes, browser: str) -> bytes:
    """The key by which a browser is known that asked before the server's key was renewed."""
    return knowing(connection, "browser", key, lambda each: keyed_hash(each, "inspector browser", browser))


def _code_hash(key: bytes, browser: str, code: str) -> bytes:
    return keyed_hash(key, "inspector code", f"{browser}:{code}")
