//! The rule the model answers by: the first product quoted in the prompt, with its price. Pure and deterministic.
//!
//! It reads products where a prompt quotes them: as JSON objects with a name and a price, or as lines with a labelled price.

use serde_json::{Map, Value, json};

/// Characters that Vietnamese has and English has not, enough to tell a customer's language; and words typed without them.
const VIETNAMESE: &str = "ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ";
const UNACCENTED: [&str; 14] =
    ["bao", "nhieu", "khong", "con", "ko", "gia", "shop", "oi", "minh", "mau", "ao", "quan", "vay", "em"];
const NAMES: [&str; 3] = ["name", "product_name", "tên"];
const PRICES: [&str; 3] = ["price", "giá", "gia"];

/// What the model has to say.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Answer {
    pub(super) reply: String,
    pub(super) product_ids: Vec<String>,
    pub(super) handover: bool,
    pub(super) reason: String,
}

/// The form asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'a> {
    Text,
    Json,
    Schema(&'a Value),
}

#[derive(Debug, Default, PartialEq)]
struct Product {
    id: Option<String>,
    name: String,
    price: String,
}

/// Answers the last message from the products that the others quote, or that it quotes itself.
pub(super) fn by_rule(messages: &[(&str, &str)]) -> Answer {
    let question = messages.iter().rev().find(|(role, _)| *role == "user").map_or("", |(_, content)| content);
    let earlier = messages.iter().map(|(_, content)| *content).filter(|content| *content != question);
    let texts: Vec<&str> = earlier.chain([question]).collect();
    // JSON is certainly data; a line with a price may be the shop's policies.
    let product = texts.iter().find_map(|text| in_json(text)).or_else(|| texts.iter().find_map(|text| in_lines(text)));
    // A prompt may carry the question at the end of a longer message.
    let asked = question.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let english = !is_vietnamese(asked);
    match product {
        Some(Product { id, name, price }) => Answer {
            reply: if english { format!("{name} is {price}.") } else { format!("Dạ {name} giá {price} ạ.") },
            product_ids: id.into_iter().collect(),
            ..Answer::default()
        },
        None => Answer {
            reply: if english {
                "Hello! What are you looking for?"
            } else {
                "Dạ em chào anh chị ạ. Anh chị cần tìm gì ạ?"
            }
            .to_owned(),
            ..Answer::default()
        },
    }
}

/// The answer as the model's output.
pub(super) fn shaped(answer: &Answer, form: Form<'_>) -> String {
    match form {
        Form::Text => answer.reply.clone(),
        Form::Json => json!({
            "reply": answer.reply, "product_ids": answer.product_ids, "handover": answer.handover, "reason": answer.reason,
        })
        .to_string(),
        Form::Schema(schema) => object(answer, schema).to_string(),
    }
}

/// Every property of the schema, filled by its name where that is known and else with the least its type allows.
fn object(answer: &Answer, schema: &Value) -> Value {
    let properties = schema["properties"].as_object();
    let filled = properties.into_iter().flatten().map(|(key, of)| {
        let nullable = of["type"].as_array().is_some_and(|types| types.contains(&json!("null")));
        let value = match key.as_str() {
            "reply" | "answer" | "text" => json!(answer.reply),
            "product_ids" => json!(answer.product_ids),
            "handover" => json!(answer.handover),
            "reason" if allowed(of, &answer.reason) => json!(answer.reason),
            _ if nullable => Value::Null,
            _ => least(of),
        };
        (key.clone(), value)
    });
    Value::Object(filled.collect::<Map<_, _>>())
}

fn allowed(of: &Value, text: &str) -> bool {
    match of["enum"].as_array() {
        Some(list) => list.contains(&json!(text)),
        None => !text.is_empty() || of["type"] == json!("string"),
    }
}

fn least(of: &Value) -> Value {
    if let Some(first) = of["enum"].as_array().and_then(|list| list.first()) {
        return first.clone();
    }
    match of["type"].as_str() {
        Some("string") => json!(""),
        Some("array") => json!([]),
        Some("boolean") => json!(false),
        Some("integer" | "number") => json!(0),
        Some("object") => json!({}),
        _ => Value::Null,
    }
}

/// The first JSON object in the text that has a name and a price, however deep.
fn in_json(text: &str) -> Option<Product> {
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let from = rest.get(start..)?;
        let mut values = serde_json::Deserializer::from_str(from).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => {
                if let Some(product) = of_value(&value) {
                    return Some(product);
                }
                rest = from.get(values.byte_offset()..)?;
            }
            _ => rest = from.get(1..)?,
        }
    }
    None
}

fn of_value(value: &Value) -> Option<Product> {
    match value {
        Value::Array(list) => list.iter().find_map(of_value),
        Value::Object(map) => {
            let text = |keys: &[&str]| keys.iter().find_map(|key| plain(map.get(*key)?));
            match (text(&NAMES), text(&PRICES)) {
                (Some(name), Some(price)) => {
                    Some(Product { id: text(&["id", "product_id"]), name, price: dong(&price) })
                }
                _ => map.values().find_map(of_value),
            }
        }
        _ => None,
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The first product of labelled lines: `name: …` and `price: …` below each other, or `{name} - {description} - Giá: {price} - …`.
fn in_lines(text: &str) -> Option<Product> {
    let mut open = Product::default();
    for line in text.lines() {
        let line = line.trim().trim_start_matches(['-', '*', '•', '>', '|', ' ']);
        if let Some(id) = uuid_in(line) {
            open.id = Some(id);
        }
        if let Some((label, value)) = line.split_once(':') {
            let (label, value) = (label.trim().trim_matches('"').to_lowercase(), value.trim().trim_matches(['"', ',']));
            if NAMES.contains(&label.as_str()) {
                value.clone_into(&mut open.name);
                continue;
            }
            if PRICES.contains(&label.as_str()) && !open.name.is_empty() && has_digit(value) {
                open.price = dong(value);
                return Some(open);
            }
        }
        if let Some((before, price)) = priced(line)
            && let Some(name) =
                before.split(" - ").map(str::trim).find(|part| !part.is_empty() && uuid_in(part).is_none())
        {
            return Some(Product { id: open.id, name: name.to_owned(), price: dong(price) });
        }
    }
    None
}

/// What stands before and after a price's label within a line.
fn priced(line: &str) -> Option<(&str, &str)> {
    let (before, after) = ["Giá:", "giá:", "Price:", "price:"].iter().find_map(|label| line.split_once(label))?;
    let price = after.split([';', '|']).next().unwrap_or(after);
    let price = price.split(" - ").next().unwrap_or(price).trim();
    (!before.trim().is_empty() && has_digit(price)).then_some((before, price))
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

fn uuid_in(line: &str) -> Option<String> {
    line.split(|c: char| !c.is_ascii_hexdigit() && c != '-')
        .find(|word| word.len() == 36 && uuid::Uuid::try_parse(word).is_ok())
        .map(str::to_owned)
}

/// A bare number as shops write it; anything else as it stands.
fn dong(price: &str) -> String {
    let price = price.trim();
    let bare = price.strip_suffix(".00").unwrap_or(price);
    if bare.is_empty() || !bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return price.to_owned();
    }
    let mut out = String::new();
    for (at, digit) in bare.chars().enumerate() {
        if at > 0 && (bare.len() - at).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out + "đ"
}

fn is_vietnamese(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.chars().any(|c| VIETNAMESE.contains(c))
        || lower.split(|c: char| !c.is_alphanumeric()).any(|word| UNACCENTED.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn first_product(text: &str) -> Option<Product> {
        in_json(text).or_else(|| in_lines(text))
    }

    const ID: &str = "0198c0de-0000-7000-8000-000000000001";

    #[test]
    fn products_are_found_in_every_way_of_quoting() {
        let expected = |id: Option<&str>| Product {
            id: id.map(str::to_owned),
            name: "Áo thun đỏ".to_owned(),
            price: "150.000đ".to_owned(),
        };
        for (text, id) in [
            (format!(r#"Sản phẩm: [{{"id":"{ID}","name":"Áo thun đỏ","price":150000}}] Hết."#), Some(ID)),
            (format!(r#"{{x}} {{"products":[{{"id":"{ID}","name":"Áo thun đỏ","price":"150.000đ"}}]}}"#), Some(ID)),
            (format!("<product id=\"{ID}\">\nname: Áo thun đỏ\nprice: 150000\n</product>"), Some(ID)),
            (format!("id: {ID}\nTên: Áo thun đỏ\nGiá: 150.000đ\n"), Some(ID)),
            (format!("[{ID}] - Áo thun đỏ - Vải mềm - Giá: 150.000đ - còn hàng"), Some(ID)),
            ("- Áo thun đỏ - Vải mềm - Giá: 150000 - available".to_owned(), None),
        ] {
            assert_eq!(first_product(&text), Some(expected(id)), "{text}");
        }
        for text in ["", "{", "giá: 5", "Xin chào", r#"{"name":"x"}"#, "name: x\nprice: liên hệ"] {
            assert_eq!(first_product(text), None, "{text}");
        }
    }

    #[test]
    fn the_answer_is_in_the_questions_language() {
        let system = format!(r#"{{"id":"{ID}","name":"Áo thun đỏ","price":150000}}"#);
        let policies = "Gói quà - Giá: 15.000đ";
        let reply = |question| by_rule(&[("system", policies), ("system", &system), ("user", question)]);
        assert_eq!(reply("áo thun giá bao nhiêu?").reply, "Dạ Áo thun đỏ giá 150.000đ ạ.");
        assert_eq!(reply("ao thun gia sao").reply, "Dạ Áo thun đỏ giá 150.000đ ạ.");
        assert_eq!(reply("How much is the red tee?").reply, "Áo thun đỏ is 150.000đ.");
        assert_eq!(reply("x").product_ids, [ID]);
        assert_eq!(by_rule(&[("user", "hello")]).product_ids, Vec::<String>::new());
    }

    #[test]
    fn a_schema_is_filled_whatever_it_asks() {
        let schema = json!({ "type": "object", "properties": {
            "reply": { "type": "string" }, "product_ids": { "type": "array" }, "handover": { "type": "boolean" },
            "reason": { "type": "string", "enum": ["none", "price"] }, "mood": { "type": ["string", "null"] }, "n": { "type": "integer" },
        }});
        let answer = Answer { reply: "Dạ".to_owned(), ..Answer::default() };
        let expected =
            json!({ "reply": "Dạ", "product_ids": [], "handover": false, "reason": "none", "mood": null, "n": 0 });
        assert_eq!(shaped(&answer, Form::Schema(&schema)), expected.to_string());
        assert_eq!(shaped(&answer, Form::Text), "Dạ");
    }

    proptest! {
        #[test]
        fn no_prompt_breaks_it(text in any::<String>(), odd in "[{}\\[\\]\":,a-zGiá0-9 \n-]{0,200}") {
            by_rule(&[("system", &text), ("user", &odd)]);
        }
    }
}
