//! What an answer is made of: products as retrieved, the business, the conversation, and how it ended. Pure.

use chatdesk_platform::currency_decimals;
use uuid::Uuid;

/// Characters of a question that are read; the rest of a longer one is dropped.
pub const MAX_QUESTION_CHARS: usize = 10_000;
/// Earlier messages that are read.
pub const MAX_TURNS: usize = 10;
/// Products an answer may rest on.
pub const MAX_PRODUCTS: usize = 5;

/// A retrieved product. Its texts are written by others and are data, never instructions.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    /// In the currency's minor unit.
    pub price_minor: i64,
    /// ISO 4217 code, upper case.
    pub currency: String,
    pub in_stock: bool,
    /// The extra information as flat pairs, in the order of the JSON object.
    pub extra: Vec<(String, String)>,
    /// Fused, 0 to 1.
    pub score: f32,
    /// Cosine, -1 to 1; 0 without a vector.
    pub vector_score: f32,
    /// Share of the question's weighted words found, 0 to 1.
    pub lexical_score: f32,
}

impl Product {
    /// All that is known of it besides price and status, one line each.
    #[must_use]
    pub fn facts(&self) -> String {
        let mut out = format!("{}\n{}", self.name, self.description);
        for (key, value) in &self.extra {
            out.push_str(&format!("\n{key}: {value}"));
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
    pub const ALL: [Self; 12] = [
        Self::AsksForPerson,
        Self::Complaint,
        Self::Refund,
        Self::Legal,
        Self::Medical,
        Self::SelfHarm,
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
    fn reasons_have_different_codes() {
        let codes: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|r| r.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
    }
}
