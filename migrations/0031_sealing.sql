-- The keys that something may be sealed with, by id. tenants-svc does not start without one that is still here; one that nothing needs any
-- more goes when all is sealed anew.
create table tenants.sealing_keys (
    key_id text primary key,
    -- Since when nothing was found that it seals, and nothing new was sealed with it.
    unused_since timestamptz
);
insert into tenants.sealing_keys (key_id) select key_id from tenants.key_in_use;
grant select, insert, update (unused_since), delete on tenants.sealing_keys to cd_tenants;
