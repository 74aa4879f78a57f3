//! A replay: the last question of a conversation, found among its newest messages, with what was said before and after it. Pure.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::names::text_enum;
use super::{Message, MessageStatus, SenderType};

/// Messages that are given along with the question.
const HISTORY: usize = 10;
/// Messages of one question, and of its answer.
const MOST: usize = 20;

text_enum! {
    /// How far a replay is.
    ReplayState {
        /// Questions are being asked.
        Running = "running",
        /// Every question was asked.
        Done = "done",
        /// It was given up.
        Failed = "failed",
    }
}

/// A replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Its id.
    pub id: Uuid,
    /// How far it is.
    pub state: ReplayState,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// What the assistant would say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Answered, or handed over.
    pub answered: bool,
    /// What the customer would get to read.
    pub text: String,
    /// Why it would be handed over; empty when answered.
    pub reason: String,
    /// What the guard said.
    pub verdict: String,
    /// The model, or `catalogue`.
    pub model: String,
}

/// A question of a replay that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayItem {
    /// Where it was asked.
    pub conversation: Uuid,
    /// Its messages.
    pub messages: Vec<Uuid>,
    /// The messages that answered it then.
    pub said: Vec<Uuid>,
    /// What the assistant would say.
    pub would_say: Said,
}

/// The last question of a conversation.
#[derive(Debug, Clone)]
pub struct LastQuestion {
    /// The customer's messages, in their order.
    pub asked: Vec<Message>,
    /// What was said before, the oldest first.
    pub before: Vec<Message>,
    /// What the business or the assistant said after it.
    pub after: Vec<Message>,
}

/// The last question among a conversation's newest messages, which come the newest first; none when the customer wrote no words in them.
#[must_use]
pub fn last_question(newest_first: Vec<Message>) -> Option<LastQuestion> {
    let has_words = |message: &Message| !message.content.trim().is_empty() && message.status != MessageStatus::Failed;
    let mut left = newest_first.into_iter().filter(has_words).peekable();
    let mut after = Vec::new();
    while let Some(message) = left.next_if(|message| message.sender != SenderType::Contact) {
        after.push(message);
    }
    let mut asked = Vec::new();
    while let Some(message) = left.next_if(|message| message.sender == SenderType::Contact) {
        asked.push(message);
    }
    let mut before: Vec<Message> = left.take(HISTORY).collect();
    after.reverse();
    after.truncate(MOST);
    asked.truncate(MOST);
    asked.reverse();
    before.reverse();
    (!asked.is_empty()).then_some(LastQuestion { asked, before, after })
}

/// The words of messages, in their order.
#[must_use]
pub fn words_said(messages: &[Message]) -> String {
    let texts: Vec<&str> =
        messages.iter().map(|message| message.content.trim()).filter(|text| !text.is_empty()).collect();
    texts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::message::tests::message;

    fn talk(lines: &[(SenderType, &str)]) -> Vec<Message> {
        let said =
            |(sender, text): &(SenderType, &str)| Message { sender: *sender, content: (*text).to_owned(), ..message() };
        lines.iter().rev().map(said).collect()
    }

    #[test]
    fn the_last_question_is_what_the_customer_wrote_since_somebody_last_answered() {
        use SenderType::{Ai, Business, Contact};
        let found = last_question(talk(&[
            (Contact, "chào"),
            (Ai, "dạ"),
            (Contact, "còn áo"),
            (Contact, ""),
            (Contact, "màu đỏ không"),
            (Business, "còn ạ"),
            (Business, "199k"),
        ]));
        let found = found.unwrap();
        assert_eq!(words_said(&found.asked), "còn áo\nmàu đỏ không");
        assert_eq!(words_said(&found.before), "chào\ndạ");
        assert_eq!(words_said(&found.after), "còn ạ\n199k");
        assert!(last_question(talk(&[(Business, "chào"), (Contact, " ")])).is_none());
        assert!(last_question(Vec::new()).is_none());
        let open = last_question(talk(&[(Contact, "alo")])).unwrap();
        assert!(open.after.is_empty() && open.before.is_empty());
    }
}
