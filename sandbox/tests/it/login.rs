//! Logging in: the dialogs, codes and tokens, as the product's own client walks through them, and how tokens die.

use std::collections::HashMap;

use chatdesk_meta::graph::{Account, Graph, GraphError, Tag};
use chatdesk_meta::{Login, Platform};
use chatdesk_platform::Clock;
use chrono::TimeDelta;
use serde_json::{Value, json};
use url::Url;

use crate::desk::{Desk, account};

const BACK: &str = "https://desk.example/channels/callback?x=1";
const PAGES: [&str; 3] = ["100200300400501", "100200300400601", "100200300400801"];
const UNLISTED: &str = "100200300400701";

/// Where a dialog leads, with more in its address.
async fn walk(desk: &Desk, dialog: Option<Url>, more: &str) -> (u16, String, String) {
    let url = format!("{}{more}", dialog.expect("an app"));
    let answer = desk.client.get(url).send().await.expect("an answer");
    let location = answer.headers().get("location").map(|value| value.to_str().expect("ASCII").to_owned());
    (answer.status().as_u16(), location.unwrap_or_default(), answer.text().await.expect("text"))
}

fn query(location: &str) -> HashMap<String, String> {
    Url::parse(location).expect("an address").query_pairs().into_owned().collect()
}

async fn code(desk: &Desk, graph: &Graph, platform: Platform, more: &str) -> String {
    let dialog = match platform {
        Platform::Facebook => graph.facebook_dialog(BACK, "s1"),
        Platform::Instagram => graph.instagram_dialog(BACK, "s1"),
    };
    let (status, location, _) = walk(desk, dialog, more).await;
    assert_eq!(status, 302);
    assert!(location.starts_with(BACK) && query(&location)["state"] == "s1", "{location}");
    query(&location)["code"].clone()
}

#[tokio::test]
async fn facebook_is_allowed_and_its_pages_are_listed() {
    let desk = Desk::new().await;
    let graph = desk.graph_of_apps();
    let code = code(&desk, &graph, Platform::Facebook, "&auto=allow").await;
    let grant = graph.facebook_login(&code.clone().into(), BACK).await.expect("a grant");
    assert_eq!(grant.user_id, chatdesk_sandbox::demo_people()[0].id);
    assert_eq!(grant.expires_in.map(|life| life.as_secs()), Some(5_183_944));
    assert!(grant.scopes.contains(&"pages_messaging".to_owned()));
    let pages = graph.granted_pages(&grant).await.expect("pages");
    let may: Vec<(&str, bool)> = pages.iter().map(|page| (page.id.as_str(), page.may_message)).collect();
    assert_eq!(may, [(PAGES[0], true), (PAGES[1], true), (PAGES[2], false), (UNLISTED, true)]);
    let linked = ("17841400100200601".to_owned(), "shop.00200601".to_owned());
    assert_eq!(pages[1].instagram.as_ref(), Some(&linked));
    // The page's token works, and speaks for the linked account.
    let token = pages[1].token.clone().expect("a token");
    let page = Account { platform: Platform::Facebook, login: Login::Facebook, page_id: pages[1].id.clone(), token };
    graph.page_profile(&page).await.expect("a profile");
    assert_eq!(
        graph.facebook_login(&code.into(), BACK).await.err().map(|error| error.group()),
        Some(chatdesk_meta::graph::Group::Fail)
    );
}

#[tokio::test]
async fn a_pages_token_speaks_for_its_instagram_account() {
    let desk = Desk::new().await;
    let graph = desk.graph_of_apps();
    let code = code(&desk, &graph, Platform::Facebook, "&auto=allow").await;
    let grant = graph.facebook_login(&code.into(), BACK).await.expect("a grant");
    let pages = graph.granted_pages(&grant).await.expect("pages");
    let page = chatdesk_sandbox::connectable_pages().remove(2);
    let token = pages[1].token.clone().expect("a token");
    let of_account =
        Account { platform: Platform::Instagram, login: Login::Facebook, page_id: page.page_id.clone(), token };
    assert_eq!(graph.page_profile(&of_account).await.expect("a profile").name, page.name);
    graph.subscribe(&of_account).await.expect("subscribed");
    let mid = desk.write(&page, "giá bao nhiêu ạ?").await;
    assert_eq!(desk.posted(1).await[0].platform, "instagram");
    let customer = &page.customers[0].id;
    assert!(graph.user_profile(&of_account, customer).await.expect("a profile").name.is_some());
    graph.send_text(&of_account, customer, "Dạ 90k ạ", None, Tag::Response, &[]).await;
    assert_eq!(desk.sent().await[0]["page_id"], json!(page.page_id));
    let thread = graph.thread(&of_account, customer, None, 10).await.expect("a thread");
    assert_eq!((thread.items.len(), &thread.items[1].mid), (2, &mid));
    graph.unsubscribe(&of_account).await.expect("left");
    assert!(!graph.subscription(&of_account).await.expect("a list").is_ours);
}

#[tokio::test]
async fn instagram_is_allowed_and_its_token_renewed() {
    let (clock, hand) = Clock::manual(Clock::system().now());
    let desk = Desk::with(|config| config.clock = clock).await;
    let graph = desk.graph_of_apps();
    for wrapped in [false, true] {
        let order = json!({ "auto": "allow", "wrapped": wrapped, "pages": ["17841400100200701"] });
        assert_eq!(desk.put("/sandbox/login", order).await.0, 204);
        let code = code(&desk, &graph, Platform::Instagram, "").await;
        let grant = graph.instagram_login(&code.into(), BACK).await.expect("a grant");
        assert_eq!((grant.user_id.as_str(), grant.username.as_str()), ("17841400100200701", "shop.00200701"));
        assert_eq!(grant.app_user_id.as_deref(), Some("27841400100200701"));
        let mut account = Account {
            platform: Platform::Instagram,
            login: Login::Instagram,
            page_id: grant.user_id,
            token: grant.token,
        };
        graph.subscribe(&account).await.expect("subscribed");
        assert!(graph.subscription(&account).await.expect("a list").is_ours);
        assert!(graph.refresh_instagram(&account).await.is_err(), "too young");
        hand.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
        let (token, life) = graph.refresh_instagram(&account).await.expect("renewed");
        assert_eq!(life.as_secs(), 60 * 24 * 3600);
        hand.advance(TimeDelta::days(59) + TimeDelta::seconds(1));
        assert_eq!(graph.refresh_instagram(&account).await.err(), Some(GraphError::InvalidToken));
        account.token = token;
        graph.page_profile(&account).await.expect("the new one lives");
    }
}

#[tokio::test]
async fn a_refused_dialog_says_so() {
    let desk = Desk::new().await;
    let graph = desk.graph_of_apps();
    for dialog in [graph.facebook_dialog(BACK, "s1"), graph.instagram_dialog(BACK, "s1")] {
        let (_, location, _) = walk(&desk, dialog, "&auto=deny").await;
        let back = query(&location);
        assert_eq!((back["error"].as_str(), back["error_reason"].as_str()), ("access_denied", "user_denied"));
        assert!(back["state"] == "s1" && !back.contains_key("code"));
    }
    let denied = json!({ "auto": "deny" });
    assert_eq!(desk.put("/sandbox/login", denied).await.0, 204);
    assert!(walk(&desk, graph.facebook_dialog(BACK, "s1"), "").await.1.contains("access_denied"));
    assert_eq!(desk.delete("/sandbox/login").await.0, 204);
    assert_eq!(walk(&desk, graph.facebook_dialog(BACK, "s1"), "").await.0, 200);
    assert_eq!(desk.put("/sandbox/login", json!({ "auto": "maybe" })).await.0, 422);
    assert_eq!(desk.put("/sandbox/login", json!({ "auto": "allow", "person": "1" })).await.0, 404);
}

#[tokio::test]
async fn the_dialogs_page_asks_and_is_no_markup_of_others() {
    let desk = Desk::new().await;
    let graph = desk.graph_of_apps();
    let (status, _, text) = walk(&desk, graph.facebook_dialog(BACK, "\"><script>alert(1)</script>"), "").await;
    assert_eq!(status, 200);
    assert!(text.contains("Gốm Bến Trăng") && text.contains("Trần Mai Chi") && !text.contains("<script"));
    // The form's own answer: only what was ticked.
    let ticked = format!("&decision=allow&page={}&page=1", PAGES[0]);
    let code = code(&desk, &graph, Platform::Facebook, &ticked).await;
    let grant = graph.facebook_login(&code.into(), BACK).await.expect("a grant");
    assert_eq!(grant.page_ids, [PAGES[0]]);
    for bad in [
        "/facebook/v25.0/dialog/oauth?client_id=1&redirect_uri=https://x.example/",
        "/facebook/dialog/oauth?client_id=881204773561902&redirect_uri=javascript:1",
        "/facebook/dialog/oauth?client_id=881204773561902&redirect_uri=https://x.example/&response_type=token",
        "/oauth/authorize?client_id=554120998730114&redirect_uri=https://x.example/%23a&auto=1",
        "/oauth/authorize?client_id=554120998730114&redirect_uri=https://x.example/&auto=1&person=1",
        "/oauth/authorize?client_id=554120998730114&redirect_uri=https://x.example/&auto=1&pages=1",
    ] {
        let answer = desk.client.get(desk.url(bad)).send().await.expect("an answer");
        assert_eq!(answer.status(), 400, "{bad}");
        let policy = answer.headers()["content-security-policy"].to_str().expect("ASCII").to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
    }
}

#[tokio::test]
async fn a_code_is_good_once_for_its_address_and_secret() {
    let desk = Desk::new().await;
    let graph = desk.graph_of_apps();
    let of = |code: &str, back: &str, secret: &str, app: u64| {
        format!(
            "/graph/v25.0/oauth/access_token?client_id={app}&client_secret={secret}&redirect_uri={back}&code={code}"
        )
    };
    let (app, secret) = (chatdesk_sandbox::APP_ID, chatdesk_sandbox::APP_SECRET);
    let back = "https%3A%2F%2Fdesk.example%2Fchannels%2Fcallback%3Fx%3D1";
    let code = code(&desk, &graph, Platform::Facebook, "&auto=1").await;
    for (path, expected) in [
        (of(&code, "https%3A%2F%2Fdesk.example%2Fchannels%2Fcallback", secret, app), (100, 36_008)),
        (of(&code, back, "wrong", app), (1, 0)),
        (of(&code, back, secret, 7), (101, 0)),
        (of("AQx", back, secret, app), (100, 36_009)),
        (of(&code, back, secret, app), (0, 0)),
        (of(&code, back, secret, app), (100, 36_009)),
    ] {
        let (status, answer) = desk.get(&path).await;
        let error = |key: &str| answer["error"][key].as_i64().unwrap_or_default();
        assert_eq!((error("code"), error("error_subcode")), expected, "{answer}");
        assert_eq!(status, if expected.0 == 0 { 200 } else { 400 });
    }
    let form = [
        ("client_id", "554120998730114"),
        ("client_secret", secret),
        ("grant_type", "authorization_code"),
        ("code", "x"),
    ];
    let answer = desk.client.post(desk.url("/oauth/access_token")).form(&form).send().await.expect("an answer");
    assert_eq!(answer.status(), 400);
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!((&answer["error_type"], &answer["code"]), (&json!("OAuthException"), &json!(400)));
}

#[tokio::test]
async fn a_permission_or_a_page_may_be_left_out() {
    let desk = Desk::new().await;
    let graph = desk.graph_of_apps();
    let more = format!("&auto=1&without=pages_messaging&pages={},{UNLISTED}&person=10158800123456702", PAGES[0]);
    let code = code(&desk, &graph, Platform::Facebook, &more).await;
    let grant = graph.facebook_login(&code.into(), BACK).await.expect("a grant");
    let pages = graph.granted_pages(&grant).await.expect("pages");
    let may: Vec<(&str, bool)> = pages.iter().map(|page| (page.id.as_str(), page.may_message)).collect();
    assert_eq!(may, [(PAGES[0], false), (UNLISTED, false)]);
    assert_eq!(grant.user_id, "10158800123456702");
}

#[tokio::test]
async fn tokens_die_and_new_ones_live() {
    let desk = Desk::new().await;
    let graph = desk.graph_of_apps();
    let page = desk.demo(Platform::Facebook);
    let mut account = account(&page, Login::Facebook);
    let name = json!({ "page_id": page.page_id });
    let debug = |token: &str| {
        let app = format!("{}%7C{}", chatdesk_sandbox::APP_ID, chatdesk_sandbox::APP_SECRET);
        format!("/graph/debug_token?input_token={token}&access_token={app}")
    };
    let about = desk.get(&debug(&page.access_token)).await.1;
    assert_eq!((&about["data"]["is_valid"], &about["data"]["profile_id"]), (&json!(true), &json!(page.page_id)));
    assert_eq!(desk.post("/sandbox/tokens/revoke", name.clone()).await.0, 204);
    assert_eq!(graph.page_profile(&account).await, Err(GraphError::InvalidToken));
    let about = desk.get(&debug(&page.access_token)).await.1;
    assert_eq!((&about["data"]["is_valid"], &about["data"]["error"]["subcode"]), (&json!(false), &json!(460)));
    assert_eq!(desk.get(&debug("x")).await.1["data"]["is_valid"], json!(false));
    assert_eq!(desk.get("/graph/debug_token?input_token=x&access_token=y").await.0, 401);
    let fresh = desk.post("/sandbox/tokens/issue", name.clone()).await;
    assert_eq!(fresh.0, 201);
    account.token = fresh.1["access_token"].as_str().expect("a token").into();
    graph.page_profile(&account).await.expect("a profile");
    assert_eq!(desk.post("/sandbox/tokens/restore", name).await.0, 204);
    account.token = page.access_token.as_str().into();
    graph.page_profile(&account).await.expect("a profile");
    for path in ["revoke", "restore", "issue"] {
        assert_eq!(desk.post(&format!("/sandbox/tokens/{path}"), json!({ "page_id": "1" })).await.0, 404);
    }
}

#[tokio::test]
async fn somebody_takes_the_permissions_away() {
    let desk = Desk::new().await;
    let graph = desk.graph_of_apps();
    let code = code(&desk, &graph, Platform::Facebook, "&auto=1").await;
    let grant = graph.facebook_login(&code.into(), BACK).await.expect("a grant");
    let page = graph.granted_pages(&grant).await.expect("pages").remove(1);
    let token = page.token.expect("a token");
    let account = Account { platform: Platform::Facebook, login: Login::Facebook, page_id: page.id, token };
    let path = format!("/sandbox/users/{}/deauthorize", grant.user_id);
    let tampered = desk.post(&path, json!({ "tamper": true })).await;
    assert_eq!(tampered, (200, json!({ "status": 401, "answer": null })));
    graph.page_profile(&account).await.expect("it lives still");
    let answer = json!({ "status": 200, "answer": { "user_id": grant.user_id } });
    assert_eq!(desk.post(&path, json!({})).await, (200, answer));
    assert_eq!(graph.page_profile(&account).await, Err(GraphError::InvalidToken));
    assert_eq!(graph.granted_pages(&grant).await.err(), Some(GraphError::InvalidToken));

    let instagram = desk.demo(Platform::Instagram);
    let scoped = format!("2{}", &instagram.page_id[1..]);
    let (status, answer) = desk.post(&format!("/sandbox/users/{scoped}/delete"), json!({})).await;
    assert_eq!((status, &answer["answer"]["user_id"]), (200, &json!(scoped)));
    let gone = crate::desk::account(&instagram, Login::Instagram);
    assert_eq!(graph.page_profile(&gone).await, Err(GraphError::InvalidToken));
}
