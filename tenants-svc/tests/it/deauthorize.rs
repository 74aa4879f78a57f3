//! What people take back at Meta: the rights they gave, and their data.

use chatdesk_platform::ServiceName;
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::send_text_response::Outcome;
use chatdesk_proto::tenants::v1::{HealthState, Platform};
use chrono::TimeDelta;
use prost_types::Timestamp;
use tonic::{Code, Status};

use crate::house::{GATEWAY, House, Shop, account, field, fields, problem};

const PERSON: &str = "9001";

/// Logs the person in for a shop and connects a page.
async fn connect(house: &House, shop: &Shop, page: &str) -> pb::Channel {
    house.graph.allow(vec![account(page, &["MANAGE"], None)]);
    let person = format!("{PERSON}.{}", chatdesk_platform::new_id());
    let grant = house.grant(shop.owner(), Platform::Facebook, &person).await.unwrap();
    house.connect_granted(shop.owner(), &grant.id, Platform::Facebook, page).await.unwrap()
}

fn signed(house: &House) -> Timestamp {
    Timestamp { seconds: house.clock.now().timestamp(), nanos: 0 }
}

async fn deauthorize(house: &House, person: &str, issued_at: Option<Timestamp>) -> Result<u32, Status> {
    let request = pb::DeauthorizeRequest { meta_user_id: person.to_owned(), issued_at };
    Ok(house.connecting(GATEWAY).deauthorize(request).await?.into_inner().channels)
}

/// The inbox has none of those who are looked for among its contacts.
async fn searched(house: &House) {
    let pool = house.db.superuser().await;
    let sql = "with gone as (delete from routing.person_erasures returning id)
        delete from routing.due_work w using gone where w.kind = 'find_person' and w.entity_id = gone.id";
    sqlx::query(sql).execute(&pool).await.unwrap();
}

async fn deletion(house: &House, code: &str) -> Result<pb::Deletion, Status> {
    let request = pb::GetDeletionRequest { code: code.to_owned() };
    Ok(house.connecting(GATEWAY).get_deletion(request).await?.into_inner())
}

async fn delete(house: &House, person: &str) -> Result<pb::Deletion, Status> {
    let request = pb::RequestDeletionRequest { meta_user_id: person.to_owned(), issued_at: Some(signed(house)) };
    Ok(house.connecting(GATEWAY).request_deletion(request).await?.into_inner())
}

#[tokio::test]
async fn a_person_takes_the_rights_of_their_pages_in_every_business() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let mine = connect(&house, &shop, "104").await;
    connect(&house, &other, "105").await;
    // This one was connected by somebody else.
    house.connect(&shop, "106").await.unwrap();
    assert_eq!(deauthorize(&house, "4711", None).await.unwrap(), 0, "nobody we know");
    assert_eq!(deauthorize(&house, PERSON, Some(signed(&house))).await.unwrap(), 2);
    for (shop, page) in [(&shop, "104"), (&other, "105")] {
        let all = house.list(shop).await;
        let channel = all.iter().find(|channel| channel.platform_page_id == page).unwrap();
        assert_eq!((channel.is_active, channel.health_state()), (true, HealthState::NeedsReconnect));
        assert!(channel.health_detail.contains("rights"), "{}", channel.health_detail);
        assert_eq!(house.send_state(page).await.as_deref(), Some("needs_reconnect"));
    }
    assert_eq!(house.send_state("106").await.as_deref(), Some("ok"));
    let pool = house.db.superuser().await;
    let sql = "select count(*) from tenants.channels where token is not null";
    assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap(), 1, "the tokens are gone");
    let sql = "select count(*) from routing.meta_users";
    assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap(), 0);
    house.graph.take_seen();
    let request = pb::SendTextRequest {
        channel_id: mine.id.clone(),
        recipient_id: "71".into(),
        text: "x".into(),
        tag: pb::SendTag::Response.into(),
        ..Default::default()
    };
    let sent = house.channels(shop.service(ServiceName::Inbox)).send_text(request).await.unwrap().into_inner();
    assert!(matches!(sent.outcome, Some(Outcome::Refused(refused)) if refused.code == "needs_reconnect"));
    let check = pb::CheckChannelRequest { id: mine.id.clone() };
    let checked = house.channels(shop.owner()).check_channel(check).await.unwrap().into_inner();
    assert_eq!(checked.health_state(), HealthState::NeedsReconnect);
    assert!(house.graph.take_seen().is_empty(), "there is nothing to ask with");

    // Connected again it is the same channel, and well.
    let again = connect(&house, &shop, "104").await;
    assert_eq!((again.health_state(), again.id), (HealthState::Ok, mine.id));
}

#[tokio::test]
async fn an_old_request_that_comes_again_does_no_harm() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    connect(&house, &shop, "104").await;
    let then = Some(signed(&house));
    assert_eq!(deauthorize(&house, PERSON, then).await.unwrap(), 1);
    assert_eq!(deauthorize(&house, PERSON, then).await.unwrap(), 0);
    house.hand.advance(TimeDelta::minutes(5));
    connect(&house, &shop, "104").await;
    assert_eq!(deauthorize(&house, PERSON, then).await.unwrap(), 0, "the rights were given anew since");
    assert_eq!(house.list(&shop).await[0].health_state(), HealthState::Ok);
    assert_eq!(deauthorize(&house, PERSON, Some(signed(&house))).await.unwrap(), 1);
}

#[tokio::test]
async fn a_login_that_waits_is_taken_back_too_and_one_of_since_is_not() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    house.graph.allow(vec![account("104", &["MANAGE"], None)]);
    let grant = house.grant(shop.owner(), Platform::Facebook, &format!("{PERSON}.a")).await.unwrap();
    let then = Some(signed(&house));
    deauthorize(&house, PERSON, then).await.unwrap();
    let refused = house.connect_granted(shop.owner(), &grant.id, Platform::Facebook, "104").await;
    assert_eq!(problem(refused).status, Code::NotFound);
    // Within the same minute.
    house.hand.advance(TimeDelta::seconds(10));
    let grant = house.grant(shop.owner(), Platform::Facebook, &format!("{PERSON}.b")).await.unwrap();
    deauthorize(&house, PERSON, then).await.unwrap();
    house.connect_granted(shop.owner(), &grant.id, Platform::Facebook, "104").await.unwrap();
    assert_eq!(deauthorize(&house, PERSON, then).await.unwrap(), 0, "the rights were given anew since");
}

#[tokio::test]
async fn an_instagram_account_is_known_by_either_of_its_ids() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    for (id, code) in [("204", "204.a"), ("1204", "204.b")] {
        let grant = house.grant(shop.owner(), Platform::Instagram, code).await.unwrap();
        house.connect_granted(shop.owner(), &grant.id, Platform::Instagram, "204").await.unwrap();
        assert_eq!(deauthorize(&house, id, Some(signed(&house))).await.unwrap(), 1, "{id}");
    }
}

#[tokio::test]
async fn a_deletion_has_one_code_per_person_and_is_done() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    connect(&house, &shop, "104").await;
    let first = delete(&house, PERSON).await.unwrap();
    assert!(!first.is_done && first.completed_at.is_none(), "it may be a customer's: the inbox has to look");
    assert_eq!(house.list(&shop).await[0].health_state(), HealthState::NeedsReconnect);
    let pool = house.db.superuser().await;
    let work = "select count(*) from routing.due_work w join routing.person_erasures e on e.id = w.entity_id
        where w.kind = 'find_person' and e.platform_user_id = $1";
    let asked = async || sqlx::query_scalar::<_, i64>(work).bind(PERSON).fetch_one(&pool).await.unwrap();
    assert_eq!(asked().await, 1);
    house.hand.advance(TimeDelta::hours(1));
    let again = delete(&house, PERSON).await.unwrap();
    assert_eq!((&again.code, again.requested_at, asked().await), (&first.code, first.requested_at, 1));
    searched(&house).await;
    let done = deletion(&house, &first.code).await.unwrap();
    assert!(done.is_done && done.completed_at.is_some() && !done.code.contains(PERSON));
    // People we never heard of get one too.
    let stranger = delete(&house, "4711").await.unwrap();
    searched(&house).await;
    assert!(deletion(&house, &stranger.code).await.unwrap().is_done && stranger.code != first.code);
    for unknown in ["", "x", &first.code.to_uppercase(), &"0".repeat(32), &"x".repeat(1000), "\0"] {
        assert_eq!(problem(deletion(&house, unknown).await).status, Code::NotFound, "{unknown}");
    }
    // Nothing that stays in routing tells who they are.
    let sql = "select coalesce(string_agg(t::text, ''), '') from routing.deletions t";
    assert!(!sqlx::query_scalar::<_, String>(sql).fetch_one(&pool).await.unwrap().contains(PERSON));
}

#[tokio::test]
async fn what_fails_half_way_is_gone_on_with() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    connect(&house, &shop, "104").await;
    connect(&house, &other, "105").await;
    let pool = house.db.superuser().await;
    for sql in [
        "create function public.not_now() returns trigger language plpgsql as
         $$ begin if new.external_id = '105' then raise exception 'not now'; end if; return new; end $$",
        "create trigger not_now before update on tenants.channels for each row execute function public.not_now()",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    // Meta gets its answer whatever becomes of the rest.
    deauthorize(&house, PERSON, Some(signed(&house))).await.unwrap();
    assert_eq!(house.send_state("104").await.as_deref(), Some("needs_reconnect"));
    let asked = delete(&house, PERSON).await.unwrap();
    assert!(!asked.is_done && asked.completed_at.is_none());
    assert_eq!(house.send_state("105").await.as_deref(), Some("ok"));
    let left = async |sql: &'static str| sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap();
    let rows = "select count(*) from routing.withdrawals";
    let work = "select count(*) from routing.due_work where kind = 'withdrawal'";
    assert_eq!((left(rows).await, left(work).await), (1, 1), "one for all that the person asked for");
    let sql = "select coalesce(string_agg(t::text, ''), '') from routing.withdrawals t";
    assert!(!sqlx::query_scalar::<_, String>(sql).fetch_one(&pool).await.unwrap().contains(PERSON));

    sqlx::query("drop trigger not_now on tenants.channels").execute(&pool).await.unwrap();
    let done = async {
        while left(work).await > 0 {
            let soon = "update routing.due_work set due_at = now() where kind = 'withdrawal' and lease_until is null";
            sqlx::query(soon).execute(&pool).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), done).await.expect("the rest is done");
    assert_eq!(house.send_state("105").await.as_deref(), Some("needs_reconnect"));
    assert_eq!(left(rows).await, 0);
    searched(&house).await;
    let done = deletion(&house, &asked.code).await.unwrap();
    assert!(done.is_done && done.completed_at.is_some());
    assert_eq!((done.code, done.requested_at), (asked.code, asked.requested_at));
}

#[tokio::test]
async fn only_the_gateway_for_nobody_may_say_what_meta_says() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    for who in [shop.owner(), shop.service(ServiceName::Gateway), shop.service(ServiceName::Inbox)] {
        let mut client = house.connecting(who);
        let refused = client.deauthorize(pb::DeauthorizeRequest { meta_user_id: PERSON.into(), issued_at: None }).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
        let request = pb::RequestDeletionRequest { meta_user_id: PERSON.into(), issued_at: None };
        assert_eq!(problem(client.request_deletion(request).await).status, Code::PermissionDenied);
        let refused = client.get_deletion(pb::GetDeletionRequest { code: "x".into() }).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
    assert_eq!(fields(deauthorize(&house, " ", None).await), [field("meta_user_id", "required")]);
}
