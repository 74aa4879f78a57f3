//! Registration, login, the profile and platform admins.

use chatdesk_platform::{Identity, Role, ServiceName, UserId, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use tonic::Code;

use crate::house::{GATEWAY, House, PASSWORD, field, fields, problem};

#[tokio::test]
async fn a_registered_owner_logs_in_and_sees_their_profile() {
    let house = House::new().await;
    let shop = house.shop(" Lan@Gom.VN ").await;
    let user = shop.session.user.clone().unwrap();
    assert_eq!((user.email.as_str(), user.business_name.as_str()), ("lan@gom.vn", "Gốm Bát Tràng"));
    assert_eq!((user.role(), user.member_role()), (pb::UserRole::Business, pb::MemberRole::Owner));
    assert_eq!((user.business_description.as_str(), user.phone.as_str()), ("Gốm sứ thủ công", "0901 234 567"));
    assert!(user.created_at.is_some());

    let session = house.login("LAN@gom.vn", PASSWORD).await.unwrap();
    assert_eq!(session.user.unwrap(), user);
    assert_ne!(session.session_id, shop.session.session_id);
    // The same password typed with combining marks.
    house.login("lan@gom.vn", "ma\u{323}\u{302}t kha\u{302}\u{309}u da\u{300}i").await.unwrap();

    let seen = house.account(shop.owner()).get_profile(pb::GetProfileRequest {}).await.unwrap().into_inner();
    assert_eq!(seen, user);
}

/// Case 72: neither status nor body tells which of the two it was; the hash of nobody takes the same time.
#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let house = House::new().await;
    house.shop("lan@gom.vn").await;
    let wrong = problem(house.login("lan@gom.vn", "not the password").await);
    let unknown = problem(house.login("nobody@gom.vn", "not the password").await);
    let nonsense = problem(house.login("no address", "not the password").await);
    assert_eq!(wrong, unknown);
    assert_eq!(wrong, nonsense);
    assert_eq!((wrong.status, wrong.code.as_str()), (Code::Unauthenticated, "unauthenticated"));
}

#[tokio::test]
async fn an_address_belongs_to_one() {
    let house = House::new().await;
    house.shop("lan@gom.vn").await;
    let taken = problem(house.register("LAN@GOM.VN").await);
    assert_eq!((taken.status, taken.code.as_str()), (Code::AlreadyExists, "email_taken"));
    let admin = pb::CreateAdminRequest { email: "lan@gom.vn".into(), password: "twelve letters".into() };
    let cli = Identity::Service { name: ServiceName::Cli, tenant: None };
    assert_eq!(problem(house.account(cli).create_admin(admin).await).code, "email_taken");

    let (one, two, three) = tokio::join!(house.register("x@y.vn"), house.register("x@y.vn"), house.register("x@y.vn"));
    let made = [&one, &two, &three].iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(made, 1, "{one:?} {two:?} {three:?}");
    let pool = house.db.superuser().await;
    let tenants: i64 = sqlx::query_scalar("select count(*) from routing.tenants").fetch_one(&pool).await.unwrap();
    assert_eq!(tenants, 2, "the losers leave nothing behind");
}

#[tokio::test]
async fn every_bad_field_is_named() {
    let house = House::new().await;
    let request = pb::RegisterRequest {
        email: "not an address".into(),
        password: "short".into(),
        business_name: "  ".into(),
        business_description: "x".repeat(4001),
        phone: "0\0".into(),
        user_agent: "\0".repeat(100_000),
    };
    let expected = [
        field("email", "malformed"),
        field("password", "too_short"),
        field("business_name", "required"),
        field("business_description", "too_long"),
        field("phone", "malformed"),
    ];
    assert_eq!(fields(house.account(GATEWAY).register(request).await), expected);
    assert_eq!(fields(house.login("", "").await), [field("email", "required"), field("password", "required")]);
    assert_eq!(fields(house.login("lan@gom.vn", &"x".repeat(1_000_000)).await), [field("password", "too_long")]);
}

/// Case 71: one account from one place.
#[tokio::test]
async fn guessing_is_slowed_and_the_right_password_is_heard_after_the_wait() {
    let house = House::new().await;
    house.shop("lan@gom.vn").await;
    for _ in 0..10 {
        assert_eq!(problem(house.login("lan@gom.vn", "a wrong guess").await).status, Code::Unauthenticated);
    }
    let slowed = problem(house.login("lan@gom.vn", PASSWORD).await);
    assert_eq!((slowed.status, slowed.code.as_str()), (Code::ResourceExhausted, "too_many_logins"));
    let wait = slowed.retry_after.unwrap();
    house.shop("mai@gom.vn").await;
    house.login("mai@gom.vn", PASSWORD).await.unwrap();
    house.hand.advance(TimeDelta::from_std(wait).unwrap());
    house.login("lan@gom.vn", PASSWORD).await.unwrap();
    house.login("lan@gom.vn", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_hash_from_elsewhere_is_replaced_at_the_next_login() {
    let house = House::new().await;
    house.shop("lan@gom.vn").await;
    let pool = house.db.superuser().await;
    let old = bcrypt::hash("correct horse", 4).unwrap();
    sqlx::query("update tenants.users set password_hash = $1").bind(&old).execute(&pool).await.unwrap();
    assert_eq!(problem(house.login("lan@gom.vn", PASSWORD).await).status, Code::Unauthenticated);
    house.login("lan@gom.vn", "correct horse").await.unwrap();
    let new: String = sqlx::query_scalar("select password_hash from tenants.users").fetch_one(&pool).await.unwrap();
    assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
    house.login("lan@gom.vn", "correct horse").await.unwrap();
}

#[tokio::test]
async fn what_is_given_of_a_profile_changes_and_the_rest_stays() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let request = pb::UpdateProfileRequest { phone: Some("1900".into()), ..Default::default() };
    let changed = house.account(shop.member(Role::Manager)).update_profile(request).await.unwrap().into_inner();
    assert_eq!((changed.business_name.as_str(), changed.phone.as_str()), ("Gốm Bát Tràng", "1900"));
    let theirs = house.account(other.owner()).get_profile(pb::GetProfileRequest {}).await.unwrap().into_inner();
    assert_eq!(theirs.phone, "0901 234 567");

    let bad = pb::UpdateProfileRequest {
        business_name: Some(String::new()),
        business_description: Some("\0".into()),
        phone: Some("1".repeat(33)),
        name: Some("x".repeat(81)),
        time_zone: Some(" ".into()),
    };
    let expected = [
        field("business_name", "required"),
        field("business_description", "malformed"),
        field("phone", "too_long"),
        field("time_zone", "required"),
        field("name", "too_long"),
    ];
    assert_eq!(fields(house.account(shop.owner()).update_profile(bad).await), expected);
    let business = [
        pb::UpdateProfileRequest { phone: Some("1".into()), ..Default::default() },
        pb::UpdateProfileRequest { time_zone: Some("UTC".into()), name: Some("x".into()), ..Default::default() },
    ];
    for (role, request) in [(Role::Viewer, &business[0]), (Role::Agent, &business[1])] {
        let refused = house.account(shop.member(role)).update_profile(request.clone()).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
    let seen = house.account(shop.owner()).get_profile(pb::GetProfileRequest {}).await.unwrap().into_inner();
    assert_eq!((seen.name.as_str(), seen.phone.as_str()), ("lan", "1900"), "a refused change leaves no half behind");
}

#[tokio::test]
async fn anyone_may_change_their_own_name() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let mai = house.add(&shop, "mai@gom.vn", pb::MemberRole::Viewer).await.unwrap();
    let who = Identity::Member { tenant: shop.tenant, user: mai.id.parse().unwrap(), role: Role::Viewer };
    house.hand.advance(TimeDelta::minutes(1));
    let request = pb::UpdateProfileRequest { name: Some(" Mai ".into()), ..Default::default() };
    let changed = house.account(who).update_profile(request).await.unwrap().into_inner();
    assert_eq!((changed.name.as_str(), changed.business_name.as_str()), ("Mai", "Gốm Bát Tràng"));
    assert!(changed.updated_at.unwrap().seconds > changed.created_at.unwrap().seconds);
    let owner = house.account(shop.owner()).get_profile(pb::GetProfileRequest {}).await.unwrap().into_inner();
    assert_eq!(owner.name, "lan");
    assert_eq!(owner.updated_at, shop.session.user.unwrap().updated_at, "the business has not changed");
}

#[tokio::test]
async fn a_shop_is_in_a_time_zone_that_the_database_knows() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    assert_eq!(shop.session.user.as_ref().unwrap().time_zone, "Asia/Ho_Chi_Minh");
    let set = async |zone: &str| {
        let request = pb::UpdateProfileRequest { time_zone: Some(zone.into()), ..Default::default() };
        house.account(shop.owner()).update_profile(request).await.map(|user| user.into_inner().time_zone)
    };
    assert_eq!(set("Asia/Bangkok").await.unwrap(), "Asia/Bangkok");
    for bad in ["Asia/Hue", "asia/bangkok", "+07:00", "'; drop table x", "posix/Asia/Bangkok", "Factory", "<+07>-7"] {
        assert_eq!(fields(set(bad).await), [field("time_zone", "unknown")], "{bad}");
    }
    let seen = house.account(shop.owner()).get_profile(pb::GetProfileRequest {}).await.unwrap().into_inner();
    assert_eq!(seen.time_zone, "Asia/Bangkok");
}

#[tokio::test]
async fn a_user_of_another_business_is_not_found() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let stranger = Identity::Member { tenant: shop.tenant, user: other.owner, role: Role::Owner };
    let refused = house.account(stranger).get_profile(pb::GetProfileRequest {}).await;
    assert_eq!(problem(refused).status, Code::NotFound);
}

#[tokio::test]
async fn platform_admins_are_made_by_the_command_line_only() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let request = pb::CreateAdminRequest { email: "Root@House.vn".into(), password: "twelve letters".into() };
    let admin = Identity::PlatformAdmin { user: UserId(new_id()) };
    for who in [GATEWAY, admin, shop.owner()] {
        let refused = house.account(who).create_admin(request.clone()).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
    let cli = Identity::Service { name: ServiceName::Cli, tenant: None };
    let made = house.account(cli).create_admin(request).await.unwrap().into_inner();
    assert_eq!((made.role(), made.tenant_id.as_str()), (pb::UserRole::Admin, ""));

    let (made, secret) = house.make_admin("boss@house.vn", "twelve letters").await;
    let session = house.login_with("boss@house.vn", "twelve letters", &secret).await.unwrap();
    assert_eq!(session.user.as_ref(), Some(&made));
    let renewed = house.refresh(&session.refresh_token).await.unwrap();
    assert_eq!(renewed.user.as_ref(), Some(&made));
    let who = Identity::PlatformAdmin { user: made.id.parse().unwrap() };
    let seen = house.account(who).get_profile(pb::GetProfileRequest {}).await.unwrap().into_inner();
    assert_eq!(seen, made);

    let short = pb::CreateAdminRequest { email: "x".into(), password: "eleven char".into() };
    let expected = [field("email", "malformed"), field("password", "too_short")];
    assert_eq!(fields(house.account(cli).create_admin(short).await), expected);
}

#[tokio::test]
async fn secrets_are_not_in_the_database_nor_in_debug_output() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let pool = house.db.superuser().await;
    let dump: String = sqlx::query_scalar(
        "select concat((select string_agg(t::text, '|') from tenants.users t),
                       (select string_agg(t::text, '|') from routing.refresh_tokens t),
                       (select string_agg(t::text, '|') from routing.logins t))",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(!dump.contains(PASSWORD) && !dump.contains(&shop.session.refresh_token));
    let routing: String =
        sqlx::query_scalar("select string_agg(t::text, '|') from routing.logins t").fetch_one(&pool).await.unwrap();
    assert!(!routing.contains("lan"), "routing holds no addresses");
}
