//! What a product is: its fields with their limits, and the text it is embedded as. Pure; refuses what cannot be kept as it came.

mod entry;
mod extra_info;
mod image_url;
mod image_urls;
pub mod import;
mod money;
pub mod price;
mod variant;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use entry::{Entry, EntryContent, EntryKind};
pub use extra_info::ExtraInfo;
pub use image_url::ImageUrl;
pub use image_urls::ImageUrls;
pub use money::{Currency, Minor, Money};
pub use variant::{Category, Left, MOST_VARIANTS, Sku, Stock, Variant, VariantDraft, Variants};

use crate::words;

/// Why a value is refused: a stable code and a sentence for a person.
pub type Refusal = (&'static str, String);

/// The values in a vector of the model family that is served (all-MiniLM-L6-v2 and its likes).
pub const DIMENSIONS: usize = 384;

/// The embedded text ends here: the model reads 256 tokens, and a batch of texts must fit a message.
const EMBEDDED_CHARS: usize = 2_000;

/// Of a text that is not extra_info.
fn parse_text(text: &str, most: usize) -> Result<String, Refusal> {
    let text = text.trim();
    if text.contains('\0') {
        return Err(("malformed", "must not contain the NUL character".to_owned()));
    }
    if text.chars().count() > most {
        return Err(("too_long", format!("has more than {most} characters")));
    }
    Ok(text.to_owned())
}

/// 1 to 300 characters, without blanks around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Refuses an empty or too long name.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let name = parse_text(text, 300)?;
        if name.is_empty() { Err(("required", "must not be empty".to_owned())) } else { Ok(Self(name)) }
    }

    /// As it was parsed before.
    pub const fn stored(name: String) -> Self {
        Self(name)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Up to 8,000 characters, without blanks around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// Refuses one that is too long.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        parse_text(text, 8_000).map(Self)
    }

    /// As it was parsed before.
    pub const fn stored(description: String) -> Self {
        Self(description)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a product can be sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It can.
    Available,
    /// Not now.
    OutOfStock,
}

impl Status {
    /// The name that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::OutOfStock => "out_of_stock",
        }
    }

    /// The status of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Available, Self::OutOfStock].into_iter().find(|status| status.as_str() == name)
    }
}

/// Whether a product is found by meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmbeddingStatus {
    /// Waits for the vector of its present text.
    Pending,
    /// Has it.
    Ready,
    /// Its text cannot be embedded.
    Failed,
}

impl EmbeddingStatus {
    /// The name that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }

    /// The status of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Pending, Self::Ready, Self::Failed].into_iter().find(|status| status.as_str() == name)
    }
}

/// What a person writes about a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What it is called.
    pub name: Name,
    /// What there is to say about it; maybe nothing.
    pub description: Description,
    /// What it costs.
    pub price: Money,
    /// Whether it can be sold, as far as a person has said. What is shown is [`Content::shown_status`].
    pub status: Status,
    /// Whatever else there is to say.
    pub extra_info: ExtraInfo,
    /// Pictures; maybe none. They are neither embedded nor searched.
    pub image_urls: ImageUrls,
    /// The shop's own code; maybe none.
    pub sku: Sku,
    /// What it is sorted by; maybe nothing.
    pub category: Category,
    /// How many are left, when somebody counts them.
    pub stock: Option<Stock>,
    /// The forms in which it is sold; maybe only one, which is not among them.
    pub variants: Variants,
}

impl Content {
    /// What is left of it.
    pub fn left(&self) -> Left {
        Left::of(self.stock, &self.variants)
    }

    /// Whether it can be sold: what a person has said, unless nothing is left.
    pub fn shown_status(&self) -> Status {
        if self.left().is_sold_out { Status::OutOfStock } else { self.status }
    }

    /// Its price and those of its variants, in whole units of its currency.
    pub fn prices(&self) -> Vec<i64> {
        let others = self.variants.iter().filter_map(|variant| variant.price).map(Minor::get);
        std::iter::once(self.price.minor()).chain(others).map(|minor| minor / self.price.currency().unit()).collect()
    }

    /// All that is said of it as keys and values, beside name, description and price.
    fn pairs(&self) -> Vec<(String, String)> {
        let category = ("Danh mục".to_owned(), self.category.as_str().to_owned());
        let filled = Some(category).filter(|(_, value)| !value.is_empty());
        filled.into_iter().chain(self.variants.pairs()).chain(self.extra_info.pairs()).collect()
    }

    /// What the model reads: `{name} - {description} - Giá: {price} - {status}`, then category, variants and extra_info as `key: value`.
    pub fn embedded_text(&self) -> String {
        let mut parts = vec![self.name.as_str().to_owned()];
        if !self.description.as_str().is_empty() {
            parts.push(self.description.as_str().to_owned());
        }
        parts.push(format!("Giá: {}", self.price));
        parts.push(self.shown_status().as_str().to_owned());
        parts.extend(self.pairs().into_iter().map(|(key, value)| format!("{key}: {value}")));
        let text = parts.join(" - ");
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(EMBEDDED_CHARS).collect()
    }

    /// Names the embedded text: the first half of its SHA-256 in hexadecimal.
    pub fn text_hash(&self) -> String {
        let hash = digest(&SHA256, self.embedded_text().as_bytes());
        hex::encode(hash.as_ref().iter().take(16).copied().collect::<Vec<_>>())
    }

    /// The words it is found by, and how much each counts.
    pub fn terms(&self) -> Vec<words::Weighted> {
        let mut extra: String = self.pairs().iter().map(|(key, value)| format!("{key} {value} ")).collect();
        for sku in std::iter::once(&self.sku).chain(self.variants.iter().map(|variant| &variant.sku)) {
            extra.push_str(sku.as_str());
            extra.push(' ');
        }
        words::of_product(self.name.as_str(), &extra, self.description.as_str(), self.price.whole_units())
    }
}

/// A product as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// UUIDv7, so that ids sort by age.
    pub id: Uuid,
    /// What a person wrote.
    pub content: Content,
    /// Whether it is found by meaning.
    pub embedding: EmbeddingStatus,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When a person last changed it.
    pub updated_at: DateTime<Utc>,
}

/// The name of an embedding model: 1 to 100 letters, digits and `._/-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Model(String);

impl Model {
    /// Refuses other characters.
    pub fn parse(name: &str) -> Result<Self, Refusal> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
        if (1..=100).contains(&name.len()) && name.chars().all(fits) {
            Ok(Self(name.to_owned()))
        } else {
            Err(("malformed", "is not the name of a model".to_owned()))
        }
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A vector of unit length.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding(Vec<f32>);

impl Embedding {
    /// Refuses another number of values than [`DIMENSIONS`], values that are no numbers, and another length than 1 (within 1 %).
    pub fn parse(values: Vec<f32>) -> Result<Self, Refusal> {
        if values.len() != DIMENSIONS {
            return Err(("malformed", format!("has {} values instead of {DIMENSIONS}", values.len())));
        }
        let square: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
        // A value that is no number, or infinite, makes the sum one as well, and no comparison with that holds.
        if (square.sqrt() - 1.0).abs() <= 0.01 {
            Ok(Self(values))
        } else {
            Err(("malformed", "is not of unit length".to_owned()))
        }
    }

    /// Its values.
    pub fn values(&self) -> &[f32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        Content {
            name: Name::parse("Áo thun đỏ").unwrap(),
            description: Description::parse("Cotton 100%, thoáng mát").unwrap(),
            price: Money::new(Minor::parse(150_000).unwrap(), Currency::parse("VND").unwrap()),
            status: Status::Available,
            extra_info: ExtraInfo::parse(r#"{"size": ["S", "M"], "chất liệu": {"vải": "cotton"}}"#).unwrap(),
            image_urls: ImageUrls::stored(vec!["https://cdn.test/ao.jpg".to_owned()]),
            sku: Sku::default(),
            category: Category::default(),
            stock: None,
            variants: Variants::default(),
        }
    }

    #[test]
    fn the_embedded_text_is_spelled_as_agreed() {
        let text =
            "Áo thun đỏ - Cotton 100%, thoáng mát - Giá: 150.000đ - available - chất liệu vải: cotton - size: S, M";
        assert_eq!(content().embedded_text(), text);
    }

    #[test]
    fn an_empty_description_leaves_no_gap() {
        let plain = Content {
            description: Description::parse(" ").unwrap(),
            extra_info: ExtraInfo::parse("").unwrap(),
            status: Status::OutOfStock,
            ..content()
        };
        assert_eq!(plain.embedded_text(), "Áo thun đỏ - Giá: 150.000đ - out_of_stock");
    }

    #[test]
    fn what_the_shop_sorts_and_counts_by_is_said_too() {
        let variant = |name: &str, sku: &str, stock| VariantDraft {
            name: name.to_owned(),
            sku: sku.to_owned(),
            stock: Some(stock),
            attributes: [("Màu".to_owned(), name.to_owned())].into(),
            ..VariantDraft::default()
        };
        let variants = vec![variant("Đỏ", "AT-DO", 0), variant("Đen", "AT-DEN", 0)];
        let sorted = Content {
            category: Category::parse("Thời trang").unwrap(),
            sku: Sku::parse("AT01").unwrap(),
            variants: Variants::parse(variants, None, &mut chatdesk_platform::Invalid::default()).unwrap(),
            extra_info: ExtraInfo::parse("").unwrap(),
            ..content()
        };
        let text =
            "Áo thun đỏ - Cotton 100%, thoáng mát - Giá: 150.000đ - out_of_stock - Danh mục: Thời trang - Màu: Đỏ, Đen";
        assert_eq!(sorted.embedded_text(), text);
        let terms = sorted.terms();
        for term in ["at01", "thoi trang", "den", "at den"] {
            assert!(terms.iter().any(|one| one.term == term), "{term}");
        }
    }

    #[test]
    fn the_hash_follows_the_text() {
        let other =
            Content { price: Money::new(Minor::parse(1).unwrap(), Currency::parse("VND").unwrap()), ..content() };
        assert_eq!(content().text_hash(), content().text_hash());
        assert_ne!(content().text_hash(), other.text_hash());
        assert_eq!(content().text_hash().len(), 32);
    }

    #[test]
    fn the_longest_product_still_has_a_bounded_text() {
        let long = Content { description: Description::parse(&"á".repeat(8_000)).unwrap(), ..content() };
        assert_eq!(long.embedded_text().chars().count(), EMBEDDED_CHARS);
    }

    #[test]
    fn texts_have_limits() {
        let code = |parsed: Result<Name, Refusal>| parsed.unwrap_err().0;
        assert_eq!(code(Name::parse("  ")), "required");
        assert_eq!(code(Name::parse(&"đ".repeat(301))), "too_long");
        assert_eq!(code(Name::parse("a\0b")), "malformed");
        assert!(Name::parse(&format!(" {} ", "đ".repeat(300))).is_ok());
        assert_eq!(Description::parse(&"x".repeat(8_001)).unwrap_err().0, "too_long");
    }

    #[test]
    fn models_have_plain_names() {
        assert!(Model::parse("sentence-transformers/all-MiniLM-L6-v2").is_ok());
        for bad in ["", "a b", "a\0", &"m".repeat(101)] {
            assert!(Model::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_unit_vectors_pass() {
        let mut unit = vec![0.0; DIMENSIONS];
        unit[7] = 1.0;
        assert!(Embedding::parse(unit.clone()).is_ok());
        assert!(Embedding::parse(unit[1..].to_vec()).is_err());
        assert!(Embedding::parse(vec![0.0; DIMENSIONS]).is_err());
        for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, 2.0] {
            unit[3] = odd;
            assert!(Embedding::parse(unit.clone()).is_err(), "{odd}");
        }
    }
}
