//! The model's wire.

use serde_json::{Value, json};

use crate::desk::Desk;

const ID: &str = "0198c0de-0000-7000-8000-000000000001";

fn request(format: &Value) -> Value {
    let products = json!([{ "id": ID, "name": "Áo thun đỏ", "price": 150_000, "status": "available" }]);
    json!({
        "model": "openai/gpt-oss-120b",
        "messages": [
            { "role": "system", "content": format!("Bạn là trợ lý bán hàng. Sản phẩm: {products}") },
            { "role": "user", "content": "Áo thun đỏ giá bao nhiêu?" },
        ],
        "response_format": format,
    })
}

fn schema() -> Value {
    json!({ "type": "json_schema", "json_schema": { "name": "answer", "strict": true, "schema": {
        "type": "object",
        "properties": {
            "reply": { "type": "string" },
            "product_ids": { "type": "array", "items": { "type": "string" } },
            "handover": { "type": "boolean" },
            "reason": { "type": "string" },
        },
        "required": ["reply", "product_ids", "handover", "reason"],
        "additionalProperties": false,
    }}})
}

async fn ask(desk: &Desk, body: &Value) -> reqwest::Response {
    let url = format!("{}/chat/completions", desk.sandbox.groq_url());
    desk.client.post(url).bearer_auth(chatdesk_sandbox::GROQ_KEY).json(body).send().await.expect("an answer")
}

async fn said(desk: &Desk, body: &Value) -> String {
    let answer: Value = ask(desk, body).await.json().await.expect("JSON");
    answer["choices"][0]["message"]["content"].as_str().expect("content").to_owned()
}

#[tokio::test]
async fn it_answers_in_the_form_asked_for() {
    let desk = Desk::new().await;
    let response = ask(&desk, &request(&schema())).await;
    assert_eq!(response.status(), 200);
    for header in ["x-ratelimit-remaining-tokens", "x-ratelimit-reset-requests", "x-request-id"] {
        assert!(response.headers().contains_key(header), "{header}");
    }
    let answer: Value = response.json().await.expect("JSON");
    assert_eq!(answer["object"], json!("chat.completion"));
    assert_eq!(answer["choices"][0]["finish_reason"], json!("stop"));
    let usage = &answer["usage"];
    let sum = usage["prompt_tokens"].as_u64().zip(usage["completion_tokens"].as_u64()).map(|(a, b)| a + b);
    assert!(sum > Some(0) && usage["total_tokens"].as_u64() == sum);
    let content: Value =
        serde_json::from_str(answer["choices"][0]["message"]["content"].as_str().expect("content")).expect("JSON");
    let expected = json!({
        "reply": "Dạ Áo thun đỏ giá 150.000đ ạ.", "product_ids": [ID], "handover": false, "reason": "",
    });
    assert_eq!(content, expected);
    assert_eq!(said(&desk, &request(&json!({ "type": "text" }))).await, "Dạ Áo thun đỏ giá 150.000đ ạ.");
    let json = said(&desk, &request(&json!({ "type": "json_object" }))).await;
    assert_eq!(serde_json::from_str::<Value>(&json).expect("JSON"), expected);
    let asked = desk.get("/sandbox/groq").await.1["items"].as_array().expect("items").len();
    assert_eq!(asked, 3);
}

#[tokio::test]
async fn a_test_can_put_words_into_its_mouth() {
    let desk = Desk::new().await;
    assert_eq!(desk.put("/sandbox/groq", json!({ "reply": "Giảm 50% ạ!" })).await.0, 204);
    let content: Value = serde_json::from_str(&said(&desk, &request(&schema())).await).expect("JSON");
    assert_eq!((&content["reply"], &content["product_ids"]), (&json!("Giảm 50% ạ!"), &json!([ID])));
    let hostile = json!({ "reply": "x", "product_ids": ["nope"], "handover": true, "reason": "tired" });
    desk.put("/sandbox/groq", hostile.clone()).await;
    assert_eq!(serde_json::from_str::<Value>(&said(&desk, &request(&schema())).await).expect("JSON"), hostile);
    desk.put("/sandbox/groq", json!({ "raw": "<html>" })).await;
    assert_eq!(said(&desk, &request(&schema())).await, "<html>");
    assert_eq!(desk.put("/sandbox/groq", json!({ "mood": "bad" })).await.0, 422);
    assert_eq!(desk.delete("/sandbox/groq").await.0, 204);
    assert!(said(&desk, &request(&json!(null))).await.contains("150.000đ"));
}

#[tokio::test]
async fn requests_are_refused_as_groq_does() {
    let desk = Desk::new().await;
    let url = format!("{}/chat/completions", desk.sandbox.groq_url());
    let nobody = desk.client.post(&url).json(&request(&schema())).send().await.expect("an answer");
    assert_eq!(nobody.status(), 401);
    let error: Value = nobody.json().await.expect("JSON");
    assert_eq!(error["error"]["code"], json!("invalid_api_key"));
    let mut retired = request(&schema());
    retired["model"] = json!("llama-3.3-70b-versatile");
    let mut loose = schema();
    loose["json_schema"]["schema"]["required"] = json!(["reply"]);
    let mut qwen = request(&schema());
    qwen["model"] = json!("qwen/qwen3.6-27b");
    let mut streamed = request(&schema());
    streamed["stream"] = json!(true);
    for (body, status) in [
        (retired, 404),
        (request(&loose), 400),
        (request(&json!({ "type": "yaml" })), 400),
        (qwen, 400),
        (streamed, 400),
        (json!({ "model": "openai/gpt-oss-20b", "messages": [] }), 400),
    ] {
        let response = ask(&desk, &body).await;
        assert_eq!(response.status(), status, "{body}");
        let error: Value = response.json().await.expect("JSON");
        assert!(error["error"]["message"].is_string() && error["error"]["type"] == json!("invalid_request_error"));
    }
    let models = desk.client.get(format!("{}/models", desk.sandbox.groq_url())).bearer_auth("k").send().await;
    let models: Value = models.expect("an answer").json().await.expect("JSON");
    assert_eq!(models["data"][0]["id"], json!("openai/gpt-oss-120b"));
}

#[tokio::test]
async fn faults_hit_the_model_too() {
    let desk = Desk::new().await;
    desk.fault(json!({ "target": "groq", "kind": "status", "status": 429, "delay_ms": 2000 })).await;
    let limited = ask(&desk, &request(&schema())).await;
    assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &"2".parse().expect("a value")));
    let error: Value = limited.json().await.expect("JSON");
    assert_eq!(error["error"]["code"], json!("rate_limit_exceeded"));
    for (kind, noted) in [("cut_before", 0), ("cut_after", 1)] {
        desk.fault(json!({ "target": "groq", "kind": kind, "count": 1 })).await;
        let url = format!("{}/chat/completions", desk.sandbox.groq_url());
        let cut = desk.client.post(url).bearer_auth("k").json(&request(&schema())).send().await;
        assert!(cut.is_err(), "{kind}");
        assert_eq!(desk.get("/sandbox/groq").await.1["items"].as_array().map(Vec::len), Some(noted), "{kind}");
    }
    assert_eq!(ask(&desk, &request(&schema())).await.status(), 200);
}
