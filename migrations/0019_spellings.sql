-- The shop's words by their spellings, so that a word with a slip finds the word it was meant to be. Two words one slip apart share a
-- spelling: themselves, or themselves without one of their letters. Words whose last product is gone find nothing, and go with the sweep.
-- The sweep also brings the words that are there already: their products were made by other rules.

create table catalog.spellings (
    tenant_id uuid not null,
    spelling text not null collate "C",
    term text not null collate "C",
    primary key (tenant_id, spelling, term)
);
select app.isolate('catalog.spellings');
grant select, insert, delete on catalog.spellings to cd_catalog;

create function catalog.spellings_of(term text) returns setof text
    language sql immutable strict parallel safe
begin atomic
    select term union select left(term, at - 1) || substr(term, at + 1) from generate_series(1, char_length(term)) as at;
end;

-- What holds a tenant's spellings together: shared for whoever adds, alone for whoever takes away.
create function catalog.spellings_key(tenant uuid) returns bigint
    language sql immutable strict parallel safe
    return hashtextextended('catalog.spellings ' || tenant::text, 0);

-- Adds the spellings of the words that have none. The plan is kept, and may be made while the table is still empty: hence no scan of it.
create function catalog.spell(tenant uuid, words text[]) returns void
    language plpgsql
    set search_path = pg_catalog, pg_temp
    set enable_seqscan = off
as $$
begin
    -- Writers do not wait for each other, but for the moment in which a word that they rely on may be going.
    perform pg_advisory_xact_lock_shared(catalog.spellings_key(tenant));
    -- In one order for everybody, so that two writers of the same words wait for each other and never both.
    insert into catalog.spellings (tenant_id, spelling, term)
    select tenant, spelling, fresh.term
    from (select distinct word as term from unnest(words) as word where word ~ '^[a-z]{2,20}$') fresh
        cross join lateral catalog.spellings_of(fresh.term) as spelling
    where not exists (
        select from catalog.spellings s where s.tenant_id = tenant and s.spelling = fresh.term and s.term = fresh.term)
    order by 2, 3
    on conflict do nothing;
end
$$;

create function catalog.terms_spelled() returns trigger
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    fresh record;
begin
    for fresh in select tenant_id, array_agg(distinct term) as words from added group by tenant_id loop
        perform catalog.spell(fresh.tenant_id, fresh.words);
    end loop;
    return null;
end
$$;
create trigger spelled after insert on catalog.terms referencing new table as added
    for each statement execute function catalog.terms_spelled();
