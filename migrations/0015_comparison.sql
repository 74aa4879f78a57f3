-- A comparison goes on within a page, and the journal's figures are read from an index alone.

alter table inbox.channel_sync
    -- The customers on Meta's page whose conversations were compared already, so that what stops the page costs none of them a second look.
    add column pass_done text[] not null default '{}';

-- With the outcome, so that the figures of a month need none of the rows, which hold what Meta sent.
drop index inbox.webhook_items_age;
create index webhook_items_age on inbox.webhook_items (tenant_id, created_at) include (outcome);
