"""How a form that acts at one service is answered: one transaction; the form again where it is refused, else onwards."""

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, flash
from sqlalchemy.orm import Session

from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.web.frame import reach, transaction
from tenants.errors import RefusedError

Answer = Response | tuple[str, int]
Made = TypeVar("Made")


def acted(
    service_id: uuid.UUID,
    act: Callable[[Session, Place], Made],
    again: Callable[[RefusedError], str],
    *,
    said: str,
    then: Callable[[Made], Response],
) -> Answer:
    """Carries out what a form asks for.

    Args:
        service_id: the service, which has to be within reach.
        act: what is done, in one transaction; all of it is undone where it is refused.
        again: draws the form with what was typed and why it was refused.
        said: what is told once it is done.
        then: where it leads, from what was made.
    """
    try:
        with transaction() as session:
            made = act(session, find_place(session, reach(), service_id))
    except RefusedError as refused:
        return again(refused), 422
    flash(said, "success")
    return then(made)


def at(place: Place) -> dict[str, Any]:
    """The keys of a service, as commands take them."""
    return {"provider_id": place.provider_id, "service_id": place.service_id}
