//! The stand-ins for the catalogue and the assistant.

use chatdesk_proto::ai::v1 as ai;
use chatdesk_proto::ai::v1::answer_service_server::AnswerService;
use chatdesk_proto::ai::v1::retrieval_service_server::RetrievalService;
use chatdesk_proto::catalog::v1 as catalog;
use chatdesk_proto::catalog::v1::product_service_server::ProductService;
use tonic::{Request, Response, Status};

use super::{Answer, Fake};
use crate::samples;

#[tonic::async_trait]
impl ProductService for Fake {
    async fn list_products(
        &self,
        request: Request<catalog::ListProductsRequest>,
    ) -> Answer<catalog::ListProductsResponse> {
        self.0.seen("ListProducts", &request).await?;
        let items = vec![samples::product()];
        Ok(Response::new(catalog::ListProductsResponse { items, next_cursor: String::new() }))
    }

    async fn get_product(&self, request: Request<catalog::GetProductRequest>) -> Answer<catalog::Product> {
        self.0.seen("GetProduct", &request).await?;
        Ok(Response::new(samples::product()))
    }

    async fn get_products(
        &self,
        request: Request<catalog::GetProductsRequest>,
    ) -> Answer<catalog::GetProductsResponse> {
        self.0.seen("GetProducts", &request).await?;
        let mut items = vec![samples::product()];
        items.retain(|product| request.get_ref().ids.contains(&product.id));
        Ok(Response::new(catalog::GetProductsResponse { items }))
    }

    async fn create_product(&self, request: Request<catalog::CreateProductRequest>) -> Answer<catalog::Product> {
        self.0.seen("CreateProduct", &request).await?;
        let wish = request.into_inner();
        Ok(Response::new(catalog::Product {
            name: wish.name,
            price_minor: wish.price_minor,
            currency: wish.currency,
            status: wish.status,
            extra_info: wish.extra_info,
            image_url: wish.image_url,
            sku: wish.sku,
            category: wish.category,
            stock: wish.stock,
            variants: wish.variants,
            image_urls: wish.image_urls,
            ..samples::product()
        }))
    }

    async fn update_product(&self, request: Request<catalog::UpdateProductRequest>) -> Answer<catalog::Product> {
        self.0.seen("UpdateProduct", &request).await?;
        Ok(Response::new(samples::product()))
    }

    async fn delete_product(
        &self,
        request: Request<catalog::DeleteProductRequest>,
    ) -> Answer<catalog::DeleteProductResponse> {
        self.0.seen("DeleteProduct", &request).await?;
        Ok(Response::new(catalog::DeleteProductResponse {}))
    }

    async fn restore_product(&self, request: Request<catalog::RestoreProductRequest>) -> Answer<catalog::Product> {
        self.0.seen("RestoreProduct", &request).await?;
        Ok(Response::new(samples::product()))
    }

    async fn list_categories(
        &self,
        request: Request<catalog::ListCategoriesRequest>,
    ) -> Answer<catalog::ListCategoriesResponse> {
        self.0.seen("ListCategories", &request).await?;
        let items = vec![catalog::Category { name: "Áo".into(), products: 3 }];
        Ok(Response::new(catalog::ListCategoriesResponse { items }))
    }

    async fn list_price_changes(
        &self,
        request: Request<catalog::ListPriceChangesRequest>,
    ) -> Answer<catalog::ListPriceChangesResponse> {
        self.0.seen("ListPriceChanges", &request).await?;
        let items = vec![samples::price_change()];
        Ok(Response::new(catalog::ListPriceChangesResponse { items, next_cursor: String::new() }))
    }
}

#[tonic::async_trait]
impl AnswerService for Fake {
    async fn answer(&self, request: Request<ai::AnswerRequest>) -> Answer<ai::AnswerResponse> {
        self.0.seen("Answer", &request).await?;
        assert_ne!(request.get_ref().question, "panic", "a defect on purpose");
        Ok(Response::new(samples::answer()))
    }

    async fn recheck(&self, _: Request<ai::RecheckRequest>) -> Answer<ai::RecheckResponse> {
        Err(Status::unimplemented("not the gateway's"))
    }
}

#[tonic::async_trait]
impl RetrievalService for Fake {
    async fn retrieve(&self, request: Request<ai::RetrieveRequest>) -> Answer<ai::RetrieveResponse> {
        self.0.seen("Retrieve", &request).await?;
        let product = Some(samples::product());
        let items = vec![catalog::ScoredProduct { product, score: 0.5, vector_score: 0.25, lexical_score: 0.75 }];
        Ok(Response::new(ai::RetrieveResponse { items, ..Default::default() }))
    }
}
