//! The pages that a person allowed us, and whether Meta sends us an account's events. Owns which fields an account is
//! subscribed to; refuses to follow an address that an answer names.
//! Sources: Graph API "User accounts", "Page", "Page subscribed_apps"; Instagram Platform "Webhooks".

use super::{Account, Graph, GraphError, UserGrant, bad_id, call, data, id, next_cursor, text};
use crate::Login;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// Fields a Page is subscribed to.
const PAGE_FIELDS: [&str; 11] = [
    "messages",
    "messaging_postbacks",
    "message_echoes",
    "message_edits",
    "message_reactions",
    "message_reads",
    "message_deliveries",
    "messaging_referrals",
    "messaging_handovers",
    "standby",
    "messaging_policy_enforcement",
];
/// Fields an Instagram account is subscribed to; echoes come with `messages`.
const INSTAGRAM_FIELDS: [&str; 7] = [
    "messages",
    "messaging_postbacks",
    "message_reactions",
    "messaging_seen",
    "message_edit",
    "messaging_referral",
    "standby",
];
/// What is asked of a page in a list.
const LISTED: &str = "id,name,access_token,tasks,instagram_business_account{id,username}";
/// What is asked of a page by its id, which has no tasks of its own.
const NAMED: &str = "id,name,access_token,instagram_business_account{id,username}";
/// Pages of pages read (judgement): 5000 pages are more than anybody has.
const MOST_LISTS: usize = 50;
/// Pages asked by their ids.
const MOST_NAMED: usize = 200;
/// As many ids as Meta takes at once (Graph API "Multiple ID read requests").
const NAMED_AT_ONCE: usize = 50;
/// Any of these lets a person manage a page's messages and its events.
const TASKS: [&str; 3] = ["MESSAGING", "MANAGE", "MODERATE"];
/// Without this scope nothing can be sent.
const MESSAGES: &str = "pages_messaging";

/// A page that a person allowed us.
#[derive(Clone)]
pub struct GrantedPage {
    /// Meta's id.
    pub id: String,
    /// Its name; the id where it has none.
    pub name: String,
    /// Its own token; none when the person may not have it.
    pub token: Option<SecretString>,
    /// The person may manage its messages, and allowed us to.
    pub may_message: bool,
    /// The Instagram account behind it: id and user name.
    pub instagram: Option<(String, String)>,
}

impl fmt::Debug for GrantedPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrantedPage")
            .field("id", &self.id)
            .field("may_message", &self.may_message)
            .finish_non_exhaustive()
    }
}

/// Whether Meta sends us an account's events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subscription {
    /// Our app is among the account's apps.
    pub is_ours: bool,
    /// Fields that it is not subscribed to; all of them when it is not ours.
    pub missing: Vec<&'static str>,
}

/// What an account is subscribed to. An Instagram account behind a Page gets its events through the Page.
const fn fields(login: Login) -> &'static [&'static str] {
    match login {
        Login::Facebook => &PAGE_FIELDS,
        Login::Instagram => &INSTAGRAM_FIELDS,
    }
}

impl Graph {
    /// Has Meta send this account's events to our app. Repeating it changes nothing.
    ///
    /// # Errors
    /// As Meta says.
    pub async fn subscribe(&self, account: &Account) -> Result<(), GraphError> {
        let request =
            self.request(account, Method::POST, &[account.speaker(), "subscribed_apps"]).ok_or_else(bad_id)?;
        succeeded(&call(request.query(&[("subscribed_fields", fields(account.login).join(","))])).await?)
    }

    /// Has Meta send this account's events no longer.
    ///
    /// # Errors
    /// As Meta says.
    pub async fn unsubscribe(&self, account: &Account) -> Result<(), GraphError> {
        let request =
            self.request(account, Method::DELETE, &[account.speaker(), "subscribed_apps"]).ok_or_else(bad_id)?;
        succeeded(&call(request).await?)
    }

    /// Whether this account's events come to our app, and which do not. Without FB_APP_ID or IG_APP_ID the only app that
    /// Meta names counts as ours: a token sees no others.
    ///
    /// # Errors
    /// As Meta says.
    pub async fn subscription(&self, account: &Account) -> Result<Subscription, GraphError> {
        let request = self.request(account, Method::GET, &[account.speaker(), "subscribed_apps"]).ok_or_else(bad_id)?;
        let reply = call(request).await?;
        let ours = self.config.app(account.login).map(|app| app.id);
        let app = data(&reply).iter().find(|app| ours.is_none() || id(app, "id") == ours);
        let subscribed = app.and_then(|app| app.get("subscribed_fields")).and_then(Value::as_array);
        let has = |field: &str| subscribed.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(field)));
        let missing = fields(account.login).iter().copied().filter(|field| !has(field)).collect();
        Ok(Subscription { is_ours: app.is_some(), missing })
    }

    /// The pages of a grant, in Meta's order.
    ///
    /// # Errors
    /// As Meta says.
    pub async fn granted_pages(&self, grant: &UserGrant) -> Result<Vec<GrantedPage>, GraphError> {
        let mut pages = Vec::new();
        self.find_pages(grant, &mut pages).await?;
        Ok(pages)
    }

    /// The same one by one as they come, so that whoever stops waiting has those that came: a login cannot be used again. Pages that are only
    /// named in the token's granular scopes (those of a business portfolio are not in the list) are asked by their ids, many at once; one that
    /// does not answer is left out.
    ///
    /// # Errors
    /// As Meta says.
    pub async fn find_pages(&self, grant: &UserGrant, pages: &mut Vec<GrantedPage>) -> Result<(), GraphError> {
        let allowed = grant.scopes.is_empty() || grant.scopes.iter().any(|scope| scope == MESSAGES);
        let mut known = BTreeSet::new();
        let mut after = None;
        for _ in 0..MOST_LISTS {
            let mut asked = vec![("fields", LISTED), ("limit", "100")];
            asked.extend(after.as_deref().map(|after| ("after", after)));
            let reply = self.of_person(grant, &["me", "accounts"], &asked).await?;
            let listed = data(&reply).iter().filter_map(|page| granted(page, allowed));
            pages.extend(listed.filter(|page| known.insert(page.id.clone())));
            after = next_cursor(&reply);
            if after.is_none() {
                break;
            }
        }
        let named = grant.page_ids.iter().filter(|id| !known.contains(*id) && is_id(id)).map(String::as_str);
        let named: Vec<&str> = named.take(MOST_NAMED).collect();
        let mut batches: Vec<&[&str]> = named.chunks(NAMED_AT_ONCE).rev().collect();
        while let Some(batch) = batches.pop() {
            match self.of_person(grant, &[], &[("ids", &batch.join(",")), ("fields", NAMED)]).await {
                Ok(reply) => {
                    let found = batch.iter().filter_map(|id| Some((*id, granted(reply.get(*id)?, allowed)?)));
                    pages.extend(found.filter(|(id, page)| *id == page.id).map(|(_, page)| page));
                }
                // One that the person may have lost spoils the answer for all; it is found by halves.
                Err(
                    GraphError::NotFound
                    | GraphError::Permission
                    | GraphError::Restricted
                    | GraphError::Rejected { .. }
                    | GraphError::OtherAccount,
                ) => {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    batches.extend([second, first].into_iter().filter(|half| !half.is_empty() && batch.len() > 1));
                }
                Err(error @ (GraphError::InvalidToken | GraphError::RateLimited { .. } | GraphError::Unavailable)) => {
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    async fn of_person(&self, grant: &UserGrant, path: &[&str], asked: &[(&str, &str)]) -> Result<Value, GraphError> {
        let url = self.config.url(Login::Facebook, path).ok_or_else(bad_id)?;
        let request = self.with_token(Login::Facebook, &grant.token, Method::GET, url).ok_or_else(bad_id)?;
        call(request.query(asked)).await
    }
}

/// Meta's ids of pages are digits; a comma in one would be two.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 32 && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn succeeded(reply: &Value) -> Result<(), GraphError> {
    if reply.get("success").and_then(Value::as_bool) == Some(false) {
        return Err(GraphError::Rejected { code: None, message: "no success".to_owned() });
    }
    Ok(())
}

fn granted(page: &Value, allowed: bool) -> Option<GrantedPage> {
    let page_id = id(page, "id")?;
    let token = page.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
    let tasks = page.get("tasks").and_then(Value::as_array);
    let has_task = tasks.is_none_or(|tasks| tasks.iter().filter_map(Value::as_str).any(|task| TASKS.contains(&task)));
    let account = page.get("instagram_business_account");
    let instagram = account.and_then(|account| {
        let account_id = id(account, "id")?;
        Some((account_id.clone(), text(account, "username").unwrap_or(account_id)))
    });
    Some(GrantedPage {
        name: text(page, "name").unwrap_or_else(|| page_id.clone()),
        id: page_id,
        token: token.map(Into::into),
        may_message: allowed && has_task && token.is_some(),
        instagram,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whoever_may_message_has_token_task_and_scope() {
        let page = |tasks: Value, token: &str| json!({ "id": "1", "access_token": token, "tasks": tasks });
        for (page, allowed, expected) in [
            (page(json!(["MESSAGING"]), "t"), true, true),
            (page(json!(["ADVERTISE", "MANAGE"]), "t"), true, true),
            (page(json!(["MODERATE"]), "t"), true, true),
            (page(json!(["ADVERTISE", "ANALYZE"]), "t"), true, false),
            (page(json!([]), "t"), true, false),
            (page(Value::Null, "t"), true, true),
            (page(Value::Null, ""), true, false),
            (page(json!(["MANAGE"]), "t"), false, false),
        ] {
            assert_eq!(granted(&page, allowed).map(|page| page.may_message), Some(expected), "{page}");
        }
        let page = granted(&json!({ "id": 5, "instagram_business_account": { "id": 9 } }), true).expect("a page");
        assert_eq!((page.id.as_str(), page.name.as_str()), ("5", "5"));
        assert_eq!(page.instagram, Some(("9".to_owned(), "9".to_owned())));
        assert!(granted(&json!({ "name": "x" }), true).is_none());
    }

    #[test]
    fn a_page_shows_no_token() {
        let page = granted(&json!({ "id": "5", "access_token": "EAAsecret" }), true).expect("a page");
        assert!(!format!("{page:?}").contains("EAA"));
    }
}
