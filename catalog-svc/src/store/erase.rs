//! A tenant's rows deleted for good.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Error, delete_piece};

/// Deletes at most so many rows of one table; none are left when it gives 0. What points to others goes first, so that nothing goes in
/// numbers that nobody counts.
pub async fn piece(tx: &mut TenantTx, most: i64) -> Result<u64, Error> {
    delete_piece!(
        tx,
        most,
        "catalog.export_parts",
        "catalog.vectors",
        "catalog.entry_vectors",
        "catalog.terms",
        "catalog.product_words",
        "catalog.common_terms",
        "catalog.spellings",
        "catalog.price_changes",
        "catalog.products",
        "catalog.deleted_products",
        "catalog.entries",
        "catalog.import_rows",
        "catalog.import_files",
        "catalog.imports",
        "catalog.serving_models",
    );
    Ok(0)
}
