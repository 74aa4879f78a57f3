//! The rules of the guard and their codes.

/// The rule that a reply broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    Empty,
    TooLong,
    Characters,
    Markup,
    Unreadable,
    Link,
    Contact,
    PromptLeak,
    UnknownProduct,
    Amount,
    Number,
    Percent,
    Discount,
    Stock,
    Variant,
    Delivery,
    Returns,
    Warranty,
    Payment,
    Place,
    Order,
    Medical,
    Agreement,
    Language,
    Unsourced,
}

impl Rule {
    /// The stable code that verdicts and provenance carry.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Characters => "characters",
            Self::Markup => "markup",
            Self::Unreadable => "unreadable",
            Self::Link => "link",
            Self::Contact => "contact",
            Self::PromptLeak => "prompt_leak",
            Self::UnknownProduct => "unknown_product",
            Self::Amount => "amount",
            Self::Number => "number",
            Self::Percent => "percent",
            Self::Discount => "discount",
            Self::Stock => "stock",
            Self::Variant => "variant",
            Self::Delivery => "delivery",
            Self::Returns => "returns",
            Self::Warranty => "warranty",
            Self::Payment => "payment",
            Self::Place => "place",
            Self::Order => "order",
            Self::Medical => "medical",
            Self::Agreement => "agreement",
            Self::Language => "language",
            Self::Unsourced => "unsourced",
        }
    }
}
