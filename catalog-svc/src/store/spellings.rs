//! The shop's words by their spellings, for words with slips. The database keeps them beside the words of products.

use std::collections::HashSet;

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;

/// The words that have one of these spellings and some product, each with the spelling.
pub async fn find(tx: &mut TenantTx, spellings: &[String]) -> Result<Vec<(String, String)>, Error> {
    let rows = sqlx::query!(
        "select spelling, term from catalog.spellings s where tenant_id = $1 and spelling = any($2)
             and exists (select from catalog.terms t where t.tenant_id = $1 and t.term = s.term)
         order by spelling, term limit 1000",
        tx.tenant().0,
        spellings
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.spelling, row.term)).collect())
}

/// Those of the terms that some product has.
pub async fn known(tx: &mut TenantTx, terms: &[String]) -> Result<HashSet<String>, Error> {
    let rows = sqlx::query_scalar!(
        r#"select term as "term!" from unnest($2::text[]) as asked(term)
         where exists (select from catalog.terms t where t.tenant_id = $1 and t.term = asked.term)"#,
        tx.tenant().0,
        terms
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().collect())
}

/// Adds the spellings of words whose products are there already; those of new products come by themselves.
pub async fn spell(tx: &mut TenantTx, terms: &[String]) -> Result<(), Error> {
    sqlx::query!("select catalog.spell($1, $2)", tx.tenant().0, terms).execute(tx.conn()).await?;
    Ok(())
}

/// Words after `after` that no product has any more, in their order.
pub async fn dead(tx: &mut TenantTx, after: &str, limit: i64) -> Result<Vec<String>, Error> {
    let terms = sqlx::query_scalar!(
        "select term from catalog.spellings s where tenant_id = $1 and spelling > $2 and spelling = term
             and not exists (select from catalog.terms t where t.tenant_id = $1 and t.term = s.term)
         order by spelling limit $3",
        tx.tenant().0,
        after,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(terms)
}

/// Takes the spellings of those words away that are still dead; not while somebody writes words, who may rely on them.
pub async fn forget(tx: &mut TenantTx, terms: &[String]) -> Result<(), Error> {
    let is_alone = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(catalog.spellings_key($1)) as "alone!""#,
        tx.tenant().0
    )
    .fetch_one(tx.conn())
    .await?;
    if is_alone {
        // A statement of its own, to see what was written up to now.
        sqlx::query!(
            "delete from catalog.spellings s
             using unnest($2::text[]) as dead(term) cross join lateral catalog.spellings_of(dead.term) as own(spelling)
             where s.tenant_id = $1 and s.spelling = own.spelling and s.term = dead.term
                 and not exists (select from catalog.terms t where t.tenant_id = $1 and t.term = dead.term)",
            tx.tenant().0,
            terms
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}
