-- Capture on a phone: how each record arrived, drafts that wait for an answer, the same draft sent twice with other answers.

create table capture_arrival (
    provider_id uuid not null,
    service_id uuid not null,
    record_id uuid not null,
    form text not null,
    record_type text not null,
    digest text not null,
    finished_at timestamptz not null,
    sent_at timestamptz not null,
    received_at timestamptz not null,
    clock_seconds integer not null,
    is_clock_wrong boolean not null,
    is_moved boolean not null,
    is_late boolean not null,
    device text not null,
    recorded_by uuid not null,
    recorded_label text not null,
    constraint pk_capture_arrival primary key (provider_id, service_id, record_id),
    constraint fk_capture_arrival_service foreign key (provider_id, service_id) references service (provider_id, service_id)
);
create index ix_capture_arrival_recorded_by on capture_arrival (provider_id, recorded_by, received_at);

create table capture_draft (
    provider_id uuid not null,
    service_id uuid not null,
    record_id uuid not null,
    recorded_by uuid not null,
    form text not null,
    answers jsonb not null,
    open_questions text[] not null,
    saved_at timestamptz not null,
    constraint pk_capture_draft primary key (provider_id, service_id, record_id, recorded_by),
    constraint fk_capture_draft_service foreign key (provider_id, service_id) references service (provider_id, service_id)
);

create table capture_conflict (
    provider_id uuid not null,
    service_id uuid not null,
    record_id uuid not null,
    digest text not null,
    form text not null,
    record_type text not null,
    answers jsonb not null,
    finished_at timestamptz not null,
    received_at timestamptz not null,
    device text not null,
    recorded_by uuid not null,
    recorded_label text not null,
    constraint pk_capture_conflict primary key (provider_id, service_id, record_id, digest),
    constraint fk_capture_conflict_service foreign key (provider_id, service_id) references service (provider_id, service_id)
);

create table capture_choice (
    provider_id uuid not null,
    service_id uuid not null,
    record_id uuid not null,
    digest text not null,
    chosen text not null,
    recorded_by uuid not null,
    recorded_label text not null,
    recorded_at timestamptz not null,
    constraint pk_capture_choice primary key (provider_id, service_id, record_id, digest),
    constraint fk_capture_choice_capture_conflict foreign key (provider_id, service_id, record_id, digest)
        references capture_conflict (provider_id, service_id, record_id, digest),
    constraint ck_capture_choice_chosen_known check (chosen in ('first', 'second'))
);
