//! What Meta tells of a conversation besides its messages: how far the customer got and read, which app has it, where the customer came
//! from. Each rule comes to the same end in whatever order things come, and however often.

use chrono::{DateTime, Utc};

use super::{AI_WINDOW, AiMode, MessageStatus, Referral, Thread};

/// Why the assistant is silent while another app has the conversation.
pub const OTHER_APP: &str = "other_app";

impl Thread {
    /// The customer has everything that was sent up to then. Never moved back; true when that moved it.
    pub fn delivered(&mut self, up_to: DateTime<Utc>) -> bool {
        let moved = self.delivered_to.is_none_or(|known| known < up_to);
        if moved {
            self.delivered_to = Some(up_to);
        }
        moved
    }

    /// The customer read, and so has, everything that was sent up to then. Never moved back; true when that moved it.
    pub fn read(&mut self, up_to: DateTime<Utc>) -> bool {
        self.delivered(up_to);
        let moved = self.read_to.is_none_or(|known| known < up_to);
        if moved {
            self.read_to = Some(up_to);
        }
        moved
    }

    /// How far a message got that went out at that time.
    #[must_use]
    pub fn reached(&self, at: DateTime<Utc>) -> MessageStatus {
        if self.read_to.is_some_and(|read| at <= read) {
            MessageStatus::Read
        } else if self.delivered_to.is_some_and(|delivered| at <= delivered) {
            MessageStatus::Delivered
        } else {
            MessageStatus::Sent
        }
    }

    /// An app got the conversation; empty when we did, or nobody. The newest counts; true when that changed who has it.
    pub fn given_to(&mut self, app: &str, at: DateTime<Utc>) -> bool {
        if self.owner_at.is_some_and(|known| (known, self.owner_app.as_str()) >= (at, app)) {
            return false;
        }
        self.owner_at = Some(at);
        let changed = self.owner_app != app;
        app.clone_into(&mut self.owner_app);
        if !app.is_empty() {
            self.settle_reply();
        }
        changed
    }

    /// The customer came through a link or an advertisement. The newest counts; true when that changed anything.
    pub fn came_from(&mut self, source: Referral, at: DateTime<Utc>) -> bool {
        if self.source_at.is_some_and(|known| (known, self.source.as_ref()) >= (at, Some(&source))) {
            return false;
        }
        self.source_at = Some(at);
        self.source = Some(source);
        true
    }

    /// Where the customer came from, while that tells what they speak of: as long as the assistant may answer to it.
    #[must_use]
    pub fn fresh_source(&self, now: DateTime<Utc>) -> Option<&Referral> {
        let is_fresh = self.source_at.is_some_and(|at| now - at <= AI_WINDOW);
        self.source.as_ref().filter(|_| is_fresh)
    }

    /// The customer did something that opens Meta's window; something old never moves it back.
    pub fn opened(&mut self, at: DateTime<Utc>) {
        self.last_opening_at = self.last_opening_at.max(Some(at));
    }

    /// What the assistant does at this moment: silent, too, while another app has the conversation.
    #[must_use]
    pub fn ai_mode(&self, now: DateTime<Utc>) -> AiMode {
        match self.ai.at(now) {
            AiMode::Active if self.is_other_apps() => AiMode::Paused,
            mode => mode,
        }
    }

    /// Whether another app of the business has the conversation.
    #[must_use]
    pub const fn is_other_apps(&self) -> bool {
        !self.owner_app.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::model::thread::tests::thread;

    #[derive(Debug, Clone)]
    enum Told {
        Delivered(i64),
        Read(i64),
        Given(u8, i64),
        Came(u8, i64),
        Opened(i64),
    }

    fn told() -> impl Strategy<Value = Told> {
        prop_oneof![
            (0_i64..6).prop_map(Told::Delivered),
            (0_i64..6).prop_map(Told::Read),
            (0_u8..3, 0_i64..6).prop_map(|(app, at)| Told::Given(app, at)),
            (0_u8..3, 0_i64..6).prop_map(|(from, at)| Told::Came(from, at)),
            (0_i64..6).prop_map(Told::Opened),
        ]
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
    }

    fn after(all: &[Told]) -> Thread {
        let mut thread = thread(at(0));
        for told in all {
            let before = thread.clone();
            match told {
                Told::Delivered(time) => {
                    thread.delivered(at(*time));
                }
                Told::Read(time) => {
                    thread.read(at(*time));
                }
                Told::Given(app, time) => {
                    let app = if *app == 0 { String::new() } else { app.to_string() };
                    thread.given_to(&app, at(*time));
                    assert!(!thread.given_to(&app, at(*time)), "twice is once");
                }
                Told::Came(from, time) => {
                    let source = Referral { reference: Some(from.to_string()), ..Referral::default() };
                    thread.came_from(source.clone(), at(*time));
                    assert!(!thread.came_from(source, at(*time)), "twice is once");
                }
                Told::Opened(time) => thread.opened(at(*time)),
            }
            assert!(thread.read_to >= before.read_to && thread.delivered_to >= before.delivered_to, "never back");
            assert!(thread.last_opening_at >= before.last_opening_at, "never back");
            assert!(thread.delivered_to >= thread.read_to, "who read it has it");
        }
        thread
    }

    proptest! {
        #[test]
        fn every_order_comes_to_the_same_end(
            (all, shuffled) in prop::collection::vec(told(), 0..16)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            let end = after(&all);
            prop_assert_eq!(&after(&shuffled), &end);
            prop_assert_eq!(end.ai_mode(at(9)) == AiMode::Active, end.owner_app.is_empty());
            prop_assert_eq!(end.assistant_answers(at(9)), end.owner_app.is_empty() && end.last_opening_at.is_some());
        }

        #[test]
        fn a_message_is_as_far_as_the_last_receipt_says(read in 0_i64..6, delivered in 0_i64..6, sent in 0_i64..6) {
            let thread = after(&[Told::Read(read), Told::Delivered(delivered)]);
            let want = match sent {
                sent if sent <= read => MessageStatus::Read,
                sent if sent <= delivered => MessageStatus::Delivered,
                _ => MessageStatus::Sent,
            };
            prop_assert_eq!(thread.reached(at(sent)), want);
        }
    }

    #[test]
    fn another_app_ends_what_the_assistant_owed() {
        let mut thread = thread(at(0));
        thread.reply_first_at = Some(at(0));
        thread.reply_due_at = Some(at(1));
        assert!(!thread.given_to("", at(1)));
        assert!(thread.reply_due_at.is_some(), "our own conversation stays owed");
        assert!(thread.given_to("263902037430900", at(2)));
        assert_eq!((thread.reply_due_at, thread.ai_mode(at(3))), (None, AiMode::Paused));
        assert!(thread.given_to("", at(4)));
        assert_eq!(thread.ai_mode(at(5)), AiMode::Active);
    }
}
