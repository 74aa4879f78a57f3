-- Who did what, and when: rows that are added and never changed, each holding the hash of the one before it. One chain per business, and
-- one for what belongs to no business. Ids and states only: no customer's words, no addresses of mail, no secrets.

create table tenants.audit_heads (
    tenant_id uuid primary key,
    n bigint not null check (n > 0),
    hash bytea not null
);
select app.isolate('tenants.audit_heads');
grant select, insert, update (n, hash) on tenants.audit_heads to cd_tenants;

-- Points at no business: it outlives the one that is deleted.
create table tenants.audit (
    tenant_id uuid not null,
    n bigint not null check (n > 0),
    -- By the database's clock, which is the same for every process.
    at timestamptz not null,
    actor_kind text not null check (actor_kind in ('member', 'admin', 'service', 'nobody')),
    -- The person's id, or the service's name; empty for nobody.
    actor text not null check (char_length(actor) <= 64),
    -- The role that an admin, or an operator's client, takes on inside the business; else empty.
    acting_as text not null check (acting_as in ('', 'owner', 'manager', 'agent', 'viewer')),
    action text not null check (char_length(action) between 1 and 64),
    -- `noun:id`.
    object text not null check (char_length(object) <= 200),
    -- JSON, or empty.
    before text not null check (char_length(before) <= 4000),
    after text not null check (char_length(after) <= 4000),
    address text not null check (char_length(address) <= 64),
    prev_hash bytea not null,
    hash bytea not null,
    primary key (tenant_id, n)
);
select app.isolate('tenants.audit');
grant select, insert on tenants.audit to cd_tenants;

create table tenants.installation_audit_head (
    one boolean primary key default true check (one),
    n bigint not null check (n > 0),
    hash bytea not null
);
grant select, insert, update (n, hash) on tenants.installation_audit_head to cd_tenants;

create table tenants.installation_audit (
    n bigint primary key check (n > 0),
    at timestamptz not null,
    actor_kind text not null check (actor_kind in ('member', 'admin', 'service', 'nobody')),
    actor text not null check (char_length(actor) <= 64),
    acting_as text not null check (acting_as in ('', 'owner', 'manager', 'agent', 'viewer')),
    action text not null check (char_length(action) between 1 and 64),
    object text not null check (char_length(object) <= 200),
    before text not null check (char_length(before) <= 4000),
    after text not null check (char_length(after) <= 4000),
    address text not null check (char_length(address) <= 64),
    prev_hash bytea not null,
    hash bytea not null
);
grant select, insert on tenants.installation_audit to cd_tenants;
