"""What is around a worker's step on a file: it is fetched, told of, written down, and forgotten in the end."""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mendline.evidence.files.keeping import Keeper
from mendline.evidence.importing import Progress
from mendline.evidence.imports.findings import RowProblem
from mendline.evidence.imports.model import ImportFile
from mendline.evidence.imports.proposals import forget_proposals
from mendline.evidence.imports.sent import SentFile

_FORGOTTEN = timedelta(days=30)
_LEFT_OVER = ("reading", "unmapped", "checking", "checked", "refused")


def refused_columns(said: str, at: datetime, problems: tuple[RowProblem, ...] = (), count: int = 0) -> dict[str, Any]:
    """What the row of a file says that cannot be taken."""
    columns: dict[str, Any] = {"state": "refused", "said": said, "changed_at": at}
    if problems:
        columns |= {"problems": [asdict(one) for one in problems], "found": {"problem_count": count}}
    return columns


def keep(session: Session, sent: SentFile, states: tuple[str, ...], columns: dict[str, Any]) -> bool:
    """Writes what a job made of a file, unless a person put the file aside meanwhile."""
    done = session.execute(
        update(ImportFile)
        .where(
            ImportFile.provider_id == sent.provider_id,
            ImportFile.import_id == sent.import_id,
            ImportFile.state.in_(states),
        )
        .values(**columns)
        .returning(ImportFile.import_id)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None


def forgotten(session: Session, provider_id: uuid.UUID, at: datetime) -> list[str]:
    """Puts aside files that nobody has touched for thirty days; the names that they are kept under, to be removed."""
    of = ImportFile
    old = (
        select(of.import_id, of.object_key)
        .where(of.provider_id == provider_id, of.state.in_(_LEFT_OVER), of.changed_at < at - _FORGOTTEN)
        .limit(100)
    )
    rows = session.execute(old).all()
    if rows:
        session.execute(
            update(of)
            .where(of.provider_id == provider_id, of.import_id.in_([row.import_id for row in rows]))
            .values(
                state="discarded", said="Put aside: nobody had touched it for thirty days.", object_key=None, found={},
                problems=[], proposals=[], changed_at=at,
            )
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        forget_proposals(session, provider_id, *(row.import_id for row in rows))
    return [row.object_key for row in rows if row.object_key]


@contextmanager
def fetched(keeper: Keeper, object_key: str) -> Iterator[BinaryIO]:
    """A kept file, opened and seekable, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="mendline-") as folder:
        path = Path(folder) / "sent"
        keeper.fetch(object_key, path)
        with path.open("rb") as stream:
            yield stream


def told(progress: Callable[[int, str], None]) -> Progress:
    """Progress in rows as progress in percent with words, told at most once per hundredth."""
    last = -1

    def tell(done: int, of: int) -> None:
        nonlocal last
        percent = 40 + 55 * done // max(1, of)
        if percent != last:
            last = percent
            progress(percent, f"Saving: {done:,} of {of:,} rows")

    return tell
