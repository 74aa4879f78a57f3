//! The key that seals is replaced.

use std::time::Duration;

use chatdesk_platform::{ServiceName, Shutdown, Vars, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::send_text_response::Outcome;
use chatdesk_tenants::{Keys, StartError};
use chrono::TimeDelta;

use crate::graph::Graph;
use crate::house::{House, Shop, start, vars};

const OLD: &str = "the key that sealed until today and is long enough";
const NEW: &str = "the key that seals from now on and is as long";

async fn send(house: &House, shop: &Shop, channel: &str) -> Outcome {
    let request = pb::SendTextRequest {
        channel_id: channel.to_owned(),
        recipient_id: "71".to_owned(),
        text: "Dạ còn ạ".to_owned(),
        metadata: new_id().to_string(),
        tag: pb::SendTag::Response.into(),
        quick_replies: Vec::new(),
    };
    let mut client = house.channels(shop.service(ServiceName::Inbox));
    client.send_text(request).await.unwrap().into_inner().outcome.unwrap()
}

/// Case 118: no secret fails to open while all are sealed anew, and no key can be taken away that one of them needs.
#[tokio::test]
async fn a_new_key_takes_over_while_messages_go_out() {
    let graph = Graph::start().await;
    let url = graph.url.clone();
    let with = |vars: &Vars, keys: &str| vars.overlaid([("SEALING_KEY", keys)]);
    let house = House::with(graph, |db| with(&vars(db, &url), &format!("{OLD},{NEW}"))).await;
    let vars = vars(&house.db, &url);
    let shop = house.shop("lan@gom.vn").await;
    let mut channels = Vec::new();
    for page in ["104", "105", "106"] {
        channels.push(house.connect(&shop, page).await.unwrap().id);
    }
    let (_, secret) = house.make_admin("root@chat.vn", "mật khẩu của quản trị").await;

    let pool = house.db.superuser().await;
    let left = |key: String| {
        let pool = pool.clone();
        async move {
            let count = "select (select count(*) from tenants.channels where split_part(token, '.', 2) = $1)
                 + (select count(*) from routing.second_factors where split_part(secret, '.', 2) = $1)
                 + (select count(*) from tenants.sealing_keys where key_id = $1)";
            sqlx::query_scalar::<_, i64>(count).bind(key).fetch_one(&pool).await.unwrap()
        }
    };
    let id = |keys: &str| Keys::from_vars(&with(&vars, keys)).unwrap().sealing_id().to_owned();
    let (before, after) = (id(OLD), id(NEW));
    assert_eq!((left(before.clone()).await, left(after.clone()).await), (5, 0));
    let refused = start(&with(&vars, NEW), house.clock.clone(), &Shutdown::default()).await.err();
    assert!(matches!(&refused, Some(StartError::MissingKey(id)) if *id == before), "{refused:?}");

    // Nobody could send it, and nobody will.
    let lost =
        "insert into routing.mails (id, sealed, expires_at) values (gen_random_uuid(), 'v1.' || $1 || '.x.x', $2)";
    sqlx::query(lost).bind(&before).bind(house.clock.now() - TimeDelta::seconds(1)).execute(&pool).await.unwrap();

    // The house still seals with the old key and knows the new one.
    let shutdown = Shutdown::default();
    start(&with(&vars, &format!("{NEW},{OLD}")), house.clock.clone(), &shutdown).await.unwrap();
    let changing = async {
        while left(before.clone()).await > 1 {
            for channel in &channels {
                let outcome = send(&house, &shop, channel).await;
                assert!(matches!(outcome, Outcome::Sent(_)), "{outcome:?}");
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), changing).await.expect("all is sealed anew");
    assert_eq!(left(after).await, 5);

    let waits =
        "select count(*) from routing.due_work where kind = 'sealing' and due_at > now() and lease_until is null";
    let due_again = async || {
        let planned = async { while sqlx::query_scalar::<_, i64>(waits).fetch_one(&pool).await.unwrap() == 0 {} };
        tokio::time::timeout(Duration::from_secs(20), planned).await.expect("it looks again later");
    };
    due_again().await;

    // A key goes when nothing was found twice, a quarter of an hour apart, and nobody sealed with it between.
    let turn =
        async || start(&with(&vars, &format!("{NEW},{OLD}")), house.clock.clone(), &shutdown).await.map(drop).unwrap();
    let unused = "select unused_since is not null from tenants.sealing_keys where key_id = $1";
    let key = async || sqlx::query_scalar::<_, bool>(unused).bind(&before).fetch_optional(&pool).await.unwrap();
    let until = async |wanted: Option<bool>| {
        let reached = async { while key().await != wanted {} };
        tokio::time::timeout(Duration::from_secs(20), reached).await.expect("the old key is judged");
    };
    turn().await;
    until(Some(true)).await;
    channels.push(house.connect(&shop, "107").await.unwrap().id);
    assert_eq!(key().await, Some(false), "the house still seals with it");
    turn().await;
    let again = async { while left(before.clone()).await > 1 {} };
    tokio::time::timeout(Duration::from_secs(20), again).await.expect("what came late is sealed anew");
    due_again().await;
    turn().await;
    until(Some(true)).await;
    let later = "update tenants.sealing_keys set unused_since = unused_since - make_interval(mins => $1)";
    let later = async |minutes: i32| sqlx::query(later).bind(minutes).execute(&pool).await.unwrap();
    later(14).await;
    turn().await;
    due_again().await;
    assert_eq!(key().await, Some(true), "too early");
    later(1).await;
    turn().await;
    until(None).await;
    let mails: i64 = sqlx::query_scalar("select count(*) from routing.mails").fetch_one(&pool).await.unwrap();
    assert_eq!(mails, 0, "what was not worth sending any more is gone");
    for channel in &channels {
        assert!(matches!(send(&house, &shop, channel).await, Outcome::Sent(_)));
    }
    house.login_with("root@chat.vn", "mật khẩu của quản trị", &secret).await.unwrap();
    start(&with(&vars, NEW), house.clock.clone(), &Shutdown::default()).await.unwrap();
    let refused = start(&with(&vars, OLD), house.clock.clone(), &Shutdown::default()).await.err();
    assert!(matches!(refused, Some(StartError::MissingKey(_))), "{refused:?}");
    house.connect(&shop, "108").await.unwrap();
    let refused = start(&with(&vars, NEW), house.clock.clone(), &Shutdown::default()).await.err();
    assert!(
        matches!(&refused, Some(StartError::MissingKey(id)) if *id == before),
        "who seals with it says so: {refused:?}"
    );
    shutdown.drain(Duration::from_secs(5)).await;
}
