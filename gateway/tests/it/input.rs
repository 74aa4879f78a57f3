//! Bad input: every refused field is named, and nothing bad reaches a service.

use reqwest::Method;
use serde_json::{Value, json};

use crate::samples::{CONTACT, CONVERSATION, PRODUCT};
use crate::world::{World, fields, problem};

/// Fields with their codes.
type Named = Vec<(String, String)>;

pub fn named(pairs: &[(&str, &str)]) -> Named {
    pairs.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let world = World::start().await;
    let token = world.owner().await;
    let (post, put, patch) = (Method::POST, Method::PUT, Method::PATCH);
    let product = format!("/api/products/{PRODUCT}");
    let ai = format!("/api/conversations/{CONVERSATION}/ai");
    let messages = format!("/api/conversations/{CONVERSATION}/messages");
    let conversation = format!("/api/conversations/{CONVERSATION}");
    let notes = format!("/api/conversations/{CONVERSATION}/notes");
    let cases: Vec<(&Method, &str, Value, Named)> = vec![
        (
            &post,
            "/api/auth/register",
            json!({"email": "nope", "password": "short", "business_name": "", "phone": 5}),
            named(&[
                ("email", "malformed"),
                ("password", "too_short"),
                ("business_name", "required"),
                ("phone", "wrong_type"),
            ]),
        ),
        (
            &post,
            "/api/auth/register",
            json!({}),
            named(&[("email", "required"), ("password", "required"), ("business_name", "required")]),
        ),
        (&post, "/api/auth/login", json!({"email": 5}), named(&[("email", "wrong_type"), ("password", "required")])),
        (
            &put,
            "/api/users/profile",
            json!({"business_name": "a\u{0}", "phone": "0".repeat(33)}),
            named(&[("business_name", "malformed"), ("phone", "too_long")]),
        ),
        (
            &post,
            "/api/channels/facebook",
            json!({"login": "google"}),
            named(&[("page_id", "required"), ("access_token", "required"), ("login", "unknown_value")]),
        ),
        (
            &post,
            "/api/products",
            json!({"name": 1, "price": "-1", "currency": "dong", "status": "gone", "extra_info": "x"}),
            named(&[
                ("currency", "too_long"),
                ("price", "out_of_range"),
                ("name", "wrong_type"),
                ("status", "unknown_value"),
                ("extra_info", "wrong_type"),
            ]),
        ),
        (&post, "/api/products", json!({"name": "a"}), named(&[("price", "required")])),
        (&post, "/api/products", json!({"name": "a", "price": "1.5"}), named(&[("price", "malformed")])),
        (&post, "/api/products", json!({"name": "a", "price": "NaN"}), named(&[("price", "malformed")])),
        (&post, "/api/products", json!({"name": "a", "price": 1e30}), named(&[("price", "malformed")])),
        (&post, "/api/products", json!({"name": "a", "price": [1]}), named(&[("price", "wrong_type")])),
        (
            &post,
            "/api/products",
            json!({"name": "a", "price": "1.999", "currency": "USD"}),
            named(&[("price", "malformed")]),
        ),
        (&put, &product, json!({"price": "0.5"}), named(&[("price", "malformed")])),
        (&put, &product, json!({"currency": "USD"}), named(&[("price", "required")])),
        (&patch, &ai, json!({"is_ai_enabled": "yes"}), named(&[("is_ai_enabled", "wrong_type")])),
        (&patch, &ai, json!({}), named(&[("is_ai_enabled", "required")])),
        (&post, &messages, json!({"text": ""}), named(&[("text", "required")])),
        (&post, &messages, json!({"attachments": []}), named(&[("text", "required")])),
        (
            &post,
            &messages,
            json!({"text": "x", "attachment_id": "y"}),
            named(&[("attachment_id", "exclusive"), ("attachment_id", "malformed")]),
        ),
        (
            &patch,
            &conversation,
            json!({"status": "needs_human", "assignee_id": "me", "label_ids": ["x"]}),
            named(&[("status", "unknown_value"), ("assignee_id", "malformed"), ("label_ids[0]", "malformed")]),
        ),
        (&patch, &conversation, json!({"label_ids": vec![CONTACT; 21]}), named(&[("label_ids", "out_of_range")])),
        (&post, "/api/labels", json!({"name": " "}), named(&[("name", "required"), ("color", "required")])),
        (
            &post,
            "/api/labels",
            json!({"name": "x".repeat(41), "color": "pink"}),
            named(&[("name", "too_long"), ("color", "unknown_value")]),
        ),
        (&post, &notes, json!({"text": "x".repeat(4001)}), named(&[("text", "too_long")])),
        (
            &post,
            "/api/assistant/preview",
            json!({"text": null, "history": [{"sender_type": "robot", "content": 1}, 5, {}]}),
            named(&[
                ("text", "required"),
                ("history[0].sender_type", "unknown_value"),
                ("history[0].content", "wrong_type"),
                ("history[1]", "wrong_type"),
                ("history[2].sender_type", "required"),
                ("history[2].content", "required"),
            ]),
        ),
        (
            &put,
            "/api/assistant/settings",
            json!({"tone": [], "languages": [], "ai_enabled_by_default": 1, "send_cards": "yes"}),
            named(&[
                ("tone", "wrong_type"),
                ("languages", "out_of_range"),
                ("ai_enabled_by_default", "wrong_type"),
                ("send_cards", "wrong_type"),
            ]),
        ),
        (&post, "/api/assistant/replay", json!({"limit": 0}), named(&[("limit", "out_of_range")])),
        (&post, "/api/products", json!([1]), named(&[("body", "wrong_type")])),
        (
            &post,
            "/api/products",
            json!({"name": "a", "price": 1, "image_url": "javascript:alert(1)"}),
            named(&[("image_url", "malformed")]),
        ),
        (&put, &product, json!({"image_url": "x".repeat(2001)}), named(&[("image_url", "too_long")])),
        (&put, &product, json!({"image_url": "/a.jpg"}), named(&[("image_url", "malformed")])),
        (&put, &product, json!({"image_url": "http://a.vn/a.jpg"}), named(&[("image_url", "malformed")])),
        (
            &post,
            "/api/members",
            json!({"email": "x", "password": "short", "member_role": "owner", "name": " "}),
            named(&[
                ("email", "malformed"),
                ("password", "too_short"),
                ("member_role", "unknown_value"),
                ("name", "required"),
            ]),
        ),
        (
            &post,
            "/api/members",
            json!({}),
            named(&[("member_role", "required"), ("email", "required"), ("password", "required")]),
        ),
        (
            &post,
            "/api/saved-replies",
            json!({"shortcut": "x".repeat(41), "text": ""}),
            named(&[("shortcut", "too_long"), ("text", "required")]),
        ),
        (
            &put,
            "/api/auth/password",
            json!({"new_password": "short"}),
            named(&[("current_password", "required"), ("new_password", "too_short")]),
        ),
        (
            &put,
            "/api/users/profile",
            json!({"name": "", "time_zone": 7}),
            named(&[("name", "required"), ("time_zone", "wrong_type")]),
        ),
    ];
    for (method, path, body, wanted) in cases {
        let answer = world.send(method.clone(), path, &token, &body).await;
        let told = problem(answer, 422, "invalid_fields").await;
        assert_eq!(fields(&told), wanted, "{method} {path} {body}");
    }
    assert_eq!(world.fakes.reached(), ["Login", "GetProduct", "GetProduct"]);
}

#[tokio::test]
async fn what_shows_nothing_is_named_with_the_rest() {
    let world = World::start().await;
    let token = world.owner().await;
    let suspend = format!("/api/admin/tenants/{PRODUCT}/suspend");
    let messages = format!("/api/conversations/{CONVERSATION}/messages");
    let cases: Vec<(Method, &str, Value, Named)> = vec![
        (
            Method::POST,
            "/api/auth/register",
            json!({"email": "\u{200B}", "password": "short", "business_name": " \u{200B}\t"}),
            named(&[("email", "required"), ("password", "too_short"), ("business_name", "required")]),
        ),
        (
            Method::PUT,
            "/api/users/profile",
            json!({"business_name": "\u{202E}", "phone": 5}),
            named(&[("business_name", "required"), ("phone", "wrong_type")]),
        ),
        (
            Method::POST,
            "/api/channels/facebook",
            json!({"page_id": " ", "access_token": "\u{FEFF}"}),
            named(&[("page_id", "required"), ("access_token", "required")]),
        ),
        (
            Method::POST,
            "/api/products",
            json!({"name": "\u{2060}", "price": "150.000"}),
            named(&[("price", "malformed"), ("name", "required")]),
        ),
        (Method::POST, &messages, json!({"text": "\u{202E}\n"}), named(&[("text", "required")])),
        (Method::POST, &suspend, json!({"reason": "\u{3000}"}), named(&[("reason", "required")])),
        (
            Method::PUT,
            "/api/assistant/settings",
            json!({"tone": 1, "languages": ["vi", " "]}),
            named(&[("tone", "wrong_type"), ("languages[1]", "required")]),
        ),
    ];
    for (method, path, body, wanted) in cases {
        let told = problem(world.send(method, path, &token, &body).await, 422, "invalid_fields").await;
        assert_eq!(fields(&told), wanted, "{path} {body}");
    }
    let told = problem(world.get("/api/products/search?q=%20&limit=0", &token).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("q", "required"), ("limit", "out_of_range")]));
    assert_eq!(world.fakes.reached(), ["Login"]);
    let seen = json!({"text": "\u{200B}👍\u{FE0F}"});
    assert_eq!(world.send(Method::POST, &messages, &token, &seen).await.status(), 202);
}

#[tokio::test]
async fn a_change_is_looked_at_whole_even_when_its_currency_is_elsewhere() {
    let world = World::start().await;
    let token = world.owner().await;
    let path = format!("/api/products/{PRODUCT}");
    for (body, wanted, asked) in [
        (json!({"name": "", "price": "abc"}), named(&[("price", "malformed"), ("name", "required")]), 0),
        (
            json!({"name": " ", "price": "1.5", "currency": "dong"}),
            named(&[("currency", "too_long"), ("name", "required")]),
            0,
        ),
        (json!({"name": "", "price": "1.5"}), named(&[("name", "required"), ("price", "malformed")]), 1),
        (json!({"name": 1, "currency": "USD"}), named(&[("name", "wrong_type"), ("price", "required")]), 1),
        (json!({"name": "", "price": "150000"}), named(&[("name", "required")]), 1),
    ] {
        let before = world.fakes.count("GetProduct");
        let told = problem(world.send(Method::PUT, &path, &token, &body).await, 422, "invalid_fields").await;
        assert_eq!(fields(&told), wanted, "{body}");
        assert_eq!(world.fakes.count("GetProduct") - before, asked, "{body}");
    }
    assert_eq!(world.fakes.count("UpdateProduct"), 0);
}

#[tokio::test]
async fn prices_are_read_in_their_currency() {
    let world = World::start().await;
    let token = world.owner().await;
    for (body, wanted) in [
        (json!({"name": "a", "price": 129_000}), "price_minor: 129000, currency: \"VND\""),
        (json!({"name": "a", "price": 129_000.0}), "price_minor: 129000, currency: \"VND\""),
        (json!({"name": "a", "price": "12.50", "currency": "USD"}), "price_minor: 1250, currency: \"USD\""),
    ] {
        let answer = world.send(Method::POST, "/api/products", &token, &body).await;
        assert_eq!(answer.status(), 201, "{body}");
        let (_, request) = world.fakes.last("CreateProduct");
        assert!(request.contains(wanted), "{request}");
    }
    let path = format!("/api/products/{PRODUCT}");
    for (body, wanted) in [
        (json!({"price": 5}), "price_minor: Some(5), currency: Some(\"VND\")"),
        (json!({"price": "0.5", "currency": "USD"}), "price_minor: Some(50), currency: Some(\"USD\")"),
        (json!({"currency": "VND"}), "price_minor: None, currency: None"),
        (json!({"status": "available"}), "price_minor: None, currency: None, status: Available"),
    ] {
        assert_eq!(world.send(Method::PUT, &path, &token, &body).await.status(), 200, "{body}");
        let (_, request) = world.fakes.last("UpdateProduct");
        assert!(request.contains(wanted), "{request}");
    }
}

#[tokio::test]
async fn a_point_that_may_part_thousands_is_refused() {
    let world = World::start().await;
    let token = world.owner().await;
    let path = format!("/api/products/{PRODUCT}");
    let whole = "write 150000, without separators";
    let parted = "without other separators";
    for (body, hint) in [
        (json!({"name": "a", "price": "150.000"}), whole),
        (json!({"name": "a", "price": "150000.0"}), whole),
        (json!({"name": "a", "price": "150.000", "currency": "JPY"}), whole),
        (json!({"name": "a", "price": 150.5}), whole),
        (json!({"name": "a", "price": "1.250", "currency": "USD"}), parted),
        (json!({"name": "a", "price": "1.000", "currency": "USD"}), parted),
    ] {
        for (method, path) in [(Method::POST, "/api/products"), (Method::PUT, path.as_str())] {
            let told = problem(world.send(method, path, &token, &body).await, 422, "invalid_fields").await;
            assert_eq!(fields(&told), named(&[("price", "malformed")]), "{path} {body}");
            let detail = told["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.contains(hint), "{body} {detail}");
        }
    }
    assert_eq!(world.fakes.count("CreateProduct") + world.fakes.count("UpdateProduct"), 0);
    for (price, minor) in [(json!(150_000.0), 150_000), (json!(150_000), 150_000), (json!("150000"), 150_000)] {
        let answer = world.send(Method::PUT, &path, &token, &json!({ "price": price })).await;
        assert_eq!(answer.status(), 200, "{price}");
        let (_, request) = world.fakes.last("UpdateProduct");
        assert!(request.contains(&format!("price_minor: Some({minor})")), "{request}");
    }
}

/// Nobody's name hides, or turns around, what stands beside it on somebody else's screen.
#[tokio::test]
async fn names_come_without_what_cannot_be_seen() {
    let world = World::start().await;
    let token = world.owner().await;
    let turned = "VI\u{202E}P\u{2066}\u{200B}";
    let register = json!({"email": "a@b.test", "password": "right password", "business_name": turned});
    let member = json!({"email": "a@b.test", "password": "right password", "member_role": "agent", "name": turned});
    let invited = json!({"token": "t", "password": "right password", "name": turned});
    for (method, path, body, call) in [
        (Method::POST, "/api/labels", json!({"name": turned, "color": "red"}), "CreateLabel"),
        (Method::POST, "/api/members", member, "AddMember"),
        (Method::PUT, "/api/users/profile", json!({"name": turned, "business_name": turned}), "UpdateProfile"),
        (Method::POST, "/api/auth/register", register, "Register"),
        (Method::POST, "/api/invitations/accept", invited, "AcceptInvitation"),
        (Method::POST, "/api/saved-replies", json!({"shortcut": turned, "text": "x"}), "CreateSavedReply"),
        (Method::POST, "/api/products", json!({"name": turned, "price": "1000"}), "CreateProduct"),
    ] {
        let answer = world.send(method, path, &token, &body).await;
        assert!(answer.status().is_success(), "{path} {}", answer.text().await.unwrap());
        let asked = world.fakes.last(call).1;
        assert!(asked.contains("\"VIP\"") && !asked.contains("u{20"), "{asked}");
    }
    let nothing = json!({"name": "\u{202E}\u{200B}", "color": "red"});
    let told = problem(world.send(Method::POST, "/api/labels", &token, &nothing).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("name", "required")]));
}
