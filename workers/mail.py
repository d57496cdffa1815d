"""Sends a letter of the outbox: claimed, written, delivered, written down; put off while the mail server is away."""

import logging
import random
import uuid
from dataclasses import replace
from datetime import timedelta
from functools import cache

from jinja2 import TemplateError

from mendline.config import Settings
from mendline.secret_keys import KeyRing
from mendline.telling.mail_delivery import AwayError, Carrier, RefusedForGoodError, carrier
from mendline.telling.mail_text import Sender, written
from tenants.clock import now
from tenants.database import Database
from tenants.signin import outbox
from tenants.signin.links import knowing, link_secret, secret_hash
from tenants.signin.outbox import Letter

log = logging.getLogger("mendline.workers")

LEASE = timedelta(minutes=2)


def send_mail(database: Database, mail_id: uuid.UUID) -> None:
    """Sends one letter with the settings of this process."""
    sender, way = _ways()
    deliver(database, mail_id, sender, way)


def deliver(database: Database, mail_id: uuid.UUID, sender: Sender, way: Carrier) -> None:
    """Sends one letter, or says why not and when next."""
    letter = outbox.claim(database, mail_id, at=now(), lease=LEASE)
    if letter is None:
        return
    try:
        receipt = way.deliver(written(letter, _with_its_key(database, letter, sender), at=now()))
    except AwayError as problem:
        log.warning("letter %s: try %d put off: %s", mail_id, letter.attempt, problem)
        outbox.put_off(database, letter, str(problem), at=now(), jitter=random.random())  # noqa: S311 -- jitter
    except (RefusedForGoodError, LookupError, ValueError, TemplateError) as problem:
        log.warning("letter %s: refused: %s", mail_id, type(problem).__name__)
        outbox.refused(database, letter, str(problem))
    else:
        outbox.sent(database, letter, receipt, at=now())


def _with_its_key(database: Database, letter: Letter, sender: Sender) -> Sender:
    """The sender with the key that the letter's link was made with: a letter may wait while the key is renewed."""
    with database.as_role("signin") as connection:
        key = knowing(connection, "link", sender.key, lambda each: secret_hash(link_secret(each, letter.mail_id)))
    return replace(sender, key=key)


def _ways() -> tuple[Sender, Carrier]:
    settings, keys, way = _set()
    return Sender(settings.mail_from, settings.public_url, keys.key(now())), way


@cache
def _set() -> tuple[Settings, KeyRing, Carrier]:
    settings = Settings.from_environment()
    return settings, settings.key_ring, carrier(settings.smtp_url, settings.state / "outbox")
