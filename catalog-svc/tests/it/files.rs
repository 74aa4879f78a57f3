//! Files of products and what was made of them.

use chatdesk_platform::Role;
use proto::import_service_client::ImportServiceClient;
use proto::start_import_request::Part;

use super::*;

pub fn imports(world: &World, tenant: TenantId, role: Role) -> ImportServiceClient<Client> {
    ImportServiceClient::new(world.as_member(tenant, role))
}

/// Hands a file in as a manager.
pub async fn hand_in(
    world: &World,
    tenant: TenantId,
    bytes: &[u8],
    start: proto::ImportStart,
) -> Result<proto::Import, Status> {
    let part = |part| proto::StartImportRequest { part: Some(part) };
    let mut parts = vec![part(Part::Start(start))];
    parts.extend(bytes.chunks(256 * 1024).map(|chunk| part(Part::Chunk(chunk.to_vec()))));
    let stream = tokio_stream::iter(parts);
    Ok(imports(world, tenant, Role::Manager).start_import(stream).await?.into_inner())
}

pub async fn look(world: &World, tenant: TenantId, id: &str) -> proto::Import {
    let request = proto::GetImportRequest { id: id.to_owned() };
    imports(world, tenant, Role::Viewer).get_import(request).await.unwrap().into_inner()
}

/// Waits until an import is as wanted.
pub async fn until(
    world: &World,
    tenant: TenantId,
    id: &str,
    wanted: impl Fn(&proto::Import) -> bool,
) -> proto::Import {
    let looking = async {
        loop {
            let found = look(world, tenant, id).await;
            if wanted(&found) {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), looking).await.unwrap()
}

pub fn is_over(import: &proto::Import) -> bool {
    !matches!(import.state(), proto::ImportState::Queued | proto::ImportState::Running)
}

/// Hands a file in and waits for its end.
pub async fn import_with(world: &World, tenant: TenantId, bytes: &[u8], start: proto::ImportStart) -> proto::Import {
    let started = hand_in(world, tenant, bytes, start).await.unwrap();
    until(world, tenant, &started.id, is_over).await
}

pub async fn import(world: &World, tenant: TenantId, bytes: &[u8]) -> proto::Import {
    import_with(world, tenant, bytes, proto::ImportStart::default()).await
}

pub fn counts(import: &proto::Import) -> [u64; 4] {
    assert_eq!((import.state(), import.failure.as_str()), (proto::ImportState::Done, ""));
    [import.added, import.updated, import.unchanged, import.refused]
}

/// The refused rows: the line, and each error with field and code.
pub async fn refusals(world: &World, tenant: TenantId, id: &str) -> Vec<(u64, Vec<(String, String)>)> {
    let outcome = proto::ImportOutcome::Refused.into();
    let request = proto::ListImportRowsRequest { id: id.to_owned(), limit: 200, outcome, ..Default::default() };
    let found = imports(world, tenant, Role::Viewer).list_import_rows(request).await.unwrap().into_inner();
    let errors = |row: proto::ImportRow| row.errors.into_iter().map(|error| (error.field, error.code)).collect();
    found.items.into_iter().map(|row| (row.line, errors(row))).collect()
}

/// All products, as they are listed but for ids and times, by name.
pub async fn catalogue(world: &World, tenant: TenantId) -> Vec<proto::Product> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let request = proto::ListProductsRequest { cursor, limit: 200, ..Default::default() };
        let page = world.products(tenant).list_products(request).await.unwrap().into_inner();
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    for product in &mut all {
        (product.id, product.created_at, product.updated_at) = (String::new(), None, None);
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// The catalogue as a file.
pub async fn export(world: &World, tenant: TenantId, format: proto::FileFormat) -> Vec<u8> {
    let request = proto::ExportProductsRequest { format: format.into() };
    let mut chunks = imports(world, tenant, Role::Viewer).export_products(request).await.unwrap().into_inner();
    let mut bytes = Vec::new();
    while let Some(next) = chunks.message().await.unwrap() {
        bytes.extend(next.chunk);
    }
    bytes
}
