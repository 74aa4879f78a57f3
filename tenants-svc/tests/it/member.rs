//! The people of a business.

use chatdesk_platform::{Identity, Role, ServiceName};
use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use tonic::Code;

use crate::house::{GATEWAY, House, PASSWORD, field, fields, problem};

async fn members(house: &House, who: Identity) -> Vec<pb::Member> {
    house.account(who).list_members(pb::ListMembersRequest {}).await.unwrap().into_inner().items
}

#[tokio::test]
async fn a_member_is_added_listed_and_logs_in_as_what_they_are() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    house.hand.advance(TimeDelta::seconds(1));
    let request = pb::AddMemberRequest {
        email: " Hoa@Gom.VN ".into(),
        password: PASSWORD.into(),
        member_role: pb::MemberRole::Agent.into(),
        name: " Hoa ".into(),
        session_id: shop.session.session_id.clone(),
    };
    let hoa = house.account(shop.member(Role::Manager)).add_member(request).await.unwrap().into_inner();
    assert_eq!(
        (hoa.email.as_str(), hoa.name.as_str(), hoa.member_role()),
        ("hoa@gom.vn", "Hoa", pb::MemberRole::Agent)
    );
    house.hand.advance(TimeDelta::seconds(1));
    let viewer = house.add(&shop, "tam.le@gom.vn", pb::MemberRole::Viewer).await.unwrap();
    assert_eq!(viewer.name, "tam.le", "the address says it where no name does");

    let seen = members(&house, shop.member(Role::Viewer)).await;
    let emails: Vec<_> = seen.iter().map(|one| one.email.as_str()).collect();
    assert_eq!(emails, ["lan@gom.vn", "hoa@gom.vn", "tam.le@gom.vn"]);
    assert_eq!((seen[0].member_role(), seen[0].id.as_str()), (pb::MemberRole::Owner, &*shop.owner.to_string()));
    assert_eq!(members(&house, shop.service(ServiceName::Inbox)).await, seen);
    assert_eq!(members(&house, other.owner()).await.len(), 1);

    let session = house.login("hoa@gom.vn", PASSWORD).await.unwrap();
    let user = session.user.unwrap();
    assert_eq!((user.member_role(), user.tenant_id.as_str()), (pb::MemberRole::Agent, &*shop.tenant.to_string()));
    assert_eq!((user.id, user.name, user.business_name.as_str()), (hoa.id, "Hoa".to_owned(), "Gốm Bát Tràng"));
}

#[tokio::test]
async fn only_owners_and_managers_add_and_nobody_adds_an_owner() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let request = |role: pb::MemberRole| pb::AddMemberRequest {
        email: "hoa@gom.vn".into(),
        password: PASSWORD.into(),
        member_role: role.into(),
        name: String::new(),
        session_id: shop.session.session_id.clone(),
    };
    for who in [shop.member(Role::Agent), shop.member(Role::Viewer), shop.service(ServiceName::Inbox), GATEWAY] {
        let refused = house.account(who).add_member(request(pb::MemberRole::Viewer)).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
    for role in [pb::MemberRole::Owner, pb::MemberRole::Unspecified] {
        let refused = house.account(shop.owner()).add_member(request(role)).await;
        assert_eq!(fields(refused), [field("member_role", "unknown_value")]);
    }
    let bad = pb::AddMemberRequest {
        email: "x".into(),
        password: "short".into(),
        member_role: 9,
        name: "\0".into(),
        session_id: shop.session.session_id.clone(),
    };
    let expected = [
        field("email", "malformed"),
        field("password", "too_short"),
        field("member_role", "unknown_value"),
        field("name", "malformed"),
    ];
    assert_eq!(fields(house.account(shop.owner()).add_member(bad).await), expected);
    assert_eq!(members(&house, shop.owner()).await.len(), 1);
}

#[tokio::test]
async fn a_manager_makes_no_manager_and_an_owner_does() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let add = async |who, email: &str, role: pb::MemberRole| {
        let request = pb::AddMemberRequest {
            email: email.into(),
            password: PASSWORD.into(),
            member_role: role.into(),
            session_id: shop.session.session_id.clone(),
            ..Default::default()
        };
        house.account(who).add_member(request).await
    };
    let manager = shop.member(Role::Manager);
    let refused = problem(add(manager, "hoa@gom.vn", pb::MemberRole::Manager).await);
    assert_eq!((refused.status, refused.code.as_str()), (Code::PermissionDenied, "forbidden"));
    for (who, email, role) in [
        (manager, "hoa@gom.vn", pb::MemberRole::Agent),
        (manager, "tam@gom.vn", pb::MemberRole::Viewer),
        (shop.owner(), "an@gom.vn", pb::MemberRole::Manager),
    ] {
        assert_eq!(add(who, email, role).await.unwrap().into_inner().member_role(), role);
    }
    assert_eq!(members(&house, shop.owner()).await.len(), 4);
}

#[tokio::test]
async fn adding_needs_a_session_of_ones_own_that_goes_on() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let second = house.login("lan@gom.vn", PASSWORD).await.unwrap();
    let over = pb::LogoutRequest { refresh_token: second.refresh_token };
    house.account(GATEWAY).logout(over).await.unwrap();
    for session_id in [String::new(), "x".into(), other.session.session_id.clone(), second.session_id] {
        let request = pb::AddMemberRequest {
            email: "hoa@gom.vn".into(),
            password: PASSWORD.into(),
            member_role: pb::MemberRole::Agent.into(),
            session_id,
            ..Default::default()
        };
        let refused = house.account(shop.owner()).add_member(request).await;
        assert_eq!(problem(refused).status, Code::Unauthenticated);
    }
    assert_eq!(members(&house, shop.owner()).await.len(), 1);
}

#[tokio::test]
async fn an_address_in_use_anywhere_is_refused_and_tells_nothing() {
    let house = House::new().await;
    let (shop, _other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    house.add(&shop, "hoa@gom.vn", pb::MemberRole::Agent).await.unwrap();
    let mut told = Vec::new();
    for taken in ["LAN@gom.vn", "mai@lua.vn", "hoa@gom.vn"] {
        let problem = problem(house.add(&shop, taken, pb::MemberRole::Agent).await);
        assert_eq!((problem.status, problem.code.as_str()), (Code::AlreadyExists, "email_in_use"));
        told.push(problem);
    }
    told.dedup();
    assert_eq!(told.len(), 1, "one's own and another's look the same");
    assert_eq!(members(&house, shop.owner()).await.len(), 2);
}

#[tokio::test]
async fn a_business_has_so_many_people() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let pool = house.db.superuser().await;
    let fill = "insert into tenants.users (tenant_id, id, email, password_hash, role, created_at)
        select $1, gen_random_uuid(), 'x' || n, '-', 'viewer', now() from generate_series(1, 499) n";
    sqlx::query(fill).bind(shop.tenant.0).execute(&pool).await.unwrap();
    let refused = problem(house.add(&shop, "hoa@gom.vn", pb::MemberRole::Agent).await);
    assert_eq!((refused.status, refused.code.as_str()), (Code::FailedPrecondition, "too_many_members"));
    // The address is still free.
    house.register("hoa@gom.vn").await.unwrap();
}
