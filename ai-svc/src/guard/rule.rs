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
    /// Whether a reply that breaks it is merely not borne out, in what the shop's rows and lines tell better: the catalogue may answer instead.
    /// An invented price, a discount or a promise is no slip, and a person takes over.
    #[must_use]
    pub const fn is_unproven(self) -> bool {
        matches!(self, Self::Unsourced | Self::Number | Self::Variant | Self::Stock | Self::Place)
    }

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
