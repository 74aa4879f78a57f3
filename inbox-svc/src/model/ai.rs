//! Whether the assistant speaks in a conversation. A pause ends by itself: the state is computed from the clock.

use chrono::{DateTime, TimeDelta, Utc};

use super::names::text_enum;

text_enum! {
    /// What the assistant does in a conversation.
    AiMode {
        /// Answers.
        Active = "active",
        /// Silent for a while.
        Paused = "paused",
        /// Silent until a person hands back.
        HandedOver = "handed_over",
        /// Switched off.
        Off = "off",
    }
}

/// Why the assistant is silent after a person answered.
pub const HUMAN_REPLIED: &str = "human_replied";

/// The stored state; ask [`Ai::at`] for the present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ai {
    /// The mode that was set.
    pub mode: AiMode,
    /// A stable code; empty when active.
    pub reason: String,
    /// When a pause ends; set exactly then.
    pub until: Option<DateTime<Utc>>,
}

impl Ai {
    /// On or off.
    #[must_use]
    pub fn switched(on: bool) -> Self {
        if on {
            Self { mode: AiMode::Active, reason: String::new(), until: None }
        } else {
            Self { mode: AiMode::Off, reason: "switched_off".to_owned(), until: None }
        }
    }

    /// What it does at this moment: an ended pause is active.
    #[must_use]
    pub fn at(&self, now: DateTime<Utc>) -> AiMode {
        match (self.mode, self.until) {
            (AiMode::Paused, Some(until)) if until <= now => AiMode::Active,
            (mode, _) => mode,
        }
    }

    /// A person answered at `at`: a speaking or paused assistant is silent for `pause` from then. A pause is never shortened.
    pub fn person_answered(&mut self, at: DateTime<Utc>, pause: TimeDelta, now: DateTime<Utc>) {
        let until = at + pause;
        let running = self.until.filter(|_| self.mode == AiMode::Paused);
        if matches!(self.mode, AiMode::Active | AiMode::Paused) && until > now && running.is_none_or(|old| old < until)
        {
            *self = Self { mode: AiMode::Paused, reason: HUMAN_REPLIED.to_owned(), until: Some(until) };
        }
    }

    /// The assistant gives up; a switched-off one stays off.
    pub fn hand_over(&mut self, reason: &str) {
        if self.mode != AiMode::Off {
            *self = Self { mode: AiMode::HandedOver, reason: reason.to_owned(), until: None };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Event {
        Switch(bool),
        Person(i64),
        HandOver,
        Wait(i64),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            any::<bool>().prop_map(Event::Switch),
            (0_i64..4000).prop_map(Event::Person),
            Just(Event::HandOver),
            (0_i64..4000).prop_map(Event::Wait),
        ]
    }

    proptest! {
        #[test]
        fn only_a_switch_or_the_end_of_a_pause_gives_the_word_back(events in prop::collection::vec(event(), 0..40)) {
            let pause = TimeDelta::seconds(1800);
            let mut now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
            let mut ai = Ai::switched(true);
            for event in events {
                let before = ai.at(now);
                let until = ai.until;
                match event {
                    Event::Switch(on) => {
                        ai = Ai::switched(on);
                        prop_assert_eq!(ai.at(now), if on { AiMode::Active } else { AiMode::Off });
                    }
                    Event::Person(ago) => {
                        ai.person_answered(now - TimeDelta::seconds(ago), pause, now);
                        if before == AiMode::Active && ago < 1800 {
                            prop_assert_eq!(ai.at(now), AiMode::Paused);
                        }
                        prop_assert!(ai.at(now) != AiMode::Active || before == AiMode::Active);
                    }
                    Event::HandOver => {
                        ai.hand_over("nothing_found");
                        prop_assert!(matches!(ai.at(now), AiMode::HandedOver | AiMode::Off));
                    }
                    Event::Wait(seconds) => {
                        now += TimeDelta::seconds(seconds);
                        let ended = before == AiMode::Paused && until.is_some_and(|until| until <= now);
                        prop_assert_eq!(ai.at(now), if ended { AiMode::Active } else { before });
                    }
                }
                prop_assert_eq!(ai.mode == AiMode::Paused, ai.until.is_some());
            }
        }
    }
}
