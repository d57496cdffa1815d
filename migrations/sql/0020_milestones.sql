-- A decision that reads a rise as more being reported, not as more happening.
alter table review add column reporting_effect boolean not null default false;

-- What was found of a milestone when its week was over: by rule from figures, or by a person in words. The newest holds.
create table milestone_verdict (
    provider_id uuid not null,
    service_id uuid not null,
    plan_id uuid not null,
    week integer not null,
    number integer not null,
    title text not null,
    verdict text not null,
    reason text not null,
    carried_to integer,
    seen jsonb not null,
    by_rule boolean not null,
    decided_on date not null,
    decided_by uuid,
    decided_label text not null,
    recorded_at timestamptz not null,
    constraint pk_milestone_verdict primary key (provider_id, service_id, plan_id, week, number),
    constraint fk_milestone_verdict_recovery_plan foreign key(provider_id, service_id, plan_id) references recovery_plan (provider_id, service_id, plan_id),
    constraint ck_milestone_verdict_verdict_known check (verdict in ('met', 'not_met', 'not_supported', 'carried_over'))
);
