//! Meta's login: the dialog, what it shows, and connecting one of its pages.

use chatdesk_platform::{Role, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::{PageState, Platform};
use chrono::TimeDelta;
use tonic::Code;

use crate::graph::Graph;
use crate::house::{CALLBACK, House, Shop, account, field, fields, problem, vars};

const MANAGES: &[&str] = &["MESSAGING", "MANAGE"];

/// What a grant shows: platform, page, state.
fn shown(grant: &pb::ConnectGrant) -> Vec<(Platform, &str, PageState)> {
    grant.pages.iter().map(|page| (page.platform(), page.page_id.as_str(), page.state())).collect()
}

async fn start(house: &House, shop: &Shop, platform: Platform) -> Result<pb::StartConnectResponse, tonic::Status> {
    let request = pb::StartConnectRequest { platform: platform.into(), redirect_uri: CALLBACK.into() };
    Ok(house.connecting(shop.owner()).start_connect(request).await?.into_inner())
}

#[tokio::test]
async fn the_dialog_is_metas_with_our_app_and_a_state_of_its_own() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let one = start(&house, &shop, Platform::Facebook).await.unwrap();
    assert!(one.url.starts_with(&format!("{}/dialog/oauth?", house.graph.url)), "{}", one.url);
    for part in ["client_id=4242", "response_type=code", "channels%2Fcallback", &format!("state={}", one.state)] {
        assert!(one.url.contains(part), "{part}: {}", one.url);
    }
    let other = start(&house, &shop, Platform::Instagram).await.unwrap();
    assert!(other.url.contains("/oauth/authorize?") && other.url.contains("client_id=4343"), "{}", other.url);
    assert!(one.state != other.state && one.state.len() >= 43);
    let bad = pb::StartConnectRequest { platform: 0, redirect_uri: "javascript:alert(1)".into() };
    let refused = fields(house.connecting(shop.owner()).start_connect(bad).await);
    assert_eq!(refused, [field("platform", "required"), field("redirect_uri", "malformed")]);
    for role in [Role::Viewer, Role::Agent] {
        let request = pb::StartConnectRequest { platform: 1, redirect_uri: CALLBACK.into() };
        let refused = house.connecting(shop.member(role)).start_connect(request).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
}

#[tokio::test]
async fn without_an_app_there_is_no_login() {
    let graph = Graph::start().await;
    let url = graph.url.clone();
    let house = Box::pin(House::with(graph, |db| hide(&vars(db, &url)))).await;
    let shop = house.shop("lan@gom.vn").await;
    for platform in [Platform::Facebook, Platform::Instagram] {
        let refused = problem(start(&house, &shop, platform).await);
        assert_eq!((refused.status, refused.code.as_str()), (Code::FailedPrecondition, "login_not_configured"));
        assert_eq!(problem(house.grant(shop.owner(), platform, "9001").await).code, "login_refused");
    }
}

/// The variables without those of the apps.
fn hide(vars: &chatdesk_platform::Vars) -> chatdesk_platform::Vars {
    let kept = ["TENANTS_DATABASE_URL", "SECRET_KEY", "FB_APP_SECRET", "GRAPH_BASE_URL", "INSTAGRAM_BASE_URL"];
    chatdesk_platform::Vars::fixed(kept.map(|name| (name, vars.get(name).unwrap())))
}

#[tokio::test]
async fn a_login_shows_every_page_with_its_state_and_connects_one() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let mine = house.connect(&shop, "101").await.unwrap();
    house.connect(&other, "102").await.unwrap();
    house.graph.allow(vec![
        account("105", &["ADVERTISE"], None),
        account("104", MANAGES, Some("204")),
        account("103", MANAGES, None),
        account("102", MANAGES, None),
        account("101", MANAGES, None),
    ]);
    house.graph.take_seen();
    let grant = house.grant(shop.owner(), Platform::Facebook, "9001").await.unwrap();
    let expected = [
        (Platform::Facebook, "101", PageState::Connected),
        (Platform::Facebook, "102", PageState::Taken),
        (Platform::Facebook, "103", PageState::Available),
        (Platform::Facebook, "104", PageState::Available),
        (Platform::Facebook, "105", PageState::NoRight),
        (Platform::Instagram, "204", PageState::Available),
    ];
    assert_eq!(shown(&grant), expected);
    assert_eq!(grant.pages[3].name, "Trang 104");
    let ends = grant.expires_at.unwrap().seconds - house.clock.now().timestamp();
    assert_eq!(ends, 900);
    // No secret in an address, and none in the open in a row.
    assert!(house.graph.take_seen().iter().all(|seen| !seen.line.contains("code-of") && !seen.line.contains("user-")));
    let pool = house.db.superuser().await;
    let sql = "select string_agg(t::text, '') from tenants.granted_pages t";
    let stored: String = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    assert!(stored.contains("v1.") && !stored.contains("token-of"), "{stored}");

    let page = house.connect_granted(shop.owner(), &grant.id, Platform::Facebook, "104").await.unwrap();
    assert_eq!((page.platform_page_id.as_str(), page.health_state()), ("104", pb::HealthState::Ok));
    assert!(house.graph.is_subscribed("104"));
    // The account behind the page is spoken to with the page's token.
    let account = house.connect_granted(shop.owner(), &grant.id, Platform::Instagram, "204").await.unwrap();
    assert_eq!((account.platform(), account.page_name.as_str()), (Platform::Instagram, "shop204"));
    // One that is connected gets the new token and stays what it is.
    let again = house.connect_granted(shop.owner(), &grant.id, Platform::Facebook, "101").await.unwrap();
    assert_eq!((again.id, again.created_at), (mine.id, mine.created_at));

    for (page, status, code) in [
        ("102", Code::AlreadyExists, "page_taken"),
        ("105", Code::FailedPrecondition, "no_right"),
        ("999", Code::NotFound, "not_found"),
    ] {
        let refused = problem(house.connect_granted(shop.owner(), &grant.id, Platform::Facebook, page).await);
        assert_eq!((refused.status, refused.code.as_str()), (status, code), "{page}");
        assert!(!refused.detail.contains("Gốm"), "{}", refused.detail);
    }
    // A code works once.
    let used = problem(house.grant(shop.owner(), Platform::Facebook, "9001").await);
    assert_eq!((used.status, used.code.as_str()), (Code::FailedPrecondition, "login_refused"));
}

#[tokio::test]
async fn a_grant_is_its_users_for_fifteen_minutes() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let colleague = house.add(&shop, "hoa@gom.vn", pb::MemberRole::Manager).await.unwrap();
    let colleague = chatdesk_platform::Identity::Member {
        tenant: shop.tenant,
        user: colleague.id.parse().unwrap(),
        role: Role::Manager,
    };
    house.graph.allow(vec![account("104", MANAGES, None)]);
    let grant = house.grant(shop.owner(), Platform::Facebook, "9001").await.unwrap();
    for who in [colleague, other.owner()] {
        let refused = problem(house.connect_granted(who, &grant.id, Platform::Facebook, "104").await);
        assert_eq!(refused.status, Code::NotFound);
    }
    for id in ["x", &new_id().to_string()] {
        let refused = problem(house.connect_granted(shop.owner(), id, Platform::Facebook, "104").await);
        assert_eq!(refused.status, Code::NotFound);
    }
    // The same id on the other platform is another page.
    let refused = problem(house.connect_granted(shop.owner(), &grant.id, Platform::Instagram, "104").await);
    assert_eq!(refused.status, Code::NotFound);
    house.hand.advance(TimeDelta::minutes(15));
    let refused = problem(house.connect_granted(shop.owner(), &grant.id, Platform::Facebook, "104").await);
    assert_eq!(refused.status, Code::NotFound);
    assert!(house.list(&shop).await.is_empty());
}

#[tokio::test]
async fn what_a_login_allowed_is_forgotten_when_it_is_over() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    house.graph.allow(vec![account("104", MANAGES, None)]);
    house.grant(shop.owner(), Platform::Facebook, "9001").await.unwrap();
    let pool = house.db.superuser().await;
    let sql = "update routing.due_work set due_at = now() where kind = 'grant_expiry' returning 1";
    let due: Vec<i32> = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
    assert_eq!(due.len(), 1);
    let gone = async {
        let sql = "select (select count(*) from tenants.connect_grants) + (select count(*) from tenants.granted_pages)";
        while sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), gone).await.expect("the tokens are forgotten");
}

#[tokio::test]
async fn an_instagram_account_logs_in_by_itself_and_its_token_ends() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let grant = house.grant(shop.owner(), Platform::Instagram, "204").await.unwrap();
    assert_eq!(shown(&grant), [(Platform::Instagram, "204", PageState::Available)]);
    let channel = house.connect_granted(shop.owner(), &grant.id, Platform::Instagram, "204").await.unwrap();
    assert_eq!(channel.page_name, "page204");
    let lasts = channel.token_expires_at.unwrap().seconds - house.clock.now().timestamp();
    assert!((5_183_990..=5_184_000).contains(&lasts), "{lasts}");
    let used = problem(house.grant(shop.owner(), Platform::Instagram, "204").await);
    assert_eq!(used.code, "login_refused");
}

#[tokio::test]
async fn a_login_that_meta_cannot_finish_changes_nothing() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    house.graph.answer_next(503, serde_json::json!({}));
    assert_eq!(problem(house.grant(shop.owner(), Platform::Facebook, "9001").await).status, Code::Unavailable);
    house.graph.refuse_next(4);
    let limited = problem(house.grant(shop.owner(), Platform::Facebook, "9001").await);
    assert_eq!((limited.code.as_str(), limited.retry_after.is_some()), ("rate_limited", true));
    let bad = pb::FinishConnectRequest { platform: 1, code: " ".into(), redirect_uri: "x".into() };
    let refused = fields(house.connecting(shop.owner()).finish_connect(bad).await);
    assert_eq!(refused, [field("redirect_uri", "malformed"), field("code", "required")]);
    let pool = house.db.superuser().await;
    let grants: i64 = sqlx::query_scalar("select count(*) from tenants.connect_grants").fetch_one(&pool).await.unwrap();
    assert_eq!(grants, 0);
}
