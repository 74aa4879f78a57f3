//! Webhook bodies as Meta sends them.

use chatdesk_platform::Clock;
use serde_json::{Value, json};

use crate::house::Shop;

pub fn now_ms() -> i64 {
    Clock::system().now().timestamp_millis()
}

pub fn hours_ago(hours: i64) -> i64 {
    now_ms() - hours * 3_600_000
}

/// A body of the shop's Facebook page.
pub fn page(shop: &Shop, items: Vec<Value>) -> Value {
    json!({"object": "page", "entry": [{"id": shop.facebook.1, "time": now_ms(), "messaging": Value::Array(items)}]})
}

/// A body of the shop's Instagram account.
pub fn account(shop: &Shop, items: Vec<Value>) -> Value {
    json!({"object": "instagram", "entry": [{"id": shop.instagram.1, "time": now_ms(), "messaging": Value::Array(items)}]})
}

pub fn message(user: &str, mid: &str, text: &str, at: i64) -> Value {
    json!({"sender": {"id": user}, "recipient": {"id": "page"}, "timestamp": at, "message": {"mid": mid, "text": text}})
}

/// Anything else that happens with a customer, under its key.
pub fn event(user: &str, key: &str, value: Value, at: i64) -> Value {
    let mut item = json!({"sender": {"id": user}, "recipient": {"id": "page"}, "timestamp": at});
    item[key] = value;
    item
}

pub fn echo(user: &str, mid: &str, text: &str, metadata: Option<&str>) -> Value {
    let mut item = json!({"sender": {"id": "page"}, "recipient": {"id": user}, "timestamp": now_ms(),
        "message": {"mid": mid, "text": text, "is_echo": true}});
    if let Some(metadata) = metadata {
        item["message"]["metadata"] = json!(metadata);
    }
    item
}
