"""One way for a write to go through: in one transaction, once for each key, and answered with what was made."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from mendline.api.asking import answer
from mendline.api.idempotency import once
from mendline.api.wire import plain
from mendline.web.frame import reach

Work = Callable[[], Any]


def written(session: Session, provider_id: uuid.UUID, status: int, work: Work) -> Response:
    """Does the work and answers with its resource, or gives the answer of the first time under the same key.

    Args:
        session: the transaction of the whole request.
        provider_id: whose facts are written.
        status: of the answer, such as 201.
        work: writes, and gives the resource.
    """
    asked = f"{request.method} {request.path}\n".encode() + request.get_data()
    key = request.headers.get("Idempotency-Key")
    told, code, again = once(session, reach(), provider_id, key, asked, lambda: (plain(work()), status))
    response = answer(told, code)
    if again:
        response.headers["Idempotency-Replayed"] = "true"
    return response
