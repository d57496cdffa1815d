-- Reach by ticket: PostgreSQL itself resolves an unguessable ticket to providers, services and classes of data.
-- A transaction shows its ticket once (reach.enter or reach.open); the policies ask the functions below.

create table reach.ticket (
    ticket_hash bytea primary key,
    kind text not null check (kind in ('person', 'job', 'command')),
    person_id uuid,
    provider_id uuid,
    service_id uuid, -- set: the job works on this service alone
    job_id uuid,
    may_write boolean not null default true,
    made_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    idle_seconds integer,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    constraint ck_ticket_subject check ((kind = 'person') = (person_id is not null)),
    constraint ck_ticket_provider check ((kind = 'person') = (provider_id is null))
);

create index ix_ticket_expires on reach.ticket (expires_at);

create index ix_ticket_person on reach.ticket (person_id);

create index ix_ticket_job on reach.ticket (job_id);

create table reach.role_class (
    role text not null,
    class text not null,
    may_read boolean not null,
    may_write boolean not null,
    constraint pk_role_class primary key (role, class)
);

-- The date on the wall in England, by which memberships and grants begin and end; that of the statement, so that what
-- ends in the middle of a transaction ends with its next statement.
create function reach.today() returns date
language sql stable set search_path = pg_catalog, pg_temp
as $$ select (statement_timestamp() at time zone 'Europe/London')::date $$;

create function reach.hash_of(ticket text) returns bytea
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select sha256(convert_to(ticket, 'UTF8')) $$;

-- The functions that policies ask are in PL/pgSQL and look the ticket up once each: every statement of a page asks
-- several, and a function in SQL that calls others costs four times as much.

-- The live ticket of this transaction, or a row of nulls. The empty string is what an ended SET LOCAL leaves behind.
create function reach.live() returns reach.ticket
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket;
    shown text := nullif(current_setting('mendline.ticket', true), '');
begin
    if shown is null then
        return t;
    end if;
    select x.* into t from reach.ticket x
    where x.ticket_hash = sha256(convert_to(shown, 'UTF8'))
      and x.revoked_at is null
      and x.expires_at > statement_timestamp()
      and (x.idle_seconds is null or x.last_seen_at > statement_timestamp() - make_interval(secs => x.idle_seconds))
      and (x.person_id is null or exists (
          select 1 from signin.person p where p.person_id = x.person_id and p.disabled_at is null
      ));
    return t;
end
$$;

create function reach.current_ticket() returns setof reach.ticket
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select t.* from reach.live() t where t.ticket_hash is not null $$;

-- Roles that the ticket's person holds today.
create function reach.held() returns setof public.membership
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select m.* from reach.current_ticket() t
    join public.membership m on m.person_id = t.person_id
    where m.valid_from <= reach.today() and (m.valid_until is null or m.valid_until >= reach.today())
$$;

-- Grants that the ticket's person has through a commissioning body today.
create function reach.granted() returns setof public.commissioner_grant
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select g.* from reach.current_ticket() t
    join public.commissioner_officer o on o.person_id = t.person_id
     and o.valid_from <= reach.today() and (o.valid_until is null or o.valid_until >= reach.today())
    join public.commissioner_grant g on g.body_id = o.body_id
     and g.valid_from <= reach.today() and g.valid_until >= reach.today() and g.withdrawn_at is null
$$;

create function reach.person() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    return t.person_id;
end
$$;

-- Providers that a person reaches on a day, by membership or by grant.
create function reach.providers_of(who uuid, day date) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return (select coalesce(array_agg(distinct x.provider_id), '{}') from (
        select m.provider_id from public.membership m
        where m.person_id = who and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day)
        union all
        select g.provider_id from public.commissioner_officer o
        join public.commissioner_grant g on g.body_id = o.body_id
         and g.valid_from <= day and g.valid_until >= day and g.withdrawn_at is null
        where o.person_id = who and o.valid_from <= day and (o.valid_until is null or o.valid_until >= day)
    ) x);
end
$$;

-- Every provider in reach, by membership, by grant, or because a job or command works for it.
create function reach.providers() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if t.kind is null then
        return '{}';
    elsif t.kind <> 'person' then
        return array[t.provider_id];
    end if;
    return reach.providers_of(t.person_id, reach.today());
end
$$;

-- Providers where a class is held for the whole provider, to read or to write; a read-only ticket writes nothing. No
-- class: where any role at all is held. The class 'derived' belongs to jobs and commands alone.
create function reach.whole_providers(class text, writing boolean) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    day date := reach.today();
begin
    if t.kind is null or (writing and not t.may_write) then
        return '{}';
    elsif t.kind <> 'person' then
        return array[t.provider_id];
    end if;
    return (
        select coalesce(array_agg(distinct m.provider_id), '{}') from public.membership m
        where m.person_id = t.person_id and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day)
          and (whole_providers.class is null or (m.service_id is null and exists (
            select 1 from reach.role_class c where c.role = m.role and c.class = whole_providers.class
             and case when writing then c.may_write else c.may_read end))));
end
$$;

create function reach.providers_readable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$ begin return reach.whole_providers(class, false); end $$;

create function reach.providers_writable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$ begin return reach.whole_providers(class, true); end $$;

-- Providers that the ticket works for and may write to at all: a job or command, or a person who holds any role there.
-- A commissioner's grant lets nobody write.
create function reach.providers_working() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$ begin return reach.whole_providers(null, true); end $$;

-- Pairs of provider and service where a person holds a class, to read or to write.
create function reach.places(who uuid, day date, class text, writing boolean)
returns table (provider_id uuid, service_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select s.provider_id, s.service_id from public.membership m
    join reach.role_class c on c.role = m.role and c.class = places.class
     and case when writing then c.may_write else c.may_read end
    join public.service s on s.provider_id = m.provider_id and (m.service_id is null or m.service_id = s.service_id)
    where m.person_id = who and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day)
    union
    select g.provider_id, g.service_id from public.commissioner_officer o
    join public.commissioner_grant g on g.body_id = o.body_id
     and g.valid_from <= day and g.valid_until >= day and g.withdrawn_at is null
    where not writing and o.person_id = who
      and o.valid_from <= day and (o.valid_until is null or o.valid_until >= day)
      and (places.class = any (g.classes) or places.class = 'service');
end
$$;

-- Services where the ticket holds a class, for the policies. These compare provider and service apart from each other,
-- so a service identifier that two providers in reach both use would open the one by what is held at the other. Such an
-- identifier counts only where the class is held at every one of them. A read-only ticket writes nothing.
create function reach.services(class text, writing boolean) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    day date;
    reached uuid[];
begin
    if t.kind is null or (writing and not t.may_write) then
        return '{}';
    elsif t.kind <> 'person' then
        return (
            select coalesce(array_agg(s.service_id), '{}') from public.service s
            where s.provider_id = t.provider_id and (t.service_id is null or t.service_id = s.service_id));
    end if;
    day := reach.today();
    reached := reach.providers_of(t.person_id, day);
    if cardinality(reached) < 2 then
        return (select coalesce(array_agg(p.service_id), '{}') from reach.places(t.person_id, day, class, writing) p);
    end if;
    return (
        with place as materialized (select * from reach.places(t.person_id, day, class, writing))
        select coalesce(array_agg(distinct p.service_id), '{}') from place p
        where not exists (
            select 1 from public.service other
            where other.provider_id = any (reached) and other.service_id = p.service_id
              and other.provider_id <> p.provider_id
              and not exists (
                select 1 from place q where q.provider_id = other.provider_id and q.service_id = other.service_id)));
end
$$;

create function reach.readable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$ begin return reach.services(class, false); end $$;

create function reach.writable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$ begin return reach.services(class, true); end $$;

-- Shows the ticket for the rest of the transaction. SET LOCAL by EXECUTE: set_config is not passed on by Citus, and
-- the ticket arrives as a bind parameter. False: the ticket is not good.
create function reach.enter(ticket text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    shown reach.ticket;
begin
    execute format('set local mendline.ticket = %L', coalesce(ticket, ''));
    shown := reach.live();
    if shown.ticket_hash is null then
        execute 'set local mendline.ticket = ''''';
        return false;
    end if;
    if shown.kind = 'person' and shown.last_seen_at < clock_timestamp() - interval '60 seconds'
       and not current_setting('transaction_read_only')::boolean then
        -- Whoever holds the row is marking the same thing: nobody waits for it.
        update reach.ticket t set last_seen_at = clock_timestamp() where t.ticket_hash = (
            select l.ticket_hash from reach.ticket l where l.ticket_hash = shown.ticket_hash for update skip locked);
    end if;
    return true;
end
$$;

-- Shows the ticket and says what it reaches, for pages and commands; null where it is not good.
create function reach.open(ticket text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not reach.enter(ticket) then
        return null;
    end if;
    return (
        select jsonb_build_object(
            'kind', t.kind,
            'person_id', t.person_id,
            'name', (select p.name from signin.person p where p.person_id = t.person_id),
            'provider_ids', to_jsonb(reach.providers()),
            'held', coalesce((
                select jsonb_agg(jsonb_build_object(
                    'provider_id', m.provider_id, 'provider', p.name, 'service_id', m.service_id,
                    'role', m.role, 'display_name', m.display_name, 'initials', m.initials))
                from reach.held() m join public.provider p on p.provider_id = m.provider_id), '[]'),
            'granted', coalesce((
                select jsonb_agg(jsonb_build_object(
                    'provider_id', g.provider_id, 'service_id', g.service_id, 'body', b.name,
                    'classes', g.classes, 'show_name', g.show_name, 'until', g.valid_until))
                from reach.granted() g join public.commissioning_body b on b.body_id = g.body_id), '[]'))
        from reach.current_ticket() t
    );
end
$$;

-- For the sign-in role: a ticket for a session or an API token. Only its hash arrives here.
create function reach.issue_person(
    ticket_hash bytea, person_id uuid, expires_at timestamptz, idle_seconds integer, may_write boolean
) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
    insert into reach.ticket (ticket_hash, kind, person_id, expires_at, idle_seconds, may_write)
    values (ticket_hash, 'person', person_id, expires_at, idle_seconds, may_write)
$$;

create function reach.revoke(ticket_hash bytea) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ update reach.ticket t set revoked_at = now() where t.ticket_hash = revoke.ticket_hash and t.revoked_at is null $$;

-- 244 random bits as text; gen_random_uuid() takes them from the operating system.
create function reach.new_ticket() returns text
language sql volatile set search_path = pg_catalog, pg_temp
as $$ select encode(sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea), 'hex') $$;

-- For the administrator's command line alone: a ticket over one provider.
create function reach.issue_command(provider_id uuid, minutes integer) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    made text := reach.new_ticket();
begin
    insert into reach.ticket (ticket_hash, kind, provider_id, expires_at)
    values (reach.hash_of(made), 'command', issue_command.provider_id, now() + make_interval(mins => minutes));
    return made;
end
$$;

-- Whether a person still holds a class at a place today: a job does no more than its requester may do now.
create function reach.person_holds(who uuid, class text, at_provider uuid, at_service uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select 1 from public.membership m
        join signin.person p on p.person_id = m.person_id and p.disabled_at is null
        join reach.role_class c on c.role = m.role and c.class = person_holds.class and c.may_write
        where m.person_id = who and m.provider_id = at_provider
          and (m.service_id is null or m.service_id = at_service)
          and m.valid_from <= reach.today() and (m.valid_until is null or m.valid_until >= reach.today())
    )
$$;

-- Takes a job's lease, counts the attempt and opens a ticket for its one provider; null where there is nothing to do:
-- unknown, finished, not due yet, of another kind than the message says, or under way elsewhere.
create function reach.claim(wanted uuid, worker text, lease_seconds integer, wanted_kind text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    j public.job;
    made text;
    needed text;
begin
    -- Not SKIP LOCKED: the relay may still hold the row for the moment between its send and its commit.
    select * into j from public.job where job_id = wanted for update;
    if not found or j.state not in ('queued', 'running') or j.kind <> coalesce(wanted_kind, j.kind) then
        return null;
    end if;
    if (j.state = 'queued' and j.due_at > now()) or (j.state = 'running' and j.lease_until > now()) then
        return null;
    end if;
    if j.attempts >= 8 then
        update public.job set state = 'dead', finished_at = now(),
            error = coalesce(error, 'This was tried 8 times and did not finish. Whoever runs Mendline has been told.')
        where provider_id = j.provider_id and job_id = j.job_id;
        return null;
    end if;
    needed := case j.kind when 'make_pack' then 'packs' when 'import_facts' then 'imports' end;
    if needed is not null and j.requested_by is not null
       and not reach.person_holds(j.requested_by, needed, j.provider_id, j.service_id) then
        update public.job set state = 'failed', finished_at = now(),
            error = 'Whoever asked for this no longer has access to it.'
        where provider_id = j.provider_id and job_id = j.job_id;
        return null;
    end if;
    update public.job set state = 'running', attempts = attempts + 1, claimed_by = worker,
        lease_until = now() + make_interval(secs => lease_seconds)
    where provider_id = j.provider_id and job_id = j.job_id
    returning * into j;
    -- Whoever lost the lease loses the reach with it, and so cannot finish beside the next.
    update reach.ticket t set revoked_at = now() where t.job_id = j.job_id and t.revoked_at is null;
    made := reach.new_ticket();
    insert into reach.ticket (ticket_hash, kind, provider_id, service_id, job_id, expires_at)
    values (
        reach.hash_of(made), 'job', j.provider_id, case when j.kind = 'make_pack' then j.service_id end, j.job_id,
        now() + make_interval(secs => lease_seconds + 600));
    return jsonb_build_object(
        'ticket', made,
        'job', to_jsonb(j),
        'profile', jsonb_build_object(
            'kind', 'job', 'person_id', null, 'name', null, 'provider_ids', jsonb_build_array(j.provider_id),
            'held', '[]'::jsonb, 'granted', '[]'::jsonb));
end
$$;

-- For the relay: jobs to send now. At most one 'derive' per provider is under way: it does all that waits.
create function reach.due_jobs(most integer) returns table (job_id uuid, kind text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    j record;
    seen uuid[] := '{}';
begin
    for j in
        select d.provider_id, d.job_id, d.kind from public.job d
        where (
            (d.state = 'queued' and d.due_at <= now()
             and (d.published_at is null or d.published_at < now() - interval '30 seconds'))
            -- A lapsed lease: sent once when it lapses, then as often as one that waits.
            or (d.state = 'running' and d.lease_until < now()
                and (d.published_at is null or d.published_at < greatest(d.lease_until, now() - interval '30 seconds'))))
          and not (d.kind = 'derive' and exists (
            select 1 from public.job o
            where o.provider_id = d.provider_id and o.kind = 'derive' and o.job_id <> d.job_id
              and o.state in ('queued', 'running')
              and ((o.state = 'running' and o.lease_until > now())
                   or (o.state = 'queued' and o.published_at > now() - interval '30 seconds'))))
        order by d.due_at
        limit most
        for update skip locked
    loop
        if j.kind = 'derive' then
            continue when j.provider_id = any (seen);
            seen := seen || j.provider_id;
        end if;
        job_id := j.job_id;
        kind := j.kind;
        return next;
    end loop;
end
$$;

create function reach.mark_published(sent uuid[]) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ update public.job set published_at = now() where job_id = any (sent) $$;

-- For the relay, once a while: what is stale without a job gets one; what was judged on an earlier day is judged again,
-- since lateness moves with the calendar; ledgers are sealed; ended tickets go.
create function reach.sweep() returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    made integer;
begin
    insert into public.job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)
    select s.provider_id, gen_random_uuid(), 'derive', '{}', 'queued', 0, now(), 0, now()
    from (select distinct provider_id from public.stale_mark where marked_at < now() - interval '2 seconds') s
    where not exists (
        select 1 from public.job o
        where o.provider_id = s.provider_id and o.kind = 'derive' and o.state in ('queued', 'running'));
    get diagnostics made = row_count;
    insert into public.job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)
    select p.provider_id, gen_random_uuid(), 'derive', '{"judge": true}', 'queued', 0, now(), 0, now()
    from public.provider p
    where exists (
        select 1 from public.indicator_status s where s.provider_id = p.provider_id and s.judged_on < reach.today())
      and not exists (
        select 1 from public.job o
        where o.provider_id = p.provider_id and o.kind = 'derive' and o.state in ('queued', 'running')
          and o.arguments ? 'judge');
    insert into public.job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)
    select e.provider_id, gen_random_uuid(), 'seal_ledger', '{}', 'queued', 0, now(), 0, now()
    from (
        select distinct l.provider_id from public.ledger_entry l
        where l.recorded_at between now() - interval '2 days' and now() - interval '30 seconds'
          and not exists (
            select 1 from public.ledger_seal s where s.provider_id = l.provider_id and s.entry_id = l.entry_id)
    ) e
    where not exists (
        select 1 from public.job o
        where o.provider_id = e.provider_id and o.kind = 'seal_ledger' and o.state in ('queued', 'running'));
    delete from reach.ticket where expires_at < now() - interval '1 day';
    return made;
end
$$;

-- For health and metrics: how long the oldest unsent job has waited, in seconds.
create function reach.oldest_wait() returns double precision
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select coalesce(extract(epoch from now() - min(due_at)), 0)::double precision
    from public.job where state = 'queued' and due_at <= now()
$$;
