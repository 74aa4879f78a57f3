//! Every resource as JSON, letter by letter.

use reqwest::Method;
use serde_json::{Value, json};

use crate::samples::{
    CHANNEL, CONTACT, CONVERSATION, IMPORT, ITEM, OTHER_SESSION, PRODUCT, REPLAY, SAVED_REPLY, TENANT,
};
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
        ("counts", "/api/conversations/counts".to_owned()),
        ("labels", "/api/labels".to_owned()),
        ("notes", format!("/api/conversations/{CONVERSATION}/notes")),
        ("dashboard", "/api/dashboard?from=2026-11-21&to=2026-11-22".to_owned()),
        ("journal", "/api/journal?outcome=status".to_owned()),
        ("journal_item", format!("/api/journal/{ITEM}")),
        ("journal_summary", "/api/journal/summary".to_owned()),
        ("products", "/api/products".to_owned()),
        ("product", format!("/api/products/{PRODUCT}")),
        ("categories", "/api/products/categories".to_owned()),
        ("price_changes", format!("/api/products/{PRODUCT}/prices")),
        ("entries", "/api/entries".to_owned()),
        ("imports", "/api/products/imports".to_owned()),
        ("import_rows", format!("/api/products/imports/{IMPORT}/rows?outcome=refused")),
        ("search", "/api/products/search?q=ao%20thun".to_owned()),
        ("settings", "/api/assistant/settings".to_owned()),
        ("unanswered", "/api/assistant/unanswered?limit=7".to_owned()),
        ("replay", format!("/api/assistant/replay/{REPLAY}")),
        ("sessions", "/api/auth/sessions".to_owned()),
        ("members", "/api/members".to_owned()),
        ("saved_replies", "/api/saved-replies".to_owned()),
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
    let product =
        json!({"name": "Áo", "price": "5", "extra_info": {"b": 1, "a": [2]}, "image_url": "https://x.test/a"});
    let member = json!({"email": "mai@a.test", "password": "secret-page-token", "member_role": "agent"});
    let reply = json!({"shortcut": "giá-ship", "text": "Dạ {name} ơi"});
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
        ("restored", Method::POST, format!("/api/products/{PRODUCT}/restore"), &owner, json!({}), 200),
        ("member", Method::POST, "/api/members".to_owned(), &owner, member, 201),
        ("saved_reply", Method::POST, "/api/saved-replies".to_owned(), &owner, reply.clone(), 201),
        ("replaced_reply", Method::PUT, format!("/api/saved-replies/{SAVED_REPLY}"), &owner, reply, 200),
        ("replaying", Method::POST, "/api/assistant/replay".to_owned(), &owner, json!({}), 202),
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
    for path in [
        format!("/api/products/{PRODUCT}"),
        format!("/api/channels/{CHANNEL}"),
        format!("/api/saved-replies/{SAVED_REPLY}"),
        format!("/api/auth/sessions/{OTHER_SESSION}"),
    ] {
        let answer = world.request(Method::DELETE, &path).bearer_auth(&owner).send().await.unwrap();
        assert_eq!(answer.status(), 204);
        assert!(answer.bytes().await.unwrap().is_empty());
    }
}
