-- An event or letter that outsiders must hear of: one event can start several clocks.
CREATE TABLE regulator_event (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    event_id UUID NOT NULL,
    reference TEXT NOT NULL,
    about TEXT NOT NULL,
    summary TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    requirement_id UUID,
    record_reference TEXT,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_regulator_event PRIMARY KEY (provider_id, service_id, event_id),
    CONSTRAINT uq_regulator_event_provider_id_service_id_reference UNIQUE (provider_id, service_id, reference),
    CONSTRAINT fk_regulator_event_service FOREIGN KEY (provider_id, service_id)
        REFERENCES service (provider_id, service_id)
);

-- One duty that follows from an event, with the numbers it was counted by.
CREATE TABLE regulator_clock (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    clock_id UUID NOT NULL,
    event_id UUID NOT NULL,
    kind TEXT NOT NULL,
    kinds_version TEXT NOT NULL,
    turn INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    counted TEXT NOT NULL,
    owner TEXT NOT NULL,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_regulator_clock PRIMARY KEY (provider_id, service_id, clock_id),
    CONSTRAINT uq_regulator_clock_turn UNIQUE (provider_id, service_id, event_id, kind, turn),
    CONSTRAINT fk_regulator_clock_regulator_event FOREIGN KEY (provider_id, service_id, event_id)
        REFERENCES regulator_event (provider_id, service_id, event_id),
    CONSTRAINT ck_regulator_clock_turn_counted CHECK (turn >= 1)
);

-- What happened to a clock: sent with its proof, given another date or owner, ended with a reason.
CREATE TABLE regulator_clock_event (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    clock_id UUID NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    method TEXT,
    proof TEXT,
    evidence_reference TEXT,
    due_at TIMESTAMP WITH TIME ZONE,
    owner TEXT,
    reason TEXT,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_regulator_clock_event PRIMARY KEY (provider_id, service_id, clock_id, number),
    CONSTRAINT fk_regulator_clock_event_regulator_clock FOREIGN KEY (provider_id, service_id, clock_id)
        REFERENCES regulator_clock (provider_id, service_id, clock_id),
    CONSTRAINT ck_regulator_clock_event_kind_known CHECK (kind in ('sent', 'redated', 'reassigned', 'ended', 'undone'))
);

-- A provider's own number for a kind of clock, with who confirmed or changed it and why. The newest holds.
CREATE TABLE clock_setting (
    provider_id UUID NOT NULL,
    setting_id UUID NOT NULL,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    number INTEGER NOT NULL,
    reason TEXT NOT NULL,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_clock_setting PRIMARY KEY (provider_id, setting_id),
    CONSTRAINT fk_clock_setting_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id),
    CONSTRAINT ck_clock_setting_unit_known CHECK (unit in ('hours', 'working_days', 'calendar_days', 'months'))
);
