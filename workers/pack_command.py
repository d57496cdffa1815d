"""`mendline pack`: draws one pack in the foreground, keeps it and writes it where it was asked for.

The command line stands below the workers and starts this as a process of its own:
`python -m workers.pack_command PROVIDER_ID SERVICE_ID AS_AT FILE`.
"""

import hashlib
import sys
import uuid
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from mendline.config import Settings
from mendline.packs.commands import initials_of, keep_pack
from mendline.packs.model import Pack
from mendline.packs.order import PackOrder
from mendline.packs.reading import PackFacts, read_pack_facts
from mendline.packs.saving import save_whole
from mendline.packs.storage import keep, object_key
from tenants.clock import LONDON, now
from tenants.database import Database
from tenants.errors import MendlineError, NotFoundError
from tenants.ids import new_id
from tenants.reach import Reach
from workers.pack_process import DrawnPack
from workers.packs import draw, is_sample


def main(arguments: list[str]) -> int:
    """Makes the pack; 0 where the file stands, 1 where it could not be made, with the reason on standard error."""
    provider_id, service_id = uuid.UUID(arguments[0]), uuid.UUID(arguments[1])
    as_at, target = datetime.fromisoformat(arguments[2]), Path(arguments[3])
    settings = Settings.from_environment()
    database = Database(settings.database_url, settings.role_passwords, pool_size=1)
    try:
        drawn = _make(database, settings, database.command_reach(provider_id), service_id, as_at)
        save_whole(target, drawn.content)
    except MendlineError as problem:
        sys.stderr.write(f"Error: {problem}\n")
        return 1
    finally:
        database.dispose()
    sys.stderr.write(f"{target.name}: {drawn.pages} pages, {len(drawn.content):,} bytes.\n")
    sys.stdout.write(f"{hashlib.sha256(drawn.content).hexdigest()}\n")
    return 0


def _make(database: Database, settings: Settings, reach: Reach, service_id: uuid.UUID, as_at: datetime) -> DrawnPack:
    with database.transaction(reach) as session:
        facts = read_pack_facts(session, reach, service_id, as_at)
        if not facts.standings:
            raise NotFoundError("This service has no indicators yet, so there is nothing for a pack to show.")
        order = PackOrder(
            _reference(facts), as_at, "Mendline", is_sample(session, facts.place.provider_id), settings.public_url
        )
    drawn, manifest_sha256 = draw(facts, order, settings.state)
    pack_id = new_id()
    key = object_key(reach, facts.place.provider_id, pack_id)
    keep(settings.state, key, drawn.content)
    with database.transaction(reach) as session:
        _keep_request(session, facts, order, pack_id)
        keep_pack(
            session,
            reach,
            provider_id=facts.place.provider_id,
            service_id=service_id,
            pack_id=pack_id,
            key=key,
            sha256=hashlib.sha256(drawn.content).hexdigest(),
            manifest_sha256=manifest_sha256,
            size=len(drawn.content),
            pages=drawn.pages,
        )
    return drawn


def _reference(facts: PackFacts) -> str:
    """`RH-2026-11-17-141503`: the service, the day and the time, which no pack of the pages has."""
    return f"{initials_of(facts.place.name)}-{now().astimezone(LONDON):%Y-%m-%d-%H%M%S}"


def _keep_request(session: Session, facts: PackFacts, order: PackOrder, pack_id: uuid.UUID) -> None:
    session.add(
        Pack(
            provider_id=facts.place.provider_id,
            service_id=facts.place.service_id,
            pack_id=pack_id,
            reference=order.reference,
            as_at=order.as_at,
            options={},
            job_id=new_id(),  # no job made it
            requested_by=None,
            requested_initials=None,
            requested_at=now(),
        )
    )
    session.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
