-- A pack that was made for a commissioner, of one release and of the classes that one grant opened. Only these can be
-- shared: what is made for the regulator has no row here.
CREATE TABLE commissioner_pack (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    pack_id UUID NOT NULL,
    body_id UUID NOT NULL,
    body TEXT NOT NULL,
    grant_id UUID NOT NULL,
    release_id UUID NOT NULL,
    classes TEXT[] NOT NULL,
    show_name BOOLEAN NOT NULL,
    weeks INTEGER,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_commissioner_pack PRIMARY KEY (provider_id, service_id, pack_id),
    CONSTRAINT fk_commissioner_pack_pack FOREIGN KEY(provider_id, service_id, pack_id)
        REFERENCES pack (provider_id, service_id, pack_id),
    CONSTRAINT fk_commissioner_pack_commissioner_grant FOREIGN KEY(provider_id, service_id, grant_id)
        REFERENCES commissioner_grant (provider_id, service_id, grant_id),
    CONSTRAINT fk_commissioner_pack_commissioning_body FOREIGN KEY(body_id) REFERENCES commissioning_body (body_id)
);

-- That officers whose body holds a grant may open one such pack, while the grant stands and this is not withdrawn. What an
-- officer needs to know of the pack stands here, so that no other table of packs is opened to anybody outside.
CREATE TABLE pack_share (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    share_id UUID NOT NULL,
    pack_id UUID NOT NULL,
    grant_id UUID NOT NULL,
    body TEXT NOT NULL,
    reference TEXT NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL,
    figures_to DATE,
    object_key TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    shared_by UUID,
    shared_label TEXT NOT NULL,
    shared_at TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    withdrawn_by UUID,
    withdrawn_reason TEXT,
    CONSTRAINT pk_pack_share PRIMARY KEY (provider_id, service_id, share_id),
    CONSTRAINT fk_pack_share_commissioner_pack FOREIGN KEY(provider_id, service_id, pack_id)
        REFERENCES commissioner_pack (provider_id, service_id, pack_id),
    CONSTRAINT fk_pack_share_commissioner_grant FOREIGN KEY(provider_id, service_id, grant_id)
        REFERENCES commissioner_grant (provider_id, service_id, grant_id)
);

CREATE INDEX ix_pack_share_grant_id ON pack_share (grant_id);

-- The shares that the ticket's person may open: not withdrawn, under a grant of their body that stands at this moment.
-- Where they see the service's figures as they stand, a pack closes once a figure of its time is corrected: the earlier
-- figure beside the later one would tell a small difference.
create function reach.shared_packs() returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    granted uuid[] := reach.services('released_summary', false);
begin
    if t.person_id is null or cardinality(granted) = 0 then
        return '{}';
    end if;
    return (
        select coalesce(array_agg(x.share_id), '{}')
        from reach.grants_of(t.person_id, reach.today()) g
        join public.pack_share x
          on x.provider_id = g.provider_id and x.service_id = g.service_id and x.grant_id = g.grant_id
        where g.service_id = any (granted) and x.withdrawn_at is null and not (
            exists (
                select 1 from reach.grants_of(t.person_id, reach.today()) l
                where l.provider_id = x.provider_id and l.service_id = x.service_id and l.live)
            and exists (
                select 1 from public.observation o
                where o.provider_id = x.provider_id and o.service_id = x.service_id and o.revision > 1
                  and o.recorded_at > x.released_at and (x.figures_to is null or o.period_start <= x.figures_to))));
end
$$;

-- Shares a finished pack with one grant: of the same body and service, which stands, and opens no less than the pack holds.
-- By whoever releases figures there. False: it is not to be shared so.
create function reach.share_pack(
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
    return found;
end
$$;

-- Takes a share back: the next statement of an officer finds nothing. False: it is not this ticket's, or withdrawn already.
create function reach.withdraw_pack(at_provider uuid, at_service uuid, wanted uuid, why text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if not reach.writes('release', at_provider, at_service) then
        return false;
    end if;
    update public.pack_share s
    set withdrawn_at = clock_timestamp(), withdrawn_by = t.person_id, withdrawn_reason = why
    where s.provider_id = at_provider and s.service_id = at_service and s.share_id = wanted and s.withdrawn_at is null;
    return found;
end
$$;
