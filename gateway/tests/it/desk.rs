//! The inbox's desk: what a list may be narrowed to, what a change asks of the service, and who may.

use chatdesk_platform::Error;
use reqwest::Method;
use serde_json::{Value, json};

use crate::samples::{CHANNEL, CONVERSATION, LABEL, MESSAGE, NOTE, PRODUCT, USER};
use crate::world::{World, fields, problem};

#[tokio::test]
async fn a_list_is_narrowed_as_it_was_asked() {
    let world = World::start().await;
    let owner = world.owner().await;
    let path =
        format!("/api/conversations?filter=closing_soon&q=ao%20%C4%91%E1%BB%8F&label_id={LABEL}&channel_id={CHANNEL}");
    assert_eq!(world.get(&path, &owner).await.status(), 200);
    let (_, asked) = world.fakes.last("ListConversations");
    for part in ["filter: ClosingSoon", "q: \"ao đỏ\"", LABEL, CHANNEL] {
        assert!(asked.contains(part), "{part} in {asked}");
    }
    assert_eq!(world.get("/api/conversations?filter=all&q=%20&label_id=", &owner).await.status(), 200);
    let (_, asked) = world.fakes.last("ListConversations");
    assert!(asked.contains("filter: Unspecified") && asked.contains("q: \"\""), "{asked}");
    let bad = format!("/api/conversations?limit=0&filter=mien&q={}&label_id=7&channel_id=x", "a".repeat(201));
    let told = problem(world.get(&bad, &owner).await, 422, "invalid_fields").await;
    let names: Vec<String> = fields(&told).into_iter().map(|(field, _)| field).collect();
    assert_eq!(names, ["limit", "filter", "q", "label_id", "channel_id"]);
}

#[tokio::test]
async fn what_is_absent_stays_and_null_is_not_absent() {
    let world = World::start().await;
    let owner = world.owner().await;
    let path = format!("/api/conversations/{CONVERSATION}");
    for (body, parts) in [
        (json!({}), ["status: Unspecified", "assignee: None", "labels: None"]),
        (
            json!({"status": "closed", "assignee_id": null, "label_ids": []}),
            ["status: Closed", "assignee: Some(Assignee { user_id: \"\" })", "labels: Some(Labels { ids: [] })"],
        ),
        (json!({"status": "open", "assignee_id": USER, "label_ids": [LABEL]}), ["status: Open", USER, LABEL]),
    ] {
        assert_eq!(world.send(Method::PATCH, &path, &owner, &body).await.status(), 200);
        let (_, asked) = world.fakes.last("UpdateConversation");
        for part in parts {
            assert!(asked.contains(part), "{part} in {asked}");
        }
    }
}

#[tokio::test]
async fn changes_have_their_statuses() {
    let world = World::start().await;
    let owner = world.owner().await;
    let at = format!("/api/conversations/{CONVERSATION}");
    let label = json!({"name": "Mới", "color": "green"});
    for (method, path, body, status) in [
        (Method::POST, format!("{at}/read"), json!(null), 200),
        (Method::POST, format!("{at}/unread"), json!(null), 200),
        (Method::POST, format!("{at}/notes"), json!({"text": "nhớ gọi"}), 201),
        (Method::DELETE, format!("{at}/notes/{NOTE}"), json!(null), 204),
        (Method::POST, format!("{at}/messages/{MESSAGE}/retry"), json!(null), 202),
        (Method::POST, "/api/labels".to_owned(), label.clone(), 201),
        (Method::PUT, format!("/api/labels/{LABEL}"), label.clone(), 200),
        (Method::DELETE, format!("/api/labels/{LABEL}"), json!(null), 204),
        (Method::POST, format!("{at}/messages/{MESSAGE}/resolve"), json!({"was_delivered": true}), 200),
        (Method::POST, format!("{at}/messages/{MESSAGE}/attachments/refresh"), json!(null), 200),
        (Method::POST, format!("{at}/messages"), json!({"attachment_id": NOTE}), 202),
    ] {
        let request = world.request(method.clone(), &path).bearer_auth(&owner);
        // No body where none is asked for.
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{method} {path}");
    }
    let (_, asked) = world.fakes.last("SendMessage");
    assert!(asked.contains("text: \"\"") && asked.contains(NOTE), "{asked}");
    let (_, asked) = world.fakes.last("RetryMessage");
    assert!(asked.contains(CONVERSATION) && asked.contains(MESSAGE), "{asked}");
    let (_, asked) = world.fakes.last("ResolveMessage");
    assert!(asked.contains(MESSAGE) && asked.contains("was_delivered: true"), "{asked}");
    for path in [format!("{at}/notes/7"), format!("{at}/messages/7/retry"), "/api/labels/7".to_owned()] {
        let method = if path.ends_with("retry") { Method::POST } else { Method::DELETE };
        problem(world.request(method, &path).bearer_auth(&owner).send().await.unwrap(), 404, "not_found").await;
    }
}

#[tokio::test]
async fn what_the_inbox_refuses_is_told() {
    let world = World::start().await;
    let owner = world.owner().await;
    let at = format!("/api/conversations/{CONVERSATION}");
    world.fakes.fail(Error::invalid("assignee_id", "unknown_member", "is no member"));
    let told = world.send(Method::PATCH, &at, &owner, &json!({"assignee_id": USER})).await;
    let told = problem(told, 422, "invalid_fields").await;
    assert_eq!(fields(&told), [("assignee_id".to_owned(), "unknown_member".to_owned())]);
    world.fakes.fail(Error::Conflict { code: "name_in_use", detail: "Taken.".to_owned() });
    let body = json!({"name": "a", "color": "red"});
    problem(world.send(Method::POST, "/api/labels", &owner, &body).await, 409, "name_in_use").await;
    world.fakes.fail(Error::Precondition { code: "not_failed", detail: "It went out.".to_owned() });
    let retry = world.send(Method::POST, &format!("{at}/messages/{MESSAGE}/retry"), &owner, &json!({})).await;
    problem(retry, 409, "not_failed").await;
    world.fakes.fail(Error::Forbidden);
    let read = world.send(Method::POST, &format!("{at}/read"), &owner, &json!({})).await;
    problem(read, 403, "forbidden").await;
    world.fakes.fail(Error::invalid("time_zone", "unknown", "is no time zone"));
    let told = problem(world.get("/api/dashboard?time_zone=Mars", &owner).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), [("time_zone".to_owned(), "unknown".to_owned())]);
    assert!(world.fakes.last("GetStats").1.contains("time_zone: \"Mars\""));
    let asked: Value = world.get("/api/dashboard", &owner).await.json().await.unwrap();
    assert!(world.fakes.last("GetStats").1.contains("time_zone: \"Asia/Tokyo\""), "the profile's");
    assert_eq!(asked["median_answer_seconds"], 12.5);
}

#[tokio::test]
async fn products_go_out_as_cards_and_a_text_with_answers_to_tap() {
    let world = World::start().await;
    let owner = world.owner().await;
    let messages = format!("/api/conversations/{CONVERSATION}/messages");
    let product = crate::samples::product();
    let told = world.send(Method::POST, &messages, &owner, &json!({"product_ids": [PRODUCT]})).await;
    assert_eq!(told.status(), 202);
    let (_, asked) = world.fakes.last("SendMessage");
    assert!(asked.contains(&format!("title: {:?}", product.name)) && asked.contains("subtitle: "), "{asked}");
    let unknown = json!({"product_ids": [PRODUCT, NOTE]});
    let told = problem(world.send(Method::POST, &messages, &owner, &unknown).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), [("product_ids[1]".to_owned(), "unknown".to_owned())]);
    let tapped = json!({"text": "Size nào ạ?", "quick_replies": ["S", "M"]});
    assert_eq!(world.send(Method::POST, &messages, &owner, &tapped).await.status(), 202);
    assert!(world.fakes.last("SendMessage").1.contains("quick_replies: [\"S\", \"M\"]"));
    for (body, field, code) in [
        (json!({"product_ids": []}), "product_ids", "out_of_range"),
        (json!({"product_ids": ["x"]}), "product_ids[0]", "malformed"),
        (json!({"product_ids": [PRODUCT], "text": "x"}), "product_ids", "exclusive"),
        (json!({"attachment_id": NOTE, "product_ids": [PRODUCT]}), "attachment_id", "exclusive"),
        (json!({"attachment_id": NOTE, "quick_replies": ["S"]}), "attachment_id", "exclusive"),
        (json!({"text": "x", "quick_replies": vec!["S"; 14]}), "quick_replies", "out_of_range"),
        (json!({"text": "x", "quick_replies": ["x".repeat(21)]}), "quick_replies[0]", "too_long"),
        (json!({"quick_replies": ["S"]}), "text", "required"),
    ] {
        let told = problem(world.send(Method::POST, &messages, &owner, &body).await, 422, "invalid_fields").await;
        assert!(fields(&told).contains(&(field.to_owned(), code.to_owned())), "{body}: {told}");
    }
    let resolve = format!("{messages}/{MESSAGE}/resolve");
    let told = problem(world.send(Method::POST, &resolve, &owner, &json!({})).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), [("was_delivered".to_owned(), "required".to_owned())]);
}

#[tokio::test]
async fn a_page_around_a_message_leads_both_ways() {
    let world = World::start().await;
    let owner = world.owner().await;
    let messages = format!("/api/conversations/{CONVERSATION}/messages");
    let page: Value = world.get(&format!("{messages}?around={MESSAGE}"), &owner).await.json().await.unwrap();
    assert_eq!(page["previous_cursor"], "newer");
    assert!(world.fakes.last("ListMessages").1.contains(&format!("around: \"{MESSAGE}\"")));
    let page: Value = world.get(&messages, &owner).await.json().await.unwrap();
    assert_eq!(page["previous_cursor"], Value::Null);
    problem(world.get(&format!("{messages}?around=7"), &owner).await, 422, "invalid_fields").await;
}
