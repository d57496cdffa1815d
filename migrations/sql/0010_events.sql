-- Events leave with the change itself: a delivery and a job for each program that asked, in the same transaction.
-- Who may work at the provider may tell of it; whom it is told to is nothing that they learn.
create function reach.announce(at_provider uuid, told jsonb) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    found record;
    made uuid;
    number integer := 0;
begin
    if at_provider is null or not at_provider = any (reach.providers()) then
        return 0;
    end if;
    for found in
        select w.webhook_id, x.event, x.service_id, x.content
        from jsonb_to_recordset(told) as x(event text, service_id uuid, content jsonb)
        join public.webhook w on w.provider_id = at_provider and x.event = any (w.events)
        where not exists (
            select 1 from public.webhook_end e
            where e.provider_id = w.provider_id and e.webhook_id = w.webhook_id)
    loop
        made := gen_random_uuid();
        insert into public.webhook_delivery (
            provider_id, delivery_id, webhook_id, event, service_id, content, state, attempts, happened_at)
        values (at_provider, made, found.webhook_id, found.event, found.service_id, found.content, 'waiting', 0, now());
        insert into public.job (
            provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)
        values (at_provider, gen_random_uuid(), 'deliver_webhook',
            jsonb_build_object('delivery_id', made), 'queued', 0, now(), 0, now());
        number := number + 1;
    end loop;
    if number > 0 then
        perform pg_notify('mendline_job', '');
    end if;
    return number;
end
$$;
