//! The items of what happens to messages and conversations. Each is sender, recipient and time, and one key that says what it is.
//! Sources: Messenger Platform, the pages of its webhook events; Instagram Messaging "Webhooks".

use serde_json::{Map, Value, json};

/// Between whom, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) page_id: &'a str,
    pub(crate) customer_id: &'a str,
    /// Whether the business did it.
    pub(crate) by_page: bool,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
    /// Whether the time is told in seconds, as some of Meta's referrals were seen to be.
    pub(crate) in_seconds: bool,
}

impl Frame<'_> {
    /// The item that says `what` under a key.
    pub(crate) fn item(&self, key: &str, what: Value) -> Value {
        let (from, to) = if self.by_page { (self.page_id, self.customer_id) } else { (self.customer_id, self.page_id) };
        let mut item = json!({ "sender": { "id": from }, "recipient": { "id": to }, "timestamp": self.time() });
        item[key] = what;
        item
    }

    /// An item without a sender.
    pub(crate) fn of_page(&self, key: &str, what: Value) -> Value {
        let mut item = json!({ "recipient": { "id": self.page_id }, "timestamp": self.time() });
        item[key] = what;
        item
    }

    const fn time(&self) -> i64 {
        if self.in_seconds { self.at / 1000 } else { self.at }
    }
}

/// A message was taken back.
pub(crate) fn unsend(frame: &Frame<'_>, mid: &str) -> Value {
    let mut message = json!({ "mid": mid, "is_deleted": true });
    if frame.by_page {
        message["is_echo"] = json!(true);
    }
    frame.item("message", message)
}

/// A message's text was changed for the `number`th time.
pub(crate) fn edit(frame: &Frame<'_>, mid: &str, text: &str, number: u32) -> Value {
    frame.item("message_edit", json!({ "mid": mid, "text": text, "num_edit": number }))
}

/// A reaction was set, or taken back when there is none: then name and emoji are left out.
pub(crate) fn reaction(frame: &Frame<'_>, mid: &str, reaction: Option<(&str, &str)>) -> Value {
    frame.item(
        "reaction",
        match reaction {
            Some((name, emoji)) => json!({ "mid": mid, "action": "react", "reaction": name, "emoji": emoji }),
            None => json!({ "mid": mid, "action": "unreact" }),
        },
    )
}

/// A button was tapped.
pub(crate) fn postback(
    frame: &Frame<'_>,
    mid: Option<&str>,
    title: &str,
    payload: Option<&str>,
    referral: Option<&Value>,
) -> Value {
    let mut postback = Map::from_iter([("title".to_owned(), json!(title))]);
    for (key, value) in [("mid", mid), ("payload", payload)] {
        postback.extend(value.map(|value| (key.to_owned(), json!(value))));
    }
    postback.extend(referral.map(|referral| ("referral".to_owned(), referral.clone())));
    frame.item("postback", Value::Object(postback))
}

/// Who answers a conversation from now on. A request names only who asks.
pub(crate) fn handover(
    frame: &Frame<'_>,
    change: Change,
    to: Option<&str>,
    from: Option<&str>,
    metadata: &str,
) -> Value {
    match change {
        Change::Request => frame.item(
            "request_thread_control",
            json!({ "requested_owner_app_id": to.and_then(|id| id.parse::<u64>().ok()), "metadata": metadata }),
        ),
        Change::Pass | Change::Take => frame.item(
            if change == Change::Pass { "pass_thread_control" } else { "take_thread_control" },
            json!({ "previous_owner_app_id": from, "new_owner_app_id": to, "metadata": metadata }),
        ),
    }
}

/// Which way a conversation changes hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Pass,
    Take,
    Request,
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame<'_> =
        Frame { page_id: "1", customer_id: "2", by_page: false, at: 1_795_366_800_123, in_seconds: false };

    #[test]
    fn sides_and_times_are_told() {
        let of = |frame: Frame<'_>| frame.item("x", json!(1));
        let item = of(FRAME);
        assert_eq!((&item["sender"]["id"], &item["recipient"]["id"]), (&json!("2"), &json!("1")));
        assert_eq!(item["timestamp"], json!(1_795_366_800_123_i64));
        let item = of(Frame { by_page: true, in_seconds: true, ..FRAME });
        assert_eq!((&item["sender"]["id"], &item["timestamp"]), (&json!("1"), &json!(1_795_366_800)));
        assert_eq!(FRAME.of_page("x", json!(1)).get("sender"), None);
    }

    #[test]
    fn what_there_is_none_of_is_left_out() {
        assert_eq!(reaction(&FRAME, "m", None)["reaction"], json!({ "mid": "m", "action": "unreact" }));
        assert_eq!(postback(&FRAME, None, "A", None, None)["postback"], json!({ "title": "A" }));
        let taken = handover(&FRAME, Change::Take, Some("7"), None, "");
        assert_eq!(taken["take_thread_control"]["previous_owner_app_id"], Value::Null);
        let asked = handover(&FRAME, Change::Request, Some("7"), None, "");
        assert_eq!(asked["request_thread_control"]["requested_owner_app_id"], json!(7));
        assert_eq!(unsend(&Frame { by_page: true, ..FRAME }, "m")["message"]["is_echo"], json!(true));
    }
}
