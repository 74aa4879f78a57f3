//! What of the due work a person looks at and decides: how much waits, what was set aside and why, trying it again, giving it up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Error;

/// Up to how much of a kind is counted: more of it is no other news, and a backlog is not gone through while it is worst.
const MOST: i64 = 100_000;

/// The work of one kind; what there is more of than [`MOST`] is told as that.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Which.
    pub kind: String,
    /// Due, and nobody has it.
    pub due: i64,
    /// Being done.
    pub leased: i64,
    /// Due later.
    pub later: i64,
    /// Failed too often; waits for a person.
    pub set_aside: i64,
    /// Since when the oldest that is due has been.
    pub oldest_due_at: Option<DateTime<Utc>>,
    /// For how many seconds that is.
    pub oldest: f64,
}

/// A piece of work; the nil tenant stands for none. In the order of lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkId {
    /// Which worker takes it.
    pub kind: String,
    /// Whose it is.
    pub tenant: Uuid,
    /// What it is about.
    pub entity: Uuid,
}

impl WorkId {
    /// The cursor to the work after this.
    #[must_use]
    pub fn cursor(&self) -> String {
        let bytes = [self.tenant.as_bytes(), self.entity.as_bytes(), self.kind.as_bytes()].concat();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The work that a cursor stands for; none for what no list gave.
    #[must_use]
    pub fn of_cursor(cursor: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (tenant, rest) = bytes.split_first_chunk::<16>()?;
        let (entity, kind) = rest.split_first_chunk::<16>()?;
        let kind = std::str::from_utf8(kind).ok().filter(|kind| !kind.contains('\0'))?.to_owned();
        Some(Self { kind, tenant: Uuid::from_bytes(*tenant), entity: Uuid::from_bytes(*entity) })
    }
}

/// Work that failed too often.
#[derive(Debug, Clone)]
pub struct SetAside {
    /// Which.
    pub id: WorkId,
    /// How often it was tried.
    pub attempts: i32,
    /// What the last try failed with.
    pub why: String,
    /// When it was set aside, where that was noted.
    pub failed_at: Option<DateTime<Utc>>,
}

/// The kinds of which there is any work, whoever does it. Found by steps from one to the next: the rows in between are not looked at.
pub async fn kinds(connection: &mut PgConnection) -> Result<Vec<String>, Error> {
    let kinds = sqlx::query_scalar!(
        r#"with recursive kinds as (
               select min(kind) as kind from routing.due_work
               union all
               select (select min(d.kind) from routing.due_work d where d.kind > k.kind) from kinds k where k.kind is not null)
           select kind as "kind!" from kinds where kind is not null"#
    );
    Ok(kinds.fetch_all(connection).await?)
}

/// How much of each of these kinds there is. A kind without work has none.
pub async fn queues(connection: &mut PgConnection, kinds: &[String]) -> Result<Vec<Queue>, Error> {
    let found = sqlx::query_as!(
        Queue,
        r#"select wanted as "kind!",
               count(*) filter (where d.due_at <= now() and free) as "due!",
               count(*) filter (where not free) as "leased!",
               count(*) filter (where d.due_at > now() and d.due_at < 'infinity' and free) as "later!",
               count(*) filter (where d.due_at = 'infinity' and free) as "set_aside!",
               min(d.due_at) filter (where d.due_at <= now() and free) as oldest_due_at,
               coalesce(extract(epoch from now() - min(d.due_at) filter (where d.due_at <= now() and free)), 0)::float8 as "oldest!"
           from unnest($1::text[]) as wanted
           left join lateral (
               (select due_at, lease_until is null or lease_until < now() as free
                from routing.due_work where kind = wanted and due_at < 'infinity' order by due_at limit $2)
               union all
               (select due_at, lease_until is null or lease_until < now() as free
                from routing.due_work where kind = wanted and due_at = 'infinity' limit $2)) as d on true
           group by wanted order by wanted"#,
        kinds,
        MOST
    );
    Ok(found.fetch_all(connection).await?)
}

/// Work of these kinds that was set aside, in the order of kind, tenant and entity, after the one given.
pub async fn list(
    connection: &mut PgConnection,
    kinds: &[&str],
    after: Option<&WorkId>,
    limit: i64,
) -> Result<Vec<SetAside>, Error> {
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let rows = sqlx::query!(
        "select kind, tenant_id, entity_id, attempts, last_error, failed_at from routing.due_work
         where kind = any($1) and due_at = 'infinity' and (lease_until is null or lease_until < now())
           and ($2::text is null or (kind, tenant_id, entity_id) > ($2, $3, $4))
         order by kind, tenant_id, entity_id limit $5",
        &kinds,
        after.map(|after| after.kind.as_str()),
        after.map_or_else(Uuid::nil, |after| after.tenant),
        after.map_or_else(Uuid::nil, |after| after.entity),
        limit
    )
    .fetch_all(connection)
    .await?;
    let item = |kind, tenant, entity| WorkId { kind, tenant, entity };
    let each = rows.into_iter().map(|row| SetAside {
        id: item(row.kind, row.tenant_id, row.entity_id),
        attempts: row.attempts,
        why: row.last_error,
        failed_at: row.failed_at,
    });
    Ok(each.collect())
}

/// What is to become of work that was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: only which of it is still there.
    Look,
    /// Tried again, at once and from the beginning.
    Retry,
    /// Given up.
    Discard,
}

/// Decides about those of `ids` that are set aside and of these kinds, and gives them. Rows that another holds are not waited for: they are
/// being decided about.
pub async fn decide(
    connection: &mut PgConnection,
    kinds: &[&str],
    ids: &[WorkId],
    decision: Decision,
) -> Result<Vec<WorkId>, Error> {
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let (mut names, mut tenants, mut entities) = (Vec::new(), Vec::new(), Vec::new());
    for id in ids {
        names.push(id.kind.clone());
        tenants.push(id.tenant);
        entities.push(id.entity);
    }
    let held = sqlx::query_as!(
        WorkId,
        "select kind, tenant_id as tenant, entity_id as entity from routing.due_work
         where (kind, tenant_id, entity_id) in (select * from unnest($1::text[], $2::uuid[], $3::uuid[])) and kind = any($4)
           and due_at = 'infinity' and (lease_until is null or lease_until < now())
         order by kind, tenant_id, entity_id for update skip locked",
        &names,
        &tenants,
        &entities,
        &kinds
    )
    .fetch_all(&mut *connection)
    .await?;
    for id in &held {
        match decision {
            Decision::Look => {}
            Decision::Retry => {
                sqlx::query!(
                    "update routing.due_work set due_at = now(), attempts = 0, version = version + 1, failed_at = null
                     where kind = $1 and tenant_id = $2 and entity_id = $3",
                    id.kind,
                    id.tenant,
                    id.entity
                )
                .execute(&mut *connection)
                .await?;
            }
            Decision::Discard => {
                sqlx::query!(
                    "delete from routing.due_work where kind = $1 and tenant_id = $2 and entity_id = $3",
                    id.kind,
                    id.tenant,
                    id.entity
                )
                .execute(&mut *connection)
                .await?;
            }
        }
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_come_back_and_others_do_not_panic(kind in "[a-z_]{1,20}", text in any::<String>()) {
            let id = WorkId { kind, tenant: Uuid::now_v7(), entity: Uuid::now_v7() };
            prop_assert_eq!(WorkId::of_cursor(&id.cursor()), Some(id));
            if let Some(id) = WorkId::of_cursor(&text) {
                prop_assert_eq!(id.cursor(), text);
            }
        }
    }
}
