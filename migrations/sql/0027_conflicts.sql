-- What the person of a ticket is cut from; for a job that makes a pack of a service, whatever anybody there is cut from: a
-- pack is read by whoever holds packs, and so also by whom something in it would be about.
create or replace function reach.cut() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if t.person_id is null and (t.kind is distinct from 'job' or t.service_id is null) then
        return '{}';
    end if;
    return (
        select coalesce(array_agg(c.about_id), '{}') from public.conflict c
        where c.lifts is null
          and case when t.kind = 'job' then c.provider_id = t.provider_id and c.service_id = t.service_id
              else c.person_id = t.person_id end
          and not exists (
            select 1 from public.conflict l
            where l.provider_id = c.provider_id and l.service_id = c.service_id and l.lifts = c.conflict_id
              and l.person_id = c.person_id));
end
$$;

-- The files of evidence that the person is cut from.
create function reach.cut_files() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    cut uuid[] := reach.cut();
begin
    if cardinality(cut) = 0 then
        return '{}';
    end if;
    return (
        select coalesce(array_agg(f.file_id), '{}') from public.evidence_file f
        where f.provider_id = any (reach.providers()) and f.evidence_id = any (cut));
end
$$;

-- Whether the person of the ticket made a record: who reads no concerns names a conflict about their own records alone.
create function reach.made_record(at_provider uuid, at_service uuid, wanted uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select 1 from public.record r
        where r.provider_id = at_provider and r.service_id = at_service and r.record_id = wanted
          and r.recorded_by = (reach.live()).person_id);
end
$$;
