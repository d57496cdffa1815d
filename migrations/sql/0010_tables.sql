-- Programs that are told of events. What stands here of a secret is sealed; the ending is a row of its own.
CREATE TABLE webhook (
    provider_id UUID NOT NULL,
    webhook_id UUID NOT NULL,
    url TEXT NOT NULL,
    events TEXT[] NOT NULL,
    sealed_secret BYTEA NOT NULL,
    recorded_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_webhook PRIMARY KEY (provider_id, webhook_id),
    CONSTRAINT fk_webhook_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id)
);

CREATE TABLE webhook_end (
    provider_id UUID NOT NULL,
    webhook_id UUID NOT NULL,
    recorded_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_webhook_end PRIMARY KEY (provider_id, webhook_id),
    CONSTRAINT fk_webhook_end_webhook FOREIGN KEY (provider_id, webhook_id)
        REFERENCES webhook (provider_id, webhook_id)
);

-- Later secrets of an address; the one before goes on signing for a day, so that a receiver may change over.
CREATE TABLE webhook_secret (
    provider_id UUID NOT NULL,
    webhook_id UUID NOT NULL,
    version INTEGER NOT NULL,
    sealed_secret BYTEA NOT NULL,
    recorded_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_webhook_secret PRIMARY KEY (provider_id, webhook_id, version),
    CONSTRAINT fk_webhook_secret_webhook FOREIGN KEY (provider_id, webhook_id)
        REFERENCES webhook (provider_id, webhook_id),
    CONSTRAINT ck_webhook_secret_version_later CHECK (version > 1)
);

CREATE TABLE webhook_delivery (
    provider_id UUID NOT NULL,
    delivery_id UUID NOT NULL,
    webhook_id UUID NOT NULL,
    event TEXT NOT NULL,
    service_id UUID,
    content JSONB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    answer TEXT,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    tried_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_webhook_delivery PRIMARY KEY (provider_id, delivery_id),
    CONSTRAINT fk_webhook_delivery_webhook FOREIGN KEY (provider_id, webhook_id)
        REFERENCES webhook (provider_id, webhook_id),
    CONSTRAINT ck_webhook_delivery_state_known CHECK (state in ('waiting', 'received', 'failed'))
);

CREATE INDEX ix_webhook_delivery_newest ON webhook_delivery (provider_id, webhook_id, happened_at);

-- A file that was sent for import, and how far it is. Without a service it may speak of all of the provider's.
CREATE TABLE import_file (
    provider_id UUID NOT NULL,
    import_id UUID NOT NULL,
    service_id UUID,
    file_name TEXT NOT NULL,
    object_key TEXT,
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    mapping TEXT,
    mapping_id UUID,
    mapping_version INTEGER,
    on_conflict TEXT NOT NULL,
    state TEXT NOT NULL,
    said TEXT,
    found JSONB NOT NULL,
    problems JSONB NOT NULL,
    proposals JSONB NOT NULL,
    decisions JSONB NOT NULL,
    job_id UUID,
    batch_id UUID,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_import_file PRIMARY KEY (provider_id, import_id),
    CONSTRAINT fk_import_file_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id),
    CONSTRAINT fk_import_file_service FOREIGN KEY (provider_id, service_id)
        REFERENCES service (provider_id, service_id),
    CONSTRAINT ck_import_file_state_known
        CHECK (state in ('reading', 'unmapped', 'checking', 'checked', 'refused', 'saving', 'saved', 'undoing',
                         'undone', 'discarded')),
    CONSTRAINT ck_import_file_on_conflict_known CHECK (on_conflict in ('stop', 'skip', 'update'))
);

CREATE INDEX ix_import_file_newest ON import_file (provider_id, recorded_at);

-- Which column of a provider's own export means what; a change is the next version.
CREATE TABLE import_mapping (
    provider_id UUID NOT NULL,
    mapping_id UUID NOT NULL,
    version INTEGER NOT NULL,
    service_id UUID,
    name TEXT NOT NULL,
    declared TEXT NOT NULL,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_import_mapping PRIMARY KEY (provider_id, mapping_id, version),
    CONSTRAINT fk_import_mapping_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id),
    CONSTRAINT fk_import_mapping_service FOREIGN KEY (provider_id, service_id)
        REFERENCES service (provider_id, service_id)
);

-- A person said that a row of a file is a record that is kept already: under this number the row is known from then on.
CREATE TABLE import_merge (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    row_id UUID NOT NULL,
    record_id UUID NOT NULL,
    import_id UUID NOT NULL,
    recorded_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_import_merge PRIMARY KEY (provider_id, service_id, row_id),
    CONSTRAINT fk_import_merge_service FOREIGN KEY (provider_id, service_id)
        REFERENCES service (provider_id, service_id)
);

-- A batch that was taken back as one step; its facts have revisions that withdraw them.
CREATE TABLE import_undo (
    provider_id UUID NOT NULL,
    batch_id UUID NOT NULL,
    reason TEXT NOT NULL,
    withdrawn INTEGER NOT NULL,
    left_standing INTEGER NOT NULL,
    services JSONB NOT NULL DEFAULT '{}',
    recorded_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_import_undo PRIMARY KEY (provider_id, batch_id),
    CONSTRAINT fk_import_undo_import_batch FOREIGN KEY (provider_id, batch_id)
        REFERENCES import_batch (provider_id, batch_id)
);

ALTER TABLE record ADD COLUMN withdrawn_at TIMESTAMP WITH TIME ZONE;

CREATE INDEX ix_record_batch ON record (provider_id, batch_id) WHERE batch_id is not null;
CREATE INDEX ix_observation_batch ON observation (provider_id, batch_id) WHERE batch_id is not null;
