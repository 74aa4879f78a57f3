//! Two businesses, and every operation of one tried with the other's ids.

mod calls;
mod catalogue;
mod channels;
mod leaving;
mod teaching;

use reqwest::Method;
use serde_json::{Value, json};

use crate::api::text;
use crate::process::eventually;
use crate::shop::{House, Shop};

/// What the owner of the ids has.
struct Owned {
    shop: Shop,
    product: String,
    conversation: String,
    contact: String,
    channel: String,
    saved_reply: String,
    session: String,
    attachment: String,
    label: String,
    note: String,
    message: String,
    transfer: String,
    item: String,
    unanswered: String,
    replay: String,
    entry: String,
    import: String,
    export: String,
    member: String,
    invitation: String,
}

async fn owned(house: &House) -> Owned {
    let (shop, page) = house.shop_with_page("Tiệm Bí Mật", "facebook").await;
    let customer = format!("63{}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000);
    house.write(&page, &customer, "Áo thun đỏ giá bao nhiêu?").await;
    let conversation = shop.conversation(&customer).await;
    let products = shop.api.all("/api/products").await;
    let channels = shop.api.all("/api/channels").await;
    let reply = json!({"shortcut": "ship", "text": "30.000đ ạ"});
    let reply = shop.api.post("/api/saved-replies", reply).await.expect(201);
    let sessions = shop.api.get("/api/auth/sessions").await.expect(200);
    let path = format!("/api/conversations/{}/attachments", text(&conversation["id"]));
    let upload = shop.api.upload(&path, "image/png", "a.png", vec![1]).await.expect(201);
    let label = shop.api.post("/api/labels", json!({"name": "Khách quen", "color": "red"})).await.expect(201);
    let path = format!("/api/conversations/{}", text(&conversation["id"]));
    let note = shop.api.post(&format!("{path}/notes"), json!({"text": "bí mật"})).await.expect(201);
    let messages = shop.api.all(&format!("{path}/messages")).await;
    let wish = json!({"platform": "facebook", "page_id": page["page_id"], "access_token": page["access_token"]});
    let asker = house.shop("Tiệm Hỏi").await;
    let transfer = text(&asker.api.post("/api/channels/transfers", wish).await.expect(201)["id"]);
    let items = shop.api.all("/api/journal").await;
    let entry = json!({"kind": "faq", "title": "Bí mật?", "body": "Không nói."});
    let entry = shop.api.post("/api/entries", entry).await.expect(201);
    let table = "Tên,Giá\nÁo bí mật,1\n".as_bytes().to_vec();
    let import = shop.api.upload("/api/products/imports?dry_run=true", "text/csv", "a.csv", table).await.expect(202);
    let another = format!("64{}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000);
    house.write(&page, &another, "Có bán máy giặt Panasonic không?").await;
    let unanswered = eventually("a question that nobody could answer", || async {
        shop.api.all("/api/assistant/unanswered").await.pop()
    })
    .await;
    let replay = shop.api.post("/api/assistant/replay", json!({"limit": 1})).await.expect(202);
    let export = shop.api.post("/api/privacy/export", json!({})).await.expect(202);
    let invited = format!("{}@shop.example", uuid::Uuid::new_v4().simple());
    let invitation = json!({"email": invited, "member_role": "agent"});
    let invitation = shop.api.post("/api/team/invitations", invitation).await.expect(201);
    let members = shop.api.all("/api/members").await;
    Owned {
        member: text(&members[0]["id"]),
        invitation: text(&invitation["id"]),
        export: text(&export["id"]),
        unanswered: text(&unanswered["id"]),
        replay: text(&replay["id"]),
        item: text(&items[0]["id"]),
        entry: text(&entry["id"]),
        import: text(&import["id"]),
        transfer,
        label: text(&label["id"]),
        note: text(&note["id"]),
        message: text(&messages[0]["id"]),
        attachment: text(&upload["id"]),
        saved_reply: text(&reply["id"]),
        session: text(&sessions["items"][0]["id"]),
        product: text(&products[0]["id"]),
        conversation: text(&conversation["id"]),
        contact: text(&conversation["contact"]["id"]),
        channel: text(&channels[0]["id"]),
        shop,
    }
}

/// Operations that name a thing, by their OpenAPI path, with a body that would be right.
fn operations(of: &Owned) -> Vec<(&'static str, Method, String, Option<Value>)> {
    let Owned { product, conversation, contact, channel, .. } = of;
    let Owned {
        saved_reply,
        session,
        label,
        note,
        message,
        transfer,
        item,
        unanswered,
        replay,
        entry,
        import,
        export,
        ..
    } = of;
    let Owned { member, invitation, .. } = of;
    let at = format!("/api/conversations/{conversation}");
    vec![
        ("/api/labels/{id}", Method::PUT, format!("/api/labels/{label}"), Some(json!({"name": "x", "color": "red"}))),
        ("/api/labels/{id}", Method::DELETE, format!("/api/labels/{label}"), None),
        ("/api/conversations/{id}", Method::PATCH, at.clone(), Some(json!({"status": "closed"}))),
        ("/api/conversations/{id}/read", Method::POST, format!("{at}/read"), None),
        ("/api/conversations/{id}/unread", Method::POST, format!("{at}/unread"), None),
        ("/api/conversations/{id}/notes", Method::GET, format!("{at}/notes"), None),
        ("/api/conversations/{id}/notes", Method::POST, format!("{at}/notes"), Some(json!({"text": "x"}))),
        ("/api/conversations/{id}/notes/{note_id}", Method::DELETE, format!("{at}/notes/{note}"), None),
        (
            "/api/conversations/{id}/messages/{message_id}/retry",
            Method::POST,
            format!("{at}/messages/{message}/retry"),
            None,
        ),
        (
            "/api/conversations/{id}/messages/{message_id}/resolve",
            Method::POST,
            format!("{at}/messages/{message}/resolve"),
            Some(json!({"was_delivered": true})),
        ),
        (
            "/api/conversations/{id}/messages/{message_id}/attachments/refresh",
            Method::POST,
            format!("{at}/messages/{message}/attachments/refresh"),
            None,
        ),
        (
            "/api/saved-replies/{id}",
            Method::PUT,
            format!("/api/saved-replies/{saved_reply}"),
            Some(json!({"shortcut": "x", "text": "x"})),
        ),
        ("/api/saved-replies/{id}", Method::DELETE, format!("/api/saved-replies/{saved_reply}"), None),
        ("/api/auth/sessions/{id}", Method::DELETE, format!("/api/auth/sessions/{session}"), None),
        ("/api/products/{id}/restore", Method::POST, format!("/api/products/{product}/restore"), None),
        ("/api/products/{id}", Method::GET, format!("/api/products/{product}"), None),
        ("/api/products/{id}/prices", Method::GET, format!("/api/products/{product}/prices"), None),
        ("/api/products/imports/{id}", Method::GET, format!("/api/products/imports/{import}"), None),
        ("/api/products/imports/{id}/rows", Method::GET, format!("/api/products/imports/{import}/rows"), None),
        ("/api/products/imports/{id}", Method::DELETE, format!("/api/products/imports/{import}"), None),
        ("/api/entries/{id}", Method::PUT, format!("/api/entries/{entry}"), Some(json!({"title": "Của tôi"}))),
        ("/api/entries/{id}", Method::DELETE, format!("/api/entries/{entry}"), None),
        (
            "/api/products/{id}",
            Method::PUT,
            format!("/api/products/{product}"),
            Some(json!({"name": "Của tôi", "price": "1"})),
        ),
        ("/api/products/{id}", Method::DELETE, format!("/api/products/{product}"), None),
        ("/api/contacts/{id}", Method::GET, format!("/api/contacts/{contact}"), None),
        ("/api/conversations/{id}", Method::GET, format!("/api/conversations/{conversation}"), None),
        (
            "/api/conversations/{id}/ai",
            Method::PATCH,
            format!("/api/conversations/{conversation}/ai"),
            Some(json!({"is_ai_enabled": false})),
        ),
        (
            "/api/conversations/{id}/attachments",
            Method::POST,
            format!("/api/conversations/{conversation}/attachments"),
            Some(json!({})),
        ),
        ("/api/conversations/{id}/messages", Method::GET, format!("/api/conversations/{conversation}/messages"), None),
        (
            "/api/conversations/{id}/messages",
            Method::POST,
            format!("/api/conversations/{conversation}/messages"),
            Some(json!({"text": "xin chào"})),
        ),
        ("/api/channels/{id}", Method::DELETE, format!("/api/channels/{channel}"), None),
        ("/api/channels/{id}/check", Method::POST, format!("/api/channels/{channel}/check"), None),
        (
            "/api/channels/transfers/{id}",
            Method::POST,
            format!("/api/channels/transfers/{transfer}"),
            Some(json!({"accept": false})),
        ),
        ("/api/assistant/unanswered/{id}", Method::DELETE, format!("/api/assistant/unanswered/{unanswered}"), None),
        (
            "/api/assistant/unanswered/{id}/entry",
            Method::POST,
            format!("/api/assistant/unanswered/{unanswered}/entry"),
            Some(json!({"kind": "faq", "title": "x", "body": "x"})),
        ),
        ("/api/team/invitations/{id}", Method::DELETE, format!("/api/team/invitations/{invitation}"), None),
        (
            "/api/team/members/{id}",
            Method::PATCH,
            format!("/api/team/members/{member}"),
            Some(json!({"member_role": "viewer"})),
        ),
        ("/api/team/members/{id}", Method::DELETE, format!("/api/team/members/{member}"), None),
        ("/api/contacts/{id}/data", Method::DELETE, format!("/api/contacts/{contact}/data"), None),
        ("/api/privacy/export/{id}/link", Method::POST, format!("/api/privacy/export/{export}/link"), None),
        ("/api/privacy/export/{id}/file", Method::GET, format!("/api/privacy/export/{export}/file"), None),
        ("/api/assistant/replay/{id}", Method::GET, format!("/api/assistant/replay/{replay}"), None),
        ("/api/journal/{id}", Method::GET, format!("/api/journal/{item}"), None),
        // Names its item in the body.
        ("/api/journal/redrive", Method::POST, "/api/journal/redrive".to_owned(), Some(json!({"id": item}))),
    ]
}

#[tokio::test]
async fn every_rest_operation_with_anothers_ids_is_not_found_as_if_there_were_none() {
    let house = House::shared().await;
    let owned = owned(&house).await;
    let other = house.shop("Tiệm Tò Mò").await;
    let operations = operations(&owned);
    for (_, method, path, body) in &operations {
        let answer = other.api.call(method.clone(), path, body.clone()).await;
        assert_eq!(answer.status.as_u16(), 404, "{method} {path}: {}", answer.body);
        let another = uuid::Uuid::now_v7().to_string();
        let body = body.as_ref().map(|body| body.to_string());
        let request = format!("{path} {}", body.as_deref().unwrap_or_default());
        let nowhere = request.replace(
            [
                owned.product.as_str(),
                owned.contact.as_str(),
                owned.conversation.as_str(),
                owned.channel.as_str(),
                owned.saved_reply.as_str(),
                owned.session.as_str(),
                owned.label.as_str(),
                owned.transfer.as_str(),
                owned.entry.as_str(),
                owned.import.as_str(),
                owned.unanswered.as_str(),
                owned.replay.as_str(),
                owned.export.as_str(),
                owned.member.as_str(),
                owned.invitation.as_str(),
                owned.item.split('.').next().expect("an event"),
            ]
            .into_iter()
            .find(|id| request.contains(*id))
            .expect("an id"),
            &another,
        );
        let (nowhere, body) = nowhere.split_once(' ').expect("a path and a body");
        let nothing = other.api.call(method.clone(), nowhere, serde_json::from_str(body).ok()).await;
        let strip = |mut body: Value| {
            body.as_object_mut().map(|fields| fields.remove("request_id"));
            body
        };
        assert_eq!(strip(answer.body), strip(nothing.body), "{method} {path}");
    }

    // An operation that is added later must be added here too.
    let spec = house.api.get("/api/openapi.json").await.expect(200);
    let paths = spec["paths"].as_object().expect("paths");
    for (path, item) in paths.iter().filter(|(path, _)| path.contains("{id}") && !path.starts_with("/api/admin/")) {
        for method in item.as_object().expect("operations").keys() {
            let covered =
                operations.iter().any(|(known, verb, ..)| known == path && verb.as_str().eq_ignore_ascii_case(method));
            assert!(covered, "{method} {path} is not tried with another's ids");
        }
    }

    // The lists of the other business are empty, and the owner's things are untouched.
    for list in [
        "/api/products",
        "/api/products/categories",
        "/api/products/imports",
        "/api/entries",
        "/api/contacts",
        "/api/conversations",
        "/api/channels",
        "/api/saved-replies",
        "/api/labels",
        "/api/journal",
        "/api/assistant/unanswered",
    ] {
        assert!(other.api.all(list).await.is_empty(), "{list}");
    }
    let conversation = owned.shop.api.get(&format!("/api/conversations/{}", owned.conversation)).await.expect(200);
    assert_eq!(conversation["is_ai_enabled"], true);
    owned.shop.api.get(&format!("/api/products/{}", owned.product)).await.expect(200);
}

#[tokio::test]
async fn a_business_named_in_a_body_a_query_or_a_header_is_never_believed() {
    let house = House::shared().await;
    let owned = owned(&house).await;
    let other = house.shop("Tiệm Láu").await;
    let body = json!({"name": "Áo", "price": "1000", "tenant_id": owned.shop.id, "business_id": owned.shop.id});
    let made = other.api.post(&format!("/api/products?tenant_id={}", owned.shop.id), body).await.expect(201);
    owned.shop.api.get(&format!("/api/products/{}", text(&made["id"]))).await.problem(404);
}

#[tokio::test]
async fn a_page_of_another_business_cannot_be_connected() {
    let house = House::shared().await;
    let (_shop, page) = house.shop_with_page("Tiệm Chủ", "instagram").await;
    let other = house.shop("Tiệm Khác").await;
    let refused = other.connect(&page).await;
    assert_eq!(refused.status.as_u16(), 409);
    assert!(!refused.body.to_string().contains("Tiệm Chủ"), "{}", refused.body);
}
