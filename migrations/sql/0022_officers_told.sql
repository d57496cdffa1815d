-- When the officers were written to of a share; nothing while its grant has not begun. What was shared before this step is
-- told to nobody afterwards: the default gives it the moment of the step, and goes again.
ALTER TABLE pack_share ADD COLUMN told_at TIMESTAMP WITH TIME ZONE DEFAULT now();
ALTER TABLE pack_share ALTER COLUMN told_at DROP DEFAULT;

CREATE INDEX ix_pack_share_untold ON pack_share (shared_at) WHERE told_at IS NULL AND withdrawn_at IS NULL;

-- A letter to each officer to whom a grant opens its service today. It says at which service there is something to see, by
-- the name under which the grant shows it, and not what.
create function reach.tell_officers(g public.commissioner_grant, letter text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into signin.mail (mail_id, on_behalf_of, person_id, template, facts, state, attempts, due_at, created_at)
    select gen_random_uuid(), g.provider_id, w.person_id, letter, jsonb_build_object(
        'provider', (select v.name from public.provider v where v.provider_id = g.provider_id),
        'service', case when g.show_name then (
            select s.name from public.service s where s.provider_id = g.provider_id and s.service_id = g.service_id)
            else 'Service ' || upper(left(g.service_id::text, 4)) end,
        'path', '/portfolio/' || g.service_id), 'waiting', 0, now(), now()
    from (
        select distinct o.person_id from public.commissioner_officer o
        join signin.person p on p.person_id = o.person_id and p.disabled_at is null
        where o.body_id = g.body_id and exists (
            select 1 from reach.grants_of(o.person_id, reach.today()) x
            where x.provider_id = g.provider_id and x.grant_id = g.grant_id)) w;
    perform pg_notify('mendline_job', '');
end
$$;

-- Tells of the shares of one provider, or of all, that nobody was told of and whose grant has begun; of each once.
create function reach.tell_of_shares(of_provider uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    g public.commissioner_grant;
    told integer := 0;
begin
    for g in
        with untold as (
            update public.pack_share s set told_at = clock_timestamp()
            from public.commissioner_grant x
            where s.told_at is null and s.withdrawn_at is null and (of_provider is null or s.provider_id = of_provider)
              and x.provider_id = s.provider_id and x.service_id = s.service_id and x.grant_id = s.grant_id
              and x.withdrawn_at is null and reach.today() between x.valid_from and x.valid_until
            returning x.provider_id, x.service_id, x.grant_id)
        select x.* from untold u
        join public.commissioner_grant x
          on x.provider_id = u.provider_id and x.service_id = u.service_id and x.grant_id = u.grant_id
    loop
        perform reach.tell_officers(g, 'pack_shared');
        told := told + 1;
    end loop;
    return told;
end
$$;

-- As before; the officers are told at once where the grant stands, else when it begins.
create or replace function reach.share_pack(
    at_provider uuid, at_service uuid, new_share uuid, of_pack uuid, with_grant uuid, why text, label text
) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if t.kind is distinct from 'person' or not reach.writes('release', at_provider, at_service) then
        return false;
    end if;
    -- Two who share at once: the second waits, and finds it shared.
    perform 1 from public.commissioner_grant g
    where g.provider_id = at_provider and g.service_id = at_service and g.grant_id = with_grant for update;
    insert into public.pack_share (provider_id, service_id, share_id, pack_id, grant_id, body, reference, released_at,
        figures_to, object_key, sha256, bytes, pages, purpose, shared_by, shared_label, shared_at)
    select c.provider_id, c.service_id, new_share, c.pack_id, g.grant_id, c.body, p.reference, p.as_at,
        p.figures_to, f.object_key, f.sha256, f.bytes, f.pages, why, t.person_id, label, clock_timestamp()
    from public.commissioner_pack c
    join public.pack p on p.provider_id = c.provider_id and p.service_id = c.service_id and p.pack_id = c.pack_id
    join public.pack_file f on f.provider_id = c.provider_id and f.service_id = c.service_id and f.pack_id = c.pack_id
    join public.commissioner_grant g
      on g.provider_id = c.provider_id and g.service_id = c.service_id and g.body_id = c.body_id
     and g.withdrawn_at is null and g.valid_until >= reach.today()
     and c.classes <@ g.classes and (g.show_name or not c.show_name)
    where c.provider_id = at_provider and c.service_id = at_service and c.pack_id = of_pack and g.grant_id = with_grant
      and not exists (
        select 1 from public.pack_share s
        where s.provider_id = at_provider and s.service_id = at_service and s.pack_id = of_pack
          and s.grant_id = with_grant and s.withdrawn_at is null);
    if not found then
        return false;
    end if;
    perform reach.tell_of_shares(at_provider);
    return true;
end
$$;

-- As before; whoever was told that it is there is told that it is not, while their grant stands.
create or replace function reach.withdraw_pack(at_provider uuid, at_service uuid, wanted uuid, why text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    s public.pack_share;
    g public.commissioner_grant;
begin
    if not reach.writes('release', at_provider, at_service) then
        return false;
    end if;
    update public.pack_share x
    set withdrawn_at = clock_timestamp(), withdrawn_by = t.person_id, withdrawn_reason = why
    where x.provider_id = at_provider and x.service_id = at_service and x.share_id = wanted and x.withdrawn_at is null
    returning x.* into s;
    if not found then
        return false;
    end if;
    if s.told_at is not null then
        select x.* into g from public.commissioner_grant x
        where x.provider_id = at_provider and x.service_id = at_service and x.grant_id = s.grant_id;
        perform reach.tell_officers(g, 'pack_taken_back');
    end if;
    return true;
end
$$;

-- Asks for a look at what there is to tell at a provider, where none is asked for yet.
create function reach.tell_soon(at_provider uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)
    select at_provider, gen_random_uuid(), 'tell_people', '{}', 'queued', 0, now(), 0, now()
    where not exists (
        select 1 from public.job o where o.provider_id = at_provider and o.kind = 'tell_people' and o.state = 'queued');
    perform pg_notify('mendline_job', '');
end
$$;

-- As before; whoever made the offer is told with the next look, which is asked for at once.
create or replace function reach.settle_offer(o public.role_offer, is_accepted boolean, why text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    made uuid := case when is_accepted then gen_random_uuid() end;
begin
    if is_accepted then
        insert into public.membership (provider_id, membership_id, service_id, person_id, role, kind, reason,
            display_name, initials, valid_from, valid_until, granted_by, recorded_at)
        values (o.provider_id, made, o.service_id, o.person_id, o.role, o.kind, o.reason, o.display_name, o.initials,
            greatest(o.valid_from, reach.today()), o.valid_until, o.offered_by, clock_timestamp());
        insert into public.job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)
        values (o.provider_id, gen_random_uuid(), 'plan_work', '{}', 'queued', 0, now(), 0, now());
        perform pg_notify('mendline_job', '');
        perform reach.revoke_of(o.person_id, null, false);
    end if;
    update public.role_offer x set answer = case when is_accepted then 'accepted' else 'declined' end,
        answered_at = clock_timestamp(), answered_by = o.person_id, answer_reason = why, membership_id = made
    where x.provider_id = o.provider_id and x.offer_id = o.offer_id;
    perform reach.note(o.provider_id, o.person_id, case when is_accepted then o.role else 'invited' end,
        case when is_accepted then 'role accepted' else 'role declined by the person' end, o.service_id,
        'offer ' || o.offer_id, jsonb_build_object('role', o.role, 'kind', o.kind, 'why', coalesce(why, '')), null);
    perform reach.tell_soon(o.provider_id);
end
$$;

-- As before; and of shares whose grant has begun since.
create or replace function reach.sweep_telling() returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    made integer;
begin
    perform reach.tell_of_shares(null);
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
