-- What the platform itself counts is chained, minute by minute; and what is watched for, with whom it was told to.

-- A link of the platform's own chain: a minute in which something was refused that no provider can be named for. The counts
-- go after ninety days; their digest stays, so that the chain still holds.
CREATE TABLE reach.refusal_link (
    sequence BIGINT NOT NULL,
    counted_in TIMESTAMP WITH TIME ZONE NOT NULL,
    digest BYTEA NOT NULL,
    chain_hash BYTEA NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_refusal_link PRIMARY KEY (sequence),
    CONSTRAINT uq_refusal_link_counted_in UNIQUE (counted_in)
);

CREATE TABLE reach.refusal_anchor (
    anchored_on DATE NOT NULL,
    sequence BIGINT NOT NULL,
    chain_hash BYTEA NOT NULL,
    kept_in TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_refusal_anchor PRIMARY KEY (anchored_on)
);

-- How far the watch saw each provider's chain: it may grow, and never end before or pass elsewhere.
CREATE TABLE reach.ledger_mark (
    provider_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    chain_hash BYTEA NOT NULL,
    CONSTRAINT pk_ledger_mark PRIMARY KEY (provider_id),
    CONSTRAINT fk_ledger_mark_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id) ON DELETE CASCADE
);

-- What operators are told: what kind of thing, how often and at which provider; nobody's name and no content.
CREATE TABLE reach.alert (
    alert_id UUID NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    provider_id UUID,
    times BIGINT NOT NULL,
    raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_alert PRIMARY KEY (alert_id)
);
CREATE INDEX ix_alert_key ON reach.alert (key, raised_at);
CREATE INDEX ix_alert_raised_at ON reach.alert (raised_at);

CREATE TABLE reach.alert_seen (
    alert_id UUID NOT NULL,
    person_id UUID NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_alert_seen PRIMARY KEY (alert_id, person_id),
    CONSTRAINT fk_alert_seen_alert FOREIGN KEY (alert_id) REFERENCES reach.alert (alert_id)
);

-- What a provider's administrators are told, and who of them saw it.
CREATE TABLE security_alert (
    provider_id UUID NOT NULL,
    alert_id UUID NOT NULL,
    kind TEXT NOT NULL,
    person_id UUID,
    times BIGINT NOT NULL,
    raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_security_alert PRIMARY KEY (provider_id, alert_id),
    CONSTRAINT fk_security_alert_provider FOREIGN KEY (provider_id) REFERENCES provider (provider_id)
);
CREATE INDEX ix_security_alert_raised_at ON security_alert (provider_id, raised_at);

CREATE TABLE security_alert_seen (
    provider_id UUID NOT NULL,
    alert_id UUID NOT NULL,
    person_id UUID NOT NULL,
    initials TEXT NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_security_alert_seen PRIMARY KEY (provider_id, alert_id, person_id),
    CONSTRAINT fk_security_alert_seen_security_alert FOREIGN KEY (provider_id, alert_id)
        REFERENCES security_alert (provider_id, alert_id)
);

-- As before; and whoever counts holds the minute's lock together with the others, so that a minute is sealed when all that
-- count in it are done. A minute that was sealed takes nothing more: the count goes to the next.
create or replace function reach.count_refusal(kind text, network text, is_known boolean) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    this_minute timestamptz := date_trunc('minute', clock_timestamp());
    whence text := left(case when is_known then 'known ' else '' end || network, 45);
    is_first boolean;
begin
    loop
        perform pg_advisory_xact_lock_shared(hashtextextended('refusals of ' || extract(epoch from this_minute), 0));
        exit when not exists (select from reach.refusal_link k where k.counted_in = this_minute);
        this_minute := greatest(
            date_trunc('minute', clock_timestamp()),
            (select max(k.counted_in) from reach.refusal_link k) + interval '1 minute');
    end loop;
    update reach.refusal r set times = r.times + 1
    where r.counted_in = this_minute and r.kind = count_refusal.kind and r.network = whence;
    if found then
        -- In a flood nobody waits for the disk behind whoever counts on the same line: at worst the counts of half a second
        -- go with a server that dies.
        perform set_config('synchronous_commit', 'off', true);
        return false;
    end if;
    if not is_known and (
        select count(*) from reach.refusal o
        where o.counted_in = this_minute and o.network <> 'elsewhere' and not starts_with(o.network, 'known ')) >= 20 then
        whence := 'elsewhere';
    end if;
    insert into reach.refusal as r (counted_in, kind, network) values (this_minute, count_refusal.kind, whence)
    on conflict on constraint pk_refusal do update set times = r.times + 1
    returning r.times = 1 into is_first;
    return is_first;
end
$$;

-- For the relay: adds a link to the platform's chain for each minute that is over and has none, in the order in which they
-- can be seen; says how many. What is hashed is said in `tenants.refusals`, which walks the chain.
create function reach.seal_refusals() returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    this_minute timestamptz := date_trunc('minute', clock_timestamp());
    before reach.refusal_link;
    minute timestamptz;
    digested bytea;
    made integer := 0;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('seal the refusals', 0)) then
        return 0;
    end if;
    select k.* into before from reach.refusal_link k order by k.sequence desc limit 1;
    for minute in
        select distinct r.counted_in from reach.refusal r
        where r.counted_in < this_minute
          and r.counted_in > coalesce((select max(k.counted_in) from reach.refusal_link k) - interval '1 hour', '-infinity')
          and not exists (select from reach.refusal_link k where k.counted_in = r.counted_in)
        order by 1 limit 1440
    loop
        if not pg_try_advisory_xact_lock(hashtextextended('refusals of ' || extract(epoch from minute), 0)) then
            exit;  -- somebody counts in it still: it is sealed the next time
        end if;
        select sha256(convert_to(string_agg(
                jsonb_build_array(r.kind, r.network, r.times)::text, e'\n'
                order by r.kind collate "C", r.network collate "C"), 'UTF8'))
        into digested from reach.refusal r where r.counted_in = minute;
        insert into reach.refusal_link (sequence, counted_in, digest, chain_hash, sealed_at)
        values (
            coalesce(before.sequence, 0) + 1, minute, digested,
            sha256(coalesce(before.chain_hash, decode(repeat('00', 32), 'hex'))
                || convert_to(coalesce(before.sequence, 0) + 1 || ' ' || extract(epoch from minute)::bigint, 'UTF8')
                || digested),
            clock_timestamp())
        returning * into before;
        made := made + 1;
    end loop;
    return made;
end
$$;

-- For the relay: the head that is to be written down outside today; nothing where that was done, or nothing was refused yet.
create function reach.refusals_to_anchor() returns table (sequence bigint, chain_hash bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select k.sequence, k.chain_hash from reach.refusal_link k
    where not exists (select from reach.refusal_anchor a where a.anchored_on = reach.today())
    order by k.sequence desc limit 1;
end
$$;

create function reach.refusals_anchored(head bigint, hashed bytea, kept text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
    insert into reach.refusal_anchor (anchored_on, sequence, chain_hash, kept_in, recorded_at)
    values (reach.today(), head, hashed, kept, clock_timestamp())
    on conflict on constraint pk_refusal_anchor do nothing
$$;

-- For the relay: what is counted of the time before a moment, one row for each signal. `rules` says which acts of ledgers
-- count, in how many minutes and from how many on; the busiest such time of a person's last 28 days stands beside it.
-- Nothing but counts and identifiers comes out.
create function reach.watched(at timestamptz, rules jsonb, flood_minutes integer)
returns table (signal text, provider_id uuid, person_id uuid, subject text, times bigint, usual bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select r.signal, p.provider_id, x.person_id, coalesce(x.person_id::text, x.actor), x.times,
        coalesce((
            select max(q.times) from (
                select count(*) as times from public.ledger_entry h
                where h.provider_id = p.provider_id and h.person_id = x.person_id and h.act = any (r.acts)
                  and (r.statuses is null or h.detail ->> 'status' = any (r.statuses))
                  and h.recorded_at > at - interval '28 days' and h.recorded_at <= at - make_interval(mins => r.minutes)
                group by date_bin(make_interval(mins => r.minutes), h.recorded_at, at)) q), 0)
    from jsonb_to_recordset(rules) as r(signal text, acts text[], statuses text[], minutes integer, floor bigint)
    cross join public.provider p
    cross join lateral (
        select e.person_id, e.actor, count(*) as times from public.ledger_entry e
        where e.provider_id = p.provider_id and e.recorded_at > at - make_interval(mins => r.minutes)
          and e.recorded_at <= at and e.act = any (r.acts)
          and (r.statuses is null or e.detail ->> 'status' = any (r.statuses))
        group by e.person_id, e.actor having count(*) >= r.floor) x;

    return query
    select 'sign_in', null::uuid, null::uuid, 'everybody',
        count(*) filter (where not a.succeeded), count(*) filter (where a.succeeded)
    from signin.attempt a where a.attempted_at > at - make_interval(mins => flood_minutes) and a.attempted_at <= at;

    return query
    select case when starts_with(r.network, 'known ') then 'foreign' else 'forged' end, null::uuid, null::uuid,
        case when starts_with(r.network, 'known ') then r.network else r.kind end, sum(r.times)::bigint, 0::bigint
    from reach.refusal r
    where r.counted_in > at - make_interval(mins => flood_minutes) and r.counted_in <= at
      and (not starts_with(r.network, 'known ') or r.kind = 'page, by somebody without a provider')
    group by 1, 4;

    return query
    select 'break_glass', s.provider_id, s.person_id, s.request_id::text, 1::bigint, 0::bigint
    from public.support_access s where s.consented_at > at - interval '1 hour' and s.consented_at <= at;
end
$$;

-- For the relay: providers whose ledger is not as it should be: an entry that has waited for its link for `waiting` minutes,
-- a link whose entry is gone or that is missing among the newest, or a chain that no longer passes where it was seen to.
create function reach.ledgers_amiss(at timestamptz, waiting integer)
returns table (signal text, provider_id uuid, times bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select 'ledger_gap', e.provider_id, count(*) from public.provider p
    cross join lateral (
        select l.provider_id from public.ledger_entry l
        where l.provider_id = p.provider_id
          and l.recorded_at between at - interval '2 days' and at - make_interval(mins => waiting)
          and not exists (
            select from public.ledger_seal k where k.provider_id = l.provider_id and k.entry_id = l.entry_id)) e
    group by e.provider_id;

    return query
    select 'ledger_broken', p.provider_id, n.gone + n.missing from public.provider p
    cross join lateral (
        select count(*) filter (where not exists (
                select from public.ledger_entry e where e.provider_id = k.provider_id and e.entry_id = k.entry_id)) as gone,
            coalesce(max(k.sequence) - min(k.sequence) + 1 - count(*), 0) as missing
        from (select s.provider_id, s.entry_id, s.sequence from public.ledger_seal s
              where s.provider_id = p.provider_id order by s.sequence desc limit 200) k) n
    where n.gone + n.missing > 0;

    return query
    select 'ledger_broken', m.provider_id, 1::bigint from reach.ledger_mark m
    where not exists (
        select from public.ledger_seal k
        where k.provider_id = m.provider_id and k.sequence = m.sequence and k.chain_hash = m.chain_hash);

    insert into reach.ledger_mark as m (provider_id, sequence, chain_hash)
    select p.provider_id, k.sequence, k.chain_hash from public.provider p
    cross join lateral (
        select s.sequence, s.chain_hash from public.ledger_seal s
        where s.provider_id = p.provider_id order by s.sequence desc limit 1) k
    on conflict on constraint pk_ledger_mark do update set sequence = excluded.sequence, chain_hash = excluded.chain_hash
    where m.sequence < excluded.sequence;
end
$$;

-- Raises an alert unless the same was raised within the time in which it would only repeat itself: for operators, and, where
-- it is about a provider, for that one's administrators, in its ledger and by a job that tells them.
create function reach.raise_alert(
    of_kind text, of_key text, at_provider uuid, who uuid, how_often bigint, at timestamptz, quiet_minutes integer,
    words text
) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    made uuid := gen_random_uuid();
begin
    perform pg_advisory_xact_lock(hashtextextended('alert ' || of_key, 0));
    if exists (
        select from reach.alert a
        where a.key = of_key and a.raised_at > at - make_interval(mins => quiet_minutes)) then
        return null;
    end if;
    insert into reach.alert (alert_id, kind, key, provider_id, times, raised_at)
    values (made, of_kind, of_key, at_provider, how_often, at);
    insert into signin.mail (mail_id, person_id, template, facts, state, attempts, due_at, created_at)
    select gen_random_uuid(), o.person_id, 'alert_for_operators', jsonb_build_object('what', words), 'waiting', 0, now(), now()
    from public.platform_operator o;
    if at_provider is not null then
        insert into public.security_alert (provider_id, alert_id, kind, person_id, times, raised_at)
        values (at_provider, made, of_kind, who, how_often, at);
        perform reach.note(at_provider, null, 'job', 'alert raised', null, 'alert ' || made,
            jsonb_build_object('kind', of_kind, 'times', how_often), null);
        insert into public.job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)
        values (at_provider, gen_random_uuid(), 'tell_people', '{}', 'queued', 0, now(), 0, now());
    end if;
    perform pg_notify('mendline_job', '');
    return made;
end
$$;

-- For a job that walks the chain of its own provider and finds that it does not hold.
create function reach.ledger_does_not_hold(at_provider uuid, at timestamptz, words text) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if t.kind is distinct from 'job' or t.provider_id is distinct from at_provider then
        return null;
    end if;
    return reach.raise_alert(
        'ledger_broken', 'ledger_broken ' || at_provider, at_provider, null, 1, at, 1440, words);
end
$$;

-- For operators: the alerts of ninety days, the newest first, and who of them saw each.
create function reach.alerts()
returns table (
    alert_id uuid, kind text, provider_id uuid, times bigint, raised_at timestamptz, seen_by text[], seen_by_me boolean)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    me uuid := (reach.live()).person_id;
begin
    if not reach.operates() then
        return;
    end if;
    return query
    select a.alert_id, a.kind, a.provider_id, a.times, a.raised_at,
        coalesce((
            select array_agg(p.name order by s.seen_at) from reach.alert_seen s
            join signin.person p on p.person_id = s.person_id where s.alert_id = a.alert_id), '{}'),
        exists (select from reach.alert_seen s where s.alert_id = a.alert_id and s.person_id = me)
    from reach.alert a where a.raised_at > now() - interval '90 days'
    order by a.raised_at desc, a.alert_id limit 100;
end
$$;

create function reach.see_alert(wanted uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not reach.operates() or not exists (select from reach.alert a where a.alert_id = wanted) then
        return false;
    end if;
    insert into reach.alert_seen (alert_id, person_id, seen_at)
    values (wanted, (reach.live()).person_id, clock_timestamp())
    on conflict on constraint pk_alert_seen do nothing;
    return true;
end
$$;

-- While the server's key is renewed: the ticket goes on under the name that the newest key makes of the same secret. What
-- began under the old name ends within a minute; where the new one is there already, that one alone says whether it lives.
create function reach.carry_over(old bytea, new bytea) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into reach.ticket
    select (jsonb_populate_record(t, jsonb_build_object('ticket_hash', new::text))).* from reach.ticket t
    where t.ticket_hash = old
    on conflict do nothing;
    if found then
        update reach.ticket t set expires_at = least(t.expires_at, clock_timestamp() + interval '1 minute')
        where t.ticket_hash = old;
        update signin.session s set ticket_hash = new where s.ticket_hash = old;
        update signin.api_token a set ticket_hash = new where a.ticket_hash = old;
    end if;
end
$$;

-- Whether something is kept under a fingerprint, so that the key is found by which it was made.
create function reach.knows(what text, hashed bytea) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return case what
        when 'ticket' then exists (select from reach.ticket t where t.ticket_hash = hashed)
        when 'browser' then exists (select from reach.inspector_secret s where s.browser_hash = hashed)
        when 'link' then exists (select from signin.one_time o where o.token_hash = hashed)
            or exists (select from reach.inspector_secret s where s.link_hash = hashed)
            or exists (select from public.domain_proof d where d.token_hash = hashed)
        else false
    end;
end
$$;
