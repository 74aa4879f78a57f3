//! How Meta enforces its policy on a page, and whether messages go out through it. Pure.
//! Source: Messenger Platform webhooks, "messaging_policy_enforcement".

use crate::health::Health;

/// What Meta last told of enforcing its policy on a page. inbox-svc hears it and notes it in `routing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Nothing, or that a block is over.
    None,
    /// A warning.
    Warning,
    /// Nothing may be sent.
    Blocked,
}

impl Policy {
    /// Reads what is stored.
    #[must_use]
    pub fn of_stored(policy: &str) -> Option<Self> {
        match policy {
            "" => Some(Self::None),
            "warning" => Some(Self::Warning),
            "block" => Some(Self::Blocked),
            _ => None,
        }
    }
}

/// Whether messages go out through a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// They do.
    Ok,
    /// They are kept until the channel works again.
    Waiting,
    /// They are kept until Meta lets the page send again.
    Blocked,
    /// Nothing is sent: the channel is disconnected.
    Off,
}

impl Sending {
    /// Of a channel with this health. The sender goes by the same rule (inbox-svc, "held").
    #[must_use]
    pub const fn of(is_active: bool, health: Health, policy: Policy) -> Self {
        match (is_active, policy, health) {
            (false, ..) => Self::Off,
            (true, Policy::Blocked, _) => Self::Blocked,
            (true, _, Health::NeedsReconnect | Health::Restricted) => Self::Waiting,
            (true, _, Health::Ok | Health::Silent) => Self::Ok,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_metas_says_more_than_a_health_and_a_warning_stops_nothing() {
        for (is_active, health, policy, expected) in [
            (true, Health::Ok, Policy::None, Sending::Ok),
            (true, Health::Silent, Policy::Warning, Sending::Ok),
            (true, Health::NeedsReconnect, Policy::None, Sending::Waiting),
            (true, Health::Restricted, Policy::Warning, Sending::Waiting),
            (true, Health::Ok, Policy::Blocked, Sending::Blocked),
            (true, Health::NeedsReconnect, Policy::Blocked, Sending::Blocked),
            (false, Health::Ok, Policy::Blocked, Sending::Off),
        ] {
            assert_eq!(Sending::of(is_active, health, policy), expected);
        }
        let stored = ["", "warning", "block", "other"].map(Policy::of_stored);
        assert_eq!(stored, [Some(Policy::None), Some(Policy::Warning), Some(Policy::Blocked), None]);
    }
}
