//! What is taken along, deleted and forgotten, as the outside sees it.

use std::io::{Cursor, Read as _};

use chatdesk_platform::{Clock, Error, Identity, Role};
use chatdesk_proto::tenants::v1 as pb;
use reqwest::Method;
use serde_json::{Value, json};

use crate::samples::{CONTACT, EXPORT, TENANT, WITHDRAWN_EXPORT};
use crate::socket::{dial, offer};
use crate::world::{World, fields, problem};

#[tokio::test]
async fn an_export_is_begun_listed_and_fetched_as_one_zip_of_all_services() {
    let world = World::start().await;
    let (owner, viewer) = (world.owner().await, world.login("viewer@a.test").await);
    let begun = world.send(Method::POST, "/api/privacy/export", &owner, &Value::Null).await;
    assert_eq!(begun.status(), 202);
    let begun: Value = begun.json().await.unwrap();
    assert_eq!((&begun["state"], &begun["id"]), (&json!("running"), &json!(EXPORT)));
    let listed: Value = world.get("/api/privacy/export", &owner).await.json().await.unwrap();
    assert_eq!(listed["items"][0]["state"], "ready");
    let file = format!("/api/privacy/export/{EXPORT}/file");
    let answer = world.get(&file, &owner).await;
    assert_eq!(answer.headers()["content-type"], "application/zip");
    assert!(answer.headers()["content-disposition"].to_str().unwrap().ends_with(".zip\""));
    let mut zip = zip::ZipArchive::new(Cursor::new(answer.bytes().await.unwrap())).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, ["people.ndjson", "messages.ndjson", "products.ndjson"]);
    let mut text = String::new();
    zip.by_name("messages.ndjson").unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "{\"a\":1}\n{\"a\":2}\n");

    problem(world.get(&file, &viewer).await, 403, "forbidden").await;
    problem(world.get(&file, "").await, 401, "unauthenticated").await;
    problem(world.get("/api/privacy/export/7/file", &owner).await, 404, "not_found").await;
    let withdrawn = format!("/api/privacy/export/{WITHDRAWN_EXPORT}");
    problem(world.get(&format!("{withdrawn}/file"), &owner).await, 410, "export_withdrawn").await;
    let link = world.send(Method::POST, &format!("{withdrawn}/link"), &owner, &Value::Null).await;
    problem(link, 410, "export_withdrawn").await;
    world.fakes.fail(Error::NotFound("export"));
    problem(world.get(&file, &owner).await, 404, "not_found").await;
    world.fakes.fail(Error::Conflict { code: "export_running", detail: "One at a time.".to_owned() });
    problem(world.send(Method::POST, "/api/privacy/export", &owner, &Value::Null).await, 409, "export_running").await;
}

#[tokio::test]
async fn so_many_exports_of_a_business_are_fetched_at_once() {
    let world = World::with(Clock::system(), |config| config.limits.exports_each = 0).await;
    let answer = world.get(&format!("/api/privacy/export/{EXPORT}/file"), &world.owner().await).await;
    assert_eq!(answer.headers()["retry-after"], "2");
    problem(answer, 429, "too_many_exports").await;
}

#[tokio::test]
async fn a_link_carries_a_ticket_and_its_holder_is_who_the_ticket_says() {
    let world = World::start().await;
    let owner = world.owner().await;
    let path = format!("/api/privacy/export/{EXPORT}/link");
    let link = async || {
        let link: Value = world.send(Method::POST, &path, &owner, &Value::Null).await.json().await.unwrap();
        link["url"].as_str().unwrap().to_owned()
    };
    let url = &link().await;
    assert!(url.starts_with(&format!("/api/privacy/export/{EXPORT}/file?ticket=")), "{url}");
    // Whoever took the access token for more than the ticket says would let them in: the stand-in's tickets are an agent's.
    problem(world.get(url, &owner).await, 403, "forbidden").await;
    let url = &link().await;
    for holder in world.fakes.tickets.lock().unwrap().values_mut() {
        holder.member_role = pb::MemberRole::Owner.into();
    }
    // It is for this export: neither for another nor for a socket.
    let another = url.replace(EXPORT, CONTACT);
    problem(world.get(&another, "").await, 401, "unauthenticated").await;
    let (_, ticket) = url.split_once("ticket=").unwrap();
    assert_eq!(dial(&world, TENANT, &[offer(ticket)]).await.err(), Some(401));
    let fetched = world.get(url, "").await;
    assert_eq!(fetched.status(), 200);
    let holder = world.fakes.last("ReadExport").0.identity();
    assert!(matches!(holder, Identity::Member { role: Role::Owner, .. }), "{holder:?}");
    world.fakes.fail(Error::Unauthenticated);
    problem(world.get(url, "").await, 401, "unauthenticated").await;
}

#[tokio::test]
async fn a_deletion_is_asked_for_with_the_password_and_taken_back() {
    let world = World::start().await;
    let (owner, viewer) = (world.owner().await, world.login("viewer@a.test").await);
    let none: Value = world.get("/api/privacy/deletion", &viewer).await.json().await.unwrap();
    assert_eq!(none, json!({"delete_after": null, "requested_at": null, "requested_by": null}));
    let ask = async |body: Value| world.send(Method::POST, "/api/privacy/deletion", &owner, &body).await;
    let told = problem(ask(json!({})).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), [("password".to_owned(), "required".to_owned())]);
    let asked = ask(json!({"password": "mat khau"})).await;
    assert_eq!(asked.status(), 202);
    assert!(asked.json::<Value>().await.unwrap()["delete_after"].is_string());
    let cancel = world.request(Method::DELETE, "/api/privacy/deletion").bearer_auth(&owner).send();
    assert_eq!(cancel.await.unwrap().status(), 204);
}

#[tokio::test]
async fn a_contact_is_forgotten_by_those_who_manage() {
    let world = World::start().await;
    let owner = world.owner().await;
    let path = format!("/api/contacts/{CONTACT}/data");
    let erase = async || world.request(Method::DELETE, &path).bearer_auth(&owner).send().await.unwrap();
    assert_eq!(erase().await.status(), 202);
    assert!(world.fakes.last("EraseContact").1.contains(CONTACT));
    world.fakes.fail(Error::NotFound("contact"));
    problem(erase().await, 404, "not_found").await;
}
