//! The evaluation set as it lies in the repository (e2e/eval/README.md).

use std::collections::HashMap;
use std::path::Path;

use chatdesk_proto::catalog::v1::{CreateProductRequest, ProductStatus, Variant};
use serde_json::Value;

/// A question and what it should find.
pub struct Question {
    /// What it tries.
    pub kind: String,
    /// Keys of products, any of which is right.
    pub expected: Vec<String>,
    /// What the customer said before, oldest first.
    pub history: Vec<String>,
    /// What they ask now.
    pub text: String,
}

/// All of it.
pub struct Set {
    /// By key.
    pub products: Vec<(String, CreateProductRequest)>,
    /// In the file's order.
    pub questions: Vec<Question>,
    /// What an owner would enter: customers' words, the shop's words.
    pub synonyms: Vec<(String, String)>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn product(value: &Value) -> (String, CreateProductRequest) {
    let variant = |value: &Value| Variant {
        name: text(&value["name"]),
        sku: text(&value["sku"]),
        price_minor: value["price_minor"].as_i64(),
        stock: value["stock"].as_i64(),
        attributes: value["attributes"]
            .as_object()
            .map(|all| all.iter().map(|(name, value)| (name.clone(), text(value))).collect::<HashMap<_, _>>())
            .unwrap_or_default(),
    };
    let status = match value["status"].as_str() {
        Some("out_of_stock") => ProductStatus::OutOfStock,
        _ => ProductStatus::Available,
    };
    let request = CreateProductRequest {
        name: text(&value["name"]),
        description: text(&value["description"]),
        price_minor: value["price"].as_i64().unwrap_or_default(),
        status: status.into(),
        extra_info: value.get("extra_info").filter(|value| value.is_object()).map(Value::to_string).unwrap_or_default(),
        sku: text(&value["sku"]),
        category: text(&value["category"]),
        stock: value["stock"].as_i64(),
        variants: value["variants"].as_array().map(|all| all.iter().map(variant).collect()).unwrap_or_default(),
        ..CreateProductRequest::default()
    };
    (text(&value["key"]), request)
}

impl Set {
    /// The products and synonyms of the folder with the questions of the file.
    pub fn read(folder: &Path, questions: &Path) -> Self {
        let read = |path: &Path| std::fs::read_to_string(path).expect("a file of the evaluation set");
        let products: Vec<Value> = serde_json::from_str(&read(&folder.join("products.json"))).expect("products");
        let products: Vec<(String, CreateProductRequest)> = products.iter().map(product).collect();
        let question = |line: &str| {
            let mut fields = line.split('\t');
            let mut next = || fields.next().unwrap_or_default().trim().replace("\\n", "\n");
            let (kind, _shop, expected, history, text) = (next(), next(), next(), next(), next());
            let list = |text: &str, between: &str| -> Vec<String> {
                text.split(between).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
            };
            Question { kind, expected: list(&expected, ","), history: list(&history, "||"), text }
        };
        let questions: Vec<Question> =
            read(questions).lines().skip(1).filter(|line| !line.trim().is_empty()).map(question).collect();
        for question in &questions {
            for key in &question.expected {
                assert!(products.iter().any(|(known, _)| known == key), "{key} is no product, in: {}", question.text);
            }
            assert!(!question.expected.is_empty() && !question.text.is_empty(), "a question without an answer");
        }
        let synonyms = read(&folder.join("synonyms.tsv"));
        let synonyms = synonyms.lines().filter_map(|line| line.split_once('\t'));
        let synonyms = synonyms.map(|(typed, meant)| (typed.trim().to_owned(), meant.trim().to_owned())).collect();
        Self { products, questions, synonyms }
    }
}
