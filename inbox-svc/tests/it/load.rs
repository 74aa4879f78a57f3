//! Many customers at once, every webhook three times: each message once, in order, in its own tenant, every customer answered, and
//! nothing sent twice.

use std::collections::HashMap;

use chatdesk_proto::tenants::v1::Platform;
use futures::StreamExt as _;

use crate::house::{House, message, now_ms, page};

const CUSTOMERS: usize = 24;
const MESSAGES: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_served_in_order_and_once() {
    let house = House::new().await;
    let start = now_ms() - 20_000;
    let mut bodies = Vec::new();
    for number in 0..MESSAGES {
        for customer in 0..CUSTOMERS {
            let shop = if customer % 3 == 0 { &house.other } else { &house.shop };
            let at = start + i64::try_from(number).unwrap();
            let item = message(&format!("c{customer}"), &format!("m{customer}-{number}"), &format!("{number}"), at);
            let body = page(shop, vec![item]);
            bodies.extend([body.clone(), body.clone(), body]);
        }
    }
    let house = &house;
    let posts = bodies.iter().map(|body| house.post(Platform::Facebook, body));
    futures::stream::iter(posts).buffer_unordered(32).for_each(async |_| {}).await;
    house.idle().await;
    house.nothing_owed().await;
    let rows: Vec<(uuid::Uuid, uuid::Uuid, String)> = sqlx::query_as(
        "select tenant_id, conversation_id, content from inbox.messages where sender_type = 'contact'
         order by conversation_id, platform_at, arrival",
    )
    .fetch_all(&house.admin)
    .await
    .unwrap();
    let mut said: HashMap<uuid::Uuid, (uuid::Uuid, Vec<String>)> = HashMap::new();
    for (tenant, conversation, text) in rows {
        said.entry(conversation).or_insert_with(|| (tenant, Vec::new())).1.push(text);
    }
    let want: Vec<String> = (0..MESSAGES).map(|number| number.to_string()).collect();
    assert_eq!(said.len(), CUSTOMERS);
    assert!(said.values().all(|(_, texts)| *texts == want));
    assert_eq!(said.values().filter(|(tenant, _)| *tenant == house.other.tenant.0).count(), CUSTOMERS / 3);
    // What a customer asked is answered once: the replies' questions together are all that was said.
    let mut answered: HashMap<String, Vec<String>> = HashMap::new();
    for sent in house.sent() {
        let text = sent.text.strip_prefix("re: ").unwrap().to_owned();
        answered.entry(sent.recipient_id).or_default().extend(text.lines().map(str::to_owned));
    }
    assert_eq!(answered.len(), CUSTOMERS);
    for (customer, mut texts) in answered {
        texts.sort_by_key(|text| text.parse::<usize>().unwrap());
        assert_eq!(texts, want, "{customer}");
    }
    let deadlocks: i64 =
        sqlx::query_scalar("select deadlocks from pg_stat_database where datname = current_database()")
            .fetch_one(&house.admin)
            .await
            .unwrap();
    assert_eq!(deadlocks, 0);
}
