ALTER TABLE action
    ADD COLUMN high_risk BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN measure TEXT,
    ADD COLUMN source TEXT,
    ADD COLUMN marks TEXT[],
    ADD COLUMN escalation_id UUID,
    ADD COLUMN risk_id UUID,
    ADD COLUMN recorded_by UUID;

ALTER TABLE action_event
    ADD COLUMN title TEXT,
    ADD COLUMN owner TEXT,
    ADD COLUMN measure TEXT,
    ADD COLUMN high_risk BOOLEAN,
    ADD COLUMN marks TEXT[],
    ADD COLUMN recorded_by UUID;

ALTER TABLE risk
    ADD COLUMN escalation_id UUID,
    ADD COLUMN recorded_by UUID;

ALTER TABLE risk_score
    ADD COLUMN reason TEXT,
    ADD COLUMN judged_label TEXT;

ALTER TABLE escalation
    ADD COLUMN origin TEXT,
    ADD COLUMN kind TEXT,
    ADD COLUMN episode_id UUID,
    ADD COLUMN interim_control TEXT,
    ADD COLUMN due_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN opened_label TEXT,
    ADD COLUMN subject_person_id UUID;

ALTER TABLE escalation_decision
    ADD COLUMN decided_by UUID,
    ADD COLUMN decided_role TEXT,
    ADD COLUMN made TEXT[],
    ADD COLUMN made_event_id UUID;

CREATE TABLE risk_event (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    risk_id UUID NOT NULL,
    event_id UUID NOT NULL,
    kind TEXT NOT NULL,
    title TEXT,
    owner TEXT,
    controls TEXT,
    look_again_on DATE,
    note TEXT,
    happened_on DATE NOT NULL,
    recorded_by UUID,
    recorded_label TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_risk_event PRIMARY KEY (provider_id, service_id, risk_id, event_id),
    CONSTRAINT fk_risk_event_risk FOREIGN KEY (provider_id, service_id, risk_id)
        REFERENCES risk (provider_id, service_id, risk_id)
);

CREATE TABLE escalation_step (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    escalation_id UUID NOT NULL,
    step_id UUID NOT NULL,
    number INTEGER NOT NULL,
    from_role TEXT NOT NULL,
    to_role TEXT NOT NULL,
    due_on DATE NOT NULL,
    reason TEXT NOT NULL,
    happened_on DATE NOT NULL,
    recorded_label TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_escalation_step PRIMARY KEY (provider_id, service_id, indicator_id, escalation_id, step_id),
    CONSTRAINT uq_escalation_step_provider_id_service_id_escalation_id_number
        UNIQUE (provider_id, service_id, escalation_id, number),
    CONSTRAINT fk_escalation_step_escalation FOREIGN KEY (provider_id, service_id, indicator_id, escalation_id)
        REFERENCES escalation (provider_id, service_id, indicator_id, escalation_id)
);

CREATE TABLE oversight (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    oversight_id UUID NOT NULL,
    reference TEXT NOT NULL,
    asked TEXT NOT NULL,
    to_role TEXT NOT NULL,
    indicator_id UUID,
    escalation_id UUID,
    opened_on DATE NOT NULL,
    due_on DATE NOT NULL,
    recorded_by UUID,
    recorded_label TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_oversight PRIMARY KEY (provider_id, service_id, oversight_id),
    CONSTRAINT uq_oversight_provider_id_service_id_reference UNIQUE (provider_id, service_id, reference),
    CONSTRAINT fk_oversight_service FOREIGN KEY (provider_id, service_id)
        REFERENCES service (provider_id, service_id)
);

CREATE TABLE oversight_reply (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    oversight_id UUID NOT NULL,
    reply TEXT NOT NULL,
    replied_on DATE NOT NULL,
    replied_by UUID,
    replied_label TEXT NOT NULL,
    replied_role TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_oversight_reply PRIMARY KEY (provider_id, service_id, oversight_id),
    CONSTRAINT fk_oversight_reply_oversight FOREIGN KEY (provider_id, service_id, oversight_id)
        REFERENCES oversight (provider_id, service_id, oversight_id)
);

CREATE TABLE trigger_episode (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    episode_id UUID NOT NULL,
    rule_key TEXT NOT NULL,
    rule_version TEXT NOT NULL,
    family TEXT NOT NULL,
    is_contradiction BOOLEAN NOT NULL,
    subject TEXT NOT NULL,
    number INTEGER NOT NULL,
    indicator_ids UUID[] NOT NULL,
    facts JSONB NOT NULL,
    fact_count INTEGER NOT NULL,
    thresholds JSONB NOT NULL,
    sentence TEXT NOT NULL,
    held_back BOOLEAN NOT NULL,
    opened_on DATE NOT NULL,
    escalation_id UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_trigger_episode PRIMARY KEY (provider_id, service_id, episode_id),
    CONSTRAINT uq_trigger_episode_turn
        UNIQUE (provider_id, service_id, rule_key, subject, number),
    CONSTRAINT fk_trigger_episode_service FOREIGN KEY (provider_id, service_id)
        REFERENCES service (provider_id, service_id)
);

CREATE INDEX ix_trigger_episode_day ON trigger_episode (provider_id, opened_on, rule_key);

CREATE TABLE trigger_episode_end (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    episode_id UUID NOT NULL,
    how TEXT NOT NULL,
    ended_on DATE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_trigger_episode_end PRIMARY KEY (provider_id, service_id, episode_id),
    CONSTRAINT fk_trigger_episode_end_trigger_episode FOREIGN KEY (provider_id, service_id, episode_id)
        REFERENCES trigger_episode (provider_id, service_id, episode_id)
);

CREATE TABLE trigger_threshold (
    provider_id UUID NOT NULL,
    threshold_id UUID NOT NULL,
    rule_key TEXT NOT NULL,
    name TEXT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    reason TEXT NOT NULL,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_trigger_threshold PRIMARY KEY (provider_id, threshold_id),
    CONSTRAINT fk_trigger_threshold_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id)
);
