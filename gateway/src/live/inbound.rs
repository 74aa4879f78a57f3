//! What a client may say on its socket: resume, typing, presence. Everything else is answered with an error frame.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::fields::Fields;

/// What a client said.
#[derive(Debug, PartialEq, Eq)]
pub enum Inbound {
    /// It has everything up to a seq and wants the rest.
    Resume {
        /// The last seq it has.
        after: u64,
    },
    /// Its person writes in a conversation, or stopped.
    Typing(Typing),
    /// Its person came, went, or looks at a conversation.
    Presence(Presence),
}

/// For the tenant's other sockets.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Typing {
    conversation_id: Uuid,
    is_typing: bool,
}

/// For the tenant's other sockets.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Presence {
    state: &'static str,
    conversation_id: Option<Uuid>,
}

/// A relayed payload with the person it is about.
#[derive(Serialize)]
pub struct About<'a, T> {
    /// Who.
    pub user_id: Uuid,
    /// What.
    #[serde(flatten)]
    pub what: &'a T,
}

/// Reads a frame; the code says what is wrong with it. Unknown fields never travel on.
pub fn parse(text: &str) -> Result<Inbound, &'static str> {
    let Ok(Value::Object(map)) = serde_json::from_str(text) else { return Err("malformed_json") };
    let kind = map.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut fields = Fields::new(map);
    let said = match kind.as_str() {
        "resume" => Some(Inbound::Resume { after: fields.whole("after") }),
        "typing" => fields.nested("data", |data| {
            let is_typing = data.flag_opt("is_typing").unwrap_or(true);
            data.id("conversation_id").map(|conversation_id| Inbound::Typing(Typing { conversation_id, is_typing }))
        }),
        "presence" => fields.nested("data", |data| {
            let state = data.choice_opt("state", &[("online", "online"), ("away", "away"), ("offline", "offline")]);
            let conversation_id = data.has("conversation_id").then(|| data.id("conversation_id")).flatten();
            state.map(|state| Inbound::Presence(Presence { state, conversation_id }))
        }),
        _ => return Err("unknown_type"),
    };
    fields.finish().map_err(|_| "invalid_fields")?;
    said.ok_or("invalid_fields")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "0198f000-0000-7000-8000-000000000001";

    #[test]
    fn known_frames_are_read() {
        assert_eq!(parse(r#"{"type":"resume","after":7}"#), Ok(Inbound::Resume { after: 7 }));
        let typing = parse(&format!(r#"{{"type":"typing","data":{{"conversation_id":"{ID}","evil":"x"}}}}"#));
        let conversation_id: Uuid = ID.parse().unwrap();
        assert_eq!(typing, Ok(Inbound::Typing(Typing { conversation_id, is_typing: true })));
        let presence = parse(r#"{"type":"presence","data":{"state":"away"}}"#);
        assert_eq!(presence, Ok(Inbound::Presence(Presence { state: "away", conversation_id: None })));
    }

    #[test]
    fn others_are_refused_with_a_reason() {
        for (text, code) in [
            ("", "malformed_json"),
            ("[]", "malformed_json"),
            ("{}", "unknown_type"),
            (r#"{"type":"subscribe","data":{}}"#, "unknown_type"),
            (r#"{"type":"resume"}"#, "invalid_fields"),
            (r#"{"type":"resume","after":-1}"#, "invalid_fields"),
            (r#"{"type":"resume","after":"7"}"#, "invalid_fields"),
            (r#"{"type":"typing"}"#, "invalid_fields"),
            (r#"{"type":"typing","data":{"conversation_id":"x"}}"#, "invalid_fields"),
            (r#"{"type":"presence","data":{"state":"dancing"}}"#, "invalid_fields"),
            (r#"{"type":"presence","data":{}}"#, "invalid_fields"),
        ] {
            assert_eq!(parse(text), Err(code), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            drop(parse(&text));
        }
    }
}
