//! Pages that one business asks of another: only with a proof, and only when both want it.

use chatdesk_platform::{Role, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::{Platform, TransferState};
use chrono::TimeDelta;
use tonic::{Code, Status};

use crate::house::{House, Shop, account, field, fields, problem};

fn wish(page: &str) -> pb::RequestTransferRequest {
    pb::RequestTransferRequest {
        platform: Platform::Facebook.into(),
        page_id: page.to_owned(),
        access_token: format!("token-of-{page}"),
        ..Default::default()
    }
}

async fn ask(house: &House, shop: &Shop, page: &str) -> Result<pb::Transfer, Status> {
    Ok(house.connecting(shop.owner()).request_transfer(wish(page)).await?.into_inner())
}

async fn decide(house: &House, shop: &Shop, id: &str, accept: bool) -> Result<pb::Transfer, Status> {
    let request = pb::DecideTransferRequest { id: id.to_owned(), accept };
    Ok(house.connecting(shop.owner()).decide_transfer(request).await?.into_inner())
}

async fn listed(house: &House, shop: &Shop) -> Vec<pb::Transfer> {
    let request = pb::ListTransfersRequest {};
    house.connecting(shop.owner()).list_transfers(request).await.unwrap().into_inner().items
}

/// The owner of page 104, who asks for it, and a third.
async fn three(house: &House) -> (Shop, Shop, Shop) {
    let owner = house.shop("lan@gom.vn").await;
    house.connect(&owner, "104").await.unwrap();
    (owner, house.shop("mai@lua.vn").await, house.shop("hoa@tre.vn").await)
}

#[tokio::test]
async fn without_a_proof_nobody_learns_anything() {
    let house = House::new().await;
    let (owner, asker, _) = three(&house).await;
    let guess = |page: &str| pb::RequestTransferRequest { access_token: "token-of-999".into(), ..wish(page) };
    let mut client = house.connecting(asker.owner());
    for page in ["104", "105"] {
        let refused = problem(client.request_transfer(guess(page)).await);
        assert_eq!((refused.status, refused.code.as_str()), (Code::FailedPrecondition, "token_rejected"), "{page}");
    }
    let person = pb::RequestTransferRequest { access_token: "user-9001".into(), ..wish("104") };
    assert_eq!(problem(client.request_transfer(person).await).code, "token_rejected");
    let nothing = pb::RequestTransferRequest { page_id: "1/2".into(), ..Default::default() };
    let expected = [field("page_id", "malformed"), field("access_token", "required"), field("platform", "required")];
    assert_eq!(fields(client.request_transfer(nothing).await), expected);
    let both = pb::RequestTransferRequest { grant_id: new_id().to_string(), ..wish("104") };
    assert_eq!(fields(client.request_transfer(both).await), [field("access_token", "exclusive")]);
    let unknown =
        pb::RequestTransferRequest { grant_id: new_id().to_string(), access_token: String::new(), ..wish("104") };
    assert_eq!(problem(client.request_transfer(unknown).await).status, Code::NotFound);
    assert_eq!(problem(ask(&house, &asker, "105").await).code, "page_free");
    assert_eq!(problem(ask(&house, &owner, "104").await).code, "already_connected");
    assert!(listed(&house, &owner).await.is_empty() && listed(&house, &asker).await.is_empty());
    for role in [Role::Viewer, Role::Agent, Role::Manager] {
        let refused = house.connecting(asker.member(role)).request_transfer(wish("104")).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
        let request = pb::DecideTransferRequest { id: new_id().to_string(), accept: true };
        let refused = house.connecting(owner.member(role)).decide_transfer(request).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
}

#[tokio::test]
async fn a_page_goes_over_when_both_owners_want_it() {
    let house = House::new().await;
    let (owner, asker, third) = three(&house).await;
    let asked = ask(&house, &asker, "104").await.unwrap();
    assert_eq!(
        (asked.state(), asked.is_incoming, asked.page_name.as_str()),
        (TransferState::Pending, false, "Page 104")
    );
    assert_eq!(ask(&house, &asker, "104").await.unwrap().id, asked.id, "asking twice is asking once");
    let incoming = listed(&house, &owner).await.remove(0);
    assert_eq!((incoming.id.as_str(), incoming.is_incoming), (asked.id.as_str(), true));
    let told = format!("{incoming:?}{asked:?}");
    assert!(
        !told.contains("Gốm") && !told.contains(&owner.tenant.to_string()) && !told.contains(&asker.tenant.to_string())
    );
    // Asking takes nothing.
    assert_eq!(problem(house.connect(&asker, "104").await).code, "page_taken");
    assert_eq!(problem(decide(&house, &asker, &asked.id, true).await).code, "not_yours");
    assert_eq!(problem(decide(&house, &third, &asked.id, true).await).status, Code::NotFound);
    assert_eq!(problem(decide(&house, &owner, "x", true).await).status, Code::NotFound);

    let accepted = decide(&house, &owner, &asked.id, true).await.unwrap();
    assert_eq!((accepted.state(), accepted.is_incoming), (TransferState::Accepted, true));
    assert_eq!(decide(&house, &owner, &asked.id, true).await.unwrap(), accepted, "twice is once");
    assert_eq!(problem(decide(&house, &owner, &asked.id, false).await).code, "already_decided");
    let gone = house.list(&owner).await.remove(0);
    assert!(!gone.is_active && !house.graph.is_subscribed("104"), "the history stays, the page is free");
    // Kept for the asker, whoever else comes first.
    for shop in [&owner, &third] {
        assert_eq!(problem(house.connect(shop, "104").await).code, "page_taken");
    }
    assert_eq!(problem(ask(&house, &third, "104").await).code, "page_taken");
    assert_eq!(problem(ask(&house, &asker, "104").await).code, "page_free");
    house.graph.allow(vec![account("104", &["MANAGE"], None)]);
    let grant = house.grant(third.owner(), Platform::Facebook, "9001.a").await.unwrap();
    assert_eq!(grant.pages[0].state(), pb::PageState::Taken);
    let grant = house.grant(asker.owner(), Platform::Facebook, "9001.b").await.unwrap();
    assert_eq!(grant.pages[0].state(), pb::PageState::Available);
    house.connect(&asker, "104").await.unwrap();
    assert!(house.graph.is_subscribed("104"));
    for shop in [&owner, &asker] {
        assert_eq!(listed(&house, shop).await[0].state(), TransferState::Done);
    }
    assert_eq!(problem(decide(&house, &asker, &asked.id, false).await).code, "already_decided");
}

#[tokio::test]
async fn a_grant_proves_as_well_as_a_token() {
    let house = House::new().await;
    let (owner, asker, _) = three(&house).await;
    house.graph.allow(vec![account("104", &["MANAGE"], None), account("105", &["ADVERTISE"], None)]);
    let grant = house.grant(asker.owner(), Platform::Facebook, "9001").await.unwrap().id;
    let with =
        |page: &str| pb::RequestTransferRequest { grant_id: grant.clone(), access_token: String::new(), ..wish(page) };
    let mut client = house.connecting(asker.owner());
    assert_eq!(client.request_transfer(with("104")).await.unwrap().into_inner().page_name, "Trang 104");
    assert_eq!(problem(client.request_transfer(with("105")).await).code, "no_right");
    assert_eq!(problem(client.request_transfer(with("106")).await).status, Code::NotFound);
    assert_eq!(listed(&house, &owner).await.len(), 1);
}

#[tokio::test]
async fn an_owner_keeps_a_page_and_an_asker_withdraws() {
    let house = House::new().await;
    let (owner, asker, third) = three(&house).await;
    let one = ask(&house, &asker, "104").await.unwrap();
    let declined = decide(&house, &owner, &one.id, false).await.unwrap();
    assert_eq!(declined.state(), TransferState::Declined);
    assert_eq!(problem(decide(&house, &owner, &one.id, true).await).code, "already_decided");
    assert!(house.list(&owner).await[0].is_active && house.graph.is_subscribed("104"));
    // Asked again, and withdrawn; also after the owner said yes.
    let two = ask(&house, &asker, "104").await.unwrap();
    assert_ne!(one.id, two.id);
    assert_eq!(decide(&house, &asker, &two.id, false).await.unwrap().state(), TransferState::Cancelled);
    assert_eq!(problem(decide(&house, &owner, &two.id, true).await).code, "already_decided");
    let three = ask(&house, &asker, "104").await.unwrap();
    decide(&house, &owner, &three.id, true).await.unwrap();
    decide(&house, &asker, &three.id, false).await.unwrap();
    house.connect(&third, "104").await.unwrap();
    assert_eq!(listed(&house, &asker).await.len(), 3);
}

#[tokio::test]
async fn nobody_waits_longer_than_seven_days() {
    let house = House::new().await;
    let (owner, asker, third) = three(&house).await;
    let late = ask(&house, &asker, "104").await.unwrap();
    house.hand.advance(TimeDelta::days(7));
    assert_eq!(listed(&house, &asker).await[0].state(), TransferState::Cancelled);
    assert_eq!(problem(decide(&house, &owner, &late.id, true).await).code, "already_decided");
    let again = ask(&house, &asker, "104").await.unwrap();
    assert_ne!(again.id, late.id);
    decide(&house, &owner, &again.id, true).await.unwrap();
    house.hand.advance(TimeDelta::days(7));
    // What was kept for the asker is anybody's.
    house.connect(&third, "104").await.unwrap();
    assert_eq!(problem(house.connect(&asker, "104").await).code, "page_taken");
    house.hand.advance(TimeDelta::days(30));
    assert!(listed(&house, &asker).await.is_empty(), "what is long over is not shown");
}

#[tokio::test]
async fn of_two_who_ask_one_gets_the_page() {
    let house = House::new().await;
    let (owner, asker, third) = three(&house).await;
    let (one, two) = tokio::join!(ask(&house, &asker, "104"), ask(&house, &third, "104"));
    let (one, two) = (one.unwrap(), two.unwrap());
    let (first, second) = tokio::join!(decide(&house, &owner, &one.id, true), decide(&house, &owner, &two.id, true));
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1, "{first:?} {second:?}");
    let (winner, loser) = if first.is_ok() { (&asker, &third) } else { (&third, &asker) };
    assert_eq!(listed(&house, winner).await[0].state(), TransferState::Accepted);
    assert_eq!(listed(&house, loser).await[0].state(), TransferState::Cancelled);
    let (lost, won) = tokio::join!(house.connect(loser, "104"), house.connect(winner, "104"));
    assert_eq!(problem(lost).code, "page_taken");
    won.unwrap();
}

#[tokio::test]
async fn answers_that_cross_leave_the_page_with_one_business() {
    let house = House::new().await;
    let (owner, asker, third) = three(&house).await;
    for _ in 0..4 {
        // The asker connects, or withdraws, while the owner answers.
        let asked = ask(&house, &asker, "104").await.unwrap();
        let (kept, early) = tokio::join!(decide(&house, &owner, &asked.id, false), house.connect(&asker, "104"));
        assert_eq!((kept.unwrap().state(), problem(early).code.as_str()), (TransferState::Declined, "page_taken"));
        let asked = ask(&house, &asker, "104").await.unwrap();
        let (given, withdrawn) =
            tokio::join!(decide(&house, &owner, &asked.id, true), decide(&house, &asker, &asked.id, false));
        assert_eq!(withdrawn.unwrap().state(), TransferState::Cancelled, "whoever withdraws has withdrawn");
        let is_owners = house.list(&owner).await[0].is_active;
        assert_eq!(is_owners, given.is_err(), "{given:?}");
        if is_owners {
            assert!(house.graph.is_subscribed("104"), "a page that stays is subscribed");
        } else {
            house.connect(&owner, "104").await.unwrap();
        }
    }
    // The page is given away while both connect it.
    let asked = ask(&house, &asker, "104").await.unwrap();
    let (given, early, other) = tokio::join!(
        decide(&house, &owner, &asked.id, true),
        house.connect(&asker, "104"),
        house.connect(&third, "104")
    );
    assert_eq!((given.unwrap().state(), problem(other).code.as_str()), (TransferState::Accepted, "page_taken"));
    if early.is_err() {
        house.connect(&asker, "104").await.unwrap();
    }
    assert_eq!(listed(&house, &asker).await[0].state(), TransferState::Done);
    let pool = house.db.superuser().await;
    let sql = "select tenant_id from routing.channels where external_id = '104'";
    let owner: uuid::Uuid = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    assert_eq!(owner, asker.tenant.0);
}

#[tokio::test]
async fn an_owner_who_disconnects_or_renews_settles_nothing_else() {
    let house = House::new().await;
    let (owner, asker, third) = three(&house).await;
    let asked = ask(&house, &asker, "104").await.unwrap();
    let channel = house.connect(&owner, "104").await.unwrap();
    assert_eq!(listed(&house, &asker).await[0].state(), TransferState::Pending, "a new token is no answer");
    let request = pb::DisconnectChannelRequest { id: channel.id };
    house.channels(owner.owner()).disconnect_channel(request).await.unwrap();
    assert_eq!(problem(decide(&house, &owner, &asked.id, true).await).code, "already_decided", "nothing to give");
    house.connect(&third, "104").await.unwrap();
    assert_eq!(listed(&house, &asker).await[0].state(), TransferState::Cancelled, "the page has gone elsewhere");
    assert_eq!(problem(decide(&house, &owner, &asked.id, true).await).code, "already_decided");
    assert!(house.list(&third).await[0].is_active);
}

#[tokio::test]
async fn an_owner_who_says_yes_twice_gives_once_and_subscribes_nothing_again() {
    let house = House::new().await;
    let (owner, asker, _) = three(&house).await;
    let asked = ask(&house, &asker, "104").await.unwrap();
    house.graph.take_seen();
    let bell = house.graph.hold_next_send();
    let unsubscribes = async {
        let begun = async {
            while !house.graph.take_seen().iter().any(|seen| seen.line.starts_with("DELETE ")) {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(14), begun).await.expect("it is unsubscribed");
        // The first waits for Meta; the second overtakes it.
        let second = decide(&house, &owner, &asked.id, true).await;
        bell.notify_one();
        second
    };
    let (first, second) = tokio::join!(decide(&house, &owner, &asked.id, true), unsubscribes);
    assert_eq!(second.unwrap().state(), TransferState::Accepted);
    assert_eq!(first.unwrap().state(), TransferState::Accepted, "it is as it was wished");
    let seen = house.graph.take_seen();
    assert!(seen.iter().all(|seen| !seen.line.starts_with("POST ")), "{seen:?}");
    assert!(!house.graph.is_subscribed("104") && !house.list(&owner).await[0].is_active);
}
