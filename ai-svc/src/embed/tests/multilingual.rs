//! multilingual-e5-small, as `make multilingual` converts it. `make test` names its folder in MULTILINGUAL_MODEL; without it there is nothing
//! to test here.

use super::exact_cosine;
use crate::embed::{Model, Purpose};
use serde::Deserialize;
use std::sync::OnceLock;

/// Made from the converted weights in double precision, with the tokenizer of the package that they come from, by a program of its own.
const ANSWERS: &str = include_str!("e5.json");

#[derive(Deserialize)]
struct Answer {
    purpose: String,
    text: String,
    ids: Vec<u32>,
    vector: Vec<f32>,
}

#[expect(clippy::disallowed_methods, reason = "a test has no configuration to be handed")]
fn model() -> Option<&'static Model> {
    static MODEL: OnceLock<Option<Model>> = OnceLock::new();
    let load = || {
        let folder = std::env::var("MULTILINGUAL_MODEL").ok().filter(|folder| !folder.is_empty())?;
        Some(Model::load(folder.as_ref()).expect("the model loads"))
    };
    MODEL.get_or_init(load).as_ref()
}

fn vectors(model: &Model, texts: &[&str]) -> Vec<Vec<f32>> {
    let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    model.embed(&texts, Purpose::Question).unwrap()
}

#[test]
fn tokens_and_vectors_are_those_of_another_implementation() {
    let Some(model) = model() else { return };
    assert!(model.id().starts_with("multilingual-e5-small-"), "{}", model.id());
    let answers: Vec<Answer> = serde_json::from_str(ANSWERS).unwrap();
    assert_eq!(answers.len(), 4);
    for Answer { purpose, text, ids, vector } in answers {
        let purpose = if purpose == "question" { Purpose::Question } else { Purpose::Passage };
        assert_eq!(model.tokens(&text, purpose).unwrap(), ids, "{text}");
        let ours = model.embed(std::slice::from_ref(&text), purpose).unwrap().remove(0);
        let cosine = exact_cosine(&ours, &vector);
        assert!(cosine >= 0.999_99, "{text}: {cosine}");
    }
}

#[test]
fn what_means_the_same_in_two_languages_is_nearest() {
    let Some(model) = model() else { return };
    let vietnamese =
        ["Áo này còn hàng không?", "Giá bao nhiêu?", "Tôi muốn trả hàng", "Bao lâu thì giao tới?", "Có màu đen không?"];
    let english = [
        "Is this shirt in stock?",
        "How much does it cost?",
        "I want to return the goods",
        "How long does delivery take?",
        "Do you have it in black?",
    ];
    let (asked, said) = (vectors(model, &vietnamese), vectors(model, &english));
    for (n, question) in asked.iter().enumerate() {
        let near = |m: &usize| exact_cosine(question, &said[*m]);
        let nearest = (0..said.len()).max_by(|a, b| near(a).total_cmp(&near(b)));
        assert_eq!(nearest, Some(n), "{}", vietnamese[n]);
    }
}

#[test]
fn marks_that_come_apart_and_odd_blanks_are_the_same_text() {
    let Some(model) = model() else { return };
    let tokens = |text: &str| model.tokens(text, Purpose::Passage).unwrap();
    // As some phones send it: each mark by itself.
    assert_eq!(tokens("A\u{301}o \u{111}o\u{309}"), tokens("\u{c1}o \u{111}\u{1ecf}"));
    assert_eq!(tokens("\u{c1}o\u{a0}\u{200b} \u{111}\u{1ecf}\u{7}"), tokens("\u{c1}o \u{111}\u{1ecf}"));
    assert!(tokens(&"áo ".repeat(2000)).len() == 512);
}
