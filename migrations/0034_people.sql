-- People whom Meta asked us to forget, until the inbox has found none of them among its contacts any more.
create table routing.person_erasures (
    id uuid primary key,
    code text not null unique references routing.deletions,
    platform_user_id text not null,
    -- Whoever wrote after it began anew, and stays.
    issued_at timestamptz not null
);
grant select, insert, update (issued_at) on routing.person_erasures to cd_tenants;
grant select, delete on routing.person_erasures to cd_inbox;
