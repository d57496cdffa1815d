-- One way in at a time: what a provider set last. An issuer that it replaced brings nobody in.
create or replace function reach.single_sign_on(wanted uuid, of_domain text)
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
        where n.provider_id = c.provider_id and (n.recorded_at, n.revision) > (c.recorded_at, c.revision))
      and exists (
        select 1 from public.domain_proof d
        where d.provider_id = c.provider_id and d.connection_id = c.connection_id and d.domain = c.domain
          and d.proved_at is not null)
    order by c.connection_id
$$;

-- How somebody stands to the provider whose sign-in they arrive from: whether they ever worked there, and whether they
-- reach, or will reach, anything that is not that provider's.
create function reach.arrives(of_connection uuid, who uuid) returns table (is_known boolean, is_elsewhere boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select
        exists (
            select 1 from public.membership m
            where m.person_id = who and m.provider_id = c.provider_id),
        exists (
            select 1 from public.membership m
            where m.person_id = who and m.provider_id is distinct from c.provider_id
              and (m.valid_until is null or m.valid_until >= reach.today()))
        or exists (
            select 1 from public.commissioner_officer o
            where o.person_id = who and (o.valid_until is null or o.valid_until >= reach.today()))
        or exists (
            select 1 from public.platform_operator o
            where o.person_id = who and (o.valid_until is null or o.valid_until >= reach.today()))
    from (select max(s.provider_id::text)::uuid as provider_id
          from public.single_sign_on s where s.connection_id = of_connection) c
$$;

-- The connections of the same provider that this one came after.
create function reach.former_connections(of_connection uuid) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(distinct f.connection_id), '{}') from public.single_sign_on c
    join public.single_sign_on f on f.provider_id = c.provider_id and f.connection_id <> c.connection_id
    where c.connection_id = of_connection
$$;

-- As before; and a role that is over is not moved any more: it is given anew, so that its person is asked.
create or replace function reach.change_membership(at_provider uuid, wanted uuid, new_until date, why text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    m public.membership;
    sooner boolean;
begin
    select x.* into m from public.membership x
    where x.provider_id = at_provider and x.membership_id = wanted for update;
    if not found or m.valid_until < reach.today() or not reach.writes('members', m.provider_id, m.service_id) then
        return false;
    end if;
    sooner := new_until is not null and (m.valid_until is null or new_until < m.valid_until);
    if not sooner and t.kind = 'person'
       and (m.person_id = t.person_id or not reach.may_give(m.provider_id, m.service_id, m.role)) then
        return false;
    end if;
    update public.membership x set valid_until = new_until
    where x.provider_id = at_provider and x.membership_id = wanted;
    insert into public.membership_event (provider_id, membership_id, event_id, service_id, kind, until_before,
        until_after, reason, recorded_by, recorded_at)
    values (at_provider, wanted, gen_random_uuid(), m.service_id,
        case when not sooner then 'lengthened' when new_until < reach.today() then 'ended' else 'shortened' end,
        m.valid_until, new_until, why, t.person_id, clock_timestamp());
    return true;
end
$$;

-- As before; and for somebody who works there, or did until yesterday: who left a provider is not signed out by it. A
-- ticket that only reads, or that is not for people, ends nothing.
create or replace function reach.end_sessions(who uuid, provider_id uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if not exists (
        select 1 from public.membership m
        where m.person_id = who and m.provider_id = end_sessions.provider_id
          and (m.valid_until is null or m.valid_until >= reach.today() - 1))
       or not (end_sessions.provider_id = any (reach.providers_working()))
       or (t.kind = 'person' and not (t.may_write and reach.in_scope(t, 'people') and exists (
        select 1 from public.membership m
        join reach.role_class c on c.role = m.role and c.class = 'people' and c.may_write
        where m.person_id = t.person_id and m.provider_id = end_sessions.provider_id
          and m.valid_from <= reach.today() and (m.valid_until is null or m.valid_until >= reach.today())))) then
        raise insufficient_privilege using message = 'row-level security: this place is not in reach';
    end if;
    return reach.revoke_of(who, null, false);
end
$$;
