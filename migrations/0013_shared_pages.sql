-- Pages that an Instagram account is spoken to through, and logins that are waiting to be used, by person.

-- The Facebook Page whose token an Instagram account was connected with: they share one subscription. Null for others, and until the next
-- check of accounts from before this was noted.
alter table routing.channels add column via_page_id text;
create index channels_via_page on routing.channels (via_page_id) where via_page_id is not null;

-- Whose login at Meta a grant came of. A keyed hash, so that the table tells nobody.
create table routing.meta_grants (
    meta_user_hash bytea not null,
    tenant_id uuid not null references routing.tenants,
    grant_id uuid not null,
    primary key (meta_user_hash, grant_id)
);
create index meta_grants_grant on routing.meta_grants (grant_id);
grant select, insert, delete on routing.meta_grants to cd_tenants;

-- Grants of minutes must not keep a user from being deleted.
alter table tenants.connect_grants
    drop constraint connect_grants_tenant_id_user_id_fkey,
    add constraint connect_grants_tenant_id_user_id_fkey
        foreign key (tenant_id, user_id) references tenants.users (tenant_id, id) on delete cascade;
