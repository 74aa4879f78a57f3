//! The words products are found by.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use uuid::Uuid;

use crate::words::{VERSION, Weighted};

/// Puts these words in the place of the product's former ones, as [`replace_all`] does.
pub async fn replace(tx: &mut TenantTx, product: Uuid, terms: Vec<Weighted>) -> Result<(), Error> {
    replace_all(tx, vec![(product, terms)]).await
}

/// Puts these words in the place of the products' former ones, and notes by which rules they were made. What stays is not touched: each
/// change costs the shop's counts. All in one statement, whose triggers then lock in one order.
pub async fn replace_all(tx: &mut TenantTx, products: Vec<(Uuid, Vec<Weighted>)>) -> Result<(), Error> {
    let changed: Vec<Uuid> = products.iter().map(|(product, _)| *product).collect();
    let (mut ids, mut words, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    for (product, terms) in products {
        for term in terms {
            ids.push(product);
            words.push(term.term);
            weights.push(term.weight);
        }
    }
    sqlx::query!(
        "with noted as (
             update catalog.products set words_version = $6
             where tenant_id = $1 and product_id = any($2) and words_version <> $6),
         gone as (
             select product_id, term, weight from catalog.terms where tenant_id = $1 and product_id = any($2)
             except select product_id, term, weight from unnest($3::uuid[], $4::text[], $5::real[]) as kept(product_id, term, weight))
         delete from catalog.terms t using gone
         where t.tenant_id = $1 and t.term = gone.term and t.product_id = gone.product_id",
        tx.tenant().0,
        &changed,
        &ids,
        &words,
        &weights,
        VERSION
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into catalog.terms (tenant_id, term, product_id, weight)
         select $1, term, product_id, weight from unnest($2::uuid[], $3::text[], $4::real[]) as t(product_id, term, weight)
         on conflict do nothing",
        tx.tenant().0,
        &ids,
        &words,
        &weights
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
