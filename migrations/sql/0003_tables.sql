-- Kinds of membership, with why; what ended or moved them is a row of its own.
ALTER TABLE membership ADD COLUMN kind TEXT DEFAULT 'substantive' NOT NULL;
ALTER TABLE membership ADD COLUMN reason TEXT;
ALTER TABLE membership ADD CONSTRAINT ck_membership_kind_known CHECK (kind in ('substantive', 'acting', 'cover'));
ALTER TABLE membership ADD CONSTRAINT ck_membership_role_inside
    CHECK (role not in ('commissioner_officer', 'inspector', 'platform_operator'));

ALTER TABLE provider ADD COLUMN plan TEXT DEFAULT 'standard' NOT NULL;

ALTER TABLE commissioner_grant ADD COLUMN live BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE commissioner_grant ADD COLUMN renews UUID;
ALTER TABLE commissioner_grant ADD COLUMN withdrawn_by UUID;
ALTER TABLE commissioner_grant ADD COLUMN withdrawn_reason TEXT;

ALTER TABLE ledger_entry ADD COLUMN origin JSONB;
CREATE INDEX ix_ledger_entry_newest ON ledger_entry (provider_id, recorded_at, entry_id);

CREATE TABLE membership_event (
    provider_id UUID NOT NULL,
    membership_id UUID NOT NULL,
    event_id UUID NOT NULL,
    service_id UUID,
    kind TEXT NOT NULL,
    until_before DATE,
    until_after DATE,
    reason TEXT NOT NULL,
    recorded_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_membership_event PRIMARY KEY (provider_id, membership_id, event_id),
    CONSTRAINT fk_membership_event_membership FOREIGN KEY(provider_id, membership_id)
        REFERENCES membership (provider_id, membership_id),
    CONSTRAINT ck_membership_event_kind_known CHECK (kind in ('ended', 'shortened', 'lengthened'))
);

CREATE TABLE role_request (
    provider_id UUID NOT NULL,
    request_id UUID NOT NULL,
    service_id UUID,
    person_id UUID NOT NULL,
    role TEXT NOT NULL,
    kind TEXT NOT NULL,
    display_name TEXT NOT NULL,
    initials TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE,
    reason TEXT NOT NULL,
    asked_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    answered_by UUID,
    answered_at TIMESTAMP WITH TIME ZONE,
    given BOOLEAN,
    answer TEXT,
    CONSTRAINT pk_role_request PRIMARY KEY (provider_id, request_id),
    CONSTRAINT fk_role_request_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id),
    CONSTRAINT fk_role_request_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id)
);

CREATE TABLE post (
    provider_id UUID NOT NULL,
    post_id UUID NOT NULL,
    service_id UUID,
    role TEXT NOT NULL,
    needed BOOLEAN NOT NULL,
    since DATE NOT NULL,
    reason TEXT,
    recorded_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_post PRIMARY KEY (provider_id, post_id),
    CONSTRAINT fk_post_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id),
    CONSTRAINT fk_post_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id)
);

CREATE TABLE conflict (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    conflict_id UUID NOT NULL,
    person_id UUID NOT NULL,
    about_kind TEXT NOT NULL,
    about_id UUID NOT NULL,
    lifts UUID,
    reason TEXT NOT NULL,
    recorded_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_conflict PRIMARY KEY (provider_id, service_id, conflict_id),
    CONSTRAINT fk_conflict_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id)
);
CREATE INDEX ix_conflict_person_id ON conflict (person_id);

CREATE TABLE release (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    release_id UUID NOT NULL,
    part TEXT NOT NULL,
    figures_to DATE,
    content JSONB NOT NULL,
    note TEXT,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_release PRIMARY KEY (provider_id, service_id, release_id, part),
    CONSTRAINT fk_release_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id),
    CONSTRAINT ck_release_part_known CHECK (part in ('summary', 'actions', 'evidence_index', 'told'))
);
CREATE INDEX ix_release_newest ON release (provider_id, service_id, recorded_at);

CREATE TABLE inspector_link (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    link_id UUID NOT NULL,
    pack_id UUID NOT NULL,
    named TEXT NOT NULL,
    email TEXT NOT NULL,
    purpose TEXT NOT NULL,
    classes TEXT[] NOT NULL,
    as_at TIMESTAMP WITH TIME ZONE NOT NULL,
    opens_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closes_at TIMESTAMP WITH TIME ZONE NOT NULL,
    made_by UUID,
    made_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by UUID,
    CONSTRAINT pk_inspector_link PRIMARY KEY (provider_id, service_id, link_id),
    CONSTRAINT fk_inspector_link_pack FOREIGN KEY(provider_id, service_id, pack_id)
        REFERENCES pack (provider_id, service_id, pack_id),
    CONSTRAINT ck_inspector_link_thirty_days_at_most CHECK (closes_at <= opens_at + interval '30 days')
);

CREATE TABLE support_access (
    provider_id UUID NOT NULL,
    request_id UUID NOT NULL,
    person_id UUID NOT NULL,
    name TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seconded_by UUID,
    seconded_name TEXT,
    seconded_at TIMESTAMP WITH TIME ZONE,
    consented_by UUID,
    consented_at TIMESTAMP WITH TIME ZONE,
    ends_at TIMESTAMP WITH TIME ZONE,
    ended_by UUID,
    ended_at TIMESTAMP WITH TIME ZONE,
    review TEXT, -- what another operator found of the looks, within two working days
    reviewed_by UUID,
    reviewed_name TEXT,
    reviewed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT ck_support_access_review_known CHECK (review in ('in_order', 'not_in_order')),
    CONSTRAINT ck_support_access_reviewed_by_another CHECK (reviewed_by <> person_id),
    CONSTRAINT pk_support_access PRIMARY KEY (provider_id, request_id),
    CONSTRAINT fk_support_access_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id),
    CONSTRAINT ck_support_access_sixty_minutes_at_most CHECK (ends_at <= consented_at + interval '60 minutes'),
    CONSTRAINT ck_support_access_two_people CHECK (seconded_by <> person_id)
);
CREATE INDEX ix_support_access_person_id ON support_access (person_id);

-- What a commissioner asked of a service or found on a visit, and what the provider answered. It is the commissioner's
-- own: no other body sees it.
CREATE TABLE commissioner_note (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    note_id UUID NOT NULL,
    body_id UUID NOT NULL,
    body TEXT NOT NULL,
    kind TEXT NOT NULL,
    words TEXT NOT NULL,
    answer_by DATE,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_commissioner_note PRIMARY KEY (provider_id, service_id, note_id),
    CONSTRAINT fk_commissioner_note_service FOREIGN KEY(provider_id, service_id)
        REFERENCES service (provider_id, service_id),
    CONSTRAINT ck_commissioner_note_kind_known CHECK (kind in ('request', 'finding'))
);

CREATE TABLE commissioner_note_answer (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    note_id UUID NOT NULL,
    answer_id UUID NOT NULL,
    body_id UUID NOT NULL,
    words TEXT NOT NULL,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_commissioner_note_answer PRIMARY KEY (provider_id, service_id, note_id, answer_id),
    CONSTRAINT fk_commissioner_note_answer_commissioner_note FOREIGN KEY(provider_id, service_id, note_id)
        REFERENCES commissioner_note (provider_id, service_id, note_id)
);

-- That somebody who works with pseudonyms opened a service's records for a while, and why.
CREATE TABLE opened_records (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    opening_id UUID NOT NULL,
    person_id UUID NOT NULL,
    classes TEXT[] NOT NULL,
    reason TEXT NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_opened_records PRIMARY KEY (provider_id, service_id, opening_id),
    CONSTRAINT fk_opened_records_service FOREIGN KEY(provider_id, service_id)
        REFERENCES service (provider_id, service_id),
    CONSTRAINT ck_opened_records_an_hour_at_most CHECK (ends_at <= begun_at + interval '60 minutes'),
    CONSTRAINT ck_opened_records_nothing_else
        CHECK (classes <@ array['records', 'records_medicines', 'records_staffing'])
);
CREATE INDEX ix_opened_records_person_id ON opened_records (person_id, ends_at);

CREATE TABLE platform_operator (
    person_id UUID NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE,
    CONSTRAINT pk_platform_operator PRIMARY KEY (person_id)
);

-- Who may give which role, and which class reads which kind of record: from tenants.roles, as the matrix itself.
CREATE TABLE reach.role_gives (
    role TEXT NOT NULL,
    given TEXT NOT NULL,
    at_service BOOLEAN NOT NULL,
    CONSTRAINT pk_role_gives PRIMARY KEY (role, given)
);
CREATE TABLE reach.record_class (
    record_type TEXT NOT NULL,
    class TEXT NOT NULL,
    CONSTRAINT pk_record_class PRIMARY KEY (record_type)
);

-- What only the functions of sign-in see of an inspector's link.
CREATE TABLE reach.inspector_secret (
    link_id UUID NOT NULL,
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    link_hash BYTEA NOT NULL,
    link_beginning BYTEA, -- a keyed hash of its first letters: a link that was cut off or altered is known by them
    altered_told_at TIMESTAMP WITH TIME ZONE,
    browser_hash BYTEA, -- the browser that may type the code; once it was right, the only one that may come back
    code_hash BYTEA,
    code_until TIMESTAMP WITH TIME ZONE,
    tries INTEGER DEFAULT 0 NOT NULL,
    codes_sent INTEGER DEFAULT 0 NOT NULL,
    codes_since TIMESTAMP WITH TIME ZONE,
    exchanged_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_inspector_secret PRIMARY KEY (link_id)
);
CREATE UNIQUE INDEX ix_inspector_secret_link_hash ON reach.inspector_secret (link_hash);
CREATE INDEX ix_inspector_secret_browser_hash ON reach.inspector_secret (browser_hash);
CREATE INDEX ix_inspector_secret_link_beginning ON reach.inspector_secret (link_beginning);

-- The platform's own ledger of what was refused where no provider can be named: how often in each minute, what, and from
-- which network (a keyed hash). Nobody who runs reads or writes it but through functions that count and that tell operators.
CREATE TABLE reach.refusal (
    counted_in TIMESTAMP WITH TIME ZONE NOT NULL,
    kind TEXT NOT NULL,
    network TEXT NOT NULL,
    times BIGINT DEFAULT 1 NOT NULL,
    CONSTRAINT pk_refusal PRIMARY KEY (counted_in, kind, network)
);

ALTER TABLE reach.ticket ADD COLUMN link_id UUID;
ALTER TABLE reach.ticket DROP CONSTRAINT ticket_kind_check;
ALTER TABLE reach.ticket ADD CONSTRAINT ck_ticket_kind CHECK (kind in ('person', 'job', 'command', 'inspector'));
