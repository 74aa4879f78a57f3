//! Both logins over a socket: where the browser is sent, what goes where (no secret, code or token in an address of
//! ours), what is granted, and what keeps a channel connected afterwards.

use crate::graph::{PROOF, TOKEN, account, graph, ok, page, refusal};
use crate::server::{Answer, Seen, serve};
use chatdesk_meta::{
    AppSecrets, Login, Platform,
    graph::{Graph, GraphConfig, GraphError, Subscription, UserGrant},
};
use secrecy::{ExposeSecret, SecretString};
use std::{collections::BTreeMap, time::Duration};

const BACK: &str = "https://desk.example/channels/callback?a=b";

fn form(seen: &Seen) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect()
}

fn grant(scopes: &[&str], page_ids: &[&str]) -> UserGrant {
    let owned = |list: &[&str]| list.iter().map(|&one| one.to_owned()).collect();
    UserGrant {
        token: TOKEN.into(),
        user_id: "55".to_owned(),
        expires_in: None,
        scopes: owned(scopes),
        page_ids: owned(page_ids),
    }
}

const DEBUG: &str = r#"{"data":{"is_valid":true,"app_id":"8812","user_id":"55","type":"USER","scopes":["pages_messaging","pages_show_list"],
    "granular_scopes":[{"scope":"pages_messaging","target_ids":["105","104"]},{"scope":"pages_show_list","target_ids":[104]},
    {"scope":"instagram_manage_messages","target_ids":["999"]},{"scope":"email"}],"expires_at":0}}"#;

#[test]
fn dialogs_carry_what_meta_asks() {
    let config = GraphConfig::new(GraphConfig::FACEBOOK_BASE, GraphConfig::INSTAGRAM_BASE, "v25.0", None);
    let nothing = Graph::new(config.expect("good settings"), Graph::http_client().expect("a client"));
    assert!(nothing.facebook_dialog(BACK, "s").is_none() && nothing.instagram_dialog(BACK, "s").is_none());
    let graph = graph("127.0.0.1:9".parse().expect("an address"));
    let dialog = graph.facebook_dialog(BACK, "s t&").expect("a dialog");
    assert!(dialog.as_str().starts_with("https://www.facebook.com/v25.0/dialog/oauth?client_id=8812&"), "{dialog}");
    let query: BTreeMap<_, _> = dialog.query_pairs().into_owned().collect();
    assert_eq!((query["redirect_uri"].as_str(), query["state"].as_str()), (BACK, "s t&"));
    assert_eq!(query["response_type"], "code");
    for scope in ["pages_show_list", "pages_messaging", "pages_manage_metadata", "instagram_manage_messages"] {
        assert!(query["scope"].split(',').any(|one| one == scope), "{scope}");
    }
    let dialog = graph.instagram_dialog(BACK, "s").expect("a dialog");
    assert!(dialog.as_str().starts_with("http://127.0.0.1:9/ig/oauth/authorize?client_id=5512&"), "{dialog}");
    let query: BTreeMap<_, _> = dialog.query_pairs().into_owned().collect();
    assert_eq!(query["scope"], "instagram_business_basic,instagram_business_manage_messages");
}

#[tokio::test]
async fn a_code_of_facebooks_becomes_a_token_that_lasts() {
    let answers = vec![
        ok(r#"{"access_token":"EAAshort","token_type":"bearer","expires_in":5000}"#),
        ok(r#"{"access_token":"EAAlong","token_type":"bearer","expires_in":5183944}"#),
        ok(DEBUG),
    ];
    let (address, mut seen) = serve(answers).await;
    let code = SecretString::from("AQBcode#_");
    let grant = graph(address).facebook_login(&code, BACK).await.expect("a grant");
    assert_eq!((grant.token.expose_secret(), grant.user_id.as_str()), ("EAAlong", "55"));
    assert_eq!(grant.expires_in, Some(Duration::from_secs(5_183_944)));
    assert_eq!((grant.scopes.len(), grant.page_ids.as_slice()), (2, ["104".to_owned(), "105".to_owned()].as_slice()));
    assert!(!format!("{grant:?}").contains("EAA"));

    let first = seen.recv().await.expect("a request");
    assert_eq!(first.line, "POST /graph/v25.0/oauth/access_token");
    let fields = form(&first);
    assert_eq!((fields["client_id"].as_str(), fields["client_secret"].as_str()), ("8812", "chatdesk-test-app-secret"));
    assert_eq!((fields["code"].as_str(), fields["redirect_uri"].as_str()), ("AQBcode", BACK));
    let second = seen.recv().await.expect("a request");
    assert_eq!(second.line, "POST /graph/v25.0/oauth/access_token");
    let fields = form(&second);
    assert_eq!(
        (fields["grant_type"].as_str(), fields["fb_exchange_token"].as_str()),
        ("fb_exchange_token", "EAAshort")
    );
    let third = seen.recv().await.expect("a request");
    assert_eq!(third.line, "GET /graph/v25.0/debug_token?input_token=EAAlong");
    assert_eq!(third.header("authorization"), Some("Bearer 8812|chatdesk-test-app-secret"));
}

#[tokio::test]
async fn a_token_of_another_app_or_no_token_is_no_grant() {
    let token = || ok(r#"{"access_token":"EAAx"}"#);
    for (debug, expected) in [
        (DEBUG.replace("8812", "8813"), GraphError::OtherAccount),
        (DEBUG.replace("true", "false"), GraphError::InvalidToken),
        (r#"{"data":{"is_valid":true,"app_id":8812}}"#.to_owned(), GraphError::InvalidToken),
        ("{}".to_owned(), GraphError::Unavailable),
    ] {
        let (address, _seen) = serve(vec![token(), token(), ok(&debug)]).await;
        assert_eq!(graph(address).facebook_login(&"c".into(), BACK).await.err(), Some(expected), "{debug}");
    }
    let (address, _seen) =
        serve(vec![refusal(100, 36_009), ok("{}"), token(), token(), ok(&DEBUG.replace("\"8812\"", "8812"))]).await;
    let graph = graph(address);
    let used = graph.facebook_login(&"c".into(), BACK).await.err();
    assert_eq!(used, Some(GraphError::Rejected { code: Some(100), message: "No".to_owned() }));
    assert_eq!(graph.facebook_login(&"c".into(), BACK).await.err(), Some(GraphError::Unavailable));
    let grant = graph.facebook_login(&"c".into(), BACK).await.expect("a grant");
    assert_eq!(grant.expires_in, None, "a token that does not end");
}

#[tokio::test]
async fn pages_come_from_all_lists_and_from_the_scopes() {
    let answers = vec![
        ok(r#"{"data":[{"id":"104","name":"Gốm","access_token":"EAA104","tasks":["MANAGE"],
            "instagram_business_account":{"id":"9","username":"gom"}},{"name":"odd"}],
            "paging":{"cursors":{"after":"A1"},"next":"http://203.0.113.9/?access_token=x&after=A1"}}"#),
        ok(
            r#"{"data":[{"id":"106","name":"Ads","access_token":"EAA106","tasks":["ADVERTISE"]},{"id":"104","name":"Twice"}],
            "paging":{"cursors":{"after":"A2"}}}"#,
        ),
        // One of them is lost, so it is found by halves.
        refusal(100, 33),
        ok(r#"{"105":{"id":"105","name":"Portfolio","access_token":"EAA105"}}"#),
        refusal(100, 33),
        refusal(100, 33),
        ok(r#"{"108":{"id":"1","name":"Another"},"109":{"id":"109","name":"Unasked"}}"#),
    ];
    let (address, mut seen) = serve(answers).await;
    let grant = grant(&["pages_messaging"], &["104", "105", "107", "108"]);
    let pages = graph(address).granted_pages(&grant).await.expect("pages");
    let shown: Vec<_> = pages.iter().map(|page| (page.id.as_str(), page.name.as_str(), page.may_message)).collect();
    assert_eq!(shown, [("104", "Gốm", true), ("106", "Ads", false), ("105", "Portfolio", true)]);
    assert_eq!(pages[0].instagram, Some(("9".to_owned(), "gom".to_owned())));
    assert_eq!(pages[2].token.as_ref().map(ExposeSecret::expose_secret), Some("EAA105"));
    let fields = "fields=id%2Cname%2Caccess_token%2Ctasks%2Cinstagram_business_account%7Bid%2Cusername%7D&limit=100";
    let named = "fields=id%2Cname%2Caccess_token%2Cinstagram_business_account%7Bid%2Cusername%7D";
    for line in [
        format!("GET /graph/v25.0/me/accounts?{PROOF}&{fields}"),
        format!("GET /graph/v25.0/me/accounts?{PROOF}&{fields}&after=A1"),
        format!("GET /graph/v25.0?{PROOF}&ids=105%2C107%2C108&{named}"),
        format!("GET /graph/v25.0?{PROOF}&ids=105&{named}"),
        format!("GET /graph/v25.0?{PROOF}&ids=107%2C108&{named}"),
        format!("GET /graph/v25.0?{PROOF}&ids=107&{named}"),
        format!("GET /graph/v25.0?{PROOF}&ids=108&{named}"),
    ] {
        let seen = seen.recv().await.expect("a request");
        assert_eq!(seen.line, line);
        assert_eq!(seen.header("authorization"), Some("Bearer EAAtesttoken123"));
    }
}

/// A page as it is told of by its id.
fn told(id: &str) -> serde_json::Value {
    serde_json::json!({ "id": id, "name": format!("Page {id}"), "access_token": format!("EAA{id}") })
}

#[tokio::test]
async fn many_pages_of_a_portfolio_are_asked_by_fifties() {
    let ids: Vec<String> = (1000..1210).map(|id: u32| id.to_string()).collect();
    let batch = |ids: &[String]| {
        let told: serde_json::Map<_, _> = ids.iter().map(|id| (id.clone(), told(id))).collect();
        ok(&serde_json::Value::Object(told).to_string())
    };
    let answers: Vec<Answer> = [ok(r#"{"data":[]}"#)].into_iter().chain(ids[..200].chunks(50).map(batch)).collect();
    let (address, _seen) = serve(answers).await;
    let named: Vec<&str> = ids.iter().map(String::as_str).chain(["1,2", "me", ""]).collect();
    let pages = graph(address).granted_pages(&grant(&["pages_messaging"], &named)).await.expect("pages");
    let found: Vec<&str> = pages.iter().map(|page| page.id.as_str()).collect();
    assert_eq!(found, ids[..200].iter().map(String::as_str).collect::<Vec<_>>(), "no more than two hundred, in order");
    assert!(pages.iter().all(|page| page.may_message));
}

#[tokio::test]
async fn whoever_stops_waiting_has_the_pages_that_came() {
    let listed = ok(r#"{"data":[{"id":"104","access_token":"EAA104","tasks":["MANAGE"]}]}"#);
    let (address, mut seen) = serve(vec![listed, Answer::Silence]).await;
    let (graph, grant, mut pages) = (graph(address), grant(&["pages_messaging"], &["105"]), Vec::new());
    let second = async {
        seen.recv().await.expect("the list");
        seen.recv().await.expect("the pages by id");
    };
    tokio::select! {
        ended = graph.find_pages(&grant, &mut pages) => panic!("{ended:?}"),
        () = second => {}
    }
    assert_eq!(pages.iter().map(|page| page.id.as_str()).collect::<Vec<_>>(), ["104"]);
}

#[tokio::test]
async fn what_stops_the_list_is_told() {
    for (answer, expected) in [
        (refusal(190, 460), GraphError::InvalidToken),
        (Answer::Hang, GraphError::Unavailable),
        (refusal(4, 0), GraphError::RateLimited { after: Duration::from_secs(60) }),
    ] {
        let (address, _seen) = serve(vec![ok(r#"{"data":[]}"#), answer]).await;
        assert_eq!(graph(address).granted_pages(&grant(&[], &["105"])).await.err(), Some(expected));
    }
    let (address, _seen) = serve(vec![ok(r#"{"data":[{"id":"1","access_token":"t","tasks":["MANAGE"]}]}"#)]).await;
    let pages = graph(address).granted_pages(&grant(&["pages_show_list"], &[])).await.expect("pages");
    assert!(!pages[0].may_message, "messages were not allowed");
}

#[tokio::test]
async fn an_account_logs_in_at_instagram_in_both_forms() {
    let flat = r#"{"access_token":"IGshort","user_id":17841400000000001,"permissions":["instagram_business_basic","instagram_business_manage_messages"]}"#;
    let wrapped = r#"{"data":[{"access_token":"IGshort","user_id":"1","permissions":"instagram_business_basic, instagram_business_manage_messages"}]}"#;
    for first in [flat, wrapped, r#"{"access_token":"IGshort"}"#] {
        let answers = vec![
            ok(first),
            ok(r#"{"access_token":"IGlong","token_type":"bearer","expires_in":"5184000"}"#),
            ok(r#"{"id":"777","user_id":17841400000000001,"username":"gom","name":""}"#),
        ];
        let (address, mut seen) = serve(answers).await;
        let grant = graph(address).instagram_login(&"AQBcode#_".into(), BACK).await.expect("a grant");
        assert_eq!((grant.token.expose_secret(), grant.user_id.as_str()), ("IGlong", "17841400000000001"));
        assert_eq!(
            (grant.app_user_id.as_deref(), grant.username.as_str(), grant.name.as_str()),
            (Some("777"), "gom", "gom")
        );
        assert_eq!(grant.expires_in, Some(Duration::from_secs(5_184_000)));
        assert!(!format!("{grant:?}").contains("IGlong"));
        let code = seen.recv().await.expect("a request");
        assert_eq!(code.line, "POST /ig/oauth/access_token");
        let fields = form(&code);
        assert_eq!((fields["client_id"].as_str(), fields["client_secret"].as_str()), ("5512", "ig-secret"));
        assert_eq!((fields["code"].as_str(), fields["grant_type"].as_str()), ("AQBcode", "authorization_code"));
        assert_eq!(fields["redirect_uri"], BACK);
        let exchange = seen.recv().await.expect("a request");
        let line = "GET /instagram/access_token?grant_type=ig_exchange_token&client_secret=ig-secret";
        assert_eq!((exchange.line.as_str(), exchange.header("authorization")), (line, Some("Bearer IGshort")));
        let me = seen.recv().await.expect("a request");
        assert_eq!(me.line, "GET /instagram/v25.0/me?fields=id%2Cusername%2Cuser_id%2Cname");
        assert_eq!(me.header("authorization"), Some("Bearer IGlong"));
    }
}

#[tokio::test]
async fn a_login_at_instagram_that_gives_too_little_is_none() {
    let denied = r#"{"data":[{"access_token":"IGshort","permissions":["instagram_business_basic"]}]}"#;
    let used = r#"{"error_type":"OAuthException","code":400,"error_message":"This authorization code has been used"}"#;
    let answers = vec![ok(denied), Answer::Reply(400, "", used.to_owned()), ok("{}"), Answer::Hang];
    let (address, _seen) = serve(answers).await;
    let graph = graph(address);
    let code = SecretString::from("c");
    let words = "This authorization code has been used".to_owned();
    for expected in [
        GraphError::Permission,
        GraphError::Rejected { code: Some(400), message: words },
        GraphError::Unavailable,
        GraphError::Unavailable,
    ] {
        assert_eq!(graph.instagram_login(&code, BACK).await.err(), Some(expected));
    }
}

#[tokio::test]
async fn an_instagram_token_is_renewed() {
    let renewed = r#"{"access_token":"IGnew","token_type":"bearer","expires_in":5183944}"#;
    let (address, mut seen) = serve(vec![ok(renewed), refusal(190, 463), ok(r#"{"access_token":"IGnew"}"#)]).await;
    let (graph, own) = (graph(address), account(Platform::Instagram, Login::Instagram));
    let (token, lasts) = graph.refresh_instagram(&own).await.expect("a token");
    assert_eq!((token.expose_secret(), lasts), ("IGnew", Duration::from_secs(5_183_944)));
    let asked = seen.recv().await.expect("a request");
    assert_eq!(asked.line, "GET /instagram/refresh_access_token?grant_type=ig_refresh_token");
    assert_eq!(asked.header("authorization"), Some("Bearer EAAtesttoken123"));
    assert_eq!(graph.refresh_instagram(&own).await.err(), Some(GraphError::InvalidToken));
    assert_eq!(graph.refresh_instagram(&own).await.err(), Some(GraphError::Unavailable));
}

#[tokio::test]
async fn a_subscription_shows_whose_it_is_and_what_lacks() {
    let all = "messages,messaging_postbacks,message_echoes,message_edits,message_reactions,message_reads,message_deliveries,\
               messaging_referrals,messaging_handovers,standby,messaging_policy_enforcement";
    let listed = |app: &str, fields: &str| {
        let fields: Vec<_> = fields.split(',').map(|field| format!("{field:?}")).collect();
        ok(&format!(
            r#"{{"data":[{{"id":"1","subscribed_fields":["feed"]}},{{"id":"{app}","subscribed_fields":[{}]}}]}}"#,
            fields.join(",")
        ))
    };
    let answers = vec![
        listed("8812", all),
        listed("8812", "messages,feed"),
        listed("8813", all),
        ok(r#"{"data":[]}"#),
        refusal(190, 0),
    ];
    let (address, mut seen) = serve(answers).await;
    let graph = graph(address);
    let whole = Subscription { is_ours: true, missing: vec![] };
    assert_eq!(graph.subscription(&page()).await, Ok(whole));
    assert_eq!(seen.recv().await.expect("a request").line, format!("GET /graph/v25.0/104/subscribed_apps?{PROOF}"));
    let part = graph.subscription(&page()).await.expect("a subscription");
    assert!(part.is_ours && part.missing.len() == 10 && !part.missing.contains(&"messages"));
    for _ in 0..2 {
        let none = graph.subscription(&account(Platform::Instagram, Login::Facebook)).await.expect("a subscription");
        assert_eq!((none.is_ours, none.missing.len()), (false, 11));
    }
    assert_eq!(graph.subscription(&page()).await, Err(GraphError::InvalidToken));
    // Who does not know the own app takes the one that is shown.
    let (address, _seen) = serve(vec![ok(r#"{"data":[{"id":"5512","subscribed_fields":["messages"]}]}"#)]).await;
    let secrets = AppSecrets::parse("s").expect("one secret");
    let config = GraphConfig::new(&format!("http://{address}"), &format!("http://{address}"), "v25.0", Some(secrets));
    let stranger = Graph::new(config.expect("good settings"), Graph::http_client().expect("a client"));
    let found = stranger.subscription(&account(Platform::Instagram, Login::Instagram)).await.expect("a subscription");
    assert_eq!((found.is_ours, found.missing.len()), (true, 6));
}
