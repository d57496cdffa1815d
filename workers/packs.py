"""Makes a pack: reads, composes, draws in a process of its own, keeps the file, and only then says that it is done."""

import hashlib
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from mendline.config import Settings, resources
from mendline.packs.commands import keep_pack
from mendline.packs.commissioned.composing import compose_for_commissioner
from mendline.packs.commissioned.queries import made_for, read_release
from mendline.packs.commissioned.rows import MadeFor
from mendline.packs.composing import compose
from mendline.packs.composing_story import KINDS
from mendline.packs.order import PackOrder
from mendline.packs.queries import PackLine, find_pack
from mendline.packs.reading import PackFacts, read_pack_facts
from mendline.packs.render import PackPages, commissioner_pages, pack_pages
from mendline.packs.storage import keep, object_key
from mendline.places.queries import find_place
from mendline.web.assets import Places
from tenants.directory.model import Provider
from workers.claiming import Work
from workers.pack_process import DrawnPack, render_in_subprocess

Composing = Callable[[Path, Path], PackPages]  # from templates and front-end packages


def make_pack(work: Work) -> None:
    """The actor of `make_pack` jobs; its progress is shown on the pack's page."""
    settings = Settings.from_environment()
    pack_id = uuid.UUID(work.arguments["pack_id"])
    work.tell(10, "Reading the records")
    with work.transaction() as session:
        line = find_pack(session, work.reach, pack_id)
        made = made_for(session, line.provider_id, line.service_id, pack_id)
        compose_it = (
            _for_regulator(session, work, line, settings)
            if made is None
            else _for_commissioner(session, work, line, made)
        )
    work.tell(40, "Drawing the pages")
    with work.renewed():
        drawn, manifest_sha256 = draw_pages(
            compose_it(resources().templates, Places.under(settings.state).packages), line.as_at
        )
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


def _for_regulator(session: Session, work: Work, line: PackLine, settings: Settings) -> Composing:
    told = tuple(line.options.get("story", KINDS))  # packs that were asked for before the choice tell all of it
    facts = read_pack_facts(session, work.reach, line.service_id, line.as_at, told)
    order = PackOrder(
        line.reference,
        line.as_at,
        line.requested_initials or "Mendline",
        is_sample(session, line.provider_id),
        settings.public_url,
        line.options.get("drills", True),
        told,
    )
    return lambda templates, packages: pack_pages(compose(facts, order), templates, packages)


def _for_commissioner(session: Session, work: Work, line: PackLine, made: MadeFor) -> Composing:
    """Of the whole service it reads the parts of one release that the grant opened, and nothing else."""
    read = read_release(session, find_place(session, work.reach, line.service_id), made)
    sample = is_sample(session, line.provider_id)
    return lambda templates, packages: commissioner_pages(
        compose_for_commissioner(made, read, line.reference, is_sample=sample), templates, packages
    )


def draw(facts: PackFacts, order: PackOrder, state: Path) -> tuple[DrawnPack, str]:
    """A composed pack as PDF, with the fingerprint of its manifest."""
    ready = pack_pages(compose(facts, order), resources().templates, Places.under(state).packages)
    return draw_pages(ready, order.as_at)


def draw_pages(ready: PackPages, as_at: datetime) -> tuple[DrawnPack, str]:
    """Pages as PDF, dated to the second of their moment, with the fingerprint of their manifest."""
    dated = as_at.astimezone(UTC).replace(microsecond=0)
    drawn = render_in_subprocess(ready.html, ready.resources, ready.attachments, dated=dated)
    return drawn, ready.manifest_sha256


def is_sample(session: Session, provider_id: uuid.UUID) -> bool:
    """Whether everything in the pack is invented: every page of it then says so."""
    return bool(session.get_one(Provider, provider_id).is_demonstration)
