-- What most people reach, worked out with less work: what an earlier statement remembered is told by its moment, without a
-- hash, and what a class opens is one look-up where it was two. Replaced here: footing, standing, readable. They answer what
-- they answered.

-- The signature under what is remembered, which begins with the moment of the statement. In SQL and bound when it is made, so
-- that PostgreSQL puts it in the place of its call.
create function reach.signed(secret bytea, shown text, looked text) returns text
language sql stable
return encode(
    sha256(secret || sha256(secret || convert_to(shown || '|' || looked, 'UTF8'))), 'hex');

-- Who asks, where they are among most people: the provider and the person; null for everybody else. Remembered for the
-- rest of the statement. One look-up for each table: PostgreSQL does these in two thirds of the time of their join. The
-- same conditions as in reach.live(), of which a test makes sure.
create or replace function reach.footing(secret bytea, shown text, moment text) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    day date := (statement_timestamp() at time zone 'Europe/London')::date;
    who uuid;
    at_work uuid[];
    looked text;
    signature text;
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
    at_work := array(
        select m.provider_id from public.membership m
        where m.person_id = who and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day));
    if at_work = '{}' or at_work[1] <> any (at_work) then
        return null;
    end if;
    -- Assigned and not performed, which would each be a query of its own.
    looked := set_config('mendline.looked', moment || at_work[1]::text || who::text, true);
    signature := set_config('mendline.looked_by', reach.signed(secret, shown, looked), true);
    return substr(looked, length(moment) + 1);
end
$$;

-- The same from memory, where this statement has looked already.
create or replace function reach.standing(secret bytea) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    shown text := current_setting('mendline.ticket', true);
    looked text := current_setting('mendline.looked', true);
    moment text := extract(epoch from statement_timestamp())::text || '|';
begin
    if shown is null or shown = '' then
        return null;
    end if;
    if starts_with(looked, moment) and current_setting('mendline.looked_by', true) = reach.signed(secret, shown, looked) then
        return substr(looked, length(moment) + 1);
    end if;
    return reach.footing(secret, shown, moment);
end
$$;

create or replace function reach.readable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    standing text := reach.standing((select s.key from reach.secret s));
    day date;
    opened uuid[]; -- with a null where a role for the whole provider opens the class
begin
    if standing is null or class is null then
        return reach.services(class, false);
    end if;
    day := reach.today();
    opened := array(
        select m.service_id from public.membership m
        join reach.role_class c on c.role = m.role and c.class = readable.class and c.may_read
        where m.person_id = substr(standing, 37, 36)::uuid
          and m.valid_from <= day and (m.valid_until is null or m.valid_until >= day));
    if array_position(opened, null) is null then
        return opened;
    end if;
    return array(select s.service_id from public.service s where s.provider_id = left(standing, 36)::uuid);
end
$$;
