-- A visit is over with the session that it began in. Visits from before this file have none, and end at their time.
alter table tenants.visits add column session_id uuid;
