-- Acts of custody that nobody who runs may do by statement: each is one function that first asks PostgreSQL itself
-- whether the act was asked for, approved by a second person and not held, and which job it is that does it.

-- The job that this transaction's ticket was opened for; only that may do what follows.
create function custody.job_of(wanted text) returns public.job
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    j public.job;
begin
    if t.kind = 'job' then
        select x.* into j from public.job x
        where x.provider_id = t.provider_id and x.job_id = t.job_id and x.kind = wanted and x.state = 'running';
    end if;
    if j.job_id is null then
        raise insufficient_privilege using message = 'this is not the work of this job';
    end if;
    return j;
end
$$;

-- The request that the job was made for, approved by somebody other than who asked, and open.
create function custody.approved_request() returns public.custody_request
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    j public.job := custody.job_of('custody_request');
    r public.custody_request;
begin
    select x.* into r from public.custody_request x
    where x.provider_id = j.provider_id and x.request_id = (j.arguments ->> 'request_id')::uuid
      and x.kind in ('person_erasure', 'retention')
      and exists (
        select from public.custody_step s
        where s.provider_id = x.provider_id and s.request_id = x.request_id and s.kind = 'approved'
          and s.recorded_by is distinct from x.recorded_by)
      and not exists (
        select from public.custody_step s
        where s.provider_id = x.provider_id and s.request_id = x.request_id and s.kind in ('refused', 'stopped', 'done'));
    if r.request_id is null then
        raise insufficient_privilege using message = 'nothing that was approved is open for this job';
    end if;
    return r;
end
$$;

-- Holds that stand in the way of a request: of the whole provider, of its service, of its person. A retention request
-- is not stopped by a hold on one person; that person's records are left out of it, one by one.
create function custody.holds_against(provider uuid, service uuid, reference text) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select count(*) from public.legal_hold h
    where h.provider_id = provider
      and not exists (
        select from public.legal_hold_release l where l.provider_id = h.provider_id and l.hold_id = h.hold_id)
      and (h.service_id is null or service is null or h.service_id = service)
      and (h.person_reference is null or h.person_reference = reference)
$$;

-- Takes what may lead to a person out of their records, in every revision: words go, the reference becomes one that
-- leads to nobody and is the same throughout this request, counts and dates stay, so that figures can be made again.
-- `fields` says, by record type, which fields name a person and which hold words. Tells what was changed, for the
-- register that is kept outside.
create function custody.erase_records(fields jsonb) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    r public.custody_request := custody.approved_request();
    salt text := gen_random_uuid()::text || gen_random_uuid()::text;
    changed jsonb;
begin
    if custody.holds_against(r.provider_id, r.service_id, r.person_reference) > 0 and r.kind = 'person_erasure' then
        raise insufficient_privilege using message = 'a legal hold stands in the way';
    end if;
    with chosen as (
        select x.provider_id, x.service_id, x.record_id, x.revision, x.payload, fields -> x.record_type as named
        from public.record x
        where x.provider_id = r.provider_id and x.erased_at is null
          and (r.service_id is null or x.service_id = r.service_id)
          and fields ? x.record_type
          and case r.kind
              when 'person_erasure' then exists (
                select from jsonb_array_elements_text(fields -> x.record_type -> 'people') f(name)
                where x.payload ->> f.name = r.person_reference)
              else x.happened_at < (r.detail -> 'before' ->> x.record_type)::timestamptz
          end
          and not exists (
            select from public.legal_hold h
            where h.provider_id = x.provider_id and (h.service_id is null or h.service_id = x.service_id)
              and not exists (
                select from public.legal_hold_release l where l.provider_id = h.provider_id and l.hold_id = h.hold_id)
              and (h.person_reference is null or exists (
                select from jsonb_array_elements_text(fields -> x.record_type -> 'people') f(name)
                where x.payload ->> f.name = h.person_reference)))
    ), blanked as (
        update public.record x set
            payload = (
                select coalesce(jsonb_object_agg(e.key, case
                    when c.named -> 'people' ? e.key and (r.kind = 'retention' or e.value #>> '{}' = r.person_reference)
                    then to_jsonb('ERA-' || lpad(
                        (('x' || substr(md5(salt || (e.value #>> '{}')), 1, 8))::bit(32)::bigint % 1000000)::text, 6, '0'))
                    else e.value end), '{}')
                from jsonb_each(c.payload) e where not c.named -> 'words' ? e.key),
            source_reference = null, reason = case when x.reason is not null then 'Erased' end, erased_at = now()
        from chosen c
        where x.provider_id = c.provider_id and x.service_id = c.service_id and x.record_id = c.record_id
          and x.revision = c.revision
        returning x.service_id, x.record_id, x.revision, x.payload
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'table', 'record', 'column', 'payload', 'value', b.payload,
        'key', jsonb_build_object('service_id', b.service_id, 'record_id', b.record_id, 'revision', b.revision))), '[]')
    into changed from blanked b;
    return changed;
end
$$;

-- Takes a person's reference and name out of every free text of the provider, wherever a table keeps one.
create function custody.erase_words() returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    r public.custody_request := custody.approved_request();
    pattern text;
    c record;
    found jsonb;
    changed jsonb := '[]';
begin
    if r.kind <> 'person_erasure' or r.person_reference is null then
        raise insufficient_privilege using message = 'words are erased for one person';
    end if;
    if custody.holds_against(r.provider_id, r.service_id, r.person_reference) > 0 then
        raise insufficient_privilege using message = 'a legal hold stands in the way';
    end if;
    pattern := custody.words_of(r.person_reference, r.also_named);
    for c in
        select k.relname as name, a.attname as col, a.atttypid::regtype::text as kind,
               exists (select from pg_attribute s where s.attrelid = k.oid and s.attname = 'service_id') as of_service,
               (select string_agg(format('%L, t.%I', p.attname, p.attname), ', ') from pg_index i
                join pg_attribute p on p.attrelid = i.indrelid and p.attnum = any (i.indkey::smallint[])
                where i.indrelid = k.oid and i.indisprimary) as key
        from pg_class k join pg_attribute a on a.attrelid = k.oid and a.attnum > 0 and not a.attisdropped
        where k.relnamespace = 'public'::regnamespace and k.relkind in ('r', 'p')
          and exists (select from pg_attribute p where p.attrelid = k.oid and p.attname = 'provider_id')
          and k.relname not in (
            'provider', 'service', 'membership', 'ledger_entry', 'ledger_seal', 'custody_request', 'custody_file',
            'legal_hold', 'legal_hold_release', 'service_transfer', 'transferred_row', 'idempotency_key')
          and a.atttypid in ('text'::regtype, 'jsonb'::regtype, 'text[]'::regtype)
          and a.attname not in ('reference', 'object_key', 'sha256', 'record_type', 'definition_key', 'kind', 'state')
          and not exists (
            select from pg_index i where i.indrelid = k.oid and i.indisunique and a.attnum = any (i.indkey::smallint[]))
    loop
        execute format(
            'with u as (update public.%1$I t set %2$I = regexp_replace(t.%2$I::text, $1, ''(erased)'', ''gi'')::%3$s'
            || ' where t.provider_id = $2 and t.%2$I::text ~* $1' || case when c.of_service
                then ' and ($3 is null or t.service_id = $3)' else ' and ($3 is null or true)' end
            || ' returning jsonb_build_object(''table'', %1$L, ''column'', %2$L, ''value'', to_jsonb(t.%2$I),'
            || ' ''key'', jsonb_build_object(%4$s)) as told) select jsonb_agg(told) from u',
            c.name, c.col, c.kind, c.key)
        into found using pattern, r.provider_id, r.service_id;
        changed := changed || coalesce(found, '[]');
    end loop;
    return changed;
end
$$;

-- Where a reference or a name stands by itself, as a regular expression of PostgreSQL; nothing in it is taken as one.
create function custody.words_of(reference text, also_named text) returns text
language sql immutable set search_path = pg_catalog, pg_temp
as $$
    select string_agg('(?<![[:alnum:]-])' || regexp_replace(w, '([^[:alnum:] ])', '\\\1', 'g') || '(?![[:alnum:]])', '|')
    from unnest(array[nullif(btrim(reference), ''), nullif(btrim(also_named), '')]) w where w is not null
$$;

-- Takes the words of ledger entries that name a person; what the chain commits to stays, so that it still verifies.
-- Entries under links of the first form, which hold the words themselves, are left and counted.
create function custody.erase_ledger_words() returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    r public.custody_request := custody.approved_request();
    pattern text := custody.words_of(r.person_reference, r.also_named);
    gone uuid[];
    kept bigint;
begin
    if r.kind <> 'person_erasure' or custody.holds_against(r.provider_id, r.service_id, r.person_reference) > 0 then
        raise insufficient_privilege using message = 'words are erased for one person, and not while held';
    end if;
    with named as (
        select e.entry_id, s.sequence, s.commitment from public.ledger_entry e
        left join public.ledger_seal s on s.provider_id = e.provider_id and s.entry_id = e.entry_id
        where e.provider_id = r.provider_id and e.erased_at is null
          and (e.subject ~* pattern or e.detail::text ~* pattern)
    ), blanked as (
        update public.ledger_entry e set subject = null, detail = '{}', erased_at = now(), erased_under = r.request_id
        from named n where e.provider_id = r.provider_id and e.entry_id = n.entry_id and n.commitment is not null
        returning e.entry_id
    ), unsalted as (
        update public.ledger_seal s set salt = null from named n
        where s.provider_id = r.provider_id and s.sequence = n.sequence and n.commitment is not null
        returning 1
    )
    select coalesce((select array_agg(entry_id order by entry_id) from blanked), '{}'),
           (select count(*) from named where commitment is null)
    into gone, kept;
    return jsonb_build_object('entries', cardinality(gone), 'left', kept,
        'digest', encode(sha256(convert_to(array_to_string(gone, ','), 'UTF8')), 'hex'));
end
$$;

-- Closes a request: what it named is forgotten with what it was about.
create function custody.forget_request(counts jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    r public.custody_request := custody.approved_request();
begin
    update public.custody_request x set person_reference = null, also_named = null, reason = case
        when r.kind = 'person_erasure' then 'Erased with what it was about' else x.reason end
    where x.provider_id = r.provider_id and x.request_id = r.request_id;
    -- What was asked for the same person before goes too, with its file, and so do holds that were released.
    if r.kind = 'person_erasure' then
        update public.custody_request x set person_reference = null, also_named = null,
            reason = 'Erased with what it was about'
        where x.provider_id = r.provider_id and x.kind <> 'retention' and x.person_reference = r.person_reference
          and (r.service_id is null or x.service_id is null or x.service_id = r.service_id);
        update public.legal_hold h set person_reference = '(erased)', reason = 'Erased with what it was about'
        where h.provider_id = r.provider_id and h.person_reference = r.person_reference
          and (r.service_id is null or h.service_id is null or h.service_id = r.service_id);
        delete from public.custody_file f using public.custody_request x
        where f.provider_id = r.provider_id and x.provider_id = f.provider_id and x.request_id = f.request_id
          and x.kind = 'person_export' and x.person_reference is null;
    end if;
    insert into public.custody_step (provider_id, request_id, kind, detail, recorded_at)
    values (r.provider_id, r.request_id, 'done', counts, now());
end
$$;

-- Takes up a transfer with the code that the giving side made: a row of the taking side's own, and a step at the
-- giving side. Null for every code that is none, is used up or is one's own: nothing tells which.
create function custody.take_up(code text, taker uuid, initials text) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    g public.service_transfer;
begin
    if t.kind is distinct from 'person' or taker <> all (reach.providers_writable('custody')) then
        raise insufficient_privilege using message = 'only who keeps the taking side may take a service up';
    end if;
    select x.* into g from public.service_transfer x
    where x.side = 'giving' and x.code_hash = sha256(convert_to(code, 'UTF8')) and x.provider_id <> taker
      and x.recorded_at > now() - interval '30 days'
      and not exists (
        select from public.transfer_step s
        where s.provider_id = x.provider_id and s.transfer_id = x.transfer_id and s.kind in ('taken_up', 'refused'))
    for update;
    if g.transfer_id is null then
        return null;
    end if;
    insert into public.service_transfer (
        provider_id, transfer_id, side, service_id, service_name, other_provider_id, other_provider, classes, reason,
        recorded_by, recorded_initials, recorded_at)
    select taker, g.transfer_id, 'taking', gen_random_uuid(), g.service_name, g.provider_id, p.name, g.classes, g.reason,
        t.person_id, initials, now()
    from public.provider p where p.provider_id = g.provider_id;
    update public.service_transfer x set other_provider_id = taker,
        other_provider = (select p.name from public.provider p where p.provider_id = taker), code_hash = null
    where x.provider_id = g.provider_id and x.transfer_id = g.transfer_id;
    insert into public.transfer_step (provider_id, transfer_id, kind, recorded_at)
    values (g.provider_id, g.transfer_id, 'taken_up', now());
    insert into public.ledger_entry (provider_id, entry_id, recorded_at, actor, act, service_id, subject, detail)
    values (g.provider_id, gen_random_uuid(), now(), 'other_provider', 'transfer taken up', g.service_id,
        'transfer ' || g.transfer_id, '{}');
    return g.transfer_id;
end
$$;

-- What the other side of a transfer has done so far, for whoever keeps one side of it.
create function custody.other_side(wanted uuid) returns table (kind text, recorded_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select s.kind, s.recorded_at from public.service_transfer own
    join public.transfer_step s on s.provider_id = own.other_provider_id and s.transfer_id = own.transfer_id
    where own.transfer_id = wanted and own.provider_id = any (reach.providers_readable('custody'))
$$;

-- Begins a transfer that both sides have approved: the service is frozen where it is and the job is made at the taking
-- side. False while an approval is missing.
create function custody.begin_transfer(wanted uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    g public.service_transfer;
begin
    select x.* into g from public.service_transfer x
    join public.service_transfer y on y.transfer_id = x.transfer_id and y.side = 'taking' and y.provider_id = x.other_provider_id
    where x.transfer_id = wanted and x.side = 'giving'
      and (x.provider_id = any (reach.providers_writable('custody')) or y.provider_id = any (reach.providers_writable('custody')))
    for update of x;
    if g.transfer_id is null or (
        select count(*) from public.transfer_step s
        where s.transfer_id = wanted and s.provider_id in (g.provider_id, g.other_provider_id) and s.kind = 'approved') < 2
       or exists (select from public.transfer_step s where s.transfer_id = wanted
                  and s.provider_id in (g.provider_id, g.other_provider_id) and s.kind in ('refused', 'done'))
       or exists (select from public.service_freeze f where f.provider_id = g.provider_id and f.service_id = g.service_id)
    then
        return false;
    end if;
    insert into public.service_freeze (provider_id, service_id, transfer_id, frozen_at)
    values (g.provider_id, g.service_id, wanted, now());
    insert into public.job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)
    values (g.other_provider_id, gen_random_uuid(), 'transfer_service', jsonb_build_object('transfer_id', wanted),
        'queued', 0, now(), 0, now());
    perform pg_notify('mendline_job', '');
    return true;
end
$$;

-- The giving side of the transfer that this job carries out.
create function custody.transfer_of_job() returns public.service_transfer
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    j public.job := custody.job_of('transfer_service');
    g public.service_transfer;
begin
    select x.* into g from public.service_transfer x
    where x.transfer_id = (j.arguments ->> 'transfer_id')::uuid and x.side = 'giving' and x.other_provider_id = j.provider_id
      and exists (select from public.service_freeze f
                  where f.provider_id = x.provider_id and f.service_id = x.service_id and f.transfer_id = x.transfer_id
                    and f.lifted_at is null)
      and 2 = (select count(*) from public.transfer_step s where s.transfer_id = x.transfer_id
               and s.provider_id in (x.provider_id, x.other_provider_id) and s.kind = 'approved')
      and not exists (select from public.transfer_step s where s.transfer_id = x.transfer_id
               and s.provider_id = x.provider_id and s.kind = 'done');
    if g.transfer_id is null then
        raise insufficient_privilege using message = 'no transfer that both sides approved is open for this job';
    end if;
    return g;
end
$$;

-- The class of content that a table's rows belong to, as its policy for reading says; null for tables of another kind.
create function custody.class_of(table_name text) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select substring(pg_get_expr(p.polqual, p.polrelid) from 'reach\.readable\(''([a-z_]+)''')
    from pg_policy p
    where p.polrelid = to_regclass('public.' || quote_ident(table_name)) and p.polcmd = 'r'
      and p.polname = table_name || '_read'
$$;

-- Tables of a service whose class goes along with a transfer, and those that their rows stand under, in any order.
create function custody.tables_of(classes text[]) returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    with recursive wanted(oid, name) as (
        select k.oid, k.relname::text from pg_class k
        where k.relnamespace = 'public'::regnamespace and k.relkind in ('r', 'p')
          and exists (select from pg_attribute a where a.attrelid = k.oid and a.attname = 'provider_id')
          and exists (select from pg_attribute a where a.attrelid = k.oid and a.attname = 'service_id')
          and k.relname not in ('membership', 'commissioner_grant', 'legal_hold', 'service_freeze', 'custody_request')
          and custody.class_of(k.relname) = any (classes || array['service'])
        union
        select p.oid, p.relname::text from wanted w
        join pg_constraint c on c.conrelid = w.oid and c.contype = 'f'
        join pg_class p on p.oid = c.confrelid
        where exists (select from pg_attribute a where a.attrelid = p.oid and a.attname = 'service_id')
    )
    select name from wanted
$$;

-- A row as both sides of a transfer hold it: without the keys and the place of its file, which differ by design.
create function custody.bare(told jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select told - 'provider_id' - 'service_id' - 'object_key' $$;

-- Copies up to so many rows of a table forward; how many it was. Called again after a crash it goes on where it was.
create function custody.copy_rows(table_name text, most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    g public.service_transfer := custody.transfer_of_job();
    service uuid;
    key text;
    copied integer;
begin
    if table_name not in (select custody.tables_of(g.classes)) then
        raise insufficient_privilege using message = 'this table is not in what both sides approved';
    end if;
    select y.service_id into service from public.service_transfer y
    where y.provider_id = g.other_provider_id and y.transfer_id = g.transfer_id;
    key := custody.key_of(table_name);
    execute format($f$
        with source as (
            select to_jsonb(t) as told, %2$s as key from public.%1$I t
            where t.provider_id = $1 and t.service_id = $2 and not exists (
                select from public.transferred_row x where x.provider_id = $3 and x.transfer_id = $5
                  and x.table_name = %1$L and x.row_key = %2$s)
            order by 2 limit $6
        ), placed as (
            insert into public.%1$I select (jsonb_populate_record(null::public.%1$I, s.told || jsonb_strip_nulls(
                jsonb_build_object('provider_id', $3, 'service_id', $4,
                    'object_key', replace(s.told ->> 'object_key', $1::text, $3::text))))).*
            from source s on conflict do nothing
        ), noted as (
            insert into public.transferred_row (provider_id, transfer_id, table_name, row_key, sha256)
            select $3, $5, %1$L, s.key, sha256(convert_to(custody.bare(s.told)::text, 'UTF8')) from source s
            returning 1
        )
        select count(*)::integer from noted
    $f$, table_name, key) into copied
    using g.provider_id, g.service_id, g.other_provider_id, service, g.transfer_id, most;
    return copied;
end
$$;

-- The expression for a row's own key below its service, as text.
create function custody.key_of(table_name text) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select coalesce(string_agg(format('t.%I::text', a.attname), ' || ''/'' || ' order by a.attname), '''-''')
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::smallint[])
    where i.indrelid = to_regclass('public.' || quote_ident(table_name)) and i.indisprimary
      and a.attname not in ('provider_id', 'service_id')
$$;

-- Rows and checksum of a table at each side of this job's transfer, from the rows themselves.
create function custody.compare_rows(table_name text, out given bigint, out taken bigint, out given_sum text, out taken_sum text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    g public.service_transfer := custody.transfer_of_job();
    service uuid;
    query text;
begin
    if table_name not in (select custody.tables_of(g.classes)) then
        raise insufficient_privilege using message = 'this table is not in what both sides approved';
    end if;
    select y.service_id into service from public.service_transfer y
    where y.provider_id = g.other_provider_id and y.transfer_id = g.transfer_id;
    query := format(
        'select count(*), encode(sha256(convert_to(coalesce(string_agg(md5(custody.bare(to_jsonb(t))::text), '','' order by %2$s),'
        ' ''''), ''UTF8'')), ''hex'') from public.%1$I t where t.provider_id = $1 and t.service_id = $2',
        table_name, custody.key_of(table_name));
    execute query into given, given_sum using g.provider_id, g.service_id;
    execute query into taken, taken_sum using g.other_provider_id, service;
end
$$;

-- Ends a transfer on both sides, with its step and its entry in both ledgers.
create function custody.end_transfer(tables integer, row_count bigint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    g public.service_transfer := custody.transfer_of_job();
begin
    insert into public.transfer_step (provider_id, transfer_id, kind, recorded_at)
    select p, g.transfer_id, 'done', now() from unnest(array[g.provider_id, g.other_provider_id]) p;
    insert into public.ledger_entry (provider_id, entry_id, recorded_at, actor, act, service_id, subject, detail)
    select x.provider_id, gen_random_uuid(), now(), 'job', case x.side when 'giving' then 'service transferred away'
        else 'service transferred in' end, x.service_id, 'transfer ' || g.transfer_id,
        jsonb_build_object('tables', tables, 'rows', row_count, 'other_provider_id', x.other_provider_id)
    from public.service_transfer x
    where x.transfer_id = g.transfer_id and x.provider_id in (g.provider_id, g.other_provider_id);
end
$$;

-- For the relay, once a while: each provider's day of custody gets its job; the platform's own counts of refusals go after
-- ninety days.
create function reach.sweep_custody() returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    made integer;
begin
    insert into public.job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)
    select p.provider_id, gen_random_uuid(), 'custody_day', '{}', 'queued', 0, now(), 0, now()
    from public.provider p
    where not exists (
        select from public.job o
        where o.provider_id = p.provider_id and o.kind = 'custody_day'
          and (o.state in ('queued', 'running') or o.created_at > now() - interval '20 hours'));
    get diagnostics made = row_count;
    delete from reach.refusal r where r.counted_in < now() - interval '90 days';
    return made;
end
$$;

-- How many jobs of a kind a provider has under way, for whoever works there: one provider never fills a queue of all.
create function reach.under_way(at_provider uuid, of_kind text) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if at_provider <> all (reach.providers()) then
        return 0;
    end if;
    return (select count(*) from public.job j
            where j.provider_id = at_provider and j.kind = of_kind and j.state in ('queued', 'running'));
end
$$;

-- How many jobs of a kind people of a provider asked for in the hour that ends now.
create function reach.asked_in_an_hour(at_provider uuid, of_kind text) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if at_provider <> all (reach.providers()) then
        return 0;
    end if;
    return (select count(*) from public.job j
            where j.provider_id = at_provider and j.kind = of_kind and j.requested_by is not null
              and j.created_at > statement_timestamp() - interval '1 hour');
end
$$;

-- Whether nothing more is written at a place: it was transferred away, or its provider leaves.
create function reach.closed_services(reached uuid[]) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return (select coalesce(array_agg(x.service_id), '{}') from (
        select f.service_id from public.service_freeze f
        where f.service_id = any (reached) and f.provider_id = any (reach.providers()) and f.lifted_at is null
        union
        select s.service_id from public.provider_leaving l
        join public.service s on s.provider_id = l.provider_id
        where s.service_id = any (reached) and l.provider_id = any (reach.providers()) and l.withdrawn_at is null) x);
end
$$;

-- As before, without services that are closed. Jobs go on keeping derived figures and packs of a closed service.
create or replace function reach.writable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    reached uuid[] := reach.services(class, true);
    closed uuid[];
begin
    if cardinality(reached) = 0
       or not (exists (select from public.service_freeze where lifted_at is null)
                or exists (select from public.provider_leaving where withdrawn_at is null)) then
        return reached;
    end if;
    if class in ('summary', 'packs') and reach.person() is null then
        return reached;
    end if;
    closed := reach.closed_services(reached);
    return (select coalesce(array_agg(s), '{}') from unnest(reached) s where s <> all (closed));
end
$$;

-- As before, without providers that leave. What concerns their data itself goes on.
create or replace function reach.providers_writable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    reached uuid[] := reach.whole_providers(class, true);
begin
    if class = 'custody' or reach.person() is null or not exists (select from public.provider_leaving where withdrawn_at is null) then
        return reached;
    end if;
    return (select coalesce(array_agg(p), '{}') from unnest(reached) p
            where not exists (
                select from public.provider_leaving l where l.provider_id = p and l.withdrawn_at is null));
end
$$;
