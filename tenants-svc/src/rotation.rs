//! Refresh tokens: their form, and what presenting one means. Each is used once and turned into its successor; the immediate
//! predecessor gets the same successor for ten more seconds, so that two tabs that refresh at once both go on; anything older
//! was copied, and ends the session. Pure.

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chatdesk_platform::Error;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use crate::keys::Keys;

/// How long a token can be used.
pub const LIFE: TimeDelta = TimeDelta::days(30);
/// How long a used token still gets its successor once more.
pub const GRACE: TimeDelta = TimeDelta::seconds(10);

/// 256 bits that nobody guesses and that are known by their SHA-256 only: a refresh token, a socket ticket or the token of a mail's link.
#[derive(Clone, PartialEq, Eq)]
pub struct Opaque([u8; 32]);

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opaque(..)")
    }
}

impl Opaque {
    /// A new one.
    pub fn random() -> Result<Self, Error> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::internal("the system has no randomness"))?;
        Ok(Self(bytes))
    }

    /// The token in a mail's link.
    #[must_use]
    pub fn of_mail(keys: &Keys, mail: Uuid) -> Self {
        Self(keys.mail_token(mail))
    }

    /// Reads what [`Opaque::show`] wrote; none for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 43 {
            return None;
        }
        BASE64.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// Its text: 43 characters of base64url.
    #[must_use]
    pub fn show(&self) -> SecretString {
        BASE64.encode(self.0).into()
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, &self.0).as_ref().to_vec()
    }

    /// What is stored of it where it is good for one thing only: presented for another it is unknown.
    #[must_use]
    pub fn hash_for(&self, thing: Uuid) -> Vec<u8> {
        digest::digest(&digest::SHA256, &[&self.0[..], thing.as_bytes()].concat()).as_ref().to_vec()
    }

    /// The refresh token that follows this one.
    #[must_use]
    pub fn successor(&self, keys: &Keys) -> Self {
        Self(keys.successor(&self.0))
    }
}

/// A known token's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
    /// When it was turned into its successor.
    pub rotated_at: Option<DateTime<Utc>>,
    /// Whether its session was ended.
    pub is_revoked: bool,
}

/// What presenting a token means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the newest: make its successor.
    Rotate,
    /// It was the newest a moment ago: hand out the successor once more.
    Repeat,
    /// It was used before, by someone: end the session.
    Reused,
    /// It is over.
    Over,
}

/// Judges a presented token by its own state and, once it has one, its successor's.
#[must_use]
pub fn judge(token: &State, successor: Option<&State>, now: DateTime<Utc>) -> Verdict {
    if token.is_revoked || now >= token.expires_at {
        return Verdict::Over;
    }
    let Some(rotated_at) = token.rotated_at else { return Verdict::Rotate };
    let fresh = successor.is_some_and(|successor| successor.rotated_at.is_none() && !successor.is_revoked);
    if fresh && now - rotated_at <= GRACE { Verdict::Repeat } else { Verdict::Reused }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::{Clock, Vars};
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    use super::*;

    /// A session as the rows tell it, played without a database.
    struct Family(Vec<State>);

    impl Family {
        fn new(now: DateTime<Utc>) -> Self {
            Self(vec![fresh(now)])
        }

        fn present(&mut self, at: usize, now: DateTime<Utc>) -> Verdict {
            let verdict = judge(&self.0[at], self.0.get(at + 1), now);
            match verdict {
                Verdict::Rotate => {
                    self.0[at].rotated_at = Some(now);
                    self.0.push(fresh(now));
                }
                Verdict::Reused => self.0.iter_mut().for_each(|token| token.is_revoked = true),
                Verdict::Repeat | Verdict::Over => {}
            }
            verdict
        }

        fn live(&self, now: DateTime<Utc>) -> usize {
            self.0.iter().filter(|t| !t.is_revoked && t.rotated_at.is_none() && now < t.expires_at).count()
        }
    }

    fn fresh(now: DateTime<Utc>) -> State {
        State { expires_at: now + LIFE, rotated_at: None, is_revoked: false }
    }

    proptest! {
        #[test]
        fn a_session_has_one_newest_token_and_a_stolen_old_one_ends_it(
            steps in proptest::collection::vec((0_usize..6, 0_i64..20_000), 1..40)
        ) {
            let mut now = Clock::system().now();
            let mut family = Family::new(now);
            let mut ended = false;
            for (back, wait) in steps {
                now += TimeDelta::milliseconds(wait);
                let newest = family.0.len() - 1;
                let at = newest.saturating_sub(back);
                let age = family.0[at].rotated_at.map(|rotated_at| now - rotated_at);
                let verdict = family.present(at, now);
                if ended {
                    prop_assert_eq!(verdict, Verdict::Over);
                    prop_assert_eq!(family.live(now), 0);
                    continue;
                }
                let expected = match (newest - at, age) {
                    (0, _) => Verdict::Rotate,
                    (1, Some(age)) if age <= GRACE => Verdict::Repeat,
                    _ => Verdict::Reused,
                };
                prop_assert_eq!(verdict, expected);
                ended = verdict == Verdict::Reused;
                prop_assert_eq!(family.live(now), usize::from(!ended));
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in any::<String>()) {
            if let Some(token) = Opaque::parse(&text) {
                let shown = token.show();
                prop_assert_eq!(shown.expose_secret(), text.as_str());
            }
        }
    }

    #[test]
    fn an_expired_token_is_over_and_harms_nobody() {
        let start = Clock::system().now();
        let token = fresh(start);
        assert_eq!(judge(&token, None, start + LIFE - TimeDelta::seconds(1)), Verdict::Rotate);
        assert_eq!(judge(&token, None, start + LIFE), Verdict::Over);
    }

    #[test]
    fn a_successor_is_the_same_every_time_and_tells_nothing() {
        let keys = |secret| Keys::from_vars(&Vars::fixed([("SECRET_KEY", secret)])).unwrap();
        let ours = keys("a secret of at least thirty-two characters");
        let token = Opaque::random().unwrap();
        assert_eq!(token.successor(&ours), token.successor(&ours));
        assert_ne!(token.successor(&ours), token.successor(&keys("another secret of more than 32 characters")));
        assert_ne!(token.successor(&ours), token);
        assert_ne!(Opaque::random().unwrap(), token);
        assert_eq!(Opaque::parse(token.show().expose_secret()), Some(token.clone()));
        assert_eq!(format!("{token:?}"), "Opaque(..)");
    }
}
