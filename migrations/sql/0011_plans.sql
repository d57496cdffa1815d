-- Recovery plans: templates of providers, objectives, steps; dated work, what happens to it, who stands in for whom.

alter table inspection
    add quality_statements jsonb, add corrects uuid, add correction_reason text, add recorded_label text;

alter table regulatory_requirement
    add inspection_id uuid, add key_question text, add quality_statement text, add note text, add recorded_label text;

alter table recovery_plan
    add target text, add inspection_id uuid, add content jsonb, add started_label text;

create table plan_template (
    provider_id uuid not null,
    template_key text not null,
    version integer not null,
    title text not null,
    weeks integer not null,
    content jsonb not null,
    written text not null,
    based_on text,
    reason text,
    is_withdrawn boolean not null,
    recorded_by uuid,
    recorded_label text not null,
    recorded_at timestamptz not null,
    constraint pk_plan_template primary key (provider_id, template_key, version),
    constraint fk_plan_template_provider foreign key(provider_id) references provider (provider_id),
    constraint ck_plan_template_version_counts check (version >= 1)
);

create table plan_revision (
    provider_id uuid not null,
    service_id uuid not null,
    plan_id uuid not null,
    revision integer not null,
    starts_on date not null,
    weeks integer not null,
    ended_on date,
    cause text not null,
    reason text not null,
    inspection_id uuid,
    recorded_label text not null,
    recorded_at timestamptz not null,
    constraint pk_plan_revision primary key (provider_id, service_id, plan_id, revision),
    constraint fk_plan_revision_recovery_plan foreign key(provider_id, service_id, plan_id) references recovery_plan (provider_id, service_id, plan_id),
    constraint ck_plan_revision_weeks_sensible check (weeks between 1 and 104)
);

create table plan_objective (
    provider_id uuid not null,
    service_id uuid not null,
    plan_id uuid not null,
    objective_id uuid not null,
    number integer not null,
    goal text not null,
    target text not null,
    weeks integer not null,
    hold_weeks integer not null,
    owner_role text not null,
    sign_off_role text not null,
    requirement_ids uuid[] not null,
    recorded_at timestamptz not null,
    constraint pk_plan_objective primary key (provider_id, service_id, plan_id, objective_id),
    constraint fk_plan_objective_recovery_plan foreign key(provider_id, service_id, plan_id) references recovery_plan (provider_id, service_id, plan_id),
    constraint ck_plan_objective_weeks_sensible check (weeks between 1 and 104)
);

create table objective_indicator (
    provider_id uuid not null,
    service_id uuid not null,
    plan_id uuid not null,
    objective_id uuid not null,
    indicator_id uuid not null,
    part text not null,
    operator text,
    value double precision,
    upper double precision,
    by_week integer,
    position integer not null,
    constraint pk_objective_indicator primary key (provider_id, service_id, plan_id, objective_id, indicator_id),
    constraint fk_objective_indicator_plan_objective foreign key(provider_id, service_id, plan_id, objective_id) references plan_objective (provider_id, service_id, plan_id, objective_id),
    constraint fk_objective_indicator_service_indicator foreign key(provider_id, service_id, indicator_id) references service_indicator (provider_id, service_id, indicator_id),
    constraint ck_objective_indicator_part_known check (part in ('main', 'floor', 'support', 'watched'))
);

create table objective_event (
    provider_id uuid not null,
    service_id uuid not null,
    plan_id uuid not null,
    objective_id uuid not null,
    event_id uuid not null,
    kind text not null,
    reason text not null,
    conditions jsonb not null,
    happened_on date not null,
    signed_by uuid,
    signed_label text not null,
    signed_role text not null,
    recorded_at timestamptz not null,
    constraint pk_objective_event primary key (provider_id, service_id, plan_id, objective_id, event_id),
    constraint fk_objective_event_plan_objective foreign key(provider_id, service_id, plan_id, objective_id) references plan_objective (provider_id, service_id, plan_id, objective_id),
    constraint ck_objective_event_kind_known check (kind in ('met', 'reopened', 'closed'))
);

create table objective_status (
    provider_id uuid not null,
    service_id uuid not null,
    plan_id uuid not null,
    objective_id uuid not null,
    stage text not null,
    conditions jsonb not null,
    judged_on date not null,
    constraint pk_objective_status primary key (provider_id, service_id, plan_id, objective_id),
    constraint fk_objective_status_plan_objective foreign key(provider_id, service_id, plan_id, objective_id) references plan_objective (provider_id, service_id, plan_id, objective_id)
);

create table plan_step (
    provider_id uuid not null,
    service_id uuid not null,
    plan_id uuid not null,
    number integer not null,
    role text not null,
    action text not null,
    record text not null,
    record_types text[] not null,
    cadence text not null,
    rhythm text not null,
    at_least integer not null,
    due_weekday integer,
    shifts text[] not null,
    recorded_at timestamptz not null,
    constraint pk_plan_step primary key (provider_id, service_id, plan_id, number),
    constraint fk_plan_step_recovery_plan foreign key(provider_id, service_id, plan_id) references recovery_plan (provider_id, service_id, plan_id),
    constraint ck_plan_step_cadence_known check (cadence in ('once', 'every_shift', 'weekly', 'monthly', 'as_due')),
    constraint ck_plan_step_at_least_sensible check (at_least between 1 and 100)
);

create table plan_step_revision (
    provider_id uuid not null,
    service_id uuid not null,
    plan_id uuid not null,
    number integer not null,
    revision integer not null,
    cadence text not null,
    rhythm text not null,
    at_least integer not null,
    due_weekday integer,
    shifts text[] not null,
    from_on date not null,
    says text not null,
    reason text not null,
    recorded_by uuid,
    recorded_label text not null,
    recorded_at timestamptz not null,
    constraint pk_plan_step_revision primary key (provider_id, service_id, plan_id, number, revision),
    constraint fk_plan_step_revision_recovery_plan foreign key(provider_id, service_id, plan_id) references recovery_plan (provider_id, service_id, plan_id),
    constraint ck_plan_step_revision_cadence_known check (cadence in ('every_shift', 'weekly', 'monthly', 'as_due')),
    constraint ck_plan_step_revision_at_least_sensible check (at_least between 1 and 100)
);

create table plan_milestone_revision (
    provider_id uuid not null,
    service_id uuid not null,
    plan_id uuid not null,
    revision integer not null,
    milestones jsonb not null,
    from_on date not null,
    says text not null,
    reason text not null,
    recorded_by uuid,
    recorded_label text not null,
    recorded_at timestamptz not null,
    constraint pk_plan_milestone_revision primary key (provider_id, service_id, plan_id, revision),
    constraint fk_plan_milestone_revision_recovery_plan foreign key(provider_id, service_id, plan_id) references recovery_plan (provider_id, service_id, plan_id)
);

create table work_item (
    provider_id uuid not null,
    service_id uuid not null,
    work_item_id uuid not null,
    plan_id uuid,
    step_number integer,
    occurrence text not null,
    title text not null,
    record text not null,
    role text not null,
    asked_role text not null,
    assigned_id uuid,
    assigned_label text,
    stands_in text,
    is_vacant boolean not null,
    record_types text[] not null,
    needed integer not null,
    made integer not null,
    opens_on date not null,
    first_due_on date not null,
    due_on date not null,
    shift_band text,
    state text not null,
    closed_on date,
    closed_label text,
    recorded_at timestamptz not null,
    constraint pk_work_item primary key (provider_id, service_id, work_item_id),
    constraint fk_work_item_service foreign key(provider_id, service_id) references service (provider_id, service_id),
    constraint fk_work_item_recovery_plan foreign key(provider_id, service_id, plan_id) references recovery_plan (provider_id, service_id, plan_id),
    constraint uq_work_item_provider_id_service_id_plan_id_step_number_4e65 unique (provider_id, service_id, plan_id, step_number, occurrence),
    constraint ck_work_item_state_known check (state in ('open', 'done', 'cancelled', 'missed')),
    constraint ck_work_item_counts_sensible check (needed between 1 and 100 and made >= 0)
);

create index ix_work_item_asked on work_item (provider_id, asked_role, due_on) where state = 'open';

create index ix_work_item_assigned on work_item (provider_id, assigned_id, due_on) where state = 'open';

create index ix_work_item_due on work_item (provider_id, service_id, due_on);

create table work_item_event (
    provider_id uuid not null,
    service_id uuid not null,
    work_item_id uuid not null,
    event_id uuid not null,
    kind text not null,
    due_on date,
    note text,
    record_type text,
    record_id uuid,
    to_label text,
    happened_on date not null,
    by_person uuid,
    by_label text not null,
    recorded_at timestamptz not null,
    constraint pk_work_item_event primary key (provider_id, service_id, work_item_id, event_id),
    constraint fk_work_item_event_work_item foreign key(provider_id, service_id, work_item_id) references work_item (provider_id, service_id, work_item_id),
    constraint ck_work_item_event_kind_known check (kind in ('recorded', 'done', 'redated', 'handed_over', 'cancelled', 'missed', 'reopened'))
);

create table work_delegation (
    provider_id uuid not null,
    service_id uuid not null,
    delegation_id uuid not null,
    role text not null,
    work_item_id uuid,
    from_person uuid,
    from_label text,
    to_person uuid not null,
    to_label text not null,
    why text not null,
    from_on date not null,
    until_on date,
    note text,
    ends uuid,
    by_person uuid,
    by_label text not null,
    recorded_at timestamptz not null,
    constraint pk_work_delegation primary key (provider_id, service_id, delegation_id),
    constraint fk_work_delegation_service foreign key(provider_id, service_id) references service (provider_id, service_id),
    constraint ck_work_delegation_why_known check (why in ('holiday', 'vacancy', 'absence', 'other')),
    constraint ck_work_delegation_ends_after_start check (until_on is null or until_on >= from_on)
);

create table work_pass (
    provider_id uuid not null,
    service_id uuid not null,
    passed_on date not null,
    constraint pk_work_pass primary key (provider_id, service_id),
    constraint fk_work_pass_service foreign key(provider_id, service_id) references service (provider_id, service_id)
);

create table work_visit (
    provider_id uuid not null,
    person_id uuid not null,
    visited_at timestamptz not null,
    earlier_at timestamptz,
    constraint pk_work_visit primary key (provider_id, person_id),
    constraint fk_work_visit_provider foreign key(provider_id) references provider (provider_id)
);

-- For the relay, once a while: dated work of services that no worker has brought up to date today.
create function reach.sweep_work() returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    made integer;
begin
    insert into public.job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)
    select w.provider_id, gen_random_uuid(), 'plan_work', '{}', 'queued', 0, now(), 0, now()
    from (select distinct provider_id from public.work_pass where passed_on < reach.today()) w
    where not exists (
        select 1 from public.job o
        where o.provider_id = w.provider_id and o.kind = 'plan_work' and o.state in ('queued', 'running'));
    get diagnostics made = row_count;
    return made;
end
$$;

-- Who holds which role today, at the services whose work the ticket sees and for their provider: so that work can be
-- handed to a colleague, and a vacancy is told from a role that one may not look up. A grant opens none of it.
create function reach.holders(at_provider uuid)
returns table (service_id uuid, role text, person_id uuid, display_name text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    day date := reach.today();
begin
    if not at_provider = any (reach.whole_providers(null, false)) then
        return;
    end if;
    return query
    select m.service_id, m.role, m.person_id, m.display_name from public.membership m
    where m.provider_id = at_provider and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day)
      and (m.service_id is null or m.service_id = any (reach.services('work', false)))
    order by m.role, m.display_name, m.person_id;
end
$$;
