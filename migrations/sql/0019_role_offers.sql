-- A role that is offered to somebody who does not work for the provider yet. It is no membership, so that nothing that asks
-- who holds a role can take it for one: the membership is written when they accept.
CREATE TABLE role_offer (
    provider_id UUID NOT NULL,
    offer_id UUID NOT NULL,
    service_id UUID,
    person_id UUID NOT NULL,
    role TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT,
    display_name TEXT NOT NULL,
    initials TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE,
    offered_by UUID,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    answer TEXT,
    answered_at TIMESTAMP WITH TIME ZONE,
    answered_by UUID,
    answer_reason TEXT,
    membership_id UUID,
    CONSTRAINT pk_role_offer PRIMARY KEY (provider_id, offer_id),
    CONSTRAINT fk_role_offer_provider FOREIGN KEY(provider_id) REFERENCES provider (provider_id),
    CONSTRAINT fk_role_offer_service FOREIGN KEY(provider_id, service_id) REFERENCES service (provider_id, service_id),
    CONSTRAINT ck_role_offer_kind_known CHECK (kind in ('substantive', 'acting', 'cover')),
    CONSTRAINT ck_role_offer_role_inside
        CHECK (role not in ('commissioner_officer', 'inspector', 'platform_operator')),
    CONSTRAINT ck_role_offer_answer_known CHECK (answer in ('accepted', 'declined', 'withdrawn'))
);

CREATE INDEX ix_role_offer_person_id ON role_offer (person_id);

-- Whether somebody works for a provider of this reach, by a role that stands or is to come. Within one employer the provider
-- decides; across providers the person does.
create function reach.works_for(at_provider uuid, who uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return at_provider = any (reach.providers_working()) and exists (
        select 1 from public.membership m
        where m.provider_id = at_provider and m.person_id = who
          and (m.valid_until is null or m.valid_until >= reach.today()));
end
$$;

-- Whether the ticket manages people at a provider at all.
create function reach.manages_people(at_provider uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select 1 from reach.current_ticket() t
        where t.kind in ('job', 'command') and t.provider_id = at_provider
        union all
        select 1 from reach.current_ticket() t
        join public.membership m on m.person_id = t.person_id and m.provider_id = at_provider
        join reach.role_class c on c.role = m.role and c.class = 'people' and c.may_write
        where t.may_write and reach.in_scope(t, 'people')
          and m.valid_from <= reach.today() and (m.valid_until is null or m.valid_until >= reach.today()));
end
$$;

-- Somebody by their address, known or new: alike for both, so that nobody learns by inviting whether an address is known.
create function reach.person_for(at_provider uuid, new_person uuid, account text, named text) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if not reach.manages_people(at_provider) then
        raise insufficient_privilege using message = 'row-level security: this place is not in reach';
    end if;
    insert into signin.person (person_id, email, name, second_factor_relaxed, created_at)
    values (new_person, account, named, false, now())
    on conflict on constraint uq_person_email do nothing;
    return (select p.person_id from signin.person p where p.email = account);
end
$$;

-- Offers a role to somebody who does not work for the provider. An earlier offer of the same gives way to it. False: they
-- work there already, and are given the role; an exception where the ticket may not give it.
create function reach.offer_role(
    at_provider uuid, at_service uuid, new_offer uuid, who uuid, wanted text, how text, why text, named text, short text,
    begins date, ends date
) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
begin
    if who is not distinct from t.person_id or not reach.may_give(at_provider, at_service, wanted) then
        raise insufficient_privilege using message = 'row-level security: this role is not yours to offer';
    end if;
    if reach.works_for(at_provider, who) then
        return false;
    end if;
    update public.role_offer o set answer = 'withdrawn', answered_at = clock_timestamp(), answered_by = t.person_id,
        answer_reason = 'Offered anew'
    where o.provider_id = at_provider and o.person_id = who and o.role = wanted and o.answer is null
      and o.service_id is not distinct from at_service;
    insert into public.role_offer (provider_id, offer_id, service_id, person_id, role, kind, reason, display_name,
        initials, valid_from, valid_until, offered_by, recorded_at, expires_at)
    values (at_provider, new_offer, at_service, who, wanted, how, why, named, short, begins, ends, t.person_id,
        clock_timestamp(), now() + interval '30 days');
    return true;
end
$$;

-- The letter to somebody who was just given or offered a role: with a link to choose a password where they have none.
create function reach.write_to_invited(
    at_provider uuid, who uuid, new_mail uuid, link_hash bytea, link_until timestamptz, told jsonb
) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    works boolean := reach.works_for(at_provider, who);
begin
    if not reach.manages_people(at_provider) or not (works or exists (
        select 1 from public.role_offer o
        where o.provider_id = at_provider and o.person_id = who and o.answer is null and o.expires_at > now())) then
        raise insufficient_privilege using message = 'row-level security: the recipient is nobody of this provider';
    end if;
    insert into signin.one_time (token_hash, purpose, person_id, email, on_behalf_of, made_at, expires_at)
    select link_hash, 'invitation', who, p.email, at_provider, now(), link_until
    from signin.person p where p.person_id = who;
    insert into signin.mail (mail_id, on_behalf_of, person_id, template, facts, state, attempts, due_at, created_at)
    select new_mail, at_provider, who,
        case when p.password_hash is null then 'invitation' when works then 'role_given' else 'role_offered' end,
        told, 'waiting', 0, now(), now()
    from signin.person p where p.person_id = who;
    perform pg_notify('mendline_job', '');
end
$$;

-- The offers that wait for somebody, of one provider or of all.
create function reach.open_offers(who uuid, of_provider uuid) returns setof public.role_offer
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select o.* from public.role_offer o
    where o.person_id = who and (of_provider is null or o.provider_id = of_provider) and o.answer is null
      and o.expires_at > statement_timestamp() and (o.valid_until is null or o.valid_until >= reach.today())
$$;

-- The same in words for whoever they are made to. They reach nothing of the provider; its name and the service's they may
-- know, since somebody there wrote them a letter with both.
create function reach.told_offers(who uuid, of_provider uuid)
returns table (offer_id uuid, provider text, service text, role text, kind text, reason text, valid_from date,
    valid_until date, offered_by text, expires_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select o.offer_id, v.name, s.name, o.role, o.kind, o.reason, o.valid_from, o.valid_until,
        (select m.display_name from public.membership m
         where m.provider_id = o.provider_id and m.person_id = o.offered_by order by m.valid_from desc limit 1),
        o.expires_at
    from reach.open_offers(who, of_provider) o
    join public.provider v on v.provider_id = o.provider_id
    left join public.service s on s.provider_id = o.provider_id and s.service_id = o.service_id
    order by o.recorded_at
$$;

create function reach.own_offers()
returns table (offer_id uuid, provider text, service text, role text, kind text, reason text, valid_from date,
    valid_until date, offered_by text, expires_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select o.* from reach.current_ticket() t cross join lateral reach.told_offers(t.person_id, null) o
    where t.kind = 'person'
$$;

-- Writes down the answer to an offer, and the membership where it is accepted. Who has a new role signs in anew: it may ask
-- for a stronger sign-in, or a shorter one.
create function reach.settle_offer(o public.role_offer, is_accepted boolean, why text) returns void
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
end
$$;

-- The person's own answer, by a whole sign-in: no token, no quick re-entry with a PIN, none that is unfinished. False: there
-- is no such offer, or it is over.
create function reach.answer_offer(wanted uuid, is_accepted boolean, why text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    o public.role_offer;
begin
    if t.kind is distinct from 'person' or t.level is distinct from 'full' or not t.may_write or t.classes is not null then
        return false;
    end if;
    perform 1 from public.role_offer x where x.person_id = t.person_id and x.offer_id = wanted for update;
    select x.* into o from reach.open_offers(t.person_id, null) x where x.offer_id = wanted;
    if o.offer_id is null then
        return false;
    end if;
    perform reach.settle_offer(o, is_accepted, why);
    return true;
end
$$;

-- The answer by the link of an invitation, for somebody who has no password yet: choosing one accepts what the provider that
-- wrote the letter offers. Says how many offers were answered.
create function reach.answer_invitation(link_hash bytea, is_accepted boolean) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    l signin.one_time;
    o public.role_offer;
    answered integer := 0;
begin
    select x.* into l from signin.one_time x where x.token_hash = link_hash and x.purpose = 'invitation';
    for o in
        select x.* from public.role_offer x
        where x.person_id = l.person_id and x.provider_id = l.on_behalf_of and x.answer is null
          and x.offer_id in (select y.offer_id from reach.open_offers(l.person_id, l.on_behalf_of) y)
        for update
    loop
        perform reach.settle_offer(o, is_accepted, null);
        answered := answered + 1;
    end loop;
    return answered;
end
$$;

create function reach.invitation_offers(link_hash bytea)
returns table (offer_id uuid, provider text, service text, role text, kind text, reason text, valid_from date,
    valid_until date, offered_by text, expires_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select o.* from signin.one_time l cross join lateral reach.told_offers(l.person_id, l.on_behalf_of) o
    where l.token_hash = link_hash and l.purpose = 'invitation' and l.used_at is null and l.expires_at > statement_timestamp()
$$;

-- Taken back by whoever manages people there. False: it is answered, or not this ticket's.
create function reach.withdraw_offer(at_provider uuid, wanted uuid, why text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    o public.role_offer;
begin
    select x.* into o from public.role_offer x
    where x.provider_id = at_provider and x.offer_id = wanted and x.answer is null for update;
    if not found or not reach.writes('members', o.provider_id, o.service_id) then
        return false;
    end if;
    update public.role_offer x set answer = 'withdrawn', answered_at = clock_timestamp(), answered_by = t.person_id,
        answer_reason = why
    where x.provider_id = at_provider and x.offer_id = wanted;
    return true;
end
$$;

-- As before, but for somebody who does not work there yet the answer is an offer.
create or replace function reach.answer_role_request(at_provider uuid, wanted uuid, give boolean, why text) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    t reach.ticket := reach.live();
    r public.role_request;
    made uuid;
begin
    select x.* into r from public.role_request x
    where x.provider_id = at_provider and x.request_id = wanted and x.answered_at is null for update;
    if not found or t.kind <> 'person' or r.person_id = t.person_id
       or not reach.may_give(r.provider_id, r.service_id, r.role) then
        raise insufficient_privilege using message = 'row-level security: this request is not yours to answer';
    end if;
    if give then
        made := gen_random_uuid();
        if not reach.offer_role(r.provider_id, r.service_id, made, r.person_id, r.role, r.kind, r.reason, r.display_name,
            r.initials, greatest(r.valid_from, reach.today()), r.valid_until) then
            insert into public.membership (provider_id, membership_id, service_id, person_id, role, kind, reason,
                display_name, initials, valid_from, valid_until, granted_by, recorded_at)
            values (r.provider_id, made, r.service_id, r.person_id, r.role, r.kind, r.reason, r.display_name, r.initials,
                greatest(r.valid_from, reach.today()), r.valid_until, t.person_id, clock_timestamp());
        end if;
    end if;
    update public.role_request x set answered_by = t.person_id, answered_at = clock_timestamp(), given = give, answer = why
    where x.provider_id = at_provider and x.request_id = wanted;
    return made;
end
$$;
