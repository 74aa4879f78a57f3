//! Invitations: bound to business, address and role; once, and for seven days.

use std::time::Duration;

use chatdesk_platform::{Role, ServiceName};
use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use tonic::{Code, Status};

use crate::house::{GATEWAY, House, PASSWORD, Shop, field, fields, problem};
use crate::post::{Posted, token};

pub async fn invite(
    house: &House,
    shop: &Shop,
    as_role: Role,
    email: &str,
    role: pb::MemberRole,
) -> Result<pb::Invitation, Status> {
    let request = pb::CreateInvitationRequest {
        email: email.to_owned(),
        member_role: role.into(),
        language: pb::MailLanguage::En.into(),
        session_id: shop.session.session_id.clone(),
    };
    Ok(house.team(shop.member(as_role)).create_invitation(request).await?.into_inner())
}

pub async fn accept(house: &House, token: &str) -> Result<pb::Session, Status> {
    let request = pb::AcceptInvitationRequest {
        token: token.to_owned(),
        password: PASSWORD.to_owned(),
        name: " Hoa ".to_owned(),
        user_agent: "Firefox".to_owned(),
    };
    Ok(house.team(GATEWAY).accept_invitation(request).await?.into_inner())
}

async fn offered(house: &House, token: &str) -> Result<pb::InvitationOffer, Status> {
    let request = pb::GetInvitationRequest { token: token.to_owned() };
    Ok(house.team(GATEWAY).get_invitation(request).await?.into_inner())
}

async fn open(house: &House, shop: &Shop) -> Vec<pb::Invitation> {
    let list = house.team(shop.owner()).list_invitations(pb::ListInvitationsRequest {}).await;
    list.unwrap().into_inner().items
}

#[tokio::test]
async fn an_invited_person_joins_with_the_invited_address_and_role() {
    let post = Posted::new().await;
    let house = &post.house;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let made = invite(house, &shop, Role::Owner, " Hoa@Gom.VN ", pb::MemberRole::Manager).await.unwrap();
    assert_eq!(
        (made.email.as_str(), made.member_role(), made.invited_by.as_str()),
        ("hoa@gom.vn", pb::MemberRole::Manager, &*shop.owner.to_string())
    );
    assert_eq!(open(house, &shop).await, std::slice::from_ref(&made));
    assert!(open(house, &other).await.is_empty());

    let letter = post.letter("hoa@gom.vn", 1).await;
    assert_eq!(letter.subject, "An invitation to ChatDesk");
    assert!(
        letter.text.contains("lan invites you to work for Gốm Bát Tràng on ChatDesk, as a manager."),
        "{}",
        letter.text
    );
    assert!(letter.message_id.ends_with("@chatdesk.example>"), "{}", letter.message_id);
    let link = token(&letter, "invitation");
    let offer = offered(house, &link).await.unwrap();
    assert_eq!((offer.business_name.as_str(), offer.invited_by.as_str()), ("Gốm Bát Tràng", "lan"));
    assert_eq!((offer.email.as_str(), offer.member_role()), ("hoa@gom.vn", pb::MemberRole::Manager));

    let session = accept(house, &link).await.unwrap();
    let user = session.user.unwrap();
    assert_eq!(
        (user.email.as_str(), user.name.as_str(), user.member_role()),
        ("hoa@gom.vn", "Hoa", pb::MemberRole::Manager)
    );
    assert_eq!(user.tenant_id, shop.tenant.to_string());
    assert!(open(house, &shop).await.is_empty());
    house.refresh(&session.refresh_token).await.unwrap();
    house.login("hoa@gom.vn", PASSWORD).await.unwrap();
}

/// Case 77: an invitation is used once, not after it was taken back or replaced, not when it is old, and only by whoever got it.
#[tokio::test]
async fn a_link_works_once_and_not_after_its_end() {
    let post = Posted::new().await;
    let house = &post.house;
    let shop = house.shop("lan@gom.vn").await;
    let link = async |email: &str, count| {
        let made = invite(house, &shop, Role::Owner, email, pb::MemberRole::Agent).await.unwrap();
        (post.link(email, "invitation", count).await, made)
    };
    let over = async |token: &str, why: &str| {
        assert_eq!(problem(accept(house, token).await).code, "link_invalid", "{why}");
        assert_eq!(problem(offered(house, token).await).code, "link_invalid", "{why}");
    };
    let (used, _) = link("a@gom.vn", 1).await;
    accept(house, &used).await.unwrap();
    over(&used, "twice").await;

    let (revoked, made) = link("b@gom.vn", 1).await;
    let request = pb::RevokeInvitationRequest { id: made.id, session_id: shop.session.session_id.clone() };
    house.team(shop.owner()).revoke_invitation(request.clone()).await.unwrap();
    over(&revoked, "revoked").await;
    assert_eq!(problem(house.team(shop.owner()).revoke_invitation(request).await).status, Code::NotFound);

    let (replaced, _) = link("c@gom.vn", 1).await;
    let (newer, _) = link("c@gom.vn", 2).await;
    over(&replaced, "replaced").await;
    assert_ne!(replaced, newer);

    // Somebody took the address meanwhile.
    let (late, _) = link("d@gom.vn", 1).await;
    house.register("d@gom.vn").await.unwrap();
    assert_eq!(problem(accept(house, &late).await).code, "email_in_use");

    for unknown in ["", "x", &"A".repeat(43), "ữ"] {
        over(unknown, "unknown").await;
    }
    let states = async || open(house, &shop).await.iter().map(pb::Invitation::state).collect::<Vec<_>>();
    assert_eq!(states().await, [pb::InvitationState::Open; 2]);
    house.hand.advance(TimeDelta::days(7));
    over(&newer, "old").await;
    assert_eq!(states().await, [pb::InvitationState::Expired; 2]);
}

#[tokio::test]
async fn nobody_joins_a_suspended_business() {
    let post = Posted::new().await;
    let house = &post.house;
    let shop = house.shop("lan@gom.vn").await;
    invite(house, &shop, Role::Owner, "hoa@gom.vn", pb::MemberRole::Agent).await.unwrap();
    let link = post.link("hoa@gom.vn", "invitation", 1).await;
    let tenant_id = shop.tenant.to_string();
    let suspend = pb::SuspendTenantRequest { tenant_id: tenant_id.clone(), reason: "unpaid".into() };
    house.admin().suspend_tenant(suspend).await.unwrap();
    assert_eq!(problem(accept(house, &link).await).code, "tenant_suspended");
    house.admin().resume_tenant(pb::ResumeTenantRequest { tenant_id }).await.unwrap();
    accept(house, &link).await.unwrap();
}

/// Each invitation is a mail in the installation's name: neither one address nor the world gets many.
#[tokio::test]
async fn a_business_sends_so_many_invitations_a_day() {
    let post = Posted::new().await;
    let house = &post.house;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let ask = async |email: &str| invite(house, &shop, Role::Owner, email, pb::MemberRole::Agent).await;
    for _ in 0..3 {
        ask("hoa@gom.vn").await.unwrap();
    }
    for by in [&shop, &other] {
        let refused = problem(invite(house, by, Role::Owner, "hoa@gom.vn", pb::MemberRole::Agent).await);
        assert_eq!((refused.status, refused.code.as_str()), (Code::ResourceExhausted, "invited_too_often"));
        assert!(refused.retry_after.is_some_and(|wait| wait <= Duration::from_hours(24)), "{:?}", refused.retry_after);
    }
    let pool = house.db.superuser().await;
    let fill =
        "insert into tenants.invitations (tenant_id, id, email, role, invited_by, created_at, expires_at, ended_at)
        select $1, gen_random_uuid(), n || '@x.vn', 'agent', $2, $3, $3, $3 from generate_series(1, 46) n";
    let fill = sqlx::query(fill).bind(shop.tenant.0).bind(shop.owner.0).bind(house.clock.now());
    fill.execute(&pool).await.unwrap();
    ask("binh@gom.vn").await.expect("the fiftieth");
    assert_eq!(problem(ask("an@gom.vn").await).code, "invited_too_often");
    house.hand.advance(TimeDelta::days(1));
    ask("hoa@gom.vn").await.unwrap();
}

/// Two at once: one account.
#[tokio::test]
async fn a_race_for_a_link_has_one_winner() {
    let post = Posted::new().await;
    let house = &post.house;
    let shop = house.shop("lan@gom.vn").await;
    invite(house, &shop, Role::Owner, "hoa@gom.vn", pb::MemberRole::Agent).await.unwrap();
    let link = post.link("hoa@gom.vn", "invitation", 1).await;
    let (one, other) = tokio::join!(accept(house, &link), accept(house, &link));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|won| **won).count(), 1);
}

/// Case 77: nobody gives more than they have, in a body or by waiting until they have less.
#[tokio::test]
async fn an_invitation_gives_at_most_the_inviters_role_now() {
    let post = Posted::new().await;
    let house = &post.house;
    let shop = house.shop("lan@gom.vn").await;
    let manager = house.member(&shop, "quan@gom.vn", pb::MemberRole::Manager).await;
    let refused = invite(house, &manager, Role::Manager, "hoa@gom.vn", pb::MemberRole::Owner).await;
    assert_eq!(problem(refused).status, Code::PermissionDenied);
    // A token that says owner does not make one: the role is read again.
    let refused = invite(house, &manager, Role::Owner, "hoa@gom.vn", pb::MemberRole::Owner).await;
    assert_eq!(problem(refused).status, Code::PermissionDenied);
    for role in [Role::Agent, Role::Viewer] {
        let refused = invite(house, &shop, role, "hoa@gom.vn", pb::MemberRole::Viewer).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
    let bad = invite(house, &shop, Role::Owner, "x", pb::MemberRole::Unspecified).await;
    assert_eq!(fields(bad), [field("email", "malformed"), field("member_role", "required")]);
    let taken = invite(house, &shop, Role::Owner, "quan@gom.vn", pb::MemberRole::Agent).await;
    assert_eq!(problem(taken).code, "email_in_use");

    invite(house, &manager, Role::Manager, "hoa@gom.vn", pb::MemberRole::Manager).await.unwrap();
    let link = post.link("hoa@gom.vn", "invitation", 1).await;
    house.give(&shop, manager.owner, pb::MemberRole::Agent).await.unwrap();
    assert_eq!(problem(accept(house, &link).await).code, "link_invalid", "whoever invited may not do so any more");
    house.give(&shop, manager.owner, pb::MemberRole::Manager).await.unwrap();
    assert_eq!(problem(accept(house, &link).await).code, "link_invalid", "it was taken back for good");
}

/// Case 77: with whoever may not invite any more go their invitations, and nobody else's.
#[tokio::test]
async fn invitations_are_taken_back_with_their_inviters_right() {
    let post = Posted::new().await;
    let house = &post.house;
    let shop = house.shop("lan@gom.vn").await;
    let second = house.member(&shop, "mai@gom.vn", pb::MemberRole::Manager).await;
    house.give(&shop, second.owner, pb::MemberRole::Owner).await.unwrap();
    let emails = async || {
        let open = open(house, &shop).await;
        let mut emails: Vec<String> = open.into_iter().map(|one| one.email).collect();
        emails.sort_unstable();
        emails
    };
    for (by, email, role) in [
        (&shop, "a@gom.vn", pb::MemberRole::Owner),
        (&second, "b@gom.vn", pb::MemberRole::Owner),
        (&second, "c@gom.vn", pb::MemberRole::Agent),
    ] {
        invite(house, by, Role::Owner, email, role).await.unwrap();
    }
    house.give(&shop, second.owner, pb::MemberRole::Manager).await.unwrap();
    assert_eq!(emails().await, ["a@gom.vn", "c@gom.vn"], "a manager gives no owner's role");
    let remove =
        pb::RemoveMemberRequest { user_id: second.owner.to_string(), session_id: shop.session.session_id.clone() };
    house.team(shop.owner()).remove_member(remove).await.unwrap();
    assert_eq!(emails().await, ["a@gom.vn"]);
    let noted = house.audited(&shop).await.into_iter().filter(|one| one.action == "invitation.revoked").count();
    assert_eq!(noted, 2);
}

#[tokio::test]
async fn without_a_mail_server_nobody_is_invited_and_strangers_call_nothing() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let refused = invite(&house, &shop, Role::Owner, "hoa@gom.vn", pb::MemberRole::Agent).await;
    assert_eq!(problem(refused).code, "mail_off");
    let request = pb::GetInvitationRequest { token: "A".repeat(43) };
    for who in [shop.owner(), shop.service(ServiceName::Gateway), shop.service(ServiceName::Inbox)] {
        let refused = house.team(who).get_invitation(request.clone()).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
}

/// Case 52: another business's invitation is not found.
#[tokio::test]
async fn another_businesss_invitation_is_not_found() {
    let post = Posted::new().await;
    let house = &post.house;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let made = invite(house, &shop, Role::Owner, "hoa@gom.vn", pb::MemberRole::Agent).await.unwrap();
    let request = pb::RevokeInvitationRequest { id: made.id, session_id: other.session.session_id.clone() };
    assert_eq!(problem(house.team(other.owner()).revoke_invitation(request).await).status, Code::NotFound);
    assert_eq!(open(house, &shop).await.len(), 1);
}
