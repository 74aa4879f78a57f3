//! Files on their way through: whole, within limits, and over when the client goes.

use chatdesk_platform::{Clock, Error};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::samples::{CHANNEL, CONVERSATION, MESSAGE};
use crate::world::{World, fields, problem, soon};

const MB: usize = 1024 * 1024;

fn path() -> String {
    format!("/api/conversations/{CONVERSATION}/attachments")
}

fn picture(world: &World, token: &str, bytes: Vec<u8>) -> RequestBuilder {
    let asked = world.request(Method::POST, &path()).bearer_auth(token).header("content-type", "image/png");
    asked.header("x-file-name", "%C3%A1o%20%C4%91%E1%BB%8F.png").body(bytes)
}

/// Bytes that differ, so that a piece lost or swapped shows.
fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8).collect()
}

/// The head of an upload, for a client that is not to be trusted with the rest.
async fn begun(world: &World, token: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.gateway.address()).await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: image/png\r\n\
         x-file-name: a.png\r\n{headers}\r\n",
        path()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn uploading(world: &World, wanted: u32) {
    let mut count = world.fakes.uploading.subscribe();
    soon("the upload", count.wait_for(|count| *count == wanted)).await.unwrap();
}

#[tokio::test]
async fn a_file_goes_through_whole() {
    let world = World::start().await;
    let token = world.owner().await;
    for size in [1, 256 * 1024, 256 * 1024 + 1, 5 * MB] {
        let bytes = content(size);
        let answer = picture(&world, &token, bytes.clone()).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        let body: Value = answer.json().await.unwrap();
        let expected = json!({
            "id": MESSAGE, "kind": "image", "name": "áo đỏ.png", "size": size, "content_type": "image/png",
        });
        assert_eq!(body, expected);
        let (start, arrived) = world.fakes.uploads.lock().unwrap().pop().unwrap();
        assert_eq!((start.channel_id.as_str(), start.file_name.as_str()), (CHANNEL, "áo đỏ.png"));
        assert_eq!((start.content_type.as_str(), start.size), ("image/png", size as u64));
        assert!(arrived == bytes, "{size} bytes did not arrive as they were");
    }
    assert!(world.fakes.last("GetConversation").1.contains(CONVERSATION));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_and_the_client_hears_it() {
    let world = World::start().await;
    let token = world.owner().await;
    let answer = picture(&world, &token, vec![0; 26 * MB + 1]).send().await.unwrap();
    problem(answer, 413, "too_large").await;
    assert_eq!(world.fakes.count("UploadAttachment"), 0);
    *world.fakes.upload_refusal.lock().unwrap() =
        Some(Error::invalid("size", "too_large", "takes at most 8 MB").into());
    let told = problem(picture(&world, &token, content(9 * MB)).send().await.unwrap(), 413, "too_large").await;
    assert_eq!(fields(&told), [("size".to_owned(), "too_large".to_owned())]);
    assert_eq!(told["errors"][0]["detail"], "takes at most 8 MB");
}

#[tokio::test]
async fn what_the_platform_or_meta_refuses_is_told() {
    let world = World::start().await;
    let token = world.owner().await;
    let refused = async |error: Error| {
        *world.fakes.upload_refusal.lock().unwrap() = Some(error.into());
        picture(&world, &token, content(3 * MB)).send().await.unwrap()
    };
    let answer = refused(Error::invalid("content_type", "type_not_supported", "Instagram takes pictures")).await;
    let told = problem(answer, 422, "type_not_supported").await;
    assert_eq!(fields(&told), [("content_type".to_owned(), "type_not_supported".to_owned())]);
    let answer = refused(Error::invalid("file_name", "required", "is needed")).await;
    problem(answer, 422, "invalid_fields").await;
    let detail = "Meta does not take this file.".to_owned();
    problem(refused(Error::Precondition { code: "invalid_content", detail }).await, 409, "invalid_content").await;
    let wait = Some(std::time::Duration::from_secs(60));
    let answer = refused(Error::Exhausted { code: "rate_limited", retry_after: wait }).await;
    assert_eq!(answer.headers()["retry-after"], "60");
    problem(answer, 429, "rate_limited").await;
    problem(refused(Error::Unavailable("Meta")).await, 503, "unavailable").await;
    assert!(world.fakes.uploads.lock().unwrap().is_empty());
}

#[tokio::test]
async fn whose_it_is_not_and_who_may_not() {
    let world = World::start().await;
    let (owner, viewer) = (world.owner().await, world.login("viewer@a.test").await);
    let bytes = || content(2 * MB);
    world.fakes.fail(Error::NotFound("conversation"));
    problem(picture(&world, &owner, bytes()).send().await.unwrap(), 404, "not_found").await;
    problem(picture(&world, &viewer, bytes()).send().await.unwrap(), 403, "forbidden").await;
    problem(picture(&world, "x.y.z", bytes()).send().await.unwrap(), 401, "unauthenticated").await;
    let nowhere = world.request(Method::POST, "/api/conversations/7/attachments").bearer_auth(&owner);
    problem(nowhere.body(bytes()).send().await.unwrap(), 404, "not_found").await;
    assert!(world.fakes.uploads.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_file_says_what_it_is() {
    let world = World::start().await;
    let token = world.owner().await;
    let asked = || world.request(Method::POST, &path()).bearer_auth(&token);
    let named = |problem: &Value| {
        fields(problem).into_iter().map(|(field, code)| format!("{field} {code}")).collect::<Vec<_>>()
    };
    let told = problem(asked().body("x").send().await.unwrap(), 422, "invalid_fields").await;
    assert_eq!(named(&told), ["X-File-Name required", "Content-Type required"]);
    for (name, code) in
        [("%ff", "malformed"), ("%2", "malformed"), ("%20", "required"), (&*"a".repeat(256), "too_long")]
    {
        let sent = asked().header("content-type", "image/png").header("x-file-name", name).body("x");
        let told = problem(sent.send().await.unwrap(), 422, "invalid_fields").await;
        assert_eq!(named(&told), [format!("X-File-Name {code}")]);
    }
    let told = problem(picture(&world, &token, Vec::new()).send().await.unwrap(), 422, "invalid_fields").await;
    assert_eq!(named(&told), ["body required"]);
    let mut stream = begun(&world, &token, "transfer-encoding: chunked\r\nconnection: close\r\n").await;
    stream.write_all(b"1\r\nx\r\n0\r\n\r\n").await.unwrap();
    let mut told = String::new();
    soon("an answer", stream.read_to_string(&mut told)).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 411 ") && told.contains("length_required"), "{told}");
    assert_eq!(world.fakes.count("UploadAttachment"), 0);
}

#[tokio::test]
async fn a_client_that_hangs_up_ends_the_upload() {
    let world = World::start().await;
    let token = world.owner().await;
    let mut stream = begun(&world, &token, "content-length: 5000000\r\n").await;
    stream.write_all(&content(MB)).await.unwrap();
    uploading(&world, 1).await;
    drop(stream);
    uploading(&world, 0).await;
    assert!(world.fakes.uploads.lock().unwrap().is_empty(), "half a file was taken for a whole one");
}

#[tokio::test]
async fn files_have_a_room_of_their_own() {
    let world = World::with(Clock::system(), |config| config.limits.uploads = 1).await;
    let token = world.owner().await;
    let mut first = begun(&world, &token, "content-length: 3\r\nconnection: close\r\n").await;
    uploading(&world, 1).await;
    let answer = picture(&world, &token, content(1)).send().await.unwrap();
    problem(answer, 503, "overloaded").await;
    assert_eq!(world.get("/api/channels", &token).await.status(), 200);
    first.write_all(b"abc").await.unwrap();
    let mut told = String::new();
    soon("an answer", first.read_to_string(&mut told)).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 201 "), "{told}");
    assert_eq!(world.fakes.uploads.lock().unwrap()[0].1, b"abc");
    assert_eq!(picture(&world, &token, content(1)).send().await.unwrap().status(), 201);
}

#[tokio::test]
async fn strangers_who_drip_keep_nobody_from_uploading() {
    let world = World::start().await;
    let mut strangers = Vec::new();
    for _ in 0..64 {
        strangers.push(begun(&world, "x.y.z", "content-length: 5000000\r\nexpect: 100-continue\r\n").await);
    }
    for stranger in &mut strangers {
        // Told to go on once the body is being read.
        let mut told = [0; 12];
        soon("the body's turn", stranger.read_exact(&mut told)).await.unwrap();
        assert_eq!(&told, b"HTTP/1.1 100");
        stranger.write_all(b"x").await.unwrap();
    }
    let token = world.owner().await;
    assert_eq!(picture(&world, &token, content(1)).send().await.unwrap().status(), 201);
    for mut stranger in strangers {
        let mut told = String::new();
        soon("the refusal", stranger.read_to_string(&mut told)).await.unwrap();
        assert!(told.contains("HTTP/1.1 401 "), "{told}");
    }
}

#[tokio::test]
async fn one_business_takes_eight_places_and_leaves_the_rest() {
    let world = World::start().await;
    let (token, other) = (world.owner().await, world.login("owner@b.test").await);
    let mut going = Vec::new();
    for place in 1..=8 {
        going.push(begun(&world, &token, "content-length: 3\r\n").await);
        uploading(&world, place).await;
    }
    let answer = picture(&world, &token, content(1)).send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "2");
    problem(answer, 429, "too_many_uploads").await;
    assert_eq!(picture(&world, &other, content(1)).send().await.unwrap().status(), 201);
    going.clear();
    uploading(&world, 0).await;
    assert_eq!(picture(&world, &token, content(1)).send().await.unwrap().status(), 201);
}

#[tokio::test]
async fn a_file_that_stops_coming_ends() {
    let pause = std::time::Duration::from_millis(100);
    let world = World::with(Clock::system(), |config| config.limits.upload_pause = pause).await;
    let token = world.owner().await;
    let mut stream = begun(&world, &token, "content-length: 3\r\nconnection: close\r\n").await;
    stream.write_all(b"a").await.unwrap();
    let mut told = String::new();
    soon("an answer", stream.read_to_string(&mut told)).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 408 ") && told.contains("slow_body"), "{told}");
    uploading(&world, 0).await;
}

#[tokio::test]
async fn an_upload_that_takes_too_long_ends() {
    let limit = std::time::Duration::from_millis(200);
    let world = World::with(Clock::system(), |config| config.limits.upload = limit).await;
    let token = world.owner().await;
    let mut stream = begun(&world, &token, "content-length: 3\r\nconnection: close\r\n").await;
    let mut told = String::new();
    soon("an answer", stream.read_to_string(&mut told)).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 504 "), "{told}");
    uploading(&world, 0).await;
}
