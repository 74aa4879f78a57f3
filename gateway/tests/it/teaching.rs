//! What the assistant could not answer, and what it would say, as the outside sees it.

use chatdesk_platform::Error;
use reqwest::Method;
use serde_json::{Value, json};

use crate::samples::{REPLAY, UNANSWERED};
use crate::world::{World, fields, problem};

#[tokio::test]
async fn unanswered_questions_are_paged_and_dismissed_by_those_who_manage() {
    let world = World::start().await;
    let (owner, viewer) = (world.owner().await, world.login("viewer@a.test").await);
    assert_eq!(
        world.get("/api/assistant/unanswered?cursor=AZjwAAAAcACAAAAAAAAAFQ&limit=7", &viewer).await.status(),
        200
    );
    let (_, asked) = world.fakes.last("ListUnanswered");
    assert!(asked.contains("cursor: \"AZjwAAAAcACAAAAAAAAAFQ\"") && asked.contains("limit: 7"), "{asked}");
    let told = problem(world.get("/api/assistant/unanswered?limit=201", &viewer).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), [("limit".to_owned(), "out_of_range".to_owned())]);

    let dismiss = async |path: &str, token: &str| world.request(Method::DELETE, path).bearer_auth(token).send().await;
    let path = format!("/api/assistant/unanswered/{UNANSWERED}");
    problem(dismiss(&path, &viewer).await.unwrap(), 403, "forbidden").await;
    assert_eq!(dismiss(&path, &owner).await.unwrap().status(), 204);
    assert!(world.fakes.last("DismissUnanswered").1.contains(UNANSWERED));
    world.fakes.fail(Error::NotFound("question"));
    problem(dismiss(&path, &owner).await.unwrap(), 404, "not_found").await;
    problem(dismiss("/api/assistant/unanswered/7", &owner).await.unwrap(), 404, "not_found").await;
}

#[tokio::test]
async fn replays_are_begun_and_read_by_those_who_manage() {
    let world = World::start().await;
    let (owner, viewer) = (world.owner().await, world.login("viewer@a.test").await);
    let start = async |token: &str, body| world.send(Method::POST, "/api/assistant/replay", token, &body).await;
    assert_eq!(start(&owner, json!({"limit": 7})).await.status(), 202);
    assert!(world.fakes.last("StartReplay").1.contains("limit: 7"));
    assert_eq!(start(&owner, json!({})).await.status(), 202);
    assert!(world.fakes.last("StartReplay").1.contains("limit: 100"));
    for (limit, code) in [(json!(0), "out_of_range"), (json!(101), "out_of_range"), (json!("x"), "out_of_range")] {
        let told = problem(start(&owner, json!({"limit": limit})).await, 422, "invalid_fields").await;
        assert_eq!(fields(&told), [("limit".to_owned(), code.to_owned())], "{limit}");
    }
    world.fakes.fail(Error::Conflict { code: "replay_running", detail: "One at a time.".to_owned() });
    problem(start(&owner, json!({})).await, 409, "replay_running").await;
    problem(start(&viewer, json!({})).await, 403, "forbidden").await;
    problem(world.get(&format!("/api/assistant/replay/{REPLAY}"), &viewer).await, 403, "forbidden").await;
    problem(world.get("/api/assistant/replay/7", &owner).await, 404, "not_found").await;
}

#[tokio::test]
async fn a_question_becomes_an_entry_with_its_own_id_and_is_closed() {
    let world = World::start().await;
    let (owner, viewer) = (world.owner().await, world.login("viewer@a.test").await);
    let path = format!("/api/assistant/unanswered/{UNANSWERED}/entry");
    let lesson = json!({"kind": "policy", "title": "Bán sỉ", "body": "Từ 10 cái giảm 10%."});
    let teach = async |path: &str, token: &str, body: &Value| world.send(Method::POST, path, token, body).await;
    let made = teach(&path, &owner, &lesson).await;
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.unwrap();
    assert_eq!((&made["id"], &made["kind"], &made["title"]), (&json!(UNANSWERED), &json!("policy"), &json!("Bán sỉ")));
    let names: Vec<_> = world.fakes.calls.lock().unwrap().iter().map(|(method, ..)| *method).collect();
    let begin = names.len() - 3;
    assert_eq!(names[begin..], ["GetUnanswered", "CreateEntry", "CloseUnanswered"]);
    assert!(world.fakes.last("CreateEntry").1.contains(UNANSWERED), "trying again makes no second entry");

    // Another's, or none: nothing is made.
    let before = world.fakes.count("CreateEntry");
    let other = format!("/api/assistant/unanswered/{REPLAY}/entry");
    problem(teach(&other, &owner, &lesson).await, 404, "not_found").await;
    problem(teach(&path, &viewer, &lesson).await, 403, "forbidden").await;
    let synonym = json!({"kind": "synonym", "title": "", "body": "x".repeat(8001)});
    let told = problem(teach(&path, &owner, &synonym).await, 422, "invalid_fields").await;
    let told: Vec<_> = fields(&told);
    let named = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(told, [named("kind", "unknown_value"), named("title", "required"), named("body", "too_long")]);
    let told = problem(teach(&path, &owner, &json!({})).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told).len(), 3);
    assert_eq!(world.fakes.count("CreateEntry"), before);
}
