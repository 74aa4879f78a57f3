-- The inbox: what Meta sent, who wrote, what was said, what waits to be sent, and what the browsers must hear.

-- The journal of raw bodies. A body may hold several tenants' items, so it has none; only this service reads it.
create table inbox.webhook_events (
    id uuid primary key,
    platform text not null check (platform in ('facebook', 'instagram')),
    body bytea not null,
    state text not null default 'new' check (state in ('new', 'done', 'failed')),
    reason text not null default '',
    received_at timestamptz not null
);
create index webhook_events_new on inbox.webhook_events (received_at) where state = 'new';
create index webhook_events_ended on inbox.webhook_events (state, received_at) where state <> 'new';
grant select, insert, update, delete on inbox.webhook_events to cd_inbox;

-- What became of each item of a body. The item is text: it may be deeper than jsonb takes.
create table inbox.webhook_items (
    tenant_id uuid not null default app.current_tenant(),
    event_id uuid not null,
    index integer not null,
    channel_id uuid not null,
    kind text not null,
    outcome text not null check (outcome in ('stored', 'ignored', 'deduplicated', 'failed', 'waiting')),
    reason text not null default '',
    key text not null,
    -- Emptied after some days, when only the outcome is kept.
    item text not null,
    created_at timestamptz not null,
    primary key (tenant_id, event_id, index)
);
create index webhook_items_waiting on inbox.webhook_items (tenant_id, created_at) where outcome in ('waiting', 'failed');
create index webhook_items_age on inbox.webhook_items (tenant_id, created_at);
create index webhook_items_full on inbox.webhook_items (tenant_id, created_at) where item <> '';
select app.isolate('inbox.webhook_items');
grant select, insert, delete, update (item) on inbox.webhook_items to cd_inbox;

create table inbox.contacts (
    tenant_id uuid not null default app.current_tenant(),
    id uuid not null,
    channel_id uuid not null,
    platform text not null check (platform in ('facebook', 'instagram')),
    platform_user_id text not null,
    display_name text not null default '',
    profile_pic_url text not null default '',
    -- When the profile was asked for, successfully or for the last time.
    profile_at timestamptz,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint contacts_person unique (tenant_id, channel_id, platform_user_id)
);
create index contacts_newest on inbox.contacts (tenant_id, created_at desc, id desc);
create index contacts_unprofiled on inbox.contacts (tenant_id, created_at) where profile_at is null;
select app.isolate('inbox.contacts');
grant select, insert, update on inbox.contacts to cd_inbox;

-- Positions (`…_arrival`) count the messages of one conversation in the order they came to us.
create table inbox.conversations (
    tenant_id uuid not null default app.current_tenant(),
    id uuid not null,
    channel_id uuid not null,
    contact_id uuid not null,
    platform text not null check (platform in ('facebook', 'instagram')),
    status text not null default 'open' check (status in ('open', 'needs_human', 'closed')),
    ai_mode text not null check (ai_mode in ('active', 'paused', 'handed_over', 'off')),
    ai_reason text not null default '',
    ai_until timestamptz,
    unread_count integer not null default 0 check (unread_count >= 0),
    last_message_at timestamptz not null,
    last_message_id uuid,
    -- Platform time of the customer's last event that opens Meta's window. Never in the future, never moved back.
    last_opening_at timestamptz,
    last_arrival bigint not null default 0,
    answered_arrival bigint not null default 0,
    human_arrival bigint not null default 0,
    history_arrival bigint not null default 0,
    -- Set while a reply is owed: when the first message it answers came, and when it is due.
    reply_first_at timestamptz,
    reply_due_at timestamptz,
    drafts_dropped smallint not null default 0,
    stale_drops smallint not null default 0,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint conversations_contact unique (tenant_id, channel_id, contact_id),
    foreign key (tenant_id, contact_id) references inbox.contacts (tenant_id, id),
    check ((ai_mode = 'paused') = (ai_until is not null)),
    check ((reply_first_at is null) = (reply_due_at is null))
);
create index conversations_newest on inbox.conversations (tenant_id, last_message_at desc, id desc);
create index conversations_owed on inbox.conversations (tenant_id, reply_due_at) where reply_due_at is not null;
select app.isolate('inbox.conversations');
grant select, insert, update on inbox.conversations to cd_inbox;

create table inbox.messages (
    tenant_id uuid not null default app.current_tenant(),
    id uuid not null,
    conversation_id uuid not null,
    channel_id uuid not null,
    arrival bigint not null,
    mid text,
    sender_type text not null check (sender_type in ('contact', 'business', 'ai')),
    content text not null,
    attachments jsonb not null default '[]',
    status text not null
        check (status in ('received', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown')),
    failure_code text,
    failure_detail text,
    provenance jsonb,
    -- Whether the assistant may take it for a question: fresh, the customer's own, and readable.
    answerable boolean not null default false,
    platform_at timestamptz not null,
    received_at timestamptz not null,
    -- The person of the business who wrote it here.
    author uuid,
    -- The reply it is a part of, and up to which position the customer had been answered before it.
    turn uuid,
    part_no smallint not null default 0,
    answers_after bigint not null default 0,
    due_at timestamptz,
    send_after timestamptz,
    sending_at timestamptz,
    primary key (tenant_id, id),
    constraint messages_arrival unique (tenant_id, conversation_id, arrival),
    constraint messages_mid unique (tenant_id, channel_id, mid),
    constraint messages_turn unique (tenant_id, turn, part_no),
    foreign key (tenant_id, conversation_id) references inbox.conversations (tenant_id, id),
    check ((status = 'failed') = (failure_code is not null))
);
create index messages_newest on inbox.messages (tenant_id, conversation_id, platform_at desc, arrival desc);
create index messages_unsent on inbox.messages (tenant_id, conversation_id, arrival)
    where status in ('queued', 'sending');
select app.isolate('inbox.messages');
grant select, insert, update, delete on inbox.messages to cd_inbox;

-- The newest event of a tenant. Raised by the last statement of a transaction, so that events are seen in order and without gaps.
create table inbox.tenant_seq (
    tenant_id uuid primary key default app.current_tenant(),
    seq bigint not null
);
select app.isolate('inbox.tenant_seq');
grant select, insert, update on inbox.tenant_seq to cd_inbox;

create table inbox.events (
    tenant_id uuid not null default app.current_tenant(),
    seq bigint not null,
    type text not null check (type in ('message.created', 'message.updated', 'conversation.created',
        'conversation.updated', 'contact.updated')),
    entity_id uuid not null,
    created_at timestamptz not null,
    primary key (tenant_id, seq)
);
create index events_age on inbox.events (tenant_id, created_at);
select app.isolate('inbox.events');
grant select, insert, delete on inbox.events to cd_inbox;

-- Keys under which a person's message was sent, with a digest of what it said.
create table inbox.idempotency_keys (
    tenant_id uuid not null default app.current_tenant(),
    key text not null,
    digest bytea not null,
    message_id uuid not null,
    created_at timestamptz not null,
    primary key (tenant_id, key),
    foreign key (tenant_id, message_id) references inbox.messages (tenant_id, id)
);
create index idempotency_keys_age on inbox.idempotency_keys (tenant_id, created_at);
select app.isolate('inbox.idempotency_keys');
grant select, insert, delete on inbox.idempotency_keys to cd_inbox;
