//! Reads a JSON object field by field and notes everything that is wrong with it, so that a client hears it all at once.
//! Fields it was not asked for are ignored, whatever they are called.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chatdesk_platform::{Error, Invalid};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::money::Amount;
use crate::problem::Problem;
use crate::query::{NO_MOMENT, moment};
use crate::visible::{is_blank, tidy};

/// A JSON object being read.
#[derive(Debug, Default)]
pub struct Fields {
    map: Map<String, Value>,
    prefix: String,
    invalid: Invalid,
    noted: Vec<String>,
}

impl Fields {
    /// An object as it came.
    pub fn new(map: Map<String, Value>) -> Self {
        Self { map, ..Self::default() }
    }

    /// Succeeds when nothing was noted.
    pub fn finish(self) -> Result<(), Problem> {
        match self.invalid.finish() {
            Err(Error::Invalid(fields)) => Err(Problem::invalid(fields)),
            Err(_) => Err(Problem::internal()),
            Ok(()) => Ok(()),
        }
    }

    /// Notes a problem with a field.
    pub fn note(&mut self, name: &str, code: &str, detail: impl Into<String>) {
        let field = format!("{}{name}", self.prefix);
        self.invalid.add(&field, code, detail);
        self.noted.push(field);
    }

    /// Whether something was noted about a field.
    pub fn has_noted(&self, name: &str) -> bool {
        let field = format!("{}{name}", self.prefix);
        self.noted.contains(&field)
    }

    /// Whether a field is there; null counts as absent.
    pub fn has(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_null())
    }

    /// The value, unless it is absent; null counts as absent.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name).filter(|value| !value.is_null())
    }

    fn wrong(&mut self, name: &str, wanted: &str) {
        self.note(name, "wrong_type", format!("must be {wanted}"));
    }

    /// A text that must be there, of so many characters; where one is needed, a text that shows nothing is as good as none.
    /// Empty when it was refused.
    pub fn text(&mut self, name: &str, chars: RangeInclusive<usize>) -> String {
        match self.take(name) {
            Some(value) => self.checked(name, value, &chars).unwrap_or_default(),
            None => {
                self.note(name, "required", "is missing");
                String::new()
            }
        }
    }

    /// A password that must be there, in which a blank counts like any other character. Empty when it was refused.
    pub fn secret(&mut self, name: &str, chars: RangeInclusive<usize>) -> SecretString {
        let Some(value) = self.take(name) else {
            self.note(name, "required", "is missing");
            return SecretString::default();
        };
        self.sized(name, value, &chars).unwrap_or_default().into()
    }

    /// A text that may be absent.
    pub fn text_opt(&mut self, name: &str, chars: RangeInclusive<usize>) -> Option<String> {
        let value = self.take(name)?;
        self.checked(name, value, &chars)
    }

    /// A name that must be there: a text without what only hides or turns around what stands beside it.
    pub fn name(&mut self, name: &str, chars: RangeInclusive<usize>) -> String {
        self.tidy(name);
        self.text(name, chars)
    }

    /// A name that may be absent.
    pub fn name_opt(&mut self, name: &str, chars: RangeInclusive<usize>) -> Option<String> {
        self.tidy(name);
        self.text_opt(name, chars)
    }

    fn tidy(&mut self, name: &str) {
        if let Some(Value::String(text)) = self.map.get_mut(name) {
            *text = tidy(text);
        }
    }

    fn checked(&mut self, name: &str, value: Value, chars: &RangeInclusive<usize>) -> Option<String> {
        let shows_nothing = |text: &str| is_blank(text) && !text.contains('\0');
        if *chars.start() > 0 && value.as_str().is_some_and(shows_nothing) {
            self.note(name, "required", "must not be blank");
            return None;
        }
        self.sized(name, value, chars)
    }

    fn sized(&mut self, name: &str, value: Value, chars: &RangeInclusive<usize>) -> Option<String> {
        let Value::String(text) = value else {
            self.wrong(name, "a text");
            return None;
        };
        let (least, most) = (*chars.start(), *chars.end());
        let count = text.chars().count();
        if text.contains('\0') {
            self.note(name, "malformed", "must not hold the NUL character");
        } else if count == 0 && least > 0 {
            self.note(name, "required", "must not be empty");
        } else if count < least {
            self.note(name, "too_short", format!("needs at least {least} characters"));
        } else if count > most {
            self.note(name, "too_long", format!("takes at most {most} characters"));
        } else {
            return Some(text);
        }
        None
    }

    /// Something that looks like an e-mail address. The service that keeps it looks closer.
    pub fn email(&mut self, name: &str) -> String {
        let text = self.text(name, 1..=254);
        let trimmed = text.trim();
        let plausible = trimmed.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !trimmed.contains(char::is_whitespace)
        });
        if !text.is_empty() && !plausible {
            self.note(name, "malformed", "is not an e-mail address");
        }
        text
    }

    /// Yes or no, which must be there.
    pub fn flag(&mut self, name: &str) -> bool {
        if !self.has(name) {
            self.note(name, "required", "is missing");
        }
        self.flag_opt(name).unwrap_or_default()
    }

    /// Yes or no, which may be absent.
    pub fn flag_opt(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(flag) => Some(flag),
            _ => {
                self.wrong(name, "true or false");
                None
            }
        }
    }

    /// A whole number that must be there.
    pub fn whole(&mut self, name: &str) -> u64 {
        match self.take(name) {
            Some(value) => value.as_u64().unwrap_or_else(|| {
                self.wrong(name, "a whole number, 0 or more");
                0
            }),
            None => {
                self.note(name, "required", "is missing");
                0
            }
        }
    }

    /// A whole number of at most `most` or null, which differs from being absent.
    pub fn count_or_null(&mut self, name: &str, most: i64) -> Option<Option<i64>> {
        if self.map.get(name)?.is_null() {
            return Some(None);
        }
        let count = self.take(name)?.as_i64().filter(|count| (0..=most).contains(count));
        if count.is_none() {
            self.note(name, "out_of_range", format!("must be a whole number of 0 to {most}, or null"));
        }
        count.map(Some)
    }

    /// An id that must be there.
    pub fn id(&mut self, name: &str) -> Option<Uuid> {
        let text = self.text(name, 1..=64);
        let id = text.parse().ok();
        if id.is_none() && !text.is_empty() {
            self.note(name, "malformed", "is not an id");
        }
        id
    }

    /// An id or null, which differs from being absent.
    pub fn id_or_null(&mut self, name: &str) -> Option<Option<Uuid>> {
        if self.map.get(name)?.is_null() {
            return Some(None);
        }
        self.id(name).map(Some)
    }

    /// A list of ids, or absent.
    pub fn ids_opt(&mut self, name: &str, count: RangeInclusive<usize>) -> Option<Vec<Uuid>> {
        let texts = self.texts_opt(name, count, 1..=64)?;
        let read = texts.into_iter().enumerate().map(|(at, text)| {
            let id = text.parse().ok();
            if id.is_none() {
                self.note(&format!("{name}[{at}]"), "malformed", "is not an id");
            }
            id
        });
        read.collect::<Vec<_>>().into_iter().collect()
    }

    /// A moment in RFC 3339, or absent.
    pub fn moment_opt(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let value = self.take(name)?;
        let Some(text) = value.as_str() else {
            self.wrong(name, "a text");
            return None;
        };
        let at = moment(text);
        if at.is_none() {
            self.note(name, "malformed", NO_MOMENT);
        }
        at
    }

    /// One of several names, or absent.
    pub fn choice_opt<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let value = self.take(name)?;
        let Some(text) = value.as_str() else {
            self.wrong(name, "a text");
            return None;
        };
        let chosen = choices.iter().find(|(known, _)| *known == text).map(|(_, value)| *value);
        if chosen.is_none() {
            let known: Vec<_> = choices.iter().map(|(known, _)| *known).collect();
            self.note(name, "unknown_value", format!("must be one of: {}", known.join(", ")));
        }
        chosen
    }

    /// A list of texts, or absent.
    pub fn texts_opt(
        &mut self,
        name: &str,
        count: RangeInclusive<usize>,
        chars: RangeInclusive<usize>,
    ) -> Option<Vec<String>> {
        let Value::Array(values) = self.take(name)? else {
            self.wrong(name, "a list of texts");
            return None;
        };
        if !count.contains(&values.len()) {
            self.note(name, "out_of_range", format!("takes {} to {} entries", count.start(), count.end()));
            return None;
        }
        let checked =
            values.into_iter().enumerate().map(|(at, value)| self.checked(&format!("{name}[{at}]"), value, &chars));
        checked.collect::<Vec<_>>().into_iter().collect()
    }

    /// An object of texts; an absent one is empty.
    pub fn named_texts(&mut self, name: &str, most: usize, chars: &RangeInclusive<usize>) -> BTreeMap<String, String> {
        let map = match self.take(name) {
            Some(Value::Object(map)) => map,
            Some(_) => {
                self.wrong(name, "an object of texts");
                Map::new()
            }
            None => Map::new(),
        };
        if map.len() > most {
            self.note(name, "out_of_range", format!("takes at most {most} entries"));
            return BTreeMap::new();
        }
        let mut texts = BTreeMap::new();
        for (key, value) in map {
            if let Some(text) = self.checked(&format!("{name}.{key}"), value, chars) {
                texts.insert(key, text);
            }
        }
        texts
    }

    /// An object as JSON text of at most so many bytes, or absent.
    pub fn object_opt(&mut self, name: &str, bytes: usize) -> Option<String> {
        let value = self.take(name)?;
        if !value.is_object() {
            self.wrong(name, "an object");
            return None;
        }
        let text = value.to_string();
        if text.len() > bytes {
            self.note(name, "too_long", format!("takes at most {bytes} bytes"));
        } else if text.contains("\\u0000") && holds_nul(&value) {
            self.note(name, "malformed", "must not hold the NUL character");
        } else {
            return Some(text);
        }
        None
    }

    /// An amount of money, as a number or a text.
    pub fn amount_opt(&mut self, name: &str) -> Option<Amount> {
        match self.take(name)? {
            Value::Number(number) => Some(Amount::Number(number.to_string())),
            Value::String(text) => Some(Amount::Text(text)),
            _ => {
                self.wrong(name, "an amount such as \"129000\"");
                None
            }
        }
    }

    /// An object within, read by the same rules and named `name.field` in what is noted. An absent one reads as empty.
    pub fn nested<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let map = match self.take(name) {
            Some(Value::Object(map)) => map,
            Some(_) => {
                self.wrong(name, "an object");
                Map::new()
            }
            None => Map::new(),
        };
        self.within(&format!("{name}."), map, read)
    }

    /// A list of objects, each named `name[at].field` in what is noted; an absent list is empty.
    pub fn list<T>(&mut self, name: &str, most: usize, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let values = match self.take(name) {
            Some(Value::Array(values)) => values,
            Some(_) => {
                self.wrong(name, "a list");
                return Vec::new();
            }
            None => return Vec::new(),
        };
        if values.len() > most {
            self.note(name, "out_of_range", format!("takes at most {most} entries"));
            return Vec::new();
        }
        let mut all = Vec::with_capacity(values.len());
        for (at, value) in values.into_iter().enumerate() {
            match value {
                Value::Object(map) => all.push(self.within(&format!("{name}[{at}]."), map, &mut read)),
                _ => self.wrong(&format!("{name}[{at}]"), "an object"),
            }
        }
        all
    }

    fn within<T>(&mut self, prefix: &str, map: Map<String, Value>, read: impl FnOnce(&mut Self) -> T) -> T {
        let prefix = format!("{}{prefix}", self.prefix);
        let (invalid, noted) = (std::mem::take(&mut self.invalid), std::mem::take(&mut self.noted));
        let mut inner = Self { map, prefix, invalid, noted };
        let value = read(&mut inner);
        (self.invalid, self.noted) = (inner.invalid, inner.noted);
        value
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(map) => map.iter().any(|(key, value)| key.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests;
