"""Sends a letter of the outbox: claimed, written, delivered, written down; put off while the mail server is away."""

import logging
import random
import uuid
from datetime import timedelta
from functools import cache

from jinja2 import TemplateError

from mendline.config import Settings
from mendline.telling.mail_delivery import AwayError, Carrier, RefusedForGoodError, carrier
from mendline.telling.mail_text import Sender, written
from tenants.clock import now
from tenants.database import Database
from tenants.signin import outbox

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
        receipt = way.deliver(written(letter, sender, at=now()))
    except AwayError as problem:
        log.warning("letter %s: try %d put off: %s", mail_id, letter.attempt, problem)
        outbox.put_off(database, letter, str(problem), at=now(), jitter=random.random())  # noqa: S311 -- jitter
    except (RefusedForGoodError, LookupError, ValueError, TemplateError) as problem:
        log.warning("letter %s: refused: %s", mail_id, type(problem).__name__)
        outbox.refused(database, letter, str(problem))
    else:
        outbox.sent(database, letter, receipt, at=now())


@cache
def _ways() -> tuple[Sender, Carrier]:
    settings = Settings.from_environment()
    sender = Sender(settings.mail_from, settings.public_url, settings.secret_key.encode())
    return sender, carrier(settings.smtp_url, settings.state / "outbox")
