//! Which token speaks for which page, and which are dead. Pure.
//!
//! A token is the page's configured one, or that with a serial number behind it, and maybe who logged in: `EAAsandbox….1795366800000.1015…`.
//! The serial is the time it was issued at, so a token lives on when the sandbox is started anew, as it does at Meta.

use std::collections::HashMap;

use chatdesk_meta::Platform;
use chrono::{DateTime, TimeDelta, Utc};

use crate::config::Page;

/// How long an Instagram token lives. Source: Instagram Platform "Business Login".
const INSTAGRAM_LIFE: TimeDelta = TimeDelta::days(60);

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    /// The configured token of each page, and back.
    pages: HashMap<String, (String, Platform)>,
    configured: HashMap<String, String>,
    last: i64,
    /// Tokens of a page up to this serial are dead, with that subcode.
    revoked: HashMap<String, (i64, i64)>,
    /// The same for those that a person's login gave.
    departed: HashMap<String, i64>,
}

/// Why a token is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dead {
    Unknown,
    /// With Meta's subcode.
    Revoked(i64),
}

/// What a token's text says.
struct Parts<'a> {
    page_id: &'a str,
    platform: Platform,
    /// 0 for the configured one.
    serial: i64,
    person: Option<&'a str>,
}

impl Tokens {
    /// Takes a page's configured token. The first to come with it keeps it.
    pub(crate) fn know(&mut self, page: &Page) {
        self.pages.entry(page.access_token.clone()).or_insert_with(|| (page.page_id.clone(), page.platform));
        self.configured.entry(page.page_id.clone()).or_insert_with(|| page.access_token.clone());
    }

    /// A new token of a page. None when there is no such page.
    pub(crate) fn issue(&mut self, page_id: &str, person: Option<&str>, at: DateTime<Utc>) -> Option<String> {
        let base = self.configured.get(page_id)?;
        // What was revoked up to now stays so, and what comes now lives.
        let serial = at.timestamp_millis().max(self.last + 1);
        self.last = serial;
        Some(match person {
            Some(person) => format!("{base}.{serial}.{person}"),
            None => format!("{base}.{serial}"),
        })
    }

    /// A token that was issued long ago.
    pub(crate) fn aged(&self, page_id: &str, at: DateTime<Utc>) -> Option<String> {
        Some(format!("{}.{}", self.configured.get(page_id)?, at.timestamp_millis()))
    }

    /// The page a token speaks for.
    pub(crate) fn page(&self, token: &str, now: DateTime<Utc>) -> Result<&str, Dead> {
        let parts = self.parts(token)?;
        if let Some((until, subcode)) = self.revoked.get(parts.page_id)
            && parts.serial <= *until
        {
            return Err(Dead::Revoked(*subcode));
        }
        if parts.person.is_some_and(|person| self.departed.get(person).is_some_and(|until| parts.serial <= *until)) {
            return Err(Dead::Revoked(458));
        }
        match self.expires(token) {
            Some(at) if at <= now => Err(Dead::Revoked(463)),
            _ => {
                let (page_id, _) = self.pages.get(base(token)).ok_or(Dead::Unknown)?;
                Ok(page_id)
            }
        }
    }

    /// Who logged in for it.
    pub(crate) fn person<'a>(&self, token: &'a str) -> Option<&'a str> {
        token.split('.').nth(2)
    }

    /// When it was issued; none for a configured one.
    pub(crate) fn issued(&self, token: &str) -> Option<DateTime<Utc>> {
        let serial = self.parts(token).ok()?.serial;
        (serial > 0).then(|| DateTime::from_timestamp_millis(serial)).flatten()
    }

    /// When it dies by itself; none when it never does.
    pub(crate) fn expires(&self, token: &str) -> Option<DateTime<Utc>> {
        let parts = self.parts(token).ok()?;
        (parts.platform == Platform::Instagram).then(|| self.issued(token)).flatten().map(|at| at + INSTAGRAM_LIFE)
    }

    /// Ends every token of a page that there is so far.
    pub(crate) fn revoke(&mut self, page_id: &str, subcode: i64, now: DateTime<Utc>) {
        self.last = self.last.max(now.timestamp_millis());
        self.revoked.insert(page_id.to_owned(), (self.last, subcode));
    }

    /// Lets them live again.
    pub(crate) fn restore(&mut self, page_id: &str) {
        self.revoked.remove(page_id);
    }

    /// Ends every token that a person's login gave so far.
    pub(crate) fn depart(&mut self, person: &str, now: DateTime<Utc>) {
        self.last = self.last.max(now.timestamp_millis());
        self.departed.insert(person.to_owned(), self.last);
    }

    /// Whether a person took the app's permissions away after that time.
    pub(crate) fn has_departed(&self, person: &str, since: DateTime<Utc>) -> bool {
        self.departed.get(person).is_some_and(|until| since.timestamp_millis() <= *until)
    }

    fn parts<'a>(&'a self, token: &'a str) -> Result<Parts<'a>, Dead> {
        let mut pieces = token.split('.');
        let (page_id, platform) = self.pages.get(pieces.next().unwrap_or_default()).ok_or(Dead::Unknown)?;
        let serial = match pieces.next() {
            None => 0,
            Some(serial) => serial.parse().ok().filter(|serial| *serial > 0).ok_or(Dead::Unknown)?,
        };
        Ok(Parts { page_id, platform: *platform, serial, person: pieces.next() })
    }
}

fn base(token: &str) -> &str {
    token.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::demo_pages;

    fn at(days: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_795_366_800_000).expect("a time") + TimeDelta::days(days)
    }

    fn tokens() -> (Tokens, Vec<Page>) {
        let (mut tokens, pages) = (Tokens::default(), demo_pages());
        pages.iter().for_each(|page| tokens.know(page));
        (tokens, pages)
    }

    #[test]
    fn what_was_revoked_is_dead_and_what_comes_later_lives() {
        let (mut tokens, pages) = tokens();
        let page = &pages[0];
        let old = tokens.issue(&page.page_id, Some("77"), at(0)).expect("a page");
        assert_eq!((tokens.page(&old, at(400)), tokens.person(&old)), (Ok(page.page_id.as_str()), Some("77")));
        tokens.revoke(&page.page_id, 460, at(0));
        let new = tokens.issue(&page.page_id, Some("77"), at(0)).expect("a page");
        assert_eq!(tokens.page(&old, at(0)), Err(Dead::Revoked(460)));
        assert_eq!(tokens.page(&page.access_token, at(0)), Err(Dead::Revoked(460)));
        assert_eq!(tokens.page(&new, at(0)), Ok(page.page_id.as_str()));
        tokens.depart("77", at(0));
        assert_eq!(tokens.page(&new, at(0)), Err(Dead::Revoked(458)));
        assert!(tokens.has_departed("77", at(0)) && !tokens.has_departed("77", at(1)));
        tokens.restore(&page.page_id);
        assert_eq!(tokens.page(&page.access_token, at(0)), Ok(page.page_id.as_str()));
    }

    #[test]
    fn instagrams_tokens_die_of_age() {
        let (mut tokens, pages) = tokens();
        let token = tokens.issue(&pages[1].page_id, None, at(0)).expect("a page");
        assert_eq!(tokens.page(&token, at(59)), Ok(pages[1].page_id.as_str()));
        assert_eq!(tokens.page(&token, at(60)), Err(Dead::Revoked(463)));
        assert_eq!(tokens.page(&pages[1].access_token, at(60)), Ok(pages[1].page_id.as_str()));
        assert_eq!(tokens.expires(&tokens.aged(&pages[1].page_id, at(-1)).expect("a page")), Some(at(59)));
    }

    #[test]
    fn other_texts_are_no_tokens() {
        let (tokens, pages) = tokens();
        let token = &pages[0].access_token;
        for other in
            ["", ".", "x", &format!("{token}."), &format!("{token}.x"), &format!("{token}.-1"), &format!("{token}.0")]
        {
            assert_eq!(tokens.page(other, at(0)), Err(Dead::Unknown), "{other}");
        }
    }
}
