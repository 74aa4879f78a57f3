//! Whether a queued message may go out at this moment, and under which of Meta's rules.

use std::time::Duration;

use chatdesk_platform::full_jitter;
use chrono::{DateTime, TimeDelta, Utc};

use super::names::text_enum;
use super::{AI_WINDOW, AiMode, FRESH, HUMAN_WINDOW, Message};

/// A person's message that could not be handed over for so long is given up: the answer would come as a surprise (judgement).
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// Meta's longest wait that we honour; the next attempt is refused again if it was too short.
const LONGEST_REST: Duration = Duration::from_secs(60 * 60);
/// The longest wait of our own before a message is tried again.
const LONGEST_BACKOFF: Duration = Duration::from_secs(5 * 60);
/// A message that Meta puts off so often is given up.
const MOST_TRIES: i16 = 6;

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
        /// Meta put it off, or our own services refused it, again and again.
        NotSent = "not_sent",
        /// A person found that the customer does not have it.
        NotDelivered = "not_delivered",
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
            Self::NotDelivered => "A colleague found that the customer does not have the message.",
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
    /// Whether the channel must be connected anew, or Meta holds it back: what waits goes out when that is over.
    pub channel_held: bool,
}

/// What happens to a message that is not given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// It goes out under this rule.
    Send(Tag),
    /// It waits for its channel.
    Hold,
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
    /// Whether it goes out now and under which rule, or why it never does.
    pub fn decide(&self, situation: &Situation) -> Result<Ruling, Cause> {
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
        let tag = Tag::allowed(self.author, situation.opened_at, situation.now).ok_or(Cause::WindowClosed)?;
        Ok(if situation.channel_held { Ruling::Hold } else { Ruling::Send(tag) })
    }
}

/// How long a message waits that certainly did not go out and was put back `tries` times before: as long as was asked for, and a random
/// span that grows, so that many do not come back in step. None when it was tried often enough.
#[must_use]
pub fn rest(tries: i16, asked: Duration, base: Duration) -> Option<TimeDelta> {
    let next = tries.saturating_add(1);
    if next >= MOST_TRIES {
        return None;
    }
    let ours = full_jitter(u32::from(tries.unsigned_abs()), base, LONGEST_BACKOFF);
    TimeDelta::from_std(ours.max(asked.min(LONGEST_REST))).ok()
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
                channel_held: false,
            };
            let parcel = Parcel { author, queued_at: now() - TimeDelta::seconds(waits) };
            let verdict = parcel.decide(&situation);
            if author != Author::Person && verdict.is_ok() {
                prop_assert!(!person_since && waits <= 600 && mode != AiMode::Off);
                prop_assert!(author == Author::HandoverLine || mode == AiMode::Active);
            }
            if author == Author::Person {
                prop_assert_eq!(verdict, Ok(Ruling::Send(Tag::Response)));
            }
        }
    }

    proptest! {
        /// A held channel delays what may go out, and changes nothing else: what is given up is given up all the same.
        #[test]
        fn a_held_channel_only_delays(
            author in author(), mode in prop::sample::select(AiMode::ALL), person_since in any::<bool>(), waits in 0_i64..5000,
            opened in prop::option::of(0_i64..800_000), tenant_active in any::<bool>(), channel_active in any::<bool>(),
        ) {
            let opened_at = opened.map(|ago| now() - TimeDelta::seconds(ago));
            let free = Situation {
                now: now(), opened_at, ai: mode, person_since, tenant_active, channel_active, channel_held: false,
            };
            let parcel = Parcel { author, queued_at: now() - TimeDelta::seconds(waits) };
            let held = parcel.decide(&Situation { channel_held: true, ..free });
            match parcel.decide(&free) {
                Ok(Ruling::Send(_)) => prop_assert_eq!(held, Ok(Ruling::Hold)),
                verdict => prop_assert_eq!(held, verdict),
            }
        }

        #[test]
        fn waits_grow_honour_what_was_asked_for_and_end(tries in 0_i16..200, asked in 0_u64..10_000, base in 1_u64..5) {
            let (asked, base) = (Duration::from_secs(asked), Duration::from_secs(base));
            let Some(wait) = rest(tries, asked, base) else {
                prop_assert!(tries >= 5, "given up after {} tries", tries + 1);
                return Ok(());
            };
            prop_assert!(tries < 5, "tried more than six times");
            let wait = wait.to_std().unwrap();
            let asked = asked.min(Duration::from_secs(3600));
            let ceiling = base.saturating_mul(2_u32.pow(u32::try_from(tries).unwrap())).min(Duration::from_secs(300));
            prop_assert!(asked <= wait && wait <= asked.max(ceiling));
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
            channel_held: false,
        };
        let parcel = Parcel { author: Author::Person, queued_at: now() };
        assert_eq!(parcel.decide(&situation), Err(Cause::TenantSuspended));
        let situation = Situation { tenant_active: true, channel_active: false, ..situation };
        assert_eq!(parcel.decide(&situation), Err(Cause::ChannelDisconnected));
    }
}
