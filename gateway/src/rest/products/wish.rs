//! What somebody wants of a product, as JSON.

use std::collections::BTreeMap;

use chatdesk_proto::catalog::v1 as pb;
use url::Url;
use utoipa::ToSchema;

use crate::body::FromFields;
use crate::fields::Fields;
use crate::money::{self, Amount};

pub const STATUSES: [(&str, pb::ProductStatus); 2] =
    [("available", pb::ProductStatus::Available), ("out_of_stock", pb::ProductStatus::OutOfStock)];
/// Bytes of `extra_info` as JSON.
const EXTRA_LIMIT: usize = 16 * 1024;
/// The most that anything is counted to.
pub const MOST_STOCK: i64 = 999_999_999_999;
/// Pictures of one product, and forms in which it is sold.
const MOST_PICTURES: usize = 10;
const MOST_VARIANTS: usize = 100;

/// One form in which a product is sold.
#[derive(Debug, Clone, ToSchema)]
pub struct VariantWish {
    /// Unique within the product, up to 200 characters.
    #[schema(example = "Đỏ / M")]
    name: String,
    /// Up to 64 characters.
    sku: Option<String>,
    /// In the product's currency; absent when it costs what the product costs.
    #[schema(value_type = Option<String>, example = "139000")]
    pub price: Option<Amount>,
    /// Absent or null: nobody counts it.
    #[schema(minimum = 0)]
    stock: Option<i64>,
    /// At most 10, such as `{"Màu": "Đỏ", "Size": "M"}`.
    #[schema(value_type = Option<std::collections::HashMap<String, String>>)]
    attributes: BTreeMap<String, String>,
}

impl VariantWish {
    fn read(fields: &mut Fields) -> Self {
        let price = fields.amount_opt("price");
        if let Some(amount) = &price {
            looked_at(fields, amount);
        }
        Self {
            name: fields.name("name", 1..=200),
            sku: fields.name_opt("sku", 0..=64),
            price,
            stock: fields.count_or_null("stock", MOST_STOCK).flatten(),
            attributes: fields.named_texts("attributes", 10, &(1..=200)),
        }
    }
}

fn variants(fields: &mut Fields) -> Option<Vec<VariantWish>> {
    fields.has("variants").then(|| fields.list("variants", MOST_VARIANTS, VariantWish::read))
}

/// What has a price, in minor units.
#[derive(Default)]
pub struct Worth {
    /// Of the product; absent when it stays.
    pub price_minor: Option<i64>,
    /// Absent when it stays.
    pub currency: Option<String>,
    /// All of them; absent when they stay.
    pub variants: Option<Vec<pb::Variant>>,
}

/// The variants with their prices in minor units of the currency. Notes amounts that it does not have.
pub fn priced(fields: &mut Fields, wishes: Vec<VariantWish>, currency: &str) -> Vec<pb::Variant> {
    let variant = |(at, wish): (usize, VariantWish)| {
        let name = format!("variants[{at}].price");
        let amount = wish.price.as_ref().filter(|_| !fields.has_noted(&name));
        pb::Variant {
            price_minor: amount.map(|amount| price(fields, &name, amount, currency)),
            name: wish.name,
            sku: wish.sku.unwrap_or_default(),
            stock: wish.stock,
            attributes: wish.attributes.into_iter().collect(),
        }
    };
    wishes.into_iter().enumerate().map(variant).collect()
}

/// A product to add.
#[derive(ToSchema)]
pub struct NewProduct {
    pub name: String,
    pub description: Option<String>,
    /// A decimal text or a number; VND has no decimals, so as a text it has no point: `129000`.
    #[schema(value_type = String, example = "129000")]
    pub price: i64,
    /// ISO 4217 code; VND when absent.
    #[schema(value_type = Option<String>)]
    pub currency: String,
    /// `available` when absent.
    #[schema(value_type = Option<String>, example = "available")]
    pub status: Option<pb::ProductStatus>,
    #[schema(value_type = Option<Object>)]
    pub extra_info: Option<String>,
    /// An https link to a picture, at most 2,000 characters. `image_urls` goes before it.
    pub image_url: Option<String>,
    /// At most 10 https links to pictures; the first stands for the product.
    pub image_urls: Option<Vec<String>>,
    /// The shop's own code, unique, up to 64 characters.
    pub sku: Option<String>,
    /// Up to 100 characters.
    pub category: Option<String>,
    /// How many are left; absent or null: nobody counts them.
    #[schema(minimum = 0)]
    pub stock: Option<i64>,
    /// Forms in which it is sold, at most 100.
    #[schema(value_type = Option<Vec<VariantWish>>)]
    pub variants: Vec<pb::Variant>,
}

impl FromFields for NewProduct {
    fn read(fields: &mut Fields) -> Self {
        let currency = currency(fields);
        let amount = fields.amount_opt("price");
        let price = match &amount {
            Some(amount) if fields.has_noted("currency") => looked_at(fields, amount),
            Some(amount) => price(fields, "price", amount, currency.as_deref().unwrap_or("VND")),
            None if fields.has_noted("price") => 0,
            None => {
                fields.note("price", "required", "is missing");
                0
            }
        };
        let wishes = variants(fields).unwrap_or_default();
        let variants = priced(fields, wishes, currency.as_deref().unwrap_or("VND"));
        Self {
            name: fields.name("name", 1..=300),
            description: fields.text_opt("description", 0..=8000),
            price,
            variants,
            image_urls: image_urls(fields),
            sku: fields.name_opt("sku", 0..=64),
            category: fields.name_opt("category", 0..=100),
            stock: fields.count_or_null("stock", MOST_STOCK).flatten(),
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
    pub name: Option<String>,
    pub description: Option<String>,
    /// A decimal text or a number.
    #[schema(value_type = Option<String>, example = "129000")]
    pub price: Option<Amount>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    #[schema(value_type = Option<String>, example = "out_of_stock")]
    pub status: Option<pb::ProductStatus>,
    #[schema(value_type = Option<Object>)]
    pub extra_info: Option<String>,
    /// Replaces the first picture: an https link of at most 2,000 characters; an empty text takes it away. `image_urls` goes before it.
    pub image_url: Option<String>,
    /// All pictures: at most 10 https links.
    pub image_urls: Option<Vec<String>>,
    /// An empty text takes it away.
    pub sku: Option<String>,
    /// An empty text takes it away.
    pub category: Option<String>,
    /// Null: nobody counts it any more.
    #[schema(value_type = Option<i64>, minimum = 0)]
    pub stock: Option<Option<i64>>,
    /// All forms in which it is sold, at most 100.
    pub variants: Option<Vec<VariantWish>>,
}

impl FromFields for ProductChange {
    fn read(fields: &mut Fields) -> Self {
        let currency = currency(fields);
        let amount = fields.amount_opt("price");
        match (&amount, &currency) {
            (Some(amount), Some(currency)) => price(fields, "price", amount, currency),
            (Some(amount), None) => looked_at(fields, amount),
            (None, _) => 0,
        };
        Self {
            name: fields.name_opt("name", 1..=300),
            description: fields.text_opt("description", 0..=8000),
            price: amount,
            variants: variants(fields),
            image_urls: image_urls(fields),
            sku: fields.name_opt("sku", 0..=64),
            category: fields.name_opt("category", 0..=100),
            stock: fields.count_or_null("stock", MOST_STOCK),
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
    note_link(fields, "image_url", &text);
    Some(text)
}

fn image_urls(fields: &mut Fields) -> Option<Vec<String>> {
    let texts = fields.texts_opt("image_urls", 0..=MOST_PICTURES, 0..=2000)?;
    for (at, text) in texts.iter().enumerate() {
        note_link(fields, &format!("image_urls[{at}]"), text);
    }
    Some(texts)
}

fn note_link(fields: &mut Fields, name: &str, text: &str) {
    let is_web = Url::parse(text.trim()).is_ok_and(|url| url.scheme() == "https");
    if !is_web && !text.trim().is_empty() {
        fields.note(name, "malformed", "must be a link that begins with https://");
    }
}

/// Minor units of an amount; notes one that the currency does not have.
pub fn price(fields: &mut Fields, name: &str, amount: &Amount, currency: &str) -> i64 {
    money::read(amount, currency).unwrap_or_else(|(code, detail)| {
        fields.note(name, code, detail);
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
