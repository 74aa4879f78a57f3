-- What makes a search of many products cheap: which words are common, and each product's words in one row.
-- Both follow catalog.terms by triggers, so that whoever writes or deletes terms need not know of them.

-- Words that at least 550 of the shop's products have. A search takes them for common without counting. A word that is missing here
-- is counted, so that nothing depends on a row being made; that one goes in time has 50 deletions to spare.
create table catalog.common_terms (
    tenant_id uuid not null,
    term text not null collate "C",
    primary key (tenant_id, term)
);
select app.isolate('catalog.common_terms');
grant select, insert, delete on catalog.common_terms to cd_catalog;

-- The words of a product: of each the fingerprint and its weight in hundredths, 8 bytes together.
create table catalog.product_words (
    tenant_id uuid not null,
    product_id uuid not null,
    words bytea not null,
    primary key (tenant_id, product_id),
    foreign key (tenant_id, product_id) references catalog.products on delete cascade
);
-- Fingerprints do not compress.
alter table catalog.product_words alter column words set storage external;
select app.isolate('catalog.product_words');
grant select, insert, update, delete on catalog.product_words to cd_catalog;

-- 7 bytes for a word. Two words of one shop share them less often than once in a million shops.
create function catalog.fingerprint(term text) returns bytea
    language sql immutable strict parallel safe
    return substr(sha256(convert_to(term, 'UTF8')), 1, 7);

create function catalog.packed(term text, weight real) returns bytea
    language sql immutable strict parallel safe
    return catalog.fingerprint(term) || set_byte('\x00'::bytea, 0, round(weight * 100)::integer);

-- The plans of these functions are kept, and may be made while the tables are still empty: hence no scans of whole tables.
create function catalog.terms_added() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
    set enable_seqscan = off
as $$
declare
    changed record;
begin
    for changed in select distinct tenant_id, product_id from added loop
        insert into catalog.product_words (tenant_id, product_id, words)
        select changed.tenant_id, changed.product_id, string_agg(catalog.packed(t.term, t.weight), ''::bytea)
        from catalog.terms t where t.tenant_id = changed.tenant_id and t.product_id = changed.product_id
        on conflict (tenant_id, product_id) do update set words = excluded.words;
    end loop;
    -- One product in sixteen looks whether its words have become common.
    insert into catalog.common_terms (tenant_id, term)
    select distinct a.tenant_id, a.term from added a
    where get_byte(uuid_send(a.product_id), 15) < 16
        and not exists (select from catalog.common_terms c where c.tenant_id = a.tenant_id and c.term = a.term)
        and 600 = (select count(*) from (
            select from catalog.terms t where t.tenant_id = a.tenant_id and t.term = a.term limit 600) counted)
    order by a.tenant_id, a.term
    on conflict do nothing;
    return null;
end
$$;
create trigger added after insert on catalog.terms referencing new table as added
    for each statement execute function catalog.terms_added();

create function catalog.terms_removed() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
    set enable_seqscan = off
as $$
declare
    changed record;
begin
    for changed in select distinct tenant_id, product_id from removed loop
        update catalog.product_words set words = coalesce((
            select string_agg(catalog.packed(t.term, t.weight), ''::bytea)
            from catalog.terms t where t.tenant_id = changed.tenant_id and t.product_id = changed.product_id), ''::bytea)
        where tenant_id = changed.tenant_id and product_id = changed.product_id;
    end loop;
    for changed in
        select c.tenant_id, c.term from (select distinct tenant_id, term from removed) r
            join catalog.common_terms c on c.tenant_id = r.tenant_id and c.term = r.term
        where 550 > (select count(*) from (
            select from catalog.terms t where t.tenant_id = c.tenant_id and t.term = c.term limit 550) counted)
        order by c.tenant_id, c.term
    loop
        delete from catalog.common_terms where tenant_id = changed.tenant_id and term = changed.term;
    end loop;
    return null;
end
$$;
create trigger removed after delete on catalog.terms referencing old table as removed
    for each statement execute function catalog.terms_removed();

-- The products that are there already. Their owner is bound by the policy as well, and this is about all tenants.
alter table catalog.terms no force row level security;
alter table catalog.product_words no force row level security;
alter table catalog.common_terms no force row level security;
insert into catalog.product_words (tenant_id, product_id, words)
    select tenant_id, product_id, string_agg(catalog.packed(term, weight), ''::bytea) from catalog.terms group by tenant_id, product_id;
insert into catalog.common_terms (tenant_id, term)
    select tenant_id, term from catalog.terms group by tenant_id, term having count(*) >= 600;
alter table catalog.terms force row level security;
alter table catalog.product_words force row level security;
alter table catalog.common_terms force row level security;
