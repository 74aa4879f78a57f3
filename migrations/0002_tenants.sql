-- Businesses, their people and channels, how the assistant speaks for them, and what it may spend.

create table tenants.businesses (
    tenant_id uuid primary key references routing.tenants,
    name text not null check (char_length(name) between 1 and 200),
    description text not null default '' check (char_length(description) <= 4000),
    phone text not null default '' check (char_length(phone) <= 32),
    created_at timestamptz not null,
    updated_at timestamptz not null
);
select app.isolate('tenants.businesses');
grant select, insert, update on tenants.businesses to cd_tenants;

create table tenants.users (
    tenant_id uuid not null references tenants.businesses,
    id uuid not null,
    email text not null,
    password_hash text not null,
    role text not null check (role in ('owner', 'manager', 'agent', 'viewer')),
    created_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, email)
);
select app.isolate('tenants.users');
grant select, insert, update on tenants.users to cd_tenants;

-- A disconnected channel keeps its row, for the history's sake, but not its token.
create table tenants.channels (
    tenant_id uuid not null references tenants.businesses,
    id uuid not null,
    platform text not null check (platform in ('facebook', 'instagram')),
    external_id text not null,
    login text not null check (login in ('facebook', 'instagram')),
    page_name text not null,
    is_active boolean not null,
    token text,
    health text not null default 'ok' check (health in ('ok', 'needs_reconnect', 'restricted')),
    connected_at timestamptz not null,
    last_webhook_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, platform, external_id),
    check (is_active = (token is not null))
);
select app.isolate('tenants.channels');
grant select, insert, update on tenants.channels to cd_tenants;

create table tenants.assistant_settings (
    tenant_id uuid primary key references tenants.businesses,
    tone text not null default '' check (char_length(tone) <= 500),
    policies text not null default '' check (char_length(policies) <= 8000),
    languages text[] not null default '{vi,en}' check (cardinality(languages) between 1 and 10),
    ai_enabled_by_default boolean not null default true,
    opening_hours text not null default '' check (char_length(opening_hours) <= 500),
    updated_at timestamptz not null
);
select app.isolate('tenants.assistant_settings');
grant select, insert, update on tenants.assistant_settings to cd_tenants;

-- Language model tokens per UTC day: set aside for calls under way, and really used.
create table tenants.usage_days (
    tenant_id uuid not null references tenants.businesses,
    day date not null,
    reserved bigint not null check (reserved >= 0),
    prompt_tokens bigint not null default 0 check (prompt_tokens >= 0),
    completion_tokens bigint not null default 0 check (completion_tokens >= 0),
    calls bigint not null default 0,
    primary key (tenant_id, day)
);
select app.isolate('tenants.usage_days');
grant select, insert, update on tenants.usage_days to cd_tenants;

create table tenants.usage_reservations (
    tenant_id uuid not null,
    id uuid not null,
    day date not null,
    tokens bigint not null check (tokens > 0),
    model text not null default '',
    settled_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, day) references tenants.usage_days (tenant_id, day)
);
create index usage_reservations_day on tenants.usage_reservations (tenant_id, day);
select app.isolate('tenants.usage_reservations');
grant select, insert, update, delete on tenants.usage_reservations to cd_tenants;

-- People who run the installation. They belong to no tenant.
create table tenants.platform_admins (
    user_id uuid primary key,
    email text not null unique,
    password_hash text not null,
    created_at timestamptz not null
);
grant select, insert, update on tenants.platform_admins to cd_tenants;

-- The name of the key that stored tokens and e-mail hashes were made with: a process with another key must not start.
create table tenants.key_in_use (
    one boolean primary key default true check (one),
    key_id text not null
);
grant select, insert on tenants.key_in_use to cd_tenants;
