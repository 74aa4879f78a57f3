//! The platform admins' endpoints, and what an admin may do inside a business.

use std::sync::atomic::Ordering;

use chatdesk_platform::Error;
use reqwest::Method;
use serde_json::{Value, json};

use crate::samples::{CHANNEL, CONVERSATION, OTHER_TENANT, PRODUCT, TENANT};
use crate::world::{World, fields, problem, soon};

async fn json_of(world: &World, path: &str, token: &str) -> Value {
    let answer = world.get(path, token).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

/// Case 78: nobody of a business calls what is the admins'.
#[tokio::test]
async fn what_is_the_admins_is_nobody_elses() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (reason, work) = (json!({"reason": "x"}), json!({"ids": [format!("inbox.send..{CHANNEL}")], "dry_run": true}));
    let tenant = format!("/api/admin/tenants/{TENANT}");
    let calls = [
        (Method::GET, "/api/admin/tenants".to_owned(), Value::Null),
        (Method::GET, tenant.clone(), Value::Null),
        (Method::POST, format!("{tenant}/suspend"), reason.clone()),
        (Method::POST, format!("{tenant}/resume"), Value::Null),
        (Method::POST, format!("{tenant}/enter"), reason),
        (Method::PUT, format!("{tenant}/cap"), json!({})),
        (Method::GET, "/api/admin/channels".to_owned(), Value::Null),
        (Method::GET, "/api/admin/usage".to_owned(), Value::Null),
        (Method::GET, "/api/admin/system".to_owned(), Value::Null),
        (Method::GET, "/api/admin/work".to_owned(), Value::Null),
        (Method::POST, "/api/admin/work/retry".to_owned(), work.clone()),
        (Method::POST, "/api/admin/work/discard".to_owned(), work),
        (Method::GET, "/api/admin/audit".to_owned(), Value::Null),
    ];
    for (method, path, body) in calls {
        problem(world.send(method, &path, &owner, &body).await, 403, "forbidden").await;
    }
    let admin = world.login("admin@x.test").await;
    problem(world.get("/api/audit", &admin).await, 403, "forbidden").await;
    problem(world.get("/api/conversations", &admin).await, 403, "forbidden").await;
}

#[tokio::test]
async fn tenants_are_shown_with_counts_and_money() {
    let world = World::start().await;
    let admin = world.login("admin@x.test").await;
    let list = json_of(&world, "/api/admin/tenants?q=may&state=active&limit=10", &admin).await;
    let first = &list["items"][0];
    assert_eq!(
        (&first["business_id"], &first["name"], &first["plan"]),
        (&json!(TENANT), &json!("Tiệm Mây"), &json!("standard"))
    );
    assert_eq!((&first["state"], &first["troubled_channels"]), (&json!("active"), &json!(1)));
    assert!(world.fakes.last("ListTenants").1.contains("query: \"may\""));
    let detail = json_of(&world, &format!("/api/admin/tenants/{TENANT}"), &admin).await;
    assert_eq!(detail["days"][0]["spend"], json!({"amount": "1.234567", "currency": "USD"}));
    assert_eq!(detail["channel_health"][0]["reason"], "expired");
    let usage = json_of(&world, "/api/admin/usage?from=2026-11-01&to=2026-11-22", &admin).await;
    assert_eq!((&usage["tenants"][0]["calls"], &usage["total"]["prompt_tokens"]), (&json!(2), &json!(900)));
    assert_eq!((&usage["others"]["tenants"], &usage["others"]["calls"]), (&json!(3), &json!(2)));
    json_of(&world, "/api/admin/channels?state=needs_reconnect", &admin).await;
    problem(world.get("/api/admin/tenants?state=gone", &admin).await, 422, "invalid_fields").await;
    problem(world.get("/api/admin/tenants/nobody", &admin).await, 404, "not_found").await;
}

#[tokio::test]
async fn a_cap_is_a_number_nothing_or_the_plans() {
    let world = World::start().await;
    let admin = world.login("admin@x.test").await;
    let path = format!("/api/admin/tenants/{TENANT}/cap");
    for (body, tokens, capped) in [
        (json!({"tokens_per_day": 0}), 0, true),
        (json!({"plan": "trial", "tokens_per_day": 500}), 500, true),
        (json!({"tokens_per_day": null}), 2_000_000, false),
        (json!({"plan": "trial"}), 700, true),
        (json!({}), 700, true),
    ] {
        let shown: Value = world.send(Method::PUT, &path, &admin, &body).await.json().await.unwrap();
        assert_eq!((&shown["tokens_per_day"], &shown["is_capped"]), (&json!(tokens), &json!(capped)), "{body}");
    }
    for bad in [json!({"tokens_per_day": -1}), json!({"tokens_per_day": "many"}), json!({"plan": "gold"})] {
        problem(world.send(Method::PUT, &path, &admin, &bad).await, 422, "invalid_fields").await;
    }
}

/// Case 82: inside a business an admin only looks, does not take anything along, does not go on to another, and not for ever.
#[tokio::test]
async fn a_visit_only_looks_and_ends() {
    let world = World::start().await;
    let admin = world.login("admin@x.test").await;
    let enter = format!("/api/admin/tenants/{TENANT}/enter");
    let refused = problem(world.send(Method::POST, &enter, &admin, &json!({})).await, 422, "invalid_fields").await;
    assert_eq!(fields(&refused), [("reason".to_owned(), "required".to_owned())]);
    let answer = world.send(Method::POST, &enter, &admin, &json!({"reason": "ticket 7"})).await;
    assert!(answer.headers().get("set-cookie").is_none(), "a visit has nothing to be renewed with");
    let entered: Value = answer.json().await.unwrap();
    assert!((890..=900).contains(&entered["expires_in"].as_i64().unwrap()), "{entered}");
    assert_eq!(entered["visit"]["reason"], "ticket 7");
    let visit = entered["access_token"].as_str().unwrap();

    json_of(&world, "/api/conversations", visit).await;
    let (caller, _) = world.fakes.last("ListConversations");
    assert_eq!(caller.tenant().unwrap().to_string(), TENANT);
    assert!(caller.acting().is_some() && caller.user().is_none());
    json_of(&world, "/api/notices", visit).await;

    let text = json!({"text": "hello"});
    let messages = format!("/api/conversations/{CONVERSATION}/messages");
    let calls = [
        (Method::POST, messages, text),
        (Method::DELETE, format!("/api/products/{PRODUCT}"), Value::Null),
        (Method::PUT, "/api/assistant/settings".to_owned(), json!({"tone": "x"})),
        (Method::POST, "/api/ws-ticket".to_owned(), Value::Null),
        (Method::GET, "/api/audit".to_owned(), Value::Null),
        (Method::GET, "/api/auth/sessions".to_owned(), Value::Null),
        (Method::POST, enter.clone(), json!({"reason": "nested"})),
        (Method::POST, format!("/api/admin/tenants/{OTHER_TENANT}/enter"), json!({"reason": "another"})),
        (Method::GET, "/api/admin/tenants".to_owned(), Value::Null),
    ];
    for (method, path, body) in calls {
        problem(world.send(method, &path, visit, &body).await, 403, "read_only").await;
    }
    soon("what was tried is noted", async {
        while world.fakes.count("NoteRefusal") < 6 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let (caller, _) = world.fakes.last("NoteRefusal");
    assert!(caller.acting().is_some() && caller.address().is_some());

    // Over, by more than two gateways' clocks may differ.
    world.fakes.visit_seconds.store(-31, Ordering::SeqCst);
    let over: Value = world.send(Method::POST, &enter, &admin, &json!({"reason": "late"})).await.json().await.unwrap();
    let over = over["access_token"].as_str().unwrap();
    problem(world.get("/api/conversations", over).await, 401, "unauthenticated").await;
}

#[tokio::test]
async fn work_is_looked_at_before_it_is_decided_and_noted_before_it_is_done() {
    let world = World::start().await;
    let admin = world.login("admin@x.test").await;
    let list = json_of(&world, "/api/admin/work?service=inbox&kind=send", &admin).await;
    let item = &list["items"][0];
    assert_eq!((&item["why"], &item["service"]), (&json!("internal error: out of luck"), &json!("inbox")));
    assert_eq!((&item["can_retry"], &item["can_discard"]), (&json!(true), &json!(false)));
    let id = item["id"].as_str().unwrap();
    assert_eq!(id, format!("inbox.send.{TENANT}.{CHANNEL}"));

    let ask = |dry_run: bool| json!({"ids": [id], "dry_run": dry_run});
    let looked: Value =
        world.send(Method::POST, "/api/admin/work/retry", &admin, &ask(true)).await.json().await.unwrap();
    assert_eq!(looked, json!({"done": [id], "gone": [], "dry_run": true}));
    assert_eq!(world.fakes.count("NoteWork"), 0);
    assert!(world.fakes.last("RetryWork").1.contains("dry_run: true"));

    world.send(Method::POST, "/api/admin/work/retry", &admin, &ask(false)).await;
    assert!(world.fakes.last("NoteWork").1.contains(id));
    // Nothing is done of which there is no record.
    world.fakes.fail(Error::Unavailable("tenants"));
    let discard = world.send(Method::POST, "/api/admin/work/discard", &admin, &ask(false)).await;
    problem(discard, 503, "unavailable").await;
    assert_eq!(world.fakes.count("DiscardWork"), 0);
    let gone: Value =
        world.send(Method::POST, "/api/admin/work/discard", &admin, &ask(false)).await.json().await.unwrap();
    assert_eq!(gone, json!({"done": [], "gone": [id], "dry_run": false}));

    let other = format!("catalog.import.{TENANT}.{CHANNEL}");
    for ids in [json!([]), json!(["inbox.send"]), json!([id, other]), json!(["mars.send..".to_owned() + CHANNEL])] {
        let body = json!({"ids": ids, "dry_run": true});
        problem(world.send(Method::POST, "/api/admin/work/retry", &admin, &body).await, 422, "invalid_fields").await;
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_shown_as_one() {
    let world = World::start().await;
    let admin = world.login("admin@x.test").await;
    world.fakes.fail(Error::Unavailable("the database"));
    let shown = json_of(&world, "/api/admin/system", &admin).await;
    let services = shown["services"].as_array().unwrap();
    assert_eq!(services.iter().map(|one| one["is_up"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(services[1]["queues"][0]["set_aside"], 1);
    assert_eq!(services[1]["pool"], json!({"most": 10, "open": 4, "idle": 3}));
}

#[tokio::test]
async fn an_audit_log_is_taken_along_line_by_line() {
    let world = World::start().await;
    let (owner, admin) = (world.owner().await, world.login("admin@x.test").await);
    let page = json_of(&world, "/api/audit?limit=2&action=tenant.", &owner).await;
    assert_eq!((page["items"].as_array().unwrap().len(), page["next_cursor"].is_string()), (2, true));
    assert_eq!(page["items"][0]["after"], json!({"minutes": 15}));
    for (path, token) in [
        ("/api/audit?export=ndjson".to_owned(), &owner),
        (format!("/api/admin/audit?export=ndjson&business_id={TENANT}"), &admin),
    ] {
        let answer = world.get(&path, token).await;
        assert_eq!(answer.headers()["content-type"], "application/x-ndjson; charset=utf-8");
        let name = format!("attachment; filename=\"audit-{TENANT}.ndjson\"");
        assert_eq!(answer.headers()["content-disposition"], name.as_str());
        let text = answer.text().await.unwrap();
        let numbers = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["n"].as_u64().unwrap());
        assert_eq!(numbers.collect::<Vec<_>>(), [3, 2, 1]);
    }
    assert!(world.fakes.last("ListAdminAudit").1.contains(TENANT));
    let whole = world.get("/api/admin/audit?export=ndjson", &admin).await;
    assert_eq!(whole.headers()["content-disposition"], "attachment; filename=\"audit-installation.ndjson\"");
    problem(world.get("/api/audit?export=xlsx", &owner).await, 422, "invalid_fields").await;
    let notices = json_of(&world, "/api/notices", &owner).await;
    assert_eq!((&notices["items"][0]["kind"], &notices["items"][0]["reason"]), (&json!("visit"), &json!("ticket 7")));
}
