-- Products, the words they are found by, and their vectors.

create table catalog.products (
    tenant_id uuid not null,
    product_id uuid not null,
    name text not null check (char_length(name) between 1 and 300),
    description text not null check (char_length(description) <= 8000),
    price_minor bigint not null check (price_minor >= 0),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    status text not null check (status in ('available', 'out_of_stock')),
    -- A JSON object kept as it was written: jsonb would refuse \u0000 and rewrite numbers.
    extra_info text not null check (octet_length(extra_info) <= 16384),
    -- Of the text that is embedded.
    text_hash text not null,
    embedding_status text not null default 'pending' check (embedding_status in ('pending', 'ready', 'failed')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, product_id)
);
select app.isolate('catalog.products');
grant select, insert, update, delete on catalog.products to cd_catalog;

-- Folded words and pairs of words. Plain text equality may use an index under row security, full-text operators may not.
create table catalog.terms (
    tenant_id uuid not null,
    term text not null collate "C",
    product_id uuid not null,
    -- Where it stands: 1 in the name, less elsewhere.
    weight real not null check (weight > 0 and weight <= 1),
    primary key (tenant_id, term, product_id) include (weight),
    foreign key (tenant_id, product_id) references catalog.products on delete cascade
);
create index terms_product on catalog.terms (tenant_id, product_id);
select app.isolate('catalog.terms');
grant select, insert, delete on catalog.terms to cd_catalog;

-- Narrow rows of their own, because a search reads all of a tenant's. No approximate index: it would mix tenants and lose recall
-- under row security. A null vector says that this text cannot be embedded with this model.
create table catalog.vectors (
    tenant_id uuid not null,
    product_id uuid not null,
    model text not null,
    text_hash text not null,
    e halfvec(384),
    primary key (tenant_id, product_id, model),
    foreign key (tenant_id, product_id) references catalog.products on delete cascade
);
select app.isolate('catalog.vectors');
grant select, insert, update, delete on catalog.vectors to cd_catalog;
