"""What the pages and jobs of imports read: one bounded statement each, the provider named in every one."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from mendline.evidence.imports.sent import ImportPlace, OwnMapping, SentFile, SentLine
from tenants.errors import NotFoundError
from tenants.reach import Reach

PAGE = 50
NONE_HERE = "There is nothing here that your sign-in covers."

_FILE = """
    select f.provider_id, p.name as provider, f.import_id, f.service_id, s.name as service, f.file_name, f.object_key,
           f.sha256, f.bytes, f.mapping, f.mapping_id, f.mapping_version, f.on_conflict, f.state, f.said, f.found,
           jsonb_array_length(f.problems) as problems, f.batch_id, f.recorded_by, f.recorded_initials, f.recorded_at,
           f.changed_at, f.decisions ? 'leaves_out' as leaves_out, f.job_id, j.state as job_state, j.progress, j.progress_text, j.error as job_error
    from import_file f
    join provider p on p.provider_id = f.provider_id
    left join service s on s.provider_id = f.provider_id and s.service_id = f.service_id
    left join job j on j.provider_id = f.provider_id and j.job_id = f.job_id
"""
_ONE = text(f"{_FILE} where f.provider_id = any (:providers) and f.import_id = :import").bindparams(
    bindparam("providers", type_=ARRAY(Uuid()))
)
_HISTORY = text("""
    select f.import_id, s.name as service, f.file_name, f.mapping, f.state, f.said,
           coalesce(f.found -> 'counts', '{}'::jsonb) as counts, (f.found ->> 'saved')::integer as saved,
           (f.found ->> 'problem_count')::integer as problem_count, f.recorded_initials, f.recorded_at,
           case when f.state = 'checked' then (
             select count(*) from import_proposal o
             where o.provider_id = f.provider_id and o.import_id = f.import_id and o.decision is null) end as undecided
    from import_file f
    left join service s on s.provider_id = f.provider_id and s.service_id = f.service_id
    where f.provider_id = :provider and (cast(:service as uuid) is null or f.service_id = :service)
      and (cast(:before as timestamptz) is null or f.recorded_at < :before)
    order by f.recorded_at desc limit :most
""")
_OWN = text("""
    select distinct on (m.mapping_id) m.mapping_id, m.version, m.name, m.service_id, m.declared, m.recorded_initials,
           m.recorded_at
    from import_mapping m
    where m.provider_id = :provider and (cast(:service as uuid) is null or m.service_id is null or m.service_id = :service)
    order by m.mapping_id, m.version desc
    limit 200
""")
_VERSION = text("""
    select declared from import_mapping
    where provider_id = :provider and mapping_id = :mapping and version = :version
""")
_PROVIDER = text("select name from provider where provider_id = :provider")
_SERVICE = text("""
    select s.provider_id, p.name as provider, s.service_id, s.name as service
    from service s join provider p on p.provider_id = s.provider_id
    where s.provider_id = any (:providers) and s.service_id = :service
""").bindparams(bindparam("providers", type_=ARRAY(Uuid())))
_SERVICES = text("""
    select service_id, name from service where provider_id = :provider and closed_on is null order by name limit 1000
""")
_PROBLEMS = text("""
    select value from import_file f, jsonb_array_elements(f.problems) with ordinality as e (value, place)
    where f.provider_id = :provider and f.import_id = :import and place > :after order by place limit :most
""")


def find_import(session: Session, reach: Reach, import_id: uuid.UUID) -> SentFile:
    """A file within reach of whoever sees imports there.

    Raises:
        NotFoundError: there is none.
    """
    given = {"providers": list(reach.provider_ids), "import": import_id}
    for row in session.execute(_ONE, given).mappings():
        found = SentFile(**row)
        if reach.may("see_imports", found.provider_id, found.service_id):
            return found
    raise NotFoundError(NONE_HERE)


def find_place(
    session: Session, reach: Reach, *, provider_id: uuid.UUID | None = None, service_id: uuid.UUID | None = None
) -> ImportPlace:
    """A provider, or a service, where this person sees imports.

    Raises:
        NotFoundError: it is not within reach.
        NotPermittedError: it is, its imports are not.
    """
    if service_id is not None:
        row = session.execute(_SERVICE, {"providers": list(reach.provider_ids), "service": service_id}).first()
        if row is None:
            raise NotFoundError(NONE_HERE)
        reach.require("see_imports", row.provider_id, row.service_id)
        return ImportPlace(row.provider_id, row.provider, row.service_id, row.service)
    if provider_id is None or provider_id not in reach.providers_with("see_imports"):
        raise NotFoundError(NONE_HERE)
    return ImportPlace(provider_id, str(session.execute(_PROVIDER, {"provider": provider_id}).scalar_one()))


def services_of(session: Session, provider_id: uuid.UUID) -> tuple[tuple[uuid.UUID, str], ...]:
    """The provider's open services that this person sees, by name."""
    return tuple((row.service_id, row.name) for row in session.execute(_SERVICES, {"provider": provider_id}))


def history_of(session: Session, place: ImportPlace, before: datetime | None, most: int = PAGE) -> tuple[SentLine, ...]:
    """Files that were sent to a place, newest first; one more than a page where there are older ones."""
    given = {"provider": place.provider_id, "service": place.service_id, "before": before, "most": most + 1}
    return tuple(SentLine(**row) for row in session.execute(_HISTORY, given).mappings())


def own_mappings(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID | None) -> tuple[OwnMapping, ...]:
    """The provider's own mappings that serve here, each in its newest version, by name."""
    rows = session.execute(_OWN, {"provider": provider_id, "service": service_id}).mappings()
    return tuple(sorted((OwnMapping(**row) for row in rows), key=lambda one: one.name.casefold()))


def mapping_version(session: Session, provider_id: uuid.UUID, mapping_id: uuid.UUID, version: int) -> str | None:
    """One version of a provider's own mapping, as YAML."""
    given = {"provider": provider_id, "mapping": mapping_id, "version": version}
    return session.execute(_VERSION, given).scalar_one_or_none()


def problems_of(session: Session, sent: SentFile, after: int, most: int = PAGE) -> Sequence[Any]:
    """Some of a file's problems, from a place in the list on."""
    given = {"provider": sent.provider_id, "import": sent.import_id, "after": after, "most": most}
    return [row.value for row in session.execute(_PROBLEMS, given)]
