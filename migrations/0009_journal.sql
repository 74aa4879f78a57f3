-- Bodies that shared a commit are a group: they are worked off together, under one piece of due work whose entity is the group.
-- A body that is on its own, as after a failure, is a group of one under its own id.

alter table inbox.webhook_events add column group_id uuid;
update inbox.webhook_events set group_id = id;
alter table inbox.webhook_events alter column group_id set not null;

-- Finds what is left of a group, and for the sweeper what is left at all: ids of groups rise with time.
drop index inbox.webhook_events_new;
create index webhook_events_new on inbox.webhook_events (group_id) where state = 'new';
