//! Logging in at Meta: who allowed the app what, and the codes and tokens that came of it. Owns the codes, which are good once and briefly;
//! the dialogs are [`dialog`]'s, Instagram's first exchange [`exchange`]'s, the rest is the Graph API's.
//! Sources: Facebook Login "Manually build a login flow"; Instagram Platform "Business Login".

pub(crate) mod dialog;
pub(crate) mod exchange;

use std::collections::VecDeque;

use chatdesk_meta::Platform;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use uuid::Uuid;

use crate::config::Person;

/// How long a code is good.
const CODE_LIFE: TimeDelta = TimeDelta::minutes(10);
/// Codes and tokens of people kept; older ones are forgotten.
const KEPT: usize = 1000;
/// What is granted when the dialog's address names nothing.
const SCOPES: [&str; 7] = [
    "pages_show_list",
    "pages_messaging",
    "pages_manage_metadata",
    "pages_read_engagement",
    "business_management",
    "instagram_basic",
    "instagram_manage_messages",
];
const INSTAGRAM_SCOPES: [&str; 2] = ["instagram_business_basic", "instagram_business_manage_messages"];

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Logins {
    codes: VecDeque<Code>,
    grants: VecDeque<Grant>,
    /// How dialogs are answered without anybody looking at them.
    pub(crate) standing: Standing,
}

/// What somebody allowed in a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consent {
    pub(crate) platform: Platform,
    pub(crate) person: String,
    /// The pages ticked; of Instagram the account.
    pub(crate) pages: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: String,
}

#[derive(Debug)]
struct Code {
    code: String,
    consent: Consent,
    made: DateTime<Utc>,
    used: bool,
}

/// A person's token, and what it opens.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    token: String,
    pub(crate) person: String,
    pub(crate) pages: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) made: DateTime<Utc>,
    pub(crate) expires: DateTime<Utc>,
}

/// Why a code is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoilt {
    /// Unknown or used.
    Used,
    Expired,
    OtherAddress,
}

/// How dialogs are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Auto {
    #[default]
    Ask,
    Allow,
    Deny,
}

/// The same for all dialogs to come.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Standing {
    pub(crate) auto: Auto,
    #[serde(default)]
    pub(crate) person: Option<String>,
    #[serde(default)]
    pub(crate) pages: Option<Vec<String>>,
    /// Scopes that are not granted.
    #[serde(default)]
    pub(crate) without: Vec<String>,
    /// Whether Instagram's token stands in a list, as some of its documents have it.
    #[serde(default)]
    pub(crate) wrapped: bool,
}

impl Logins {
    /// A code for what was allowed.
    pub(crate) fn code(&mut self, consent: Consent, now: DateTime<Utc>) -> String {
        let code = format!("AQ{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        self.codes.push_back(Code { code: code.clone(), consent, made: now, used: false });
        while self.codes.len() > KEPT {
            self.codes.pop_front();
        }
        code
    }

    /// What a code stands for, once.
    pub(crate) fn redeem(
        &mut self,
        platform: Platform,
        code: &str,
        redirect_uri: &str,
        now: DateTime<Utc>,
    ) -> Result<Consent, Spoilt> {
        let known = self.codes.iter_mut().find(|known| known.code == code && known.consent.platform == platform);
        let known = known.filter(|known| !known.used).ok_or(Spoilt::Used)?;
        if now - known.made > CODE_LIFE {
            return Err(Spoilt::Expired);
        }
        if known.consent.redirect_uri != redirect_uri {
            return Err(Spoilt::OtherAddress);
        }
        known.used = true;
        Ok(known.consent.clone())
    }

    /// A token for a person.
    pub(crate) fn admit(
        &mut self,
        person: &str,
        pages: &[String],
        scopes: &[String],
        now: DateTime<Utc>,
        life: TimeDelta,
    ) -> String {
        let token = format!("EAAsandboxuser{}", Uuid::new_v4().simple());
        self.grants.push_back(Grant {
            token: token.clone(),
            person: person.to_owned(),
            pages: pages.to_vec(),
            scopes: scopes.to_vec(),
            made: now,
            expires: now + life,
        });
        while self.grants.len() > KEPT {
            self.grants.pop_front();
        }
        token
    }

    /// What a person's token opens.
    pub(crate) fn grant(&self, token: &str) -> Option<Grant> {
        self.grants.iter().rfind(|grant| grant.token == token).cloned()
    }
}

impl Grant {
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

/// The pages or accounts that a person can choose among.
pub(crate) fn choices(person: &Person, platform: Platform) -> Vec<&str> {
    match platform {
        Platform::Facebook => person.roles.iter().map(|role| role.page_id.as_str()).collect(),
        Platform::Instagram => person.accounts.iter().map(String::as_str).collect(),
    }
}

/// The id of an Instagram account that is scoped to the app: `/me` and signed requests name it so, webhooks never do.
pub(crate) fn scoped_id(account_id: &str) -> String {
    format!("2{}", account_id.get(1..).unwrap_or_default())
}

/// The scopes asked for.
fn scopes(asked: Option<&str>, platform: Platform) -> Vec<String> {
    let asked = asked.unwrap_or_default().split([',', ' ']).map(str::trim).filter(|scope| !scope.is_empty());
    let named: Vec<String> = asked.map(str::to_owned).collect();
    if !named.is_empty() {
        return named;
    }
    let usual: &[&str] = match platform {
        Platform::Facebook => &SCOPES,
        Platform::Instagram => &INSTAGRAM_SCOPES,
    };
    usual.iter().map(|scope| (*scope).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_for_one_address_and_for_ten_minutes() {
        let mut logins = Logins::default();
        let now = DateTime::<Utc>::default();
        let consent = Consent {
            platform: Platform::Facebook,
            person: "1".into(),
            pages: vec!["2".into()],
            scopes: scopes(Some("a, b"), Platform::Facebook),
            redirect_uri: "https://x.example/back".into(),
        };
        let (first, second) = (logins.code(consent.clone(), now), logins.code(consent.clone(), now));
        let mut redeem = |platform, code: &str, uri: &str, minutes| {
            logins.redeem(platform, code, uri, now + TimeDelta::minutes(minutes))
        };
        let uri = "https://x.example/back";
        assert_eq!(redeem(Platform::Facebook, &first, "https://x.example/back/", 0), Err(Spoilt::OtherAddress));
        assert_eq!(redeem(Platform::Instagram, &first, uri, 0), Err(Spoilt::Used));
        assert_eq!(redeem(Platform::Facebook, &first, uri, 10), Ok(consent.clone()));
        assert_eq!(redeem(Platform::Facebook, &first, uri, 10), Err(Spoilt::Used));
        assert_eq!(redeem(Platform::Facebook, &second, uri, 11), Err(Spoilt::Expired));
        assert_eq!(consent.scopes, ["a", "b"]);
    }

    #[test]
    fn what_is_kept_has_an_end() {
        let mut logins = Logins::default();
        let tokens: Vec<String> =
            (0..=KEPT).map(|_| logins.admit("1", &[], &[], DateTime::default(), TimeDelta::hours(1))).collect();
        assert!(logins.grant(&tokens[0]).is_none() && logins.grant(&tokens[1]).is_some());
    }
}
