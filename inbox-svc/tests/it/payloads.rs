//! The collection of Meta's events: each file comes to exactly the outcomes its index names, and to nothing new when it comes again.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chatdesk_meta::webhook::{self, Kind};
use chatdesk_platform::{TenantId, new_id};
use chatdesk_proto::tenants::v1::Platform;
use uuid::Uuid;

use crate::house::House;

/// Pages and accounts of the collection that somebody connected.
pub const PAGES: [(&str, &str); 4] = [
    ("facebook", "104852197630411"),
    ("facebook", "220917443580266"),
    ("instagram", "17841465209873301"),
    ("instagram", "17841402117760558"),
];
/// The app that the collection takes for ours.
pub const OUR_APP: &str = "881204773561902";

fn root() -> PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../meta/tests/payloads")
}

/// A file of the collection.
pub struct Payload {
    pub name: String,
    pub platform: Platform,
    pub body: Vec<u8>,
    /// How many of its items are stored, change something, are ignored, and are known.
    pub counts: [usize; 4],
}

/// All of them.
pub fn all() -> Vec<Payload> {
    let index = std::fs::read_to_string(root().join("index.tsv")).unwrap();
    let all: Vec<Payload> = index
        .lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let counts: BTreeMap<&str, usize> = columns[3]
                .split(';')
                .map(|count| count.split_once('=').unwrap())
                .map(|(name, count)| (name, count.parse().unwrap()))
                .collect();
            let platform = if columns[0].starts_with("facebook") { Platform::Facebook } else { Platform::Instagram };
            Payload {
                name: columns[0].to_owned(),
                platform,
                body: std::fs::read(root().join(columns[0])).unwrap(),
                counts: ["stored", "status", "ignored", "dedup"].map(|name| counts[name]),
            }
        })
        .collect();
    assert_eq!(all.len(), 49);
    all
}

/// Another business takes over all pages of the collection; gives it and its channels in the order of [`PAGES`].
pub async fn takes_over(house: &House) -> (TenantId, Vec<Uuid>) {
    let tenant = TenantId(new_id());
    let channels: Vec<Uuid> = PAGES.iter().map(|_| new_id()).collect();
    sqlx::query("insert into routing.tenants (tenant_id) values ($1)")
        .bind(tenant.0)
        .execute(&house.admin)
        .await
        .unwrap();
    for ((platform, page), channel) in PAGES.iter().zip(&channels) {
        sqlx::query(
            "insert into routing.channels (platform, external_id, tenant_id, channel_id) values ($1, $2, $3, $4)
             on conflict (platform, external_id) do update
             set tenant_id = excluded.tenant_id, channel_id = excluded.channel_id, policy = '', policy_at = null,
                 connected_at = now()",
        )
        .bind(platform)
        .bind(page)
        .bind(tenant.0)
        .bind(channel)
        .execute(&house.admin)
        .await
        .unwrap();
    }
    (tenant, channels)
}

/// A message that went out from a channel before, in a conversation with a customer.
async fn sent_before(house: &House, tenant: TenantId, (channel, platform): (Uuid, &str), user: &str, mid: &str) {
    sqlx::query(
        "with contact as (
             insert into inbox.contacts (tenant_id, id, channel_id, platform, platform_user_id, created_at, profile_at)
             values ($1, gen_random_uuid(), $2, $3, $4, now(), now()) returning id),
         conversation as (
             insert into inbox.conversations (tenant_id, id, channel_id, contact_id, platform, ai_mode, last_message_at, created_at,
                 last_arrival)
             select $1, gen_random_uuid(), $2, id, $3, 'off', now(), now(), 1 from contact returning id)
         insert into inbox.messages (tenant_id, id, conversation_id, channel_id, arrival, mid, sender_type, content, status,
             platform_at, received_at)
         select $1, gen_random_uuid(), id, $2, 1, $5, 'business', 'before', 'sent', to_timestamp(1795366790), now()
         from conversation",
    )
    .bind(tenant.0)
    .bind(channel)
    .bind(platform)
    .bind(user)
    .bind(mid)
    .execute(&house.admin)
    .await
    .unwrap();
}

/// Meta's ids of what our own echoes in the collection are of.
fn own_mids(payloads: &[Payload]) -> (String, String) {
    let own = |name: &str| {
        let payload = payloads.iter().find(|payload| payload.name == name).unwrap();
        let item = webhook::parse(chatdesk_meta::Platform::Facebook, &payload.body).items.remove(0);
        let Kind::Echo(echo) = item.kind else { panic!("{name} is no echo") };
        echo.mid
    };
    (own("facebook/echo_own_app.json"), own("instagram/echo_own.json"))
}

async fn outcomes(house: &House, event: Uuid) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (_, outcome) in house.outcomes(event).await {
        *counts.entry(outcome).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_payload_comes_to_exactly_its_outcomes_and_again_to_nothing_new() {
    let house = House::with(|config| config.app_ids = vec![OUR_APP.to_owned()]).await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    let payloads = all();
    let (own_facebook, own_instagram) = own_mids(&payloads);
    let known = [
        (0, "6071938452017734", own_facebook.as_str()),
        (2, "1483920576102348", own_instagram.as_str()),
        (3, "2907715544081263", own_instagram.as_str()),
    ];
    // The messages that these speak of are in other files.
    let waits = ["facebook/message_edit.json", "instagram/message_edit.json", "instagram/deleted_unsend.json"];
    for Payload { name, platform, body, counts } in payloads {
        let (tenant, channels) = takes_over(&house).await;
        for (channel, user, mid) in known {
            sent_before(&house, tenant, (channels[channel], PAGES[channel].0), user, mid).await;
        }
        let items = webhook::parse(chatdesk_meta::Platform::Facebook, &body).items.len();
        let before: i64 = messages(&house, tenant).await;
        let event = house.post_bytes(platform, body.clone()).await.unwrap();
        house.ingested().await;
        let given = outcomes(&house, event).await;
        let of = |name: &str| given.get(name).copied().unwrap_or_default();
        // What came to a page that nobody connected is nobody's, and in no journal.
        let strangers = items - given.values().sum::<usize>();
        let seen = [of("stored"), of("status") + of("parked"), of("ignored") + strangers, of("deduplicated")];
        assert_eq!(seen, counts, "{name}: {given:?}");
        assert_eq!(of("parked"), if waits.contains(&name.as_str()) { counts[1] } else { 0 }, "{name}");
        assert_eq!(messages(&house, tenant).await - before, i64::try_from(counts[0]).unwrap(), "{name}");
        let event = house.post_bytes(platform, body).await.unwrap();
        house.ingested().await;
        let again = outcomes(&house, event).await;
        assert_eq!(again.get("stored"), None, "{name} again: {again:?}");
        assert_eq!(again.get("deduplicated").copied().unwrap_or_default(), counts[0] + counts[3], "{name} again");
        assert_eq!(messages(&house, tenant).await - before, i64::try_from(counts[0]).unwrap(), "{name} again");
    }
    assert!(house.asked().is_empty() && house.sent().is_empty());
}

async fn messages(house: &House, tenant: TenantId) -> i64 {
    sqlx::query_scalar("select count(*) from inbox.messages where tenant_id = $1")
        .bind(tenant.0)
        .fetch_one(&house.admin)
        .await
        .unwrap()
}
