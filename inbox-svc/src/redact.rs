//! Takes one person, or the pages of one business, out of raw bodies that were set aside. Such a body may be worked off yet and holds other
//! people's messages, so it is never emptied: what is theirs makes room for nothing, and every other item keeps its place and its words.

use chatdesk_meta::webhook::{self, Item, Section};
use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use uuid::Uuid;

use crate::intake;
use crate::store::journal::{self, Kept};

/// What stands where something was: an item of no page, which nobody is given.
const NOTHING: (&str, &str) = ("0", "{}");

/// How an item names somebody by Meta's id of them, in JSON without blanks.
#[must_use]
pub fn names(user: &str) -> Vec<String> {
    let text = serde_json::Value::from(user).to_string();
    vec![
        format!(r#""id":{text}"#),
        format!(r#""id":{user},"#),
        format!(r#""id":{user}}}"#),
        format!(r#""user_ref":{text}"#),
    ]
}

/// Whether an item is of a person's conversation, or names them.
#[must_use]
pub fn is_of(item: &Item, user: &str, names: &[String]) -> bool {
    intake::person(item) == user || names.iter().any(|name| item.raw.contains(name))
}

/// Takes items out of all bodies that were set aside and in which one of these ids stands; how many bodies were changed.
pub async fn set_aside(
    tx: &mut TenantTx,
    ids: &[String],
    is_theirs: impl Fn(&Item) -> bool + Sync,
) -> Result<u64, Error> {
    let (mut after, mut changed) = (Uuid::nil(), 0);
    loop {
        let bodies = journal::failed_with(tx, ids, after).await?;
        let Some(last) = bodies.last() else { return Ok(changed) };
        after = last.id;
        for body in bodies {
            if let Some(rest) = without(&body, ids, &is_theirs) {
                journal::rewrite(tx, body.id, &rest).await?;
                changed += 1;
            }
        }
    }
}

/// The body without what is theirs; none when nothing is. One that is no webhook holds nobody's messages, and goes as a whole.
fn without(body: &Kept, ids: &[String], is_theirs: impl Fn(&Item) -> bool) -> Option<Vec<u8>> {
    let items = webhook::parse(body.platform, &body.body).items;
    if items.is_empty() {
        return ids.iter().any(|id| stands_in(&body.body, id)).then(Vec::new);
    }
    if !items.iter().any(&is_theirs) {
        return None;
    }
    let one = |item: &Item| {
        let nothing = is_theirs(item);
        let (page, raw) = if nothing { NOTHING } else { (item.page_id.as_str(), item.raw.as_str()) };
        let section = if nothing { Section::Messaging } else { item.section };
        webhook::envelope(item.platform, page, section, item.entry_ms, raw)
    };
    let each: Vec<Vec<u8>> = items.iter().map(one).collect();
    Some([b"[".as_slice(), &each.join(&b','), b"]"].concat())
}

/// Whether an id stands in a text by itself, not as a part of a longer one.
fn stands_in(text: &[u8], id: &str) -> bool {
    let is_edge = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let found = |(at, window): (usize, &[u8])| {
        window == id.as_bytes()
            && is_edge(at.checked_sub(1).and_then(|at| text.get(at)))
            && is_edge(text.get(at + id.len()))
    };
    !id.is_empty() && text.windows(id.len()).enumerate().any(found)
}

#[cfg(test)]
mod tests {
    use chatdesk_meta::Platform;
    use chrono::DateTime;

    use super::*;

    fn kept(body: &str) -> Kept {
        let (id, received_at) = (Uuid::nil(), DateTime::UNIX_EPOCH);
        Kept { id, platform: Platform::Facebook, body: body.as_bytes().to_vec(), received_at }
    }

    #[test]
    fn what_is_theirs_goes_and_all_else_stays_in_its_place() {
        let body = kept(
            r#"{"object":"page","entry":[
                {"id":"7","time":3,"messaging":[{"sender":{"id":"91234"},"message":{"mid":"a","text":"1234"}},
                    {"sender":{"id": 1234},"message":{"mid":"b","text":"x"}},
                    {"sender":{"id":"7"},"recipient":{"id":"1234"},"message":{"mid":"c","is_echo":true,"text":"y"}}]},
                {"id":"8","standby":[{"sender":{"id":"5"},"message":{"mid":"d","text":"\"id\":\"1234\""}}]}]}"#,
        );
        let names = names("1234");
        let rest = without(&body, &["1234".to_owned()], |item| is_of(item, "1234", &names)).unwrap();
        let (before, after) =
            (webhook::parse(Platform::Facebook, &body.body), webhook::parse(Platform::Facebook, &rest));
        assert_eq!(after.unparsed, None);
        assert_eq!((&after.items[0], &after.items[3]), (&before.items[0], &before.items[3]));
        for gone in &after.items[1..3] {
            assert_eq!((gone.page_id.as_str(), gone.raw.as_str()), NOTHING);
        }
        let rest = kept(std::str::from_utf8(&rest).unwrap());
        assert_eq!(without(&rest, &["1234".to_owned()], |item| is_of(item, "1234", &names)), None);
    }

    #[test]
    fn what_is_no_webhook_goes_where_the_id_stands_by_itself() {
        let gone = |body: &str| without(&kept(body), &["1234".to_owned()], |_| false);
        assert_eq!(gone(r#"{"sender":"1234""#), Some(Vec::new()));
        assert_eq!(gone("1234"), Some(Vec::new()));
        assert_eq!(gone("91234 12345"), None);
    }
}
