-- The catalogue at work: variants, stock, categories and pictures of products, what their prices were, imports, and entries
-- (questions and answers, policies, synonyms) that are found beside products.

alter table catalog.products
    add column sku text not null default '',
    add column category text not null default '',
    -- Null: nobody counts it.
    add column stock bigint,
    add column variants jsonb not null default '[]',
    -- All pictures; image_url stays the first of them.
    add column image_urls text[] not null default '{}',
    -- Follow from stock and variants, written by the same function that shows them: whether nothing is left of it, and how many of the
    -- scarcest thing that is counted. Here so that a list can be filtered by them.
    add column sold_out boolean not null default false,
    add column least_stock bigint,
    -- By which rules its words were made. The sweep makes those of other rules anew.
    add column words_version smallint not null default 0,
    -- Held against the rows that are there in the next file: here nobody could read meanwhile.
    add constraint products_sku_check check (char_length(sku) <= 64) not valid,
    add constraint products_category_check check (char_length(category) <= 100) not valid,
    add constraint products_stock_check check (stock between 0 and 999999999999) not valid,
    add constraint products_variants_check check (jsonb_typeof(variants) = 'array' and jsonb_array_length(variants) <= 100) not valid,
    add constraint products_image_urls_check check (cardinality(image_urls) <= 20) not valid;

alter table catalog.deleted_products
    add column sku text not null default '',
    add column category text not null default '',
    add column stock bigint,
    add column variants jsonb not null default '[]',
    add column image_urls text[] not null default '{}';

-- What the assistant knows beside the products. A few hundred of a tenant, so they have no table of words.
create table catalog.entries (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('faq', 'policy', 'synonym')),
    -- The question, the topic, or the words as customers type them.
    title text not null check (char_length(title) between 1 and 500),
    -- The answer, the rule, or the words as the shop writes them.
    body text not null check (char_length(body) between 1 and 8000),
    -- Of the text that is embedded.
    text_hash text not null,
    -- A synonym is never embedded, and is ready from the start.
    embedding_status text not null default 'pending' check (embedding_status in ('pending', 'ready', 'failed')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id)
);
select app.isolate('catalog.entries');
grant select, insert, update, delete on catalog.entries to cd_catalog;

create table catalog.entry_vectors (
    tenant_id uuid not null,
    entry_id uuid not null,
    model text not null,
    text_hash text not null,
    e halfvec(384),
    primary key (tenant_id, entry_id, model),
    foreign key (tenant_id, entry_id) references catalog.entries (tenant_id, id) on delete cascade
);
select app.isolate('catalog.entry_vectors');
grant select, insert, update, delete on catalog.entry_vectors to cd_catalog;

-- What a price was before somebody changed it. Outlives the product for as long as that can be brought back.
create table catalog.price_changes (
    tenant_id uuid not null,
    product_id uuid not null,
    -- UUIDv7: in the order of the changes.
    change_id uuid not null,
    -- The name of the variant; empty for the product itself.
    variant text not null default '',
    -- Null: the variant had no price of its own, or has none any more.
    old_minor bigint,
    new_minor bigint,
    -- Of the new price, and of the old one when that was another.
    currency text not null,
    old_currency text not null,
    changed_at timestamptz not null,
    -- The user; null when it was none.
    changed_by uuid,
    source text not null check (source in ('person', 'import')),
    primary key (tenant_id, product_id, change_id)
);
select app.isolate('catalog.price_changes');
grant select, insert, delete on catalog.price_changes to cd_catalog;

-- Files that are, or were, taken over into the catalogue.
create table catalog.imports (
    tenant_id uuid not null,
    id uuid not null,
    file_name text not null default '' check (char_length(file_name) <= 255),
    format text not null check (format in ('csv', 'xlsx')),
    size bigint not null check (size >= 0),
    -- Only tells what would happen.
    dry_run boolean not null,
    -- What names a product that is there already.
    update_by text not null check (update_by in ('sku', 'name', 'nothing')),
    state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
    -- A stable code when it failed.
    failure text not null default '',
    -- Columns as they were understood: an array of {header, field}.
    columns jsonb not null default '[]',
    -- Rows of the file, known once it was read through.
    rows_total bigint,
    rows_done bigint not null default 0,
    -- Everything up to this line of the file has its outcome.
    place bigint not null default 0,
    added bigint not null default 0,
    updated bigint not null default 0,
    unchanged bigint not null default 0,
    refused bigint not null default 0,
    started_by uuid,
    created_at timestamptz not null,
    finished_at timestamptz,
    primary key (tenant_id, id)
);
-- One at a time, so that no shop keeps the others waiting.
create unique index imports_one on catalog.imports (tenant_id) where state in ('queued', 'running');
select app.isolate('catalog.imports');
grant select, insert, update, delete on catalog.imports to cd_catalog;

-- The file itself, until it is worked off.
create table catalog.import_files (
    tenant_id uuid not null,
    import_id uuid not null,
    body bytea not null,
    primary key (tenant_id, import_id),
    foreign key (tenant_id, import_id) references catalog.imports (tenant_id, id) on delete cascade
);
alter table catalog.import_files alter column body set storage external;
select app.isolate('catalog.import_files');
grant select, insert, delete on catalog.import_files to cd_catalog;

-- What became of each product of a file.
create table catalog.import_rows (
    tenant_id uuid not null,
    import_id uuid not null,
    -- Of the file, from 1 for the first; the first of several that make one product.
    line bigint not null check (line > 0),
    outcome text not null check (outcome in ('added', 'updated', 'unchanged', 'refused')),
    product_id uuid,
    name text not null default '',
    -- An array of {field, code, detail}.
    errors jsonb not null default '[]',
    primary key (tenant_id, import_id, line),
    foreign key (tenant_id, import_id) references catalog.imports (tenant_id, id) on delete cascade
);
create index import_rows_outcome on catalog.import_rows (tenant_id, import_id, outcome, line);
select app.isolate('catalog.import_rows');
grant select, insert, delete on catalog.import_rows to cd_catalog;
