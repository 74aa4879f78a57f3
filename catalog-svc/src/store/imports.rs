//! Files that are taken over, and what became of their rows.

mod rows;

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::import::{Counts, Import, ImportState, UpdateBy};
use crate::sheet::Format;

pub use rows::{ImportRow, add as add_rows, list as list_rows};

struct Row {
    id: Uuid,
    file_name: String,
    format: String,
    size: i64,
    dry_run: bool,
    update_by: String,
    state: String,
    failure: String,
    columns: Json<Vec<(String, String)>>,
    rows_total: Option<i64>,
    rows_done: i64,
    place: i64,
    added: i64,
    updated: i64,
    unchanged: i64,
    refused: i64,
    started_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl Row {
    fn import(self) -> Result<Import, Error> {
        let unknown = |what: &str| Error::internal(format!("a stored import has an unknown {what}"));
        Ok(Import {
            id: self.id,
            file_name: self.file_name,
            format: Format::named(&self.format).ok_or_else(|| unknown("format"))?,
            size: self.size,
            dry_run: self.dry_run,
            update_by: UpdateBy::named(&self.update_by).ok_or_else(|| unknown("way to update"))?,
            state: ImportState::named(&self.state).ok_or_else(|| unknown("state"))?,
            failure: self.failure,
            columns: self.columns.0,
            rows_total: self.rows_total,
            rows_done: self.rows_done,
            place: self.place,
            counts: Counts {
                added: self.added,
                updated: self.updated,
                unchanged: self.unchanged,
                refused: self.refused,
            },
            started_by: self.started_by,
            created_at: self.created_at,
            finished_at: self.finished_at,
        })
    }
}

/// Adds an import with its file. Another one that is not over is a precondition that fails.
pub async fn insert(tx: &mut TenantTx, import: &Import, body: &[u8]) -> Result<(), Error> {
    sqlx::query!(
        "insert into catalog.imports (tenant_id, id, file_name, format, size, dry_run, update_by, started_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tx.tenant().0,
        import.id,
        import.file_name,
        import.format.as_str(),
        import.size,
        import.dry_run,
        import.update_by.as_str(),
        import.started_by,
        import.created_at
    )
    .execute(tx.conn())
    .await
    .map_err(|error| {
        if error.as_database_error().is_some_and(|error| error.constraint() == Some("imports_one")) {
            let detail = "another file is being imported; wait for it, or stop it".to_owned();
            return Error::Precondition { code: "import_running", detail };
        }
        error.into()
    })?;
    sqlx::query!(
        "insert into catalog.import_files (tenant_id, import_id, body) values ($1, $2, $3)",
        tx.tenant().0,
        import.id,
        body
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets all but the newest so many, with their reports.
pub async fn forget_old(tx: &mut TenantTx, kept: i64) -> Result<(), Error> {
    sqlx::query!(
        "delete from catalog.imports where tenant_id = $1 and state not in ('queued', 'running') and id not in (
             select id from catalog.imports where tenant_id = $1 order by id desc limit $2)",
        tx.tenant().0,
        kept
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// One import.
pub async fn get(tx: &mut TenantTx, id: Uuid) -> Result<Option<Import>, Error> {
    Ok(find(tx, Some(id), 1).await?.pop())
}

/// The newest ones, newest first.
pub async fn list(tx: &mut TenantTx, limit: i64) -> Result<Vec<Import>, Error> {
    find(tx, None, limit).await
}

async fn find(tx: &mut TenantTx, id: Option<Uuid>, limit: i64) -> Result<Vec<Import>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id, file_name, format, size, dry_run, update_by, state, failure, columns as "columns: _", rows_total, rows_done,
             place, added, updated, unchanged, refused, started_by, created_at, finished_at
         from catalog.imports where tenant_id = $1 and ($2::uuid is null or id = $2) order by id desc limit $3"#,
        tx.tenant().0,
        id,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::import).collect()
}

/// Those that are not over.
pub async fn open(tx: &mut TenantTx) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "select id from catalog.imports where tenant_id = $1 and state in ('queued', 'running')",
        tx.tenant().0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// The state, held until the end of the transaction.
pub async fn lock(tx: &mut TenantTx, id: Uuid) -> Result<Option<ImportState>, Error> {
    let state = sqlx::query_scalar!(
        "select state from catalog.imports where tenant_id = $1 and id = $2 for update",
        tx.tenant().0,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    let named =
        |state: String| ImportState::named(&state).ok_or_else(|| Error::internal("an import of an unknown state"));
    state.map(named).transpose()
}

/// The file, while it is there.
pub async fn body(tx: &mut TenantTx, id: Uuid) -> Result<Option<Vec<u8>>, Error> {
    let body = sqlx::query_scalar!(
        "select body from catalog.import_files where tenant_id = $1 and import_id = $2",
        tx.tenant().0,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(body)
}

/// Says that it is being worked off, and what was seen of the file.
pub async fn set_running(tx: &mut TenantTx, id: Uuid, columns: &[(String, String)], rows: i64) -> Result<(), Error> {
    sqlx::query!(
        "update catalog.imports set state = 'running', columns = $3, rows_total = $4 where tenant_id = $1 and id = $2",
        tx.tenant().0,
        id,
        Json(columns) as _,
        rows
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Adds outcomes, and moves on to this line.
pub async fn advance(tx: &mut TenantTx, id: Uuid, place: i64, rows: i64, counts: Counts) -> Result<(), Error> {
    sqlx::query!(
        "update catalog.imports set place = $3, rows_done = rows_done + $4, added = added + $5, updated = updated + $6,
             unchanged = unchanged + $7, refused = refused + $8
         where tenant_id = $1 and id = $2",
        tx.tenant().0,
        id,
        place,
        rows,
        counts.added,
        counts.updated,
        counts.unchanged,
        counts.refused
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends an import that is not over, and lets its file go.
pub async fn end(
    tx: &mut TenantTx,
    id: Uuid,
    state: ImportState,
    failure: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "update catalog.imports set state = $3, failure = $4, finished_at = $5
         where tenant_id = $1 and id = $2 and state in ('queued', 'running')",
        tx.tenant().0,
        id,
        state.as_str(),
        failure,
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from catalog.import_files where tenant_id = $1 and import_id = $2", tx.tenant().0, id)
        .execute(tx.conn())
        .await?;
    Ok(())
}
