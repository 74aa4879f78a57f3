//! What the assistant knows beside the products: questions with answers, policies, and other words for the same thing.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{EMBEDDED_CHARS, EmbeddingStatus, Refusal, parse_text};
use crate::query::MOST_PHRASES;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A question and its answer.
    Faq,
    /// A topic and the shop's rule about it.
    Policy,
    /// Words as customers type them, and as the shop writes them. Never embedded: it changes questions before they are asked.
    Synonym,
}

impl EntryKind {
    /// The name that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Faq => "faq",
            Self::Policy => "policy",
            Self::Synonym => "synonym",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Faq, Self::Policy, Self::Synonym].into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether entries of this kind are found by meaning.
    pub const fn is_embedded(self) -> bool {
        !matches!(self, Self::Synonym)
    }

    /// The longest body, in characters.
    const fn longest_body(self) -> usize {
        match self {
            Self::Faq | Self::Policy => 8_000,
            Self::Synonym => 500,
        }
    }
}

fn parse_filled(text: &str, most: usize) -> Result<String, Refusal> {
    let text = parse_text(text, most)?;
    if text.is_empty() { Err(("required", "must not be empty".to_owned())) } else { Ok(text) }
}

/// What a person writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryContent {
    /// What it is.
    pub kind: EntryKind,
    /// The question, the topic, or the customers' words.
    pub title: String,
    /// The answer, the rule, or the shop's words.
    pub body: String,
}

impl EntryContent {
    /// 1 to 500 characters; of a synonym 1 to [`MOST_PHRASES`] phrases, separated by commas.
    pub fn parse_title(kind: EntryKind, text: &str) -> Result<String, Refusal> {
        let title = parse_filled(text, 500)?;
        let phrases = title.split(',').filter(|phrase| phrase.contains(char::is_alphanumeric)).count();
        match kind {
            EntryKind::Synonym if phrases == 0 => Err(("malformed", "must be words, separated by commas".to_owned())),
            EntryKind::Synonym if phrases > MOST_PHRASES => {
                Err(("too_many", format!("has more than {MOST_PHRASES} phrases")))
            }
            _ => Ok(title),
        }
    }

    /// 1 to 8,000 characters, of a synonym at most 500.
    pub fn parse_body(kind: EntryKind, text: &str) -> Result<String, Refusal> {
        parse_filled(text, kind.longest_body())
    }

    /// What the model reads: the title, then the body.
    pub fn embedded_text(&self) -> String {
        let text = format!("{} - {}", self.title, self.body);
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(EMBEDDED_CHARS).collect()
    }

    /// Names the embedded text: the first half of its SHA-256 in hexadecimal.
    pub fn text_hash(&self) -> String {
        let hash = digest(&SHA256, self.embedded_text().as_bytes());
        hex::encode(hash.as_ref().iter().take(16).copied().collect::<Vec<_>>())
    }
}

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// UUIDv7, so that ids sort by age.
    pub id: Uuid,
    /// What a person wrote.
    pub content: EntryContent,
    /// Whether it is found by meaning.
    pub embedding: EmbeddingStatus,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When a person last changed it.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_limits_by_kind() {
        let code = |parsed: Result<String, Refusal>| parsed.unwrap_err().0;
        assert_eq!(code(EntryContent::parse_title(EntryKind::Faq, " ")), "required");
        assert_eq!(code(EntryContent::parse_title(EntryKind::Faq, &"đ".repeat(501))), "too_long");
        assert_eq!(code(EntryContent::parse_title(EntryKind::Synonym, " , ;")), "malformed");
        assert_eq!(EntryContent::parse_title(EntryKind::Synonym, "ib, inb ").unwrap(), "ib, inb");
        let phrases = |count: usize| EntryContent::parse_title(EntryKind::Synonym, &"a b,".repeat(count));
        assert!(phrases(MOST_PHRASES).is_ok());
        assert_eq!(code(phrases(MOST_PHRASES + 1)), "too_many");
        assert!(EntryContent::parse_title(EntryKind::Faq, &"a,".repeat(50)).is_ok());
        assert_eq!(code(EntryContent::parse_body(EntryKind::Policy, "\0")), "malformed");
        assert!(EntryContent::parse_body(EntryKind::Policy, &"x".repeat(8_000)).is_ok());
        assert_eq!(code(EntryContent::parse_body(EntryKind::Synonym, &"x".repeat(501))), "too_long");
    }

    #[test]
    fn the_text_is_question_and_answer() {
        let entry =
            EntryContent { kind: EntryKind::Faq, title: "Phí ship?".to_owned(), body: "30k\nmỗi đơn".to_owned() };
        assert_eq!(entry.embedded_text(), "Phí ship? - 30k mỗi đơn");
        assert_eq!(entry.text_hash().len(), 32);
    }
}
