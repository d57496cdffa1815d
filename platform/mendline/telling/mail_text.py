"""From a letter of the outbox to an email: subject and words from `templates/mail/`, the link derived from its identifier."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mendline.config import resources
from mendline.telling.stopping import PATH, signed
from tenants.signin.links import link_secret
from tenants.signin.outbox import Letter


@dataclass(frozen=True)
class Sender:
    """Who writes, and where links lead.

    Attributes:
        address: what stands in From.
        public_url: the address of the pages, without a slash at its end; never taken from a request.
        key: the server's key, from which links are derived.
    """

    address: str
    public_url: str
    key: bytes


@cache
def known_templates() -> frozenset[str]:
    """The names of the letters there are."""
    return frozenset(path.stem for path in (resources().templates / "mail").glob("*.txt"))


def written(letter: Letter, sender: Sender, *, at: datetime) -> EmailMessage:
    """The email of a letter.

    Raises:
        LookupError: there is no such template, or nobody to write to.
        ValueError: the address or the subject cannot stand in a header.
    """
    if letter.template not in known_templates() or not letter.address:
        raise LookupError(f"letter {letter.mail_id} has no template or nobody to go to")
    text = _environment().get_template(f"{letter.template}.txt").render(**_view(letter, sender))
    first, _, body = text.strip().partition("\n")
    message = EmailMessage()
    message["From"] = sender.address
    message["To"] = letter.address
    message["Subject"] = first.removeprefix("Subject:").strip()
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{letter.mail_id}@{_host(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    stops = letter.facts.get("stops") or []
    if len(stops) == 1:  # RFC 8058: one act of the mail program stops what this mail is one of
        message["List-Unsubscribe"] = f"<{_stop(sender, stops[0]['words'])}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(body.strip() + "\n")
    return message


def _view(letter: Letter, sender: Sender) -> dict[str, Any]:
    def url(path: str) -> str:
        return f"{sender.public_url}{path}"

    # A line break in a fact would move the subject; a letter is plain text, so nothing else in it can act.
    facts: Mapping[str, Any] = {
        name: " ".join(value.split()) if isinstance(value, str) else value for name, value in letter.facts.items()
    }

    def stop(words: str) -> str:
        return _stop(sender, words)

    return {**facts, "stop": stop, "name": letter.name, "url": url, "secret": link_secret(sender.key, letter.mail_id)}


def _stop(sender: Sender, words: str) -> str:
    """The link that stops a kind of mail; its signature is made here, so that the outbox holds none."""
    return f"{sender.public_url}{PATH}{signed(sender.key, words)}"


def _host(sender: Sender) -> str:
    return urlsplit(sender.public_url).hostname or "mendline.invalid"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(resources().templates / "mail"),
        autoescape=False,  # noqa: S701 -- plain text, which no program reads as markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
