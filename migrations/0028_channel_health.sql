-- How each channel is, as its business sees it.
alter table routing.channels
    add column health text not null default 'ok' check (health in ('ok', 'needs_reconnect', 'restricted')),
    add column health_reason text not null default '';

-- The console lists a tenant's.
create index channels_tenant on routing.channels (tenant_id);

create function tenants.keep_channel_health() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
begin
    update routing.channels set health = new.health, health_reason = new.health_reason
    where channel_id = new.id and tenant_id = new.tenant_id and (health, health_reason) <> (new.health, new.health_reason);
    return null;
end
$$;
create trigger channels_health after insert or update of health, health_reason on tenants.channels
    for each row execute function tenants.keep_channel_health();
