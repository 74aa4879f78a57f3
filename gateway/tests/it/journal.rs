//! The journal of what Meta sent, as owners and managers see it.

use chatdesk_platform::Error;
use reqwest::Method;
use serde_json::{Value, json};

use crate::samples::{CHANNEL, ITEM};
use crate::world::{World, fields, problem};

#[tokio::test]
async fn the_journal_is_narrowed_by_outcome_channel_and_time() {
    let world = World::start().await;
    let owner = world.owner().await;
    let path = format!("/api/journal?outcome=failed&channel_id={CHANNEL}&from=2026-11-22T08:30:00%2B07:00&to=&limit=7");
    assert_eq!(world.get(&path, &owner).await.status(), 200);
    let (_, asked) = world.fakes.last("ListItems");
    for part in ["outcome: Failed", CHANNEL, "limit: 7", "seconds: 1795311000", "to: None"] {
        assert!(asked.contains(part), "{part} in {asked}");
    }
    let bad = "/api/journal?limit=0&outcome=lost&channel_id=7&from=yesterday&to=2026-11-22";
    let told = problem(world.get(bad, &owner).await, 422, "invalid_fields").await;
    let names: Vec<String> = fields(&told).into_iter().map(|(field, _)| field).collect();
    assert_eq!(names, ["limit", "outcome", "channel_id", "from", "to"]);
    let told = problem(world.get("/api/journal/summary?from=x", &owner).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), [("from".to_owned(), "malformed".to_owned())]);
}

#[tokio::test]
async fn an_item_is_found_by_its_own_id_only() {
    let world = World::start().await;
    let owner = world.owner().await;
    let item: Value = world.get(&format!("/api/journal/{ITEM}"), &owner).await.json().await.unwrap();
    assert_eq!((&item["id"], &item["outcome"]), (&json!(ITEM), &json!("status")));
    for id in ["7", "0198f000-0000-7000-8000-000000000019", "0198f000-0000-7000-8000-000000000019.x", "%FF", "a.1"] {
        problem(world.get(&format!("/api/journal/{id}"), &owner).await, 404, "not_found").await;
    }
}

#[tokio::test]
async fn one_item_or_a_period_is_worked_off_again() {
    let world = World::start().await;
    let owner = world.owner().await;
    let redrive = async |body: Value| world.send(Method::POST, "/api/journal/redrive", &owner, &body).await;
    let begun = redrive(json!({"id": ITEM})).await;
    assert_eq!(begun.status(), 202);
    assert_eq!(begun.json::<Value>().await.unwrap(), json!({"count": 7}));
    assert!(world.fakes.last("Redrive").1.contains(ITEM));
    let period = json!({"from": "2026-11-22T00:00:00Z", "to": "2026-11-23T00:00:00Z", "outcome": "failed"});
    assert_eq!(redrive(period).await.status(), 202);
    let (_, asked) = world.fakes.last("Redrive");
    assert!(asked.contains("id: \"\"") && asked.contains("outcome: Failed") && asked.contains("1795305600"), "{asked}");
    for (body, want) in [
        (json!({}), vec![("from", "required"), ("to", "required")]),
        (json!({"id": "7"}), vec![("id", "malformed")]),
        (json!({"id": ITEM, "from": "2026-11-22T00:00:00Z"}), vec![("from", "exclusive")]),
        (json!({"from": 7, "to": "soon"}), vec![("from", "wrong_type"), ("to", "malformed")]),
    ] {
        let told = problem(redrive(body).await, 422, "invalid_fields").await;
        let want: Vec<_> = want.into_iter().map(|(field, code)| (field.to_owned(), code.to_owned())).collect();
        assert_eq!(fields(&told), want);
    }
    world.fakes.fail(Error::Precondition { code: "not_kept", detail: "Gone.".to_owned() });
    problem(redrive(json!({"id": ITEM})).await, 409, "not_kept").await;
}

#[tokio::test]
async fn only_owners_and_managers_see_the_journal() {
    let world = World::start().await;
    let viewer = world.login("viewer@a.test").await;
    for path in ["/api/journal".to_owned(), "/api/journal/summary".to_owned(), format!("/api/journal/{ITEM}")] {
        problem(world.get(&path, &viewer).await, 403, "forbidden").await;
    }
    let body = json!({"id": ITEM});
    problem(world.send(Method::POST, "/api/journal/redrive", &viewer, &body).await, 403, "forbidden").await;
}
