//! Roles and who leaves.

use std::time::Duration;

use chatdesk_platform::{Role, UserId, new_id};
use chatdesk_proto::tenants::v1 as pb;
use tonic::{Code, Status};

use crate::house::{House, PASSWORD, Shop, problem};

pub async fn remove(house: &House, by: &Shop, as_role: Role, user: UserId) -> Result<pb::RemoveMemberResponse, Status> {
    let request = pb::RemoveMemberRequest { user_id: user.to_string(), session_id: by.session.session_id.clone() };
    Ok(house.team(by.member(as_role)).remove_member(request).await?.into_inner())
}

async fn roles(house: &House, shop: &Shop) -> Vec<(String, pb::MemberRole)> {
    let listed = house.account(shop.owner()).list_members(pb::ListMembersRequest {}).await.unwrap().into_inner();
    listed.items.iter().map(|member| (member.email.clone(), member.member_role())).collect()
}

#[tokio::test]
async fn owners_change_anybody_and_managers_those_below_them() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let manager = house.member(&shop, "quan@gom.vn", pb::MemberRole::Manager).await;
    let peer = house.member(&shop, "binh@gom.vn", pb::MemberRole::Manager).await;
    let agent = house.member(&shop, "hoa@gom.vn", pb::MemberRole::Agent).await;

    let raised = house.change(&manager, Role::Manager, agent.owner, pb::MemberRole::Manager).await.unwrap();
    assert_eq!((raised.email.as_str(), raised.member_role()), ("hoa@gom.vn", pb::MemberRole::Manager));
    for (by, as_role, whom, role) in [
        (&manager, Role::Manager, peer.owner, pb::MemberRole::Viewer),
        (&manager, Role::Manager, shop.owner, pb::MemberRole::Viewer),
        (&manager, Role::Manager, manager.owner, pb::MemberRole::Owner),
        // The token's role is not asked.
        (&manager, Role::Owner, peer.owner, pb::MemberRole::Viewer),
        (&agent, Role::Agent, peer.owner, pb::MemberRole::Viewer),
    ] {
        let refused = house.change(by, as_role, whom, role).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied, "{as_role:?} {role:?}");
    }
    assert_eq!(problem(remove(&house, &manager, Role::Manager, peer.owner).await).status, Code::PermissionDenied);
    house.give(&shop, peer.owner, pb::MemberRole::Owner).await.unwrap();
    let now = roles(&house, &shop).await;
    let expected = [
        ("lan@gom.vn", pb::MemberRole::Owner),
        ("quan@gom.vn", pb::MemberRole::Manager),
        ("binh@gom.vn", pb::MemberRole::Owner),
        ("hoa@gom.vn", pb::MemberRole::Manager),
    ];
    assert_eq!(now, expected.map(|(email, role)| (email.to_owned(), role)));
    // The next renewal of the session says the new role.
    let renewed = house.refresh(&peer.session.refresh_token).await.unwrap();
    assert_eq!(renewed.user.unwrap().member_role(), pb::MemberRole::Owner);
}

/// Case 79: the last owner can neither step down nor leave, and two who go at once do not both.
#[tokio::test]
async fn a_business_keeps_an_owner() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    for role in [pb::MemberRole::Manager, pb::MemberRole::Viewer] {
        assert_eq!(problem(house.give(&shop, shop.owner, role).await).code, "last_owner");
    }
    assert_eq!(problem(remove(&house, &shop, Role::Owner, shop.owner).await).code, "last_owner");

    let second = house.member(&shop, "binh@gom.vn", pb::MemberRole::Manager).await;
    for round in 0..6 {
        house.give(&shop, second.owner, pb::MemberRole::Owner).await.unwrap();
        let (one, other) = tokio::join!(
            house.change(&shop, Role::Owner, second.owner, pb::MemberRole::Manager),
            house.change(&second, Role::Owner, shop.owner, pb::MemberRole::Manager),
        );
        let owners = roles(&house, &shop).await.into_iter().filter(|(_, role)| *role == pb::MemberRole::Owner).count();
        assert_eq!((owners, one.is_ok() != other.is_ok()), (1, true), "round {round}: {one:?} {other:?}");
        // Whoever is left makes the other one an owner again, for the next round.
        let (left, gone) = if one.is_ok() { (&shop, &second) } else { (&second, &shop) };
        house.give(left, gone.owner, pb::MemberRole::Owner).await.unwrap();
    }
    remove(&house, &shop, Role::Owner, shop.owner).await.unwrap();
    assert_eq!(roles(&house, &second).await, [("binh@gom.vn".to_owned(), pb::MemberRole::Owner)]);
}

/// Whoever is removed is out: sessions, logins and calls; their address is free, and their name stays known.
#[tokio::test]
async fn a_removed_member_is_out_and_their_address_is_free() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let agent = house.member(&shop, "hoa@gom.vn", pb::MemberRole::Agent).await;
    let phone = house.login("hoa@gom.vn", PASSWORD).await.unwrap();
    let mut ended = remove(&house, &shop, Role::Owner, agent.owner).await.unwrap().ended_session_ids;
    ended.sort();
    let mut sessions = vec![agent.session.session_id.clone(), phone.session_id];
    sessions.sort();
    assert_eq!(ended, sessions);
    for token in [&agent.session.refresh_token, &phone.refresh_token] {
        assert_eq!(problem(house.refresh(token).await).status, Code::Unauthenticated);
    }
    assert_eq!(problem(house.login("hoa@gom.vn", PASSWORD).await).status, Code::Unauthenticated);
    let profile = house.account(agent.member(Role::Agent)).get_profile(pb::GetProfileRequest {}).await;
    assert_eq!(problem(profile).status, Code::NotFound);
    let again = remove(&house, &shop, Role::Owner, agent.owner).await;
    assert_eq!(problem(again).status, Code::NotFound);
    assert_eq!(roles(&house, &shop).await.len(), 1);
    let back = house.add(&shop, "hoa@gom.vn", pb::MemberRole::Viewer).await.unwrap();
    assert_ne!(back.id, agent.owner.to_string());
}

/// Begins a session of somebody while `act` waits for it, as a login does that has their row; gives its id, too.
pub async fn while_logging_in<T>(house: &House, who: &Shop, act: impl Future<Output = T>) -> (T, String) {
    let (pool, session, now) = (house.db.superuser().await, new_id(), house.clock.now());
    let mut tx = pool.begin().await.unwrap();
    let hold = "select from tenants.users where id = $1 for share";
    sqlx::query(hold).bind(who.owner.0).execute(&mut *tx).await.unwrap();
    let log_in = async {
        somebody_waits(&pool).await;
        let begin =
            "insert into routing.refresh_tokens (token_hash, session_id, user_id, tenant_id, created_at, expires_at)
                     values (sha256('x'), $1, $2, $3, $4, $4 + interval '1 day')";
        let begin = sqlx::query(begin).bind(session).bind(who.owner.0).bind(who.tenant.0).bind(now);
        begin.execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    let (done, ()) = tokio::join!(act, log_in);
    (done, session.to_string())
}

/// Waits until a transaction waits for another's lock.
pub async fn somebody_waits(pool: &sqlx::PgPool) {
    let waits =
        "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')";
    let seen = async { while !sqlx::query_scalar::<_, bool>(waits).fetch_one(pool).await.unwrap() {} };
    tokio::time::timeout(Duration::from_secs(10), seen).await.expect("somebody waits");
}

#[tokio::test]
async fn a_session_that_begins_while_its_member_is_removed_ends_with_the_others() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let agent = house.member(&shop, "hoa@gom.vn", pb::MemberRole::Agent).await;
    let removal = remove(&house, &shop, Role::Owner, agent.owner);
    let (removed, begun) = while_logging_in(&house, &agent, removal).await;
    assert!(removed.unwrap().ended_session_ids.contains(&begun));
}

/// Case 52 and 53: ids of another business name nobody, and a session that is over changes nobody.
#[tokio::test]
async fn strangers_and_ended_sessions_change_nobody() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let agent = house.member(&shop, "hoa@gom.vn", pb::MemberRole::Agent).await;
    for whom in [agent.owner, UserId(new_id())] {
        let refused = house.give(&other, whom, pb::MemberRole::Viewer).await;
        assert_eq!(problem(refused).status, Code::NotFound);
        assert_eq!(problem(remove(&house, &other, Role::Owner, whom).await).status, Code::NotFound);
    }
    house.account(shop.owner()).end_all_sessions(pb::EndAllSessionsRequest {}).await.unwrap();
    let refused = house.give(&shop, agent.owner, pb::MemberRole::Viewer).await;
    assert_eq!(problem(refused).status, Code::Unauthenticated);
}
