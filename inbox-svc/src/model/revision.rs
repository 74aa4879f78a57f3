//! What happens to a message after it was said: edited, taken back, reacted to. Each rule comes to the same end in whatever order things
//! come, and however often.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Message;

/// One side's reaction, or that it was taken back: kept with its time, so that what is older does not come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The customer's, else the business's.
    pub is_from_contact: bool,
    /// An emoji, or Meta's name for it; none when it was taken back.
    pub reaction: Option<String>,
    /// Meta's time.
    pub at: DateTime<Utc>,
}

impl Message {
    /// The customer changed its text, for the `number`th time. The highest number wins; a message that was taken back gets no text.
    /// True when that changed anything.
    pub fn edit(&mut self, text: Option<&str>, number: i32, at: DateTime<Utc>) -> bool {
        if number <= self.num_edit {
            return false;
        }
        self.num_edit = number;
        self.edited_at = Some(at);
        if let Some(text) = text
            && self.deleted_at.is_none()
        {
            text.clone_into(&mut self.content);
        }
        true
    }

    /// Whoever wrote it took it back: nothing of it is kept. The earliest time counts. True when that changed anything.
    pub fn unsend(&mut self, at: DateTime<Utc>) -> bool {
        if self.deleted_at.is_some_and(|deleted| deleted <= at) {
            return false;
        }
        self.deleted_at = Some(at);
        self.content.clear();
        self.attachments.clear();
        self.context = None;
        true
    }

    /// One side reacted, or took its reaction back. Of each side the newest counts, of two at the same moment always the same one.
    /// True when that changed anything.
    pub fn react(&mut self, new: Reaction) -> bool {
        let known = self.reactions.iter_mut().find(|known| known.is_from_contact == new.is_from_contact);
        match known {
            Some(known) if (known.at, &known.reaction) >= (new.at, &new.reaction) => false,
            Some(known) => {
                *known = new;
                true
            }
            None => {
                self.reactions.push(new);
                // The customer's first, whoever came first.
                self.reactions.sort_by_key(|reaction| !reaction.is_from_contact);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::model::message::tests::message;
    use crate::model::{Attachment, Context};

    #[derive(Debug, Clone)]
    enum Revision {
        Edit(i32),
        Unsend(i64),
        React(bool, Option<u8>, i64),
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
    }

    fn revision() -> impl Strategy<Value = Revision> {
        prop_oneof![
            (1_i32..6).prop_map(Revision::Edit),
            (0_i64..5).prop_map(Revision::Unsend),
            (any::<bool>(), prop::option::of(0_u8..3), 0_i64..5)
                .prop_map(|(side, what, at)| Revision::React(side, what, at)),
        ]
    }

    /// What is to be seen of a message.
    type Seen = (String, usize, Option<Context>, Vec<Reaction>, i32, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

    fn after(revisions: &[Revision]) -> Seen {
        let mut message = message();
        "first".clone_into(&mut message.content);
        message.attachments = vec![Attachment { kind: "image".to_owned(), url: String::new(), title: String::new() }];
        message.context = Some(Context { payload: Some("P".to_owned()), ..Context::default() });
        for revision in revisions {
            // The same edit always says the same.
            let changed = |message: &mut Message| match revision {
                Revision::Edit(number) => {
                    message.edit(Some(&format!("text {number}")), *number, at(i64::from(*number)))
                }
                Revision::Unsend(time) => message.unsend(at(*time)),
                Revision::React(is_from_contact, what, time) => message.react(Reaction {
                    is_from_contact: *is_from_contact,
                    reaction: what.map(|what| what.to_string()),
                    at: at(*time),
                }),
            };
            changed(&mut message);
            assert!(!changed(&mut message), "twice is once: {revision:?}");
        }
        let Message { content, attachments, context, reactions, num_edit, edited_at, deleted_at, .. } = message;
        (content, attachments.len(), context, reactions, num_edit, edited_at, deleted_at)
    }

    proptest! {
        #[test]
        fn every_order_comes_to_the_same_end(
            (revisions, shuffled) in prop::collection::vec(revision(), 0..12)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            let end = after(&revisions);
            prop_assert_eq!(&after(&shuffled), &end);
            let (content, attachments, _, reactions, num_edit, ..) = end;
            prop_assert!(reactions.len() <= 2);
            if revisions.iter().any(|revision| matches!(revision, Revision::Unsend(_))) {
                prop_assert_eq!((content.as_str(), attachments), ("", 0), "what was taken back never shows again");
            } else if num_edit > 0 {
                prop_assert_eq!(content, format!("text {num_edit}"));
            }
        }
    }
}
