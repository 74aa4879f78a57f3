//! What a business sells.

use axum::Json;
use axum::http::StatusCode;
use chatdesk_proto::ai::v1::RetrieveRequest;
use chatdesk_proto::catalog::v1 as pb;
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Answer;
use crate::app::Calls;
use crate::auth::Session;
use crate::body::{Draft, FromFields, Input};
use crate::fields::Fields;
use crate::money::{self, Amount};
use crate::problem::Problem;
use crate::query::{Id, Query, both};
use crate::view::{List, Product, ScoredProduct, show};

const STATUSES: [(&str, pb::ProductStatus); 2] =
    [("available", pb::ProductStatus::Available), ("out_of_stock", pb::ProductStatus::OutOfStock)];
/// Bytes of `extra_info` as JSON.
const EXTRA_LIMIT: usize = 16 * 1024;

/// A product to add.
#[derive(ToSchema)]
pub struct NewProduct {
    name: String,
    description: Option<String>,
    /// A decimal text or a number; VND has no decimals, so as a text it has no point: `129000`.
    #[schema(value_type = String, example = "129000")]
    price: i64,
    /// ISO 4217 code; VND when absent.
    #[schema(value_type = Option<String>)]
    currency: String,
    /// `available` when absent.
    #[schema(value_type = Option<String>, example = "available")]
    status: Option<pb::ProductStatus>,
    #[schema(value_type = Option<Object>)]
    extra_info: Option<String>,
    /// An https link to a picture, at most 2,000 characters.
    image_url: Option<String>,
}

impl FromFields for NewProduct {
    fn read(fields: &mut Fields) -> Self {
        let currency = currency(fields);
        let amount = fields.amount_opt("price");
        let price = match &amount {
            Some(amount) if fields.has_noted("currency") => looked_at(fields, amount),
            Some(amount) => price(fields, amount, currency.as_deref().unwrap_or("VND")),
            None if fields.has_noted("price") => 0,
            None => {
                fields.note("price", "required", "is missing");
                0
            }
        };
        Self {
            name: fields.text("name", 1..=300),
            description: fields.text_opt("description", 0..=8000),
            price,
            currency: currency.unwrap_or_else(|| "VND".to_owned()),
            status: fields.choice_opt("status", &STATUSES),
            extra_info: fields.object_opt("extra_info", EXTRA_LIMIT),
            image_url: image_url(fields),
        }
    }
}

/// Fields of a product to change; an absent one stays. Another currency needs its price.
#[derive(ToSchema)]
pub struct ProductChange {
    name: Option<String>,
    description: Option<String>,
    /// A decimal text or a number.
    #[schema(value_type = Option<String>, example = "129000")]
    price: Option<Amount>,
    /// ISO 4217 code.
    currency: Option<String>,
    #[schema(value_type = Option<String>, example = "out_of_stock")]
    status: Option<pb::ProductStatus>,
    #[schema(value_type = Option<Object>)]
    extra_info: Option<String>,
    /// An https link to a picture, at most 2,000 characters; an empty text takes it away.
    image_url: Option<String>,
}

impl FromFields for ProductChange {
    fn read(fields: &mut Fields) -> Self {
        let currency = currency(fields);
        let amount = fields.amount_opt("price");
        match (&amount, &currency) {
            (Some(amount), Some(currency)) => price(fields, amount, currency),
            (Some(amount), None) => looked_at(fields, amount),
            (None, _) => 0,
        };
        Self {
            name: fields.text_opt("name", 1..=300),
            description: fields.text_opt("description", 0..=8000),
            price: amount,
            currency,
            status: fields.choice_opt("status", &STATUSES),
            extra_info: fields.object_opt("extra_info", EXTRA_LIMIT),
            image_url: image_url(fields),
        }
    }
}

fn currency(fields: &mut Fields) -> Option<String> {
    let code = fields.text_opt("currency", 3..=3)?;
    if code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Some(code);
    }
    fields.note("currency", "malformed", "must be an ISO 4217 code such as VND");
    None
}

fn image_url(fields: &mut Fields) -> Option<String> {
    let text = fields.text_opt("image_url", 0..=2000)?;
    let is_web = Url::parse(text.trim()).is_ok_and(|url| url.scheme() == "https");
    if !is_web && !text.trim().is_empty() {
        fields.note("image_url", "malformed", "must be a link that begins with https://");
    }
    Some(text)
}

fn price(fields: &mut Fields, amount: &Amount, currency: &str) -> i64 {
    money::read(amount, currency).unwrap_or_else(|(code, detail)| {
        fields.note("price", code, detail);
        0
    })
}

/// Notes what is no amount at all; without its currency it means nothing yet.
fn looked_at(fields: &mut Fields, amount: &Amount) -> i64 {
    if let Err((code, detail)) = money::possible(amount) {
        fields.note("price", code, detail);
    }
    0
}

/// Products, newest first.
#[utoipa::path(get, path = "/api/products", operation_id = "list_products", tag = "products", security(("bearer" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200),
        ("q" = Option<String>, Query, description = "Words, marks and case aside: each begins a word of the product"),
        ("status" = Option<String>, Query, description = "`available` or `out_of_stock`")),
    responses((status = 200, body = List<Product>)))]
pub async fn list(session: Session, query: Query) -> Result<Json<List<Product>>, Problem> {
    let filters = both(query.text_opt("q", 200), query.choice_opt("status", &STATUSES));
    let (page, (text, status)) = both(query.page(), filters)?;
    let request = pb::ListProductsRequest {
        cursor: page.cursor,
        limit: page.limit,
        query: text.unwrap_or_default(),
        status: status.unwrap_or_default().into(),
    };
    let found = session.calls.products()?.list_products(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// One product.
#[utoipa::path(get, path = "/api/products/{id}", operation_id = "get_product", tag = "products",
    security(("bearer" = [])), params(("id" = Uuid, Path)), responses((status = 200, body = Product)))]
pub async fn get(session: Session, Id(id): Id) -> Result<Json<Product>, Problem> {
    show(session.calls.products()?.get_product(pb::GetProductRequest { id: id.to_string() }).await?)
}

/// The assistant's own retrieval, to see what it would find.
#[utoipa::path(get, path = "/api/products/search", operation_id = "search_products", tag = "products",
    security(("bearer" = [])),
    params(("q" = String, Query, description = "As a customer would type it"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 50)),
    responses((status = 200, body = List<ScoredProduct>)))]
pub async fn search(session: Session, query: Query) -> Result<Json<List<ScoredProduct>>, Problem> {
    let (text, limit) = both(query.text("q", 1000), query.limit(5, 1..=50))?;
    let found = session.calls.retrieval()?.retrieve(RetrieveRequest { text, limit }).await?.into_inner();
    List::show(found.items, String::new())
}

/// Add a product.
#[utoipa::path(post, path = "/api/products", operation_id = "create_product", tag = "products",
    security(("bearer" = [])), request_body = NewProduct, responses((status = 201, body = Product)))]
pub async fn create(session: Session, Input(wish): Input<NewProduct>) -> Result<Answer<Product>, Problem> {
    let request = pb::CreateProductRequest {
        name: wish.name,
        description: wish.description.unwrap_or_default(),
        price_minor: wish.price,
        currency: wish.currency,
        status: wish.status.unwrap_or(pb::ProductStatus::Available).into(),
        extra_info: wish.extra_info.unwrap_or_default(),
        image_url: wish.image_url.unwrap_or_default(),
    };
    let product = session.calls.products()?.create_product(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(told(&session, product)?)))
}

/// Change a product.
#[utoipa::path(put, path = "/api/products/{id}", operation_id = "update_product", tag = "products",
    security(("bearer" = [])), params(("id" = Uuid, Path)), request_body = ProductChange,
    responses((status = 200, body = Product)))]
pub async fn update(
    session: Session,
    Id(id): Id,
    Draft { value: change, mut fields }: Draft<ProductChange>,
) -> Result<Json<Product>, Problem> {
    let id = id.to_string();
    let (price_minor, currency) = priced(&session.calls, &id, &change, &mut fields).await?;
    fields.finish()?;
    let request = pb::UpdateProductRequest {
        id,
        name: change.name,
        description: change.description,
        price_minor,
        currency,
        status: change.status.unwrap_or_default().into(),
        extra_info: change.extra_info,
        image_url: change.image_url,
    };
    let product = session.calls.products()?.update_product(request).await?.into_inner();
    Ok(Json(told(&session, product)?))
}

/// The price and currency to set, in minor units; both are absent when they stay. Notes what is wrong with them.
async fn priced(
    calls: &Calls,
    id: &str,
    change: &ProductChange,
    fields: &mut Fields,
) -> Result<(Option<i64>, Option<String>), Problem> {
    if fields.has_noted("price") || fields.has_noted("currency") {
        return Ok((None, None));
    }
    match (&change.price, &change.currency) {
        (None, None) => Ok((None, None)),
        (Some(amount), Some(currency)) => Ok((Some(price(fields, amount, currency)), Some(currency.clone()))),
        (amount, wanted) => {
            // An amount needs a currency to mean something, and a currency without an amount must not change what it means.
            let request = pb::GetProductRequest { id: id.to_owned() };
            let known = calls.products()?.get_product(request).await?.into_inner().currency;
            if wanted.as_ref().is_some_and(|wanted| *wanted != known) {
                fields.note("price", "required", "another currency needs its price");
                return Ok((None, None));
            }
            let minor = amount.as_ref().map(|amount| price(fields, amount, &known));
            Ok((minor, minor.map(|_| known)))
        }
    }
}

/// Bring a product back that was removed less than 24 hours ago.
#[utoipa::path(post, path = "/api/products/{id}/restore", operation_id = "restore_product", tag = "products",
    security(("bearer" = [])), params(("id" = Uuid, Path)), responses((status = 200, body = Product)))]
pub async fn restore(session: Session, Id(id): Id) -> Result<Json<Product>, Problem> {
    let request = pb::RestoreProductRequest { id: id.to_string() };
    let product = session.calls.products()?.restore_product(request).await?.into_inner();
    Ok(Json(told(&session, product)?))
}

/// Remove a product. It can be brought back for 24 hours.
#[utoipa::path(delete, path = "/api/products/{id}", operation_id = "delete_product", tag = "products",
    security(("bearer" = [])), params(("id" = Uuid, Path)), responses((status = 204, description = "Removed")))]
pub async fn delete(session: Session, Id(id): Id) -> Result<StatusCode, Problem> {
    session.calls.products()?.delete_product(pb::DeleteProductRequest { id: id.to_string() }).await?;
    session.calls.app().hub.publish(&session.calls.identity(), "product.updated", &Removed { id, deleted: true });
    Ok(StatusCode::NO_CONTENT)
}

/// What a frame says of a product that is gone.
#[derive(Serialize)]
struct Removed {
    id: Uuid,
    deleted: bool,
}

/// Shows a product that changed, to the caller and to the business's open sockets.
fn told(session: &Session, product: pb::Product) -> Result<Product, Problem> {
    let product = Product::try_from(product)?;
    session.calls.app().hub.publish(&session.calls.identity(), "product.updated", &product);
    Ok(product)
}
