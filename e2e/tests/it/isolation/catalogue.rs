//! What a business sells and knows, and its files, with another business's ids.

use chatdesk_platform::grpc::Client;
use chatdesk_proto::ai::v1::answer_service_client::AnswerServiceClient;
use chatdesk_proto::ai::v1::{RecheckRequest, UsedProduct};
use chatdesk_proto::catalog::v1::entry_service_client::EntryServiceClient;
use chatdesk_proto::catalog::v1::import_service_client::ImportServiceClient;
use chatdesk_proto::catalog::v1::index_service_client::IndexServiceClient;
use chatdesk_proto::catalog::v1::product_service_client::ProductServiceClient;
use chatdesk_proto::catalog::v1::search_service_client::SearchServiceClient;
use chatdesk_proto::catalog::v1::*;
use tonic::Code;

use super::Owned;
use super::calls::code;

/// The catalogue's methods that take no id of a tenant's thing, or answer without the things of other tenants (tried below).
pub const NAMES_NOTHING: &[&str] = &[
    "ListProducts",
    "GetProducts",
    "CreateProduct",
    "ListCategories",
    "ListEntries",
    "CreateEntry",
    "StartImport",
    "ListImports",
    "ExportProducts",
    "Search",
    "ClaimEmbeddings",
    "StoreEmbeddings",
];

/// What each call that names another's thing comes to; what lists or looks for things finds none of the other's.
pub async fn codes(owned: &Owned, client: Client, assistant: Client) -> [(&'static str, Code); 10] {
    let mut products = ProductServiceClient::new(client.clone());
    let mut entries = EntryServiceClient::new(client.clone());
    let mut imports = ImportServiceClient::new(client.clone());
    let mut searches = SearchServiceClient::new(client.clone());
    let mut index = IndexServiceClient::new(client);
    let Owned { product, entry, import, .. } = owned;

    let found = products.get_products(GetProductsRequest { ids: vec![product.clone()] }).await.expect("an answer");
    assert!(found.into_inner().items.is_empty());
    let listed = entries.list_entries(ListEntriesRequest::default()).await.expect("an answer");
    assert!(listed.into_inner().items.is_empty());
    assert!(imports.list_imports(ListImportsRequest {}).await.expect("an answer").into_inner().items.is_empty());
    let found = searches.search(SearchRequest { text: "áo thun đỏ".into(), ..Default::default() }).await;
    assert!(found.expect("an answer").into_inner().items.is_empty());
    let vector = Embedding { entity_id: product.clone(), text_hash: "x".into(), ..Default::default() };
    let request = StoreEmbeddingsRequest { model: "all-MiniLM-L6-v2".into(), items: vec![vector] };
    assert_eq!(index.store_embeddings(request).await.expect("an answer").into_inner().stored, 0);
    let used = UsedProduct { id: product.clone(), price_minor: 150_000, currency: "VND".into(), ..Default::default() };
    let mut answers = AnswerServiceClient::new(assistant);
    let stale = answers.recheck(RecheckRequest { products: vec![used] }).await.expect("an answer").into_inner();
    assert_eq!(stale.stale_product_ids, std::slice::from_ref(product), "another's product is as good as gone");

    let named = UpdateProductRequest { id: product.clone(), name: Some("x".into()), ..Default::default() };
    let titled = UpdateEntryRequest { id: entry.clone(), title: Some("x".into()), ..Default::default() };
    let prices = ListPriceChangesRequest { product_id: product.clone(), ..Default::default() };
    let rows = ListImportRowsRequest { id: import.clone(), ..Default::default() };
    [
        ("GetProduct", code(products.get_product(GetProductRequest { id: product.clone() }).await)),
        ("UpdateProduct", code(products.update_product(named).await)),
        ("DeleteProduct", code(products.delete_product(DeleteProductRequest { id: product.clone() }).await)),
        ("RestoreProduct", code(products.restore_product(RestoreProductRequest { id: product.clone() }).await)),
        ("ListPriceChanges", code(products.list_price_changes(prices).await)),
        ("UpdateEntry", code(entries.update_entry(titled).await)),
        ("DeleteEntry", code(entries.delete_entry(DeleteEntryRequest { id: entry.clone() }).await)),
        ("GetImport", code(imports.get_import(GetImportRequest { id: import.clone() }).await)),
        ("ListImportRows", code(imports.list_import_rows(rows).await)),
        ("CancelImport", code(imports.cancel_import(CancelImportRequest { id: import.clone() }).await)),
    ]
}
