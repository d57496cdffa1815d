"""Comes in through an inspector's link, as the named person does: the letter, the code, the session."""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from support.application import identifiers_of
from support.tenancy import Place
from support.visiting import KEY

from mendline.packs.queries import find_pack
from mendline.people.inspection.commands import GivenLink, code_of, make_link
from tenants.clock import now
from tenants.database import Database
from tenants.reach import Reach
from tenants.signin.links import link_secret

SECTIONS = ("summary", "actions", "evidence_index", "records", "records_medicines")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Link:
    """A link as it was made: its identifier, and the secret that went out by mail."""

    link_id: uuid.UUID
    secret: str
    place: Place


def a_link(
    db: Database, manager: Reach, place: Place, *, opens: timedelta = timedelta(0), pack_id: uuid.UUID | None = None,
    **changes: Any,
) -> Link:  # fmt: skip
    """A link to a pack: the place's own where none is named."""
    told = {
        "named": "Iris Holt", "email": f"{uuid.uuid4().hex}@cqc.example", "purpose": "Inspection of 3 December",
        "opens_at": now() + opens, "days": 14, "sections": SECTIONS,
    }  # fmt: skip
    given = GivenLink(**(told | changes))
    with db.transaction(manager) as session:
        # In the world of the walk a pack has a row in every table, so that it is made for a commissioner too.
        pack = replace(find_pack(session, manager, pack_id or identifiers_of(place)["pack_id"]), for_body=None)
        link_id = make_link(session, manager, KEY.encode(), pack, given)
    return Link(link_id, link_secret(KEY.encode(), newest_letter(db, given.email)), place)


def newest_letter(db: Database, address: str = "", template: str = "") -> uuid.UUID:
    with db.administration() as session:
        return session.execute(
            text(
                "select mail_id from signin.mail where (:address = '' or address = :address)"
                " and (:template = '' or template = :template) order by created_at desc, mail_id desc limit 1"
            ),
            {"address": address, "template": template},
        ).scalar_one()


def press(client: FlaskClient, page: str, action: str, **fields: str) -> Any:
    found = TOKEN.search(client.get(page).get_data(as_text=True))
    assert found, page
    return client.post(action, data={"csrf_token": found[1], **fields})


def ask(client: FlaskClient, link: Link) -> Any:
    here = f"/inspection/open/{link.secret}"
    return press(client, here, here)


def newest_code(db: Database) -> str:
    return code_of(KEY.encode(), newest_letter(db, template="inspector_code"))


def come_in(app: Flask, db: Database, link: Link) -> FlaskClient:
    client = app.test_client()
    ask(client, link)
    answer = press(client, "/inspection/code", "/inspection/code", code=newest_code(db))
    assert answer.headers["Location"] == "/inspection"
    return client
