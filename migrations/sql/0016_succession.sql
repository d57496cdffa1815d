-- Which service follows another of the same provider: a new location whose history is at the one before. The newest row of
-- a service holds; `follows` is empty where it was said by mistake.
CREATE TABLE service_succession (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    succession_id UUID NOT NULL,
    follows UUID,
    follows_name TEXT,
    from_on DATE NOT NULL,
    reason TEXT NOT NULL,
    recorded_by UUID,
    recorded_label TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_service_succession PRIMARY KEY (provider_id, service_id, succession_id),
    CONSTRAINT fk_service_succession_service FOREIGN KEY (provider_id, service_id)
        REFERENCES service (provider_id, service_id),
    CONSTRAINT fk_service_succession_follows FOREIGN KEY (provider_id, follows)
        REFERENCES service (provider_id, service_id),
    CONSTRAINT ck_service_succession_another CHECK (follows <> service_id)
);
CREATE INDEX ix_service_succession_follows ON service_succession (provider_id, follows);

-- Closes a service on a day that is not to come, or opens it again; for whoever manages the provider's services.
create function reach.close_service(at_provider uuid, at_service uuid, last_day date) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not reach.writes('service', at_provider, at_service) or last_day > reach.today() then
        return false;
    end if;
    update public.service s set closed_on = last_day
    where s.provider_id = at_provider and s.service_id = at_service
      and (s.closed_on is null) <> (last_day is null) and (last_day is null or s.opened_on is null or last_day >= s.opened_on);
    return found;
end
$$;
