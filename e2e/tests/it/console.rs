//! What platform admins do, over the whole system: they stop a business at every gateway, look into one without touching it, and find a log
//! that nobody can change unseen.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use sqlx::AssertSqlSafe;
use tokio::process::Command;

use crate::api::{Api, text};
use crate::live::Socket;
use crate::process::{Process, binary, eventually, fresh_home, variables};
use crate::shop::House;

/// How long a suspended business's, or an ended session's, sockets may stay open anywhere.
const BOUND: Duration = Duration::from_secs(5);

/// One more gateway of the same installation, which is told nothing by the first.
async fn another_gateway(house: &House) -> (Process, Api) {
    let services = text(&house.run["grpc_url"]);
    let mut own = variables(&house.db);
    own.retain(|(name, _)| !["METRICS_ADDR", "DATABASE_URL"].contains(&name.as_str()));
    let urls = ["TENANTS_URL", "INBOX_URL", "CATALOG_URL", "AI_URL"];
    own.extend(urls.map(|name| (name.to_owned(), services.clone())));
    let process = Process::start(&["serve", "gateway"], &own, fresh_home()).await;
    let said =
        || async { process.log().lines().find_map(|line| Some(line.strip_prefix("gateway listens on ")?.to_owned())) };
    let address = eventually("it says where it listens", said).await;
    let api = Api::new(&format!("http://{address}"));
    eventually("it is ready", || async { api.get("/readyz").await.status.is_success().then_some(()) }).await;
    (process, api)
}

/// The code a socket is closed with, which must come within the bound.
async fn closed(socket: &mut Socket) -> u16 {
    let code = async {
        loop {
            if let Err(code) = socket.frame().await {
                return code;
            }
        }
    };
    tokio::time::timeout(BOUND, code).await.expect("closed within five seconds")
}

/// Cases 88 and 111, and revocation: a gateway that is told nothing asks often enough.
#[tokio::test]
async fn sockets_of_every_gateway_close_within_five_seconds() {
    let house = House::shared().await;
    let (_process, far) = another_gateway(&house).await;
    let (shop, ended) = (house.shop("Tiệm Xa").await, house.shop("Tiệm Hết Phiên").await);
    let admin = house.admin().await;

    let mut socket = Socket::open_at(&far, &ended.at(&far)).await;
    ended.api.call(Method::POST, "/api/auth/logout-everywhere", None).await.expect(204);
    assert_eq!(closed(&mut socket).await, 4401);

    let mut socket = Socket::open_at(&far, &shop.at(&far)).await;
    let path = format!("/api/admin/tenants/{}", shop.id);
    admin.api.post(&format!("{path}/suspend"), json!({"reason": "thử"})).await.expect(200);
    assert_eq!(closed(&mut socket).await, 4403);
    let told = shop.api.get("/api/notices").await.expect(200);
    assert_eq!((&told["items"][0]["kind"], &told["items"][0]["reason"]), (&json!("suspended"), &json!("thử")));
    admin.api.call(Method::POST, &format!("{path}/resume"), None).await.expect(200);
}

/// Revocation: what somebody may no longer do, the token that they still have does not do either, here at once and everywhere else within
/// seconds.
#[tokio::test]
async fn the_token_of_who_was_removed_or_demoted_dies_at_every_gateway() {
    let house = House::shared().await;
    let (_process, far) = another_gateway(&house).await;
    let shop = house.shop("Tiệm Thay Người").await;
    let mut people = Vec::new();
    for _ in 0..2 {
        let email = format!("{}@shop.example", uuid::Uuid::new_v4().simple());
        let member = json!({"email": email, "password": "mat khau rat dai 123", "member_role": "manager"});
        let id = text(&shop.api.post("/api/members", member).await.expect(201)["id"]);
        let login = json!({"email": email, "password": "mat khau rat dai 123"});
        let token = text(&house.api.post("/api/auth/login", login).await.expect(200)["access_token"]);
        people.push((format!("/api/team/members/{id}"), house.api.with_token(&token), far.with_token(&token)));
    }
    let tone = || Some(json!({"tone": "thử"}));
    for (_, near, far) in &people {
        for api in [near, far] {
            api.call(Method::PUT, "/api/assistant/settings", tone()).await.expect(200);
        }
    }
    let (removed, demoted) = (&people[0], &people[1]);
    shop.api.call(Method::DELETE, &removed.0, None).await.expect(204);
    shop.api.call(Method::PATCH, &demoted.0, Some(json!({"member_role": "agent"}))).await.expect(200);
    for (_, near, far) in [removed, demoted] {
        assert_eq!(near.call(Method::PUT, "/api/assistant/settings", tone()).await.problem(401), "unauthenticated");
        let refused = eventually("the other gateway has asked", || async {
            let answer = far.call(Method::PUT, "/api/assistant/settings", tone()).await;
            (!answer.status.is_success()).then_some(answer)
        });
        let refused = tokio::time::timeout(BOUND, refused).await.expect("within five seconds");
        assert_eq!(refused.problem(401), "unauthenticated");
    }
}

/// Case 82: a visit is told, noted and mailed; it reads, and does nothing else. Without one an admin reads no message.
#[tokio::test]
async fn an_admin_looks_into_a_business_and_touches_nothing() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Được Xem", "facebook").await;
    let customer = "64000000000082";
    house.write(&page, customer, "Có áo thun không?").await;
    let conversation = shop.conversation(customer).await;
    let admin = house.admin().await;
    let messages = format!("/api/conversations/{}/messages", text(&conversation["id"]));
    assert_eq!(admin.api.get(&messages).await.problem(403), "forbidden");

    let reason = format!("yêu cầu {}", shop.id);
    let path = format!("/api/admin/tenants/{}/enter", shop.id);
    assert_eq!(shop.api.post(&path, json!({"reason": "tôi"})).await.problem(403), "forbidden");
    let entered = admin.api.post(&path, json!({"reason": reason})).await.expect(200);
    let visit = house.api.with_token(&text(&entered["access_token"]));
    let seen = visit.all(&messages).await;
    assert!(seen.iter().any(|message| message["content"] == "Có áo thun không?"), "{seen:?}");
    let me = visit.get("/api/auth/me").await.expect(200);
    assert_eq!(
        (&me["is_visitor"], &me["member_role"], &me["business_id"]),
        (&json!(true), &json!("viewer"), &json!(shop.id))
    );

    for (method, path, body) in [
        (Method::POST, messages.as_str(), Some(json!({"text": "chào"}))),
        (Method::PUT, "/api/assistant/settings", Some(json!({"tone": "x"}))),
        (Method::GET, "/api/products/export", None),
        (Method::POST, "/api/privacy/export", Some(json!({"password": "x"}))),
        (Method::GET, "/api/audit", None),
        (Method::POST, path.as_str(), Some(json!({"reason": "lồng nhau"}))),
    ] {
        let answer = visit.call(method, path, body).await;
        if answer.status != 404 && answer.status != 405 {
            assert_eq!(answer.problem(403), "read_only", "{path}");
        }
    }
    let told = shop.api.get("/api/notices").await.expect(200);
    assert!(told["items"].as_array().expect("a list").iter().any(|notice| notice["reason"] == reason), "{told}");
    let noted = shop.api.get("/api/audit?action=tenant.entered").await.expect(200);
    assert_eq!(
        (&noted["items"][0]["actor_kind"], &noted["items"][0]["after"]["reason"]),
        (&json!("admin"), &json!(reason))
    );
    eventually("the owner is mailed", || async {
        let mails = house.sandbox.get("/sandbox/mails").await;
        mails.body["items"].as_array()?.iter().any(|mail| text(&mail["text"]).contains(&shop.id)).then_some(())
    })
    .await;
}

async fn doctor(house: &House) -> String {
    let all = variables(&house.db);
    let command = Command::new(binary()).arg("doctor").env_clear().envs(all).current_dir(fresh_folder()).output();
    String::from_utf8(command.await.expect("it runs").stdout).expect("text")
}

fn fresh_folder() -> std::path::PathBuf {
    let folder = fresh_home();
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

/// Case 116: the doctor reads every chain, and says whose is broken.
#[tokio::test]
async fn the_doctor_finds_a_changed_record() {
    let house = House::start(&[]).await;
    let shop = house.shop("Tiệm Bị Sửa").await;
    let before = doctor(&house).await;
    assert!(before.contains("ok    audit log"), "{before}");
    let pool = house.db.superuser().await;
    let change = format!("update tenants.audit set actor = 'x' where tenant_id = '{}' and n = 1", shop.id);
    sqlx::query(AssertSqlSafe(change)).execute(&pool).await.expect("a superuser may");
    let after = doctor(&house).await;
    assert!(after.contains("BAD   audit log") && after.contains(&shop.id), "{after}");
}
