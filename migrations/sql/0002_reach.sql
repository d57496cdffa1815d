-- What a ticket adds to what its person holds: a token, a quick re-entry or an unfinished sign-in reaches less.
create function reach.in_scope(t reach.ticket, class text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select t.classes is null or (cardinality(t.classes) > 0 and (class is null or class = any (t.classes))) $$;

create or replace function reach.providers() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    reached uuid[];
begin
    if t.kind is null then
        return '{}';
    elsif t.kind <> 'person' then
        return array[t.provider_id];
    elsif not reach.in_scope(t, null) then
        return '{}';
    end if;
    reached := reach.providers_of(t.person_id, reach.today());
    if t.service_ids is null then
        return reached;
    end if;
    return (
        select coalesce(array_agg(distinct s.provider_id), '{}') from public.service s
        where s.provider_id = any (reached) and s.service_id = any (t.service_ids));
end
$$;

-- What a page needs to know of how its person signed in.
create function reach.sign_in_facts() returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    return jsonb_build_object(
        'level', t.level, 'classes', to_jsonb(t.classes), 'service_ids', to_jsonb(t.service_ids),
        'may_write', t.may_write, 'factor_at', extract(epoch from t.factor_at));
end
$$;

-- For the sign-in role: a ticket with its limits. Only its hash arrives here.
create function reach.issue_ticket(
    ticket_hash bytea, person_id uuid, expires_at timestamptz, idle_seconds integer, may_write boolean,
    level text, classes text[], service_ids uuid[], factor_at timestamptz
) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
    insert into reach.ticket (ticket_hash, kind, person_id, expires_at, idle_seconds, may_write, level, classes,
        service_ids, factor_at)
    values (ticket_hash, 'person', person_id, expires_at, idle_seconds, may_write, level, classes, service_ids, factor_at)
$$;

-- Ends every session (and, where asked, every token) of a person but one; says how many.
create function reach.revoke_of(who uuid, kept bytea, tokens boolean) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    ended integer;
begin
    update reach.ticket t set revoked_at = now()
    where t.person_id = who and t.kind = 'person' and t.revoked_at is null
      and t.ticket_hash is distinct from kept and (tokens or t.level <> 'token');
    get diagnostics ended = row_count;
    return ended;
end
$$;

-- When the tickets of a person were last used, and which of them live: for the list of their sessions and tokens.
create function reach.tickets_of(who uuid)
returns table (ticket_hash bytea, last_seen_at timestamptz, is_live boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select t.ticket_hash, t.last_seen_at,
        t.revoked_at is null and t.expires_at > statement_timestamp()
        and (t.idle_seconds is null or t.last_seen_at > statement_timestamp() - make_interval(secs => t.idle_seconds))
    from reach.ticket t where t.person_id = who
$$;

-- Whether a cookie still stands for a sign-in, whose it is and of which kind: for the sign-in role, which has no reach.
create function reach.ticket_holder(shown bytea)
returns table (person_id uuid, level text, factor_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select t.person_id, t.level, t.factor_at from reach.ticket t
    join signin.person p on p.person_id = t.person_id and p.disabled_at is null
    where t.ticket_hash = shown and t.revoked_at is null and t.expires_at > statement_timestamp()
      and (t.idle_seconds is null or t.last_seen_at > statement_timestamp() - make_interval(secs => t.idle_seconds))
$$;

-- The roles that a person holds today: which limits and factors their sign-in needs.
create function reach.roles_of(who uuid) returns text[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(distinct r.role order by r.role), '{}') from (
        select m.role from public.membership m
        where m.person_id = who and m.valid_from <= reach.today()
          and (m.valid_until is null or m.valid_until >= reach.today())
        union all
        select 'commissioner_officer' from public.commissioner_officer o
        where o.person_id = who and o.valid_from <= reach.today()
          and (o.valid_until is null or o.valid_until >= reach.today())) r
$$;

-- The places that a person reaches today, for choosing what a token may be used for.
create function reach.places_of(who uuid)
returns table (provider_id uuid, provider text, service_id uuid, service text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select s.provider_id, v.name, s.service_id, s.name
    from reach.places(who, reach.today(), 'service', false) p
    join public.service s on s.provider_id = p.provider_id and s.service_id = p.service_id
    join public.provider v on v.provider_id = s.provider_id
$$;

-- Sign-ins, refusals and changed factors stand in the ledger of each provider that the person reaches. The sign-in role
-- cannot write there in any other way, and the web role not in another person's name.
create function reach.note_sign_in(who uuid, act text, detail jsonb) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    made integer;
begin
    insert into public.ledger_entry (provider_id, entry_id, recorded_at, person_id, actor, act, subject, detail)
    select p.id, gen_random_uuid(), clock_timestamp(), who,
        coalesce((
            select m.role from public.membership m
            where m.person_id = who and m.provider_id = p.id and m.valid_from <= reach.today()
              and (m.valid_until is null or m.valid_until >= reach.today()) limit 1), 'commissioner_officer'),
        act, 'person ' || who, detail
    from unnest(reach.providers_of(who, reach.today())) as p(id);
    get diagnostics made = row_count;
    return made;
end
$$;

-- Puts a letter into the outbox, from within a reach: to somebody who works for the provider or is granted something
-- there, or, by whoever works there, to an address. Five hundred an hour for each provider.
create function reach.send_mail(
    mail_id uuid, provider_id uuid, person_id uuid, address text, template text, facts jsonb
) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not (send_mail.provider_id = any (reach.providers()))
       or (send_mail.person_id is null and not (send_mail.provider_id = any (reach.providers_working()))) then
        raise insufficient_privilege using message = 'row-level security: this place is not in reach';
    end if;
    if send_mail.person_id is not null and not exists (
        select 1 from public.membership m
        where m.person_id = send_mail.person_id and m.provider_id = send_mail.provider_id
        union all
        select 1 from public.commissioner_officer o
        join public.commissioner_grant g on g.body_id = o.body_id and g.provider_id = send_mail.provider_id
        where o.person_id = send_mail.person_id) then
        raise insufficient_privilege using message = 'row-level security: the recipient is nobody of this provider';
    end if;
    if (select count(*) from signin.mail m
        where m.on_behalf_of = send_mail.provider_id and m.created_at > now() - interval '1 hour') >= 500 then
        raise insufficient_privilege using message = 'row-level security: too many letters for an hour';
    end if;
    insert into signin.mail (mail_id, on_behalf_of, person_id, address, template, facts, state, attempts, due_at, created_at)
    values (mail_id, provider_id, person_id, address, template, facts, 'waiting', 0, now(), now());
    perform pg_notify('mendline_job', '');
end
$$;

-- Lets somebody sign in for whom a role is about to be written: their identifier, known or new. Alike for both, so that
-- nobody learns by inviting whether an address is known.
create function reach.invite_person(
    provider_id uuid, new_person_id uuid, email text, name text, mail_id uuid, token_hash bytea, expires_at timestamptz,
    facts jsonb
) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    who uuid;
    has_password boolean;
    writes boolean;
begin
    select exists (
        select 1 from reach.current_ticket() t
        where t.kind <> 'person' and t.provider_id = invite_person.provider_id
        union all
        select 1 from reach.current_ticket() t
        join public.membership m on m.person_id = t.person_id and m.provider_id = invite_person.provider_id
        join reach.role_class c on c.role = m.role and c.class = 'people' and c.may_write
        where t.may_write and reach.in_scope(t, 'people')
          and m.valid_from <= reach.today() and (m.valid_until is null or m.valid_until >= reach.today())
    ) into writes;
    if not writes then
        raise insufficient_privilege using message = 'row-level security: this place is not in reach';
    end if;
    insert into signin.person (person_id, email, name, second_factor_relaxed, created_at)
    values (new_person_id, invite_person.email, invite_person.name, false, now())
    on conflict on constraint uq_person_email do nothing;
    select p.person_id, p.password_hash is not null into who, has_password
    from signin.person p where p.email = invite_person.email;
    insert into signin.one_time (token_hash, purpose, person_id, email, on_behalf_of, made_at, expires_at)
    values (invite_person.token_hash, 'invitation', who, invite_person.email, invite_person.provider_id, now(),
        invite_person.expires_at);
    insert into signin.mail (mail_id, on_behalf_of, person_id, template, facts, state, attempts, due_at, created_at)
    values (invite_person.mail_id, invite_person.provider_id, who,
        case when has_password then 'role_given' else 'invitation' end, invite_person.facts, 'waiting', 0, now(), now());
    perform pg_notify('mendline_job', '');
    return who;
end
$$;

-- A changed or ended role ends the sessions that were opened with the old one. For whoever manages people where the
-- person works or worked, and for jobs and commands of that provider.
create function reach.end_sessions(who uuid, provider_id uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if not exists (
        select 1 from public.membership m where m.person_id = who and m.provider_id = end_sessions.provider_id)
       or not (end_sessions.provider_id = any (reach.providers_working()))
       or (t.kind = 'person' and not exists (
        select 1 from public.membership m
        join reach.role_class c on c.role = m.role and c.class = 'people' and c.may_write
        where m.person_id = t.person_id and m.provider_id = end_sessions.provider_id
          and m.valid_from <= reach.today() and (m.valid_until is null or m.valid_until >= reach.today()))) then
        raise insufficient_privilege using message = 'row-level security: this place is not in reach';
    end if;
    return reach.revoke_of(who, null, false);
end
$$;

-- For the relay: letters to send now.
create function reach.due_mail(most integer) returns table (mail_id uuid)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    update signin.mail m set published_at = now()
    where m.mail_id in (
        select d.mail_id from signin.mail d
        where (d.state = 'waiting' and d.due_at <= now()
               and (d.published_at is null or d.published_at < now() - interval '30 seconds'))
           or (d.state = 'sending' and d.lease_until < now()
               and (d.published_at is null or d.published_at < now() - interval '30 seconds'))
        order by d.due_at limit most for update skip locked)
    returning m.mail_id;
end
$$;

-- The home and the limits of a tablet that a manager registered; nothing for any other device.
create function reach.shared_device(shown bytea)
returns table (provider_id uuid, service_id uuid, shared_device_id uuid, label text, service text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select d.provider_id, d.service_id, d.shared_device_id, d.label, s.name from public.shared_device d
    join public.service s on s.provider_id = d.provider_id and s.service_id = d.service_id
    where d.device_hash = shown and not exists (
        select 1 from public.shared_device_end e
        where e.provider_id = d.provider_id and e.service_id = d.service_id and e.shared_device_id = d.shared_device_id)
    order by d.registered_at desc limit 1
$$;

-- Whether somebody works at a service today, and under which name the tablet of that service shows them.
create function reach.works_at(who uuid, at_provider uuid, at_service uuid)
returns table (display_name text, initials text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select m.display_name, m.initials from public.membership m
    join signin.person p on p.person_id = m.person_id and p.disabled_at is null
    where m.person_id = who and m.provider_id = at_provider and (m.service_id is null or m.service_id = at_service)
      and m.valid_from <= reach.today() and (m.valid_until is null or m.valid_until >= reach.today())
    order by m.service_id nulls last limit 1
$$;

-- Single sign-on as it stands now, by its identifier or by a domain that was proved: for people not signed in yet.
create function reach.single_sign_on(wanted uuid, of_domain text)
returns table (
    provider_id uuid, connection_id uuid, label text, issuer text, client_id text, algorithms text[], domain text,
    default_role text, default_service_id uuid, strong_values text[], longest_minutes integer
)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select c.provider_id, c.connection_id, c.label, c.issuer, c.client_id, c.algorithms, c.domain, c.default_role,
        c.default_service_id, c.strong_values, c.longest_minutes
    from public.single_sign_on c
    where (c.connection_id = wanted or c.domain = of_domain) and c.enabled
      and not exists (
        select 1 from public.single_sign_on n
        where n.provider_id = c.provider_id and n.connection_id = c.connection_id and n.revision > c.revision)
      and exists (
        select 1 from public.domain_proof d
        where d.provider_id = c.provider_id and d.connection_id = c.connection_id and d.domain = c.domain
          and d.proved_at is not null)
    order by c.connection_id
$$;

create function reach.prove_domain(shown bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    proved text;
begin
    update public.domain_proof d set proved_at = now()
    where d.token_hash = shown and d.proved_at is null and d.expires_at > now()
    returning d.domain into proved;
    return proved;
end
$$;

-- The role that the provider's administrator named for whoever comes by single sign-on for the first time.
create function reach.admit(connection_id uuid, who uuid, display_name text, initials text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    c record;
begin
    select * into c from reach.single_sign_on(admit.connection_id, null);
    if not found then
        return false;
    end if;
    if exists (select 1 from public.membership m where m.provider_id = c.provider_id and m.person_id = who) then
        return true; -- they are known there; a role that has ended is not given again
    end if;
    if c.default_role is null then
        return false;
    end if;
    insert into public.membership (provider_id, membership_id, service_id, person_id, role, display_name, initials,
        valid_from, recorded_at)
    values (c.provider_id, gen_random_uuid(), c.default_service_id, who, c.default_role, admit.display_name,
        admit.initials, reach.today(), now());
    insert into public.ledger_entry (provider_id, entry_id, recorded_at, person_id, actor, act, service_id, subject, detail)
    values (c.provider_id, gen_random_uuid(), clock_timestamp(), who, c.default_role, 'role given by single sign-on',
        c.default_service_id, 'person ' || who,
        jsonb_build_object('role', c.default_role, 'connection', c.connection_id));
    return true;
end
$$;

-- For the relay, once a while: what has ended is forgotten, letters and links after thirty days.
create function reach.sweep_sign_in() returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    gone integer;
begin
    delete from signin.pending p where p.expires_at < now() - interval '1 hour';
    delete from signin.attempt a where a.attempted_at < now() - interval '1 day';
    delete from signin.one_time o where o.expires_at < now() - interval '30 days';
    delete from signin.mail m where m.created_at < now() - interval '30 days' and m.state not in ('waiting', 'sending');
    get diagnostics gone = row_count;
    return gone;
end
$$;
