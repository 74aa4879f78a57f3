//! Products: read, added, changed, removed, brought back.

mod encode;
mod parse;

use chatdesk_platform::db::{Db, DueItem, TenantTx, Wakes, schedule, unschedule};
use chatdesk_platform::grpc::caller;
use chatdesk_platform::{Clock, Error, Invalid, new_id, page};
use chatdesk_proto::catalog::v1 as proto;
use chatdesk_proto::catalog::v1::product_service_server::ProductService;
use chrono::{DateTime, Utc};
use prost::Message as _;
use tonic::{Request, Response, Status as Answer};
use uuid::Uuid;

use self::parse::{added, changed, filter};
use super::{MOST, parse_id};
use crate::model::price::{self, PriceSource};
use crate::model::{EmbeddingStatus, Product};
use crate::store::prices::{Author, Changed};
use crate::store::{deleted, prices, products, terms};
use crate::work::{EMBED, KEPT_ASIDE};

pub(super) use self::encode::{embedding, encode, timestamp};

/// Categories in one answer.
const MOST_CATEGORIES: i64 = 1_000;

/// Bytes of products in one page. A longer page is cut, and goes on with the next one.
const PAGE_BYTES: usize = 6 * 1024 * 1024;

/// Answers `ProductService`.
#[derive(Clone)]
pub struct Products {
    db: Db,
    wakes: Wakes,
    clock: Clock,
}

impl Products {
    /// Over the database; wakes whoever embeds.
    pub const fn new(db: Db, wakes: Wakes, clock: Clock) -> Self {
        Self { db, wakes, clock }
    }

    /// Queues the product's text in the transaction that made it.
    async fn queue(&self, tx: &mut TenantTx, product: Uuid) -> Result<(), Error> {
        let item = DueItem { kind: EMBED, tenant: Some(tx.tenant()), entity: product };
        // Whoever embeds the former text right now does so in vain; the new one must not wait for the end of that lease.
        unschedule(tx.conn(), item).await?;
        schedule(tx.conn(), item, self.clock.now()).await?;
        let wakes = self.wakes.clone();
        tx.after_commit(move || wakes.wake(EMBED));
        Ok(())
    }
}

#[tonic::async_trait]
impl ProductService for Products {
    async fn list_products(
        &self,
        request: Request<proto::ListProductsRequest>,
    ) -> Result<Response<proto::ListProductsResponse>, Answer> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let mut invalid = Invalid::default();
        let before = invalid.check("cursor", page::after(&request.cursor));
        let limit = invalid.check("limit", page::limit(request.limit, 50, MOST));
        let filter = filter(&mut invalid, &request);
        let ((before, limit), filter) = invalid.into_result(before.zip(limit).zip(filter))?;
        let mut tx = self.db.begin(&caller).await?;
        // One more than asked tells whether there is another page.
        let mut found = products::list(&mut tx, &filter, before, i64::from(limit) + 1).await?;
        tx.commit().await?;
        let there_were = found.len();
        found.truncate(limit as usize);
        let mut bytes = 0;
        let items: Vec<proto::Product> = found.iter().map(encode).collect();
        let fitting = items.iter().take_while(|item| {
            let is_first = bytes == 0;
            bytes += item.encoded_len();
            is_first || bytes <= PAGE_BYTES
        });
        let fitting = fitting.count();
        let is_last = fitting == there_were;
        let last = found.get(fitting.saturating_sub(1)).filter(|_| !is_last);
        let next_cursor = last.map(|last| page::cursor(last.id)).unwrap_or_default();
        let items = items.into_iter().take(fitting).collect();
        Ok(Response::new(proto::ListProductsResponse { items, next_cursor }))
    }

    async fn get_product(
        &self,
        request: Request<proto::GetProductRequest>,
    ) -> Result<Response<proto::Product>, Answer> {
        let caller = caller(&request)?;
        let id = parse_id(&request.into_inner().id)?;
        let mut tx = self.db.begin(&caller).await?;
        let found = products::get(&mut tx, &[id]).await?;
        tx.commit().await?;
        let product = found.first().ok_or(Error::NotFound("product"))?;
        Ok(Response::new(encode(product)))
    }

    async fn get_products(
        &self,
        request: Request<proto::GetProductsRequest>,
    ) -> Result<Response<proto::GetProductsResponse>, Answer> {
        let caller = caller(&request)?;
        let ids = request.into_inner().ids;
        if ids.len() > MOST as usize {
            return Err(Error::invalid("ids", "too_many", format!("names more than {MOST} products")).into());
        }
        let ids: Vec<Uuid> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let mut tx = self.db.begin(&caller).await?;
        let found = products::get(&mut tx, &ids).await?;
        tx.commit().await?;
        Ok(Response::new(proto::GetProductsResponse { items: found.iter().map(encode).collect() }))
    }

    async fn create_product(
        &self,
        request: Request<proto::CreateProductRequest>,
    ) -> Result<Response<proto::Product>, Answer> {
        let caller = caller(&request)?;
        let content = added(request.into_inner())?;
        let now = self.now();
        let product =
            Product { id: new_id(), content, embedding: EmbeddingStatus::Pending, created_at: now, updated_at: now };
        let mut tx = self.db.begin(&caller).await?;
        products::insert(&mut tx, &product).await?;
        terms::replace(&mut tx, product.id, product.content.terms()).await?;
        self.queue(&mut tx, product.id).await?;
        tx.commit().await?;
        Ok(Response::new(encode(&product)))
    }

    async fn update_product(
        &self,
        request: Request<proto::UpdateProductRequest>,
    ) -> Result<Response<proto::Product>, Answer> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let id = parse_id(&request.id)?;
        let mut tx = self.db.begin(&caller).await?;
        let mut product = products::lock(&mut tx, id).await?.ok_or(Error::NotFound("product"))?;
        let content = changed(request, product.content.clone())?;
        if content != product.content {
            let former = std::mem::replace(&mut product.content, content);
            product.updated_at = self.now();
            let is_other_text = former.text_hash() != product.content.text_hash();
            if is_other_text {
                product.embedding = EmbeddingStatus::Pending;
            }
            products::update(&mut tx, &product).await?;
            let changes = vec![Changed { product: id, changes: price::changes(&former, &product.content) }];
            let author =
                Author { user: caller.user().map(|user| user.0), source: PriceSource::Person, at: product.updated_at };
            prices::note(&mut tx, &changes, author).await?;
            // The embedded text is cut at a length, the words are not, so each is compared by itself.
            let words = product.content.terms();
            if words != former.terms() {
                terms::replace(&mut tx, id, words).await?;
            }
            if is_other_text {
                self.queue(&mut tx, id).await?;
            }
        }
        tx.commit().await?;
        Ok(Response::new(encode(&product)))
    }

    async fn delete_product(
        &self,
        request: Request<proto::DeleteProductRequest>,
    ) -> Result<Response<proto::DeleteProductResponse>, Answer> {
        let caller = caller(&request)?;
        let id = parse_id(&request.into_inner().id)?;
        let mut tx = self.db.begin(&caller).await?;
        if !deleted::put_aside(&mut tx, id, self.now()).await? {
            return Err(Error::NotFound("product").into());
        }
        let item = DueItem { kind: EMBED, tenant: Some(tx.tenant()), entity: id };
        unschedule(tx.conn(), item).await?;
        tx.commit().await?;
        Ok(Response::new(proto::DeleteProductResponse {}))
    }

    async fn restore_product(
        &self,
        request: Request<proto::RestoreProductRequest>,
    ) -> Result<Response<proto::Product>, Answer> {
        let caller = caller(&request)?;
        let id = parse_id(&request.into_inner().id)?;
        let mut tx = self.db.begin(&caller).await?;
        let product = match deleted::take_back(&mut tx, id, self.now() - KEPT_ASIDE).await? {
            Some(product) => {
                products::insert(&mut tx, &product).await?;
                terms::replace(&mut tx, id, product.content.terms()).await?;
                self.queue(&mut tx, id).await?;
                product
            }
            // Somebody, or a first try whose answer was lost, has brought it back already.
            None => products::get(&mut tx, &[id]).await?.into_iter().next().ok_or(Error::NotFound("product"))?,
        };
        tx.commit().await?;
        Ok(Response::new(encode(&product)))
    }

    async fn list_categories(
        &self,
        request: Request<proto::ListCategoriesRequest>,
    ) -> Result<Response<proto::ListCategoriesResponse>, Answer> {
        let caller = caller(&request)?;
        let mut tx = self.db.begin(&caller).await?;
        let found = products::categories(&mut tx, MOST_CATEGORIES).await?;
        tx.commit().await?;
        let items =
            found.into_iter().map(|(name, products)| proto::Category { name, products: products.unsigned_abs() });
        Ok(Response::new(proto::ListCategoriesResponse { items: items.collect() }))
    }

    async fn list_price_changes(
        &self,
        request: Request<proto::ListPriceChangesRequest>,
    ) -> Result<Response<proto::ListPriceChangesResponse>, Answer> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let mut invalid = Invalid::default();
        let before = invalid.check("cursor", page::after(&request.cursor));
        let limit = invalid.check("limit", page::limit(request.limit, 50, MOST));
        let (before, limit) = invalid.into_result(before.zip(limit))?;
        let id = parse_id(&request.product_id)?;
        let mut tx = self.db.begin(&caller).await?;
        if products::get(&mut tx, &[id]).await?.is_empty() {
            return Err(Error::NotFound("product").into());
        }
        let mut found = prices::list(&mut tx, id, before, i64::from(limit) + 1).await?;
        tx.commit().await?;
        let is_last = found.len() <= limit as usize;
        found.truncate(limit as usize);
        let next_cursor = found.last().filter(|_| !is_last).map(|last| page::cursor(last.id)).unwrap_or_default();
        let items = found.into_iter().map(encode::price_change).collect();
        Ok(Response::new(proto::ListPriceChangesResponse { items, next_cursor }))
    }
}

impl Products {
    /// To the microsecond, as Postgres keeps it, so that an answer now equals the answer later.
    fn now(&self) -> DateTime<Utc> {
        let now = self.clock.now();
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }
}
