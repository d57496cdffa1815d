-- A sample of the records behind a figure, drawn by a seed, to be compared with their originals.
CREATE TABLE spot_check (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    check_id UUID NOT NULL,
    reference TEXT NOT NULL,
    indicator_id UUID NOT NULL,
    period_start DATE NOT NULL,
    measurement INTEGER NOT NULL,
    population INTEGER NOT NULL,
    seed TEXT NOT NULL,
    drawn UUID[] NOT NULL,
    purpose TEXT,
    drawn_by UUID,
    drawn_label TEXT NOT NULL,
    drawn_on DATE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_spot_check PRIMARY KEY (provider_id, service_id, check_id),
    CONSTRAINT uq_spot_check_provider_id_service_id_reference UNIQUE (provider_id, service_id, reference),
    CONSTRAINT fk_spot_check_service_indicator FOREIGN KEY (provider_id, service_id, indicator_id)
        REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

CREATE INDEX ix_spot_check_indicator ON spot_check (provider_id, service_id, indicator_id);

-- What the comparison of one record found; a later number corrects an earlier one.
CREATE TABLE spot_check_finding (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    check_id UUID NOT NULL,
    record_id UUID NOT NULL,
    number INTEGER NOT NULL,
    finding TEXT NOT NULL,
    note TEXT,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_spot_check_finding PRIMARY KEY (provider_id, service_id, check_id, record_id, number),
    CONSTRAINT fk_spot_check_finding_spot_check FOREIGN KEY (provider_id, service_id, check_id)
        REFERENCES spot_check (provider_id, service_id, check_id),
    CONSTRAINT ck_spot_check_finding_finding_known CHECK (finding in ('agrees', 'disagrees', 'not_found'))
);

-- What a check came to: once, when every drawn record was compared.
CREATE TABLE spot_check_result (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    check_id UUID NOT NULL,
    agree INTEGER NOT NULL,
    compared INTEGER NOT NULL,
    low DOUBLE PRECISION NOT NULL,
    high DOUBLE PRECISION NOT NULL,
    verdict TEXT NOT NULL,
    evidence_reference TEXT,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_spot_check_result PRIMARY KEY (provider_id, service_id, check_id),
    CONSTRAINT fk_spot_check_result_spot_check FOREIGN KEY (provider_id, service_id, check_id)
        REFERENCES spot_check (provider_id, service_id, check_id),
    CONSTRAINT ck_spot_check_result_verdict_known CHECK (verdict in ('holds', 'unsure', 'contradicted'))
);

-- An inspection drill: claims drawn at random across a service, answered one after another against a clock.
CREATE TABLE drill (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    drill_id UUID NOT NULL,
    reference TEXT NOT NULL,
    seed TEXT NOT NULL,
    claims JSONB NOT NULL,
    seconds_allowed INTEGER NOT NULL,
    started_by UUID,
    started_label TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_drill PRIMARY KEY (provider_id, service_id, drill_id),
    CONSTRAINT uq_drill_provider_id_service_id_reference UNIQUE (provider_id, service_id, reference),
    CONSTRAINT fk_drill_service FOREIGN KEY (provider_id, service_id) REFERENCES service (provider_id, service_id)
);

CREATE TABLE drill_answer (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    drill_id UUID NOT NULL,
    number INTEGER NOT NULL,
    result TEXT NOT NULL,
    seconds INTEGER NOT NULL,
    evidence_reference TEXT,
    note TEXT,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_drill_answer PRIMARY KEY (provider_id, service_id, drill_id, number),
    CONSTRAINT fk_drill_answer_drill FOREIGN KEY (provider_id, service_id, drill_id)
        REFERENCES drill (provider_id, service_id, drill_id),
    CONSTRAINT ck_drill_answer_result_known CHECK (result in ('found', 'not_found', 'contradicts'))
);
