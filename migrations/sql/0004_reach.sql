-- What most people reach is worked out quickly: whoever works for one provider, is no commissioner, has no access for
-- support and opened no records. Everybody else's reach, and that of tickets that hold less than their person, is worked out as before.
--
-- Every policy of every table of a statement asks again, so for the rest of the statement one thing is remembered in
-- settings: who asks, and for which one provider. Anybody on the connection can read and write such settings. It is
-- therefore signed with a key that nobody who runs can read, over the ticket, the moment of the statement and the answer;
-- what does not fit is worked out anew. So each statement looks at the ticket as it stands (revoked, expired, idle, its
-- person disabled), at the day and at every membership, and what ends still ends with the next statement. Which services a
-- class opens is not remembered: to look it up costs less than to prove that it was not forged.

create table reach.secret (
    only_one boolean not null default true check (only_one),
    key bytea not null,
    constraint pk_secret primary key (only_one)
);

insert into reach.secret (key)
select sha256(convert_to(string_agg(gen_random_uuid()::text, ''), 'UTF8')) from generate_series(1, 4);

grant select on reach.secret to mendline_reach;

-- Who asks, where they are among most people: the provider and the person; null for everybody else. Remembered for the
-- rest of the statement. One look-up for each table: PostgreSQL does these in two thirds of the time of their join. The
-- same conditions as in reach.live(), of which a test makes sure.
create function reach.footing(secret bytea, shown text, moment text) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    day date := (statement_timestamp() at time zone 'Europe/London')::date;
    who uuid;
    one uuid;
    other uuid;
    found text;
begin
    select x.person_id into who from reach.ticket x
    where x.ticket_hash = sha256(convert_to(shown, 'UTF8')) and x.kind = 'person' and x.revoked_at is null
      and x.expires_at > statement_timestamp() and x.classes is null and x.service_ids is null
      and (x.idle_seconds is null or x.last_seen_at > statement_timestamp() - make_interval(secs => x.idle_seconds));
    if who is null
       or not exists (select from signin.person p where p.person_id = who and p.disabled_at is null)
       or exists (select from public.commissioner_officer o where o.person_id = who)
       or exists (select from public.support_access a where a.person_id = who)
       or exists (
            select from public.opened_records o
            where o.person_id = who and o.ends_at > statement_timestamp() and o.ended_at is null)
    then
        return null;
    end if;
    for other in
        select m.provider_id from public.membership m
        where m.person_id = who and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day)
    loop
        if one <> other then
            return null;
        end if;
        one := other;
    end loop;
    if one is null then
        return null;
    end if;
    found := one::text || who::text;
    perform set_config('mendline.looked', found, true);
    perform set_config('mendline.looked_by', encode(sha256(secret || sha256(
        secret || convert_to('looked|' || shown || '|' || moment || '|' || found, 'UTF8'))), 'hex'), true);
    return found;
end
$$;

-- The same from memory, where this statement has looked already.
create function reach.standing(secret bytea) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    shown text := current_setting('mendline.ticket', true);
    looked text := current_setting('mendline.looked', true);
    moment text := extract(epoch from statement_timestamp())::text;
begin
    if shown is null or shown = '' then
        return null;
    end if;
    if looked <> '' and current_setting('mendline.looked_by', true) = encode(sha256(secret || sha256(
        secret || convert_to('looked|' || shown || '|' || moment || '|' || looked, 'UTF8'))), 'hex')
    then
        return looked;
    end if;
    return reach.footing(secret, shown, moment);
end
$$;

-- As it was worked out before, under a name of its own.
do $$ begin
    execute replace(pg_get_functiondef('reach.providers()'::regprocedure), 'reach.providers()', 'reach.providers_now()');
end $$;

create or replace function reach.providers() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    standing text := reach.standing((select s.key from reach.secret s));
begin
    if standing is null then
        return reach.providers_now();
    end if;
    return array[left(standing, 36)::uuid];
end
$$;

create or replace function reach.providers_readable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    standing text := reach.standing((select s.key from reach.secret s));
    day date;
begin
    if standing is null or class is null then
        return reach.whole_providers(class, false);
    end if;
    day := reach.today();
    if exists (
        select from public.membership m
        join reach.role_class c on c.role = m.role and c.class = providers_readable.class and c.may_read
        where m.person_id = substr(standing, 37, 36)::uuid and m.service_id is null
          and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day))
    then
        return array[left(standing, 36)::uuid];
    end if;
    return '{}';
end
$$;

create or replace function reach.readable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    standing text := reach.standing((select s.key from reach.secret s));
    who uuid;
    day date;
begin
    if standing is null or class is null then
        return reach.services(class, false);
    end if;
    who := substr(standing, 37, 36)::uuid;
    day := reach.today();
    if exists (
        select from public.membership m
        join reach.role_class c on c.role = m.role and c.class = readable.class and c.may_read
        where m.person_id = who and m.service_id is null
          and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day))
    then
        return array(select s.service_id from public.service s where s.provider_id = left(standing, 36)::uuid);
    end if;
    return array(
        select distinct m.service_id from public.membership m
        join reach.role_class c on c.role = m.role and c.class = readable.class and c.may_read
        where m.person_id = who and m.service_id is not null
          and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day));
end
$$;

-- Somebody shows a sign-in, a token or a link that is over: once for each it stands in the ledger of every provider that
-- it reached when it was made. One that is not quite ours, cut off or altered, is known by its first letters, of which a
-- keyed hash is kept: once an hour it stands in the same ledgers. Whatever else was never ours is counted in the platform's.
alter table reach.ticket add column told_at timestamptz;
alter table reach.ticket add column beginning bytea;
alter table reach.ticket add column altered_told_at timestamptz;
create index ix_ticket_beginning on reach.ticket (beginning) where beginning is not null;

create function reach.remember_beginning(of_ticket bytea, beginning bytea) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
    update reach.ticket t set beginning = remember_beginning.beginning
    where t.ticket_hash = of_ticket and t.beginning is null
$$;

-- In the ledgers of whoever a ticket belongs to: its inspector's provider, or every provider that its person reached when
-- it was made.
create function reach.note_of_ticket(t reach.ticket, act text, why text, is_its_person boolean, origin jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    day date := (t.made_at at time zone 'Europe/London')::date;
begin
    if t.kind = 'inspector' then
        perform reach.note(t.provider_id, null, case when is_its_person then 'inspector' else 'nobody' end, act,
            t.service_id, 'link ' || t.link_id, jsonb_build_object('why', why), note_of_ticket.origin);
        return;
    end if;
    perform reach.note(w.provider_id, case when is_its_person then t.person_id end,
        case when is_its_person then w.role else 'nobody' end, act, null, 'person ' || t.person_id,
        jsonb_build_object('why', why), note_of_ticket.origin)
    from (
        select x.provider_id, min(x.role) as role from (
            -- A role that ended on the day itself counts until the day before.
            select m.provider_id, m.role from public.membership m
            where m.person_id = t.person_id and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day - 1)
            union all
            select g.provider_id, 'commissioner_officer' from reach.grants_of(t.person_id, day) g) x
        group by x.provider_id) w;
end
$$;

create function reach.note_ended(ticket text, what text, beginning bytea, network text, origin jsonb) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket;
    why text;
begin
    select x.* into t from reach.ticket x
    where x.ticket_hash = sha256(convert_to(note_ended.ticket, 'UTF8')) and x.told_at is null
      and x.kind in ('person', 'inspector')
    for update skip locked;
    if t.ticket_hash is null then
        if exists (select from reach.ticket x where x.ticket_hash = sha256(convert_to(note_ended.ticket, 'UTF8'))) then
            return false;  -- told before
        end if;
        update reach.ticket x set altered_told_at = clock_timestamp()
        where x.ticket_hash = (
            select y.ticket_hash from reach.ticket y where y.beginning = note_ended.beginning
            order by y.expires_at desc limit 1 for update skip locked)
          and (x.altered_told_at is null or x.altered_told_at < now() - interval '1 hour')
        returning x.* into t;
        perform reach.count_refusal(what, network, false);
        if t.ticket_hash is not null then
            perform set_config('synchronous_commit', 'on', true);
            perform reach.note_of_ticket(
                t, 'altered sign-in refused', 'it was cut off or altered', false, note_ended.origin);
        end if;
        return true;
    end if;
    why := case
        when exists (select from signin.person p where p.person_id = t.person_id and p.disabled_at is not null)
            then 'its person is no longer let in'
        when t.revoked_at is not null then 'it was ended'
        when t.expires_at <= statement_timestamp() then 'its time is over'
        when t.last_seen_at <= statement_timestamp() - make_interval(secs => t.idle_seconds) then 'it was not used for long'
        when t.kind = 'inspector' and exists (
            select from public.inspector_link l
            where l.provider_id = t.provider_id and l.service_id = t.service_id and l.link_id = t.link_id
              and (l.revoked_at is not null or l.closes_at <= statement_timestamp())) then 'its link is over'
    end;
    if why is null then
        return false;
    end if;
    update reach.ticket x set told_at = clock_timestamp() where x.ticket_hash = t.ticket_hash;
    perform reach.note_of_ticket(t, 'ended sign-in refused', why, true, note_ended.origin);
    return true;
end
$$;

-- An answer of single sign-on that is not believed stands in the ledger of the provider whose sign-on was begun, once a
-- minute; where none was begun it is counted in the platform's.
create function reach.note_sign_on_refused(wanted uuid, why text, network text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    at_provider uuid := (select s.provider_id from public.single_sign_on s where s.connection_id = wanted limit 1);
begin
    if reach.count_refusal(
        'answer of single sign-on', coalesce(wanted::text, network), at_provider is not null) and at_provider is not null then
        perform reach.note(at_provider, null, 'nobody', 'single sign-on refused', null, 'connection ' || wanted,
            jsonb_build_object('why', note_sign_on_refused.why), null);
    end if;
end
$$;

-- A job that is not done, since whoever asked for it may no longer ask, stands in the ledger.
do $$ begin
    execute replace(
        pg_get_functiondef('reach.claim(uuid, text, integer, text)'::regprocedure),
        'update public.job set state = ''failed'', finished_at = now(),',
        'perform reach.note(j.provider_id, j.requested_by, ''worker'', ''refused'', j.service_id, ''job '' || j.kind,'
        || ' jsonb_build_object(''why'', ''Whoever asked for it no longer has access''), null);'
        || ' update public.job set state = ''failed'', finished_at = now(),');
end $$;
