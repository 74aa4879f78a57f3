-- Every kind of event has its outcome: what a message carries besides its words, what waits for a message that has not come, which app has a
-- conversation, sends of which nobody knows, and how a channel compares with what Meta keeps.

alter table inbox.webhook_items
    drop constraint webhook_items_outcome_check,
    add constraint webhook_items_outcome_check
        check (outcome in ('stored', 'status', 'parked', 'ignored', 'deduplicated', 'failed', 'waiting')),
    add column section text not null default 'messaging' check (section in ('messaging', 'standby', 'changes')),
    -- The time of its entry, for an item that has none itself.
    add column entry_at timestamptz,
    -- Meta's id of the message it is parked for.
    add column waits_for text,
    -- The message it made or changed.
    add column message_id uuid,
    add column redriven_at timestamptz,
    -- Somebody asked for it to be worked off again.
    add column wants_redrive boolean not null default false,
    add constraint webhook_items_parked_check check ((outcome = 'parked') = (waits_for is not null));
create index webhook_items_parked on inbox.webhook_items (tenant_id, channel_id, waits_for) where outcome = 'parked';
create index webhook_items_parked_age on inbox.webhook_items (tenant_id, created_at) where outcome = 'parked';
create index webhook_items_rare on inbox.webhook_items (tenant_id, outcome, created_at)
    where outcome not in ('stored', 'deduplicated');
create index webhook_items_redrive on inbox.webhook_items (tenant_id, event_id) where wants_redrive;
grant update (kind, outcome, reason, waits_for, message_id, redriven_at, wants_redrive) on inbox.webhook_items to cd_inbox;
-- The words of a message that was taken back are no longer found.
grant delete on inbox.terms to cd_inbox;

alter table inbox.messages
    add column origin text not null default 'live' check (origin in ('live', 'history', 'recovered')),
    -- What it answers or came from.
    add column context jsonb,
    -- Cards and answers to tap that go out with it.
    add column rich jsonb,
    -- At most one of each side, with its time, so that the newest wins in whatever order they come.
    add column reactions jsonb not null default '[]',
    add column edited_at timestamptz,
    add column num_edit integer not null default 0,
    add column deleted_at timestamptz,
    -- Since when nobody knows what became of it, and how often Meta was asked.
    add column unknown_at timestamptz,
    add column settle_tries smallint not null default 0,
    -- It was proven absent once and sent again: there is no second time.
    add column was_resent boolean not null default false,
    add column needs_decision boolean not null default false,
    -- How often it was put back.
    add column send_tries smallint not null default 0;
-- The owner of the table is no tenant.
alter table inbox.messages no force row level security;
-- Of what nobody knows for more than an hour a person says what became of it.
update inbox.messages set unknown_at = sending_at, needs_decision = coalesce(sending_at, received_at) < now() - interval '1 hour'
where status = 'unknown';
alter table inbox.messages force row level security;
create index messages_unknown on inbox.messages (tenant_id, unknown_at) where status = 'unknown';
-- What a receipt may still change.
create index messages_unread_by_contact on inbox.messages (tenant_id, conversation_id, platform_at)
    where status in ('sent', 'delivered');

alter table inbox.conversations
    -- Platform times up to which the customer has and has read what was sent. Never moved back.
    add column delivered_to timestamptz,
    add column read_to timestamptz,
    -- The app that has the conversation at Meta; empty when it is ours or nobody's.
    add column owner_app text not null default '',
    add column owner_at timestamptz,
    -- Where the customer last came from.
    add column source jsonb,
    add column source_at timestamptz;

-- How far a channel was compared with what Meta keeps. A new connection starts anew.
create table inbox.channel_sync (
    tenant_id uuid not null default app.current_tenant(),
    channel_id uuid not null,
    connected_at timestamptz not null,
    -- Everything up to then was compared; null while the history is being fetched.
    synced_to timestamptz,
    -- Where the pass under way stands: from when, up to when, and Meta's page.
    pass_from timestamptz,
    pass_to timestamptz,
    pass_cursor text not null default '',
    checked_at timestamptz,
    history_count bigint not null default 0,
    recovered_count bigint not null default 0,
    last_error text not null default '',
    primary key (tenant_id, channel_id)
);
select app.isolate('inbox.channel_sync');
grant select, insert, update on inbox.channel_sync to cd_inbox;

-- Whether a channel may send: what tenants-svc learned from its token, and what Meta told in a webhook.
alter table routing.channels
    add column send_state text not null default 'ok' check (send_state in ('ok', 'needs_reconnect', 'restricted')),
    add column policy text not null default '' check (policy in ('', 'warning', 'block')),
    add column policy_at timestamptz;
grant update (policy, policy_at) on routing.channels to cd_inbox;
