//! The way of an answer: intent, retrieval, prompt, model, guard, and what happens when one of them does not do.
//!
//! Every way ends in something a customer can read: an answer that passed the guard, or a handover with its one line.

use crate::answerer::{self, Ground};
use crate::embed::{EmbedError, Embedder};
use crate::groq::{Groq, Usage};
use crate::guard::{self, Evidence, Verdict};
use crate::intent::{Intent, handover, intent};
use crate::language::{Language, language};
use crate::model::{Business, MAX_PRODUCTS, MAX_QUESTION_CHARS, MAX_TURNS, Product, Reason, Reply, Speaker, Turn};
use crate::peers::{Errand, NoTokens, Peers, product};
use crate::prompt::{self, HOUSE_RULES, Message, PROMPT_VERSION};
use crate::topic::{self, Asked};
use chatdesk_platform::{Clock, Error};
use chatdesk_proto::catalog::v1::{ScoredProduct, SearchRequest};
use chatdesk_proto::tenants::v1::SettleTokensRequest;
use std::time::Duration;
use uuid::Uuid;

/// The name of the answerer that needs no model.
pub const CATALOGUE: &str = "catalogue";

/// A row with neither enough words nor meaning is not what was asked for. The model was trained on English: any two Vietnamese texts have a
/// cosine of 0.3 to 0.6, so there only near equality tells; an English question has 0.2 or less with what it does not mean.
const RELEVANT_LEXICAL: f32 = 0.3;
const RELEVANT_COSINE_VIETNAMESE: f32 = 0.75;
const RELEVANT_COSINE_ENGLISH: f32 = 0.35;
/// Characters of a question that are embedded and searched.
const SEARCH_CHARS: usize = 1000;

/// How an answer ended, with where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What the customer gets to read.
    pub reply: Reply,
    /// What it rests on, best first.
    pub products: Vec<Product>,
    /// `passed`, or the guard's rule that blocked.
    pub verdict: &'static str,
    /// The model's name or [`CATALOGUE`].
    pub model: String,
    /// The wording of the prompt, whether a model was asked or not.
    pub prompt_version: &'static str,
    /// Tokens of all tries.
    pub usage: Usage,
    /// From the call to the answer.
    pub latency: Duration,
}

/// Writes answers.
pub struct Assistant {
    pub(crate) embedder: Embedder,
    pub(crate) groq: Option<Groq>,
    pub(crate) peers: Peers,
    pub(crate) clock: Clock,
    pub(crate) deadline: Duration,
}

/// What a try with the model gave.
enum Tried {
    Reply(Reply, &'static str, String),
    /// No model: the catalogue answers.
    Fallback,
}

impl Assistant {
    /// Answers a customer's unanswered messages, with what was said before them, oldest first.
    ///
    /// # Errors
    /// When a peer or the embedder does not answer, or it takes longer than the deadline. The caller tries again later.
    pub async fn answer(&self, errand: &Errand, question: &str, history: &[Turn]) -> Result<Answer, Error> {
        let started = self.clock.now();
        let run = tokio::time::timeout(self.deadline, Box::pin(self.run(errand, question, history)));
        let mut answer = run.await.map_err(|_| Error::DeadlineExceeded)??;
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

    async fn run(&self, errand: &Errand, question: &str, history: &[Turn]) -> Result<Answer, Error> {
        let question: String = question.chars().take(MAX_QUESTION_CHARS).collect();
        let history = history.get(history.len().saturating_sub(MAX_TURNS)..).unwrap_or_default();
        let intent = intent(&question);
        if question.trim().is_empty() || matches!(intent, Intent::Handover(_)) {
            let reason = if let Intent::Handover(reason) = intent { reason } else { Reason::NoText };
            let language = match spoken(&question, history) {
                Some(language) => language,
                None => default_language(&self.peers.business(errand).await?),
            };
            return Ok(ended(handover(reason, language), Vec::new(), "passed"));
        }
        let (business, (products, asked)) =
            tokio::try_join!(self.peers.business(errand), self.relevant(errand, &question, history))?;
        let language = spoken(&question, history).unwrap_or_else(|| default_language(&business));
        if products.is_empty() && intent == Intent::Goods {
            return Ok(ended(handover(Reason::NothingFound, language), products, "passed"));
        }
        let mut evidence = Evidence::new(&products, &business, &asked.text(), HOUSE_RULES);
        let messages = prompt::messages(&business, &products, history, &question, language);
        let mut usage = Usage::default();
        let tried = self.with_model(errand, messages, &mut evidence, language, &mut usage).await;
        let (reply, verdict, model) = match tried {
            Tried::Reply(reply, verdict, model) => (reply, verdict, model),
            Tried::Fallback => {
                let ground = Ground { asked: &asked, language, intent, products: &products, business: &business };
                (answerer::answer(&ground, &mut evidence), "passed", CATALOGUE.to_owned())
            }
        };
        let used = used(&reply, &products);
        Ok(Answer { usage, model, ..ended(reply, used, verdict) })
    }

    /// The relevant rows, and the question with what it follows. A short question that names none of what it finds ("giá sao?", "còn màu đen
    /// không?") is about the product that the customer named last.
    async fn relevant(
        &self,
        errand: &Errand,
        question: &str,
        history: &[Turn],
    ) -> Result<(Vec<Product>, Asked), Error> {
        let found = self.lookup(errand, question).await?;
        let alone = Asked::alone(question);
        let itself = matches!(intent(question), Intent::Greeting | Intent::Thanks | Intent::Machine);
        if itself || !topic::may_follow(question, &found) {
            return Ok((found, alone));
        }
        for Turn { text, .. } in said_by(Speaker::Customer, history).filter(|t| intent(&t.text) == Intent::Goods) {
            let spoken_of = self.lookup(errand, text).await?;
            let meant = |product: &Product| topic::names(text, product);
            if !spoken_of.iter().any(meant) {
                continue;
            }
            if !topic::continues(question, &found, text) {
                return Ok((found, alone));
            }
            let asked = Asked { topic: Some(text.clone()), ..alone };
            let both = self.lookup(errand, &asked.text()).await?;
            let products = if both.iter().any(meant) { both } else { spoken_of };
            return Ok((products, asked));
        }
        // A long talk about one product: its name stands only in what the assistant said.
        for Turn { text, .. } in said_by(Speaker::Assistant, history).take(1) {
            let rows = self.retrieve(errand, text, MAX_PRODUCTS as u32).await?;
            let shown = rows.iter().filter_map(product).filter(|p| !p.name.is_empty() && text.contains(&p.name));
            let products: Vec<Product> = shown.collect();
            let names: Vec<&str> = products.iter().map(|p| p.name.as_str()).collect();
            if !names.is_empty() && topic::continues(question, &found, text) {
                let asked = Asked { topic: Some(names.join(", ")), ..alone };
                return Ok((products, asked));
            }
        }
        Ok((found, alone))
    }

    async fn lookup(&self, errand: &Errand, text: &str) -> Result<Vec<Product>, Error> {
        let rows = self.retrieve(errand, text, MAX_PRODUCTS as u32).await?;
        let anything = guard::asks_for_anything(text);
        let near = if language(text) == Some(Language::English) {
            RELEVANT_COSINE_ENGLISH
        } else {
            RELEVANT_COSINE_VIETNAMESE
        };
        let relevant = |p: &Product| anything || p.lexical_score >= RELEVANT_LEXICAL || p.vector_score >= near;
        Ok(rows.iter().filter_map(product).filter(relevant).collect())
    }

    /// The assistant's own retrieval: best first, as the catalogue scores it.
    ///
    /// # Errors
    /// When the embedder is overloaded or the catalogue does not answer.
    pub async fn retrieve(&self, errand: &Errand, text: &str, limit: u32) -> Result<Vec<ScoredProduct>, Error> {
        let text: String = text.chars().filter(|c| *c != '\0').take(SEARCH_CHARS).collect();
        let vector = self.embedder.embed_query(&text).await.map_err(|error| match error {
            EmbedError::Overloaded => {
                Error::Exhausted { code: "overloaded", retry_after: Some(Duration::from_secs(1)) }
            }
            EmbedError::TooMany | EmbedError::Failed => Error::internal(error),
        })?;
        let model = self.embedder.model_id().to_owned();
        self.peers.search(errand, SearchRequest { text, vector, model, limit }).await
    }

    async fn with_model(
        &self,
        errand: &Errand,
        mut messages: Vec<Message>,
        evidence: &mut Evidence<'_>,
        language: Language,
        usage: &mut Usage,
    ) -> Tried {
        let Some(groq) = &self.groq else { return Tried::Fallback };
        let mut blocked = "passed";
        let mut model = String::new();
        for _ in 0..2 {
            let reservation = match self.peers.reserve(errand, Groq::estimate(&messages)).await {
                Ok(id) => id,
                Err(NoTokens::BudgetSpent) => {
                    return Tried::Reply(handover(Reason::BudgetUsedUp, language), blocked, model);
                }
                Err(NoTokens::Failed(error)) => {
                    tracing::warn!(%error, "no tokens could be reserved; the catalogue answers");
                    return Tried::Fallback;
                }
            };
            let (result, spent) = groq.complete(&messages).await;
            usage.prompt = usage.prompt.saturating_add(spent.prompt);
            usage.completion = usage.completion.saturating_add(spent.completion);
            let answered = result.as_ref().map(|c| c.model.clone()).unwrap_or_default();
            let settled = SettleTokensRequest {
                reservation_id: reservation,
                model: answered,
                prompt_tokens: spent.prompt,
                completion_tokens: spent.completion,
            };
            if let Err(error) = self.peers.settle(errand, settled).await {
                tracing::warn!(%error, "used tokens could not be settled");
            }
            let completion = match result {
                Ok(completion) => completion,
                Err(error) => {
                    tracing::warn!(%error, "no draft; the catalogue answers");
                    return Tried::Fallback;
                }
            };
            model = completion.model;
            if completion.draft.handover {
                return Tried::Reply(handover(Reason::ModelAsked, language), "passed", model);
            }
            let ids: Option<Vec<Uuid>> = completion.draft.product_ids.iter().map(|id| id.parse().ok()).collect();
            let verdict = ids
                .as_ref()
                .map_or(guard::unknown_product(), |ids| guard::check(&completion.draft.reply, ids, evidence));
            match verdict {
                Verdict::Pass => {
                    return Tried::Reply(
                        Reply::Answered { text: completion.draft.reply, product_ids: ids.unwrap_or_default() },
                        "passed",
                        model,
                    );
                }
                Verdict::Blocked(why) => {
                    tracing::info!(rule = why.rule.code(), why = why.detail, "the guard blocked a draft");
                    blocked = why.rule.code();
                    messages.push(prompt::again(blocked));
                }
            }
        }
        Tried::Reply(handover(Reason::GuardBlocked, language), blocked, model)
    }
}

fn ended(reply: Reply, products: Vec<Product>, verdict: &'static str) -> Answer {
    Answer {
        reply,
        products,
        verdict,
        model: CATALOGUE.to_owned(),
        prompt_version: PROMPT_VERSION,
        usage: Usage::default(),
        latency: Duration::ZERO,
    }
}

/// The products that an answer speaks of; all retrieved ones when it does not say.
fn used(reply: &Reply, products: &[Product]) -> Vec<Product> {
    match reply {
        Reply::Answered { product_ids, .. } if !product_ids.is_empty() => {
            products.iter().filter(|p| product_ids.contains(&p.id)).cloned().collect()
        }
        _ => products.to_vec(),
    }
}

/// What one side said, the last first.
fn said_by(speaker: Speaker, history: &[Turn]) -> impl Iterator<Item = &Turn> {
    history.iter().rev().filter(move |t| t.speaker == speaker)
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
