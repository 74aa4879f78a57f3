-- What there was before there was a console. Tenant by tenant, because the owner of the tables sees no row of nobody's; what was written
-- since the triggers are there is newer and stays.
do $$
declare
    tenant uuid;
begin
    for tenant in select tenant_id from routing.tenants loop
        perform set_config('app.tenant_id', tenant::text, true);
        insert into tenants.directory (business_id, name)
            select tenant_id, name from tenants.businesses where tenant_id = tenant on conflict do nothing;
        insert into routing.usage_days (tenant_id, day, prompt_tokens, completion_tokens, calls)
            select tenant_id, day, prompt_tokens, completion_tokens, calls from tenants.usage_days
            where tenant_id = tenant and calls > 0 on conflict do nothing;
        update routing.channels r set health = c.health, health_reason = c.health_reason
            from tenants.channels c
            where c.tenant_id = tenant and c.id = r.channel_id and r.tenant_id = tenant
                and (r.health, r.health_reason) = ('ok', '') and (c.health, c.health_reason) <> ('ok', '');
    end loop;
    perform set_config('app.tenant_id', '', true);
end
$$;
