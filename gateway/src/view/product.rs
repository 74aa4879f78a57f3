//! What a business sells. Prices are decimal texts with their currency.

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
    /// An https link to a picture.
    image_url: Option<String>,
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
            currency: told.currency,
            status: told.status.try_into()?,
            extra_info,
            image_url: filled(told.image_url),
            embedding_status: told.embedding_status.try_into()?,
            created_at: time(told.created_at, "product")?,
            updated_at: time(told.updated_at, "product")?,
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
