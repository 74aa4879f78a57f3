-- What a shop's people need at their desks: names, a time zone, their sessions, and texts that are sent often.

alter table tenants.businesses
    add column time_zone text not null default 'Asia/Ho_Chi_Minh' check (char_length(time_zone) between 1 and 64);

-- Empty: the e-mail's part before the @ stands in.
alter table tenants.users
    add column name text not null default '' check (char_length(name) <= 80),
    add column updated_at timestamptz;

-- What a user sees of a session. Whether it goes on, and when it was last used, its refresh tokens in `routing` say.
create table tenants.sessions (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    user_agent text not null default '' check (char_length(user_agent) <= 200),
    created_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references tenants.users (tenant_id, id)
);
create index sessions_user on tenants.sessions (tenant_id, user_id);
select app.isolate('tenants.sessions');
grant select, insert, update, delete on tenants.sessions to cd_tenants;

create index refresh_tokens_user on routing.refresh_tokens (user_id);

create table tenants.saved_replies (
    tenant_id uuid not null references tenants.businesses,
    id uuid not null,
    shortcut text not null check (char_length(shortcut) between 1 and 40),
    -- The shortcut in lower case, by which it is compared and listed.
    key text not null collate "C",
    text text not null check (char_length(text) between 1 and 2000),
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint saved_replies_key unique (tenant_id, key)
);
select app.isolate('tenants.saved_replies');
grant select, insert, update, delete on tenants.saved_replies to cd_tenants;
