//! The reading of fields, one by one and all at once.

use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::*;
use crate::visible::is_blank;

fn fields(value: Value) -> Fields {
    let Value::Object(map) = value else { panic!("an object") };
    Fields::new(map)
}

fn noted(fields: Fields) -> Vec<(String, String)> {
    match fields.invalid.finish() {
        Err(Error::Invalid(all)) => all.into_iter().map(|one| (one.field, one.code)).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let mut read = fields(json!({
        "name": 5, "short": "a", "long": "abcd", "nul": "a\0", "empty": "", "flag": "yes", "mail": "x",
        "choice": "c", "tags": ["a", 1], "info": [], "id": "7", "nested": {"x": 1}, "list": [{}, 3],
    }));
    read.text("name", 1..=5);
    read.text("absent", 0..=5);
    read.text("short", 2..=5);
    read.text("long", 1..=3);
    read.text("nul", 0..=5);
    read.text_opt("empty", 1..=5);
    read.flag("flag");
    read.email("mail");
    read.choice_opt("choice", &[("a", 1), ("b", 2)]);
    read.texts_opt("tags", 1..=3, 1..=5);
    read.object_opt("info", 100);
    read.id("id");
    read.nested("nested", |inner| inner.text("x", 0..=1));
    read.list("list", 5, |inner| inner.text("y", 0..=1));
    let wanted = [
        ("name", "wrong_type"),
        ("absent", "required"),
        ("short", "too_short"),
        ("long", "too_long"),
        ("nul", "malformed"),
        ("empty", "required"),
        ("flag", "wrong_type"),
        ("mail", "malformed"),
        ("choice", "unknown_value"),
        ("tags[1]", "wrong_type"),
        ("info", "wrong_type"),
        ("id", "malformed"),
        ("nested.x", "wrong_type"),
        ("list[0].y", "required"),
        ("list[1]", "wrong_type"),
    ];
    let wanted: Vec<_> = wanted.map(|(field, code)| (field.to_owned(), code.to_owned())).into();
    assert_eq!(noted(read), wanted);
}

#[test]
fn null_is_absent_and_the_unknown_is_ignored() {
    let mut read = fields(json!({"a": null, "tenant_id": "other", "b": "x"}));
    assert_eq!(read.text_opt("a", 1..=5), None);
    assert_eq!(read.text("b", 1..=5), "x");
    assert!(noted(read).is_empty());
}

#[test]
fn blanks_are_nothing_where_something_is_needed_but_count_in_a_secret() {
    let mut read = fields(json!({"a": " \u{200B}", "b": "\u{202E}", "c": ["\t"], "d": " ", "e": "   ", "f": ""}));
    read.text("a", 1..=5);
    read.text_opt("b", 1..=5);
    read.texts_opt("c", 1..=3, 1..=5);
    assert_eq!(read.text("d", 0..=5), " ");
    assert_eq!(read.secret("e", 3..=5).expose_secret(), "   ");
    read.secret("f", 1..=5);
    let wanted = ["a", "b", "c[0]", "f"].map(|field| (field.to_owned(), "required".to_owned()));
    assert_eq!(noted(read), wanted);
}

#[test]
fn nul_hides_nowhere_in_an_object() {
    for value in [json!({"a": ["\0"]}), json!({"\0": 1}), json!({"a": {"b": "x\0"}})] {
        let mut read = fields(json!({ "info": value }));
        assert_eq!(read.object_opt("info", 100), None);
    }
    let mut read = fields(json!({"info": {"a": "\\u0000"}}));
    assert!(read.object_opt("info", 100).is_some());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("[a-f]{1,2}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_object_is_read_or_refused_by_name(
        map in prop::collection::hash_map("[a-h]", any_json(), 0..8)
    ) {
        let mut read = Fields::new(map.clone().into_iter().collect());
        let text = read.text("a", 1..=4);
        read.text_opt("b", 0..=4);
        read.flag("c");
        read.choice_opt("d", &[("x", ())]);
        read.texts_opt("e", 0..=3, 0..=4);
        read.object_opt("f", 64);
        read.list("g", 4, |inner| { inner.email("a"); inner.whole("b"); inner.id("c"); });
        read.amount_opt("h");
        let noted = noted(read);
        let refused = |name: &str| noted.iter().any(|(field, _)| field == name);
        let good = map.get("a").and_then(Value::as_str)
            .is_some_and(|a| (1..=4).contains(&a.chars().count()) && !a.contains('\0') && !is_blank(a));
        prop_assert_eq!(good, !refused("a"));
        prop_assert_eq!(good, !text.is_empty());
        prop_assert_eq!(map.get("c").is_some_and(Value::is_boolean), !refused("c"));
        for (field, _) in &noted {
            prop_assert!(field.starts_with(|first| ('a'..='h').contains(&first)));
        }
    }
}
