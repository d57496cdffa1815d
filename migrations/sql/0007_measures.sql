-- The second day that places a record: the day its shift began, its due date, its completion. Which field it is stands
-- in the catalogue, with the record's type; a record of any other type has none.
ALTER TABLE record ADD COLUMN also_on DATE;
CREATE INDEX ix_record_also_on ON record (provider_id, service_id, record_type, also_on) WHERE also_on is not null;

CREATE TABLE record_mark (
    provider_id UUID NOT NULL,
    mark_id UUID NOT NULL,
    service_id UUID NOT NULL,
    record_type TEXT NOT NULL,
    happened_on DATE NOT NULL,
    also_on DATE,
    marked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_record_mark PRIMARY KEY (provider_id, mark_id),
    CONSTRAINT fk_record_mark_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id)
);
CREATE INDEX ix_record_mark_provider_id_marked_at ON record_mark (provider_id, marked_at);

CREATE TABLE measurement (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    period_start DATE NOT NULL,
    measurement INTEGER NOT NULL,
    definition_version TEXT NOT NULL,
    numerator DOUBLE PRECISION,
    denominator DOUBLE PRECISION,
    value DOUBLE PRECISION,
    state TEXT NOT NULL,
    counted INTEGER NOT NULL,
    left_out INTEGER NOT NULL,
    kinds JSONB NOT NULL,
    outcome TEXT NOT NULL,
    revision INTEGER,
    measured_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_measurement PRIMARY KEY (provider_id, service_id, indicator_id, period_start, measurement),
    CONSTRAINT fk_measurement_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id)
        REFERENCES service_indicator (provider_id, service_id, indicator_id),
    CONSTRAINT ck_measurement_outcome_known CHECK (outcome in ('written', 'agrees', 'differs'))
);

CREATE TABLE counted_record (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    period_start DATE NOT NULL,
    record_id UUID NOT NULL,
    measurement INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    record_type TEXT NOT NULL,
    happened_on DATE NOT NULL,
    verdict TEXT NOT NULL,
    numerator DOUBLE PRECISION,
    denominator DOUBLE PRECISION,
    why TEXT,
    CONSTRAINT pk_counted_record
        PRIMARY KEY (provider_id, service_id, indicator_id, period_start, record_id, measurement),
    CONSTRAINT fk_counted_record_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id)
        REFERENCES service_indicator (provider_id, service_id, indicator_id),
    CONSTRAINT ck_counted_record_verdict_known CHECK (verdict in ('counted', 'left_out', 'gone'))
);

CREATE TABLE restatement (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    period_start DATE NOT NULL,
    revision INTEGER NOT NULL,
    earlier_revision INTEGER NOT NULL,
    reason TEXT,
    packs TEXT[] NOT NULL,
    outside_looks INTEGER NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_restatement PRIMARY KEY (provider_id, service_id, indicator_id, period_start, revision),
    CONSTRAINT fk_restatement_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id)
        REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

-- Records kept before this step, by the fields that the catalogue named then.
UPDATE record SET also_on = (payload ->> case record_type
    when 'action' then 'original_due_on' when 'audit' then 'completed_on' when 'care_review' then 'completed_on'
    when 'complaint' then 'response_due_on' when 'end_of_shift_check' then 'shift_on'
    when 'weight_record' then 'detected_on' end)::date
WHERE record_type in ('action', 'audit', 'care_review', 'complaint', 'end_of_shift_check', 'weight_record');
