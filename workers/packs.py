"""Makes a pack: reads, composes, draws in a process of its own, keeps the file, and only then says that it is done."""

import hashlib
import uuid
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from mendline.config import Settings, resources
from mendline.packs.commands import keep_pack
from mendline.packs.composing import compose
from mendline.packs.composing_story import KINDS
from mendline.packs.order import PackOrder
from mendline.packs.queries import find_pack
from mendline.packs.reading import PackFacts, read_pack_facts
from mendline.packs.render import pack_pages
from mendline.packs.storage import keep, object_key
from mendline.web.assets import Places
from tenants.directory.model import Provider
from workers.claiming import Work
from workers.pack_process import DrawnPack, render_in_subprocess


def make_pack(work: Work) -> None:
    """The actor of `make_pack` jobs; its progress is shown on the pack's page."""
    settings = Settings.from_environment()
    pack_id = uuid.UUID(work.arguments["pack_id"])
    work.tell(10, "Reading the records")
    with work.transaction() as session:
        line = find_pack(session, work.reach, pack_id)
        told = tuple(line.options.get("story", KINDS))  # packs that were asked for before the choice tell all of it
        facts = read_pack_facts(session, work.reach, line.service_id, line.as_at, told)
        order = PackOrder(
            line.reference,
            line.as_at,
            line.requested_initials or "Mendline",
            is_sample(session, facts),
            settings.public_url,
            line.options.get("drills", True),
            told,
        )
    work.tell(40, "Drawing the pages")
    with work.renewed():
        drawn, manifest_sha256 = draw(facts, order, settings.state)
    work.tell(90, "Keeping the file")
    key = object_key(work.reach, work.provider_id, pack_id)
    keep(settings.state, key, drawn.content)
    with work.completing() as session:
        keep_pack(
            session,
            work.reach,
            provider_id=work.provider_id,
            service_id=line.service_id,
            pack_id=pack_id,
            key=key,
            sha256=hashlib.sha256(drawn.content).hexdigest(),
            manifest_sha256=manifest_sha256,
            size=len(drawn.content),
            pages=drawn.pages,
        )


def draw(facts: PackFacts, order: PackOrder, state: Path) -> tuple[DrawnPack, str]:
    """A composed pack as PDF, with the fingerprint of its manifest."""
    document = compose(facts, order)
    ready = pack_pages(document, resources().templates, Places.under(state).packages)
    dated = datetime.fromisoformat(document.as_at_iso)
    drawn = render_in_subprocess(ready.html, ready.resources, ready.attachments, dated=dated)
    return drawn, ready.manifest_sha256


def is_sample(session: Session, facts: PackFacts) -> bool:
    """Whether everything in the pack is invented: every page of it then says so."""
    return bool(session.get_one(Provider, facts.place.provider_id).is_demonstration)
