-- Which embedding model's vectors each tenant's questions are compared with. A model that comes after another serves once it has a vector for
-- every text of the tenant; until then products are found by their words alone, as some with a vector and some without cannot be ranked fairly.

create table catalog.serving_models (
    tenant_id uuid primary key,
    model text not null
);
select app.isolate('catalog.serving_models');
grant select, insert, update on catalog.serving_models to cd_catalog;

-- Writers wait for these, readers do not. They come before anything else touches the table: who waits for a row of ours would hold what these
-- wait for.
create unique index products_sku on catalog.products (tenant_id, sku) where sku <> '';
-- A file may name what it changes by its name.
create index products_name on catalog.products (tenant_id, name);
create index products_category on catalog.products (tenant_id, category, product_id);
create index products_least_stock on catalog.products (tenant_id, least_stock) where least_stock is not null;
alter table catalog.products
    validate constraint products_sku_check,
    validate constraint products_category_check,
    validate constraint products_stock_check,
    validate constraint products_variants_check,
    validate constraint products_image_urls_check;

-- What is there already, tenant by tenant as the policy wants it; no reader waits. What serves is the model with the most vectors, and every
-- product keeps its picture.
do $$
declare
    tenant uuid;
begin
    for tenant in select tenant_id from routing.tenants loop
        perform set_config('app.tenant_id', tenant::text, true);
        insert into catalog.serving_models (tenant_id, model)
        select tenant, model from catalog.vectors where tenant_id = tenant group by model order by count(*) desc, model limit 1;
        update catalog.products set image_urls = array[image_url]
        where tenant_id = tenant and image_url <> '' and image_urls = '{}';
        update catalog.deleted_products set image_urls = array[image_url]
        where tenant_id = tenant and image_url <> '' and image_urls = '{}';
    end loop;
end
$$;
