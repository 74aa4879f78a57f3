//! Questions that the assistant had no answer to: which handovers are such, and what makes two of them the same. Pure.

use aws_lc_rs::digest;
use chatdesk_platform::fold;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Characters that are kept of a question.
const LONGEST: usize = 1000;
/// Handovers that say that the shop could teach the assistant something (ai-svc, `Reason::code`).
const TEACHABLE: [&str; 3] = ["nothing_found", "not_in_catalogue", "guard_blocked"];

/// Whether a handover for this reason leaves a question that the shop can answer for the next time.
#[must_use]
pub fn is_teachable(reason: &str) -> bool {
    TEACHABLE.contains(&reason)
}

/// A question as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wondered {
    /// The customer's words.
    pub question: String,
    /// Its words without marks and case, with a blank between them.
    pub folded: String,
    /// SHA-256 of that: the same question has the same.
    pub digest: [u8; 32],
}

impl Wondered {
    /// Reads what a customer wrote; none when it holds no words.
    #[must_use]
    pub fn read(words: &str) -> Option<Self> {
        let question: String = words.trim().chars().take(LONGEST).collect();
        let plain = fold(&question);
        let words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let folded = words.join(" ");
        if folded.is_empty() {
            return None;
        }
        let digest = digest::digest(&digest::SHA256, folded.as_bytes()).as_ref().try_into().ok()?;
        Some(Self { question, folded, digest })
    }
}

/// A question that nobody answered yet, or that somebody taught the assistant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// Its id.
    pub id: Uuid,
    /// The words of whoever asked last; empty when it is answered.
    pub question: String,
    /// Where it was asked last; none when it is answered.
    pub conversation: Option<Uuid>,
    /// Why it was handed over then.
    pub reason: String,
    /// How often.
    pub asked: i32,
    /// When it was first asked.
    pub first_at: DateTime<Utc>,
    /// When it was last asked.
    pub last_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_case_and_signs_make_no_other_question() {
        let read = |text: &str| Wondered::read(text).unwrap();
        assert_eq!(read("Có bán SỈ không shop???").folded, "co ban si khong shop");
        assert_eq!(read("có bán sỉ\nkhông, shop").digest, read("  Co ban si khong shop!").digest);
        assert_ne!(read("có bán sỉ không").digest, read("có bán lẻ không").digest);
        assert_eq!(read("  Có bán sỉ không?  ").question, "Có bán sỉ không?", "the words stay as they were");
        for nothing in ["", "  ", "👍👍", "?!", "…"] {
            assert_eq!(Wondered::read(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn only_what_can_be_taught_is_kept() {
        assert!(is_teachable("nothing_found") && is_teachable("guard_blocked"));
        for other in ["asks_for_person", "complaint", "budget_used_up", "too_late", ""] {
            assert!(!is_teachable(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_cut_and_never_panics(text in "\\PC{0,1500}") {
            if let Some(read) = Wondered::read(&text) {
                prop_assert!(read.question.chars().count() <= LONGEST && !read.folded.is_empty());
                prop_assert_eq!(Wondered::read(&read.folded).map(|again| again.folded.is_empty()), Some(false));
            }
        }
    }
}
