//! Hashes passwords: argon2id with OWASP's least parameters (19 MiB, 2 passes, 1 lane), two at a time on blocking threads, so that a
//! flood of logins neither eats the memory nor stops the rest. Other systems' bcrypt hashes are verified, never made.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use chatdesk_platform::Error;
use std::time::Duration;
use tokio::sync::Semaphore;

use crate::model::Password;

/// How every hash we make begins.
const OURS: &str = "$argon2id$v=19$m=19456,t=2,p=1$";
/// At once, for memory and processors.
const RUNNING: usize = 2;
/// Running and waiting: about two seconds' work. One more is sent away.
const WAITING: usize = 64;

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// The password is wrong, or there is none.
    No,
    /// It is right.
    Yes,
    /// It is right, and its hash should be made anew.
    Outdated,
}

/// Hashes and verifies. Cheap to clone.
#[derive(Clone)]
pub struct Hasher {
    queue: Arc<Semaphore>,
    room: Arc<Semaphore>,
    decoy: Arc<str>,
}

impl Hasher {
    /// Makes one hash, which unknown accounts are checked against.
    pub async fn start() -> Result<Self, Error> {
        let decoy = Password::given("nobody's password").map_err(|(code, _)| Error::internal(code))?;
        let queue = Arc::new(Semaphore::new(WAITING));
        let new = Self { queue, room: Arc::new(Semaphore::new(RUNNING)), decoy: Arc::from("") };
        let decoy = new.hash(decoy).await?;
        Ok(Self { decoy: decoy.into(), ..new })
    }

    /// A hash in PHC form with a salt of its own.
    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        self.run(move || {
            let hash: PasswordHash = argon2()?
                .hash_password(password.expose().as_bytes())
                .map_err(|why| Error::internal(why.to_string()))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Compares with a stored hash. Without one it takes as long and finds nothing.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<Verified, Error> {
        let decoy = Arc::clone(&self.decoy);
        self.run(move || {
            let Some(stored) = stored else {
                matches(&password, &decoy)?;
                return Ok(Verified::No);
            };
            let right = matches(&password, &stored)?;
            Ok(match right {
                false => Verified::No,
                true if stored.starts_with(OURS) => Verified::Yes,
                true => Verified::Outdated,
            })
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let busy = || Error::Exhausted { code: "too_many_logins", retry_after: Some(Duration::from_secs(2)) };
        let place = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| busy())?;
        let permit = Arc::clone(&self.room).acquire_owned().await.map_err(Error::internal)?;
        // Permits go along: work of a caller who went away still takes its room.
        let task = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((place, permit));
            done
        });
        task.await.map_err(Error::internal)?
    }
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(19_456, 2, 1, None).map_err(|why| Error::internal(why.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether the password is the one of this hash. A hash that nobody can read is an error: a wrong password must not hide it.
fn matches(password: &Password, stored: &str) -> Result<bool, Error> {
    if ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| stored.starts_with(prefix)) {
        // Takes 72 bytes and ignores the rest, as all who make such hashes do.
        return bcrypt::verify(password.expose(), stored).map_err(Error::internal);
    }
    let hash = PasswordHash::new(stored).map_err(|why| Error::internal(why.to_string()))?;
    Ok(argon2()?.verify_password(password.expose().as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Password {
        Password::given(text).unwrap()
    }

    #[tokio::test]
    async fn our_hashes_verify_and_have_the_agreed_cost() {
        let hasher = Hasher::start().await.unwrap();
        let hash = hasher.hash(given("mật khẩu dài")).await.unwrap();
        assert!(hash.starts_with(OURS), "{hash}");
        let verify = |password: &str| hasher.verify(given(password), Some(hash.clone()));
        assert_eq!(verify("mật khẩu dài").await.unwrap(), Verified::Yes);
        assert_eq!(verify("mat khau dai").await.unwrap(), Verified::No);
        assert_eq!(hasher.verify(given("nobody's password"), None).await.unwrap(), Verified::No);
        assert_ne!(hasher.hash(given("mật khẩu dài")).await.unwrap(), hash);
    }

    /// Case 73: passwords that share their first 72 bytes are two.
    #[tokio::test]
    async fn what_two_long_passwords_share_does_not_count() {
        let hasher = Hasher::start().await.unwrap();
        let (one, other) = (format!("{}1", "x".repeat(99)), format!("{}2", "x".repeat(99)));
        let hash = hasher.hash(given(&one)).await.unwrap();
        assert_eq!(hasher.verify(given(&other), Some(hash)).await.unwrap(), Verified::No);
    }

    #[tokio::test]
    async fn bcrypt_hashes_verify_and_are_outdated() {
        let hasher = Hasher::start().await.unwrap();
        let parts = bcrypt::hash_with_result("correct horse", 4).unwrap();
        for version in [bcrypt::Version::TwoA, bcrypt::Version::TwoB, bcrypt::Version::TwoY] {
            let hash = parts.format_for_version(version);
            assert_eq!(hasher.verify(given("correct horse"), Some(hash.clone())).await.unwrap(), Verified::Outdated);
            assert_eq!(hasher.verify(given("wrong horse"), Some(hash)).await.unwrap(), Verified::No);
        }
        assert!(hasher.verify(given("x"), Some("md5:abc".to_owned())).await.is_err());
    }

    /// Case 71: a flood waits in a short queue, and takes two processors at most.
    #[tokio::test]
    async fn a_flood_is_sent_away() {
        let hasher = Hasher::start().await.unwrap();
        let all = hasher.queue.acquire_many(u32::try_from(WAITING).unwrap()).await.unwrap();
        let error = hasher.verify(given("x"), None).await.unwrap_err();
        assert!(matches!(error, Error::Exhausted { code: "too_many_logins", retry_after: Some(_) }));
        drop(all);
        assert_eq!(hasher.verify(given("x"), None).await.unwrap(), Verified::No);
    }
}
