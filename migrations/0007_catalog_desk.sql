-- A picture for each product, and a day in which a deleted one can be brought back.

alter table catalog.products
    add column image_url text not null default '' check (char_length(image_url) <= 2000);

-- Products as they were when somebody deleted them. Their words and vectors are made anew.
create table catalog.deleted_products (
    tenant_id uuid not null,
    product_id uuid not null,
    name text not null,
    description text not null,
    price_minor bigint not null,
    currency text not null,
    status text not null,
    extra_info text not null,
    image_url text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz not null,
    primary key (tenant_id, product_id)
);
create index deleted_products_age on catalog.deleted_products (tenant_id, deleted_at);
select app.isolate('catalog.deleted_products');
grant select, insert, delete on catalog.deleted_products to cd_catalog;
