//! Every resource as JSON, letter by letter.

use reqwest::Method;
use serde_json::{Value, json};

use crate::samples::{CHANNEL, CONTACT, CONVERSATION, PRODUCT, TENANT};
use crate::world::World;

#[tokio::test]
async fn resources_look_like_this() {
    let world = World::start().await;
    let owner = world.owner().await;
    for (name, path) in [
        ("me", "/api/auth/me".to_owned()),
        ("profile", "/api/users/profile".to_owned()),
        ("channels", "/api/channels".to_owned()),
        ("contacts", "/api/contacts".to_owned()),
        ("contact", format!("/api/contacts/{CONTACT}")),
        ("conversations", "/api/conversations".to_owned()),
        ("conversation", format!("/api/conversations/{CONVERSATION}")),
        ("messages", format!("/api/conversations/{CONVERSATION}/messages")),
        ("products", "/api/products".to_owned()),
        ("product", format!("/api/products/{PRODUCT}")),
        ("search", "/api/products/search?q=ao%20thun".to_owned()),
        ("settings", "/api/assistant/settings".to_owned()),
    ] {
        let answer = world.get(&path, &owner).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &"application/json".parse().unwrap())
        );
        insta::assert_json_snapshot!(name, answer.json::<Value>().await.unwrap());
    }
}

#[tokio::test]
async fn changes_answer_like_this() {
    let world = World::start().await;
    let owner = world.owner().await;
    let admin = world.login("admin@x.test").await;
    let page = json!({"page_id": "1001", "access_token": "secret-page-token", "login": "facebook"});
    let question = json!({"text": "áo đỏ bao nhiêu", "history": [{"sender_type": "contact", "content": "chào"}]});
    let product = json!({"name": "Áo", "price": "5", "extra_info": {"b": 1, "a": [2]}});
    for (name, method, path, token, body, status) in [
        ("connected", Method::POST, "/api/channels/instagram".to_owned(), &owner, page, 201),
        (
            "sent",
            Method::POST,
            format!("/api/conversations/{CONVERSATION}/messages"),
            &owner,
            json!({"text": "chào"}),
            202,
        ),
        (
            "switched",
            Method::PATCH,
            format!("/api/conversations/{CONVERSATION}/ai"),
            &owner,
            json!({"is_ai_enabled": false}),
            200,
        ),
        ("created", Method::POST, "/api/products".to_owned(), &owner, product, 201),
        ("preview", Method::POST, "/api/assistant/preview".to_owned(), &owner, question, 200),
        (
            "suspended",
            Method::POST,
            format!("/api/admin/tenants/{TENANT}/suspend"),
            &admin,
            json!({"reason": "spam"}),
            200,
        ),
    ] {
        let answer = world.send(method, &path, token, &body).await;
        assert_eq!(answer.status().as_u16(), status, "{name}");
        let text = answer.text().await.unwrap();
        assert!(!text.contains("secret-page-token"));
        insta::assert_json_snapshot!(name, serde_json::from_str::<Value>(&text).unwrap());
    }
    let (_, request) = world.fakes.last("ConnectChannel");
    assert!(request.contains("platform: Instagram") && request.contains("login: Facebook"), "{request}");
    let (_, request) = world.fakes.last("Answer");
    assert!(request.contains("speaker: Contact") && request.contains("áo đỏ bao nhiêu"), "{request}");
    for path in [format!("/api/products/{PRODUCT}"), format!("/api/channels/{CHANNEL}")] {
        let answer = world.request(Method::DELETE, &path).bearer_auth(&owner).send().await.unwrap();
        assert_eq!(answer.status(), 204);
        assert!(answer.bytes().await.unwrap().is_empty());
    }
}
