//! Whether a queued message may go out at this moment, and under which of Meta's rules.

use chrono::{DateTime, TimeDelta, Utc};

use super::names::text_enum;
use super::{AI_WINDOW, AiMode, FRESH, HUMAN_WINDOW, Message};

/// A person's message that could not be handed over for so long is given up: the answer would come as a surprise (judgement).
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// Under which of Meta's rules a message goes out. There is no third.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// Within 24 hours of the customer's last event.
    Response,
    /// By a person, within 7 days.
    HumanAgent,
}

/// Who wrote an outgoing message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// A person of the business.
    Person,
    /// The assistant, answering.
    Assistant,
    /// The assistant, saying that a person will answer.
    HandoverLine,
}

text_enum! {
    /// Why we do not send a message.
    Cause {
        /// Meta's window has closed.
        WindowClosed = "window_closed",
        /// A person took over.
        Superseded = "superseded",
        /// It waited too long.
        TooOld = "too_old",
        /// Prices or stock changed since it was written.
        Stale = "stale",
        /// An earlier part of the same reply did not go out, or may not have.
        PreviousPart = "previous_part",
        /// The business is suspended.
        TenantSuspended = "tenant_suspended",
        /// The page or account is not connected.
        ChannelDisconnected = "channel_disconnected",
        /// Our own services refused it again and again.
        NotSent = "not_sent",
    }
}

impl Cause {
    /// One sentence for the shop.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::WindowClosed => {
                "Meta no longer allows an answer in this conversation until the customer writes again."
            }
            Self::Superseded => "A person took over before the assistant's answer went out.",
            Self::TooOld => "The message waited too long and was not sent.",
            Self::Stale => "A price or the stock changed before the answer went out.",
            Self::PreviousPart => "An earlier part of the same answer did not go out for certain.",
            Self::TenantSuspended => "The business is suspended.",
            Self::ChannelDisconnected => "The page or account is not connected.",
            Self::NotSent => "The message could not be handed over.",
        }
    }
}

/// What bears on the decision, all read in one transaction.
#[derive(Debug, Clone, Copy)]
pub struct Situation {
    /// The present moment.
    pub now: DateTime<Utc>,
    /// The customer's last event that opens the window.
    pub opened_at: Option<DateTime<Utc>>,
    /// What the assistant does now.
    pub ai: AiMode,
    /// Whether a person wrote after the message was queued.
    pub person_since: bool,
    /// Whether the business may work.
    pub tenant_active: bool,
    /// Whether the channel is connected.
    pub channel_active: bool,
}

/// A message that waits to be sent, as far as the decision needs it.
#[derive(Debug, Clone, Copy)]
pub struct Parcel {
    /// Who wrote it.
    pub author: Author,
    /// Since when it waits.
    pub queued_at: DateTime<Utc>,
}

impl Author {
    /// Of a message that goes out.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        match message.sender {
            super::SenderType::Ai if message.is_handover_line() => Self::HandoverLine,
            super::SenderType::Ai => Self::Assistant,
            super::SenderType::Business | super::SenderType::Contact => Self::Person,
        }
    }
}

impl Tag {
    /// Under which rule this author may write now; none when the window has closed.
    #[must_use]
    pub fn allowed(author: Author, opened_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Self> {
        let age = now - opened_at?;
        match author {
            _ if age < AI_WINDOW => Some(Self::Response),
            Author::Person if age < HUMAN_WINDOW => Some(Self::HumanAgent),
            _ => None,
        }
    }
}

impl Parcel {
    /// The rule to send it under, or why it is not sent.
    pub fn decide(&self, situation: &Situation) -> Result<Tag, Cause> {
        if !situation.tenant_active {
            return Err(Cause::TenantSuspended);
        }
        if !situation.channel_active {
            return Err(Cause::ChannelDisconnected);
        }
        let silenced = match self.author {
            Author::Person => false,
            Author::Assistant => situation.ai != AiMode::Active,
            Author::HandoverLine => situation.ai == AiMode::Off,
        };
        if silenced || (self.author != Author::Person && situation.person_since) {
            return Err(Cause::Superseded);
        }
        let longest = if self.author == Author::Person { LONGEST_WAIT } else { FRESH };
        if situation.now - self.queued_at > longest {
            return Err(Cause::TooOld);
        }
        Tag::allowed(self.author, situation.opened_at, situation.now).ok_or(Cause::WindowClosed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn author() -> impl Strategy<Value = Author> {
        prop::sample::select(vec![Author::Person, Author::Assistant, Author::HandoverLine])
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap()
    }

    proptest! {
        #[test]
        fn the_tag_follows_from_author_and_age(author in author(), age in 0_i64..1_000_000) {
            let tag = Tag::allowed(author, Some(now() - TimeDelta::seconds(age)), now());
            let want = match age {
                0..86_400 => Some(Tag::Response),
                86_400..604_800 if author == Author::Person => Some(Tag::HumanAgent),
                _ => None,
            };
            prop_assert_eq!(tag, want);
        }

        #[test]
        fn the_assistant_never_speaks_after_a_person_nor_while_silent(
            author in author(), mode in prop::sample::select(AiMode::ALL), person_since in any::<bool>(), waits in 0_i64..2000,
        ) {
            let situation = Situation {
                now: now(), opened_at: Some(now()), ai: mode, person_since, tenant_active: true, channel_active: true,
            };
            let parcel = Parcel { author, queued_at: now() - TimeDelta::seconds(waits) };
            let verdict = parcel.decide(&situation);
            if author != Author::Person && verdict.is_ok() {
                prop_assert!(!person_since && waits <= 600 && mode != AiMode::Off);
                prop_assert!(author == Author::HandoverLine || mode == AiMode::Active);
            }
            if author == Author::Person {
                prop_assert_eq!(verdict, Ok(Tag::Response));
            }
        }
    }

    #[test]
    fn nobody_writes_to_a_customer_who_never_wrote_nor_for_a_suspended_business() {
        assert_eq!(Tag::allowed(Author::Person, None, now()), None);
        let situation = Situation {
            now: now(),
            opened_at: Some(now()),
            ai: AiMode::Active,
            person_since: false,
            tenant_active: false,
            channel_active: true,
        };
        let parcel = Parcel { author: Author::Person, queued_at: now() };
        assert_eq!(parcel.decide(&situation), Err(Cause::TenantSuspended));
        let situation = Situation { tenant_active: true, channel_active: false, ..situation };
        assert_eq!(parcel.decide(&situation), Err(Cause::ChannelDisconnected));
    }
}
