-- A business that is deleted has no members: the tokens they still hold must write nothing among what is being erased.
create function app.admit(tenant uuid) returns void
    language plpgsql stable
    set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from routing.tenants t where t.tenant_id = tenant and t.state = 'deleted') then
        raise exception 'this business is deleted' using errcode = 'CD001';
    end if;
end
$$;

-- A service that starts asks whether its tables are there yet. The table is the migrator's own, and missing where files are applied by hand.
do $$
begin
    if to_regclass('_sqlx_migrations') is not null then
        grant select on _sqlx_migrations to cd_tenants, cd_inbox, cd_catalog;
    end if;
end
$$;
