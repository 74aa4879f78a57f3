//! A product as a row.

use chatdesk_platform::Error;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::model::{
    Category, Content, Currency, Description, EmbeddingStatus, ExtraInfo, ImageUrls, Minor, Money, Name, Product, Sku,
    Status, Stock, Variant, Variants,
};

pub(crate) struct Row {
    pub product_id: Uuid,
    pub name: String,
    pub description: String,
    pub price_minor: i64,
    pub currency: String,
    pub status: String,
    pub extra_info: String,
    pub sku: String,
    pub category: String,
    pub stock: Option<i64>,
    pub variants: Json<Vec<VariantRow>>,
    pub image_urls: Vec<String>,
    pub embedding_status: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A variant in its column. What is not there is left out.
#[derive(Serialize, Deserialize)]
pub(crate) struct VariantRow {
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    sku: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price_minor: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stock: Option<i64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, String>,
}

impl VariantRow {
    /// All of a product's.
    pub(crate) fn all(variants: &Variants) -> Vec<Self> {
        let row = |variant: &Variant| Self {
            name: variant.name.clone(),
            sku: variant.sku.as_str().to_owned(),
            price_minor: variant.price.map(Minor::get),
            stock: variant.stock.map(Stock::count),
            attributes: variant.attributes.clone(),
        };
        variants.iter().map(row).collect()
    }

    fn variant(self) -> Result<Variant, Error> {
        let price = self.price_minor.map(Minor::parse).transpose().map_err(|_| unknown("price"))?;
        Ok(Variant {
            name: self.name,
            sku: Sku::stored(self.sku),
            price,
            stock: self.stock.map(Stock::stored),
            attributes: self.attributes,
        })
    }
}

fn unknown(what: &str) -> Error {
    Error::internal(format!("a stored product has an unknown {what}"))
}

impl Row {
    pub(crate) fn product(self) -> Result<Product, Error> {
        let currency = Currency::parse(&self.currency).map_err(|_| unknown("currency"))?;
        let variants = self.variants.0.into_iter().map(VariantRow::variant).collect::<Result<_, _>>()?;
        Ok(Product {
            id: self.product_id,
            content: Content {
                name: Name::stored(self.name),
                description: Description::stored(self.description),
                price: Money::new(Minor::parse(self.price_minor).map_err(|_| unknown("price"))?, currency),
                status: Status::named(&self.status).ok_or_else(|| unknown("status"))?,
                extra_info: ExtraInfo::stored(self.extra_info),
                image_urls: ImageUrls::stored(self.image_urls),
                sku: Sku::stored(self.sku),
                category: Category::stored(self.category),
                stock: self.stock.map(Stock::stored),
                variants: Variants::stored(variants),
            },
            embedding: EmbeddingStatus::named(&self.embedding_status).ok_or_else(|| unknown("embedding status"))?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}
