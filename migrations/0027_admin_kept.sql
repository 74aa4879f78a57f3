-- Whoever names a business names it here too, in the same statement.
create function tenants.keep_directory() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
begin
    insert into tenants.directory (business_id, name) values (new.tenant_id, new.name)
    on conflict (business_id) do update set name = excluded.name;
    return null;
end
$$;
create trigger businesses_directory after insert or update of name on tenants.businesses
    for each row execute function tenants.keep_directory();

-- And whoever counts tokens counts them there too.
create function tenants.keep_usage() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
begin
    insert into routing.usage_days (tenant_id, day, prompt_tokens, completion_tokens, calls)
    values (new.tenant_id, new.day, new.prompt_tokens, new.completion_tokens, new.calls)
    on conflict (tenant_id, day) do update set prompt_tokens = excluded.prompt_tokens,
        completion_tokens = excluded.completion_tokens, calls = excluded.calls;
    return null;
end
$$;
create trigger usage_days_kept after insert or update of calls on tenants.usage_days
    for each row when (new.calls > 0) execute function tenants.keep_usage();
