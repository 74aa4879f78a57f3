//! Files that are taken over into the catalogue.

use chatdesk_proto::catalog::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, Unreadable, each, filled, names, time, time_opt};

names! {
    /// How an import stands.
    ImportState of pb::ImportState {
        /// It waits for its turn.
        Queued,
        /// It is being worked off.
        Running,
        /// Every row has its outcome.
        Done,
        /// The file cannot be taken over; `failure` says why.
        Failed,
        /// Somebody stopped it; what it had written stays.
        Cancelled,
    }
}

names! {
    /// What kind of file.
    FileFormat of pb::FileFormat { Csv, Xlsx }
}

/// A column of the file and what it was taken for.
#[derive(Serialize, ToSchema)]
pub struct ImportColumn {
    /// As it stands in the file.
    header: String,
    /// The product's field; `extra_info` for one that is not known, `ignored` for what customers must not be told.
    #[schema(example = "price")]
    field: String,
}

/// A file and how far it has got.
#[derive(Serialize, ToSchema)]
pub struct Import {
    id: String,
    file_name: Option<String>,
    format: FileFormat,
    /// Bytes.
    size: u64,
    /// Whether nothing is written.
    dry_run: bool,
    /// `sku` or `name`; null when products are only added.
    #[schema(example = "sku")]
    update: Option<&'static str>,
    state: ImportState,
    /// A stable code when it failed: `encoding`, `empty_file`, `no_name_column`, `duplicate_column`, `too_many_rows`, `too_many_columns`,
    /// `broken_quotes`, `broken_file`, `protected_file`, `too_large_unpacked`, `internal`.
    failure: Option<String>,
    /// Empty until the file was looked at.
    columns: Vec<ImportColumn>,
    /// Null until the file was read through.
    rows_total: Option<u64>,
    rows_done: u64,
    /// Products added, or that would be.
    added: u64,
    /// Products changed, or that would be.
    updated: u64,
    unchanged: u64,
    refused: u64,
    /// The id of a user.
    started_by: Option<String>,
    created_at: Time,
    finished_at: Option<Time>,
}

impl TryFrom<pb::Import> for Import {
    type Error = Unreadable;

    fn try_from(told: pb::Import) -> Result<Self, Unreadable> {
        let update = match told.update_by() {
            pb::UpdateBy::Unspecified => None,
            pb::UpdateBy::Sku => Some("sku"),
            pb::UpdateBy::Name => Some("name"),
        };
        let column = |column: pb::ImportColumn| ImportColumn { header: column.header, field: column.field };
        Ok(Self {
            id: told.id,
            file_name: filled(told.file_name),
            format: told.format.try_into()?,
            size: told.size,
            dry_run: told.dry_run,
            update,
            state: told.state.try_into()?,
            failure: filled(told.failure),
            columns: told.columns.into_iter().map(column).collect(),
            rows_total: told.rows_total,
            rows_done: told.rows_done,
            added: told.added,
            updated: told.updated,
            unchanged: told.unchanged,
            refused: told.refused,
            started_by: filled(told.started_by),
            created_at: time(told.created_at, "import")?,
            finished_at: time_opt(told.finished_at),
        })
    }
}

names! {
    /// What became of a product of the file.
    ImportOutcome of pb::ImportOutcome { Added, Updated, Unchanged, Refused }
}

/// Why a product of the file was refused.
#[derive(Serialize, ToSchema)]
pub struct ImportError {
    /// The product's field, such as `price`.
    field: String,
    /// Stable, such as `malformed`, `required`, `duplicate`, `taken`, `ambiguous`, `too_many_cells`, `formula_error`.
    code: String,
    /// A sentence for a person.
    detail: String,
    /// The line of the file.
    line: u64,
}

impl TryFrom<pb::ImportError> for ImportError {
    type Error = Unreadable;

    fn try_from(told: pb::ImportError) -> Result<Self, Unreadable> {
        Ok(Self { field: told.field, code: told.code, detail: told.detail, line: told.line })
    }
}

/// A product of the file; lines that make one product together are told once.
#[derive(Serialize, ToSchema)]
pub struct ImportRow {
    /// Its first line in the file, from 1.
    line: u64,
    outcome: ImportOutcome,
    product_id: Option<String>,
    /// Its name, or its sku, as far as it could be read.
    name: String,
    errors: Vec<ImportError>,
}

impl TryFrom<pb::ImportRow> for ImportRow {
    type Error = Unreadable;

    fn try_from(told: pb::ImportRow) -> Result<Self, Unreadable> {
        Ok(Self {
            line: told.line,
            outcome: told.outcome.try_into()?,
            product_id: filled(told.product_id),
            name: told.name,
            errors: each(told.errors)?,
        })
    }
}
