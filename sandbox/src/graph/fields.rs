//! The `fields` parameter: what a call asks for, down to the braces. Owns what an unknown field is answered with. Pure.
//! Source: Graph API "Field expansion".

use serde_json::{Map, Value};

use super::error::GraphError;

/// The names asked for at the top, without what stands in their braces and modifiers.
pub(super) fn names(fields: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    fields
        .split(|c| {
            match c {
                '{' | '(' => depth += 1,
                '}' | ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ',' && depth == 0
        })
        .map(|part| part.split(['{', '.', '(']).next().unwrap_or_default().trim())
        .filter(|name| !name.is_empty())
        .collect()
}

/// The fields asked for, and always the id; without a list what Meta gives by itself. A field is refused when it is neither there nor one
/// that may be missing.
pub(super) fn chosen(known: &Value, fields: Option<&str>, may_miss: &[&str]) -> Result<Value, GraphError> {
    let Some(fields) = fields else {
        let plain = known.as_object().into_iter().flatten().filter(|(key, _)| matches!(key.as_str(), "id" | "name"));
        return Ok(Value::Object(plain.map(|(key, value)| (key.clone(), value.clone())).collect()));
    };
    let mut out = Map::new();
    for field in names(fields).into_iter().chain(["id"]) {
        match known.get(field) {
            Some(value) => drop(out.insert(field.to_owned(), value.clone())),
            None if may_miss.contains(&field) => {}
            None => return Err(GraphError::no_field(field)),
        }
    }
    Ok(Value::Object(out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn names_are_those_at_the_top() {
        let fields = "id, from,attachments{mime_type,name,image_data{url}},messages.limit(5){id,to},";
        assert_eq!(names(fields), ["id", "from", "attachments", "messages"]);
    }

    #[test]
    fn what_is_unknown_is_refused_and_what_is_missing_left_out() {
        let known = json!({ "id": "1", "name": "x", "tasks": [] });
        assert_eq!(chosen(&known, None, &[]).expect("fields"), json!({ "id": "1", "name": "x" }));
        assert_eq!(chosen(&known, Some("tasks,link"), &["link"]).expect("fields"), json!({ "id": "1", "tasks": [] }));
        assert!(chosen(&known, Some("link"), &[]).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart(text in any::<String>()) {
            prop_assert!(names(&text).iter().all(|name| !name.is_empty() && text.contains(name)));
        }
    }
}
