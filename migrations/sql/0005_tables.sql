CREATE TABLE chart_choice (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    version INTEGER NOT NULL,
    chart TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_chart_choice PRIMARY KEY (provider_id, service_id, indicator_id, version),
    CONSTRAINT fk_chart_choice_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id),
    CONSTRAINT ck_chart_choice_chart_known CHECK (chart in ('fitting', 'xmr', 'p', 'pp', 'u', 'up', 'c', 'g', 't', 'run'))
);

CREATE TABLE limit_base (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    base_id UUID NOT NULL,
    starts_on DATE NOT NULL,
    what_changed TEXT NOT NULL,
    reason TEXT NOT NULL,
    evidence_reference TEXT NOT NULL,
    requested_by UUID,
    requested_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_limit_base PRIMARY KEY (provider_id, service_id, indicator_id, base_id),
    CONSTRAINT fk_limit_base_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

CREATE TABLE limit_base_decision (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    base_id UUID NOT NULL,
    decision TEXT NOT NULL,
    note TEXT NOT NULL,
    decided_by UUID,
    decided_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_limit_base_decision PRIMARY KEY (provider_id, service_id, indicator_id, base_id),
    CONSTRAINT fk_limit_base_decision_limit_base FOREIGN KEY(provider_id, service_id, indicator_id, base_id) REFERENCES limit_base (provider_id, service_id, indicator_id, base_id),
    CONSTRAINT ck_limit_base_decision_decision_known CHECK (decision in ('approved', 'refused'))
);

CREATE TABLE outlook_given (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    after_period DATE NOT NULL,
    for_period DATE NOT NULL,
    verdict TEXT,
    share_meeting DOUBLE PRECISION,
    centre DOUBLE PRECISION,
    low DOUBLE PRECISION,
    high DOUBLE PRECISION,
    target_value DOUBLE PRECISION,
    rule_set_version TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_outlook_given PRIMARY KEY (provider_id, service_id, indicator_id, after_period, for_period),
    CONSTRAINT fk_outlook_given_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id)
);
