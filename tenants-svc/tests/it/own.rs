//! What users do with their own sessions and password.

use chatdesk_platform::{Identity, Role, ServiceName, UserId, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use tonic::{Code, Status};

use crate::house::{GATEWAY, House, PASSWORD, Shop, field, fields, problem};

const NEW: &str = "một mật khẩu mới";

async fn sessions(house: &House, who: Identity) -> Vec<pb::SessionInfo> {
    house.account(who).list_sessions(pb::ListSessionsRequest {}).await.unwrap().into_inner().items
}

async fn is_over(house: &House, token: &str) -> bool {
    house.refresh(token).await.is_err_and(|status| status.code() == Code::Unauthenticated)
}

async fn change(house: &House, shop: &Shop, current: &str, new: &str) -> Result<pb::ChangePasswordResponse, Status> {
    let request = pb::ChangePasswordRequest {
        current_password: current.into(),
        new_password: new.into(),
        session_id: shop.session.session_id.clone(),
    };
    Ok(house.account(shop.member(Role::Viewer)).change_password(request).await?.into_inner())
}

#[tokio::test]
async fn one_sees_ones_own_sessions_the_newest_use_first() {
    let house = House::new().await;
    let (shop, _other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let began = house.clock.now().timestamp();
    house.hand.advance(TimeDelta::minutes(5));
    let phone = house.login("lan@gom.vn", PASSWORD).await.unwrap();
    let seen = sessions(&house, shop.owner()).await;
    let told: Vec<_> = seen.iter().map(|one| (one.id.as_str(), one.user_agent.as_str())).collect();
    let (first, second) = (shop.session.session_id.as_str(), phone.session_id.as_str());
    assert_eq!(told, [(second, "Safari on a phone"), (first, "Firefox on a desk")]);

    house.hand.advance(TimeDelta::minutes(5));
    let request = pb::RefreshRequest {
        refresh_token: shop.session.refresh_token.clone(),
        user_agent: format!("Firefox, newer {}", "x".repeat(500)),
    };
    let renewed = house.account(GATEWAY).refresh(request).await.unwrap().into_inner();
    // Its next refresh says nothing of the browser.
    house.refresh(&renewed.refresh_token).await.unwrap();
    let seen = sessions(&house, shop.owner()).await;
    assert_eq!((seen[0].id.as_str(), seen[1].id.as_str()), (first, second));
    assert!(seen[0].user_agent.starts_with("Firefox, newer xx") && seen[0].user_agent.len() == 200);
    let seconds = |at: &Option<prost_types::Timestamp>| at.as_ref().unwrap().seconds - began;
    assert_eq!((seconds(&seen[0].created_at), seconds(&seen[0].last_used_at)), (0, 600));
    assert_eq!((seconds(&seen[1].created_at), seconds(&seen[1].last_used_at)), (300, 300));

    house.hand.advance(TimeDelta::days(30));
    assert!(sessions(&house, shop.owner()).await.is_empty(), "what has expired is over");
    house.login("lan@gom.vn", PASSWORD).await.unwrap();
    let pool = house.db.superuser().await;
    let sql = "select count(*) from tenants.sessions where user_id = $1";
    let kept: i64 = sqlx::query_scalar(sql).bind(shop.owner.0).fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 1, "nothing is kept of sessions that are over");
}

#[tokio::test]
async fn an_ended_session_is_refused_and_the_others_go_on() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let phone = house.login("lan@gom.vn", PASSWORD).await.unwrap();
    let end = async |who: Identity, id: &str| {
        house.account(who).end_session(pb::EndSessionRequest { id: id.to_owned() }).await.map(drop)
    };
    let colleague = house.add(&shop, "mai@gom.vn", pb::MemberRole::Manager).await.unwrap();
    let colleague = Identity::Member { tenant: shop.tenant, user: colleague.id.parse().unwrap(), role: Role::Manager };
    for (who, id) in [
        (colleague, phone.session_id.clone()),
        (other.owner(), phone.session_id.clone()),
        (shop.owner(), other.session.session_id.clone()),
        (shop.owner(), new_id().to_string()),
        (shop.owner(), "x".to_owned()),
    ] {
        assert_eq!(problem(end(who, &id).await).status, Code::NotFound);
    }
    end(shop.owner(), &phone.session_id).await.unwrap();
    assert!(is_over(&house, &phone.refresh_token).await);
    assert_eq!(problem(end(shop.owner(), &phone.session_id).await).status, Code::NotFound);
    let left: Vec<String> = sessions(&house, shop.owner()).await.into_iter().map(|one| one.id).collect();
    assert_eq!(left, std::slice::from_ref(&shop.session.session_id));
    // An open socket of it hears so.
    let request = pb::CheckSessionsRequest { session_ids: vec![phone.session_id.clone()] };
    let gateway = shop.service(ServiceName::Gateway);
    let checked = house.account(gateway).check_sessions(request).await.unwrap().into_inner();
    assert_eq!(checked.ended_session_ids, [phone.session_id]);
    house.refresh(&shop.session.refresh_token).await.unwrap();
    house.refresh(&other.session.refresh_token).await.unwrap();
}

#[tokio::test]
async fn logout_everywhere_ends_all_of_ones_own() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let phone = house.login("lan@gom.vn", PASSWORD).await.unwrap();
    house.add(&shop, "mai@gom.vn", pb::MemberRole::Agent).await.unwrap();
    let colleague = house.login("mai@gom.vn", PASSWORD).await.unwrap();
    let ended = house.account(shop.owner()).end_all_sessions(pb::EndAllSessionsRequest {}).await.unwrap().into_inner();
    let mut expected = vec![shop.session.session_id.clone(), phone.session_id];
    expected.sort();
    assert_eq!(ended.ended_session_ids, expected);
    assert!(is_over(&house, &shop.session.refresh_token).await && is_over(&house, &phone.refresh_token).await);
    assert!(sessions(&house, shop.owner()).await.is_empty());
    house.refresh(&colleague.refresh_token).await.unwrap();
    house.refresh(&other.session.refresh_token).await.unwrap();
    let again = house.account(shop.owner()).end_all_sessions(pb::EndAllSessionsRequest {}).await.unwrap().into_inner();
    assert!(again.ended_session_ids.is_empty());
}

#[tokio::test]
async fn a_refresh_at_the_same_moment_does_not_outlive_the_end() {
    let house = House::new().await;
    for round in 0..6 {
        let shop = house.shop(&format!("lan{round}@gom.vn")).await;
        let mut account = house.account(shop.owner());
        let (renewed, ended) = tokio::join!(
            house.refresh(&shop.session.refresh_token),
            account.end_all_sessions(pb::EndAllSessionsRequest {})
        );
        let ended = ended.unwrap().into_inner().ended_session_ids;
        assert_eq!(ended, std::slice::from_ref(&shop.session.session_id));
        if let Ok(renewed) = renewed {
            assert!(is_over(&house, &renewed.refresh_token).await);
        }
        assert!(sessions(&house, shop.owner()).await.is_empty());
    }
}

/// Case 75: a change of the password ends all other sessions.
#[tokio::test]
async fn a_new_password_takes_the_place_of_the_old_and_ends_other_sessions() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let phone = house.login("lan@gom.vn", PASSWORD).await.unwrap();
    assert_eq!(fields(change(&house, &shop, "not the password", NEW).await), [field("current_password", "wrong")]);
    let short = [field("current_password", "required"), field("new_password", "too_short")];
    assert_eq!(fields(change(&house, &shop, "", "1234567").await), short);
    house.refresh(&phone.refresh_token).await.unwrap();

    let phone = house.login("lan@gom.vn", PASSWORD).await.unwrap();
    let changed = change(&house, &shop, PASSWORD, NEW).await.unwrap();
    assert!(changed.ended_session_ids.contains(&phone.session_id));
    assert!(!changed.ended_session_ids.contains(&shop.session.session_id));
    assert!(is_over(&house, &phone.refresh_token).await);
    house.refresh(&shop.session.refresh_token).await.unwrap();
    assert_eq!(problem(house.login("lan@gom.vn", PASSWORD).await).status, Code::Unauthenticated);
    house.login("lan@gom.vn", NEW).await.unwrap();
    let nobody = pb::ChangePasswordRequest {
        current_password: NEW.into(),
        new_password: PASSWORD.into(),
        session_id: shop.session.session_id.clone(),
    };
    for who in [GATEWAY, shop.service(ServiceName::Inbox)] {
        let refused = house.account(who).change_password(nobody.clone()).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
}

#[tokio::test]
async fn guessing_the_password_in_use_is_slowed() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    for _ in 0..10 {
        assert_eq!(fields(change(&house, &shop, "a wrong guess", NEW).await), [field("current_password", "wrong")]);
    }
    assert_eq!(problem(change(&house, &shop, PASSWORD, NEW).await).code, "too_many_logins");
}

#[tokio::test]
async fn a_login_with_the_old_password_never_outlives_the_change() {
    let house = House::new().await;
    let mut shop = house.shop("lan@gom.vn").await;
    let (mut old, mut new) = (PASSWORD.to_owned(), NEW.to_owned());
    for _ in 0..4 {
        let (login, changed) = tokio::join!(house.login("lan@gom.vn", &old), change(&house, &shop, &old, &new));
        changed.unwrap();
        if let Ok(session) = login {
            assert!(is_over(&house, &session.refresh_token).await, "it began with a password that is no more");
        }
        shop.session = house.login("lan@gom.vn", &new).await.unwrap();
        std::mem::swap(&mut old, &mut new);
    }
}

#[tokio::test]
async fn platform_admins_have_sessions_and_passwords_too() {
    let house = House::new().await;
    let (made, secret) = house.make_admin("root@house.vn", "twelve letters").await;
    assert_eq!((made.name.as_str(), made.time_zone.as_str()), ("root", ""));
    let (desk, phone) = (
        house.login_with("root@house.vn", "twelve letters", &secret).await.unwrap(),
        house.login_with("root@house.vn", "twelve letters", &secret).await.unwrap(),
    );
    let who = Identity::PlatformAdmin { user: made.id.parse().unwrap() };
    let seen = sessions(&house, who).await;
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|one| one.user_agent.is_empty()), "nothing is kept of their browsers");
    let mut request = pb::ChangePasswordRequest {
        current_password: "twelve letters".into(),
        new_password: "eleven char".into(),
        session_id: desk.session_id.clone(),
    };
    let refused = house.account(who).change_password(request.clone()).await;
    assert_eq!(fields(refused), [field("new_password", "too_short")]);
    request.new_password = "thirteen chars".into();
    let changed = house.account(who).change_password(request).await.unwrap().into_inner();
    assert_eq!(changed.ended_session_ids, [phone.session_id]);
    house.login_with("root@house.vn", "thirteen chars", &secret).await.unwrap();
    let stranger = Identity::PlatformAdmin { user: UserId(new_id()) };
    assert!(sessions(&house, stranger).await.is_empty());
}
