//! Refresh tokens, logout, socket tickets, and which sessions go on.

use chatdesk_platform::{Identity, Role, ServiceName, UserId, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use tonic::Code;

use crate::house::{GATEWAY, House, PASSWORD, Shop, problem};

async fn logout(house: &House, token: &str) {
    let request = pb::LogoutRequest { refresh_token: token.to_owned() };
    house.account(GATEWAY).logout(request).await.unwrap();
}

async fn is_over(house: &House, token: &str) -> bool {
    match house.refresh(token).await {
        Ok(_) => false,
        Err(status) => {
            assert_eq!(status.code(), Code::Unauthenticated);
            true
        }
    }
}

#[tokio::test]
async fn a_token_is_turned_into_the_next() {
    let house = House::new().await;
    let first = house.register("lan@gom.vn").await.unwrap();
    let mut token = first.refresh_token.clone();
    for _ in 0..3 {
        house.hand.advance(TimeDelta::minutes(10));
        let next = house.refresh(&token).await.unwrap();
        assert_eq!((next.session_id.as_str(), next.user.as_ref()), (first.session_id.as_str(), first.user.as_ref()));
        assert_ne!(next.refresh_token, token);
        token = next.refresh_token;
    }
    house.hand.advance(TimeDelta::days(30));
    assert!(is_over(&house, &token).await);
}

/// Case 70: two tabs refresh at once, and both go on.
#[tokio::test]
async fn two_tabs_that_refresh_at_once_both_go_on() {
    let house = House::new().await;
    let first = house.register("lan@gom.vn").await.unwrap();
    let calls = (0..8).map(|_| house.refresh(&first.refresh_token));
    let mut tokens = Vec::new();
    for answer in futures_join(calls).await {
        tokens.push(answer.unwrap().refresh_token);
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 1, "all get the same successor");
    house.hand.advance(TimeDelta::seconds(10));
    assert_eq!(house.refresh(&first.refresh_token).await.unwrap().refresh_token, tokens[0]);
    house.refresh(&tokens[0]).await.unwrap();
}

/// Runs the calls at the same time.
async fn futures_join<F: Future>(calls: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut calls: Vec<_> = calls.map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = calls.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (call, done) in calls.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(output) = call.as_mut().poll(context)
            {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

/// Case 69: a token that was used before was copied: both sides are out.
#[tokio::test]
async fn a_used_token_that_comes_back_late_ends_the_session() {
    let house = House::new().await;
    let first = house.register("lan@gom.vn").await.unwrap();
    let second = house.refresh(&first.refresh_token).await.unwrap();
    house.hand.advance(TimeDelta::milliseconds(10_001));
    assert!(is_over(&house, &first.refresh_token).await);
    assert!(is_over(&house, &second.refresh_token).await, "both sides are out");
}

/// Case 70: the grace is the immediate predecessor's alone.
#[tokio::test]
async fn the_predecessors_predecessor_ends_the_session_even_at_once() {
    let house = House::new().await;
    let first = house.register("lan@gom.vn").await.unwrap();
    let other = house.login("lan@gom.vn", PASSWORD).await.unwrap();
    let second = house.refresh(&first.refresh_token).await.unwrap();
    let third = house.refresh(&second.refresh_token).await.unwrap();
    assert!(is_over(&house, &first.refresh_token).await);
    for token in [&second.refresh_token, &third.refresh_token] {
        assert!(is_over(&house, token).await);
    }
    house.refresh(&other.refresh_token).await.unwrap();
}

#[tokio::test]
async fn a_race_of_old_and_new_tokens_leaves_one_newest_or_none() {
    let house = House::new().await;
    for round in 0..6 {
        let first = house.register(&format!("lan{round}@gom.vn")).await.unwrap();
        let second = house.refresh(&first.refresh_token).await.unwrap();
        let tokens = [&first.refresh_token, &second.refresh_token, &first.refresh_token, &second.refresh_token];
        futures_join(tokens.iter().map(|token| house.refresh(token))).await;
        let pool = house.db.superuser().await;
        let (newest, revoked): (i64, i64) = sqlx::query_as(
            "select count(*) filter (where rotated_at is null and revoked_at is null),
                    count(*) filter (where revoked_at is not null)
             from routing.refresh_tokens where session_id = $1::uuid",
        )
        .bind(&first.session_id)
        .fetch_one(&pool)
        .await
        .unwrap();
        // Either every old one came before its grandchild, or the session is over as a whole.
        assert!(matches!((newest, revoked), (1, 0) | (0, 3)), "{newest} {revoked}");
    }
}

#[tokio::test]
async fn logout_ends_the_session_and_no_other() {
    let house = House::new().await;
    let first = house.register("lan@gom.vn").await.unwrap();
    let other = house.login("lan@gom.vn", PASSWORD).await.unwrap();
    let second = house.refresh(&first.refresh_token).await.unwrap();
    // Any token of the session will do.
    logout(&house, &first.refresh_token).await;
    assert!(is_over(&house, &second.refresh_token).await);
    house.refresh(&other.refresh_token).await.unwrap();
    for unknown in ["", "x", &"A".repeat(43), "ữ"] {
        logout(&house, unknown).await;
        assert!(is_over(&house, unknown).await);
    }
}

async fn ticket(house: &House, shop: &Shop) -> pb::Ticket {
    ticket_for(house, shop, "").await
}

async fn ticket_for(house: &House, shop: &Shop, export_id: &str) -> pb::Ticket {
    let (session_id, export_id) = (shop.session.session_id.clone(), export_id.to_owned());
    let request = pb::IssueTicketRequest { session_id, export_id };
    house.account(shop.member(Role::Agent)).issue_ticket(request).await.unwrap().into_inner()
}

async fn redeem(house: &House, ticket: &str) -> Result<pb::TicketHolder, tonic::Status> {
    redeem_for(house, ticket, "").await
}

async fn redeem_for(house: &House, ticket: &str, export_id: &str) -> Result<pb::TicketHolder, tonic::Status> {
    let request = pb::RedeemTicketRequest { ticket: ticket.to_owned(), export_id: export_id.to_owned() };
    Ok(house.account(GATEWAY).redeem_ticket(request).await?.into_inner())
}

/// Case 83: not twice, and not after half a minute.
#[tokio::test]
async fn a_ticket_opens_one_socket_within_thirty_seconds() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let good = ticket(&house, &shop).await;
    assert_eq!(good.expires_in, 30);
    let holder = redeem(&house, &good.ticket).await.unwrap();
    assert_eq!((holder.user_id, holder.tenant_id), (shop.owner.to_string(), shop.tenant.to_string()));
    assert_eq!(holder.session_id, shop.session.session_id);
    assert_eq!(holder.member_role, i32::from(pb::MemberRole::Agent));
    assert_eq!(problem(redeem(&house, &good.ticket).await).status, Code::Unauthenticated);

    let late = ticket(&house, &shop).await;
    house.hand.advance(TimeDelta::seconds(30));
    assert_eq!(problem(redeem(&house, &late.ticket).await).status, Code::Unauthenticated);

    let closed = ticket(&house, &shop).await;
    logout(&house, &shop.session.refresh_token).await;
    assert_eq!(problem(redeem(&house, &closed.ticket).await).status, Code::Unauthenticated);
    for unknown in ["", "x", &"A".repeat(43)] {
        assert_eq!(problem(redeem(&house, unknown).await).status, Code::Unauthenticated);
    }
}

#[tokio::test]
async fn a_ticket_is_good_for_what_it_was_issued_for() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let (export, other) = (new_id().to_string(), new_id().to_string());
    let link = ticket_for(&house, &shop, &export).await.ticket;
    for elsewhere in ["", other.as_str()] {
        assert_eq!(problem(redeem_for(&house, &link, elsewhere).await).status, Code::Unauthenticated);
    }
    redeem_for(&house, &link, &export).await.unwrap();
    assert_eq!(problem(redeem_for(&house, &link, &export).await).status, Code::Unauthenticated);
    let socket = ticket(&house, &shop).await.ticket;
    assert_eq!(problem(redeem_for(&house, &socket, &export).await).status, Code::Unauthenticated);
    redeem(&house, &socket).await.unwrap();
}

/// Case 83: not from another's session.
#[tokio::test]
async fn a_ticket_needs_a_session_of_ones_own() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let colleague = Identity::Member { tenant: shop.tenant, user: UserId(new_id()), role: Role::Owner };
    for (who, session) in [
        (shop.owner(), other.session.session_id.clone()),
        (colleague, shop.session.session_id.clone()),
        (shop.owner(), new_id().to_string()),
        (shop.owner(), "x".to_owned()),
    ] {
        let refused =
            house.account(who).issue_ticket(pb::IssueTicketRequest { session_id: session, ..Default::default() }).await;
        assert_eq!(problem(refused).status, Code::Unauthenticated);
    }
}

/// What a token says of its person is compared with what is so now.
#[tokio::test]
async fn it_is_told_what_became_of_the_people_of_sessions() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let colleague = house.member(&shop, "quan@gom.vn", pb::MemberRole::Manager).await;
    let (_, secret) = house.make_admin("root@chat.vn", "mật khẩu của quản trị").await;
    let admin = house.login_with("root@chat.vn", "mật khẩu của quản trị", &secret).await.unwrap();
    let ids = [&shop, &colleague].map(|one| one.session.session_id.clone());
    let asked = pb::CheckSessionsRequest { session_ids: [&ids[..], std::slice::from_ref(&admin.session_id)].concat() };
    let check = async |who| {
        let mut told = house.account(who).check_sessions(asked.clone()).await.unwrap().into_inner();
        told.live.sort_by(|one, other| one.session_id.cmp(&other.session_id));
        (told.live.iter().map(pb::LiveSession::member_role).collect::<Vec<_>>(), told)
    };
    let gateway = shop.service(ServiceName::Gateway);
    let (owner, manager, none) = (pb::MemberRole::Owner, pb::MemberRole::Manager, pb::MemberRole::Unspecified);
    let (roles, told) = check(gateway).await;
    assert_eq!((roles, told.suspended, told.deleting), (vec![owner, manager, none], false, false));
    // Nobody's in particular: admins' only.
    let (roles, told) = check(GATEWAY).await;
    assert_eq!((roles, told.live[0].session_id.clone()), (vec![none], admin.session_id));
    assert_eq!(told.ended_session_ids, ids);

    house.give(&shop, colleague.owner, pb::MemberRole::Viewer).await.unwrap();
    assert_eq!(check(gateway).await.0, [owner, pb::MemberRole::Viewer, none]);
    crate::team::remove(&house, &shop, Role::Owner, colleague.owner).await.unwrap();
    let (roles, told) = check(gateway).await;
    assert_eq!((roles, told.ended_session_ids), (vec![owner, none], vec![ids[1].clone()]));
    logout(&house, &admin.refresh_token).await;
    assert_eq!(check(GATEWAY).await.0, []);
}

#[tokio::test]
async fn a_logout_tells_which_session_it_ended() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let request = |token: &str| pb::LogoutRequest { refresh_token: token.to_owned() };
    let ended = house.account(GATEWAY).logout(request(&shop.session.refresh_token)).await.unwrap().into_inner();
    assert_eq!((ended.tenant_id, ended.ended_session_id), (shop.tenant.to_string(), shop.session.session_id));
    for token in ["", "nobody's"] {
        let ended = house.account(GATEWAY).logout(request(token)).await.unwrap().into_inner();
        assert_eq!(ended, pb::LogoutResponse::default());
    }
}

#[tokio::test]
async fn open_sockets_learn_which_sessions_are_over() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let second = house.login("lan@gom.vn", PASSWORD).await.unwrap();
    logout(&house, &second.refresh_token).await;
    house.refresh(&shop.session.refresh_token).await.unwrap();
    let unknown = new_id().to_string();
    let asked = [&shop.session.session_id, &second.session_id, &other.session.session_id, &unknown];
    let request = pb::CheckSessionsRequest { session_ids: asked.into_iter().cloned().collect() };
    let gateway = shop.service(ServiceName::Gateway);
    let answer = house.account(gateway).check_sessions(request.clone()).await.unwrap().into_inner();
    assert!(!answer.suspended);
    assert_eq!(answer.ended_session_ids, [second.session_id, other.session.session_id, unknown]);

    // Whoever looks at the business as a platform admin is not one of its people.
    let (_, secret) = house.make_admin("root@chat.vn", "mật khẩu của quản trị").await;
    let visiting = house.login_with("root@chat.vn", "mật khẩu của quản trị", &secret).await.unwrap();
    let asked = pb::CheckSessionsRequest { session_ids: vec![visiting.session_id.clone()] };
    for over in [vec![], vec![visiting.session_id]] {
        let answer = house.account(gateway).check_sessions(asked.clone()).await.unwrap().into_inner();
        assert_eq!(answer.ended_session_ids, over);
        logout(&house, &visiting.refresh_token).await;
    }

    for who in [shop.owner(), shop.service(ServiceName::Inbox)] {
        let refused = house.account(who).check_sessions(request.clone()).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
    let many = pb::CheckSessionsRequest { session_ids: vec![String::new(); 1001] };
    assert_eq!(problem(house.account(gateway).check_sessions(many).await).status, Code::InvalidArgument);
}
