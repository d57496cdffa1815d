"""Roles that are offered, and the people who answer."""

import uuid

from flask import Flask
from sqlalchemy import text
from support.visiting import Visitor, visit_as

from tenants.database import Database


def whom(db: Database, name: str) -> tuple[uuid.UUID, uuid.UUID]:
    """The newest offer that waits under a name: whom it was made to, and the offer."""
    with db.administration() as session:
        row = session.execute(
            text(
                "select person_id, offer_id from role_offer where display_name = :name and answer is null"
                " order by recorded_at desc limit 1"
            ),
            {"name": name},
        ).one()
    return row.person_id, row.offer_id


def accepts(app: Flask, db: Database, name: str) -> Visitor:
    """Somebody reads what is offered to them and accepts; their browser, whose sign-in is over."""
    person_id, offer_id = whom(db, name)
    visitor = visit_as(app, db, person_id)
    assert visitor.get("/offers").says("offers you the role")
    assert visitor.post(f"/offers/{offer_id}", {"answer": "accept"}).location == "/sign-in"
    return visitor
