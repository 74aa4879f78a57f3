-- What people do with conversations: who looks after them, labels, notes, search, and figures.

alter table inbox.conversations
    add column assignee_id uuid,
    add column note_count integer not null default 0 check (note_count >= 0);
-- The filters that find few among many. Every query spells its condition like the index.
create index conversations_unread on inbox.conversations (tenant_id, last_message_at desc, id desc)
    where unread_count > 0;
create index conversations_needs_human on inbox.conversations (tenant_id, last_message_at desc, id desc)
    where status = 'needs_human';
create index conversations_open on inbox.conversations (tenant_id, last_message_at desc, id desc)
    where status <> 'closed';
create index conversations_assigned on inbox.conversations (tenant_id, assignee_id, last_message_at desc, id desc)
    where assignee_id is not null;

alter table inbox.messages
    -- The key a person's message was sent with.
    add column client_id text,
    -- What it carries instead of a text: an upload of tenants-svc.
    add column attachment_id uuid;
create index messages_time on inbox.messages (tenant_id, platform_at);

create table inbox.labels (
    tenant_id uuid not null default app.current_tenant(),
    id uuid not null,
    name text not null check (char_length(name) between 1 and 40),
    -- The name in lower case, composed.
    name_key text not null,
    color text not null check (color in ('gray', 'red', 'orange', 'green', 'blue', 'purple')),
    primary key (tenant_id, id),
    constraint labels_name unique (tenant_id, name_key)
);
select app.isolate('inbox.labels');
grant select, insert, update, delete on inbox.labels to cd_inbox;

create table inbox.conversation_labels (
    tenant_id uuid not null default app.current_tenant(),
    conversation_id uuid not null,
    label_id uuid not null,
    primary key (tenant_id, conversation_id, label_id),
    foreign key (tenant_id, conversation_id) references inbox.conversations (tenant_id, id),
    foreign key (tenant_id, label_id) references inbox.labels (tenant_id, id) on delete cascade
);
create index conversation_labels_label on inbox.conversation_labels (tenant_id, label_id, conversation_id);
select app.isolate('inbox.conversation_labels');
grant select, insert, delete on inbox.conversation_labels to cd_inbox;

-- For colleagues only.
create table inbox.notes (
    tenant_id uuid not null default app.current_tenant(),
    id uuid not null,
    conversation_id uuid not null,
    author_id uuid,
    text text not null check (char_length(text) between 1 and 4000),
    created_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references inbox.conversations (tenant_id, id)
);
create index notes_newest on inbox.notes (tenant_id, conversation_id, created_at desc, id desc);
select app.isolate('inbox.notes');
grant select, insert, delete on inbox.notes to cd_inbox;

-- Folded words by which conversations are found. Plain text comparison may use an index under row security, full-text operators may
-- not. No foreign key: it would be checked for each of a message's words, and a word that points to nothing finds nothing.
create table inbox.terms (
    tenant_id uuid not null default app.current_tenant(),
    term text not null collate "C",
    conversation_id uuid not null,
    -- The newest message with this word; null when only the contact's name has it.
    message_id uuid,
    at timestamptz not null,
    primary key (tenant_id, term, conversation_id)
) with (fillfactor = 80);
select app.isolate('inbox.terms');
grant select, insert, update on inbox.terms to cd_inbox;

-- How far the words of what was there before were collected.
create table inbox.terms_progress (
    tenant_id uuid not null default app.current_tenant(),
    contact_id uuid not null default '00000000-0000-0000-0000-000000000000',
    message_id uuid not null default '00000000-0000-0000-0000-000000000000',
    is_done boolean not null default false,
    primary key (tenant_id)
);
select app.isolate('inbox.terms_progress');
grant select, insert, update on inbox.terms_progress to cd_inbox;

-- Every time the assistant gave a conversation to a person.
create table inbox.handovers (
    tenant_id uuid not null default app.current_tenant(),
    id uuid not null,
    conversation_id uuid not null,
    reason text not null,
    at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references inbox.conversations (tenant_id, id)
);
create index handovers_time on inbox.handovers (tenant_id, at);
select app.isolate('inbox.handovers');
grant select, insert on inbox.handovers to cd_inbox;
