-- Connecting through Meta's login, how long tokens last, pages that go from one business to another, and what people ask Meta to be undone.

-- Whoever takes the app's rights away at Meta takes the token: the channel stays, and waits to be connected again.
alter table tenants.channels
    drop constraint channels_check,
    add constraint channels_inactive_check check (is_active or token is null),
    -- Why its health is what it is; empty when it is well, or where nobody said.
    add column health_reason text not null default '',
    add column token_expires_at timestamptz,
    -- Null for tokens from before this was noted: they are as old as the connection.
    add column token_refreshed_at timestamptz,
    add column checked_at timestamptz;

-- What a login at Meta allows to connect, for some minutes. It is the user's who logged in.
create table tenants.connect_grants (
    tenant_id uuid not null references tenants.businesses,
    id uuid not null,
    user_id uuid not null,
    login text not null check (login in ('facebook', 'instagram')),
    -- The person at Meta by keyed hash, under each id that Meta may call them.
    meta_user_hashes bytea[] not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references tenants.users (tenant_id, id)
);
select app.isolate('tenants.connect_grants');
grant select, insert, delete on tenants.connect_grants to cd_tenants;

create table tenants.granted_pages (
    tenant_id uuid not null,
    grant_id uuid not null,
    id uuid not null,
    platform text not null check (platform in ('facebook', 'instagram')),
    external_id text not null,
    page_name text not null,
    -- Sealed. Null when the person may not manage its messages.
    token text,
    token_expires_at timestamptz,
    primary key (tenant_id, grant_id, id),
    unique (tenant_id, grant_id, platform, external_id),
    foreign key (tenant_id, grant_id) references tenants.connect_grants (tenant_id, id) on delete cascade
);
select app.isolate('tenants.granted_pages');
grant select, insert, delete on tenants.granted_pages to cd_tenants;

-- What the pages are called that this business asks of others: names stay out of `routing`.
create table tenants.wanted_pages (
    tenant_id uuid not null references tenants.businesses,
    transfer_id uuid not null,
    page_name text not null,
    primary key (tenant_id, transfer_id)
);
select app.isolate('tenants.wanted_pages');
grant select, insert, delete on tenants.wanted_pages to cd_tenants;

-- Which channels rest on which person's login at Meta. A keyed hash, so that the table tells nobody.
create table routing.meta_users (
    meta_user_hash bytea not null,
    tenant_id uuid not null references routing.tenants,
    channel_id uuid not null,
    primary key (meta_user_hash, channel_id)
);
create index meta_users_channel on routing.meta_users (channel_id);
grant select, insert, delete on routing.meta_users to cd_tenants;

-- Pages that one business asks of another. An accepted one is kept for the asker until it expires.
create table routing.channel_transfers (
    id uuid primary key,
    platform text not null check (platform in ('facebook', 'instagram')),
    external_id text not null,
    owner_tenant_id uuid not null references routing.tenants,
    asker_tenant_id uuid not null references routing.tenants,
    state text not null check (state in ('pending', 'accepted', 'declined', 'cancelled', 'done')),
    created_at timestamptz not null,
    decided_at timestamptz,
    expires_at timestamptz not null,
    check (owner_tenant_id <> asker_tenant_id)
);
create unique index channel_transfers_pending on routing.channel_transfers (platform, external_id, asker_tenant_id)
    where state = 'pending';
create unique index channel_transfers_accepted on routing.channel_transfers (platform, external_id) where state = 'accepted';
create index channel_transfers_owner on routing.channel_transfers (owner_tenant_id, created_at);
create index channel_transfers_asker on routing.channel_transfers (asker_tenant_id, created_at);
grant select, insert, update on routing.channel_transfers to cd_tenants;

-- What people asked Meta to have deleted. The code is made from the person by a key, and tells nobody who they are.
create table routing.deletions (
    code text primary key,
    requested_at timestamptz not null,
    completed_at timestamptz
);
grant select, insert, update on routing.deletions to cd_tenants;
