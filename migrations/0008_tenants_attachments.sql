-- Files that were uploaded to Meta for messages to come. Meta keeps the file; here is what it is called there.

create table tenants.attachments (
    tenant_id uuid not null references tenants.businesses,
    id uuid not null,
    channel_id uuid not null,
    platform_attachment_id text not null check (char_length(platform_attachment_id) between 1 and 128),
    kind text not null check (kind in ('image', 'audio', 'video', 'file')),
    name text not null check (octet_length(name) between 1 and 255),
    size bigint not null check (size > 0),
    content_type text not null check (char_length(content_type) between 3 and 127),
    created_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, channel_id) references tenants.channels (tenant_id, id)
);
create index attachments_age on tenants.attachments (tenant_id, created_at);
select app.isolate('tenants.attachments');
grant select, insert, update, delete on tenants.attachments to cd_tenants;
