//! What nobody should send, and what happens when somebody does.

use chatdesk_platform::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::text;
use crate::process::eventually;
use crate::shop::{House, entry, now_ms, signed, text_item};

async fn journal(house: &House) -> i64 {
    let pool = house.db.superuser().await;
    sqlx::query_scalar("select count(*) from inbox.webhook_events").fetch_one(&pool).await.expect("a count")
}

#[tokio::test]
async fn a_webhook_without_the_right_signature_stores_nothing() {
    let house = House::start(&[]).await;
    let (body, good) = signed(&entry("1", &[text_item("1", "2", "m_sig", "xin chào", now_ms())]));
    let hex = good.strip_prefix("sha256=").expect("the prefix");
    let bad = [
        None,
        Some(String::new()),
        Some(hex.to_owned()),
        Some(format!("sha256={}", &hex[..63])),
        Some(format!("sha256={}", hex.to_uppercase())),
        Some(format!("SHA256={hex}")),
        Some(format!("sha1={}", &hex[..40])),
        Some(format!("sha256={}", "0".repeat(64))),
    ];
    for signature in bad {
        let status = house.api.webhook("facebook", body.clone(), signature.as_deref()).await;
        assert_eq!(status.as_u16(), 401, "{signature:?}");
    }
    let mut flipped = body.clone();
    *flipped.last_mut().expect("bytes") ^= 1;
    assert_eq!(house.api.webhook("facebook", flipped, Some(&good)).await.as_u16(), 401);
    assert_eq!(journal(&house).await, 0);
    assert_eq!(house.api.webhook("facebook", body, Some(&good)).await.as_u16(), 200);
    assert_eq!(journal(&house).await, 1);
}

#[tokio::test]
async fn whatever_a_signed_webhook_holds_is_kept_and_answered_200_and_neighbours_survive() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Vỏ Sò", "facebook").await;
    let page_id = text(&page["page_id"]);
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"{".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"{\"object\":\"page\"}".to_vec(),
        b"{\"object\":\"whatsapp\",\"entry\":[]}".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        b"{\"object\":\"page\",\"entry\":[{\"id\":1e999,\"messaging\":[{}]}]}".to_vec(),
        deep.clone().into_bytes(),
        format!(r#"{{"object":"page","entry":[{{"id":"{page_id}","messaging":[{deep}]}}]}}"#).into_bytes(),
        format!(
            r#"{{"object":"page","entry":[{{"id":"999","time":1,"messaging":[{}]}}]}}"#,
            text_item("999", "1", "m_unknown_page", "a", 1)
        )
        .into_bytes(),
    ];
    let secrets = chatdesk_meta::AppSecrets::parse(chatdesk_sandbox::APP_SECRET).expect("a secret");
    for body in bodies {
        let signature = secrets.sign(&body);
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(house.api.webhook("facebook", body, Some(&signature)).await.as_u16(), 200, "{shown}");
    }

    // Good neighbours of bad items, with every kind of odd text.
    let now = now_ms();
    let good = |mid: &str, raw_text: &str| {
        format!(
            r#"{{"sender":{{"id":"7001"}},"recipient":{{"id":"{page_id}"}},"timestamp":{now},"message":{{"mid":"{mid}","text":"{raw_text}"}}}}"#
        )
    };
    let items = [
        "null".to_owned(),
        "7".to_owned(),
        good("m_nul", r"a\u0000b"),
        r#"{"sender":{"id":"7001"}}"#.to_owned(),
        good("m_lone", r"x\ud83dy"),
        format!(r#"{{"sender":{{"id":"7001"}},"recipient":{{"id":"{page_id}"}},"message":{deep}}}"#),
        good("m_plain", "binh thuong"),
    ];
    let body = format!(
        r#"{{"object":"page","entry":[7,{{"id":"{page_id}","time":{now},"messaging":[{}]}}]}}"#,
        items.join(",")
    );
    let signature = secrets.sign(body.as_bytes());
    assert_eq!(house.api.webhook("facebook", body.into_bytes(), Some(&signature)).await.as_u16(), 200);
    let conversation = shop.conversation("7001").await;
    let stored = eventually("the three good neighbours are stored", || async {
        let messages = shop.messages(&conversation).await;
        let mine: Vec<Value> = messages.into_iter().filter(|message| message["sender_type"] == "contact").collect();
        (mine.len() == 3).then_some(mine)
    })
    .await;
    assert!(stored.iter().any(|message| message["content"] == "binh thuong"));
}

#[tokio::test]
async fn the_handshake_gives_the_challenge_to_who_knows_the_token() {
    let house = House::shared().await;
    let ask = |token: &str| {
        let url = format!(
            "{}/api/webhooks/facebook?hub.mode=subscribe&hub.challenge=%3Cb%3E42&hub.verify_token={token}",
            house.api.base()
        );
        async move { reqwest::Client::builder().build().expect("a client").get(url).send().await.expect("an answer") }
    };
    let good = ask(chatdesk_sandbox::VERIFY_TOKEN).await;
    assert_eq!(good.status().as_u16(), 200);
    assert!(good.headers()["content-type"].to_str().expect("text").starts_with("text/plain"));
    assert_eq!(good.text().await.expect("a body"), "<b>42");
    assert_eq!(ask("wrong").await.status().as_u16(), 403);
}

#[tokio::test]
async fn every_operation_refuses_nobody_and_wrong_tokens_without_a_hint() {
    let house = House::shared().await;
    let spec = house.api.get("/api/openapi.json").await.expect(200);
    let open = [
        "/api/auth/register",
        "/api/auth/login",
        "/api/auth/refresh",
        "/api/auth/logout",
        "/api/auth/password-reset",
        "/api/auth/password-reset/confirm",
        "/api/auth/totp/setup",
        "/api/invitations/accept",
        "/api/invitations/look",
        "/api/webhooks/facebook",
        "/api/webhooks/instagram",
        "/api/webhooks/deauthorize",
        "/api/webhooks/data-deletion",
        "/api/data-deletion/{code}",
    ];
    let expired = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4IiwiZXhwIjoxfQ.AAAA";
    let mut tried = 0;
    for (path, item) in spec["paths"].as_object().expect("paths") {
        if open.contains(&path.as_str()) || !path.starts_with("/api/") {
            continue;
        }
        let real = path.replace("{id}", &uuid::Uuid::now_v7().to_string());
        for method in item.as_object().expect("operations").keys() {
            let method: Method = method.to_uppercase().parse().expect("a method");
            for api in [house.api.clone(), house.api.with_token("x"), house.api.with_token(expired)] {
                let body = (method != Method::GET && method != Method::DELETE).then(|| json!({}));
                assert_eq!(
                    api.call(method.clone(), &real, body).await.problem(401),
                    "unauthenticated",
                    "{method} {path}"
                );
            }
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

#[tokio::test]
async fn bad_fields_are_all_named_and_broken_bodies_say_so() {
    let house = House::shared().await;
    let fields = |body: &Value| -> Vec<String> {
        body["errors"].as_array().into_iter().flatten().map(|error| text(&error["field"])).collect()
    };
    let answer = house
        .api
        .post("/api/auth/register", json!({"email": "not an e-mail", "password": "kurz", "business_name": 7}))
        .await;
    let named = fields(&answer.expect(422));
    for field in ["email", "password", "business_name"] {
        assert!(named.contains(&field.to_owned()), "{field} in {named:?}");
    }
    let shop = house.shop("Tiệm Sai").await;
    for (body, field) in [
        (json!({"name": "", "price": "1"}), "name"),
        (json!({"name": "Áo", "price": "-1"}), "price"),
        (json!({"name": "Áo", "price": "1.5"}), "price"),
        (json!({"name": "Áo", "price": "NaN"}), "price"),
        (json!({"name": "Áo"}), "price"),
        (json!({"name": "Áo", "price": "1", "status": "sold"}), "status"),
        (json!({"name": "Áo", "price": "1", "extra_info": []}), "extra_info"),
        (json!({"name": "a\u{0}b", "price": "1"}), "name"),
        (json!({"name": "x".repeat(301), "price": "1"}), "name"),
        (json!({"name": "Áo", "price": "1", "stock": -1}), "stock"),
        (json!({"name": "Áo", "price": "1", "sku": "x".repeat(65)}), "sku"),
        (json!({"name": "Áo", "price": "1", "variants": [{"name": "M"}, {"name": "m"}]}), "variants[1].name"),
        (json!({"name": "Áo", "price": "1", "image_urls": ["javascript:alert(1)"]}), "image_urls[0]"),
    ] {
        let named = fields(&shop.api.post("/api/products", body.clone()).await.expect(422));
        assert!(named.contains(&field.to_owned()), "{field} in {named:?} for {body}");
    }
    for (body, field) in [
        (json!({"kind": "poem", "title": "a", "body": "b"}), "kind"),
        (json!({"kind": "faq", "title": " ", "body": "b"}), "title"),
        (json!({"kind": "faq", "title": "a", "body": "b\u{0}"}), "body"),
    ] {
        let named = fields(&shop.api.post("/api/entries", body.clone()).await.expect(422));
        assert!(named.contains(&field.to_owned()), "{field} in {named:?} for {body}");
    }
    for (query, bytes) in [("", b"%PDF-1.7".to_vec()), ("", Vec::new()), ("?update=price", b"x".to_vec())] {
        let answer = shop.api.upload(&format!("/api/products/imports{query}"), "text/csv", "a.csv", bytes).await;
        assert_eq!(answer.status.as_u16(), 422, "{query}: {}", answer.body);
    }
    for query in ["limit=0", "limit=-1", "limit=1000000000", "limit=x", "cursor=%00", "cursor=broken"] {
        let answer = shop.api.get(&format!("/api/products?{query}")).await;
        assert_eq!(answer.status.as_u16(), 422, "{query}: {}", answer.body);
    }
    let raw = reqwest::Client::builder().build().expect("a client");
    let broken = raw.post(format!("{}/api/products", shop.api.base())).bearer_auth(&shop.token);
    let broken = broken.header("content-type", "application/json").body("{").send().await.expect("an answer");
    assert_eq!(broken.status().as_u16(), 400);
    assert_eq!(broken.headers()["content-type"], "application/problem+json");
    shop.api.get("/api/nothing").await.problem(404);
    shop.api.get("/api/products/not-a-uuid").await.problem(404);
}

#[tokio::test]
async fn a_message_from_the_future_or_long_ago_is_kept_and_not_answered_late() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Giờ", "facebook").await;
    let page_id = text(&page["page_id"]);
    let year = 365 * 24 * 3600 * 1000_i64;
    let (body, signature) = signed(&entry(
        &page_id,
        &[
            text_item(&page_id, "7101", "m_1970", "từ năm 1970", 5000),
            text_item(&page_id, "7102", "m_future", "từ tương lai", now_ms() + year),
        ],
    ));
    assert_eq!(house.api.webhook("facebook", body, Some(&signature)).await.as_u16(), 200);
    shop.message_where("7101", "the old one is stored", |message| message["content"] == "từ năm 1970").await;
    shop.message_where("7102", "the future one is stored", |message| message["content"] == "từ tương lai").await;
    let conversation = shop.conversation("7102").await;
    let until = text(&conversation["reply_window"]["ai_until"]);
    assert!(!until.is_empty(), "{conversation}");
    let limit = (Clock::system().now() + std::time::Duration::from_secs(25 * 3600)).to_rfc3339();
    assert!(until < limit, "the window is never opened from the future: {until}");
}

#[tokio::test]
async fn messages_of_any_size_are_listed() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Sách Dày", "facebook").await;
    let page_id = text(&page["page_id"]);
    let off = json!({"ai_enabled_by_default": false});
    shop.api.call(Method::PUT, "/api/assistant/settings", Some(off)).await.expect(200);
    // Longer than any platform lets through: 200 of these would be more than any answer may have.
    let (now, long) = (now_ms(), "ấ".repeat(30_000));
    for part in 0..5 {
        let items: Vec<Value> = (part * 40..(part + 1) * 40)
            .map(|n| text_item(&page_id, "7100", &format!("m_long_{n}_{now}"), &long, now + n))
            .collect();
        let (body, signature) = signed(&entry(&page_id, &items));
        assert_eq!(house.api.webhook("facebook", body, Some(&signature)).await.as_u16(), 200);
    }
    let listed = eventually("all are stored", || async {
        let all = shop.api.get("/api/conversations").await.expect(200);
        let conversation = text(&all["items"].get(0)?["id"]);
        let path = format!("/api/conversations/{conversation}/messages?limit=200");
        let messages = shop.api.get(&path).await.expect(200);
        (messages["items"].as_array()?.len() == 200).then_some(messages)
    })
    .await;
    let first = text(&listed["items"][0]["content"]);
    assert_eq!(first.chars().count(), 20_000, "the beginning is kept");
}
