-- Until when evidence is kept, the regulator's kind of evidence that it is, and why it was withdrawn.
ALTER TABLE evidence ADD COLUMN category TEXT;
ALTER TABLE evidence ADD COLUMN keep_until DATE;
ALTER TABLE evidence_check ADD COLUMN reason TEXT;

CREATE TABLE evidence_file (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    file_id UUID NOT NULL,
    evidence_id UUID NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    object_key TEXT NOT NULL,
    supports UUID[] NOT NULL,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_evidence_file PRIMARY KEY (provider_id, service_id, file_id),
    CONSTRAINT uq_evidence_file_provider_id_service_id_evidence_id UNIQUE (provider_id, service_id, evidence_id),
    CONSTRAINT fk_evidence_file_evidence FOREIGN KEY(provider_id, service_id, evidence_id)
        REFERENCES evidence (provider_id, service_id, evidence_id)
);

CREATE TABLE evidence_file_verdict (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    file_id UUID NOT NULL,
    verdict TEXT NOT NULL,
    words TEXT,
    kind TEXT,
    object_key TEXT,
    sha256 TEXT,
    bytes INTEGER,
    is_cleaned BOOLEAN NOT NULL,
    pages INTEGER,
    scan TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_evidence_file_verdict PRIMARY KEY (provider_id, service_id, file_id),
    CONSTRAINT fk_evidence_file_verdict_evidence_file FOREIGN KEY(provider_id, service_id, file_id)
        REFERENCES evidence_file (provider_id, service_id, file_id),
    CONSTRAINT ck_evidence_file_verdict_verdict_known
        CHECK (verdict in ('ready', 'refused', 'held_back', 'infected')),
    CONSTRAINT ck_evidence_file_verdict_scan_known CHECK (scan in ('clean', 'infected', 'none', 'not_asked'))
);

-- That an evidence file may be read by commissioners whose grant covers files, under words without names; or no longer.
-- The newest row of a file counts.
CREATE TABLE file_share (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    file_id UUID NOT NULL,
    share_id UUID NOT NULL,
    is_shared BOOLEAN NOT NULL,
    shown_as TEXT NOT NULL,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_file_share PRIMARY KEY (provider_id, service_id, file_id, share_id),
    CONSTRAINT fk_file_share_evidence_file FOREIGN KEY(provider_id, service_id, file_id)
        REFERENCES evidence_file (provider_id, service_id, file_id)
);

-- The files that a commissioner may open: shared at present, not withdrawn, at a service whose grant covers files.
create function reach.shared_files() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    granted uuid[] := reach.services('released_evidence_files', false);
begin
    if cardinality(granted) = 0 then
        return '{}';
    end if;
    return (
        select coalesce(array_agg(x.file_id), '{}') from (
            select distinct on (f.provider_id, f.service_id, f.file_id) f.*
            from public.file_share f
            where f.provider_id = any (reach.providers()) and f.service_id = any (granted)
            order by f.provider_id, f.service_id, f.file_id, f.recorded_at desc, f.share_id desc) x
        join public.evidence_file e
          on e.provider_id = x.provider_id and e.service_id = x.service_id and e.file_id = x.file_id
        where x.is_shared and not exists (
            select 1 from public.evidence_check c
            where c.provider_id = e.provider_id and c.service_id = e.service_id and c.evidence_id = e.evidence_id
              and c.result = 'withdrawn'));
end
$$;
