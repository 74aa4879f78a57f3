//! The words products are found by.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use uuid::Uuid;

use crate::words::Weighted;

/// Puts these words in the place of the product's former ones.
pub async fn replace(tx: &mut TenantTx, product: Uuid, terms: Vec<Weighted>) -> Result<(), Error> {
    sqlx::query!("delete from catalog.terms where tenant_id = $1 and product_id = $2", tx.tenant().0, product)
        .execute(tx.conn())
        .await?;
    let (words, weights): (Vec<String>, Vec<f32>) = terms.into_iter().map(|term| (term.term, term.weight)).unzip();
    sqlx::query!(
        "insert into catalog.terms (tenant_id, term, product_id, weight)
         select $1, term, $2, weight from unnest($3::text[], $4::real[]) as t(term, weight)",
        tx.tenant().0,
        product,
        &words,
        &weights
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
