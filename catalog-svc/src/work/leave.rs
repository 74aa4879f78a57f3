//! What the catalogue does when a tenant takes its data along, or is deleted.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::db::erase::Erase;
use chatdesk_platform::db::export::{Line, Share};
use chatdesk_platform::{Error, ServiceName};
use uuid::Uuid;

use crate::store::{erase, export};

/// The catalogue's share of an export.
#[derive(Clone)]
pub struct CatalogShare;

impl Share for CatalogShare {
    const SERVICE: ServiceName = ServiceName::Catalog;
    const KIND: &'static str = "export_catalog";
    const FILES: &'static [&'static str] = &["products.ndjson", "entries.ndjson"];
    type Parts = export::Parts;

    async fn lines(&self, tx: &mut TenantTx, file: &'static str, after: Uuid) -> Result<Vec<Line>, Error> {
        match file {
            "products.ndjson" => export::products(tx, after).await,
            "entries.ndjson" => export::entries(tx, after).await,
            _ => Err(Error::internal("an export has no such file")),
        }
    }
}

/// The catalogue's part of a deletion.
pub struct EraseCatalog;

impl Erase for EraseCatalog {
    const KIND: &'static str = "erase_catalog";
    const NEXT: Option<&'static str> = Some("erase_tenants");

    async fn piece(&self, tx: &mut TenantTx, most: i64) -> Result<u64, Error> {
        erase::piece(tx, most).await
    }
}
