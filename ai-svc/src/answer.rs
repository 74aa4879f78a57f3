//! The way of an answer: intent, retrieval, prompt, model, guard, and what happens when one of them does not do.
//!
//! Every way ends in something a customer can read: an answer that passed the guard, or a handover with its one line.

use crate::answerer::{self, Ground};
use crate::draft::{Spent, Tried};
use crate::embed::Embedder;
use crate::fair::Fair;
use crate::groq::Groq;
use crate::guard::{Evidence, Meant, counts, meant};
use crate::handover::{nothing_found, with_hours};
use crate::intent::{Intent, handover, intent};
use crate::language::{Language, language};
use crate::model::{Business, MAX_QUESTION_CHARS, MAX_TURNS, Product, Reason, Reply, Speaker, Turn};
use crate::peers::{Errand, Peers};
use crate::prompt::{self, HOUSE_RULES, PROMPT_VERSION};
use crate::retrieve::{Before, Relevant};
use crate::text::{Kind, Token, tokens, written_out};
use crate::topic;
use chatdesk_platform::{Clock, Error};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

/// The name of the answerer that needs no model.
pub const CATALOGUE: &str = "catalogue";

/// How an answer ended, with where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What the customer gets to read.
    pub reply: Reply,
    /// What it rests on, best first.
    pub products: Vec<Product>,
    /// The shop's entries that it rests on, best first.
    pub entries: Vec<Uuid>,
    /// `passed`, or the guard's rule that blocked.
    pub verdict: &'static str,
    /// The model's name or [`CATALOGUE`].
    pub model: String,
    /// The wording of the prompt, whether a model was asked or not.
    pub prompt_version: &'static str,
    /// Of the day's tokens.
    pub spent: Spent,
    /// From the call to the answer.
    pub latency: Duration,
}

/// Writes answers.
pub struct Assistant {
    pub(crate) embedder: Embedder,
    pub(crate) groq: Option<Groq>,
    /// Whose turn it is to ask the model.
    pub(crate) fair: Fair,
    pub(crate) peers: Peers,
    pub(crate) clock: Clock,
    /// The longest an answer may take.
    pub(crate) deadline: Duration,
    /// How much of it may pass until the language model has answered.
    pub(crate) model_deadline: Duration,
}

impl Assistant {
    /// Answers a customer's unanswered messages, with what was said before them, oldest first.
    ///
    /// # Errors
    /// When a peer or the embedder does not answer, or it takes longer than the deadline. The caller tries again later.
    pub async fn answer(&self, errand: &Errand, question: &str, before: Before<'_>) -> Result<Answer, Error> {
        let (started, begun) = (self.clock.now(), Instant::now());
        let until = begun + self.deadline;
        let run = timeout_at(until, Box::pin(self.run(errand, question, before, begun + self.model_deadline)));
        let mut answer = run.await.map_err(|_| Error::DeadlineExceeded)??;
        if matches!(answer.reply, Reply::Handover { .. }) {
            match timeout_at(until, self.peers.business(errand)).await {
                Ok(Ok(business)) => answer.reply = with_hours(answer.reply, &business, self.clock.now()),
                // Nothing is said for a business that may not work.
                Ok(Err(refused @ Error::Precondition { .. })) => return Err(refused),
                // A trigger must work when everything else is down: then without the hours.
                Ok(Err(_)) | Err(_) => {}
            }
        }
        answer.latency = (self.clock.now() - started).to_std().unwrap_or_default();
        let outcome = match &answer.reply {
            Reply::Answered { .. } => "answered",
            Reply::Handover { reason, .. } => reason.code(),
        };
        tracing::info!(outcome, verdict = answer.verdict, model = %answer.model, products = answer.products.len(), "answer");
        metrics::counter!("chatdesk_ai_answers_total", "outcome" => outcome, "verdict" => answer.verdict).increment(1);
        metrics::histogram!("chatdesk_ai_answer_seconds").record(answer.latency.as_secs_f64());
        Ok(answer)
    }

    async fn run(
        &self,
        errand: &Errand,
        question: &str,
        before: Before<'_>,
        model_until: Instant,
    ) -> Result<Answer, Error> {
        let question: String = question.chars().take(MAX_QUESTION_CHARS).collect();
        let history = before.history.get(before.history.len().saturating_sub(MAX_TURNS)..).unwrap_or_default();
        // The model reads what was typed.
        let read = written_out(&question);
        let written = |turn: &Turn| match turn.speaker {
            Speaker::Customer => Turn { text: written_out(&turn.text), ..turn.clone() },
            _ => turn.clone(),
        };
        let said: Vec<Turn> = history.iter().map(written).collect();
        let before = Before { history: &said, ..before };
        let intent = intent(&read);
        if question.trim().is_empty() || matches!(intent, Intent::Handover(_)) {
            let reason = if let Intent::Handover(reason) = intent { reason } else { Reason::NoText };
            let language = match spoken(&question, history) {
                Some(language) => language,
                None => default_language(&self.peers.business(errand).await?),
            };
            return Ok(ended(handover(reason, language), Vec::new(), "passed"));
        }
        let (business, Relevant { products, entries, asked }) =
            tokio::try_join!(self.peers.business(errand), self.relevant(errand, &read, before))?;
        let language = spoken(&question, history).unwrap_or_else(|| default_language(&business));
        let has_a_rule = answerer::has_a_rule(&asked, &business, intent, language);
        if products.is_empty() && entries.is_empty() && intent == Intent::Goods && !has_a_rule {
            return Ok(ended(nothing_found(&read, history, language), products, "passed"));
        }
        let mut evidence = Evidence::new(&products, &entries, &business, &asked.text(), HOUSE_RULES);
        let messages = prompt::messages(&business, &products, &entries, history, &question, language);
        let mut spent = Spent::default();
        let tried = self.with_model(errand, messages, &mut evidence, language, &mut spent, model_until).await;
        let ground =
            Ground { asked: &asked, language, intent, products: &products, entries: &entries, business: &business };
        let (reply, verdict, model) = match tried {
            Tried::Reply(reply, verdict, model) => (reply, verdict, model),
            Tried::Fallback if intent == Intent::Goods && topic::names_no_goods(&asked) => {
                let asked_back = nothing_found(&read, history, language);
                return Ok(Answer { spent, ..ended(asked_back, Vec::new(), "passed") });
            }
            Tried::Fallback => (answerer::answer(&ground, &mut evidence), "passed", CATALOGUE.to_owned()),
            Tried::Unproven(verdict, model) => match answerer::answer(&ground, &mut evidence) {
                reply @ Reply::Answered { .. } => (reply, verdict, CATALOGUE.to_owned()),
                Reply::Handover { .. } => (handover(Reason::GuardBlocked, language), verdict, model),
            },
        };
        let used = used(&reply, &products, &evidence);
        let is_answer = matches!(reply, Reply::Answered { .. });
        let entries = entries.iter().filter(|_| is_answer).map(|entry| entry.id).collect();
        Ok(Answer { spent, model, entries, ..ended(reply, used, verdict) })
    }
}

fn ended(reply: Reply, products: Vec<Product>, verdict: &'static str) -> Answer {
    Answer {
        reply,
        products,
        entries: Vec::new(),
        verdict,
        model: CATALOGUE.to_owned(),
        prompt_version: PROMPT_VERSION,
        spent: Spent::default(),
        latency: Duration::ZERO,
    }
}

/// The products that an answer speaks of, as its writer says or as its words do; all retrieved ones when it names none.
fn used(reply: &Reply, products: &[Product], evidence: &Evidence<'_>) -> Vec<Product> {
    let Reply::Answered { text, product_ids } = reply else { return products.to_vec() };
    let words = tokens(text);
    let named = evidence.named_in(&words);
    let named: Vec<&Product> = named.iter().filter_map(|at| products.get(*at)).collect();
    let is_said = |product: &&Product| {
        product_ids.contains(&product.id)
            || (named.iter().any(|one| one.id == product.id) && topic::says_kind(&words, product))
    };
    let said: Vec<&Product> = products.iter().filter(is_said).collect();
    let beside = named.iter().filter(|product| topic::names_beside(&words, product, &said));
    let ids: Vec<Uuid> = said.iter().chain(beside).map(|product| product.id).collect();
    if ids.is_empty() {
        return products.to_vec();
    }
    products.iter().filter(|product| ids.contains(&product.id)).cloned().collect()
}

/// Small numbers in words, from 1.
const IN_WORDS: [[&str; 2]; 10] = [
    ["một", "one"],
    ["hai", "two"],
    ["ba", "three"],
    ["bốn", "four"],
    ["năm", "five"],
    ["sáu", "six"],
    ["bảy", "seven"],
    ["tám", "eight"],
    ["chín", "nine"],
    ["mười", "ten"],
];

/// Whether the text says a number that is one of pieces left: of the product, or of variants that it speaks of.
#[must_use]
pub fn says_count(text: &str, product: &Product) -> bool {
    let words = tokens(text);
    let stretches = words.split(|word| word.kind == Kind::Symbol);
    let spoken = stretches.map(|stretch| meant(product, &[stretch])).chain([Meant::Any]);
    let mut left: Vec<i64> = spoken.flat_map(|meant| counts(product, &meant)).collect();
    left.extend(product.variants.iter().filter_map(|variant| variant.stock));
    let number = |word: &Token| match word.kind {
        Kind::Number => word.text.parse().ok(),
        _ => IN_WORDS.iter().zip(1..).find(|(spelled, _)| spelled.contains(&word.text.as_str())).map(|(_, n)| n),
    };
    words.iter().filter_map(number).any(|number| left.contains(&number))
}

/// The language of the question, else of the customer's last message that tells.
fn spoken(question: &str, history: &[Turn]) -> Option<Language> {
    let earlier = history.iter().rev().filter(|t| t.speaker == Speaker::Customer).find_map(|t| language(&t.text));
    language(question).or(earlier)
}

fn default_language(business: &Business) -> Language {
    let english = business.languages.first().is_some_and(|tag| tag.to_lowercase().starts_with("en"));
    if english { Language::English } else { Language::Vietnamese }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Variant;

    fn product(n: u128, name: &str, description: &str) -> Product {
        let (name, description) = (name.to_owned(), description.to_owned());
        Product { id: Uuid::from_u128(n), name, description, in_stock: true, ..Product::default() }
    }

    #[test]
    fn an_answer_rests_on_what_it_says_it_does_and_on_what_it_names() {
        let products = [
            product(1, "Áo sơ mi linen tay dài", "Cổ bẻ."),
            product(2, "Nón lá", "Che nắng."),
            product(3, "Túi vải cotton", ""),
            product(4, "Áo thun đỏ", "Cotton mềm."),
        ];
        let business = Business::default();
        let evidence = Evidence::new(&products, &[], &business, "", "");
        let of = |text: &str, claimed: &[u128]| {
            let product_ids = claimed.iter().map(|n| Uuid::from_u128(*n)).collect();
            let reply = Reply::Answered { text: text.to_owned(), product_ids };
            used(&reply, &products, &evidence).iter().map(|product| product.id.as_u128()).collect::<Vec<_>>()
        };
        assert_eq!(of("Linen tay dài 320k còn hàng ạ", &[2]), [1, 2]);
        assert_eq!(of("Dạ áo thun đỏ 150k, chất cotton mềm ạ", &[4]), [4]);
        assert_eq!(of("Dạ túi vải cotton 150k ạ", &[4]), [3, 4]);
        assert_eq!(of("Dạ còn ạ", &[]), [1, 2, 3, 4]);
    }

    #[test]
    fn a_number_of_pieces_is_told_from_other_numbers() {
        let variant = |colour: &str, size: &str, stock| Variant {
            name: format!("{colour} / {size}"),
            attributes: vec![("Màu".to_owned(), colour.to_owned()), ("Size".to_owned(), size.to_owned())],
            stock: Some(stock),
            ..Variant::default()
        };
        let mut shirt = product(1, "Áo thun", "");
        shirt.variants = vec![variant("Đỏ", "M", 4), variant("Đỏ", "L", 7), variant("Xanh", "M", 9)];
        for text in ["Dạ còn 20 cái ạ", "size L đỏ còn 7 ạ", "Màu đỏ còn 11, màu xanh còn chín ạ", "Only four left."]
        {
            assert!(says_count(text, &shirt), "{text}");
        }
        for text in ["Dạ áo thun còn hàng, giá 320k ạ", "2 áo là 640.000đ ạ", "It is in stock."] {
            assert!(!says_count(text, &shirt), "{text}");
        }
        let lamp = Product { stock: Some(12), ..product(2, "Đèn", "") };
        assert!(says_count("Dạ còn 12 cái ạ", &lamp) && !says_count("Dạ còn ạ", &lamp));
    }
}
