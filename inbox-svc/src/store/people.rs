//! People whom Meta asked us to forget: rows of `routing`, looked for among the contacts of every tenant.

use chatdesk_platform::Error;
use chatdesk_platform::db::{SystemTx, TenantTx};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Somebody to be forgotten.
pub struct Sought {
    /// Meta's id of them.
    pub user: String,
    /// When Meta asked for it.
    pub issued_at: DateTime<Utc>,
}

/// Somebody who is looked for; none when they were found nowhere any more.
pub async fn get(tx: &mut SystemTx, id: Uuid) -> Result<Option<Sought>, Error> {
    let sought = sqlx::query_as!(
        Sought,
        r#"select platform_user_id as "user", issued_at from routing.person_erasures where id = $1"#,
        id
    );
    Ok(sought.fetch_optional(tx.conn()).await?)
}

/// All of them.
pub async fn all(tx: &mut SystemTx) -> Result<Vec<Uuid>, Error> {
    Ok(sqlx::query_scalar!("select id from routing.person_erasures").fetch_all(tx.conn()).await?)
}

/// Contacts of this transaction's tenant, of whatever page, that bear the very id and first wrote before `before`.
pub async fn contacts(tx: &mut TenantTx, user: &str, before: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "select id from inbox.contacts where platform_user_id = $1 and created_at < $2",
        user,
        before
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

/// They are nowhere any more, unless Meta asked again since.
pub async fn done(tx: &mut SystemTx, id: Uuid, sought: &Sought) -> Result<(), Error> {
    sqlx::query!("delete from routing.person_erasures where id = $1 and issued_at = $2", id, sought.issued_at)
        .execute(tx.conn())
        .await?;
    Ok(())
}
