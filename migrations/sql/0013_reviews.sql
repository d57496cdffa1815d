CREATE TABLE status_change (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    change_id UUID NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    sentence TEXT NOT NULL,
    happened_on DATE NOT NULL,
    period_start DATE,
    value DOUBLE PRECISION,
    rules_version TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_status_change PRIMARY KEY (provider_id, service_id, indicator_id, change_id),
    CONSTRAINT fk_status_change_service_indicator FOREIGN KEY (provider_id, service_id, indicator_id)
        REFERENCES service_indicator (provider_id, service_id, indicator_id)
);
CREATE INDEX ix_status_change_day ON status_change (provider_id, service_id, happened_on);

CREATE TABLE service_change (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    change_id UUID NOT NULL,
    kind TEXT NOT NULL,
    happened_on DATE NOT NULL,
    what_changed TEXT NOT NULL,
    why TEXT NOT NULL,
    what_followed TEXT,
    indicator_ids UUID[] NOT NULL,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_service_change PRIMARY KEY (provider_id, service_id, change_id),
    CONSTRAINT ck_service_change_kind_known CHECK (kind in ('staff', 'process', 'place')),
    CONSTRAINT fk_service_change_service FOREIGN KEY (provider_id, service_id)
        REFERENCES service (provider_id, service_id)
);

CREATE TABLE review_draft (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    person_id UUID NOT NULL,
    answers JSONB NOT NULL,
    saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_review_draft PRIMARY KEY (provider_id, service_id, indicator_id, person_id),
    CONSTRAINT fk_review_draft_service_indicator FOREIGN KEY (provider_id, service_id, indicator_id)
        REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

CREATE TABLE review_sitting (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    sitting_id UUID NOT NULL,
    forum TEXT NOT NULL,
    period_from DATE NOT NULL,
    held_on DATE NOT NULL,
    decided JSONB NOT NULL,
    summary TEXT,
    signed_by UUID,
    signed_label TEXT NOT NULL,
    signed_role TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_review_sitting PRIMARY KEY (provider_id, service_id, sitting_id),
    CONSTRAINT uq_review_sitting_turn UNIQUE (provider_id, service_id, forum, period_from),
    CONSTRAINT ck_review_sitting_forum_known
        CHECK (forum in ('deputy_sampling', 'weekly_review', 'quality_review', 'provider_review')),
    CONSTRAINT fk_review_sitting_service FOREIGN KEY (provider_id, service_id)
        REFERENCES service (provider_id, service_id)
);

CREATE TABLE minutes_draft (
    provider_id UUID NOT NULL,
    month DATE NOT NULL,
    attendance JSONB NOT NULL,
    notes JSONB NOT NULL,
    saved_label TEXT NOT NULL,
    saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_minutes_draft PRIMARY KEY (provider_id, month),
    CONSTRAINT fk_minutes_draft_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id)
);

CREATE TABLE minutes (
    provider_id UUID NOT NULL,
    minutes_id UUID NOT NULL,
    month DATE NOT NULL,
    content JSONB NOT NULL,
    signed_by UUID,
    signed_label TEXT NOT NULL,
    signed_role TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_minutes PRIMARY KEY (provider_id, minutes_id),
    CONSTRAINT uq_minutes_month UNIQUE (provider_id, month),
    CONSTRAINT fk_minutes_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id)
);

CREATE TABLE minutes_addendum (
    provider_id UUID NOT NULL,
    minutes_id UUID NOT NULL,
    addendum_id UUID NOT NULL,
    words TEXT NOT NULL,
    added_by UUID,
    added_label TEXT NOT NULL,
    added_role TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_minutes_addendum PRIMARY KEY (provider_id, minutes_id, addendum_id),
    CONSTRAINT fk_minutes_addendum_minutes FOREIGN KEY (provider_id, minutes_id)
        REFERENCES minutes (provider_id, minutes_id)
);
