//! What an answer can rest on: the rows of the catalogue for a question, behind what it follows in the conversation.
//!
//! A short question that names none of what it finds ("giá sao?", "còn màu đen không?") is about the product that the customer named last,
//! or came from an ad for.

use crate::answer::Assistant;
use crate::embed::EmbedError;
use crate::guard;
use crate::intent::{Intent, intent};
use crate::language::{Language, language};
use crate::model::{Entry, EntryKind, MAX_ENTRIES, MAX_PRODUCTS, Product, Speaker, Turn};
use crate::peers::{Errand, product, row};
use crate::text::{fold, tokens};
use crate::topic::{self, Asked};
use chatdesk_platform::Error;
use chatdesk_proto::catalog::v1::{ScoredEntry, ScoredProduct, SearchRequest, SearchResponse};
use std::time::Duration;
use uuid::Uuid;

/// A row with neither enough words nor meaning is not what was asked for.
const RELEVANT_LEXICAL: f32 = 0.3;
/// A question of whose words a product has less does not name it, whatever word they share: "pin dùng được bao lâu".
const NAMED: f32 = 0.6;
/// Products that are looked at for those of one kind or price.
const MOST_LOOKED_AT: usize = 40;
/// Characters of a question that are embedded and searched.
const SEARCH_CHARS: usize = 1000;
/// Products that a conversation is taken to be about.
const MOST_ABOUT: usize = 3;
/// Earlier messages that are looked up for what they name: each is a search of the whole catalogue.
const MOST_LOOKED_UP: usize = 3;

/// Where a customer came from, as far as it tells a product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Referral {
    /// The ad's title.
    pub ad_title: String,
    /// What the shop put into the link.
    pub reference: String,
    /// Of our catalogue or the shop's own number.
    pub product_id: String,
}

/// What was looked up and found.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    /// Best first, as the catalogue scores them.
    pub products: Vec<ScoredProduct>,
    /// Best first.
    pub entries: Vec<ScoredEntry>,
    /// The products that the conversation was taken to be about.
    pub about: Vec<String>,
    /// The question, with what it follows.
    pub asked: Asked,
}

/// What an answer can rest on.
pub struct Relevant {
    pub products: Vec<Product>,
    pub entries: Vec<Entry>,
    pub asked: Asked,
}

/// What was said and where the customer came from.
#[derive(Clone, Copy)]
pub struct Before<'a> {
    /// Oldest first.
    pub history: &'a [Turn],
    pub referral: Option<&'a Referral>,
}

impl Assistant {
    /// The rows that fit the question, and the question with what it follows.
    pub(crate) async fn relevant(
        &self,
        errand: &Errand,
        question: &str,
        before: Before<'_>,
    ) -> Result<Relevant, Error> {
        // That nothing is so cheap, or like another, can only be said of all that there is.
        let wide = guard::asked_prices(question).is_some() || topic::asks_for_others(&tokens(question));
        let limit = if wide { MOST_LOOKED_AT } else { MAX_PRODUCTS };
        let looked = self.look_up(errand, question, before, limit as u32).await?;
        let text = looked.asked.text();
        let mut products = self.fitting(&text, &looked.products, &looked.about);
        if wide {
            let (low, high) = guard::asked_prices(&text).unwrap_or((0, i128::MAX));
            let words = tokens(&text);
            let fits = |p: &Product| (low..=high).contains(&p.price_milli()) && topic::says_kind(&words, p);
            products.sort_by_key(|p| !fits(p));
        }
        products.truncate(MAX_PRODUCTS);
        let near = self.near(question);
        let fits = |row: &&ScoredEntry| row.lexical_score >= RELEVANT_LEXICAL || row.vector_score >= near;
        let entries = looked.entries.iter().filter(fits).filter_map(entry).take(MAX_ENTRIES).collect();
        Ok(Relevant { products, entries, asked: looked.asked })
    }

    /// The assistant's own retrieval: best first, as the catalogue scores it.
    ///
    /// # Errors
    /// When the embedder is overloaded or the catalogue does not answer.
    pub async fn look_up(
        &self,
        errand: &Errand,
        question: &str,
        before: Before<'_>,
        limit: u32,
    ) -> Result<Looked, Error> {
        let found = self.search(errand, question, &[], limit).await?;
        let alone =
            Looked { products: found.items, entries: found.entries, about: Vec::new(), asked: Asked::alone(question) };
        let mut fitting = self.fitting(question, &alone.products, &[]);
        let words = tokens(question);
        fitting.retain(|product| product.lexical_score >= NAMED || topic::says_kind(&words, product));
        let itself = matches!(intent(question), Intent::Greeting | Intent::Thanks | Intent::Machine);
        if itself || !topic::may_follow(question, &fitting) {
            return Ok(alone);
        }
        let goods = |turn: &&Turn| intent(&turn.text) == Intent::Goods && topic::can_name(&turn.text);
        for Turn { text, .. } in said_by(Speaker::Customer, before.history).filter(goods).take(MOST_LOOKED_UP) {
            let rows = self.search(errand, text, &[], limit).await?.items;
            let spoken_of = self.fitting(text, &rows, &[]);
            let meant: Vec<Uuid> =
                spoken_of.iter().filter(|product| topic::names(text, product)).map(|product| product.id).collect();
            if meant.is_empty() {
                continue;
            }
            if !topic::continues(question, &fitting, text) {
                return Ok(alone);
            }
            let topic = if topic::asks_for_others(&tokens(question)) {
                // What is like a thing is found by the name of what was shown, and not by what else was asked of it.
                let last = said_by(Speaker::Assistant, before.history).next();
                let is_shown = |p: &&Product| last.is_some_and(|turn| turn.text.contains(&p.name));
                let mut shown: Vec<&str> = spoken_of.iter().filter(is_shown).map(|p| p.name.as_str()).collect();
                shown.extend(spoken_of.first().filter(|_| shown.is_empty()).map(|p| p.name.as_str()));
                shown.join(", ")
            } else {
                text.clone()
            };
            return self.following(errand, question, topic, &meant, alone, limit).await;
        }
        // A long talk about one product: its name stands only in what the assistant said.
        for Turn { text, .. } in said_by(Speaker::Assistant, before.history).take(1) {
            let rows = self.search(errand, text, &[], limit).await?.items;
            let shown: Vec<Product> =
                rows.iter().filter_map(product).filter(|p| !p.name.is_empty() && text.contains(&p.name)).collect();
            if !shown.is_empty() && topic::continues(question, &fitting, text) {
                let names: Vec<&str> = shown.iter().map(|p| p.name.as_str()).collect();
                let ids: Vec<Uuid> = shown.iter().map(|p| p.id).collect();
                return self.following(errand, question, names.join(", "), &ids, alone, limit).await;
            }
        }
        let referred = match before.referral {
            Some(referral) => self.referred(errand, referral).await?,
            None => Vec::new(),
        };
        if referred.is_empty() {
            return Ok(alone);
        }
        let names: Vec<&str> = referred.iter().map(|p| p.name.as_str()).collect();
        let ids: Vec<Uuid> = referred.iter().map(|p| p.id).collect();
        self.following(errand, question, names.join(", "), &ids, alone, limit).await
    }

    /// The question looked up behind its topic. What is asked of the shop itself is found by the question alone.
    async fn following(
        &self,
        errand: &Errand,
        question: &str,
        topic: String,
        meant: &[Uuid],
        alone: Looked,
        limit: u32,
    ) -> Result<Looked, Error> {
        let about: Vec<String> = meant.iter().take(MOST_ABOUT).map(Uuid::to_string).collect();
        let asked = Asked { topic: Some(topic), question: question.to_owned() };
        let both = self.search(errand, &asked.text(), &about, limit).await?;
        let entries = if alone.entries.is_empty() { both.entries } else { alone.entries };
        Ok(Looked { products: both.items, entries, about, asked })
    }

    /// The products that a referral names: by our id, by the shop's number, or by a name in the ad's title.
    async fn referred(&self, errand: &Errand, referral: &Referral) -> Result<Vec<Product>, Error> {
        let ids: Vec<String> = [&referral.product_id, &referral.reference]
            .into_iter()
            .filter_map(|id| id.trim().parse::<Uuid>().ok())
            .map(|id| id.to_string())
            .collect();
        if !ids.is_empty() {
            let found: Vec<Product> = self.peers.products(errand, ids).await?.iter().filter_map(row).collect();
            if !found.is_empty() {
                return Ok(found);
            }
        }
        let mut numbers = vec![referral.product_id.trim(), referral.reference.trim()];
        numbers.dedup();
        for number in numbers.into_iter().filter(|number| !number.is_empty()) {
            let rows = self.search(errand, number, &[], MAX_PRODUCTS as u32).await?.items;
            let is_it = |sku: &str| !sku.is_empty() && sku.eq_ignore_ascii_case(number);
            let found = rows.iter().filter_map(product);
            let found: Vec<Product> =
                found.filter(|p| is_it(&p.sku) || p.variants.iter().any(|variant| is_it(&variant.sku))).collect();
            if !found.is_empty() {
                return Ok(found);
            }
        }
        if referral.ad_title.trim().is_empty() {
            return Ok(Vec::new());
        }
        let title = fold(&referral.ad_title);
        let rows = self.search(errand, &referral.ad_title, &[], MAX_PRODUCTS as u32).await?.items;
        let fitting = self.fitting(&referral.ad_title, &rows, &[]);
        let named: Vec<Product> = fitting.iter().filter(|p| title.contains(&fold(&p.name))).cloned().collect();
        if !named.is_empty() {
            return Ok(named);
        }
        Ok(fitting.into_iter().filter(|p| topic::names(&referral.ad_title, p)).take(1).collect())
    }

    /// The cosine from which a row is near a question.
    fn near(&self, question: &str) -> f32 {
        let near = self.embedder.near();
        if language(question) == Some(Language::English) { near.english } else { near.vietnamese }
    }

    /// Those of the rows that are what was asked for.
    fn fitting(&self, question: &str, rows: &[ScoredProduct], about: &[String]) -> Vec<Product> {
        let asked = tokens(question);
        let anything = guard::asks_for_anything(question) || (!about.is_empty() && topic::asks_for_others(&asked));
        let near = self.near(question);
        let fits = |p: &Product| {
            anything
                || p.lexical_score >= RELEVANT_LEXICAL
                || p.vector_score >= near
                || topic::says_kind(&asked, p)
                || about.iter().any(|id| *id == p.id.to_string())
        };
        rows.iter().filter_map(product).filter(fits).collect()
    }

    async fn search(&self, errand: &Errand, text: &str, about: &[String], limit: u32) -> Result<SearchResponse, Error> {
        let text: String = text.chars().filter(|c| *c != '\0').take(SEARCH_CHARS).collect();
        let vector = self.embedder.embed_query(&text).await.map_err(|error| match error {
            EmbedError::Overloaded => {
                Error::Exhausted { code: "overloaded", retry_after: Some(Duration::from_secs(1)) }
            }
            EmbedError::TooMany | EmbedError::Failed => Error::internal(error),
        })?;
        let model = self.embedder.model_id().to_owned();
        let request = SearchRequest { text, vector, model, limit, boost_product_ids: about.to_vec() };
        self.peers.search(errand, request).await
    }
}

/// A row of the search as the assistant works with it; `None` when it is no question or rule.
fn entry(row: &ScoredEntry) -> Option<Entry> {
    let kind = match row.kind.as_str() {
        "faq" => EntryKind::Faq,
        "policy" => EntryKind::Policy,
        _ => return None,
    };
    let (title, body) = (row.title.clone(), row.body.clone());
    Some(Entry { id: row.entry_id.parse().ok()?, kind, title, body, score: row.score })
}

/// What one side said, the last first.
fn said_by(speaker: Speaker, history: &[Turn]) -> impl Iterator<Item = &Turn> {
    history.iter().rev().filter(move |t| t.speaker == speaker)
}
