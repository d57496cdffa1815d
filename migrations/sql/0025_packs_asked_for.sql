-- A commissioner may ask for a pack as they ask for anything else; the answer is a share of one, or words that decline.
ALTER TABLE commissioner_note DROP CONSTRAINT ck_commissioner_note_kind_known;
ALTER TABLE commissioner_note ADD CONSTRAINT ck_commissioner_note_kind_known
    CHECK (kind in ('request', 'finding', 'pack'));

ALTER TABLE commissioner_note_answer ADD COLUMN share_id UUID;

-- As before; a pack is asked for under a grant that opens figures, and one request of a body waits at a time.
create or replace function reach.write_note(
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
    where g.provider_id = at_provider and g.service_id = at_service and (what <> 'pack' or 'summary' = any (g.classes))
    limit 1;
    if not found then
        return false;
    end if;
    if what = 'pack' then
        -- Two who ask at once: the second waits, and finds the first.
        perform 1 from public.commissioner_grant g
        where g.provider_id = at_provider and g.service_id = at_service and g.body_id = b.body_id for update;
        if reach.waits_for_pack(at_provider, at_service, b.body_id) then
            return false;
        end if;
    end if;
    insert into public.commissioner_note (provider_id, service_id, note_id, body_id, body, kind, words, answer_by,
        recorded_by, recorded_label, recorded_at)
    values (at_provider, at_service, new_note, b.body_id, b.name, what, said, wanted_by, t.person_id,
        (select p.name from signin.person p where p.person_id = t.person_id), clock_timestamp());
    insert into signin.mail (mail_id, on_behalf_of, person_id, template, facts, state, attempts, due_at, created_at)
    select gen_random_uuid(), at_provider, p.person_id, 'commissioner_note', jsonb_build_object(
        'body', b.name, 'kind', case what when 'pack' then 'request for a pack' else what end,
        'path', '/commissioners/notes/' || new_note,
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

-- Whether a body asked for a pack of a service, and was not answered yet.
create function reach.waits_for_pack(at_provider uuid, at_service uuid, of_body uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select 1 from public.commissioner_note n
        where n.provider_id = at_provider and n.service_id = at_service and n.body_id = of_body and n.kind = 'pack'
          and not exists (
            select 1 from public.commissioner_note_answer a
            where a.provider_id = n.provider_id and a.service_id = n.service_id and a.note_id = n.note_id))
$$;

-- Answers what waits for a pack with one that was just shared with the same body; says how many requests that were. The
-- officers are written to of the share itself.
create function reach.answer_with_pack(at_provider uuid, at_service uuid, of_share uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    answered integer;
begin
    if t.kind is distinct from 'person' or not reach.writes('release', at_provider, at_service) then
        return 0;
    end if;
    insert into public.commissioner_note_answer (provider_id, service_id, note_id, answer_id, body_id, words, recorded_by,
        recorded_label, recorded_at, share_id)
    select n.provider_id, n.service_id, n.note_id, gen_random_uuid(), n.body_id, 'Shared as pack ' || s.reference || '.',
        t.person_id, s.shared_label, clock_timestamp(), s.share_id
    from public.pack_share s
    join public.commissioner_grant g
      on g.provider_id = s.provider_id and g.service_id = s.service_id and g.grant_id = s.grant_id
    join public.commissioner_note n
      on n.provider_id = s.provider_id and n.service_id = s.service_id and n.body_id = g.body_id and n.kind = 'pack'
    where s.provider_id = at_provider and s.service_id = at_service and s.share_id = of_share and s.withdrawn_at is null
      and not exists (
        select 1 from public.commissioner_note_answer a
        where a.provider_id = n.provider_id and a.service_id = n.service_id and a.note_id = n.note_id);
    get diagnostics answered = row_count;
    return answered;
end
$$;
