//! The guard: whether a reply may reach a customer. The model that wrote it is assumed hostile, and the guard is code.
//!
//! It owns the rules and judges one reply against what was retrieved, the shop's policies and the customer's words. It refuses to repair: a
//! reply passes unchanged or is blocked with the rule that it breaks. What it cannot read, it blocks.

mod amount;
mod claims;
mod mention;
mod money;
mod numbers;
mod promises;
mod reading;
mod shape;

pub use mention::names_nothing;
pub use reading::only_asks as asks_only;
pub use shape::MAX_REPLY_CHARS;

use crate::attribute::says_in_vietnamese;
use crate::language::Language;
use crate::model::{Business, Product};
use crate::text::Token;
use mention::{Group, Names};
use numbers::{Figure, ONE, Unit};
use reading::{Phrases, Reading};
use std::sync::LazyLock;
use uuid::Uuid;

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
        }
    }
}

/// Why a reply was blocked. The detail never quotes the reply, so it may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocked {
    pub rule: Rule,
    pub detail: &'static str,
}

/// The guard's word on a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    Blocked(Blocked),
}

fn block(rule: Rule, detail: &'static str) -> Option<Blocked> {
    Some(Blocked { rule, detail })
}

/// Whether a question asks for nothing in particular ("shop bán gì vậy?"), so that anything fits.
#[must_use]
pub fn asks_for_anything(question: &str) -> bool {
    let tokens = crate::text::tokens(question);
    tokens.iter().all(|t| t.kind != crate::text::Kind::Number && (reading::is_filler(t) || reading::only_asks(t)))
}

/// How well what was retrieved covers what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// Every word, or enough of a name.
    Whole,
    /// The kind of thing, but not all that was said of it: "áo mưa" where there are other áo.
    Part,
    /// At most a side word: "laptop màu đen" where there are black shirts.
    Nothing,
}

/// Everything a reply may rest on, read once and used for every try.
pub struct Evidence<'a> {
    products: &'a [Product],
    house_rules: &'a str,
    names: Names,
    facts: Vec<Reading>,
    policies: Reading,
    business: Reading,
    trusted_text: String,
    asked: Reading,
    asked_about: Vec<usize>,
    ids: Vec<usize>,
    language: Option<Language>,
}

impl<'a> Evidence<'a> {
    /// `asked` is the customer's question with the customer's messages just before it;
    /// `house_rules` the prompt's own wording, which must not come back.
    #[must_use]
    pub fn new(products: &'a [Product], business: &'a Business, asked: &str, house_rules: &'a str) -> Self {
        let names = Names::of(products);
        let asked_reading = Reading::of(asked);
        let asked_about = names.mentioned(&reading::without(&asked_reading.tokens, &MEASURES));
        let asked_about = asked_about.into_iter().flat_map(|g| g.products).collect();
        // English around Vietnamese words may be answered in either.
        let mixed = |l: &Language| *l == Language::English && crate::text::has_marks(asked);
        let language = spoken(&asked_reading.tokens, &names).filter(|l| !mixed(l));
        let about = format!("{}.\n{}\n{}", business.name, business.description, business.phone);
        let policies = format!("{}\n{}", business.policies, business.opening_hours);
        Self {
            products,
            house_rules,
            names,
            facts: products.iter().map(|p| Reading::of(&p.facts())).collect(),
            trusted_text: crate::text::legible(&format!("{about}\n{policies}")).to_lowercase(),
            policies: Reading::of(&policies),
            business: Reading::of(&about),
            asked: asked_reading,
            asked_about,
            ids: Vec::new(),
            language,
        }
    }

    /// The retrieved products that the customer named, as indexes.
    #[must_use]
    pub fn asked_products(&self) -> &[usize] {
        &self.asked_about
    }

    /// The retrieved products that a text names, as indexes.
    #[must_use]
    pub fn named_in(&self, text: &[Token]) -> Vec<usize> {
        let words = reading::without(text, &MEASURES);
        self.names.mentioned(&words).into_iter().flat_map(|g| g.products).collect()
    }

    /// How well the retrieved products cover the customer's words.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        let counted = |at: usize| self.asked.figures.iter().any(|f| (f.first..=f.last).contains(&at));
        let words = self.asked.tokens.iter().enumerate().filter(|(at, _)| !counted(*at)).map(|(_, t)| t);
        let content: Vec<&Token> = words.filter(|t| !reading::is_filler(t) && !reading::only_asks(t)).collect();
        let named = content.iter().filter(|t| self.names.has(t)).count();
        let unknown = content.iter().any(|t| !self.facts.iter().any(|f| f.tokens.iter().any(|w| w.same_word(t))));
        let head = content.iter().any(|t| self.names.heads().any(|h| h.same_word(t)));
        match (unknown, named) {
            (false, _) | (true, 2..) => Coverage::Whole,
            (true, 1) if head => Coverage::Part,
            (true, _) => Coverage::Nothing,
        }
    }

    /// The quantity that the customer asked for: the one small plain number before a counted thing, unless a product is called so.
    #[must_use]
    pub fn asked_quantity(&self) -> Option<i64> {
        let counted = |f: &&Figure| {
            let after = self.asked.tokens.get(f.last + 1);
            let thing = after.is_some_and(|t| money::is_counter(t) || self.names.has(t));
            let named = f.value.is_some_and(|v| self.facts.iter().any(|s| s.pairs(v, None, after)));
            let before = f.first.checked_sub(1).and_then(|at| self.asked.tokens.get(at));
            let sized = before.is_some_and(|t| crate::attribute::SIZE.find(std::slice::from_ref(t)).is_some());
            f.unit == Unit::Plain && thing && !named && !sized
        };
        let values = self.asked.figures.iter().filter(counted).filter_map(|f| f.value);
        let mut found = values.filter(|v| v % ONE == 0 && (2 * ONE..=50 * ONE).contains(v));
        let first = found.next()?;
        if found.next().is_some() { None } else { i64::try_from(first / ONE).ok() }
    }

    /// Whether two words stand together in what is known of a product.
    fn says_together(&self, first: &Token, second: &Token) -> bool {
        let pair = |w: &[Token]| matches!(w, [a, b] if a.same_word(first) && b.same_word(second));
        self.facts.iter().any(|f| f.tokens.windows(2).any(pair))
    }

    /// How many of the customer's words stand in what is known of a product.
    #[must_use]
    pub fn asked_words_in(&self, product: usize) -> usize {
        let content = self.asked.tokens.iter().filter(|t| !reading::is_filler(t) && !reading::only_asks(t));
        let Some(facts) = self.facts.get(product) else { return 0 };
        content.filter(|t| facts.tokens.iter().any(|w| w.same_word(t))).count()
    }

    /// The most the customer would pay ("dưới 200k"), in thousandths of the main unit.
    #[must_use]
    pub fn asked_limit(&self, asked: &[Token]) -> Option<i128> {
        let at = money::LIMIT.find(asked).map(|(at, _)| at)?;
        self.asked.figures.iter().find(|f| f.unit == Unit::Money && f.first > at).and_then(|f| f.value)
    }

    fn facts(&self) -> Vec<&Reading> {
        self.facts.iter().collect()
    }

    fn trusted(&self) -> Vec<&Reading> {
        vec![&self.policies, &self.business]
    }

    fn sources(&self) -> Vec<&Reading> {
        self.facts.iter().chain([&self.policies, &self.business]).collect()
    }

    fn trusted_text(&self) -> String {
        self.trusted_text.clone()
    }

    fn trusted_has(&self, words: Option<&[Token]>) -> bool {
        words.is_some_and(|words| {
            self.trusted()
                .iter()
                .any(|s| s.tokens.windows(words.len()).any(|w| w.iter().zip(words).all(|(a, b)| a.same_word(b))))
        })
    }

    /// What is spoken of when no product is named: what the customer asked about, else what the model says it used, else anything.
    fn default_subject(&self) -> Vec<usize> {
        let narrowed: Vec<usize> = self.asked_about.iter().copied().filter(|p| self.ids.contains(p)).collect();
        if !narrowed.is_empty() {
            return narrowed;
        }
        let fallbacks = [&self.asked_about, &self.ids];
        fallbacks.into_iter().find(|set| !set.is_empty()).cloned().unwrap_or_else(|| (0..self.products.len()).collect())
    }

    /// The products named in a stretch; where the words could mean several, what was spoken of before decides.
    fn groups(&self, stretch: &[Token], carried: Option<&[usize]>) -> Vec<Group> {
        let mut groups = self.names.mentioned(stretch);
        // "Màu: trắng, hồng" names colours of what was spoken of, and no other product that has one of them in its name.
        let own = |t: &Token| {
            carried
                .unwrap_or_default()
                .iter()
                .filter_map(|p| self.facts.get(*p))
                .any(|f| says_in_vietnamese(t, &f.tokens) || f.tokens.iter().any(|w| w.same_word(t)))
        };
        groups.retain(|g| {
            let foreign = g.products.iter().all(|p| !carried.unwrap_or_default().contains(p));
            let told = stretch.iter().filter(|t| g.products.iter().any(|p| self.names.belongs(*p, t)));
            let headless = g.products.iter().all(|p| !stretch.iter().any(|t| self.names.head_of(*p, t)));
            !(foreign && headless && told.into_iter().all(own))
        });
        for group in &mut groups {
            for known in [carried.unwrap_or_default(), &self.asked_about, &self.ids] {
                let narrowed: Vec<usize> = group.products.iter().copied().filter(|p| known.contains(p)).collect();
                if !narrowed.is_empty() {
                    group.products = narrowed;
                }
            }
        }
        groups
    }

    /// Whether two words stand together in a product's name.
    fn names_phrase(&self, pair: &[&str; 2]) -> bool {
        self.products.iter().any(|p| {
            let name = crate::text::tokens(&p.name);
            name.windows(2).any(|w| matches!(w, [a, b] if [a.fold.as_str(), b.fold.as_str()] == *pair))
        })
    }

    /// Whether the amount is any product's price.
    fn is_price(&self, figure: &Figure) -> bool {
        (0..self.products.len()).any(|p| self.is_multiple(figure, p, 1))
    }

    /// Whether the amount is `quantity` times the product's price. A bare number below a thousand is the price in thousands, as it is
    /// spoken ("áo này 150"), where the currency has no smaller unit.
    fn is_multiple(&self, figure: &Figure, product: usize, quantity: i128) -> bool {
        let (Some(product), Some(value)) = (self.products.get(product), figure.value) else { return false };
        let exact = chatdesk_platform::currency_decimals(&product.currency) == 0;
        if figure.unit == Unit::Percent
            || figure.currency.is_some_and(|c| c != product.currency)
            || (figure.ambiguous && !exact)
        {
            return false;
        }
        let price = product.price_milli() * quantity;
        value == price || (exact && figure.unit == Unit::Plain && value < 1000 * ONE && value * 1000 == price)
    }

    /// Whether digits without marks are an amount that is allowed anyway, such as 12500000.
    fn is_sum_of_known(&self, run: &str) -> bool {
        let digits: String = run.chars().filter(char::is_ascii_digit).collect();
        digits.parse::<i128>().is_ok_and(|v| self.products.iter().any(|p| v * ONE == p.price_milli()))
    }
}

/// The verdict on a reply that claims a product which was not retrieved.
#[must_use]
pub fn unknown_product() -> Verdict {
    Verdict::Blocked(Blocked { rule: Rule::UnknownProduct, detail: "a product that was not retrieved" })
}

/// Judges a reply. `product_ids` are the products the model says it used; none means that all retrieved ones count.
#[must_use]
pub fn check(reply: &str, product_ids: &[Uuid], evidence: &mut Evidence<'_>) -> Verdict {
    let places: Option<Vec<usize>> =
        product_ids.iter().map(|id| evidence.products.iter().position(|p| p.id == *id)).collect();
    let Some(places) = places else { return unknown_product() };
    evidence.ids = places;
    let reading = Reading::of(reply);
    let found = shape::check(reply, &reading, evidence)
        .or_else(|| promises::check(&reading, evidence))
        .or_else(|| claims::check(&reading, evidence))
        .or_else(|| money::check(&reading, evidence))
        .or_else(|| agreement(&reading, evidence))
        .or_else(|| language(&reading, evidence));
    found.map_or(Verdict::Pass, Verdict::Blocked)
}

/// Measures whose words also stand in names: "chiều dài" asks for no "áo dài".
static MEASURES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("chiều dài|chiều rộng|chiều cao|chieu dai|chieu rong|chieu cao|bao lâu|bao lau|trọng lượng|dung tích")
});

static YES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "dạ được|dạ có|có ạ|dạ vâng|vâng|đúng rồi|đúng ạ|đồng ý|ok|oke|okay|chốt|yes|sure|agreed|agree|correct|right|\
        of course|certainly|absolutely|no problem|không vấn đề|được luôn|được ạ|được nhé|tất nhiên|chắc chắn|\
        you got it|binding|as you said|như bạn nói|như bạn yêu cầu|theo giá bạn",
    )
});

static DEMAND: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "giảm giá|giam gia|giảm|bớt|discount|off|free|mien phi|tặng|khuyen mai|deal|rẻ hơn|cheaper|hoan tien|refund|\
        bao hanh|warranty|ship|đổi trả|doi tra|guarantee|cam ket|voucher|sale|promised|đã hứa|agreed|ignore|bỏ qua|\
        price is|giá là|trả góp",
    )
});

/// A bare yes to a demand is a promise as good as any: "you agreed to 90% off" – "Dạ đúng rồi ạ".
fn agreement(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    let asked = &evidence.asked;
    let demands = DEMAND.find(&asked.tokens).is_some()
        || asked.figures.iter().any(|f| f.unit == Unit::Percent || (f.unit == Unit::Money && !evidence.is_price(f)));
    let yes = YES.all(&reply.tokens).any(|(at, _)| !reading::negated(&reply.tokens, at));
    if yes && claims::asks_for_unknown_variant(reply, evidence) {
        return block(Rule::Agreement, "agrees to a variant that is not known");
    }
    // A yes that goes on to say a true thing has been judged by the other rules; one that says nothing rests on the demand alone.
    let says = reply.figures.iter().any(|f| f.unit == Unit::Money) || promises::speaks_policy(reply, evidence);
    if demands && yes && !says { block(Rule::Agreement, "agrees to what no source says") } else { None }
}

/// The language of what is said around the product names.
fn spoken(tokens: &[Token], names: &Names) -> Option<Language> {
    let around: Vec<Token> = tokens.iter().filter(|t| !names.has(t)).cloned().collect();
    crate::language::language_of(&around)
}

fn language(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    let differs = evidence.language.zip(spoken(&reply.tokens, &evidence.names)).is_some_and(|(a, b)| a != b);
    if differs { block(Rule::Language, "not the customer's language") } else { None }
}

#[cfg(test)]
mod tests;
