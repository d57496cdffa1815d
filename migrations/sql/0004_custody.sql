-- Custody: how long things are kept, what is held back from erasure, what was asked for a person, transfers between
-- providers, what froze, and what ties a ledger to the world outside.

create schema custody;

CREATE TABLE retention_rule (
    provider_id UUID NOT NULL,
    rule_id UUID NOT NULL,
    record_type TEXT NOT NULL,
    years INTEGER NOT NULL,
    reason TEXT NOT NULL,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_retention_rule PRIMARY KEY (provider_id, rule_id),
    CONSTRAINT fk_retention_rule_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id),
    CONSTRAINT ck_retention_rule_years_sensible CHECK (years between 1 and 100)
);

CREATE TABLE legal_hold (
    provider_id UUID NOT NULL,
    hold_id UUID NOT NULL,
    service_id UUID,
    person_reference TEXT,
    reason TEXT NOT NULL,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_legal_hold PRIMARY KEY (provider_id, hold_id),
    CONSTRAINT fk_legal_hold_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id),
    CONSTRAINT fk_legal_hold_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id)
);

CREATE TABLE legal_hold_release (
    provider_id UUID NOT NULL,
    hold_id UUID NOT NULL,
    reason TEXT NOT NULL,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_legal_hold_release PRIMARY KEY (provider_id, hold_id),
    CONSTRAINT fk_legal_hold_release_legal_hold FOREIGN KEY(provider_id, hold_id) REFERENCES legal_hold (provider_id, hold_id)
);

CREATE TABLE custody_request (
    provider_id UUID NOT NULL,
    request_id UUID NOT NULL,
    kind TEXT NOT NULL,
    service_id UUID,
    person_reference TEXT,
    also_named TEXT,
    reason TEXT NOT NULL,
    detail JSONB NOT NULL,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_custody_request PRIMARY KEY (provider_id, request_id),
    CONSTRAINT fk_custody_request_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id),
    CONSTRAINT fk_custody_request_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id),
    CONSTRAINT ck_custody_request_kind_known CHECK (kind in ('person_export', 'person_erasure', 'retention'))
);

CREATE TABLE custody_step (
    provider_id UUID NOT NULL,
    request_id UUID NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT,
    detail JSONB NOT NULL,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_custody_step PRIMARY KEY (provider_id, request_id, kind),
    CONSTRAINT fk_custody_step_custody_request FOREIGN KEY(provider_id, request_id)
        REFERENCES custody_request (provider_id, request_id),
    CONSTRAINT ck_custody_step_kind_known CHECK (kind in ('approved', 'refused', 'stopped', 'done'))
);

CREATE TABLE custody_file (
    provider_id UUID NOT NULL,
    request_id UUID NOT NULL,
    object_key TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_custody_file PRIMARY KEY (provider_id, request_id),
    CONSTRAINT fk_custody_file_custody_request FOREIGN KEY(provider_id, request_id)
        REFERENCES custody_request (provider_id, request_id)
);

-- A transfer has a row at each side: the one that gives a service and the one that takes it.
CREATE TABLE service_transfer (
    provider_id UUID NOT NULL,
    transfer_id UUID NOT NULL,
    side TEXT NOT NULL,
    service_id UUID NOT NULL,
    service_name TEXT NOT NULL,
    other_provider_id UUID,
    other_provider TEXT,
    classes TEXT[] NOT NULL,
    reason TEXT NOT NULL,
    code_hash BYTEA,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_service_transfer PRIMARY KEY (provider_id, transfer_id),
    CONSTRAINT fk_service_transfer_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id),
    CONSTRAINT ck_service_transfer_side_known CHECK (side in ('giving', 'taking'))
);

CREATE INDEX ix_service_transfer_code ON service_transfer (provider_id, code_hash);

CREATE TABLE transfer_step (
    provider_id UUID NOT NULL,
    transfer_id UUID NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_transfer_step PRIMARY KEY (provider_id, transfer_id, kind),
    CONSTRAINT fk_transfer_step_service_transfer FOREIGN KEY(provider_id, transfer_id)
        REFERENCES service_transfer (provider_id, transfer_id),
    CONSTRAINT ck_transfer_step_kind_known CHECK (kind in ('taken_up', 'approved', 'refused', 'done'))
);

CREATE TABLE transferred_table (
    provider_id UUID NOT NULL,
    transfer_id UUID NOT NULL,
    table_name TEXT NOT NULL,
    rows INTEGER NOT NULL,
    checksum TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_transferred_table PRIMARY KEY (provider_id, transfer_id, table_name),
    CONSTRAINT fk_transferred_table_service_transfer FOREIGN KEY(provider_id, transfer_id)
        REFERENCES service_transfer (provider_id, transfer_id)
);

-- Where a row came from: the transfer, its key there and the fingerprint of what it held.
CREATE TABLE transferred_row (
    provider_id UUID NOT NULL,
    transfer_id UUID NOT NULL,
    table_name TEXT NOT NULL,
    row_key TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    CONSTRAINT pk_transferred_row PRIMARY KEY (provider_id, transfer_id, table_name, row_key),
    CONSTRAINT fk_transferred_row_service_transfer FOREIGN KEY(provider_id, transfer_id)
        REFERENCES service_transfer (provider_id, transfer_id)
);

-- A service that was transferred away: its rows stay with the provider whose period they tell of, to be read alone.
CREATE TABLE service_freeze (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    transfer_id UUID NOT NULL,
    frozen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lifted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_service_freeze PRIMARY KEY (provider_id, service_id),
    CONSTRAINT fk_service_freeze_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id)
);

-- A provider that leaves: read-only from then on, erased no earlier than the day named.
CREATE TABLE provider_leaving (
    provider_id UUID NOT NULL,
    reason TEXT NOT NULL,
    erase_from DATE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_provider_leaving PRIMARY KEY (provider_id),
    CONSTRAINT fk_provider_leaving_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id)
);

-- What a provider's ledger is committed with; destroyed with the provider.
CREATE TABLE provider_key (
    provider_id UUID NOT NULL,
    ledger_key BYTEA NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_provider_key PRIMARY KEY (provider_id),
    CONSTRAINT fk_provider_key_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id)
);

CREATE TABLE ledger_anchor (
    provider_id UUID NOT NULL,
    anchored_on DATE NOT NULL,
    sequence INTEGER NOT NULL,
    chain_hash BYTEA NOT NULL,
    kept_in TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_ledger_anchor PRIMARY KEY (provider_id, anchored_on),
    CONSTRAINT fk_ledger_anchor_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id)
);

-- A link commits to what stands in the entry, keyed and salted: the words can go and the chain still holds.
alter table ledger_seal add column commitment bytea, add column salt bytea;

alter table ledger_entry add column erased_at timestamptz, add column erased_under uuid;

alter table record add column erased_at timestamptz;
