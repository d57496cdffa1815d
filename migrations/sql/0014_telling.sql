-- Something that a person is told of: what kind of thing, where, and the page that shows it. It holds no content of
-- records. What it stands for is said by its key, so that nobody is told of the same thing twice.
CREATE TABLE notice (
    provider_id UUID NOT NULL,
    notice_id UUID NOT NULL,
    person_id UUID NOT NULL,
    service_id UUID,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    path TEXT NOT NULL,
    presses BOOLEAN NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE,
    mail_id UUID,
    mailed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_notice PRIMARY KEY (provider_id, notice_id),
    CONSTRAINT uq_notice_key UNIQUE (provider_id, person_id, key),
    CONSTRAINT fk_notice_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id)
);

CREATE INDEX ix_notice_person ON notice (provider_id, person_id, made_at);

CREATE INDEX ix_notice_unread ON notice (provider_id, person_id) WHERE read_at IS NULL;

CREATE INDEX ix_notice_unmailed ON notice (provider_id, made_at) WHERE mailed_at IS NULL;

-- How a person wants to be told: at once, in a digest or never, by kind; and the hours in which no mail goes out.
CREATE TABLE telling_setting (
    provider_id UUID NOT NULL,
    person_id UUID NOT NULL,
    ways JSONB NOT NULL,
    quiet_from INTEGER,
    quiet_until INTEGER,
    presses_through BOOLEAN NOT NULL,
    digest_hour INTEGER NOT NULL,
    digest_weekday INTEGER NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_telling_setting PRIMARY KEY (provider_id, person_id),
    CONSTRAINT fk_telling_setting_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id),
    CONSTRAINT ck_telling_setting_hours_sensible CHECK (
        (quiet_from is null or quiet_from between 0 and 23) and (quiet_until is null or quiet_until between 0 and 23)
        and digest_hour between 0 and 23 and digest_weekday between 0 and 6)
);

-- When a provider's people were last told what there is to tell, and when the next look is due.
CREATE TABLE telling_pass (
    provider_id UUID NOT NULL,
    passed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_telling_pass PRIMARY KEY (provider_id),
    CONSTRAINT fk_telling_pass_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id)
);

-- A look at what an action changed, some periods after it was closed.
CREATE TABLE effect_check (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    check_id UUID NOT NULL,
    action_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    number INTEGER NOT NULL,
    closed_on DATE NOT NULL,
    periods INTEGER NOT NULL,
    due_on DATE NOT NULL,
    reason TEXT,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_effect_check PRIMARY KEY (provider_id, service_id, check_id),
    CONSTRAINT uq_effect_check_number UNIQUE (provider_id, service_id, action_id, number),
    CONSTRAINT fk_effect_check_action FOREIGN KEY (provider_id, service_id, action_id)
        REFERENCES action (provider_id, service_id, action_id),
    CONSTRAINT fk_effect_check_service_indicator FOREIGN KEY (provider_id, service_id, indicator_id)
        REFERENCES service_indicator (provider_id, service_id, indicator_id),
    CONSTRAINT ck_effect_check_periods_sensible CHECK (periods between 1 and 52)
);

CREATE INDEX ix_effect_check_due ON effect_check (provider_id, due_on);

-- What a person found when they looked, with the figures that they saw.
CREATE TABLE effect_verdict (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    check_id UUID NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    seen JSONB NOT NULL,
    decided_on DATE NOT NULL,
    decided_by UUID,
    decided_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_effect_verdict PRIMARY KEY (provider_id, service_id, check_id),
    CONSTRAINT fk_effect_verdict_effect_check FOREIGN KEY (provider_id, service_id, check_id)
        REFERENCES effect_check (provider_id, service_id, check_id),
    CONSTRAINT ck_effect_verdict_verdict_known CHECK (verdict in ('worked', 'not_yet', 'no'))
);

-- One thing that passed from somebody who leaves to somebody who stays; a hand-over is all of its rows.
CREATE TABLE hand_over_item (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    item_id UUID NOT NULL,
    hand_over_id UUID NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    title TEXT NOT NULL,
    from_label TEXT NOT NULL,
    to_label TEXT NOT NULL,
    to_person UUID,
    days_without INTEGER NOT NULL,
    reason TEXT NOT NULL,
    happened_on DATE NOT NULL,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_hand_over_item PRIMARY KEY (provider_id, service_id, item_id),
    CONSTRAINT fk_hand_over_item_service FOREIGN KEY (provider_id, service_id)
        REFERENCES service (provider_id, service_id),
    CONSTRAINT ck_hand_over_item_kind_known CHECK (
        kind in ('indicator', 'action', 'risk', 'escalation', 'work', 'clock', 'review'))
);

CREATE INDEX ix_hand_over_item_hand_over ON hand_over_item (provider_id, hand_over_id);

-- Who reviews an indicator from then on; the newest row holds, and before the first one the indicator's own owner.
CREATE TABLE indicator_owner (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    number INTEGER NOT NULL,
    owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_indicator_owner PRIMARY KEY (provider_id, service_id, indicator_id, number),
    CONSTRAINT fk_indicator_owner_service_indicator FOREIGN KEY (provider_id, service_id, indicator_id)
        REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

-- What `reach.open` says of a ticket, with how many notices wait for its person: one statement for each request.
create function reach.opened(ticket text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    profile jsonb := reach.open(ticket);
    who uuid;
begin
    if profile is null then
        return null;
    end if;
    who := reach.person();
    if who is null then
        return profile;
    end if;
    return profile || jsonb_build_object('unread', (
        select count(*) from (
            select 1 from public.notice n
            where n.provider_id = any (reach.providers_working()) and n.person_id = who and n.read_at is null
            limit 100) x));
end
$$;

-- For the relay, once a while: providers where somebody may be due to be told something.
create function reach.sweep_telling() returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    made integer;
begin
    insert into public.job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)
    select w.provider_id, gen_random_uuid(), 'tell_people', '{}', 'queued', 0, now(), 0, now()
    from (
        select p.provider_id from public.telling_pass p where p.next_at <= now()
        union
        select distinct x.provider_id from public.work_pass x
        where not exists (select 1 from public.telling_pass p where p.provider_id = x.provider_id)) w
    where not exists (
        select 1 from public.job o
        where o.provider_id = w.provider_id and o.kind = 'tell_people' and o.state in ('queued', 'running'));
    get diagnostics made = row_count;
    return made;
end
$$;

-- For the link in a mail that stops a kind of mail: no sign-in, so the server's signature over it was checked before.
create function reach.stop_telling(at_provider uuid, who uuid, of_kind text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select 1 from public.membership m where m.provider_id = at_provider and m.person_id = who) then
        return false;
    end if;
    insert into public.telling_setting (
        provider_id, person_id, ways, presses_through, digest_hour, digest_weekday, changed_at)
    values (at_provider, who, jsonb_build_object(of_kind, 'never'), true, 7, 0, now())
    on conflict on constraint pk_telling_setting
    do update set ways = telling_setting.ways || excluded.ways, changed_at = now();
    return true;
end
$$;
