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

-- A file that a person sent for import, and how far it is.
CREATE TABLE import_file (
    provider_id UUID NOT NULL,
    import_id UUID NOT NULL,
    file_name TEXT NOT NULL,
    object_key TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    mapping TEXT NOT NULL,
    on_conflict TEXT NOT NULL,
    state TEXT NOT NULL,
    said TEXT,
    found JSONB NOT NULL,
    batch_id UUID,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_import_file PRIMARY KEY (provider_id, import_id),
    CONSTRAINT fk_import_file_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id),
    CONSTRAINT ck_import_file_state_known
        CHECK (state in ('checking', 'checked', 'refused', 'saving', 'saved', 'undoing', 'undone')),
    CONSTRAINT ck_import_file_on_conflict_known CHECK (on_conflict in ('stop', 'skip', 'update'))
);

CREATE INDEX ix_import_file_newest ON import_file (provider_id, recorded_at);

-- Which column of a provider's own export means what; a change is the next version.
CREATE TABLE import_mapping (
    provider_id UUID NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    declared TEXT NOT NULL,
    recorded_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_import_mapping PRIMARY KEY (provider_id, name, version),
    CONSTRAINT fk_import_mapping_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id)
);
