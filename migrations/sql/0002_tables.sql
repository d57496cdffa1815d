-- What each ticket may be used for, and when its person last showed a factor.
alter table reach.ticket add column classes text[]; -- null: all that the person holds; empty: nothing yet
alter table reach.ticket add column service_ids uuid[]; -- null: every service that the person reaches
alter table reach.ticket add column level text not null default 'full'
    constraint ck_ticket_level check (level in ('full', 'capture', 'enrol', 'token'));
alter table reach.ticket add column factor_at timestamptz;

ALTER TABLE signin.person ADD COLUMN email_verified_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE signin.person ADD COLUMN password_changed_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE signin.session ADD COLUMN session_id UUID DEFAULT gen_random_uuid();
ALTER TABLE signin.session ADD COLUMN way TEXT;
ALTER TABLE signin.session ADD COLUMN level TEXT DEFAULT 'full' NOT NULL;
ALTER TABLE signin.session ADD COLUMN idle_seconds INTEGER;
ALTER TABLE signin.session ADD COLUMN device_hash BYTEA;
CREATE INDEX ix_session_person_id ON signin.session (person_id);
CREATE INDEX ix_session_ticket_hash ON signin.session (ticket_hash);

ALTER TABLE signin.api_token ADD COLUMN token_id UUID DEFAULT gen_random_uuid();
ALTER TABLE signin.api_token ADD COLUMN may_write BOOLEAN DEFAULT true NOT NULL;
ALTER TABLE signin.api_token ADD COLUMN classes TEXT[];
ALTER TABLE signin.api_token ADD COLUMN service_ids UUID[];
CREATE INDEX ix_api_token_person_id ON signin.api_token (person_id);

ALTER TABLE signin.attempt ADD COLUMN device_hash BYTEA;
ALTER TABLE signin.attempt ADD COLUMN kind TEXT DEFAULT 'password' NOT NULL;
CREATE INDEX ix_attempt_attempted_at ON signin.attempt (attempted_at);
CREATE INDEX ix_attempt_device_attempted_at ON signin.attempt (device_hash, attempted_at);

CREATE TABLE signin.mail (
    mail_id UUID NOT NULL,
    on_behalf_of UUID,
    person_id UUID,
    address TEXT,
    template TEXT NOT NULL,
    facts JSONB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE,
    lease_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    receipt TEXT,
    error TEXT,
    CONSTRAINT pk_mail PRIMARY KEY (mail_id),
    CONSTRAINT fk_mail_person FOREIGN KEY(person_id) REFERENCES signin.person (person_id),
    CONSTRAINT ck_mail_state_known CHECK (state in ('waiting', 'sending', 'sent', 'refused', 'dead', 'nobody'))
);
CREATE INDEX ix_mail_waiting ON signin.mail (due_at) WHERE state in ('waiting', 'sending');

CREATE TABLE signin.one_time (
    token_hash BYTEA NOT NULL,
    purpose TEXT NOT NULL,
    person_id UUID NOT NULL,
    email TEXT NOT NULL,
    on_behalf_of UUID,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    told_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_one_time PRIMARY KEY (token_hash),
    CONSTRAINT fk_one_time_person FOREIGN KEY(person_id) REFERENCES signin.person (person_id),
    CONSTRAINT ck_one_time_purpose_known CHECK (purpose in ('reset', 'verify', 'invitation'))
);
CREATE INDEX ix_one_time_person_id ON signin.one_time (person_id);

CREATE TABLE signin.passkey (
    passkey_id UUID NOT NULL,
    person_id UUID NOT NULL,
    credential_id BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    sign_count BIGINT NOT NULL,
    label TEXT NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE,
    removed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_passkey PRIMARY KEY (passkey_id),
    CONSTRAINT uq_passkey_credential_id UNIQUE (credential_id),
    CONSTRAINT fk_passkey_person FOREIGN KEY(person_id) REFERENCES signin.person (person_id)
);
CREATE INDEX ix_passkey_person_id ON signin.passkey (person_id);

CREATE TABLE signin.recovery_code (
    person_id UUID NOT NULL,
    code_hash BYTEA NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_recovery_code PRIMARY KEY (person_id, code_hash),
    CONSTRAINT fk_recovery_code_person FOREIGN KEY(person_id) REFERENCES signin.person (person_id)
);

CREATE TABLE signin.pending (
    pending_hash BYTEA NOT NULL,
    purpose TEXT NOT NULL,
    person_id UUID,
    way TEXT,
    state JSONB NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    tries INTEGER NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_pending PRIMARY KEY (pending_hash),
    CONSTRAINT fk_pending_person FOREIGN KEY(person_id) REFERENCES signin.person (person_id),
    CONSTRAINT ck_pending_purpose_known
        CHECK (purpose in ('second_factor', 'passkey', 'enrol_passkey', 'enrol_code', 'single_sign_on'))
);
CREATE INDEX ix_pending_expires_at ON signin.pending (expires_at);

CREATE TABLE signin.device (
    device_hash BYTEA NOT NULL,
    person_id UUID NOT NULL,
    known_since TIMESTAMP WITH TIME ZONE NOT NULL,
    last_full_sign_in TIMESTAMP WITH TIME ZONE NOT NULL,
    pin_hash TEXT,
    pin_set_at TIMESTAMP WITH TIME ZONE,
    pin_tries INTEGER NOT NULL,
    CONSTRAINT pk_device PRIMARY KEY (device_hash, person_id),
    CONSTRAINT fk_device_person FOREIGN KEY(person_id) REFERENCES signin.person (person_id)
);
CREATE INDEX ix_device_person_id ON signin.device (person_id);

CREATE TABLE signin.identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    linked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_identity PRIMARY KEY (issuer, subject),
    CONSTRAINT fk_identity_person FOREIGN KEY(person_id) REFERENCES signin.person (person_id)
);
CREATE INDEX ix_identity_person_id ON signin.identity (person_id);

CREATE TABLE signin.client_secret (
    connection_id UUID NOT NULL,
    sealed BYTEA NOT NULL,
    kept_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_client_secret PRIMARY KEY (connection_id)
);

CREATE TABLE shared_device (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    shared_device_id UUID NOT NULL,
    device_hash BYTEA NOT NULL,
    label TEXT NOT NULL,
    registered_by UUID,
    registered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_shared_device PRIMARY KEY (provider_id, service_id, shared_device_id),
    CONSTRAINT fk_shared_device_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id)
);
CREATE INDEX ix_shared_device_device_hash ON shared_device (device_hash);

CREATE TABLE shared_device_end (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    shared_device_id UUID NOT NULL,
    ended_by UUID,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_shared_device_end PRIMARY KEY (provider_id, service_id, shared_device_id),
    CONSTRAINT fk_shared_device_end_shared_device FOREIGN KEY(provider_id, service_id, shared_device_id)
        REFERENCES shared_device (provider_id, service_id, shared_device_id)
);

CREATE TABLE single_sign_on (
    provider_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    label TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    algorithms TEXT[] NOT NULL,
    domain TEXT NOT NULL,
    default_role TEXT,
    default_service_id UUID,
    strong_values TEXT[] NOT NULL,
    longest_minutes INTEGER NOT NULL,
    enabled BOOLEAN NOT NULL,
    recorded_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_single_sign_on PRIMARY KEY (provider_id, connection_id, revision),
    CONSTRAINT fk_single_sign_on_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id)
);

CREATE TABLE domain_proof (
    provider_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    domain TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    proved_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_domain_proof PRIMARY KEY (provider_id, connection_id, token_hash),
    CONSTRAINT fk_domain_proof_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id)
);
