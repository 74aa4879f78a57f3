//! What a business sells. Prices are decimal texts with their currency.

use std::collections::BTreeMap;

use chatdesk_proto::catalog::v1 as pb;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Time, Unreadable, filled, names, one, time};
use crate::money;

names! {
    /// Whether a product can be sold.
    ProductStatus of pb::ProductStatus { Available, OutOfStock }
}

names! {
    /// Whether the assistant finds a product by meaning already.
    EmbeddingStatus of pb::EmbeddingStatus { Pending, Ready, Failed }
}

/// Something the business sells.
#[derive(Serialize, ToSchema)]
pub struct Product {
    id: String,
    name: String,
    description: String,
    /// A decimal text: `"129000"` for VND, `"12.50"` for USD.
    #[schema(example = "129000")]
    price: String,
    /// ISO 4217 code.
    #[schema(example = "VND")]
    currency: String,
    status: ProductStatus,
    /// Whatever else there is to say: sizes, colours.
    #[schema(value_type = Object)]
    extra_info: Map<String, Value>,
    /// The first of its pictures.
    image_url: Option<String>,
    /// https links.
    image_urls: Vec<String>,
    /// The shop's own code.
    sku: Option<String>,
    category: Option<String>,
    /// How many are left; null when nobody counts them.
    stock: Option<i64>,
    /// The forms in which it is sold.
    variants: Vec<Variant>,
    embedding_status: EmbeddingStatus,
    created_at: Time,
    updated_at: Time,
}

impl TryFrom<pb::Product> for Product {
    type Error = Unreadable;

    fn try_from(told: pb::Product) -> Result<Self, Unreadable> {
        let extra_info = match told.extra_info.as_str() {
            "" => Map::new(),
            text => serde_json::from_str(text).map_err(|_| Unreadable("product"))?,
        };
        Ok(Self {
            id: told.id,
            name: told.name,
            description: told.description,
            price: money::show(told.price_minor, &told.currency),
            status: told.status.try_into()?,
            extra_info,
            image_url: filled(told.image_url),
            image_urls: told.image_urls,
            sku: filled(told.sku),
            category: filled(told.category),
            stock: told.stock,
            variants: told.variants.into_iter().map(|variant| Variant::show(variant, &told.currency)).collect(),
            currency: told.currency,
            embedding_status: told.embedding_status.try_into()?,
            created_at: time(told.created_at, "product")?,
            updated_at: time(told.updated_at, "product")?,
        })
    }
}

/// One form in which a product is sold.
#[derive(Serialize, ToSchema)]
pub struct Variant {
    #[schema(example = "Đỏ / M")]
    name: String,
    sku: Option<String>,
    /// A decimal text; null when it costs what the product costs.
    price: Option<String>,
    /// How many are left; null when nobody counts them.
    stock: Option<i64>,
    attributes: BTreeMap<String, String>,
}

impl Variant {
    fn show(told: pb::Variant, currency: &str) -> Self {
        Self {
            name: told.name,
            sku: filled(told.sku),
            price: told.price_minor.map(|minor| money::show(minor, currency)),
            stock: told.stock,
            attributes: told.attributes.into_iter().collect(),
        }
    }
}

/// What products are sorted by.
#[derive(Serialize, ToSchema)]
pub struct Category {
    name: String,
    /// How many products it has.
    products: u64,
}

impl TryFrom<pb::Category> for Category {
    type Error = Unreadable;

    fn try_from(told: pb::Category) -> Result<Self, Unreadable> {
        Ok(Self { name: told.name, products: told.products })
    }
}

names! {
    /// Who or what changed a price.
    PriceSource of pb::PriceSource { Person, Import }
}

/// A price before and after.
#[derive(Serialize, ToSchema)]
pub struct PriceChange {
    id: String,
    /// The variant's name; null for the product itself.
    variant: Option<String>,
    /// A decimal text; null when the variant had no price of its own.
    old_price: Option<String>,
    /// A decimal text; null when the variant has no price of its own any more.
    price: Option<String>,
    /// ISO 4217 code of the new price.
    currency: String,
    /// ISO 4217 code of the old price.
    old_currency: String,
    changed_at: Time,
    /// The id of the user who did it, or who started the import.
    changed_by: Option<String>,
    source: PriceSource,
}

impl TryFrom<pb::PriceChange> for PriceChange {
    type Error = Unreadable;

    fn try_from(told: pb::PriceChange) -> Result<Self, Unreadable> {
        Ok(Self {
            id: told.id,
            variant: filled(told.variant),
            old_price: told.old_minor.map(|minor| money::show(minor, &told.old_currency)),
            price: told.new_minor.map(|minor| money::show(minor, &told.currency)),
            currency: told.currency,
            old_currency: told.old_currency,
            changed_at: time(told.changed_at, "price change")?,
            changed_by: filled(told.changed_by),
            source: told.source.try_into()?,
        })
    }
}

/// A product and how well it fits a question.
#[derive(Serialize, ToSchema)]
pub struct ScoredProduct {
    #[serde(flatten)]
    product: Product,
    /// 0 to 1, higher is better.
    score: f32,
    /// How close it is in meaning, -1 to 1; 0 when it is not embedded yet.
    vector_score: f32,
    /// Share of the question's weighted words found, 0 to 1.
    lexical_score: f32,
}

impl TryFrom<pb::ScoredProduct> for ScoredProduct {
    type Error = Unreadable;

    fn try_from(told: pb::ScoredProduct) -> Result<Self, Unreadable> {
        Ok(Self {
            product: one(told.product)?.ok_or(Unreadable("product"))?,
            score: told.score,
            vector_score: told.vector_score,
            lexical_score: told.lexical_score,
        })
    }
}
