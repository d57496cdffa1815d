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
