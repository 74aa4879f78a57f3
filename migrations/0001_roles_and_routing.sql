-- Roles, the tenant's context, and what must be seen across tenants: ids and states, never a customer's words.

create extension if not exists vector;

-- Roles are shared by every database of a cluster, so they may be there already, or be made by a neighbour at this moment.
do $$
declare
    role text;
begin
    foreach role in array array['cd_tenants', 'cd_inbox', 'cd_catalog'] loop
        begin
            execute format('create role %I login nosuperuser nobypassrls nocreatedb nocreaterole', role);
        exception when duplicate_object or unique_violation then
            null;
        end;
    end loop;
end
$$;

create schema app;
create schema routing;
create schema tenants;
create schema inbox;
create schema catalog;

grant usage on schema app, routing to cd_tenants, cd_inbox, cd_catalog;
grant usage on schema tenants to cd_tenants;
grant usage on schema inbox to cd_inbox;
grant usage on schema catalog to cd_catalog;

-- The tenant of this transaction. Raises when there is none: no rows would look like an answer.
create function app.current_tenant() returns uuid
    language plpgsql stable parallel safe
    set search_path = pg_catalog, pg_temp
as $$
declare
    tenant text := current_setting('app.tenant_id', true);
begin
    if tenant is null or tenant = '' then
        raise exception 'tenant context missing' using errcode = 'insufficient_privilege';
    end if;
    return tenant::uuid;
end
$$;

-- Puts a table behind the one policy, spelled here and nowhere else.
create function app.isolate(target regclass) returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format(
        'create policy tenant on %s using (tenant_id = (select app.current_tenant())) '
        'with check (tenant_id = (select app.current_tenant()))', target);
end
$$;
revoke execute on function app.isolate(regclass) from public;

-- Tenants and whether they may work.
create table routing.tenants (
    tenant_id uuid primary key,
    state text not null default 'active' check (state in ('active', 'suspended')),
    reason text not null default '',
    changed_by uuid,
    changed_at timestamptz not null default now(),
    created_at timestamptz not null default now()
);
grant select, insert, update on routing.tenants to cd_tenants;
grant select on routing.tenants to cd_inbox, cd_catalog;

-- Who logs in with an e-mail, known by its keyed hash. A platform admin has no tenant.
create table routing.logins (
    email_hash bytea primary key,
    user_id uuid not null unique,
    tenant_id uuid references routing.tenants
);
grant select, insert, delete on routing.logins to cd_tenants;

-- Whose page it is. One owner per page, whoever asks.
create table routing.channels (
    platform text not null check (platform in ('facebook', 'instagram')),
    external_id text not null,
    tenant_id uuid not null references routing.tenants,
    channel_id uuid not null unique,
    is_active boolean not null default true,
    -- Since when it is this owner's. What Meta sent before is not theirs.
    connected_at timestamptz not null default now(),
    last_event_at timestamptz,
    primary key (platform, external_id)
);
grant select, insert, update, delete on routing.channels to cd_tenants;
grant select, update (last_event_at) on routing.channels to cd_inbox;

-- Refresh tokens by hash. A session is a family of them, each rotated into the next.
create table routing.refresh_tokens (
    token_hash bytea primary key,
    session_id uuid not null,
    user_id uuid not null,
    tenant_id uuid,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    rotated_at timestamptz,
    revoked_at timestamptz
);
create index refresh_tokens_session on routing.refresh_tokens (session_id);
create index refresh_tokens_expiry on routing.refresh_tokens (expires_at);
grant select, insert, update, delete on routing.refresh_tokens to cd_tenants;

-- Tickets for live sockets by hash.
create table routing.socket_tickets (
    ticket_hash bytea primary key,
    user_id uuid not null,
    tenant_id uuid not null,
    role text not null check (role in ('owner', 'manager', 'agent', 'viewer')),
    session_id uuid not null,
    expires_at timestamptz not null
);
create index socket_tickets_expiry on routing.socket_tickets (expires_at);
grant select, insert, delete on routing.socket_tickets to cd_tenants;

-- Work that is due. The nil tenant stands for work that belongs to none.
create table routing.due_work (
    kind text not null,
    tenant_id uuid not null default '00000000-0000-0000-0000-000000000000',
    entity_id uuid not null,
    due_at timestamptz not null,
    attempts integer not null default 0,
    lease_until timestamptz,
    -- Starts at the time the row was made, so that a row made anew never repeats an epoch that somebody may still hold.
    lease_epoch bigint not null default (extract(epoch from clock_timestamp()) * 1000000)::bigint,
    version bigint not null default 0,
    last_error text not null default '',
    primary key (kind, tenant_id, entity_id)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
create index due_work_next on routing.due_work (kind, due_at);
grant select, insert, update, delete on routing.due_work to cd_tenants, cd_inbox, cd_catalog;
