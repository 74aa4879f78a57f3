//! Variables, read through a look-up and never from the process behind the caller's back.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// Where configuration comes from. An empty or blank value counts as unset.
#[derive(Clone)]
pub struct Vars(Arc<LookUp>);

type LookUp = dyn Fn(&str) -> Option<String> + Send + Sync;

/// A variable that is missing or cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct VarError {
    /// The variable.
    pub name: String,
    /// What is wrong and what to do, never the value.
    pub problem: String,
}

impl Vars {
    /// The process's own environment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn process() -> Self {
        Self(Arc::new(|name| std::env::var(name).ok()))
    }

    /// Fixed values, for tests and for a process that sets up others.
    #[must_use]
    pub fn fixed<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let map: HashMap<String, String> = pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        Self(Arc::new(move |name| map.get(name).cloned()))
    }

    /// These values first, then the ones of `self`.
    #[must_use]
    pub fn overlaid<K: Into<String>, V: Into<String>>(&self, pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::layered(Self::fixed(pairs), self.clone())
    }

    /// What `over` has, else what `under` has.
    #[must_use]
    pub fn layered(over: Self, under: Self) -> Self {
        Self(Arc::new(move |name| over.get(name).or_else(|| under.get(name))))
    }

    /// The trimmed value, if it is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The value, or an error that says what it is for.
    pub fn require(&self, name: &str, what_for: &str) -> Result<String, VarError> {
        self.get(name).ok_or_else(|| VarError { name: name.to_owned(), problem: format!("is not set; {what_for}") })
    }

    /// The parsed value, or the default when it is unset.
    pub fn parse<T: FromStr>(&self, name: &str, default: T) -> Result<T, VarError>
    where
        T::Err: Display,
    {
        let Some(text) = self.get(name) else { return Ok(default) };
        text.parse().map_err(|why| VarError { name: name.to_owned(), problem: format!("cannot be read: {why}") })
    }

    /// A span given in whole milliseconds, or the default when it is unset.
    pub fn millis(&self, name: &str, default: Duration) -> Result<Duration, VarError> {
        let default = u64::try_from(default.as_millis()).unwrap_or(u64::MAX);
        self.parse(name, default).map(Duration::from_millis)
    }

    /// A comma-separated list; unset gives none.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let text = self.get(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_value_is_unset() {
        let vars = Vars::fixed([("A", "  "), ("B", " x ")]);
        assert_eq!(vars.get("A"), None);
        assert_eq!(vars.get("B").as_deref(), Some("x"));
    }

    #[test]
    fn an_error_names_the_variable_and_not_its_value() {
        let vars = Vars::fixed([("PORT", "hunter2")]);
        let error = vars.parse::<u16>("PORT", 1).unwrap_err();
        assert!(error.to_string().starts_with("PORT: "));
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn overlaid_values_win_and_the_rest_shows_through() {
        let vars = Vars::fixed([("A", "1"), ("B", "2")]).overlaid([("A", "3")]);
        assert_eq!((vars.get("A").as_deref(), vars.get("B").as_deref()), (Some("3"), Some("2")));
    }
}
