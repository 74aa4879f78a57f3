//! Products as they go over the wire.

use chatdesk_proto::catalog::v1 as proto;
use chrono::{DateTime, Utc};
use prost_types::Timestamp;

use crate::model::price::PriceSource;
use crate::model::{EmbeddingStatus, Minor, Product, Status, Stock, Variant};
use crate::store::prices::Noted;

/// A product, with the status that is shown.
pub fn encode(product: &Product) -> proto::Product {
    let content = &product.content;
    let status = match content.shown_status() {
        Status::Available => proto::ProductStatus::Available,
        Status::OutOfStock => proto::ProductStatus::OutOfStock,
    };
    proto::Product {
        id: product.id.to_string(),
        name: content.name.as_str().to_owned(),
        description: content.description.as_str().to_owned(),
        price_minor: content.price.minor(),
        currency: content.price.currency().code().to_owned(),
        status: status.into(),
        extra_info: content.extra_info.as_str().to_owned(),
        image_url: content.image_urls.first().to_owned(),
        embedding_status: embedding(product.embedding).into(),
        created_at: Some(timestamp(product.created_at)),
        updated_at: Some(timestamp(product.updated_at)),
        sku: content.sku.as_str().to_owned(),
        category: content.category.as_str().to_owned(),
        stock: content.stock.map(Stock::count),
        variants: content.variants.iter().map(variant).collect(),
        image_urls: content.image_urls.texts(),
    }
}

fn variant(variant: &Variant) -> proto::Variant {
    proto::Variant {
        name: variant.name.clone(),
        sku: variant.sku.as_str().to_owned(),
        price_minor: variant.price.map(Minor::get),
        stock: variant.stock.map(Stock::count),
        attributes: variant.attributes.clone().into_iter().collect(),
    }
}

/// Whether something is found by meaning.
pub const fn embedding(status: EmbeddingStatus) -> proto::EmbeddingStatus {
    match status {
        EmbeddingStatus::Pending => proto::EmbeddingStatus::Pending,
        EmbeddingStatus::Ready => proto::EmbeddingStatus::Ready,
        EmbeddingStatus::Failed => proto::EmbeddingStatus::Failed,
    }
}

/// A change of a price.
pub fn price_change(noted: Noted) -> proto::PriceChange {
    let source = match noted.source {
        PriceSource::Person => proto::PriceSource::Person,
        PriceSource::Import => proto::PriceSource::Import,
    };
    proto::PriceChange {
        id: noted.id.to_string(),
        variant: noted.change.variant,
        old_minor: noted.change.old_minor,
        new_minor: noted.change.new_minor,
        currency: noted.change.currency,
        old_currency: noted.change.old_currency,
        changed_at: Some(timestamp(noted.at)),
        changed_by: noted.by.map(|user| user.to_string()).unwrap_or_default(),
        source: source.into(),
    }
}

/// A moment.
pub fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0) }
}
