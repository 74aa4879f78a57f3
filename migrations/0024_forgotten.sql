-- Of a contact who was forgotten and wrote again: nothing up to then comes back.
alter table inbox.conversations add column forgotten_to timestamptz;
