//! Products: read, added, changed, removed, brought back.

use chatdesk_platform::db::{Db, DueItem, TenantTx, Wakes, schedule, unschedule};
use chatdesk_platform::grpc::caller;
use chatdesk_platform::{Clock, Error, Invalid, new_id, page};
use chatdesk_proto::catalog::v1 as proto;
use chatdesk_proto::catalog::v1::product_service_server::ProductService;
use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use tonic::{Request, Response, Status as Answer};
use uuid::Uuid;

use super::{MOST, parse_id};
use crate::model::{
    Content, Currency, Description, EmbeddingStatus, ExtraInfo, ImageUrl, Minor, Money, Name, Product, Refusal, Status,
};
use crate::store::products::Filter;
use crate::store::{deleted, products, terms};
use crate::words;
use crate::work::{EMBED, KEPT_ASIDE};

/// The longest text that a list is filtered by, in characters.
const LONGEST_FILTER: usize = 200;

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
        let limit = limit as usize;
        let is_last = found.len() <= limit;
        found.truncate(limit);
        let next_cursor = found.last().filter(|_| !is_last).map(|last| page::cursor(last.id)).unwrap_or_default();
        Ok(Response::new(proto::ListProductsResponse { items: found.iter().map(encode).collect(), next_cursor }))
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
        let content = added(&request.into_inner())?;
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
        let content = changed(&request, product.content.clone())?;
        if content != product.content {
            let former = std::mem::replace(&mut product.content, content);
            product.updated_at = self.now();
            let is_other_text = former.text_hash() != product.content.text_hash();
            if is_other_text {
                product.embedding = EmbeddingStatus::Pending;
            }
            products::update(&mut tx, &product).await?;
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
}

impl Products {
    /// To the microsecond, as Postgres keeps it, so that an answer now equals the answer later.
    fn now(&self) -> DateTime<Utc> {
        let now = self.clock.now();
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }
}

/// What a list is narrowed down to.
fn filter(invalid: &mut Invalid, request: &proto::ListProductsRequest) -> Option<Filter> {
    let is_short = request.query.chars().count() <= LONGEST_FILTER;
    let words = if is_short { Ok(words::beginnings(&request.query)) } else { Err(too_long()) };
    let words = invalid.check("query", words);
    let status = invalid.check("status", status(request.status));
    words.zip(status).map(|(words, status)| Filter { words, status })
}

fn too_long() -> Refusal {
    ("too_long", format!("has more than {LONGEST_FILTER} characters"))
}

fn added(request: &proto::CreateProductRequest) -> Result<Content, Error> {
    let mut invalid = Invalid::default();
    let name = invalid.check("name", Name::parse(&request.name));
    let description = invalid.check("description", Description::parse(&request.description));
    let price = price(&mut invalid, request.price_minor, Currency::parse(&request.currency));
    let status = invalid.check("status", status(request.status));
    let extra_info = invalid.check("extra_info", ExtraInfo::parse(&request.extra_info));
    let image_url = invalid.check("image_url", ImageUrl::parse(&request.image_url));
    let content = || {
        let (status, extra_info, image_url) = (status?.unwrap_or(Status::Available), extra_info?, image_url?);
        Some(Content { name: name?, description: description?, price: price?, status, extra_info, image_url })
    };
    let content = content();
    invalid.into_result(content)
}

fn changed(request: &proto::UpdateProductRequest, old: Content) -> Result<Content, Error> {
    let mut invalid = Invalid::default();
    let name = request.name.as_deref().map_or(Ok(old.name), Name::parse);
    let name = invalid.check("name", name);
    let description = request.description.as_deref().map_or(Ok(old.description), Description::parse);
    let description = invalid.check("description", description);
    let currency = request.currency.as_deref().map_or(Ok(old.price.currency()), Currency::parse);
    let price = price(&mut invalid, request.price_minor.unwrap_or(old.price.minor()), currency);
    let status = invalid.check("status", status(request.status));
    let extra_info = request.extra_info.as_deref().map_or(Ok(old.extra_info), ExtraInfo::parse);
    let extra_info = invalid.check("extra_info", extra_info);
    let image_url = request.image_url.as_deref().map_or(Ok(old.image_url), ImageUrl::parse);
    let image_url = invalid.check("image_url", image_url);
    let content = || {
        let (status, extra_info, image_url) = (status?.unwrap_or(old.status), extra_info?, image_url?);
        Some(Content { name: name?, description: description?, price: price?, status, extra_info, image_url })
    };
    let content = content();
    invalid.into_result(content)
}

/// Both halves of an amount, each named when it is refused.
fn price(invalid: &mut Invalid, minor: i64, currency: Result<Currency, Refusal>) -> Option<Money> {
    let minor = invalid.check("price_minor", Minor::parse(minor));
    let currency = invalid.check("currency", currency);
    minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency))
}

/// None when it is unspecified.
fn status(status: i32) -> Result<Option<Status>, Refusal> {
    match proto::ProductStatus::try_from(status) {
        Ok(proto::ProductStatus::Unspecified) => Ok(None),
        Ok(proto::ProductStatus::Available) => Ok(Some(Status::Available)),
        Ok(proto::ProductStatus::OutOfStock) => Ok(Some(Status::OutOfStock)),
        Err(_) => Err(("unknown", "is not available or out_of_stock".to_owned())),
    }
}

/// As it goes over the wire.
pub(super) fn encode(product: &Product) -> proto::Product {
    let content = &product.content;
    let status = match content.status {
        Status::Available => proto::ProductStatus::Available,
        Status::OutOfStock => proto::ProductStatus::OutOfStock,
    };
    let embedding = match product.embedding {
        EmbeddingStatus::Pending => proto::EmbeddingStatus::Pending,
        EmbeddingStatus::Ready => proto::EmbeddingStatus::Ready,
        EmbeddingStatus::Failed => proto::EmbeddingStatus::Failed,
    };
    proto::Product {
        id: product.id.to_string(),
        name: content.name.as_str().to_owned(),
        description: content.description.as_str().to_owned(),
        price_minor: content.price.minor(),
        currency: content.price.currency().code().to_owned(),
        status: status.into(),
        extra_info: content.extra_info.as_str().to_owned(),
        image_url: content.image_url.as_str().to_owned(),
        embedding_status: embedding.into(),
        created_at: Some(timestamp(product.created_at)),
        updated_at: Some(timestamp(product.updated_at)),
    }
}

fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0) }
}
