//! Whatever order Meta brings its events in, however often, and however they are put into bodies: they come to the same rows.

use chatdesk_meta::webhook::{self, Item};
use chatdesk_platform::TenantId;
use chatdesk_proto::tenants::v1::Platform;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::house::{House, until};
use crate::payloads::{OUR_APP, PAGES, all, takes_over};

/// How many ways of delivery are tried.
const WAYS: usize = 12;

/// One delivery: bodies in their order, each some items. How many of them are posted at the same time.
#[derive(Debug, Clone)]
struct Way {
    /// Places in the list of all items, with repetitions.
    order: Vec<usize>,
    /// Sizes of the bodies, repeated until all is delivered.
    sizes: Vec<usize>,
    at_once: usize,
}

fn way(items: usize) -> impl Strategy<Value = Way> {
    let repeated = prop::collection::vec(0..items, 0..40);
    let order =
        repeated.prop_flat_map(move |repeated| Just((0..items).chain(repeated).collect::<Vec<_>>()).prop_shuffle());
    let sizes = prop_oneof![Just(vec![1]), Just(vec![1000]), prop::collection::vec(1_usize..30, 1..6)];
    (order, sizes, 1_usize..12).prop_map(|(order, sizes, at_once)| Way { order, sizes, at_once })
}

/// Bodies of some items, one for each platform among them: each item in an entry of its own page, neighbours of one page together.
fn bodies(items: &[&Item]) -> Vec<(Platform, Vec<u8>)> {
    let mut bodies = Vec::new();
    for (platform, wire, object) in [
        (chatdesk_meta::Platform::Facebook, Platform::Facebook, "page"),
        (chatdesk_meta::Platform::Instagram, Platform::Instagram, "instagram"),
    ] {
        let of: Vec<&&Item> = items.iter().filter(|item| item.platform == platform).collect();
        let entries = of.chunk_by(|a, b| (&a.page_id, a.section, a.entry_ms) == (&b.page_id, b.section, b.entry_ms));
        let entries: Vec<Value> = entries
            .map(|group| {
                let raws: Vec<Box<RawValue>> =
                    group.iter().map(|item| RawValue::from_string(item.raw.clone()).unwrap()).collect();
                let mut entry = json!({"id": group[0].page_id, "time": group[0].entry_ms});
                entry[group[0].section.as_str()] = serde_json::to_value(raws).unwrap();
                entry
            })
            .collect();
        if !entries.is_empty() {
            bodies.push((wire, json!({"object": object, "entry": entries}).to_string().into_bytes()));
        }
    }
    bodies
}

/// Everything that must not depend on the way, as text: messages, conversations, pages, and what still waits.
async fn ledger(house: &House, tenant: TenantId) -> Vec<String> {
    let page = "(select c.external_id from routing.channels c where c.channel_id = x.channel_id)";
    let mut rows = Vec::new();
    for statement in [
        format!(
            "select concat_ws(' | ', 'message', {page}, u.platform_user_id, x.mid, x.sender_type, x.content, x.attachments, x.status,
                 x.answerable, x.platform_at, x.origin, x.context, x.reactions, x.edited_at, x.num_edit, x.deleted_at)
             from inbox.messages x
             join inbox.conversations v on v.tenant_id = x.tenant_id and v.id = x.conversation_id
             join inbox.contacts u on u.tenant_id = v.tenant_id and u.id = v.contact_id where x.tenant_id = $1 order by 1"
        ),
        format!(
            "select concat_ws(' | ', 'conversation', {page}, u.platform_user_id, x.last_opening_at,
                 case when x.last_message_id is not null then x.last_message_at end, x.delivered_to, x.read_to, x.owner_app, x.owner_at,
                 x.source, x.source_at, x.last_arrival is not null)
             from inbox.conversations x
             join inbox.contacts u on u.tenant_id = x.tenant_id and u.id = x.contact_id where x.tenant_id = $1 order by 1"
        ),
        "select concat_ws(' | ', 'page', external_id, policy, policy_at) from routing.channels where tenant_id = $1 order by 1"
            .to_owned(),
        format!(
            "select distinct concat_ws(' | ', 'waits', {page}, x.kind, x.outcome, x.waits_for) from inbox.webhook_items x
             where x.tenant_id = $1 and x.outcome in ('parked', 'failed', 'waiting') order by 1"
        ),
    ] {
        let found: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(tenant.0)
            .fetch_all(&house.admin)
            .await
            .unwrap();
        rows.extend(found);
    }
    rows
}

/// Waits until nothing of a business waits for what is there, or is to be worked off again.
async fn swept(house: &House, tenant: TenantId) {
    until("the sweeper to find everything", || async {
        let open: i64 = sqlx::query_scalar(
            "select count(*) from inbox.webhook_items i where i.tenant_id = $1 and (i.wants_redrive or i.outcome = 'parked'
                 and exists (select from inbox.messages m where m.tenant_id = i.tenant_id and m.channel_id = i.channel_id
                     and m.mid = i.waits_for))",
        )
        .bind(tenant.0)
        .fetch_one(&house.admin)
        .await
        .unwrap();
        (open == 0).then_some(())
    })
    .await;
}

async fn deliver(house: &House, items: &[Item], way: &Way) -> Vec<String> {
    let (tenant, _) = takes_over(house).await;
    let mut sizes = way.sizes.iter().cycle();
    let mut order = way.order.as_slice();
    let mut posts = Vec::new();
    while !order.is_empty() {
        let (now, later) = order.split_at(order.len().min(*sizes.next().unwrap()));
        order = later;
        let some: Vec<&Item> = now.iter().map(|at| &items[*at]).collect();
        posts.extend(bodies(&some));
    }
    for some in posts.chunks(way.at_once) {
        let posted = some.iter().map(|(platform, body)| house.post_bytes(*platform, body.clone()));
        for answer in futures::future::join_all(posted).await {
            answer.unwrap();
        }
    }
    house.ingested().await;
    // What came in the very moment in which its message was stored is found by the sweeper.
    swept(house, tenant).await;
    ledger(house, tenant).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_of_delivery_comes_to_the_same_rows() {
    let house = House::with(|config| config.app_ids = vec![OUR_APP.to_owned()]).await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    let endpoint = |platform| match platform {
        Platform::Instagram => chatdesk_meta::Platform::Instagram,
        Platform::Facebook | Platform::Unspecified => chatdesk_meta::Platform::Facebook,
    };
    let items: Vec<Item> = all()
        .into_iter()
        .flat_map(|payload| webhook::parse(endpoint(payload.platform), &payload.body).items)
        .filter(|item| PAGES.iter().any(|(_, page)| *page == item.page_id))
        .collect();
    assert!(items.len() > 60, "{} items", items.len());
    let in_order = Way { order: (0..items.len()).collect(), sizes: vec![7], at_once: 1 };
    let want = deliver(&house, &items, &in_order).await;
    assert!(want.iter().any(|row| row.starts_with("message") && row.contains("read")), "{want:#?}");
    let mut runner = TestRunner::deterministic();
    for _ in 0..WAYS {
        let way = way(items.len()).new_tree(&mut runner).unwrap().current();
        let rows = deliver(&house, &items, &way).await;
        let lost: Vec<_> = want.iter().filter(|row| !rows.contains(row)).collect();
        let new: Vec<_> = rows.iter().filter(|row| !want.contains(row)).collect();
        assert!(rows == want, "{way:?}\nnot there: {lost:#?}\ninstead: {new:#?}");
    }
}
