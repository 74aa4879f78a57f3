//! Forgotten passwords: the same answer for everybody, and a link that works once, for half an hour.

use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use serde_json::json;
use tonic::{Code, Status};

use crate::house::{GATEWAY, House, PASSWORD, field, fields, problem};
use crate::post::{Posted, token};

const NEW: &str = "một mật khẩu khác";

async fn ask(house: &House, email: &str) {
    let request = pb::RequestPasswordResetRequest { email: email.to_owned(), language: pb::MailLanguage::Vi.into() };
    let answer = house.account(GATEWAY).request_password_reset(request).await.unwrap().into_inner();
    assert_eq!(answer, pb::RequestPasswordResetResponse {});
}

async fn reset(house: &House, token: &str, password: &str) -> Result<pb::ResetPasswordResponse, Status> {
    let request = pb::ResetPasswordRequest { token: token.to_owned(), password: password.to_owned() };
    Ok(house.account(GATEWAY).reset_password(request).await?.into_inner())
}

#[tokio::test]
async fn a_link_sets_a_password_and_ends_all_sessions() {
    let post = Posted::new().await;
    let house = &post.house;
    let shop = house.shop("lan@gom.vn").await;
    let other = house.shop("mai@lua.vn").await;
    let phone = house.login("lan@gom.vn", PASSWORD).await.unwrap();
    ask(house, " LAN@gom.vn ").await;
    let letter = post.letter("lan@gom.vn", 1).await;
    assert_eq!(letter.subject, "Đặt lại mật khẩu ChatDesk");
    let link = token(&letter, "password-reset");

    assert_eq!(fields(reset(house, &link, "short").await), [field("password", "too_short")]);
    let done = reset(house, &link, NEW).await.unwrap();
    assert_eq!(done.tenant_id, shop.tenant.to_string());
    assert_eq!(done.ended_session_ids.len(), 2);
    for token in [&shop.session.refresh_token, &phone.refresh_token] {
        assert_eq!(problem(house.refresh(token).await).status, Code::Unauthenticated);
    }
    house.refresh(&other.session.refresh_token).await.unwrap();
    assert_eq!(problem(house.login("lan@gom.vn", PASSWORD).await).status, Code::Unauthenticated);
    house.login("lan@gom.vn", NEW).await.unwrap();
    // And the person is told.
    let told = post.letter("lan@gom.vn", 2).await;
    assert_eq!(told.subject, "Mật khẩu ChatDesk đã được thay đổi");
}

/// Case 74: not twice, not after half an hour, not once the address is another's, and the link leads where the configuration says.
#[tokio::test]
async fn a_link_works_once_in_its_time_and_for_its_address() {
    let post = Posted::new().await;
    let house = &post.house;
    house.shop("lan@gom.vn").await;
    let link = async |count| {
        ask(house, "lan@gom.vn").await;
        post.link("lan@gom.vn", "password-reset", count).await
    };
    let over = async |link: &str, why: &str| {
        assert_eq!(problem(reset(house, link, NEW).await).code, "link_invalid", "{why}");
    };
    let (first, second) = (link(1).await, link(2).await);
    reset(house, &first, NEW).await.unwrap();
    over(&first, "twice").await;
    over(&second, "another one was used").await;

    let third = link(3).await;
    let pool = house.db.superuser().await;
    sqlx::query("update routing.logins set email_hash = '\\x01' || substr(email_hash, 2)")
        .execute(&pool)
        .await
        .unwrap();
    over(&third, "after a change of the address").await;
    sqlx::query("update routing.password_resets set email_hash = (select email_hash from routing.logins)")
        .execute(&pool)
        .await
        .unwrap();
    house.hand.advance(TimeDelta::minutes(30));
    over(&third, "old").await;
    for unknown in ["", "x", &"A".repeat(43), "ữ"] {
        over(unknown, "unknown").await;
    }
}

/// Two at once: one of them sets the password.
#[tokio::test]
async fn a_race_for_a_link_has_one_winner() {
    let post = Posted::new().await;
    let house = &post.house;
    house.shop("lan@gom.vn").await;
    ask(house, "lan@gom.vn").await;
    let link = post.link("lan@gom.vn", "password-reset", 1).await;
    let (one, other) = tokio::join!(reset(house, &link, NEW), reset(house, &link, "còn một mật khẩu nữa"));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|won| **won).count(), 1);
}

/// Case 72: what is done for an address does not depend on whose it is until nobody waits: the same rows are written for all of them, and
/// letters go out to those who are somebody.
#[tokio::test]
async fn unknown_addresses_are_answered_alike_and_written_to_never() {
    let post = Posted::new().await;
    let house = &post.house;
    house.shop("lan@gom.vn").await;
    for email in ["nobody@gom.vn", "lan@gom.vn", "no address"] {
        ask(house, email).await;
    }
    post.letter("lan@gom.vn", 1).await;
    post.all_sent().await;
    assert_eq!(post.sandbox.letters().len(), 1);
    // Whoever asks again and again fills no letter box.
    for _ in 0..5 {
        ask(house, "lan@gom.vn").await;
    }
    post.all_sent().await;
    assert_eq!(post.letters("lan@gom.vn").len(), 3);
}

/// A mail that the server took while the line broke is sent again as the same mail, with the same link.
#[tokio::test]
async fn a_mail_is_sent_at_least_once_and_is_the_same_mail() {
    let post = Posted::new().await;
    let house = &post.house;
    house.shop("lan@gom.vn").await;
    post.fault(json!({"target": "smtp", "kind": "cut_after", "count": 2})).await;
    ask(house, "lan@gom.vn").await;
    post.all_sent().await;
    let letters = post.letters("lan@gom.vn");
    assert_eq!(letters.len(), 3, "{letters:?}");
    for letter in &letters[1..] {
        assert_eq!((&letter.message_id, &letter.text), (&letters[0].message_id, &letters[0].text));
    }
    reset(house, &token(&letters[0], "password-reset"), NEW).await.unwrap();
}

/// What waits in the database shows neither the address nor the link.
#[tokio::test]
async fn a_waiting_mail_is_sealed() {
    let post = Posted::new().await;
    let house = &post.house;
    house.shop("lan@gom.vn").await;
    post.fault(json!({"target": "smtp", "kind": "status", "status": 550, "count": 100})).await;
    ask(house, "lan@gom.vn").await;
    let pool = house.db.superuser().await;
    let rows: String = sqlx::query_scalar(
        "select concat((select string_agg(m::text, '|') from routing.mails m), (select string_agg(d::text, '|') from routing.due_work d),
             (select string_agg(r::text, '|') from routing.password_resets r))",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(rows.contains("v1.") && !rows.contains("gom.vn"), "{rows}");
}
