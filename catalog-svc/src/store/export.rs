//! What the catalogue holds of a tenant, as lines of JSON. Words and vectors are made of it and are not taken along.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chatdesk_platform::db::export::Line;
use uuid::Uuid;

chatdesk_platform::export_parts!("catalog");

/// Products, each with what its prices were.
pub async fn products(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Line>, Error> {
    let lines = sqlx::query_as!(
        Line,
        r#"select r.id as "place!", row_to_json(r)::text as "json!" from (
               select product_id as id, name, description, price_minor, currency, status, extra_info, sku, category, stock, variants,
                   image_urls, created_at, updated_at,
                   (select coalesce(json_agg(json_build_object('variant', c.variant, 'old_minor', c.old_minor,
                        'new_minor', c.new_minor, 'currency', c.currency, 'changed_at', c.changed_at, 'changed_by', c.changed_by,
                        'source', c.source) order by c.change_id), '[]')
                    from catalog.price_changes c where c.product_id = t.product_id) as price_changes
               from catalog.products t where t.product_id > $1 order by t.product_id limit 200) r
           order by r.id"#,
        after
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(lines)
}

/// Questions and answers, policies, synonyms.
pub async fn entries(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Line>, Error> {
    let lines = sqlx::query_as!(
        Line,
        r#"select r.id as "place!", row_to_json(r)::text as "json!" from (
               select id, kind, title, body, created_at, updated_at
               from catalog.entries t where t.id > $1 order by t.id limit 200) r
           order by r.id"#,
        after
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(lines)
}
