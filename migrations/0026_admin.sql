-- What platform admins see of tenants without entering them: names, plans, counts and states. And their visits, which its people see.

-- Text as it is searched: lower case, without marks.
create function app.fold(value text) returns text
    language sql immutable parallel safe
    return translate(regexp_replace(normalize(lower(normalize(value, NFKD)), NFKD), '[\u0300-\u036f]', '', 'g'), 'đĐ', 'dd');

create table tenants.directory (
    -- Not `tenant_id`: these rows are the installation's, about a tenant.
    business_id uuid primary key references routing.tenants,
    name text not null,
    folded text not null generated always as (app.fold(name)) stored,
    plan text not null default 'standard' check (plan in ('trial', 'standard', 'business')),
    -- Tokens of a UTC day; null for as many as the plan gives.
    tokens_per_day bigint check (tokens_per_day >= 0)
);
grant select, insert, update, delete on tenants.directory to cd_tenants;

-- Tokens per tenant and UTC day once more, for sums over all of them.
create table routing.usage_days (
    tenant_id uuid not null references routing.tenants,
    day date not null,
    prompt_tokens bigint not null default 0,
    completion_tokens bigint not null default 0,
    calls bigint not null default 0,
    primary key (tenant_id, day)
);
create index usage_days_day on routing.usage_days (day);
grant select, insert, update, delete on routing.usage_days to cd_tenants;

create table tenants.visits (
    tenant_id uuid not null references tenants.businesses,
    id uuid not null,
    admin_id uuid not null,
    reason text not null check (char_length(reason) between 1 and 500),
    started_at timestamptz not null,
    ends_at timestamptz not null,
    primary key (tenant_id, id)
);
select app.isolate('tenants.visits');
grant select, insert, delete on tenants.visits to cd_tenants;
