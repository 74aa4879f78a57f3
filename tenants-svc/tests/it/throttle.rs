//! Guessing is slow, and nobody else feels it.

use chatdesk_proto::tenants::v1 as pb;
use tonic::{Code, Status};

use crate::house::{GATEWAY, House, PASSWORD, problem};

/// Tries that are free; more of one account from one place wait.
const FREE: usize = 10;

async fn login(house: &House, email: &str, password: &str, address: &str) -> Result<pb::Session, Status> {
    let (email, password) = (email.to_owned(), password.to_owned());
    let request = pb::LoginRequest { email, password, ..Default::default() };
    Ok(house.account_from(GATEWAY, address).login(request).await?.into_inner())
}

/// Case 71: whoever guesses at one account from one /64 waits; the owner elsewhere, and others at the same place, do not.
#[tokio::test]
async fn a_guesser_delays_nobody_but_themselves() {
    let house = House::new().await;
    house.shop("lan@gom.vn").await;
    house.shop("mai@lua.vn").await;
    for number in 0..FREE {
        let address = format!("2001:db8:0:1::{number:x}");
        let refused = login(&house, "lan@gom.vn", "wrong", &address).await;
        assert_eq!(problem(refused).status, Code::Unauthenticated);
    }
    for password in ["wrong", PASSWORD] {
        let told = problem(login(&house, "lan@gom.vn", password, "2001:db8:0:1::ffff").await);
        assert_eq!((told.status, told.code.as_str()), (Code::ResourceExhausted, "too_many_logins"));
        assert!(told.retry_after.is_some());
    }
    login(&house, "lan@gom.vn", PASSWORD, "2001:db8:0:2::1").await.unwrap();
    login(&house, "lan@gom.vn", PASSWORD, "203.0.113.9").await.unwrap();
    login(&house, "mai@lua.vn", PASSWORD, "2001:db8:0:1::1").await.unwrap();
    // The right password is heard after the wait.
    house.hand.advance(chrono::TimeDelta::seconds(1));
    login(&house, "lan@gom.vn", PASSWORD, "2001:db8:0:1::ffff").await.unwrap();
}

/// Case 72: an unknown address is answered and slowed down like a known one.
#[tokio::test]
async fn an_unknown_account_is_answered_like_a_wrong_password() {
    let house = House::new().await;
    house.shop("lan@gom.vn").await;
    let mut answers = Vec::new();
    for email in ["lan@gom.vn", "nobody@gom.vn", "no address"] {
        let mut told = Vec::new();
        for _ in 0..=FREE {
            let status = login(&house, email, "wrong", "203.0.113.9").await.unwrap_err();
            told.push((status.code(), status.message().to_owned(), status.details().to_vec()));
        }
        answers.push(told);
    }
    assert_eq!(answers[0][FREE].0, Code::ResourceExhausted);
    assert!(answers.iter().all(|told| *told == answers[0]), "{answers:?}");
}

/// A guesser at an open browser is counted with those at the login, from the same place only.
#[tokio::test]
async fn asking_for_the_password_again_is_counted_too() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let start = async |address| {
        let request = pb::StartTotpRequest { password: "wrong".to_owned() };
        house.account_from(shop.owner(), address).start_totp(request).await
    };
    for _ in 0..FREE {
        assert_eq!(problem(start("203.0.113.9").await).status, Code::InvalidArgument);
    }
    assert_eq!(problem(start("203.0.113.9").await).code, "too_many_logins");
    assert_eq!(problem(login(&house, "lan@gom.vn", PASSWORD, "203.0.113.9").await).code, "too_many_logins");
    login(&house, "lan@gom.vn", PASSWORD, "198.51.100.1").await.unwrap();
}
