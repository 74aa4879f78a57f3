-- A shop's team: people are invited by mail, leave, forget their passwords and log in with one-time codes.

-- Who left stays known by name, for the history's sake; their address is free again.
alter table tenants.users
    add column removed_at timestamptz,
    drop constraint users_tenant_id_email_key;
create unique index users_email on tenants.users (tenant_id, email) where removed_at is null;

create table tenants.invitations (
    tenant_id uuid not null references tenants.businesses,
    id uuid not null,
    email text not null,
    role text not null check (role in ('owner', 'manager', 'agent', 'viewer')),
    invited_by uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    -- Accepted or revoked.
    ended_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, invited_by) references tenants.users (tenant_id, id)
);
create unique index invitations_open on tenants.invitations (tenant_id, email) where ended_at is null;
select app.isolate('tenants.invitations');
grant select, insert, update (ended_at) on tenants.invitations to cd_tenants;

-- Links of mails by hash. They go when they are too old.
create table routing.invitation_tokens (
    token_hash bytea primary key,
    tenant_id uuid not null references routing.tenants,
    invitation_id uuid not null,
    expires_at timestamptz not null,
    -- By keyed hash, whom it was sent to: nobody gets many, from whichever businesses.
    email_hash bytea
);
create index invitation_tokens_email on routing.invitation_tokens (email_hash);
create index invitation_tokens_expiry on routing.invitation_tokens (expires_at);
grant select, insert, delete on routing.invitation_tokens to cd_tenants;

create table routing.password_resets (
    token_hash bytea primary key,
    user_id uuid not null,
    tenant_id uuid references routing.tenants,
    -- The address that the link was sent to: it must still be the user's.
    email_hash bytea not null,
    expires_at timestamptz not null,
    -- Used ones stay until they expire: a mail that is sent twice must not make its link anew.
    used_at timestamptz
);
create index password_resets_user on routing.password_resets (user_id);
create index password_resets_expiry on routing.password_resets (expires_at);
grant select, insert, update (used_at), delete on routing.password_resets to cd_tenants;

-- One-time codes (RFC 6238) of members and platform admins. Secrets are sealed for their owner and business.
create table routing.second_factors (
    user_id uuid primary key,
    tenant_id uuid references routing.tenants,
    secret text,
    -- One that was shown and not confirmed yet.
    pending text,
    -- The time step of the last code taken: no code is taken twice.
    last_step bigint not null default 0,
    check (secret is not null or pending is not null)
);
grant select, insert, update (secret, pending, last_step), delete on routing.second_factors to cd_tenants;

-- By keyed hash. They go when they are used.
create table routing.recovery_codes (
    user_id uuid not null references routing.second_factors on delete cascade,
    code_hash bytea not null,
    primary key (user_id, code_hash)
);
grant select, insert, delete on routing.recovery_codes to cd_tenants;

-- Mails to send, each sealed as a whole. They go when they are sent.
create table routing.mails (
    id uuid primary key,
    tenant_id uuid references routing.tenants,
    sealed text not null,
    expires_at timestamptz not null
);
grant select, insert, delete on routing.mails to cd_tenants;
