//! How often one address may try to register or log in, one session to refresh, and one person to connect pages.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use aws_lc_rs::digest;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use chatdesk_platform::{UserId, neighbourhood};
use governor::clock::{Clock as _, DefaultClock, QuantaInstant};
use governor::{DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use secrecy::{ExposeSecret as _, SecretString};

use crate::app::App;
use crate::problem::Problem;

/// Addresses remembered before those that have their full allowance again are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts tries by address, by refresh token and by person.
pub struct Throttle {
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    /// By the first bits of the token's digest: made-up tokens cannot fill the memory, and sharing a place is rare and harmless.
    tokens: DefaultKeyedRateLimiter<[u8; 2]>,
    people: DefaultKeyedRateLimiter<UserId>,
    clock: DefaultClock,
}

impl Throttle {
    /// So many tries a minute; all of them may come at once.
    pub fn new(per_minute: NonZeroU32) -> Self {
        let quota = Quota::per_minute(per_minute);
        Self {
            addresses: RateLimiter::keyed(quota),
            tokens: RateLimiter::keyed(quota),
            people: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
        }
    }

    /// Takes one try of an address, or says when there will be one.
    pub fn admit(&self, address: IpAddr) -> Result<(), Problem> {
        if self.addresses.len() > REMEMBERED {
            self.addresses.retain_recent();
        }
        self.addresses.check_key(&neighbourhood(address)).map_err(|refused| self.wait(&refused))
    }

    /// Takes one try of a refresh token, or says when there will be one. Many people refresh from one address, so that the
    /// address says nothing here.
    pub fn admit_token(&self, token: &SecretString) -> Result<(), Problem> {
        let digest = digest::digest(&digest::SHA256, token.expose_secret().as_bytes());
        let place = digest.as_ref().first_chunk().copied().unwrap_or_default();
        self.tokens.check_key(&place).map_err(|refused| self.wait(&refused))
    }

    /// Takes one try of a person who is logged in, or says when there will be one.
    pub fn admit_person(&self, person: UserId) -> Result<(), Problem> {
        if self.people.len() > REMEMBERED {
            self.people.retain_recent();
        }
        self.people.check_key(&person).map_err(|refused| self.wait(&refused))
    }

    fn wait(&self, refused: &NotUntil<QuantaInstant>) -> Problem {
        let wait = refused.wait_time_from(self.clock.now());
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "too many tries, wait a little").after(wait)
    }
}

/// A request whose address had a try left.
pub struct Throttled;

impl FromRequestParts<Arc<App>> for Throttled {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>().ok_or_else(Problem::internal)?;
        app.throttle.admit(app.proxies.client(peer.ip(), &parts.headers)).map(|()| Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_runs_out_and_another_does_not() {
        let throttle = Throttle::new(NonZeroU32::new(3).unwrap());
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        for _ in 0..3 {
            assert!(throttle.admit(one).is_ok());
        }
        assert!(throttle.admit(one).is_err());
        assert!(throttle.admit(other).is_ok());
    }
}
