//! Everything a reply may rest on, read once: the retrieved products, the shop's entries and policies, and the customer's own words.

mod asked;

use super::agreement::spoken;
use super::mention::{Group, Names};
use super::numbers::{Figure, ONE, Unit};
use super::reading::{self, Phrases, Reading};
use crate::attribute::says_in_vietnamese;
use crate::language::Language;
use crate::model::{Business, Entry, EntryKind, Product};
use crate::text::Token;
pub use asked::{Coverage, asked_prices};
use std::sync::LazyLock;

/// Measures whose words also stand in names: "chiều dài" asks for no "áo dài".
static MEASURES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("chiều dài|chiều rộng|chiều cao|chieu dai|chieu rong|chieu cao|bao lâu|bao lau|trọng lượng|dung tích")
});

/// Everything a reply may rest on, read once and used for every try.
pub struct Evidence<'a> {
    pub(super) products: &'a [Product],
    pub(super) house_rules: &'a str,
    pub(super) names: Names,
    pub(super) facts: Vec<Reading>,
    /// All words of each name, in either language.
    titles: Vec<Vec<Token>>,
    pub(super) policies: Reading,
    /// The policies without any answer to a question, and those answers.
    standing: String,
    answers: Vec<Answer>,
    /// How many of the answers the policies hold now.
    bound: usize,
    pub(super) business: Reading,
    pub(super) trusted_text: String,
    pub(super) asked: Reading,
    pub(super) asked_about: Vec<usize>,
    pub(super) ids: Vec<usize>,
    pub(super) language: Option<Language>,
}

impl<'a> Evidence<'a> {
    /// `asked` is the customer's question with the customer's messages just before it;
    /// `house_rules` the prompt's own wording, which must not come back.
    #[must_use]
    pub fn new(
        products: &'a [Product],
        entries: &[Entry],
        business: &'a Business,
        asked: &str,
        house_rules: &'a str,
    ) -> Self {
        let names = Names::of(products);
        let asked_reading = Reading::of_tokens(crate::text::tokens(asked), false);
        let asked_about = names.mentioned(&reading::without(&asked_reading.tokens, &MEASURES));
        let asked_about = asked_about.into_iter().flat_map(|g| g.products).collect();
        // English around Vietnamese words may be answered in either.
        let mixed = |l: &Language| *l == Language::English && crate::text::has_marks(asked);
        // "hello shop" is what both say.
        let short = |l: &Language| *l == Language::English && asked_reading.tokens.len() < 3;
        let language = spoken(&asked_reading.tokens, &names).filter(|l| !mixed(l) && !short(l));
        let about = format!("{}.\n{}\n{}", business.name, business.description, business.phone);
        let mut policies = business.policies.clone();
        if !business.opening_hours.trim().is_empty() {
            policies.push_str(&format!("\nMở cửa: {}", business.opening_hours));
        }
        for entry in entries.iter().filter(|e| e.kind == EntryKind::Policy) {
            policies.push_str(&format!("\n{}: {}", entry.title, entry.body));
        }
        let standing = policies.clone();
        let answers: Vec<Answer> = entries.iter().filter(|e| e.kind == EntryKind::Faq).map(Answer::of).collect();
        for answer in &answers {
            policies.push_str(&format!("\n{}", answer.body));
        }
        Self {
            products,
            house_rules,
            names,
            facts: products.iter().map(|p| Reading::source(&p.facts())).collect(),
            titles: products.iter().map(title).collect(),
            trusted_text: crate::text::legible(&format!("{about}\n{policies}")).to_lowercase(),
            policies: Reading::source(&policies),
            standing,
            bound: answers.len(),
            answers,
            business: Reading::source(&about),
            asked: asked_reading,
            asked_about,
            ids: Vec::new(),
            language,
        }
    }

    /// Leaves out the answers to questions about another thing than the reply speaks of: how long a speaker is warranted says nothing of a
    /// shirt.
    pub(super) fn bind(&mut self, reply: &Reading) {
        let named: Vec<usize> = self.named_in(&reply.tokens);
        let silent = named.is_empty();
        let spoken = if silent { self.asked_about.clone() } else { named };
        let says = |thing: &Token| {
            let said = |tokens: &[Token]| tokens.iter().any(|t| t.same_word(thing));
            said(&reply.tokens)
                || (silent && said(&self.asked.tokens))
                || spoken.iter().filter_map(|p| self.facts.get(*p)).any(|f| said(&f.tokens))
        };
        let fits = |a: &&Answer| spoken.is_empty() || a.things.is_empty() || a.things.iter().any(says);
        let bodies: Vec<&str> = self.answers.iter().filter(fits).map(|a| a.body.as_str()).collect();
        if bodies.len() != self.bound || self.bound != self.answers.len() {
            let policies: Vec<&str> = std::iter::once(self.standing.as_str()).chain(bodies.iter().copied()).collect();
            let (bound, policies) = (bodies.len(), Reading::source(&policies.join("\n")));
            self.bound = bound;
            self.policies = policies;
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

    /// Whether two words stand together in what is known of a product.
    pub(super) fn says_together(&self, first: &Token, second: &Token) -> bool {
        let pair = |w: &[Token]| matches!(w, [a, b] if a.same_word(first) && b.same_word(second));
        self.facts.iter().any(|f| f.tokens.windows(2).any(pair))
    }

    /// Of which products each clause speaks: those it names, else those named before it, else what the customer asked about.
    pub(super) fn subjects(&self, reply: &Reading) -> Vec<Vec<usize>> {
        let mut carried: Option<Vec<usize>> = None;
        let subject = |(clause, _): &(std::ops::Range<usize>, usize)| {
            let groups = self.groups(reply.slice(clause), carried.as_deref());
            if !groups.is_empty() {
                carried = Some(groups.into_iter().flat_map(|g| g.products).collect());
            }
            carried.clone().unwrap_or_else(|| self.default_subject())
        };
        reply.clauses.iter().map(subject).collect()
    }

    /// What is known of these products.
    pub(super) fn facts_of(&self, products: &[usize]) -> Vec<&Reading> {
        products.iter().filter_map(|p| self.facts.get(*p)).collect()
    }

    /// Whether one sentence of the shop's, or of these products, has all the words.
    pub(super) fn told_together(&self, products: &[usize], words: &[&Token]) -> bool {
        let has = |s: &&Reading| s.sentences.iter().any(|range| words.iter().all(|w| s.says(range, w)));
        self.facts_of(products).iter().chain(&self.trusted()).any(has)
    }

    /// The same, in these very words.
    pub(super) fn said_together(&self, products: &[usize], words: &[&Token]) -> bool {
        let all = |stretch: &[Token]| words.iter().all(|w| stretch.iter().any(|t| t.same_word(w)));
        let facts = self.facts_of(products);
        let trusted = self.trusted();
        facts.iter().chain(&trusted).any(|s| s.sentences.iter().any(|range| all(s.slice(range))))
    }

    pub(super) fn trusted(&self) -> Vec<&Reading> {
        vec![&self.policies, &self.business]
    }

    pub(super) fn sources(&self) -> Vec<&Reading> {
        self.facts.iter().chain([&self.policies, &self.business]).collect()
    }

    pub(super) fn trusted_has(&self, words: Option<&[Token]>) -> bool {
        words.is_some_and(|words| {
            self.trusted()
                .iter()
                .any(|s| s.tokens.windows(words.len()).any(|w| w.iter().zip(words).all(|(a, b)| a.same_word(b))))
        })
    }

    /// What is spoken of when no product is named: what the customer asked about, else what the model says it used, else anything.
    pub(super) fn default_subject(&self) -> Vec<usize> {
        let narrowed: Vec<usize> = self.asked_about.iter().copied().filter(|p| self.ids.contains(p)).collect();
        if !narrowed.is_empty() {
            return narrowed;
        }
        let fallbacks = [&self.asked_about, &self.ids];
        fallbacks.into_iter().find(|set| !set.is_empty()).cloned().unwrap_or_else(|| (0..self.products.len()).collect())
    }

    /// The products named in a stretch; where the words could mean several, what was spoken of before decides.
    pub(super) fn groups(&self, stretch: &[Token], carried: Option<&[usize]>) -> Vec<Group> {
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
        // "Đầm vải linen" names no shirt, though a shirt's name has the word.
        let tells = |p: usize, t: &Token| self.names.head_of(p, t) || (t.text.len() == 1 && self.names.belongs(p, t));
        let kind = |g: &Group| g.products.iter().any(|p| stretch.iter().any(|t| tells(*p, t)));
        if groups.iter().any(kind) {
            groups.retain(kind);
        }
        for group in &mut groups {
            // "Pin 20.000mAh" of two power banks.
            let numbered = |p: &usize| {
                let title = self.titles.get(*p).map(Vec::as_slice).unwrap_or_default();
                let number = |t: &&Token| t.kind == crate::text::Kind::Number;
                stretch.iter().filter(number).any(|said| title.iter().filter(number).any(|t| t.text == said.text))
            };
            let narrowed: Vec<usize> = group.products.iter().copied().filter(numbered).collect();
            if !narrowed.is_empty() {
                group.products = narrowed;
            }
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
    pub(super) fn names_phrase(&self, pair: &[&str; 2]) -> bool {
        self.products.iter().any(|p| {
            let name = crate::text::tokens(&p.name);
            name.windows(2).any(|w| matches!(w, [a, b] if [a.fold.as_str(), b.fold.as_str()] == *pair))
        })
    }

    /// Whether these words stand so in a product's name.
    pub(super) fn in_title(&self, words: &[Token]) -> bool {
        let same = |w: &[Token]| w.iter().zip(words).all(|(a, b)| a.same_word(b));
        !words.is_empty() && self.titles.iter().any(|title| title.windows(words.len()).any(same))
    }

    /// Whether a word stands in a product's name.
    pub(super) fn in_title_of(&self, product: usize, word: &Token) -> bool {
        self.titles
            .get(product)
            .is_some_and(|title| title.iter().any(|t| t.same_word(word) || super::gloss::same_meaning(t, word)))
    }

    /// Whether a number is part of a product's name, such as the 20 of "X20", and counts nothing.
    pub(super) fn is_named(&self, reading: &Reading, figure: &Figure) -> bool {
        (0..self.titles.len()).any(|product| self.is_named_in(product, reading, figure))
    }

    /// Whether a number is part of this product's name.
    pub(super) fn is_named_in(&self, product: usize, reading: &Reading, figure: &Figure) -> bool {
        let before = figure.first.checked_sub(1).and_then(|at| reading.tokens.get(at));
        let (number, after) = (reading.tokens.get(figure.first), reading.tokens.get(figure.first + 1));
        let pair = |a: Option<&Token>, b: Option<&Token>| {
            a.zip(b).is_some_and(|(a, b)| {
                let same = |w: &[Token]| matches!(w, [x, y] if x.same_word(a) && y.same_word(b) && y.glued == b.glued);
                self.titles.get(product).is_some_and(|title| title.windows(2).any(same))
            })
        };
        figure.first == figure.last && (pair(before, number) || pair(number, after))
    }

    /// Whether the amount is any product's price.
    pub(super) fn is_price(&self, figure: &Figure) -> bool {
        (0..self.products.len()).any(|p| self.is_multiple(figure, p, 1))
    }

    /// Whether the amount is `quantity` times the product's price. A bare number below a thousand is the price in thousands, as it is
    /// spoken ("áo này 150"), where the currency has no smaller unit.
    pub(super) fn is_multiple(&self, figure: &Figure, product: usize, quantity: i128) -> bool {
        let Some(row) = self.products.get(product) else { return false };
        self.is_times(figure, row, row.price_milli(), quantity)
            || row.variants.iter().filter_map(|v| v.price_minor).any(|minor| {
                let unit = 10_i128.pow(chatdesk_platform::currency_decimals(&row.currency));
                self.is_times(figure, row, i128::from(minor) * 1000 / unit, quantity)
            })
    }

    /// Whether the amount is `quantity` times a price of the product.
    pub(super) fn is_times(&self, figure: &Figure, product: &Product, price: i128, quantity: i128) -> bool {
        let Some(value) = figure.value else { return false };
        let exact = chatdesk_platform::currency_decimals(&product.currency) == 0;
        if figure.unit == Unit::Percent
            || figure.currency.is_some_and(|c| c != product.currency)
            || (figure.ambiguous && !exact)
        {
            return false;
        }
        let price = price * quantity;
        value == price || (exact && figure.unit == Unit::Plain && value < 1000 * ONE && value * 1000 == price)
    }

    /// Whether digits without marks are an amount that is allowed anyway, such as 12500000.
    pub(super) fn is_sum_of_known(&self, run: &str) -> bool {
        let digits: String = run.chars().filter(char::is_ascii_digit).collect();
        digits.parse::<i128>().is_ok_and(|v| self.products.iter().any(|p| v * ONE == p.price_milli()))
    }
}

fn title(product: &Product) -> Vec<Token> {
    let mut title = crate::text::tokens(&product.name);
    title.extend(product.english_name().map(crate::text::tokens).unwrap_or_default());
    title
}

/// A shop's answer to a question.
struct Answer {
    body: String,
    /// The words of the question that name what it is about, if any do.
    things: Vec<Token>,
}

impl Answer {
    /// The question states nothing, but tells of what the answer speaks.
    fn of(entry: &Entry) -> Self {
        let topic = |t: &Token| super::promises::is_topic(t) || super::sourced::is_plain(t) || reading::only_asks(t);
        let things = crate::text::tokens(&entry.title).into_iter().filter(|t| !topic(t)).collect();
        Self { body: entry.body.clone(), things }
    }
}
