-- The local authority area that a service lies in, by the code of the Office for National Statistics. Published figures of
-- an area are shown beside the services in it.
ALTER TABLE service ADD COLUMN area_code TEXT;
ALTER TABLE service ADD CONSTRAINT ck_service_area_code CHECK (area_code ~ '^[ENSW][0-9]{8}$');

-- Says which area a service lies in, or takes it back; for whoever manages the provider's services.
create function reach.set_area(at_provider uuid, at_service uuid, area text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not reach.writes('service', at_provider, at_service) then
        return false;
    end if;
    update public.service s set area_code = area
    where s.provider_id = at_provider and s.service_id = at_service and s.area_code is distinct from area;
    return found;
end
$$;
