"""A file goes from one state to the next, once: of two who press at once one is first."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from mendline.evidence.imports.model import ImportFile
from mendline.evidence.imports.sent import SentFile
from tenants.errors import ConflictError
from tenants.jobs import enqueue
from tenants.reach import Reach

MOVED_ON = "This file has moved on since you opened the page. Look at it again; nothing was changed."


def require(reach: Reach, sent: SentFile) -> None:
    """Only whoever imports where the file belongs acts on it.

    Raises:
        NotPermittedError: this person does not.
    """
    reach.require("import_facts", sent.provider_id, sent.service_id)


def move(session: Session, sent: SentFile, states: tuple[str, ...], at: datetime, **columns: Any) -> None:
    """Changes what a file says of itself.

    Raises:
        ConflictError: it is in none of these states any more, or other work was asked for.
    """
    moved = session.execute(
        update(ImportFile)
        .where(
            ImportFile.provider_id == sent.provider_id,
            ImportFile.import_id == sent.import_id,
            ImportFile.state.in_(states),
            ImportFile.job_id.is_not_distinct_from(sent.job_id),
        )
        .values(changed_at=at, **columns)
        .returning(ImportFile.import_id)
        .execution_options(synchronize_session=False)
    ).first()
    if moved is None:
        raise ConflictError(MOVED_ON)


def ask_work(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID | None, import_id: uuid.UUID, step: str, **more: str
) -> uuid.UUID:
    """Asks for a step of the work on a file; the number of the job."""
    arguments = {"import_id": str(import_id), "step": step, **more}
    return enqueue(session, "import_facts", provider_id=provider_id, service_id=service_id, arguments=arguments)
