//! One-time codes: set up by whoever knows the password, used once each, and needed by platform admins.

use chatdesk_platform::{Identity, Role, ServiceName, TotpSecret, UserId, totp_step};
use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use tonic::{Code, Status};

use crate::house::{GATEWAY, House, PASSWORD, SECRET, Shop, field, fields, problem};
use crate::post::Posted;
use crate::team::{somebody_waits, while_logging_in};

const ADMIN: &str = "root@chatdesk.example";
const LONG: &str = "một mật khẩu thật dài";
const CLI: Identity = Identity::Service { name: ServiceName::Cli, tenant: None };

fn read(told: &pb::TotpSecret) -> TotpSecret {
    assert!(told.uri.contains(&told.secret) && told.uri.starts_with("otpauth://totp/ChatDesk:"), "{}", told.uri);
    TotpSecret::parse(&told.secret).unwrap()
}

/// The code of now, or of so many half minutes later.
fn code(house: &House, secret: &TotpSecret, later: i64) -> String {
    secret.code(totp_step(house.clock.now()) + later)
}

async fn start(house: &House, shop: &Shop) -> Result<pb::TotpSecret, Status> {
    let request = pb::StartTotpRequest { password: PASSWORD.to_owned() };
    Ok(house.account(shop.owner()).start_totp(request).await?.into_inner())
}

async fn confirm(house: &House, shop: &Shop, code: String) -> Result<pb::ConfirmTotpResponse, Status> {
    let request = pb::ConfirmTotpRequest { code, session_id: shop.session.session_id.clone() };
    Ok(house.account(shop.owner()).confirm_totp(request).await?.into_inner())
}

async fn login(house: &House, email: &str, password: &str, code: &str) -> Result<pb::Session, Status> {
    let (email, password, code) = (email.to_owned(), password.to_owned(), code.to_owned());
    let request = pb::LoginRequest { email, password, code, ..Default::default() };
    Ok(house.account(GATEWAY).login(request).await?.into_inner())
}

/// Switches codes on with the last half minute's, so that the present one is left.
async fn switch_on(house: &House, shop: &Shop) -> (TotpSecret, Vec<String>) {
    let secret = read(&start(house, shop).await.unwrap());
    let confirmed = confirm(house, shop, code(house, &secret, -1)).await.unwrap();
    (secret, confirmed.recovery_codes)
}

/// Case 75: switching codes on ends all other sessions.
#[tokio::test]
async fn codes_are_in_force_once_confirmed_and_end_other_sessions() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let phone = house.login("lan@gom.vn", PASSWORD).await.unwrap();
    assert_eq!(problem(confirm(&house, &shop, "123456".to_owned()).await).code, "totp_not_started");
    let first = read(&start(&house, &shop).await.unwrap());
    let secret = read(&start(&house, &shop).await.unwrap());
    house.login("lan@gom.vn", PASSWORD).await.expect("nothing is in force yet");
    let wrong = confirm(&house, &shop, code(&house, &first, 0)).await;
    assert_eq!(fields(wrong), [field("code", "wrong")], "the later secret counts");
    let confirmed = confirm(&house, &shop, code(&house, &secret, 0)).await.unwrap();
    assert_eq!(confirmed.recovery_codes.len(), 10);
    assert!(confirmed.ended_session_ids.contains(&phone.session_id) && confirmed.ended_session_ids.len() == 2);
    assert_eq!(problem(house.refresh(&phone.refresh_token).await).status, Code::Unauthenticated);
    let renewed = house.refresh(&shop.session.refresh_token).await.unwrap();
    assert!(renewed.user.unwrap().has_totp);
    assert_eq!(problem(start(&house, &shop).await).code, "totp_on");
    let members = house.account(shop.owner()).list_members(pb::ListMembersRequest {}).await.unwrap().into_inner();
    assert!(members.items[0].has_totp);
}

/// Case 75: neither a login that was under way before, nor one that ends after, stays in without a code.
#[tokio::test]
async fn no_login_slips_in_beside_codes_that_come_into_force() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let secret = read(&start(&house, &shop).await.unwrap());
    let (confirmed, begun) = while_logging_in(&house, &shop, confirm(&house, &shop, code(&house, &secret, 0))).await;
    assert!(confirmed.unwrap().ended_session_ids.contains(&begun));

    let other = house.shop("mai@lua.vn").await;
    start(&house, &other).await.unwrap();
    let pool = house.db.superuser().await;
    let mut tx = pool.begin().await.unwrap();
    let hold = "select from tenants.users where id = $1 for update";
    sqlx::query(hold).bind(other.owner.0).execute(&mut *tx).await.unwrap();
    let switch = async {
        somebody_waits(&pool).await;
        let on = "update routing.second_factors set secret = pending, pending = null where user_id = $1";
        sqlx::query(on).bind(other.owner.0).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    let (refused, ()) = tokio::join!(house.login("mai@lua.vn", PASSWORD), switch);
    assert_eq!(problem(refused).code, "totp_required");
}

/// Case 76: a code works once, also in its window; the next one works.
#[tokio::test]
async fn a_code_is_not_replayed() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let (secret, _) = switch_on(&house, &shop).await;
    let log_in = async |code: &str| login(&house, "lan@gom.vn", PASSWORD, code).await;
    assert_eq!(problem(log_in("").await).code, "totp_required");
    let wrong = problem(login(&house, "lan@gom.vn", "wrong", &code(&house, &secret, 0)).await);
    assert_eq!(wrong.status, Code::Unauthenticated, "a code is nothing without the password");
    let present = code(&house, &secret, 0);
    log_in(&present).await.unwrap();
    for used in [present, code(&house, &secret, -1)] {
        assert_eq!(fields(log_in(&used).await), [field("code", "wrong")]);
    }
    let typed = code(&house, &secret, 1);
    let session = log_in(&format!(" {} {} ", &typed[..3], &typed[3..])).await.unwrap();
    house.refresh(&session.refresh_token).await.unwrap();
    assert_eq!(fields(log_in(&code(&house, &secret, 3)).await), [field("code", "wrong")]);

    let (one, other) = {
        house.hand.advance(TimeDelta::seconds(90));
        let now = code(&house, &secret, 0);
        tokio::join!(log_in(&now), log_in(&now))
    };
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
}

/// Case 76: six wrong codes wait, wherever they come from, and the right one is heard afterwards.
#[tokio::test]
async fn wrong_codes_are_slowed_down() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let (secret, _) = switch_on(&house, &shop).await;
    let from = async |address: &str, code: &str| {
        let (email, password, code) = ("lan@gom.vn".to_owned(), PASSWORD.to_owned(), code.to_owned());
        let request = pb::LoginRequest { email, password, code, ..Default::default() };
        house.account_from(GATEWAY, address).login(request).await
    };
    for number in 0..5 {
        let refused = from(&format!("203.0.113.{number}"), "000000").await;
        assert_eq!(problem(refused).status, Code::InvalidArgument);
    }
    let told = problem(from("198.51.100.1", &code(&house, &secret, 0)).await);
    assert_eq!((told.code.as_str(), told.retry_after.is_some()), ("too_many_codes", true));
    house.hand.advance(TimeDelta::seconds(1));
    from("198.51.100.1", &code(&house, &secret, 0)).await.unwrap();
}

#[tokio::test]
async fn a_recovery_code_works_once_and_is_told() {
    let post = Posted::new().await;
    let house = &post.house;
    let shop = house.shop("lan@gom.vn").await;
    let (_, codes) = switch_on(house, &shop).await;
    login(house, "lan@gom.vn", PASSWORD, &codes[3].to_uppercase()).await.unwrap();
    assert_eq!(fields(login(house, "lan@gom.vn", PASSWORD, &codes[3]).await), [field("code", "wrong")]);
    login(house, "lan@gom.vn", PASSWORD, &codes[4]).await.unwrap();
    let audited = house.audited(&shop).await;
    assert_eq!(
        (audited[0].action.as_str(), audited[0].after.as_str()),
        ("session.started", r#"{"recovery_codes_left":8}"#)
    );
    // One letter for the codes, and one for each recovery code.
    post.letter("lan@gom.vn", 3).await;
    let subjects: Vec<_> = post.letters("lan@gom.vn").into_iter().map(|letter| letter.subject).collect();
    assert_eq!(
        subjects.iter().filter(|subject| *subject == "Một mã khôi phục đã được dùng").count(),
        2,
        "{subjects:?}"
    );
}

#[tokio::test]
async fn codes_are_turned_off_with_password_and_code() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let (secret, codes) = switch_on(&house, &shop).await;
    let end = async |password: &str, code: &str| {
        let request = pb::DisableTotpRequest { password: password.to_owned(), code: code.to_owned() };
        house.account(shop.owner()).disable_totp(request).await
    };
    assert_eq!(fields(end("wrong", &code(&house, &secret, 0)).await), [field("password", "wrong")]);
    assert_eq!(fields(end(PASSWORD, "000000").await), [field("code", "wrong")]);
    end(PASSWORD, &code(&house, &secret, 0)).await.unwrap();
    house.login("lan@gom.vn", PASSWORD).await.unwrap();
    house.refresh(&shop.session.refresh_token).await.expect("a member's sessions go on");
    // What belonged to the old secret is worth nothing for the next.
    switch_on(&house, &shop).await;
    assert_eq!(fields(login(&house, "lan@gom.vn", PASSWORD, &codes[0]).await), [field("code", "wrong")]);
}

async fn make_admin(house: &House) -> UserId {
    let request = pb::CreateAdminRequest { email: ADMIN.to_owned(), password: LONG.to_owned() };
    house.account(CLI).create_admin(request).await.unwrap().into_inner().id.parse().unwrap()
}

async fn set_up(house: &House, password: &str, code: &str) -> Result<pb::SetUpTotpResponse, Status> {
    let (email, password, code) = (ADMIN.to_owned(), password.to_owned(), code.to_owned());
    Ok(house.account(GATEWAY).set_up_totp(pb::SetUpTotpRequest { email, password, code }).await?.into_inner())
}

/// A platform admin has no session before there are codes, and can do nothing but set them up.
#[tokio::test]
async fn an_admin_without_codes_can_only_set_them_up() {
    let post = Posted::new().await;
    let house = &post.house;
    make_admin(house).await;
    assert_eq!(problem(login(house, ADMIN, LONG, "").await).code, "totp_setup_required");
    assert_eq!(problem(login(house, ADMIN, LONG, "123456").await).code, "totp_setup_required");
    assert_eq!(problem(set_up(house, "wrong", "").await).status, Code::Unauthenticated);
    assert_eq!(problem(set_up(house, LONG, "123456").await).code, "totp_not_started");
    let secret = read(&set_up(house, LONG, "").await.unwrap().secret.unwrap());
    assert_eq!(problem(login(house, ADMIN, LONG, "").await).code, "totp_setup_required", "not confirmed yet");
    let done = set_up(house, LONG, &code(house, &secret, -1)).await.unwrap();
    assert_eq!((done.recovery_codes.len(), done.secret), (10, None));
    for again in ["", &code(house, &secret, 0)] {
        let told = problem(set_up(house, LONG, again).await);
        assert!(matches!(told.code.as_str(), "totp_on" | "totp_not_started"), "{told:?}");
    }
    // An admin has no owner to turn to.
    let letter = post.letter(ADMIN, 1).await;
    assert!(
        letter.text.contains("báo cho người vận hành hệ thống") && !letter.text.contains("chủ cửa hàng"),
        "{}",
        letter.text
    );
    assert_eq!(problem(login(house, ADMIN, LONG, "").await).code, "totp_required");
    let session = login(house, ADMIN, LONG, &code(house, &secret, 0)).await.unwrap();
    assert!(session.user.unwrap().has_totp);
    house.refresh(&session.refresh_token).await.unwrap();

    // Members set theirs up when they are in.
    house.shop("lan@gom.vn").await;
    let request = pb::SetUpTotpRequest { email: "lan@gom.vn".into(), password: PASSWORD.into(), ..Default::default() };
    assert_eq!(problem(house.account(GATEWAY).set_up_totp(request).await).status, Code::PermissionDenied);
}

/// An admin who turns codes off is out, and a session from before codes were needed is not renewed.
#[tokio::test]
async fn an_admin_is_never_in_without_codes() {
    let house = House::new().await;
    let user = make_admin(&house).await;
    let secret = read(&set_up(&house, LONG, "").await.unwrap().secret.unwrap());
    set_up(&house, LONG, &code(&house, &secret, -1)).await.unwrap();
    let session = login(&house, ADMIN, LONG, &code(&house, &secret, 0)).await.unwrap();
    let request = pb::DisableTotpRequest { password: LONG.to_owned(), code: code(&house, &secret, 1) };
    let ended = house.account(Identity::PlatformAdmin { user }).disable_totp(request).await.unwrap().into_inner();
    assert_eq!(ended.ended_session_ids, [session.session_id]);
    assert_eq!(problem(house.refresh(&session.refresh_token).await).status, Code::Unauthenticated);
    assert_eq!(problem(login(&house, ADMIN, LONG, "").await).code, "totp_setup_required");

    let secret = read(&set_up(&house, LONG, "").await.unwrap().secret.unwrap());
    set_up(&house, LONG, &code(&house, &secret, -1)).await.unwrap();
    let session = login(&house, ADMIN, LONG, &code(&house, &secret, 0)).await.unwrap();
    let pool = house.db.superuser().await;
    sqlx::query("delete from routing.second_factors").execute(&pool).await.unwrap();
    assert_eq!(problem(house.refresh(&session.refresh_token).await).status, Code::Unauthenticated);
}

#[tokio::test]
async fn the_operator_clears_the_codes_of_whoever_lost_everything() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    switch_on(&house, &shop).await;
    let request = pb::ClearTotpRequest { email: "lan@gom.vn".to_owned() };
    for who in [GATEWAY, shop.owner(), shop.member(Role::Owner)] {
        assert_eq!(problem(house.account(who).clear_totp(request.clone()).await).status, Code::PermissionDenied);
    }
    house.account(CLI).clear_totp(request).await.unwrap();
    assert_eq!(problem(house.refresh(&shop.session.refresh_token).await).status, Code::Unauthenticated);
    house.login("lan@gom.vn", PASSWORD).await.unwrap();
    let nobody = pb::ClearTotpRequest { email: "nobody@gom.vn".to_owned() };
    assert_eq!(problem(house.account(CLI).clear_totp(nobody).await).status, Code::NotFound);
}

/// Neither the secret nor a recovery code can be read from a dump, and another's sealed secret does not open.
#[tokio::test]
async fn secrets_are_sealed_and_bound_to_their_owner() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let (secret, codes) = switch_on(&house, &shop).await;
    switch_on(&house, &other).await;
    let pool = house.db.superuser().await;
    let rows: String = sqlx::query_scalar(
        "select concat((select string_agg(f::text, '|') from routing.second_factors f),
             (select string_agg(encode(c.code_hash, 'escape'), '|') from routing.recovery_codes c))",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let shown = secret.show();
    assert!(rows.contains("v1.") && !rows.contains(shown.expose_secret()) && !rows.contains(&codes[0]), "{rows}");
    assert!(!rows.contains(SECRET));
    sqlx::query(
        "update routing.second_factors a set secret = b.secret from routing.second_factors b where a.user_id = $1 and b.user_id = $2",
    )
    .bind(other.owner.0)
    .bind(shop.owner.0)
    .execute(&pool)
    .await
    .unwrap();
    let refused = login(&house, "mai@lua.vn", PASSWORD, &code(&house, &secret, 0)).await;
    assert_eq!(problem(refused).status, Code::Internal, "copied to another's row it does not open");
}
