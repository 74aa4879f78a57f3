-- What the assistant could not answer, replies with product cards, and what it would have said.

-- Questions that ended with a person because nothing was found, little was found twice, or the guard blocked the answer. The same
-- question counts up. The words are those of whoever asked last; they go when the question is closed and when its message is taken back.
create table inbox.unanswered (
    tenant_id uuid not null default app.current_tenant(),
    id uuid not null,
    state text not null default 'open' check (state in ('open', 'dismissed', 'answered')),
    question text not null check (char_length(question) <= 1000),
    -- Without marks, case and signs; what makes two questions the same.
    folded text not null,
    -- SHA-256 of it, which stays when the words go: what was dismissed stays so.
    digest bytea not null check (octet_length(digest) = 32),
    conversation_id uuid,
    message_ids uuid[] not null,
    reason text not null,
    asked integer not null default 1 check (asked > 0),
    first_at timestamptz not null,
    last_at timestamptz not null,
    closed_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references inbox.conversations (tenant_id, id) on delete cascade,
    check ((state = 'open') = (closed_at is null)),
    check (state = 'open' or (question = '' and folded = '' and conversation_id is null and message_ids = '{}'))
);
create unique index unanswered_question on inbox.unanswered (tenant_id, digest) where state <> 'answered';
create index unanswered_most on inbox.unanswered (tenant_id, asked desc, last_at desc, id desc) where state = 'open';
create index unanswered_conversation on inbox.unanswered (tenant_id, conversation_id) where state = 'open';
create index unanswered_age on inbox.unanswered (tenant_id, closed_at) where state <> 'open';
select app.isolate('inbox.unanswered');
grant select, insert, update, delete on inbox.unanswered to cd_inbox;

-- Whether an answer of the assistant's that rests on few products shows their cards.
alter table tenants.assistant_settings add column send_cards boolean not null default false;

-- What the assistant would say today to the last questions of the last conversations. Nothing of it is sent.
create table inbox.replays (
    tenant_id uuid not null default app.current_tenant(),
    id uuid not null,
    state text not null default 'running' check (state in ('running', 'done', 'failed')),
    created_at timestamptz not null,
    ended_at timestamptz,
    primary key (tenant_id, id),
    check ((state = 'running') = (ended_at is null))
);
create unique index replays_running on inbox.replays (tenant_id) where state = 'running';
create index replays_age on inbox.replays (tenant_id, created_at);
select app.isolate('inbox.replays');
grant select, insert, update, delete on inbox.replays to cd_inbox;

create table inbox.replay_items (
    tenant_id uuid not null default app.current_tenant(),
    replay_id uuid not null,
    no integer not null,
    conversation_id uuid not null,
    -- The messages of the question, and those that answered it then. The words stay where they are.
    message_ids uuid[] not null default '{}',
    said_ids uuid[] not null default '{}',
    -- Empty until it was asked.
    outcome text not null default '' check (outcome in ('', 'answered', 'handover')),
    would_say text not null default '',
    reason text not null default '',
    verdict text not null default '',
    model text not null default '',
    primary key (tenant_id, replay_id, no),
    foreign key (tenant_id, replay_id) references inbox.replays (tenant_id, id) on delete cascade,
    foreign key (tenant_id, conversation_id) references inbox.conversations (tenant_id, id) on delete cascade
);
create index replay_items_open on inbox.replay_items (tenant_id, replay_id, no) where outcome = '';
create index replay_items_conversation on inbox.replay_items (tenant_id, conversation_id);
select app.isolate('inbox.replay_items');
grant select, insert, update, delete on inbox.replay_items to cd_inbox;
