-- A tenant's data taken along, a tenant deleted after a hold, and one contact forgotten.

-- Who asked for what may be fetched until when. Each service writes its own share of it into a table of its own.
create table routing.exports (
    tenant_id uuid not null references routing.tenants,
    id uuid not null,
    requested_by uuid not null,
    requested_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (tenant_id, id)
);
grant select, insert, delete on routing.exports to cd_tenants;
grant select on routing.exports to cd_inbox, cd_catalog;

create table routing.export_shares (
    tenant_id uuid not null,
    export_id uuid not null,
    service text not null check (service in ('tenants', 'inbox', 'catalog')),
    state text not null default 'running' check (state in ('running', 'ready', 'failed')),
    lines bigint not null default 0,
    size bigint not null default 0,
    primary key (tenant_id, export_id, service),
    foreign key (tenant_id, export_id) references routing.exports on delete cascade
);
grant select, insert, update (state, lines, size) on routing.export_shares to cd_tenants;
grant select, update (state, lines, size) on routing.export_shares to cd_inbox, cd_catalog;

create table tenants.export_parts (
    tenant_id uuid not null default app.current_tenant(),
    export_id uuid not null,
    no integer not null,
    file text not null,
    lines bytea not null,
    primary key (tenant_id, export_id, no)
);
select app.isolate('tenants.export_parts');
grant select, insert, delete on tenants.export_parts to cd_tenants;

create table inbox.export_parts (like tenants.export_parts including defaults including indexes);
select app.isolate('inbox.export_parts');
grant select, insert, delete on inbox.export_parts to cd_inbox;

create table catalog.export_parts (like tenants.export_parts including defaults including indexes);
select app.isolate('catalog.export_parts');
grant select, insert, delete on catalog.export_parts to cd_catalog;

-- Contacts whose people are to be forgotten, until that is done.
create table routing.contact_erasures (
    tenant_id uuid not null references routing.tenants,
    contact_id uuid not null,
    requested_at timestamptz not null,
    primary key (tenant_id, contact_id)
);
grant select, insert, delete on routing.contact_erasures to cd_tenants;
grant select, delete on routing.contact_erasures to cd_inbox;

-- People who were forgotten: by a digest of who they are, so that nothing brings back what was said before. Their own id stays only until
-- the journal was gone through.
create table inbox.erasures (
    tenant_id uuid not null default app.current_tenant(),
    contact_id uuid not null,
    channel_id uuid not null,
    person bytea not null check (octet_length(person) = 32),
    platform_user_id text,
    erased_at timestamptz not null,
    -- How often the journal was gone through.
    passes smallint not null default 0,
    primary key (tenant_id, contact_id)
);
create index erasures_person on inbox.erasures (tenant_id, person, erased_at);
select app.isolate('inbox.erasures');
grant select, insert, delete, update (platform_user_id, passes) on inbox.erasures to cd_inbox;

-- Which messages they were, until the journal was gone through.
create table inbox.erased_messages (
    tenant_id uuid not null default app.current_tenant(),
    contact_id uuid not null,
    message_id uuid not null,
    mid text,
    primary key (tenant_id, contact_id, message_id)
);
create index erased_messages_message on inbox.erased_messages (tenant_id, message_id);
create index erased_messages_mid on inbox.erased_messages (tenant_id, mid);
select app.isolate('inbox.erased_messages');
grant select, insert, delete on inbox.erased_messages to cd_inbox;

grant delete on inbox.contacts, inbox.conversations, inbox.handovers, inbox.tenant_seq, inbox.terms_progress, inbox.channel_sync to cd_inbox;
grant delete on catalog.serving_models to cd_catalog;
grant delete on tenants.users, tenants.channels, tenants.assistant_settings, tenants.usage_days, tenants.businesses,
    tenants.invitations, routing.channel_transfers to cd_tenants;
