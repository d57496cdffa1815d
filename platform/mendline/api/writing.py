"""One way for a write to go through: in one transaction, once for each key, and answered with what was made."""

import uuid
from collections.abc import Callable, Collection
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from mendline.api.asking import answer
from mendline.api.idempotency import once
from mendline.api.wire import plain
from mendline.web.frame import reach

Work = Callable[[], Any]


def written(
    session: Session, provider_id: uuid.UUID, status: int, work: Work, *, once_only: Collection[str] = ()
) -> Response:
    """Does the work and answers with its resource, or gives the answer of the first time under the same key.

    Args:
        session: the transaction of the whole request.
        provider_id: whose facts are written.
        status: of the answer, such as 201.
        work: writes, and gives the resource.
        once_only: members that are told the first time alone, and kept nowhere: secrets.
    """
    asked = f"{request.method} {request.path}\n".encode() + request.get_data()
    key = request.headers.get("Idempotency-Key")
    secret: dict[str, Any] = {}

    def kept() -> tuple[Any, int]:
        made = plain(work())
        secret.update({name: made[name] for name in once_only})
        return made | dict.fromkeys(once_only) if once_only else made, status

    told, code, again = once(session, reach(), provider_id, key, asked, kept)
    response = answer(told | secret if secret else told, code)
    if again:
        response.headers["Idempotency-Replayed"] = "true"
    return response
