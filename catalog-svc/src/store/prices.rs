//! What prices were.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::price::{PriceChange, PriceSource};

/// Changes of one product's prices that were made at one moment.
pub struct Changed {
    /// Whose.
    pub product: Uuid,
    /// What changed.
    pub changes: Vec<PriceChange>,
}

/// Who changed prices, how and when.
#[derive(Debug, Clone, Copy)]
pub struct Author {
    /// The user, when it was one.
    pub user: Option<Uuid>,
    /// How.
    pub source: PriceSource,
    /// When.
    pub at: DateTime<Utc>,
}

/// Notes changes.
pub async fn note(tx: &mut TenantTx, changed: &[Changed], author: Author) -> Result<(), Error> {
    let all = || changed.iter().flat_map(|changed| changed.changes.iter().map(move |change| (changed.product, change)));
    if all().next().is_none() {
        return Ok(());
    }
    let products: Vec<Uuid> = all().map(|(product, _)| product).collect();
    let ids: Vec<Uuid> = all().map(|_| chatdesk_platform::new_id()).collect();
    let variants: Vec<String> = all().map(|(_, change)| change.variant.clone()).collect();
    let old: Vec<Option<i64>> = all().map(|(_, change)| change.old_minor).collect();
    let new: Vec<Option<i64>> = all().map(|(_, change)| change.new_minor).collect();
    let currencies: Vec<String> = all().map(|(_, change)| change.currency.clone()).collect();
    let former: Vec<String> = all().map(|(_, change)| change.old_currency.clone()).collect();
    sqlx::query!(
        "insert into catalog.price_changes (tenant_id, product_id, change_id, variant, old_minor, new_minor, currency, old_currency,
             changed_at, changed_by, source)
         select $1, product_id, change_id, variant, old_minor, new_minor, currency, old_currency, $9, $10, $11
         from unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::text[])
             as t(product_id, change_id, variant, old_minor, new_minor, currency, old_currency)",
        tx.tenant().0,
        &products,
        &ids,
        &variants,
        &old as &[Option<i64>],
        &new as &[Option<i64>],
        &currencies,
        &former,
        author.at,
        author.user,
        author.source.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A change as it was noted.
pub struct Noted {
    /// UUIDv7.
    pub id: Uuid,
    /// What changed.
    pub change: PriceChange,
    /// When.
    pub at: DateTime<Utc>,
    /// The user, when it was one.
    pub by: Option<Uuid>,
    /// How.
    pub source: PriceSource,
}

/// Those of a product before `before`, newest first.
pub async fn list(tx: &mut TenantTx, product: Uuid, before: Option<Uuid>, limit: i64) -> Result<Vec<Noted>, Error> {
    let rows = sqlx::query!(
        "select change_id, variant, old_minor, new_minor, currency, old_currency, changed_at, changed_by, source
         from catalog.price_changes
         where tenant_id = $1 and product_id = $2 and change_id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         order by change_id desc limit $4",
        tx.tenant().0,
        product,
        before,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let noted = rows.into_iter().map(|row| {
        let source =
            PriceSource::named(&row.source).ok_or_else(|| Error::internal("a price change of an unknown source"))?;
        Ok(Noted {
            id: row.change_id,
            change: PriceChange {
                variant: row.variant,
                old_minor: row.old_minor,
                new_minor: row.new_minor,
                currency: row.currency,
                old_currency: row.old_currency,
            },
            at: row.changed_at,
            by: row.changed_by,
            source,
        })
    });
    noted.collect()
}
