create schema signin;

create schema reach;

CREATE TABLE commissioning_body (
    body_id UUID NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT pk_commissioning_body PRIMARY KEY (body_id)
);

CREATE TABLE provider (
    provider_id UUID NOT NULL,
    name TEXT NOT NULL,
    cqc_provider_id TEXT,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_provider PRIMARY KEY (provider_id)
);

CREATE TABLE signin.attempt (
    attempt_id UUID NOT NULL,
    email_hash BYTEA NOT NULL,
    address_hash BYTEA NOT NULL,
    attempted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    succeeded BOOLEAN NOT NULL,
    CONSTRAINT pk_attempt PRIMARY KEY (attempt_id)
);

CREATE INDEX ix_attempt_address_attempted_at ON signin.attempt (address_hash, attempted_at);

CREATE INDEX ix_attempt_email_attempted_at ON signin.attempt (email_hash, attempted_at);

CREATE TABLE signin.person (
    person_id UUID NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT,
    totp_seed TEXT,
    totp_last_step BIGINT,
    second_factor_relaxed BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_person PRIMARY KEY (person_id),
    CONSTRAINT uq_person_email UNIQUE (email)
);

CREATE TABLE commissioner_officer (
    body_id UUID NOT NULL,
    person_id UUID NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE,
    CONSTRAINT pk_commissioner_officer PRIMARY KEY (body_id, person_id),
    CONSTRAINT fk_commissioner_officer_commissioning_body FOREIGN KEY(body_id) REFERENCES commissioning_body (body_id)
);

CREATE INDEX ix_commissioner_officer_person_id ON commissioner_officer (person_id);

CREATE TABLE idempotency_key (
    provider_id UUID NOT NULL,
    person_id UUID NOT NULL,
    key_hash TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    answer JSONB NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency_key PRIMARY KEY (provider_id, person_id, key_hash),
    CONSTRAINT fk_idempotency_key_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id)
);

CREATE TABLE import_batch (
    provider_id UUID NOT NULL,
    batch_id UUID NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    mapping TEXT NOT NULL,
    rows INTEGER NOT NULL,
    saved INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    recorded_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_import_batch PRIMARY KEY (provider_id, batch_id),
    CONSTRAINT fk_import_batch_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id)
);

CREATE INDEX ix_import_batch_sha256 ON import_batch (provider_id, sha256);

CREATE TABLE job (
    provider_id UUID NOT NULL,
    job_id UUID NOT NULL,
    kind TEXT NOT NULL,
    service_id UUID,
    arguments JSONB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE,
    lease_until TIMESTAMP WITH TIME ZONE,
    claimed_by TEXT,
    requested_by UUID,
    progress INTEGER NOT NULL,
    progress_text TEXT,
    error TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_job PRIMARY KEY (provider_id, job_id),
    CONSTRAINT fk_job_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id),
    CONSTRAINT ck_job_state_known CHECK (state in ('queued', 'running', 'done', 'failed', 'dead'))
);

CREATE INDEX ix_job_waiting ON job (state, due_at) WHERE state in ('queued', 'running');

CREATE TABLE ledger_entry (
    provider_id UUID NOT NULL,
    entry_id UUID NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    person_id UUID,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    service_id UUID,
    subject TEXT,
    detail JSONB NOT NULL,
    CONSTRAINT pk_ledger_entry PRIMARY KEY (provider_id, entry_id),
    CONSTRAINT fk_ledger_entry_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id)
);

CREATE INDEX ix_ledger_entry_provider_id_recorded_at ON ledger_entry (provider_id, recorded_at);

CREATE TABLE ledger_seal (
    provider_id UUID NOT NULL,
    sequence INTEGER NOT NULL,
    entry_id UUID NOT NULL,
    chain_hash BYTEA NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_ledger_seal PRIMARY KEY (provider_id, sequence),
    CONSTRAINT fk_ledger_seal_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id)
);

CREATE TABLE roll_up (
    provider_id UUID NOT NULL,
    definition_key TEXT NOT NULL,
    service_kind TEXT NOT NULL,
    period_start DATE NOT NULL,
    services_expected INTEGER NOT NULL,
    services_reporting INTEGER NOT NULL,
    numerator DOUBLE PRECISION,
    denominator DOUBLE PRECISION,
    value DOUBLE PRECISION,
    worst_service_id UUID,
    worst_value DOUBLE PRECISION,
    below_target INTEGER NOT NULL,
    spread JSONB NOT NULL,
    facts_recorded_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_roll_up PRIMARY KEY (provider_id, definition_key, service_kind, period_start),
    CONSTRAINT fk_roll_up_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id)
);

CREATE TABLE service (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    cqc_location_id TEXT,
    own_reference TEXT,
    region TEXT,
    beds INTEGER,
    people_count INTEGER,
    registered_manager TEXT,
    opened_on DATE,
    closed_on DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_service PRIMARY KEY (provider_id, service_id),
    CONSTRAINT fk_service_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id),
    CONSTRAINT ck_service_beds_not_negative CHECK (beds is null or beds >= 0)
);

CREATE TABLE signin.api_token (
    token_hash BYTEA NOT NULL,
    ticket_hash BYTEA NOT NULL,
    person_id UUID NOT NULL,
    label TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_api_token PRIMARY KEY (token_hash),
    CONSTRAINT fk_api_token_person FOREIGN KEY(person_id) REFERENCES signin.person (person_id)
);

CREATE TABLE signin.session (
    session_hash BYTEA NOT NULL,
    ticket_hash BYTEA NOT NULL,
    person_id UUID NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    user_agent TEXT,
    CONSTRAINT pk_session PRIMARY KEY (session_hash),
    CONSTRAINT fk_session_person FOREIGN KEY(person_id) REFERENCES signin.person (person_id)
);

CREATE TABLE stale_mark (
    provider_id UUID NOT NULL,
    mark_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    period_start DATE,
    marked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_stale_mark PRIMARY KEY (provider_id, mark_id),
    CONSTRAINT fk_stale_mark_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id)
);

CREATE INDEX ix_stale_mark_provider_id_marked_at ON stale_mark (provider_id, marked_at);

CREATE TABLE action (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    action_id UUID NOT NULL,
    reference TEXT NOT NULL,
    title TEXT NOT NULL,
    owner TEXT NOT NULL,
    indicator_id UUID,
    opened_on DATE NOT NULL,
    due_on DATE NOT NULL,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_action PRIMARY KEY (provider_id, service_id, action_id),
    CONSTRAINT fk_action_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id),
    CONSTRAINT uq_action_provider_id_service_id_reference UNIQUE (provider_id, service_id, reference)
);

CREATE TABLE commissioner_grant (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    grant_id UUID NOT NULL,
    body_id UUID NOT NULL,
    classes TEXT[] NOT NULL,
    show_name BOOLEAN NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE NOT NULL,
    purpose TEXT NOT NULL,
    lawful_basis TEXT NOT NULL,
    approved_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_commissioner_grant PRIMARY KEY (provider_id, service_id, grant_id),
    CONSTRAINT fk_commissioner_grant_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id),
    CONSTRAINT fk_commissioner_grant_commissioning_body FOREIGN KEY(body_id) REFERENCES commissioning_body (body_id),
    CONSTRAINT ck_commissioner_grant_twelve_months_at_most CHECK (valid_until <= valid_from + 366)
);

CREATE INDEX ix_commissioner_grant_body_id ON commissioner_grant (body_id);

CREATE TABLE evidence (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    evidence_id UUID NOT NULL,
    reference TEXT NOT NULL,
    letter TEXT NOT NULL,
    title TEXT NOT NULL,
    dated_on DATE NOT NULL,
    system TEXT NOT NULL,
    where_to_look TEXT NOT NULL,
    sha256 TEXT,
    sample_size INTEGER,
    quality_statement TEXT,
    framework_version TEXT,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_evidence PRIMARY KEY (provider_id, service_id, evidence_id),
    CONSTRAINT fk_evidence_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id),
    CONSTRAINT uq_evidence_provider_id_service_id_reference UNIQUE (provider_id, service_id, reference)
);

CREATE TABLE inspection (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    inspection_id UUID NOT NULL,
    inspected_on DATE NOT NULL,
    published_on DATE,
    framework_version TEXT NOT NULL,
    overall TEXT NOT NULL,
    key_questions JSONB NOT NULL,
    outcome TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_inspection PRIMARY KEY (provider_id, service_id, inspection_id),
    CONSTRAINT fk_inspection_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id)
);

CREATE TABLE membership (
    provider_id UUID NOT NULL,
    membership_id UUID NOT NULL,
    service_id UUID,
    person_id UUID NOT NULL,
    role TEXT NOT NULL,
    display_name TEXT NOT NULL,
    initials TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE,
    granted_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_membership PRIMARY KEY (provider_id, membership_id),
    CONSTRAINT fk_membership_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id),
    CONSTRAINT fk_membership_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id)
);

CREATE INDEX ix_membership_person_id ON membership (person_id);

CREATE TABLE pack (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    pack_id UUID NOT NULL,
    reference TEXT NOT NULL,
    as_at TIMESTAMP WITH TIME ZONE NOT NULL,
    figures_to DATE,
    options JSONB NOT NULL,
    job_id UUID NOT NULL,
    requested_by UUID,
    requested_initials TEXT,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_pack PRIMARY KEY (provider_id, service_id, pack_id),
    CONSTRAINT fk_pack_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id),
    CONSTRAINT uq_pack_provider_id_service_id_reference UNIQUE (provider_id, service_id, reference)
);

CREATE TABLE record (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    record_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    record_type TEXT NOT NULL,
    type_version TEXT NOT NULL,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    payload JSONB NOT NULL,
    source_system TEXT,
    source_reference TEXT,
    reason TEXT,
    batch_id UUID,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_record PRIMARY KEY (provider_id, service_id, record_id, revision),
    CONSTRAINT fk_record_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id)
);

CREATE INDEX ix_record_recorded_by ON record (provider_id, recorded_by, recorded_at);

CREATE INDEX ix_record_type_happened ON record (provider_id, service_id, record_type, happened_at);

CREATE TABLE recovery_plan (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    plan_id UUID NOT NULL,
    template_key TEXT NOT NULL,
    template_version TEXT NOT NULL,
    framework_version TEXT NOT NULL,
    title TEXT NOT NULL,
    goal TEXT NOT NULL,
    starts_on DATE NOT NULL,
    weeks INTEGER NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_recovery_plan PRIMARY KEY (provider_id, service_id, plan_id),
    CONSTRAINT fk_recovery_plan_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id),
    CONSTRAINT ck_recovery_plan_weeks_sensible CHECK (weeks between 1 and 104)
);

CREATE TABLE regulatory_requirement (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    requirement_id UUID NOT NULL,
    kind TEXT NOT NULL,
    regulation TEXT NOT NULL,
    summary TEXT NOT NULL,
    issued_on DATE,
    comply_by DATE,
    met_on DATE,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_regulatory_requirement PRIMARY KEY (provider_id, service_id, requirement_id),
    CONSTRAINT fk_regulatory_requirement_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id)
);

CREATE TABLE risk (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    risk_id UUID NOT NULL,
    reference TEXT NOT NULL,
    title TEXT NOT NULL,
    owner TEXT NOT NULL,
    controls TEXT,
    indicator_id UUID,
    opened_on DATE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_risk PRIMARY KEY (provider_id, service_id, risk_id),
    CONSTRAINT fk_risk_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id),
    CONSTRAINT uq_risk_provider_id_service_id_reference UNIQUE (provider_id, service_id, reference)
);

CREATE TABLE service_indicator (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    definition_key TEXT NOT NULL,
    definition_version TEXT NOT NULL,
    cadence TEXT NOT NULL,
    review_owner TEXT,
    review_owner_role TEXT,
    review_every_days INTEGER NOT NULL,
    display_order INTEGER NOT NULL,
    in_plan BOOLEAN NOT NULL,
    started_on DATE NOT NULL,
    ended_on DATE,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_service_indicator PRIMARY KEY (provider_id, service_id, indicator_id),
    CONSTRAINT fk_service_indicator_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id)
);

CREATE INDEX ix_service_indicator_definition ON service_indicator (provider_id, definition_key);


CREATE TABLE action_event (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    action_id UUID NOT NULL,
    event_id UUID NOT NULL,
    kind TEXT NOT NULL,
    due_on DATE,
    note TEXT,
    evidence_reference TEXT,
    happened_on DATE NOT NULL,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_action_event PRIMARY KEY (provider_id, service_id, action_id, event_id),
    CONSTRAINT fk_action_event_action FOREIGN KEY(provider_id, service_id, action_id) REFERENCES action (provider_id, service_id, action_id),
    CONSTRAINT ck_action_event_kind_known CHECK (kind in ('redated', 'closed', 'reopened', 'no_longer_applicable'))
);

CREATE TABLE chart_event (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    event_id UUID NOT NULL,
    happened_on DATE NOT NULL,
    what_changed TEXT NOT NULL,
    why TEXT NOT NULL,
    what_followed TEXT NOT NULL,
    reference TEXT,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_chart_event PRIMARY KEY (provider_id, service_id, indicator_id, event_id),
    CONSTRAINT fk_chart_event_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

CREATE TABLE escalation (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    escalation_id UUID NOT NULL,
    trigger TEXT NOT NULL,
    to_role TEXT NOT NULL,
    to_label TEXT,
    asked TEXT NOT NULL,
    opened_on DATE NOT NULL,
    due_on DATE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_escalation PRIMARY KEY (provider_id, service_id, indicator_id, escalation_id),
    CONSTRAINT fk_escalation_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

CREATE TABLE evidence_check (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    evidence_id UUID NOT NULL,
    check_id UUID NOT NULL,
    result TEXT NOT NULL,
    checked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    checked_initials TEXT,
    CONSTRAINT pk_evidence_check PRIMARY KEY (provider_id, service_id, evidence_id, check_id),
    CONSTRAINT fk_evidence_check_evidence FOREIGN KEY(provider_id, service_id, evidence_id) REFERENCES evidence (provider_id, service_id, evidence_id)
);

CREATE TABLE evidence_link (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    evidence_id UUID NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_evidence_link PRIMARY KEY (provider_id, service_id, indicator_id, evidence_id),
    CONSTRAINT fk_evidence_link_evidence FOREIGN KEY(provider_id, service_id, evidence_id) REFERENCES evidence (provider_id, service_id, evidence_id),
    CONSTRAINT fk_evidence_link_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

CREATE TABLE indicator_baseline (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    version INTEGER NOT NULL,
    first_period DATE NOT NULL,
    last_period DATE NOT NULL,
    periods INTEGER NOT NULL,
    numerator DOUBLE PRECISION,
    denominator DOUBLE PRECISION,
    value DOUBLE PRECISION NOT NULL,
    method TEXT NOT NULL,
    reason TEXT,
    signed_by TEXT NOT NULL,
    approved_by TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_indicator_baseline PRIMARY KEY (provider_id, service_id, indicator_id, version),
    CONSTRAINT fk_indicator_baseline_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

CREATE TABLE indicator_status (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    definition_key TEXT NOT NULL,
    rule_set_version TEXT NOT NULL,
    judged_on DATE NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    sentence TEXT NOT NULL,
    basis TEXT,
    since DATE,
    strength TEXT,
    variation TEXT,
    assurance TEXT,
    is_stale BOOLEAN NOT NULL,
    usable_points INTEGER NOT NULL,
    last_period DATE,
    last_state TEXT,
    numerator DOUBLE PRECISION,
    denominator DOUBLE PRECISION,
    value DOUBLE PRECISION,
    centre DOUBLE PRECISION,
    lower DOUBLE PRECISION,
    upper DOUBLE PRECISION,
    target_operator TEXT,
    target_value DOUBLE PRECISION,
    target_by DATE,
    baseline_value DOUBLE PRECISION,
    evidence_level TEXT NOT NULL,
    evidence_marks JSONB NOT NULL,
    declined_since DATE,
    unescalated_days INTEGER,
    review_due_on DATE,
    last_decision TEXT,
    last_decision_on DATE,
    last_decision_by TEXT,
    series JSONB NOT NULL,
    facts_recorded_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_indicator_status PRIMARY KEY (provider_id, service_id, indicator_id),
    CONSTRAINT fk_indicator_status_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

CREATE INDEX ix_indicator_status_definition ON indicator_status (provider_id, definition_key);

CREATE INDEX ix_indicator_status_judged ON indicator_status (provider_id, judged_on);

CREATE TABLE indicator_target (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    version INTEGER NOT NULL,
    operator TEXT NOT NULL,
    value DOUBLE PRECISION,
    valid_from DATE NOT NULL,
    reach_by DATE,
    reason TEXT,
    recorded_by TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_indicator_target PRIMARY KEY (provider_id, service_id, indicator_id, version),
    CONSTRAINT fk_indicator_target_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

CREATE TABLE observation (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    period_start DATE NOT NULL,
    revision INTEGER NOT NULL,
    observation_id UUID NOT NULL,
    numerator DOUBLE PRECISION,
    denominator DOUBLE PRECISION,
    value DOUBLE PRECISION,
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT,
    pointer JSONB,
    batch_id UUID,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_observation PRIMARY KEY (provider_id, service_id, indicator_id, period_start, revision),
    CONSTRAINT fk_observation_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id),
    CONSTRAINT uq_observation_provider_id_observation_id UNIQUE (provider_id, observation_id),
    CONSTRAINT ck_observation_numerator_not_negative CHECK (numerator >= 0),
    CONSTRAINT ck_observation_denominator_not_negative CHECK (denominator >= 0),
    CONSTRAINT ck_observation_state_known CHECK (state in ('provisional', 'final', 'revised', 'missing', 'not_applicable', 'suspended'))
);

CREATE TABLE pack_file (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    pack_id UUID NOT NULL,
    object_key TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_pack_file PRIMARY KEY (provider_id, service_id, pack_id),
    CONSTRAINT fk_pack_file_pack FOREIGN KEY(provider_id, service_id, pack_id) REFERENCES pack (provider_id, service_id, pack_id)
);

CREATE TABLE review (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    review_id UUID NOT NULL,
    forum TEXT NOT NULL,
    held_on DATE NOT NULL,
    decision TEXT NOT NULL,
    what_changed TEXT,
    why TEXT,
    what_follows TEXT,
    relied_on TEXT[] NOT NULL,
    exception_reason TEXT,
    next_review_on DATE,
    decided_by UUID,
    decided_label TEXT NOT NULL,
    decided_role TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_review PRIMARY KEY (provider_id, service_id, indicator_id, review_id),
    CONSTRAINT fk_review_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id),
    CONSTRAINT ck_review_decision_known CHECK (decision in ('assured', 'assured_with_exception', 'further_action', 'escalate', 'addendum'))
);

CREATE TABLE risk_score (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    risk_id UUID NOT NULL,
    score_id UUID NOT NULL,
    likelihood INTEGER NOT NULL,
    impact INTEGER NOT NULL,
    judged_on DATE NOT NULL,
    look_again_on DATE,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_risk_score PRIMARY KEY (provider_id, service_id, risk_id, score_id),
    CONSTRAINT fk_risk_score_risk FOREIGN KEY(provider_id, service_id, risk_id) REFERENCES risk (provider_id, service_id, risk_id),
    CONSTRAINT ck_risk_score_one_to_five CHECK (likelihood between 1 and 5 and impact between 1 and 5)
);

CREATE TABLE escalation_decision (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    escalation_id UUID NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_on DATE NOT NULL,
    decided_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_escalation_decision PRIMARY KEY (provider_id, service_id, indicator_id, escalation_id),
    CONSTRAINT fk_escalation_decision_escalation FOREIGN KEY(provider_id, service_id, indicator_id, escalation_id) REFERENCES escalation (provider_id, service_id, indicator_id, escalation_id)
);

CREATE INDEX ix_job_job_id ON job (job_id);

CREATE INDEX ix_job_open ON job (provider_id, kind) WHERE state in ('queued', 'running');

CREATE INDEX ix_ledger_seal_entry ON ledger_seal (provider_id, entry_id);
