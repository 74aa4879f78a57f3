//! The words products are found by.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use uuid::Uuid;

use crate::words::Weighted;

/// Puts these words in the place of the product's former ones. What stays is not touched: each change costs the shop's counts.
pub async fn replace(tx: &mut TenantTx, product: Uuid, terms: Vec<Weighted>) -> Result<(), Error> {
    let (words, weights): (Vec<String>, Vec<f32>) = terms.into_iter().map(|term| (term.term, term.weight)).unzip();
    sqlx::query!(
        "delete from catalog.terms t where t.tenant_id = $1 and t.product_id = $2 and not exists (
             select from unnest($3::text[], $4::real[]) as kept(term, weight)
             where kept.term = t.term and kept.weight = t.weight)",
        tx.tenant().0,
        product,
        &words,
        &weights
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into catalog.terms (tenant_id, term, product_id, weight)
         select $1, term, $2, weight from unnest($3::text[], $4::real[]) as t(term, weight)
         on conflict do nothing",
        tx.tenant().0,
        product,
        &words,
        &weights
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
