-- Replaced here: live, enter, granted, providers_of, whole_providers, places, services, open. What is new in them: a ticket
-- that holds less than its person; one for an inspector's link; support access that a provider consented to; records that
-- somebody opened on need; grants over what was released; and that a provider's own grant gives nothing to somebody who
-- works for it.

create or replace function reach.live() returns reach.ticket
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
    if t.kind = 'inspector' and not exists (
        select 1 from public.inspector_link l
        where l.provider_id = t.provider_id and l.service_id = t.service_id and l.link_id = t.link_id
          and l.revoked_at is null and l.opens_at <= statement_timestamp() and l.closes_at > statement_timestamp()) then
        t := null;
    end if;
    return t;
end
$$;

create or replace function reach.enter(ticket text) returns boolean
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
    if shown.kind in ('person', 'inspector') and shown.last_seen_at < clock_timestamp() - interval '60 seconds'
       and not current_setting('transaction_read_only')::boolean then
        -- Whoever holds the row is marking the same thing: nobody waits for it.
        update reach.ticket t set last_seen_at = clock_timestamp() where t.ticket_hash = (
            select l.ticket_hash from reach.ticket l where l.ticket_hash = shown.ticket_hash for update skip locked);
    end if;
    return true;
end
$$;

-- Support access that stands at this moment: asked, seconded, consented to, not ended; reading only.
create function reach.supported(who uuid) returns setof public.support_access
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select s.* from public.support_access s
    join public.platform_operator o on o.person_id = s.person_id
     and o.valid_from <= reach.today() and (o.valid_until is null or o.valid_until >= reach.today())
    where s.person_id = who and s.seconded_at is not null and s.consented_at <= statement_timestamp()
      and s.ends_at > statement_timestamp() and s.ended_at is null
$$;

create function reach.operates() returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    return t.kind = 'person' and reach.in_scope(t, 'operations') and exists (
        select 1 from public.platform_operator o
        where o.person_id = t.person_id and o.valid_from <= reach.today()
          and (o.valid_until is null or o.valid_until >= reach.today()));
end
$$;

-- Grants that a person has through a commissioning body on a day. Whoever works for a provider is bound by the role
-- they hold there: a grant of that provider opens nothing to them.
create function reach.grants_of(who uuid, day date) returns setof public.commissioner_grant
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select g.* from public.commissioner_officer o
    join public.commissioner_grant g on g.body_id = o.body_id
     and g.valid_from <= day and g.valid_until >= day and g.withdrawn_at is null
    where o.person_id = who and o.valid_from <= day and (o.valid_until is null or o.valid_until >= day)
      and not exists (
        select 1 from public.membership m
        where m.person_id = who and m.provider_id = g.provider_id
          and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day))
$$;

create or replace function reach.granted() returns setof public.commissioner_grant
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select g.* from reach.current_ticket() t cross join lateral reach.grants_of(t.person_id, reach.today()) g $$;

create or replace function reach.providers_of(who uuid, day date) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return (select coalesce(array_agg(distinct x.provider_id), '{}') from (
        select m.provider_id from public.membership m
        where m.person_id = who and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day)
        union all
        select g.provider_id from reach.grants_of(who, day) g
        union all
        select s.provider_id from reach.supported(who) s
    ) x);
end
$$;

create or replace function reach.whole_providers(class text, writing boolean) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    day date := reach.today();
begin
    if t.kind is null or t.kind = 'inspector' or (writing and not t.may_write) then
        return '{}';
    elsif t.kind <> 'person' then
        return array[t.provider_id];
    elsif not reach.in_scope(t, class) or (t.service_ids is not null and class is not null) then
        return '{}';  -- a ticket for chosen services holds nothing for a whole provider
    end if;
    return (
        select coalesce(array_agg(distinct x.provider_id), '{}') from (
            select m.provider_id from public.membership m
            where m.person_id = t.person_id and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day)
              and (t.service_ids is null or m.provider_id = any (reach.providers()))
              and (whole_providers.class is null or (m.service_id is null and exists (
                select 1 from reach.role_class c where c.role = m.role and c.class = whole_providers.class
                 and case when writing then c.may_write else c.may_read end)))
            union all
            select s.provider_id from reach.supported(t.person_id) s
            where not writing and exists (
                select 1 from reach.role_class c
                where c.role = 'platform_operator' and c.class = whole_providers.class and c.may_read)) x);
end
$$;

-- Records that somebody opened for themselves, as it stands at this moment: for as long as the role that may is held there.
create function reach.opened_to(who uuid) returns setof public.opened_records
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select o.* from public.opened_records o
    where o.person_id = who and o.begun_at <= statement_timestamp() and o.ends_at > statement_timestamp()
      and o.ended_at is null and exists (
        select 1 from public.membership m
        join reach.role_class c on c.role = m.role and c.class = 'identifiers' and c.may_write
        where m.person_id = who and m.provider_id = o.provider_id and m.service_id is null
          and m.valid_from <= reach.today() and (m.valid_until is null or m.valid_until >= reach.today()))
$$;

create or replace function reach.places(who uuid, day date, class text, writing boolean)
returns table (provider_id uuid, service_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select s.provider_id, s.service_id from public.membership m
    join reach.role_class c on c.role = m.role and c.class = places.class
     and case when writing then c.may_write else c.may_read end
    join public.service s on s.provider_id = m.provider_id and (m.service_id is null or m.service_id = s.service_id)
    where m.person_id = who and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day);
    if writing then
        return;
    end if;
    return query select o.provider_id, o.service_id from reach.opened_to(who) o where places.class = any (o.classes);
    -- A grant opens what its provider released; the figures as they stand now only where it says so; of files never more
    -- than those that were shared one by one.
    return query
    select g.provider_id, g.service_id from reach.grants_of(who, day) g
    where places.class = 'service'
       or (starts_with(places.class, 'released_') and substr(places.class, 10) = any (g.classes))
       or (g.live and places.class <> 'evidence_files' and places.class = any (g.classes) and exists (
            select 1 from reach.role_class c
            where c.role = 'commissioner_officer' and c.class = places.class and c.may_read))
    union
    select s.provider_id, s.service_id from reach.supported(who) a
    join reach.role_class c on c.role = 'platform_operator' and c.class = places.class and c.may_read
    join public.service s on s.provider_id = a.provider_id;
end
$$;

create or replace function reach.services(class text, writing boolean) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    day date;
    reached uuid[];
    held uuid[];
begin
    if t.kind is null or (writing and not t.may_write) then
        return '{}';
    elsif t.kind = 'inspector' then
        return reach.inspected(t, class, writing);
    elsif t.kind <> 'person' then
        return (
            select coalesce(array_agg(s.service_id), '{}') from public.service s
            where s.provider_id = t.provider_id and (t.service_id is null or t.service_id = s.service_id));
    elsif not reach.in_scope(t, class) then
        return '{}';
    end if;
    day := reach.today();
    reached := reach.providers_of(t.person_id, day);
    if cardinality(reached) < 2 then
        held := (select coalesce(array_agg(p.service_id), '{}') from reach.places(t.person_id, day, class, writing) p);
    else
        with place as materialized (select * from reach.places(t.person_id, day, class, writing))
        select coalesce(array_agg(distinct p.service_id), '{}') into held from place p
        where not exists (
            select 1 from public.service other
            where other.provider_id = any (reached) and other.service_id = p.service_id
              and other.provider_id <> p.provider_id
              and not exists (
                select 1 from place q where q.provider_id = other.provider_id and q.service_id = other.service_id));
    end if;
    if t.service_ids is null then
        return held;
    end if;
    return (select coalesce(array_agg(h), '{}') from unnest(held) h where h = any (t.service_ids));
end
$$;

-- An inspector's link opens its one service: its name, and of the classes that it names what stood at its moment. A
-- table that does not say from when a row is (see `outside` in the migration) stays closed to it.
create function reach.inspected(t reach.ticket, class text, writing boolean) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if writing then
        return '{}';
    elsif class = 'service' or (starts_with(class, 'as_at_') and exists (
        select 1 from public.inspector_link l
        join reach.role_class c on c.role = 'inspector' and c.class = substr(inspected.class, 7) and c.may_read
        where l.provider_id = t.provider_id and l.service_id = t.service_id and l.link_id = t.link_id
          and substr(inspected.class, 7) = any (l.classes))) then
        return array[t.service_id];
    end if;
    return '{}';
end
$$;

-- The moment up to which an inspector's link shows rows; nothing for any other ticket.
create function reach.as_at() returns timestamptz
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    return (
        select l.as_at from public.inspector_link l
        where t.kind = 'inspector' and l.provider_id = t.provider_id and l.service_id = t.service_id
          and l.link_id = t.link_id);
end
$$;

create function reach.inspected_pack() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    return (
        select l.pack_id from public.inspector_link l
        where t.kind = 'inspector' and l.provider_id = t.provider_id and l.service_id = t.service_id
          and l.link_id = t.link_id);
end
$$;

-- What the ticket's person is the subject of, and is therefore cut from, whatever role they hold.
create function reach.cut() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if t.person_id is null then
        return '{}';
    end if;
    return (
        select coalesce(array_agg(c.about_id), '{}') from public.conflict c
        where c.person_id = t.person_id and c.lifts is null and not exists (
            select 1 from public.conflict l
            where l.provider_id = c.provider_id and l.service_id = c.service_id and l.lifts = c.conflict_id
              and l.person_id = c.person_id));
end
$$;

-- The same as the ledger writes it down: `record 0199…`.
create function reach.cut_subjects() returns text[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if t.person_id is null then
        return '{}';
    end if;
    return (
        select coalesce(array_agg(c.about_kind || ' ' || c.about_id), '{}') from public.conflict c
        where c.person_id = t.person_id and c.lifts is null and not exists (
            select 1 from public.conflict l
            where l.provider_id = c.provider_id and l.service_id = c.service_id and l.lifts = c.conflict_id
              and l.person_id = c.person_id));
end
$$;

-- Kinds of record that a class of its own reads; without a class, all of them.
create function reach.kinds_of(class text) returns text[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(k.record_type), '{}') from reach.record_class k
    where kinds_of.class is null or k.class = kinds_of.class
$$;

-- Whether the ticket's person may give a role at a place today: never one that sees or decides more than their own.
create function reach.may_give(at_provider uuid, at_service uuid, given text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    day date := reach.today();
begin
    if t.kind in ('job', 'command') then
        return t.provider_id = at_provider;
    end if;
    return coalesce(t.kind = 'person' and t.may_write and reach.in_scope(t, 'members') and exists (
        select 1 from public.membership m
        join reach.role_gives g on g.role = m.role and g.given = may_give.given
         and g.at_service = (may_give.at_service is not null)
        where m.person_id = t.person_id and m.provider_id = at_provider
          and (m.service_id is null or m.service_id = may_give.at_service)
          and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day)), false);
end
$$;

-- Whether the ticket's person may let outsiders see these classes of a service: they approve grants for the whole
-- provider, and read each of the classes there themselves.
create function reach.may_grant(at_provider uuid, classes text[]) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    wanted text;
begin
    if not (at_provider = any (reach.whole_providers('grants', true))) or cardinality(classes) = 0 then
        return false;
    end if;
    foreach wanted in array classes loop
        if not (at_provider = any (reach.whole_providers(wanted, false))) or not exists (
            select 1 from reach.role_class c
            where c.role = 'commissioner_officer' and c.class = wanted and c.may_read) then
            return false;
        end if;
    end loop;
    return true;
end
$$;

-- Whether the ticket's person entered the newest figure of an indicator: they do not assure it.
create function reach.entered(at_provider uuid, at_service uuid, of_indicator uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    return t.person_id is not null and exists (
        select 1 from public.observation o
        where o.provider_id = at_provider and o.service_id = at_service and o.indicator_id = of_indicator
          and o.recorded_by = t.person_id
          and o.period_start = (
            select max(n.period_start) from public.observation n
            where n.provider_id = at_provider and n.service_id = at_service and n.indicator_id = of_indicator));
end
$$;

-- Writes into a provider's ledger on behalf of a function of this schema.
create function reach.note(
    at_provider uuid, who uuid, actor text, act text, at_service uuid, subject text, detail jsonb, origin jsonb
) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
    insert into public.ledger_entry (
        provider_id, entry_id, recorded_at, person_id, actor, act, service_id, subject, detail, origin)
    values (at_provider, gen_random_uuid(), clock_timestamp(), who, actor, act, at_service, subject, detail, origin)
$$;

-- Whether the ticket holds a class for writing over a provider, or at one of its services where one is named.
create function reach.writes(class text, at_provider uuid, at_service uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return at_provider = any (reach.whole_providers(class, true))
        or (at_service is not null and at_provider = any (reach.providers())
            and at_service = any (reach.services(class, true)));
end
$$;

-- Moves the end of a membership. Ending sooner is open to whoever manages people there; later only to whoever may give
-- the role, and never for oneself. A day before today ends it with the next statement. False: there is no such
-- membership, or the ticket may not.
create function reach.change_membership(at_provider uuid, wanted uuid, new_until date, why text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    m public.membership;
    sooner boolean;
begin
    select x.* into m from public.membership x
    where x.provider_id = at_provider and x.membership_id = wanted for update;
    if not found or not reach.writes('members', m.provider_id, m.service_id) then
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

-- Answers a request for a role that whoever asked may not give: by somebody else, who may. Gives the new membership's
-- identifier, or null where it was declined; an exception where the ticket may not answer.
create function reach.answer_role_request(at_provider uuid, wanted uuid, give boolean, why text) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    r public.role_request;
    made uuid;
begin
    select x.* into r from public.role_request x
    where x.provider_id = at_provider and x.request_id = wanted and x.answered_at is null for update;
    if not found or t.kind <> 'person' or r.person_id = t.person_id
       or not reach.may_give(r.provider_id, r.service_id, r.role) then
        raise insufficient_privilege using message = 'row-level security: this request is not yours to answer';
    end if;
    if give then
        made := gen_random_uuid();
        insert into public.membership (provider_id, membership_id, service_id, person_id, role, kind, reason,
            display_name, initials, valid_from, valid_until, granted_by, recorded_at)
        values (r.provider_id, made, r.service_id, r.person_id, r.role, r.kind, r.reason, r.display_name, r.initials,
            greatest(r.valid_from, reach.today()), r.valid_until, t.person_id, clock_timestamp());
    end if;
    update public.role_request x set answered_by = t.person_id, answered_at = clock_timestamp(), given = give, answer = why
    where x.provider_id = at_provider and x.request_id = wanted;
    return made;
end
$$;

-- Commissioning bodies, for whoever may grant something to one.
create function reach.bodies() returns table (body_id uuid, name text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if cardinality(reach.whole_providers('grants', false)) = 0 and cardinality(reach.services('grants', false)) = 0
       and not reach.operates() then
        return;
    end if;
    return query select b.body_id, b.name from public.commissioning_body b order by b.name limit 1000;
end
$$;

create function reach.withdraw_grant(at_provider uuid, at_service uuid, wanted uuid, why text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if not reach.writes('grants', at_provider, null) then
        return false;
    end if;
    update public.commissioner_grant g
    set withdrawn_at = clock_timestamp(), withdrawn_by = t.person_id, withdrawn_reason = why
    where g.provider_id = at_provider and g.service_id = at_service and g.grant_id = wanted and g.withdrawn_at is null;
    return found;
end
$$;

-- Counts, in the platform's own ledger, what was refused where no provider can be named; says whether it is the first of
-- its minute. Twenty networks have a line of their own in a minute, those beyond share one for each kind: a flood fills
-- nothing. Whoever is known, somebody signed in or a connection of single sign-on, keeps their own line beside any flood.
create function reach.count_refusal(kind text, network text, is_known boolean) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    this_minute timestamptz := date_trunc('minute', clock_timestamp());
    whence text := left(case when is_known then 'known ' else '' end || network, 45);
    is_first boolean;
begin
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

-- For operators: what was refused where no provider can be named, by the hour, the newest first.
create function reach.refusals()
returns table (hour timestamptz, kind text, times bigint, sources bigint, busiest text, busiest_times bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not reach.operates() then
        return;
    end if;
    return query
    with told as (
        select date_trunc('hour', r.counted_in) as hour, r.kind, r.network, sum(r.times)::bigint as times
        from reach.refusal r where r.counted_in > now() - interval '30 days' group by 1, 2, 3)
    select t.hour, t.kind, sum(t.times)::bigint, count(*),
        (array_agg(t.network order by t.times desc, t.network))[1], max(t.times)
    from told t group by t.hour, t.kind order by t.hour desc, 3 desc, t.kind limit 100;
end
$$;

-- Keeps the secret of a link that was just made; its row says who made it.
create function reach.keep_inspector_secret(
    at_provider uuid, at_service uuid, of_link uuid, hashed bytea, beginning bytea
) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not reach.writes('inspectors', at_provider, at_service) or not exists (
        select 1 from public.inspector_link l
        where l.provider_id = at_provider and l.service_id = at_service and l.link_id = of_link) then
        return false;
    end if;
    insert into reach.inspector_secret (link_id, provider_id, service_id, link_hash, link_beginning)
    values (of_link, at_provider, at_service, hashed, beginning);
    return true;
end
$$;

create function reach.revoke_inspector(at_provider uuid, at_service uuid, wanted uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if not reach.writes('inspectors', at_provider, at_service) then
        return false;
    end if;
    update public.inspector_link l set revoked_at = clock_timestamp(), revoked_by = t.person_id
    where l.provider_id = at_provider and l.service_id = at_service and l.link_id = wanted and l.revoked_at is null;
    return found;
end
$$;

-- Sends a code to the address that the link was made for, and binds the browser that asked. False where the link is
-- unknown, not open yet, over, revoked, used in another browser, or asks too often: whoever asks is told the same.
create function reach.inspector_begin(
    shown bytea, beginning bytea, browser bytea, code_hash bytea, mail_id uuid, network text, origin jsonb
) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    s reach.inspector_secret;
    l public.inspector_link;
    refused text;
begin
    select x.* into s from reach.inspector_secret x
    where x.link_hash = shown or (shown is null and x.browser_hash = browser) for update;
    if not found then
        -- One that is not quite a link of ours stands in the ledger of its provider, once an hour.
        update reach.inspector_secret x set altered_told_at = clock_timestamp()
        where x.link_beginning = beginning
          and (x.altered_told_at is null or x.altered_told_at < now() - interval '1 hour')
        returning x.* into s;
        perform reach.count_refusal('inspector link', network, false);
        if s.link_id is not null then
            perform set_config('synchronous_commit', 'on', true);
            perform reach.note(s.provider_id, null, 'inspector', 'inspector link refused', s.service_id,
                'inspector link ' || s.link_id, jsonb_build_object('because', 'cut off or altered'), origin);
        end if;
        return false;
    end if;
    select x.* into l from public.inspector_link x
    where x.provider_id = s.provider_id and x.service_id = s.service_id and x.link_id = s.link_id;
    if s.codes_since is null or s.codes_since < now() - interval '1 hour' then
        s.codes_sent := 0;
        s.codes_since := now();
    end if;
    refused := case
        when l.revoked_at is not null then 'revoked'
        when l.opens_at > now() then 'not open yet'
        when l.closes_at <= now() then 'over'
        when s.exchanged_at is not null and s.browser_hash is distinct from browser then 'another browser'
        when s.codes_sent >= 5 then 'too many codes'
    end;
    if refused is not null then
        perform reach.note(s.provider_id, null, 'inspector', 'inspector link refused', s.service_id,
            'inspector link ' || s.link_id, jsonb_build_object('because', refused), origin);
        return false;
    end if;
    update reach.inspector_secret x set browser_hash = browser, code_hash = inspector_begin.code_hash,
        code_until = now() + interval '10 minutes', tries = 0, codes_sent = s.codes_sent + 1, codes_since = s.codes_since
    where x.link_id = s.link_id;
    insert into signin.mail (mail_id, on_behalf_of, address, template, facts, state, attempts, due_at, created_at)
    values (inspector_begin.mail_id, s.provider_id, l.email, 'inspector_code',
        jsonb_build_object('named', l.named), 'waiting', 0, now(), now());
    perform pg_notify('mendline_job', '');
    perform reach.note(s.provider_id, null, 'inspector', 'inspector code sent', s.service_id,
        'inspector link ' || s.link_id, '{}', origin);
    return true;
end
$$;

-- Exchanges a code for a ticket; five tries in ten minutes. False for every reason alike.
create function reach.inspector_enter(browser bytea, code bytea, new_ticket bytea, origin jsonb) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    s reach.inspector_secret;
    l public.inspector_link;
    refused text;
begin
    select x.* into s from reach.inspector_secret x where x.browser_hash = browser for update;
    if not found then
        return false;
    end if;
    select x.* into l from public.inspector_link x
    where x.provider_id = s.provider_id and x.service_id = s.service_id and x.link_id = s.link_id;
    refused := case
        when l.revoked_at is not null then 'revoked'
        when l.opens_at > now() or l.closes_at <= now() then 'outside its time'
        when s.code_hash is null or s.code_until < clock_timestamp() then 'no code waits'
        when s.tries >= 5 then 'too many tries'
        when s.code_hash <> code then 'wrong code'
    end;
    update reach.inspector_secret x set tries = s.tries + 1 where x.link_id = s.link_id;
    if refused is not null then
        perform reach.note(s.provider_id, null, 'inspector', 'inspector code refused', s.service_id,
            'inspector link ' || s.link_id, jsonb_build_object('because', refused), origin);
        return false;
    end if;
    update reach.inspector_secret x set code_hash = null, exchanged_at = coalesce(x.exchanged_at, now())
    where x.link_id = s.link_id;
    -- One session at a time: a new one ends the one before.
    update reach.ticket t set revoked_at = now() where t.link_id = s.link_id and t.revoked_at is null;
    insert into reach.ticket (ticket_hash, kind, provider_id, service_id, link_id, may_write, expires_at, idle_seconds)
    values (new_ticket, 'inspector', s.provider_id, s.service_id, s.link_id, false,
        least(l.closes_at, now() + interval '12 hours'), 1800);
    perform reach.note(s.provider_id, null, 'inspector', 'inspector signed in', s.service_id,
        'inspector link ' || s.link_id, jsonb_build_object('named', l.named), origin);
    return true;
end
$$;

-- An inspector's look, in the ledger of the provider; the link's holder writes nothing else.
create function reach.note_inspection(act text, subject text, detail jsonb, origin jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if t.kind is distinct from 'inspector' then
        return;
    end if;
    perform reach.note(t.provider_id, null, 'inspector', left(act, 80), t.service_id, left(subject, 200),
        detail || jsonb_build_object('link', t.link_id), origin);
end
$$;

-- Opens a service's records to whoever works with pseudonyms, for a while, and writes to those who answer for the service.
-- Gives the moment at which it ends; null where it may not be.
create function reach.open_records(
    at_provider uuid, at_service uuid, new_opening uuid, wanted text[], why text, minutes integer
) returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    until timestamptz := now() + make_interval(mins => minutes);
begin
    if t.kind is distinct from 'person' or not reach.writes('identifiers', at_provider, null)
       or minutes not between 5 and 60 or cardinality(wanted) = 0 or not exists (
        select 1 from public.service s where s.provider_id = at_provider and s.service_id = at_service) then
        return null;
    end if;
    insert into public.opened_records (provider_id, service_id, opening_id, person_id, classes, reason, begun_at, ends_at)
    values (at_provider, at_service, new_opening, t.person_id, wanted, why, now(), until);
    insert into signin.mail (mail_id, on_behalf_of, person_id, template, facts, state, attempts, due_at, created_at)
    select gen_random_uuid(), at_provider, p.person_id, 'records_opened', jsonb_build_object(
        'reader', (select x.name from signin.person x where x.person_id = t.person_id), 'reason', why, 'minutes', minutes,
        'service', (select s.name from public.service s where s.provider_id = at_provider and s.service_id = at_service)),
        'waiting', 0, now(), now()
    from (
        select distinct m.person_id from public.membership m
        join reach.role_class c on c.role = m.role and c.class = 'identifiers' and c.may_read and not c.may_write
        where m.provider_id = at_provider and (m.service_id is null or m.service_id = at_service)
          and m.valid_from <= reach.today() and (m.valid_until is null or m.valid_until >= reach.today())) p;
    perform pg_notify('mendline_job', '');
    return until;
end
$$;

-- Ended by whoever opened them, or by those who are told of it: at once.
create function reach.close_records(at_provider uuid, at_service uuid, wanted uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    update public.opened_records o set ended_at = clock_timestamp()
    where o.provider_id = at_provider and o.service_id = at_service and o.opening_id = wanted and o.ended_at is null
      and o.ends_at > now() and t.kind = 'person' and at_provider = any (reach.providers())
      and (o.person_id = t.person_id or at_service = any (reach.services('identifiers', false)));
    return found;
end
$$;

-- The bodies for which the ticket's person is an officer today.
create function reach.own_bodies() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    return (
        select coalesce(array_agg(distinct o.body_id), '{}') from public.commissioner_officer o
        where t.kind = 'person' and o.person_id = t.person_id and o.valid_from <= reach.today()
          and (o.valid_until is null or o.valid_until >= reach.today()));
end
$$;

-- Writes down what an officer asks or found, where a grant of the service stands, and tells those who release its figures.
-- False: no grant stands, or the ticket writes nothing.
create function reach.write_note(
    at_provider uuid, at_service uuid, new_note uuid, what text, said text, wanted_by date
) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    b public.commissioning_body;
begin
    if t.kind is distinct from 'person' or not t.may_write or not reach.in_scope(t, 'visits') then
        return false;
    end if;
    select x.* into b from reach.grants_of(t.person_id, reach.today()) g
    join public.commissioning_body x on x.body_id = g.body_id
    where g.provider_id = at_provider and g.service_id = at_service limit 1;
    if not found then
        return false;
    end if;
    insert into public.commissioner_note (provider_id, service_id, note_id, body_id, body, kind, words, answer_by,
        recorded_by, recorded_label, recorded_at)
    values (at_provider, at_service, new_note, b.body_id, b.name, what, said, wanted_by, t.person_id,
        (select p.name from signin.person p where p.person_id = t.person_id), clock_timestamp());
    insert into signin.mail (mail_id, on_behalf_of, person_id, template, facts, state, attempts, due_at, created_at)
    select gen_random_uuid(), at_provider, p.person_id, 'commissioner_note', jsonb_build_object(
        'body', b.name, 'kind', what, 'path', '/commissioners/notes/' || new_note,
        'service', (select s.name from public.service s where s.provider_id = at_provider and s.service_id = at_service)),
        'waiting', 0, now(), now()
    from (
        select distinct m.person_id from public.membership m
        join reach.role_class c on c.role = m.role and c.class = 'release' and c.may_write
        where m.provider_id = at_provider and (m.service_id is null or m.service_id = at_service)
          and m.valid_from <= reach.today() and (m.valid_until is null or m.valid_until >= reach.today())) p;
    perform pg_notify('mendline_job', '');
    return true;
end
$$;

-- The provider's answer; the officer who wrote is told while a grant of the body stands. False: not this ticket's to answer.
create function reach.answer_note(at_provider uuid, at_service uuid, wanted uuid, new_answer uuid, said text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    n public.commissioner_note;
begin
    select x.* into n from public.commissioner_note x
    where x.provider_id = at_provider and x.service_id = at_service and x.note_id = wanted;
    if not found or t.kind is distinct from 'person' or not reach.writes('release', at_provider, at_service) then
        return false;
    end if;
    insert into public.commissioner_note_answer (provider_id, service_id, note_id, answer_id, body_id, words, recorded_by,
        recorded_label, recorded_at)
    values (at_provider, at_service, wanted, new_answer, n.body_id, said, t.person_id,
        (select m.display_name from public.membership m
         where m.provider_id = at_provider and m.person_id = t.person_id order by m.valid_from desc limit 1),
        clock_timestamp());
    insert into signin.mail (mail_id, on_behalf_of, person_id, template, facts, state, attempts, due_at, created_at)
    select gen_random_uuid(), at_provider, n.recorded_by, 'commissioner_note_answered',
        jsonb_build_object('path', '/portfolio/' || at_service || '/notes'), 'waiting', 0, now(), now()
    where exists (
        select 1 from reach.grants_of(n.recorded_by, reach.today()) g
        where g.provider_id = at_provider and g.service_id = at_service and g.body_id = n.body_id);
    perform pg_notify('mendline_job', '');
    return true;
end
$$;

-- Support: asked by one operator, seconded by another, consented to by the provider for a time of its own choice.

create function reach.told_of_support(at_provider uuid, template text, facts jsonb) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
    insert into signin.mail (mail_id, on_behalf_of, person_id, template, facts, state, attempts, due_at, created_at)
    select gen_random_uuid(), at_provider, p.person_id, template, facts, 'waiting', 0, now(), now()
    from (
        select distinct m.person_id from public.membership m
        join reach.role_class c on c.role = m.role and c.class = 'support' and c.may_write
        where m.provider_id = at_provider and m.valid_from <= reach.today()
          and (m.valid_until is null or m.valid_until >= reach.today())) p
$$;

create function reach.ask_support(new_request uuid, at_provider uuid, why text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    who text := (select p.name from signin.person p where p.person_id = t.person_id);
begin
    if not reach.operates() or not exists (select 1 from public.provider p where p.provider_id = at_provider) then
        return false;
    end if;
    insert into public.support_access (provider_id, request_id, person_id, name, reason, asked_at)
    values (at_provider, new_request, t.person_id, who, why, clock_timestamp());
    perform reach.note(at_provider, t.person_id, 'platform_operator', 'support access asked for', null,
        'support ' || new_request, jsonb_build_object('reason', why), null);
    return true;
end
$$;

create function reach.second_support(wanted uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    s public.support_access;
begin
    if not reach.operates() then
        return false;
    end if;
    update public.support_access x set seconded_by = t.person_id, seconded_at = clock_timestamp(),
        seconded_name = (select p.name from signin.person p where p.person_id = t.person_id)
    where x.request_id = wanted and x.person_id <> t.person_id and x.seconded_at is null and x.ended_at is null
      and x.asked_at > now() - interval '2 days'
    returning x.* into s;
    if not found then
        return false;
    end if;
    perform reach.note(s.provider_id, t.person_id, 'platform_operator', 'support access seconded', null,
        'support ' || wanted, '{}', null);
    perform reach.told_of_support(s.provider_id, 'support_asked',
        jsonb_build_object('operator', s.name, 'second', s.seconded_name, 'reason', s.reason));
    perform pg_notify('mendline_job', '');
    return true;
end
$$;

create function reach.consent_to_support(at_provider uuid, wanted uuid, minutes integer) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    s public.support_access;
begin
    if t.kind is distinct from 'person' or not reach.writes('support', at_provider, null)
       or minutes not between 5 and 60 then
        return false;
    end if;
    update public.support_access x set consented_by = t.person_id, consented_at = now(),
        ends_at = now() + make_interval(mins => minutes)
    where x.provider_id = at_provider and x.request_id = wanted and x.seconded_at is not null
      and x.consented_at is null and x.ended_at is null and x.person_id <> t.person_id
    returning x.* into s;
    if not found then
        return false;
    end if;
    perform reach.told_of_support(at_provider, 'support_begun',
        jsonb_build_object('operator', s.name, 'reason', s.reason, 'minutes', minutes));
    perform pg_notify('mendline_job', '');
    return true;
end
$$;

-- Ended by the provider, or by either operator: at once.
create function reach.end_support(wanted uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    s public.support_access;
begin
    select x.* into s from public.support_access x where x.request_id = wanted and x.ended_at is null for update;
    if not found or t.kind is distinct from 'person'
       or not (reach.writes('support', s.provider_id, null)
               or (reach.operates() and t.person_id in (s.person_id, s.seconded_by))) then
        return false;
    end if;
    update public.support_access x set ended_by = t.person_id, ended_at = clock_timestamp()
    where x.provider_id = s.provider_id and x.request_id = wanted;
    perform reach.note(s.provider_id, t.person_id,
        case when reach.writes('support', s.provider_id, null) then 'provider' else 'platform_operator' end,
        'support access ended', null, 'support ' || wanted, '{}', null);
    return true;
end
$$;

-- What another operator found when they went through the looks of a support access that is over; the provider reads it.
create function reach.review_support(wanted uuid, found_of text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    s public.support_access;
begin
    if not reach.operates() then
        return false;
    end if;
    update public.support_access x set review = found_of, reviewed_by = t.person_id, reviewed_at = clock_timestamp(),
        reviewed_name = (select p.name from signin.person p where p.person_id = t.person_id)
    where x.request_id = wanted and x.person_id <> t.person_id and x.consented_at is not null and x.reviewed_at is null
      and (x.ended_at is not null or x.ends_at <= now())
    returning x.* into s;
    if not found then
        return false;
    end if;
    perform reach.note(s.provider_id, t.person_id, 'platform_operator', 'support access reviewed', null,
        'support ' || wanted, jsonb_build_object('review', found_of), null);
    return true;
end
$$;

-- For operators' pages: names, plan, health and queues; no care content, no person of a provider.
create function reach.operations()
returns table (provider_id uuid, name text, plan text, is_demonstration boolean, since timestamptz, services bigint,
    members bigint, waiting bigint, oldest_seconds double precision, running bigint, dead bigint, unsealed bigint)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not reach.operates() then
        return;
    end if;
    return query
    select p.provider_id, p.name, p.plan, p.is_demonstration, p.created_at,
        (select count(*) from public.service s where s.provider_id = p.provider_id and s.closed_on is null),
        (select count(distinct m.person_id) from public.membership m
         where m.provider_id = p.provider_id and m.valid_from <= reach.today()
           and (m.valid_until is null or m.valid_until >= reach.today())),
        j.waiting, j.oldest, j.running, j.dead,
        (select count(*) from public.ledger_entry l
         where l.provider_id = p.provider_id and l.recorded_at > now() - interval '2 days'
           and l.recorded_at < now() - interval '10 minutes' and not exists (
            select 1 from public.ledger_seal k where k.provider_id = l.provider_id and k.entry_id = l.entry_id))
    from public.provider p
    cross join lateral (
        select count(*) filter (where x.state = 'queued') as waiting,
            coalesce(extract(epoch from now() - min(x.due_at) filter (where x.state = 'queued' and x.due_at <= now())), 0)
                ::double precision as oldest,
            count(*) filter (where x.state = 'running') as running,
            count(*) filter (where x.state = 'dead') as dead
        from public.job x
        where x.provider_id = p.provider_id
          and (x.state in ('queued', 'running') or x.finished_at > now() - interval '30 days')) j
    order by j.dead desc, j.oldest desc, p.name
    limit 500;
end
$$;

create function reach.dead_jobs()
returns table (provider_id uuid, provider text, job_id uuid, kind text, state text, attempts integer, created_at timestamptz,
    finished_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not reach.operates() then
        return;
    end if;
    return query
    select j.provider_id, p.name, j.job_id, j.kind, j.state, j.attempts, j.created_at, j.finished_at
    from public.job j join public.provider p on p.provider_id = j.provider_id
    where j.state in ('dead', 'failed') and j.finished_at > now() - interval '30 days'
    order by j.finished_at desc limit 100;
end
$$;

-- An operator's own requests, those they stand behind, and those that wait for somebody to stand behind them or to go
-- through their looks.
create function reach.support_requests() returns setof public.support_access
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if not reach.operates() then
        return;
    end if;
    return query
    select s.* from public.support_access s
    where t.person_id in (s.person_id, s.seconded_by) or (s.seconded_at is null and s.ended_at is null)
       or (s.consented_at is not null and s.reviewed_at is null)
    order by s.asked_at desc limit 100;
end
$$;

create or replace function reach.open(ticket text) returns jsonb
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
            'name', coalesce(
                (select p.name from signin.person p where p.person_id = t.person_id),
                (select l.named from public.inspector_link l
                 where l.provider_id = t.provider_id and l.service_id = t.service_id and l.link_id = t.link_id)),
            'provider_ids', to_jsonb(reach.providers()),
            'sign_in', reach.sign_in_facts(),
            'operates', reach.operates(),
            'supported', coalesce((
                select jsonb_agg(jsonb_build_object(
                    'provider_id', s.provider_id, 'provider', p.name, 'request_id', s.request_id, 'until', s.ends_at))
                from reach.supported(t.person_id) s join public.provider p on p.provider_id = s.provider_id), '[]'),
            'inspecting', (
                select jsonb_build_object(
                    'provider_id', l.provider_id, 'provider', p.name, 'service_id', l.service_id, 'service', s.name,
                    'link_id', l.link_id, 'pack_id', l.pack_id, 'classes', l.classes, 'as_at', l.as_at,
                    'until', l.closes_at)
                from public.inspector_link l
                join public.provider p on p.provider_id = l.provider_id
                join public.service s on s.provider_id = l.provider_id and s.service_id = l.service_id
                where t.kind = 'inspector' and l.provider_id = t.provider_id and l.service_id = t.service_id
                  and l.link_id = t.link_id),
            'opened', coalesce((
                select jsonb_agg(jsonb_build_object(
                    'provider_id', o.provider_id, 'service_id', o.service_id, 'service', s.name, 'classes', o.classes,
                    'until', o.ends_at))
                from reach.opened_to(t.person_id) o
                join public.service s on s.provider_id = o.provider_id and s.service_id = o.service_id), '[]'),
            'watched', coalesce((
                select jsonb_agg(jsonb_build_object('provider_id', s.provider_id, 'name', s.name, 'until', s.ends_at))
                from public.support_access s
                where s.provider_id in (select m.provider_id from reach.held() m)
                  and s.ends_at > statement_timestamp() and s.ended_at is null), '[]'),
            'held', coalesce((
                select jsonb_agg(jsonb_build_object(
                    'provider_id', m.provider_id, 'provider', p.name, 'service_id', m.service_id,
                    'role', m.role, 'kind', m.kind, 'display_name', m.display_name, 'initials', m.initials))
                from reach.held() m join public.provider p on p.provider_id = m.provider_id), '[]'),
            'granted', coalesce((
                select jsonb_agg(jsonb_build_object(
                    'provider_id', g.provider_id, 'service_id', g.service_id, 'body', b.name,
                    'classes', g.classes, 'show_name', g.show_name, 'live', g.live, 'until', g.valid_until))
                from reach.granted() g join public.commissioning_body b on b.body_id = g.body_id), '[]'))
        from reach.current_ticket() t
    );
end
$$;
