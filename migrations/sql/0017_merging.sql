-- A row of a checked file that may be a record which is kept already, until the file comes in or is put aside.
CREATE TABLE import_proposal (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    import_id UUID NOT NULL,
    row_id UUID NOT NULL,
    line INTEGER NOT NULL,
    what TEXT NOT NULL,
    candidates JSONB NOT NULL,
    only_record UUID,
    decision TEXT,
    record_id UUID,
    decided_by UUID,
    decided_initials TEXT,
    decided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_import_proposal PRIMARY KEY (provider_id, service_id, import_id, row_id),
    CONSTRAINT fk_import_proposal_service FOREIGN KEY (provider_id, service_id)
        REFERENCES service (provider_id, service_id),
    CONSTRAINT ck_import_proposal_decision_known CHECK (decision in ('new', 'same')),
    CONSTRAINT ck_import_proposal_same_as_one CHECK ((decision is not distinct from 'same') = (record_id is not null))
);

CREATE INDEX ix_import_proposal_line ON import_proposal (provider_id, import_id, line);
CREATE UNIQUE INDEX ix_import_proposal_record ON import_proposal (provider_id, import_id, record_id)
    WHERE record_id is not null;
