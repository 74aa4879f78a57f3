//! What a command finds around it: variables, `.env`, the home folder, the secret.

use std::error::Error;
use std::io;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatdesk_platform::{Keyring, SecretKey, ServiceName, Vars};

use crate::home::Home;
use crate::runfile::RunFile;

/// Variables and folders of this command.
pub struct Environment {
    /// The process's variables over those of `.env`.
    pub vars: Vars,
    /// Where our own things are.
    pub home: Home,
}

/// What a command cannot do without.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    /// No database is known.
    #[error(
        "DATABASE_URL is not set and nothing runs here: set it to postgres://user:password@host/name, or start `chatdesk run`"
    )]
    Database,
    /// The secret cannot be kept.
    #[error("a secret cannot be kept in {0}: set SECRET_KEY, or make the folder writable")]
    Secret(String, #[source] io::Error),
}

impl Environment {
    /// Reads `.env` when there is one.
    pub fn load() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let process = Vars::process();
        let vars = match dotenvy::from_path_iter(".env") {
            Ok(pairs) => {
                let pairs: Vec<_> =
                    pairs.collect::<Result<_, _>>().map_err(|error| format!(".env cannot be read: {error}"))?;
                let file = Vars::fixed(pairs);
                Vars::layered(process, file)
            }
            Err(error) if error.not_found() => process,
            Err(error) => return Err(format!(".env cannot be read: {error}").into()),
        };
        let home = Home::find(&vars);
        Ok(Self { vars, home })
    }

    /// SECRET_KEY, else the one kept in the home folder, else a new one that is kept there.
    pub fn secret(&self) -> Result<SecretKey, Box<dyn Error + Send + Sync>> {
        let text = match self.vars.get("SECRET_KEY") {
            Some(text) => text,
            None => self
                .home
                .remembered("secret_key", || random_text(48))
                .map_err(|error| Missing::Secret(self.home.own.display().to_string(), error))?,
        };
        Ok(SecretKey::parse(&text)?)
    }

    /// The keys of a process: its own and its peers' when SIGNING_KEY is set, else all of them from the secret.
    pub fn keyring(&self, own: ServiceName) -> Result<Keyring, Box<dyn Error + Send + Sync>> {
        if self.vars.get("SIGNING_KEY").is_some() {
            return Ok(Keyring::split(own, &self.vars)?);
        }
        Ok(Keyring::derived(&self.secret()?))
    }

    /// DATABASE_URL, else that of the installation which runs here.
    pub fn database_url(&self) -> Result<String, Missing> {
        let running = || RunFile::read(&self.home).map(|file| file.database_url);
        self.vars.get("DATABASE_URL").or_else(running).ok_or(Missing::Database)
    }
}

/// `bytes` random bytes as text.
pub fn random_text(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    if rand::fill(&mut random).is_err() {
        // Without randomness no secret is one: the operating system is broken.
        std::process::abort();
    }
    STANDARD.encode(random)
}
