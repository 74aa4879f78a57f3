//! What an answer is made of: products as retrieved, the business, the conversation, and how it ended. Pure.

use aws_lc_rs::digest::{SHA256, digest};
use chatdesk_platform::currency_decimals;
use serde_json::json;
use uuid::Uuid;

/// Characters of a question that are read; the rest of a longer one is dropped.
pub const MAX_QUESTION_CHARS: usize = 10_000;
/// Earlier messages that are read.
pub const MAX_TURNS: usize = 10;
/// Products an answer may rest on.
pub const MAX_PRODUCTS: usize = 5;

/// Entries an answer may rest on.
pub const MAX_ENTRIES: usize = 3;

/// A retrieved product. Its texts are written by others and are data, never instructions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Product {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    /// The kind of goods, empty when the shop gave none.
    pub category: String,
    /// The shop's own number, empty when it gave none.
    pub sku: String,
    /// In the currency's minor unit.
    pub price_minor: i64,
    /// ISO 4217 code, upper case.
    pub currency: String,
    pub in_stock: bool,
    /// Pieces there are; `None` when the shop does not count them.
    pub stock: Option<i64>,
    pub variants: Vec<Variant>,
    /// The extra information as flat pairs, in the order of the JSON object.
    pub extra: Vec<(String, String)>,
    /// Fused, 0 to 1.
    pub score: f32,
    /// Cosine, -1 to 1; 0 without a vector.
    pub vector_score: f32,
    /// Share of the question's weighted words found, 0 to 1.
    pub lexical_score: f32,
    /// An https address; empty when it has no picture.
    pub image_url: String,
}

/// One of the forms in which a product is sold: a colour, a size, a packing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variant {
    pub name: String,
    /// Empty when the shop gave none.
    pub sku: String,
    /// In the minor unit of the product's currency; `None` costs what the product costs.
    pub price_minor: Option<i64>,
    /// Pieces there are; `None` when the shop does not count them.
    pub stock: Option<i64>,
    /// Names and values, such as ("Màu", "đỏ").
    pub attributes: Vec<(String, String)>,
}

impl Variant {
    /// What it is called and what it is like, in one line.
    #[must_use]
    pub fn facts(&self) -> String {
        let mut out = self.name.clone();
        for (key, value) in &self.attributes {
            out.push_str(&format!(", {key}: {value}"));
        }
        out
    }
}

/// What an entry of the shop's is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A question with its answer.
    Faq,
    /// A topic with its rule.
    Policy,
}

/// A retrieved entry: the shop's own words on a question or a rule. A source of promises as the policies are.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub id: Uuid,
    pub kind: EntryKind,
    /// The question, or the topic.
    pub title: String,
    /// The answer, or the rule.
    pub body: String,
    /// Fused, 0 to 1.
    pub score: f32,
}

impl Product {
    /// All that is known of it besides price, number of pieces and status, one line each.
    #[must_use]
    pub fn facts(&self) -> String {
        let mut out = format!("{}\n{}", self.name, self.description);
        for (key, value) in &self.extra {
            out.push_str(&format!("\n{key}: {value}"));
        }
        for (name, line) in [("Loại", &self.category), ("Mã", &self.sku)].into_iter().filter(|(_, l)| !l.is_empty())
        {
            out.push_str(&format!("\n{name}: {line}"));
        }
        for variant in &self.variants {
            out.push_str(&format!("\n{}", variant.facts()));
        }
        out
    }

    /// Its name in English, where the shop gave one as extra information.
    #[must_use]
    pub fn english_name(&self) -> Option<&str> {
        let is_it = |key: &str| {
            matches!(crate::text::fold(key).as_str(), "ten tieng anh" | "english name" | "name_en" | "english")
        };
        self.extra.iter().find(|(key, _)| is_it(key)).map(|(_, name)| name.as_str())
    }

    /// The lowest price at which it is sold, in the currency's minor unit, and whether some of its variants cost more.
    #[must_use]
    pub fn prices(&self) -> (i64, bool) {
        let own = self.price_minor;
        let prices = || self.variants.iter().map(move |variant| variant.price_minor.unwrap_or(own));
        let lowest = prices().min().unwrap_or(own);
        (lowest, prices().any(|price| price > lowest))
    }

    /// Whether some of its variants are sold out while others are not.
    #[must_use]
    pub fn has_sold_out_variants(&self) -> bool {
        self.in_stock && self.variants.iter().any(|variant| variant.stock == Some(0))
    }

    /// Tells one state of all that answers say of its price and stock, with those of its variants, from another. How many pieces there
    /// are belongs to it only where the answer says a number of them: else each sale would make another state.
    #[must_use]
    pub fn fingerprint(&self, with_counts: bool) -> String {
        let left = |stock: Option<i64>| if with_counts { json!(stock) } else { json!(stock != Some(0)) };
        let variants: Vec<_> = self.variants.iter().map(|v| (&v.name, v.price_minor, left(v.stock))).collect();
        let state = json!([self.price_minor, self.currency, self.in_stock, left(self.stock), variants]).to_string();
        digest(&SHA256, state.as_bytes()).as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The price in thousandths of the currency's main unit, which is what a [guard](crate::guard) compares.
    #[must_use]
    pub fn price_milli(&self) -> i128 {
        i128::from(self.price_minor) * 1000 / 10_i128.pow(currency_decimals(&self.currency))
    }
}

/// Pairs of a JSON object's text: lists joined by commas, nested objects by a space. Anything but an object has none.
#[must_use]
pub fn flat_pairs(json: &str) -> Vec<(String, String)> {
    let Ok(serde_json::Value::Object(map)) = serde_json::from_str(json) else { return Vec::new() };
    map.iter().map(|(key, value)| (key.clone(), flat(value))).filter(|(_, value)| !value.is_empty()).collect()
}

fn flat(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => items.iter().map(flat).collect::<Vec<_>>().join(", "),
        serde_json::Value::Object(map) => {
            map.iter().map(|(k, v)| format!("{k} {}", flat(v))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// The business an answer speaks for, and what its owner lets it say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Business {
    pub name: String,
    pub description: String,
    pub phone: String,
    /// Free text on how to speak.
    pub tone: String,
    /// Free text: shipping, returns, promotions. The only source of such promises.
    pub policies: String,
    pub opening_hours: String,
    /// BCP 47 tags, the default first.
    pub languages: Vec<String>,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    Customer,
    Person,
    Assistant,
}

/// An earlier message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    pub speaker: Speaker,
    pub text: String,
}

/// Why a person must answer. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    AsksForPerson,
    Complaint,
    Refund,
    Legal,
    Medical,
    SelfHarm,
    Threat,
    NothingFound,
    NotInCatalogue,
    GuardBlocked,
    ModelAsked,
    BudgetUsedUp,
    NoText,
}

impl Reason {
    /// Every reason.
    #[cfg(test)]
    pub const ALL: [Self; 13] = [
        Self::AsksForPerson,
        Self::Complaint,
        Self::Refund,
        Self::Legal,
        Self::Medical,
        Self::SelfHarm,
        Self::Threat,
        Self::NothingFound,
        Self::NotInCatalogue,
        Self::GuardBlocked,
        Self::ModelAsked,
        Self::BudgetUsedUp,
        Self::NoText,
    ];

    /// The code in answers.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::AsksForPerson => "asks_for_person",
            Self::Complaint => "complaint",
            Self::Refund => "refund",
            Self::Legal => "legal",
            Self::Medical => "medical",
            Self::SelfHarm => "self_harm",
            Self::Threat => "threat",
            Self::NothingFound => "nothing_found",
            Self::NotInCatalogue => "not_in_catalogue",
            Self::GuardBlocked => "guard_blocked",
            Self::ModelAsked => "model_asked",
            Self::BudgetUsedUp => "budget_used_up",
            Self::NoText => "no_text",
        }
    }
}

/// What the customer gets to read, or the line meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Answered { text: String, product_ids: Vec<Uuid> },
    Handover { text: String, reason: Reason },
}

impl Reply {
    /// The text in either case.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Answered { text, .. } | Self::Handover { text, .. } => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_information_becomes_pairs() {
        let pairs = flat_pairs(r#"{"Màu":["đỏ","xanh"],"Bảo hành":"12 tháng","x":null,"cân":{"nặng":2}}"#);
        let shown: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert!(shown.contains(&"Màu=đỏ, xanh".to_owned()) && shown.contains(&"cân=nặng 2".to_owned()), "{shown:?}");
        assert_eq!(pairs.len(), 3);
        assert!(flat_pairs("[1]").is_empty() && flat_pairs("").is_empty());
    }

    #[test]
    fn each_change_of_price_or_stock_has_another_fingerprint() {
        let variant = |name: &str| Variant { name: name.to_owned(), stock: Some(1), ..Variant::default() };
        let was = Product {
            price_minor: 100,
            in_stock: true,
            variants: vec![variant("M"), variant("L")],
            ..Product::default()
        };
        let sold: [fn(&mut Product); 2] = [|p| p.stock = Some(5), |p| p.variants[0].stock = Some(2)];
        let changes: [fn(&mut Product); 6] = [
            |p| p.price_minor = 90,
            |p| p.currency = "USD".to_owned(),
            |p| p.in_stock = false,
            |p| p.variants[1].price_minor = Some(120),
            |p| p.variants[0].stock = Some(0),
            |p| p.variants.truncate(1),
        ];
        let is_other = |change: fn(&mut Product), with_counts| {
            let mut is = was.clone();
            change(&mut is);
            is.fingerprint(with_counts) != was.fingerprint(with_counts)
        };
        for (n, change) in changes.into_iter().enumerate() {
            assert!(is_other(change, true) && is_other(change, false), "change {n}");
        }
        for (n, change) in sold.into_iter().enumerate() {
            assert!(is_other(change, true) && !is_other(change, false), "sale {n}");
        }
        assert!(!is_other(|p| (p.description, p.score) = ("x".to_owned(), 0.5), true));
    }

    #[test]
    fn the_lowest_price_is_that_of_a_variant_where_there_are_any() {
        let priced = |price_minor| Variant { price_minor, ..Variant::default() };
        let of = |variants| Product { price_minor: 100, variants, ..Product::default() }.prices();
        assert_eq!(of(vec![]), (100, false));
        assert_eq!(of(vec![priced(None), priced(Some(150))]), (100, true));
        assert_eq!(of(vec![priced(Some(150)), priced(Some(150))]), (150, false));
        assert_eq!(of(vec![priced(Some(120)), priced(Some(150))]), (120, true));
    }

    #[test]
    fn reasons_have_different_codes() {
        let codes: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|r| r.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
    }
}
