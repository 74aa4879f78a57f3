//! The stand-in's conversations: one with customer 71 and an older one with 72, in pages of one.

use axum::response::Response;
use serde_json::{Value, json};

use super::reply;

/// What was said with customer 71, newest first.
fn messages(page: &str) -> [Value; 3] {
    let message = |mid: &str, from: &str, text: &str, second: u32| {
        let created = format!("2026-11-22T08:15:{second:02}+0000");
        json!({"id": mid, "from": {"id": from}, "message": text, "created_time": created})
    };
    let mut picture = message("m_2", "71", "", 20);
    let image = json!({"mime_type": "image/png", "name": "a.png", "image_data": {"url": "https://cdn.example/a.png"}});
    picture["attachments"] = json!({"data": [image]});
    [message("m_3", page, "Dạ còn ạ", 30), picture, message("m_1", "71", "Còn không?", 10)]
}

/// The answer to a read of conversations; none when it is no such read.
pub fn answer(rest: &[&str], page: &str, query: &[(String, String)]) -> Option<Response> {
    let of = |name: &str| query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    Some(match rest {
        [_, "conversations"] if of("user_id") == "71" => reply(200, &json!({"data": [{"id": "t_71"}]})),
        [_, "conversations"] if !of("user_id").is_empty() => reply(200, &json!({"data": []})),
        [_, "conversations"] => {
            let thread = |customer: &str, hour: u32| {
                let people = json!([{"id": page, "name": "Page"}, {"id": customer, "name": "Lan"}]);
                let updated = format!("2026-11-22T{hour:02}:00:00+0000");
                json!({"id": format!("t_{customer}"), "updated_time": updated, "participants": {"data": people}})
            };
            let next = json!({"cursors": {"after": "c2"}, "next": "https://x.example/?after=c2"});
            match of("after") {
                "c2" => reply(200, &json!({"data": [thread("72", 6)]})),
                _ => reply(200, &json!({"data": [thread("71", 8)], "paging": next})),
            }
        }
        ["t_71", "messages"] => {
            let all = messages(page);
            match of("after") {
                "c3" => reply(200, &json!({"data": all[2..]})),
                _ => {
                    let next = json!({"cursors": {"after": "c3"}, "next": "https://x.example/?after=c3"});
                    reply(200, &json!({"data": all[..2], "paging": next}))
                }
            }
        }
        ["m_gone"] => reply(400, &json!({"error": {"message": "No", "code": 100, "error_subcode": 33}})),
        [mid] if mid.starts_with("m_") => {
            reply(200, messages(page).iter().find(|message| message["id"] == *mid).unwrap_or(&Value::Null))
        }
        _ => return None,
    })
}
