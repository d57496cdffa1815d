"""Evidence files where custody meets them: all of a provider's, and those whose entry in the index names a person."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.evidence.files.keeping import Keeper
from mendline.evidence.files.sealing import SpoiltFileError
from mendline.evidence.files.stores import GoneError
from mendline.evidence.model import EvidenceCheck
from tenants.clock import now
from tenants.ids import new_id


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of evidence: what it was called, and the objects that hold it."""

    service_id: uuid.UUID
    evidence_id: uuid.UUID
    file_id: uuid.UUID
    name: str
    object_key: str
    given_key: str | None

    @property
    def member(self) -> str:
        """Its name in an archive: its identifier, with the ending that opens it."""
        return f"files/{self.file_id}{PurePath(self.name).suffix.lower()}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The objects that hold it, the one that is given out first."""
        return tuple(dict.fromkeys(key for key in (self.given_key, self.object_key) if key))


_FILES = """
select f.service_id, f.evidence_id, f.file_id, f.name, f.object_key, v.object_key as given_key
from evidence_file f
join evidence e on e.provider_id = f.provider_id and e.service_id = f.service_id and e.evidence_id = f.evidence_id
left join evidence_file_verdict v
  on v.provider_id = f.provider_id and v.service_id = f.service_id and v.file_id = f.file_id
where f.provider_id = :provider {narrowed}
order by f.recorded_at, f.file_id
"""
_ALL = text(_FILES.format(narrowed=""))
# A name is told by the same words everywhere: the entry, the links that lead to it and the file's own name.
_ABOUT = text(
    _FILES.format(
        narrowed="""and (cast(:service as uuid) is null or f.service_id = :service)
  and (to_jsonb(e)::text ~* :pattern or f.name ~* :pattern)"""
    )
)


def all_files(session: Session, provider_id: uuid.UUID) -> tuple[HeldFile, ...]:
    """Every evidence file of a provider."""
    return tuple(HeldFile(**row) for row in session.execute(_ALL, {"provider": provider_id}).mappings())


def files_about(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID | None, pattern: str
) -> tuple[HeldFile, ...]:
    """The evidence files whose entry in the index, or whose name, tells of a person.

    Args:
        session: a transaction of a job.
        provider_id: whose files.
        service_id: one service alone; all where None.
        pattern: the person's reference and name, as `custody.words_of` gives them.
    """
    values = {"provider": provider_id, "service": service_id, "pattern": pattern}
    return tuple(HeldFile(**row) for row in session.execute(_ABOUT, values).mappings())


def content_of(file: HeldFile, keeper: Keeper) -> Iterator[bytes] | None:
    """A file's content, block after block; None where none is kept.

    That is so where it was refused, replaced by a clean one, or spoilt: an archive says so and goes on.
    """
    for key in file.keys:
        blocks = keeper.read(key)
        try:
            first = next(blocks, b"")
        except (GoneError, SpoiltFileError):
            continue
        return _with(first, blocks)
    return None


def _with(first: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from blocks


def withdraw(session: Session, provider_id: uuid.UUID, files: tuple[HeldFile, ...]) -> list[str]:
    """Says of each file's evidence that it was erased; gives the keys of the objects that go."""
    for file in files:
        session.add(
            EvidenceCheck(
                provider_id=provider_id,
                service_id=file.service_id,
                evidence_id=file.evidence_id,
                check_id=new_id(),
                result="withdrawn",
                checked_at=now(),
                reason="The file was erased with what was held on a person.",
            )
        )
    return [key for file in files for key in file.keys]
