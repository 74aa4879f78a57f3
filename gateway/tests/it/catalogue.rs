//! Variants, entries and files of products over REST.

use chatdesk_platform::Error;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::samples::{ENTRY, IMPORT, PRODUCT};
use crate::socket::{live, next, open};
use crate::world::{World, fields, problem};

fn named(names: &[(&str, &str)]) -> Vec<(String, String)> {
    names.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

async fn import(world: &World, token: &str, query: &str, body: Vec<u8>) -> Response {
    let asked = world.request(Method::POST, &format!("/api/products/imports{query}")).bearer_auth(token);
    asked.header("content-type", "text/csv").header("x-file-name", "gi%C3%A1.csv").body(body).send().await.unwrap()
}

#[tokio::test]
async fn a_product_is_sold_in_forms() {
    let world = World::start().await;
    let token = world.owner().await;
    let wish = json!({
        "name": "Áo", "price": "150000", "sku": "A1", "category": "Áo", "stock": 3, "image_urls": ["https://a.vn/1"],
        "variants": [{"name": "Đỏ", "sku": "A1-D", "price": "160000", "stock": 0, "attributes": {"Màu": "Đỏ"}}, {"name": "Đen"}],
    });
    let answer = world.send(Method::POST, "/api/products", &token, &wish).await;
    assert_eq!(answer.status(), 201);
    let made: Value = answer.json().await.unwrap();
    let want = json!([
        {"name": "Đỏ", "sku": "A1-D", "price": "160000", "stock": 0, "attributes": {"Màu": "Đỏ"}},
        {"name": "Đen", "sku": null, "price": null, "stock": null, "attributes": {}},
    ]);
    assert_eq!((&made["variants"], &made["stock"], &made["sku"]), (&want, &json!(3), &json!("A1")));
    let path = format!("/api/products/{PRODUCT}");
    let change = json!({"stock": null, "variants": [{"name": "Đỏ", "price": 5}], "image_urls": []});
    assert_eq!(world.send(Method::PUT, &path, &token, &change).await.status(), 200);
    let (_, told) = world.fakes.last("UpdateProduct");
    for part in
        ["uncount_stock: true", "price_minor: Some(5)", "image_urls: Some(ImageList { urls: [] })", "currency: None"]
    {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert_eq!(world.send(Method::PUT, &path, &token, &json!({"name": "x"})).await.status(), 200);
    let (_, told) = world.fakes.last("UpdateProduct");
    assert!(told.contains("variants: None") && told.contains("uncount_stock: false"), "{told}");
}

#[tokio::test]
async fn every_bad_field_of_a_form_is_named() {
    let world = World::start().await;
    let token = world.owner().await;
    let wish = json!({
        "name": "Áo", "price": "1", "stock": -1, "sku": "x".repeat(65), "category": 1, "image_urls": ["http://a.vn"],
        "variants": [{"name": "", "price": "1.5", "stock": 1.5, "attributes": {"Màu": 1}}, 7],
    });
    let told = problem(world.send(Method::POST, "/api/products", &token, &wish).await, 422, "invalid_fields").await;
    let mut told = fields(&told);
    told.sort();
    let mut want = named(&[
        ("variants[0].name", "required"),
        ("variants[0].price", "malformed"),
        ("variants[0].stock", "out_of_range"),
        ("variants[0].attributes.Màu", "wrong_type"),
        ("variants[1]", "wrong_type"),
        ("image_urls[0]", "malformed"),
        ("sku", "too_long"),
        ("category", "wrong_type"),
        ("stock", "out_of_range"),
    ]);
    want.sort();
    assert_eq!(told, want);
}

#[tokio::test]
async fn a_list_is_narrowed_by_what_the_shop_sorts_and_counts_by() {
    let world = World::start().await;
    let token = world.owner().await;
    assert_eq!(world.get("/api/products?category=%C3%81o&low_stock=5&status=available", &token).await.status(), 200);
    let (_, told) = world.fakes.last("ListProducts");
    assert!(told.contains("category: \"Áo\"") && told.contains("low_stock: Some(5)"), "{told}");
    let told = problem(world.get("/api/products?low_stock=-1", &token).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("low_stock", "out_of_range")]));
}

#[tokio::test]
async fn entries_are_checked_field_by_field() {
    let world = World::start().await;
    let token = world.owner().await;
    let told = problem(world.send(Method::POST, "/api/entries", &token, &json!({})).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("kind", "required"), ("title", "required"), ("body", "required")]));
    let bad = json!({"kind": "synonym", "title": "a".repeat(501), "body": "b".repeat(501)});
    let told = problem(world.send(Method::POST, "/api/entries", &token, &bad).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("title", "too_long"), ("body", "too_long")]));
    let good = json!({"kind": "policy", "title": "Đổi trả", "body": "Trong 7 ngày."});
    let answer = world.send(Method::POST, "/api/entries", &token, &good).await;
    assert_eq!(answer.status(), 201);
    let made: Value = answer.json().await.unwrap();
    assert_eq!((&made["kind"], &made["title"], &made["body"]), (&good["kind"], &good["title"], &good["body"]));
    let path = format!("/api/entries/{ENTRY}");
    assert_eq!(world.send(Method::PUT, &path, &token, &json!({"body": "mới"})).await.status(), 200);
    let (_, told) = world.fakes.last("UpdateEntry");
    assert!(told.contains("title: None") && told.contains("body: Some(\"mới\")"), "{told}");
    assert_eq!(world.request(Method::DELETE, &path).bearer_auth(&token).send().await.unwrap().status(), 204);
    world.get("/api/entries?kind=faq&q=ship", &token).await;
    let (_, told) = world.fakes.last("ListEntries");
    assert!(told.contains("kind: Faq") && told.contains("query: \"ship\""), "{told}");
    let viewer = world.login("viewer@a.test").await;
    problem(world.send(Method::POST, "/api/entries", &viewer, &good).await, 403, "forbidden").await;
}

#[tokio::test]
async fn a_file_of_products_goes_through_whole() {
    let world = World::start().await;
    let token = world.owner().await;
    for (query, dry_run, update) in [("", false, 0), ("?dry_run=true&update=sku", true, 1), ("?update=name", false, 2)]
    {
        let bytes: Vec<u8> = (0..700_000).map(|at| (at % 251) as u8).collect();
        let answer = import(&world, &token, query, bytes.clone()).await;
        assert_eq!(answer.status(), 202);
        assert_eq!(answer.json::<Value>().await.unwrap()["id"], IMPORT);
        let (start, arrived) = world.fakes.files.lock().unwrap().pop().unwrap();
        assert_eq!((start.file_name.as_str(), start.dry_run, start.update_by), ("giá.csv", dry_run, update));
        assert!(arrived == bytes, "the bytes did not arrive as they were");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_taken_is_refused_and_the_client_hears_it() {
    let world = World::start().await;
    let token = world.owner().await;
    let told =
        problem(import(&world, &token, "?dry_run=maybe&update=price", vec![1]).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("dry_run", "unknown_value"), ("update", "unknown_value")]));
    problem(import(&world, &token, "", vec![0; 20 * 1024 * 1024 + 1]).await, 413, "too_large").await;
    assert_eq!(world.fakes.count("StartImport"), 0);
    world.fakes.fail(Error::invalid("body", "format_not_supported", "is no table"));
    let told = problem(import(&world, &token, "", vec![1]).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("body", "format_not_supported")]));
    let detail = "another file is being imported".to_owned();
    world.fakes.fail(Error::Precondition { code: "import_running", detail });
    problem(import(&world, &token, "", vec![1; 1_000_000]).await, 409, "import_running").await;
    let viewer = world.login("viewer@a.test").await;
    problem(import(&world, &viewer, "", vec![1]).await, 403, "forbidden").await;
}

#[tokio::test]
async fn the_catalogue_comes_as_a_file() {
    let world = World::start().await;
    let token = world.owner().await;
    let answer = world.get("/api/products/export", &token).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"products.csv\"");
    assert_eq!(answer.text().await.unwrap(), "a,b\n1,2\n");
    let answer = world.get("/api/products/export?format=xlsx", &token).await;
    assert!(answer.headers()["content-type"].to_str().unwrap().contains("spreadsheetml"));
    assert!(world.fakes.last("ExportProducts").1.contains("Xlsx"));
    problem(world.get("/api/products/export?format=pdf", &token).await, 422, "invalid_fields").await;
    world.fakes.fail(Error::Unavailable("the catalogue"));
    problem(world.get("/api/products/export", &token).await, 503, "unavailable").await;
}

#[tokio::test]
async fn an_import_is_told_in_a_few_frames() {
    let world = live(|_| {}).await;
    let token = world.owner().await;
    let mut socket = open(&world).await;
    let asked = world.request(Method::POST, "/api/products/imports").bearer_auth(&token).body("Tên,Giá\nÁo,1\n");
    assert_eq!(asked.send().await.unwrap().status(), 202);
    let mut states = Vec::new();
    while states.last().is_none_or(|state| state != "done") {
        let frame = next(&mut socket).await;
        assert_eq!((&frame["type"], &frame["seq"]), (&json!("products.changed"), &Value::Null));
        states.push(frame["data"]["import"]["state"].as_str().unwrap().to_owned());
    }
    assert_eq!(states, ["running", "running", "done"]);
}
