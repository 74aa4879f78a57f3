//! What became of each product of a file.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use sqlx::types::Json;
use uuid::Uuid;

use crate::intake::RowError;
use crate::model::import::Outcome;

/// A product of a file and its outcome.
#[derive(Debug, Clone)]
pub struct ImportRow {
    /// Its first line.
    pub line: i64,
    /// What became of it.
    pub outcome: Outcome,
    /// Which product it is; none when there is none, or will be none.
    pub product: Option<Uuid>,
    /// What to call it.
    pub name: String,
    /// Why it was refused.
    pub errors: Vec<RowError>,
}

/// An error in its column: field, code, sentence and line.
type ErrorRow = (String, String, String, u64);

/// Adds outcomes. A text that cannot be kept in JSON has its NUL characters shown.
pub async fn add(tx: &mut TenantTx, import: Uuid, rows: &[ImportRow]) -> Result<(), Error> {
    let lines: Vec<i64> = rows.iter().map(|row| row.line).collect();
    let outcomes: Vec<String> = rows.iter().map(|row| row.outcome.as_str().to_owned()).collect();
    let products: Vec<Option<Uuid>> = rows.iter().map(|row| row.product).collect();
    let names: Vec<String> = rows.iter().map(|row| row.name.replace('\0', "␀")).collect();
    let errors: Vec<Json<Vec<ErrorRow>>> =
        rows.iter().map(|row| Json(row.errors.iter().map(error).collect())).collect();
    sqlx::query!(
        "insert into catalog.import_rows (tenant_id, import_id, line, outcome, product_id, name, errors)
         select $1, $2, line, outcome, product_id, name, errors
         from unnest($3::bigint[], $4::text[], $5::uuid[], $6::text[], $7::jsonb[])
             as t(line, outcome, product_id, name, errors)",
        tx.tenant().0,
        import,
        &lines,
        &outcomes,
        &products as &[Option<Uuid>],
        &names,
        &errors as &[Json<Vec<ErrorRow>>]
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn error(error: &RowError) -> ErrorRow {
    let plain = |text: &str| text.replace('\0', "␀");
    (plain(&error.field), error.code.clone(), plain(&error.detail), error.line)
}

/// Those after a line, in the order of the file.
pub async fn list(
    tx: &mut TenantTx,
    import: Uuid,
    outcome: Option<Outcome>,
    after: i64,
    limit: i64,
) -> Result<Vec<ImportRow>, Error> {
    let rows = sqlx::query!(
        r#"select line, outcome, product_id, name, errors as "errors: Json<Vec<ErrorRow>>" from catalog.import_rows
         where tenant_id = $1 and import_id = $2 and line > $3 and ($4::text is null or outcome = $4)
         order by line limit $5"#,
        tx.tenant().0,
        import,
        after,
        outcome.map(Outcome::as_str),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let rows = rows.into_iter().map(|found| {
        let outcome =
            Outcome::named(&found.outcome).ok_or_else(|| Error::internal("an import's row of an unknown outcome"))?;
        let errors = found.errors.0.into_iter();
        let errors = errors.map(|(field, code, detail, line)| RowError { field, code, detail, line });
        Ok(ImportRow {
            line: found.line,
            outcome,
            product: found.product_id,
            name: found.name,
            errors: errors.collect(),
        })
    });
    rows.collect()
}
