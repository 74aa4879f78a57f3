//! What a business sells.

mod wish;

use axum::Json;
use axum::http::StatusCode;
use chatdesk_proto::ai::v1::RetrieveRequest;
use chatdesk_proto::catalog::v1 as pb;
use serde::Serialize;
use uuid::Uuid;

use self::wish::{MOST_STOCK, NewProduct, ProductChange, STATUSES, Worth, price};
use super::Answer;
use crate::app::Calls;
use crate::auth::Session;
use crate::body::{Draft, Input};
use crate::fields::Fields;
use crate::live::Note;
use crate::problem::Problem;
use crate::query::{Id, Query, both};
use crate::view::{Category, List, PriceChange, Product, ScoredProduct, show};

/// Products, newest first.
#[utoipa::path(get, path = "/api/products", operation_id = "list_products", tag = "products", security(("bearer" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200),
        ("q" = Option<String>, Query, description = "Words, marks and case aside: each begins a word of the product"),
        ("status" = Option<String>, Query, description = "`available` or `out_of_stock`"),
        ("category" = Option<String>, Query, description = "Only of this category, as it is written in the products"),
        ("low_stock" = Option<u64>, Query,
            description = "Only those of which something is counted and at most so many are left")),
    responses((status = 200, body = List<Product>)))]
pub async fn list(session: Session, query: Query) -> Result<Json<List<Product>>, Problem> {
    let filters = both(query.text_opt("q", 200), query.choice_opt("status", &STATUSES));
    let sorted = both(query.text_opt("category", 100), query.whole_opt("low_stock", MOST_STOCK.unsigned_abs()));
    let (page, ((text, status), (category, low_stock))) = both(query.page(), both(filters, sorted))?;
    let request = pb::ListProductsRequest {
        cursor: page.cursor,
        limit: page.limit,
        query: text.unwrap_or_default(),
        status: status.unwrap_or_default().into(),
        category: category.unwrap_or_default(),
        low_stock: low_stock.map(u64::cast_signed),
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
    let found =
        session.calls.retrieval()?.retrieve(RetrieveRequest { text, limit, ..Default::default() }).await?.into_inner();
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
        sku: wish.sku.unwrap_or_default(),
        category: wish.category.unwrap_or_default(),
        stock: wish.stock,
        variants: wish.variants,
        image_urls: wish.image_urls.unwrap_or_default(),
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
    let worth = worth(&session.calls, &id, &change, &mut fields).await?;
    fields.finish()?;
    let request = pb::UpdateProductRequest {
        id,
        name: change.name,
        description: change.description,
        price_minor: worth.price_minor,
        currency: worth.currency,
        status: change.status.unwrap_or_default().into(),
        extra_info: change.extra_info,
        image_url: change.image_url,
        sku: change.sku,
        category: change.category,
        stock: change.stock.flatten(),
        uncount_stock: change.stock == Some(None),
        variants: worth.variants.map(|items| pb::VariantList { items }),
        image_urls: change.image_urls.map(|urls| pb::ImageList { urls }),
    };
    let product = session.calls.products()?.update_product(request).await?.into_inner();
    Ok(Json(told(&session, product)?))
}

/// What has a price, in minor units of the currency it will have; absent is what stays. Notes what is wrong with it.
async fn worth(calls: &Calls, id: &str, change: &ProductChange, fields: &mut Fields) -> Result<Worth, Problem> {
    if fields.has_noted("price") || fields.has_noted("currency") {
        return Ok(Worth::default());
    }
    let has_amounts =
        change.price.is_some() || change.variants.as_ref().is_some_and(|all| all.iter().any(|one| one.price.is_some()));
    let needs_known = match &change.currency {
        Some(_) => change.price.is_none(),
        None => has_amounts,
    };
    let known = if needs_known {
        // An amount needs a currency to mean something, and a currency without an amount must not change what it means.
        let request = pb::GetProductRequest { id: id.to_owned() };
        Some(calls.products()?.get_product(request).await?.into_inner().currency)
    } else {
        None
    };
    let is_other = known.as_ref().zip(change.currency.as_ref()).is_some_and(|(known, wanted)| known != wanted);
    if is_other {
        fields.note("price", "required", "another currency needs its price");
        return Ok(Worth::default());
    }
    let currency = change.currency.clone().or(known);
    let code = currency.as_deref().unwrap_or("VND");
    let price_minor = change.price.as_ref().map(|amount| price(fields, "price", amount, code));
    let variants = change.variants.clone().map(|all| wish::priced(fields, all, code));
    Ok(Worth { currency: price_minor.and(currency), price_minor, variants })
}

/// The categories there are, by name, with the number of products in each.
#[utoipa::path(get, path = "/api/products/categories", operation_id = "list_categories", tag = "products",
    security(("bearer" = [])), responses((status = 200, body = List<Category>)))]
pub async fn categories(session: Session) -> Result<Json<List<Category>>, Problem> {
    let found = session.calls.products()?.list_categories(pb::ListCategoriesRequest {}).await?.into_inner();
    List::show(found.items, String::new())
}

/// What a product's prices were, newest change first.
#[utoipa::path(get, path = "/api/products/{id}/prices", operation_id = "list_price_changes", tag = "products",
    security(("bearer" = [])),
    params(("id" = Uuid, Path), ("cursor" = Option<String>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = List<PriceChange>)))]
pub async fn prices(session: Session, Id(id): Id, query: Query) -> Result<Json<List<PriceChange>>, Problem> {
    let page = query.page()?;
    let request = pb::ListPriceChangesRequest { product_id: id.to_string(), cursor: page.cursor, limit: page.limit };
    let found = session.calls.products()?.list_price_changes(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
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
    session.calls.app().hub.publish_ids(&session.calls.identity(), "product.updated", &Removed { id, deleted: true });
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
    let note = Note::Product(product.id.clone());
    let product = Product::try_from(product)?;
    session.calls.app().hub.publish(&session.calls.identity(), "product.updated", &product, &note);
    Ok(product)
}
