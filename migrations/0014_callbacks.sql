-- What people take back at Meta is done also when doing it was cut off, and a trouble that a message met is over only when a message goes out.

-- People who took the app's rights away, or want to be forgotten, until that is done. By keyed hash, so that the table tells nobody; one row
-- stands for all that a person asked for.
create table routing.withdrawals (
    id uuid primary key,
    meta_user_hash bytea not null unique,
    -- What was given after it stays.
    issued_at timestamptz not null,
    -- The deletion that is done with it, if one was asked for.
    deletion_code text references routing.deletions
);
grant select, insert, update, delete on routing.withdrawals to cd_tenants;

-- Meta told it when a message was refused: asking for the page proves nothing about it.
alter table tenants.channels add column was_refused boolean not null default false;
