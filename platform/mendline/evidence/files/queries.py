"""What is read of evidence files: one statement each."""

import uuid

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.evidence.files.rows import FileLine, Share, SharedFile, WaitingFile

_OF = text("""
select f.provider_id, f.service_id, f.evidence_id, e.reference, e.title, f.file_id, f.name, f.sha256, f.bytes as size,
       f.recorded_initials, f.recorded_at, e.keep_until, coalesce(w.is_withdrawn, false) as is_withdrawn,
       v.verdict, v.words, v.kind, v.object_key as given_key, v.sha256 as given_sha256, v.bytes as given_size,
       v.is_cleaned, v.pages, v.scan,
       j.progress_text as step, j.progress, j.state as job_state, j.error as job_error
from evidence_file f
join evidence e on e.provider_id = f.provider_id and e.service_id = f.service_id and e.evidence_id = f.evidence_id
left join evidence_file_verdict v
  on v.provider_id = f.provider_id and v.service_id = f.service_id and v.file_id = f.file_id
left join lateral (
    select true as is_withdrawn from evidence_check c
    where c.provider_id = f.provider_id and c.service_id = f.service_id and c.evidence_id = f.evidence_id
      and c.result = 'withdrawn' limit 1) w on true
left join lateral (
    select state, progress, progress_text, error from job j
    where j.provider_id = f.provider_id and j.kind = 'examine_file' and j.service_id = f.service_id
      and j.arguments ->> 'file_id' = cast(f.file_id as text) and v.verdict is null
    order by j.created_at desc limit 1) j on true
where f.provider_id = :provider and f.service_id = :service and f.evidence_id = :evidence
""")

_WAITING = text("""
select f.service_id, f.evidence_id, f.name, f.object_key, f.sha256, f.supports, v.verdict is not null as is_decided
from evidence_file f
left join evidence_file_verdict v
  on v.provider_id = f.provider_id and v.service_id = f.service_id and v.file_id = f.file_id
where f.provider_id = :provider and f.service_id = :service and f.file_id = :file
""")

_SHARE = text("""
select s.is_shared, s.shown_as, s.recorded_label, s.recorded_at from file_share s
where s.provider_id = :provider and s.service_id = :service and s.file_id = :file
order by s.recorded_at desc, s.share_id desc limit 1
""")

# To a commissioner the policies show files that are shared at present and no others.
_SHARED = text("""
select s.file_id, s.shown_as, s.recorded_at as shared_at, v.kind, v.bytes as size, v.object_key
from file_share s
join evidence_file_verdict v
  on v.provider_id = s.provider_id and v.service_id = s.service_id and v.file_id = s.file_id
where s.provider_id = :provider and s.service_id = :service and s.is_shared and v.verdict = 'ready'
  and v.object_key is not null and not exists (
    select 1 from file_share n
    where n.provider_id = s.provider_id and n.service_id = s.service_id and n.file_id = s.file_id
      and (n.recorded_at, n.share_id) > (s.recorded_at, s.share_id))
order by s.recorded_at desc, s.share_id
limit 100
""")


def file_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, evidence_id: uuid.UUID) -> FileLine | None:
    """The file of a piece of evidence; None where it has none, or the reader may not see files."""
    values = {"provider": provider_id, "service": service_id, "evidence": evidence_id}
    row = session.execute(_OF, values).mappings().one_or_none()
    return FileLine(**row) if row else None


def waiting_file(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, file_id: uuid.UUID
) -> WaitingFile | None:
    """The file that a job is to examine."""
    values = {"provider": provider_id, "service": service_id, "file": file_id}
    row = session.execute(_WAITING, values).mappings().one_or_none()
    return WaitingFile(**dict(row) | {"supports": tuple(row["supports"])}) if row else None


def share_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, file_id: uuid.UUID) -> Share | None:
    """The newest word on whether commissioners may open a file."""
    values = {"provider": provider_id, "service": service_id, "file": file_id}
    row = session.execute(_SHARE, values).mappings().one_or_none()
    return Share(**row) if row else None


def shared_files(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[SharedFile, ...]:
    """The files of a service that the reader's grant opens, newest first."""
    rows = session.execute(_SHARED, {"provider": provider_id, "service": service_id}).mappings()
    return tuple(SharedFile(**row) for row in rows)
