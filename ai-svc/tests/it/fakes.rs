//! The catalogue and the settings as this test plays them.

use crate::world::Fakes;
use chatdesk_platform::grpc::caller;
use chatdesk_platform::{Error, TenantId, new_id};
use chatdesk_proto::catalog::v1::index_service_server::IndexService;
use chatdesk_proto::catalog::v1::product_service_server::ProductService;
use chatdesk_proto::catalog::v1::search_service_server::SearchService;
use chatdesk_proto::catalog::v1::*;
use chatdesk_proto::tenants::v1::settings_service_server::SettingsService;
use chatdesk_proto::tenants::v1::usage_service_server::UsageService;
use chatdesk_proto::tenants::v1::*;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use tonic::{Request, Response, Status};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

pub struct Catalog(pub Arc<Fakes>);

fn tenant_of<T>(request: &Request<T>) -> Result<TenantId, Status> {
    caller(request)?.tenant().ok_or_else(|| Error::Forbidden.into())
}

#[tonic::async_trait]
impl SearchService for Catalog {
    /// The share of a name's words that the question holds, either of them without marks.
    async fn search(&self, request: Request<SearchRequest>) -> Result<Response<SearchResponse>, Status> {
        let tenant = tenant_of(&request)?;
        let request = request.into_inner();
        let words = |text: &str| {
            let folded: String = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
            let words = folded.replace('đ', "d");
            words.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        if let Some(found) = self.0.found.lock().unwrap().clone() {
            let score =
                |product| ScoredProduct { product: Some(product), score: 0.9, vector_score: 0.0, lexical_score: 0.9 };
            let items = found.into_iter().map(score).collect();
            return Ok(Response::new(SearchResponse { items, ..SearchResponse::default() }));
        }
        let asked = words(&request.text);
        let rows = self.0.products.lock().unwrap().get(&tenant).cloned().unwrap_or_default();
        let mut items: Vec<ScoredProduct> = rows
            .into_iter()
            .map(|product| {
                let name = words(&product.name);
                let found = name.iter().filter(|w| asked.contains(w)).count() as f32 / name.len() as f32;
                ScoredProduct { product: Some(product), score: found, vector_score: 0.0, lexical_score: found }
            })
            .collect();
        items.sort_by(|a, b| b.score.total_cmp(&a.score));
        items.truncate(request.limit as usize);
        self.0.searched.lock().unwrap().push(request);
        Ok(Response::new(SearchResponse { items, ..SearchResponse::default() }))
    }
}

#[tonic::async_trait]
impl ProductService for Catalog {
    async fn get_products(
        &self,
        request: Request<GetProductsRequest>,
    ) -> Result<Response<GetProductsResponse>, Status> {
        let tenant = tenant_of(&request)?;
        let ids = request.into_inner().ids;
        let rows = self.0.products.lock().unwrap().get(&tenant).cloned().unwrap_or_default();
        Ok(Response::new(GetProductsResponse { items: rows.into_iter().filter(|p| ids.contains(&p.id)).collect() }))
    }
    async fn list_products(&self, _: Request<ListProductsRequest>) -> Result<Response<ListProductsResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn get_product(&self, _: Request<GetProductRequest>) -> Result<Response<Product>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn create_product(&self, _: Request<CreateProductRequest>) -> Result<Response<Product>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn update_product(&self, _: Request<UpdateProductRequest>) -> Result<Response<Product>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn delete_product(
        &self,
        _: Request<DeleteProductRequest>,
    ) -> Result<Response<DeleteProductResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn restore_product(&self, _: Request<RestoreProductRequest>) -> Result<Response<Product>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn list_categories(
        &self,
        _: Request<ListCategoriesRequest>,
    ) -> Result<Response<ListCategoriesResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn list_price_changes(
        &self,
        _: Request<ListPriceChangesRequest>,
    ) -> Result<Response<ListPriceChangesResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

#[tonic::async_trait]
impl IndexService for Catalog {
    async fn claim_embeddings(
        &self,
        _: Request<ClaimEmbeddingsRequest>,
    ) -> Result<Response<ClaimEmbeddingsResponse>, Status> {
        loop {
            let changed = self.0.changed.notified();
            let items: Vec<EmbeddingTask> = self.0.tasks.lock().unwrap().drain(..).collect();
            if !items.is_empty() {
                return Ok(Response::new(ClaimEmbeddingsResponse { items }));
            }
            changed.await;
        }
    }

    async fn store_embeddings(
        &self,
        request: Request<StoreEmbeddingsRequest>,
    ) -> Result<Response<StoreEmbeddingsResponse>, Status> {
        let tenant = tenant_of(&request)?;
        let items = request.into_inner().items;
        if self.0.refused_tenants.lock().unwrap().contains(&tenant) {
            return Err(Error::Unavailable("the database").into());
        }
        let refused = self.0.refused_products.lock().unwrap().clone();
        if items.iter().any(|item| !item.vector.is_empty() && refused.contains(&item.entity_id)) {
            return Err(Error::invalid("items[0].vector", "malformed", "is no unit vector").into());
        }
        let stored = items.len() as u32;
        self.0.stored.lock().unwrap().extend(items.into_iter().map(|item| (tenant, item)));
        self.0.changed.notify_waiters();
        Ok(Response::new(StoreEmbeddingsResponse { stored }))
    }
}

pub struct Tenants(pub Arc<Fakes>);

#[tonic::async_trait]
impl SettingsService for Tenants {
    async fn get_assistant_settings(
        &self,
        request: Request<GetAssistantSettingsRequest>,
    ) -> Result<Response<AssistantSettings>, Status> {
        tenant_of(&request)?;
        if let Some(code) = *self.0.halted.lock().unwrap() {
            return Err(chatdesk_platform::Error::Precondition { code, detail: "It may not.".to_owned() }.into());
        }
        Ok(Response::new(self.0.settings.lock().unwrap().clone()))
    }
    async fn update_assistant_settings(
        &self,
        _: Request<UpdateAssistantSettingsRequest>,
    ) -> Result<Response<AssistantSettings>, Status> {
        Err(Status::unimplemented(""))
    }
}

#[tonic::async_trait]
impl UsageService for Tenants {
    async fn reserve_tokens(&self, request: Request<ReserveTokensRequest>) -> Result<Response<Reservation>, Status> {
        tenant_of(&request)?;
        if let Some(code) = *self.0.no_tokens.lock().unwrap() {
            return Err(Error::Exhausted { code, retry_after: None }.into());
        }
        let id = new_id().to_string();
        self.0.reserved.lock().unwrap().push(id.clone());
        let low = self.0.tokens_low.load(SeqCst);
        Ok(Response::new(Reservation { id, low, ..Reservation::default() }))
    }
    async fn settle_tokens(
        &self,
        request: Request<SettleTokensRequest>,
    ) -> Result<Response<SettleTokensResponse>, Status> {
        self.0.settled.lock().unwrap().push(request.into_inner());
        Ok(Response::new(SettleTokensResponse {}))
    }
}
