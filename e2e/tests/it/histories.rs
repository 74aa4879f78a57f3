//! Any history of conversations, brought by signed webhooks in any order, any number of times and in any batches, ends in the rows that a model
//! of ten rules predicts.

mod model;

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::api::text;
use crate::process::eventually;
use crate::shop::{House, Shop, now_ms, signed};
use model::{Happening, Row};

/// Histories that are tried.
const CASES: u32 = 24;

/// What comes over the wire: (customer, which of their happenings), in this order and as often, and how many go into each body.
#[derive(Debug, Clone)]
struct Case {
    histories: Vec<Vec<Happening>>,
    arrivals: Vec<(usize, usize)>,
    bodies: Vec<usize>,
}

fn case() -> impl Strategy<Value = Case> {
    let histories = prop::collection::vec(prop::collection::vec(model::happening(), 1..14), 1..4);
    histories.prop_flat_map(|histories| {
        let each = |(customer, history): (usize, &Vec<Happening>)| {
            (0..history.len()).map(move |at| (customer, at)).collect::<Vec<_>>()
        };
        let all: Vec<(usize, usize)> = histories.iter().enumerate().flat_map(each).collect();
        // Everything once, some of it again, and all of it shuffled.
        let again = prop::collection::vec(prop::sample::select(all.clone()), 0..6);
        let arrivals = again.prop_flat_map(move |again| Just([all.clone(), again].concat()).prop_shuffle());
        (Just(histories), arrivals, prop::collection::vec(1_usize..9, 1..8))
            .prop_map(|(histories, arrivals, bodies)| Case { histories, arrivals, bodies })
    })
}

/// One business with a page, and nothing that answers.
struct World {
    house: House,
    shop: Shop,
    page: String,
    database: PgPool,
    /// Customers so far: each case has its own.
    known: AtomicUsize,
}

impl World {
    async fn open() -> Self {
        let house = House::start(&[("SWEEP_MS", "300")]).await;
        let (shop, page) = house.shop_with_page("Tiệm Xáo Trộn", "facebook").await;
        let off = json!({"ai_enabled_by_default": false});
        shop.api.call(reqwest::Method::PUT, "/api/assistant/settings", Some(off)).await.expect(200);
        let database = house.db.superuser().await;
        Self { house, shop, page: text(&page["page_id"]), database, known: AtomicUsize::new(0) }
    }

    /// Brings it all over, and compares.
    async fn holds(&self, case: &Case) -> Result<(), TestCaseError> {
        let first = self.known.fetch_add(case.histories.len(), Ordering::Relaxed);
        let customers: Vec<String> =
            (0..case.histories.len()).map(|number| format!("680{:011}", first + number)).collect();
        // Long enough ago that nothing is in the future, and the same for all that comes twice.
        let begun = now_ms() - 3_600_000;
        let item = |&(customer, at): &(usize, usize)| {
            model::item(&case.histories[customer], at, &self.page, &customers[customer], begun)
        };
        let mut left = case.arrivals.as_slice();
        for size in case.bodies.iter().cycle() {
            if left.is_empty() {
                break;
            }
            let (body, rest) = left.split_at(left.len().min(*size));
            left = rest;
            let items: Vec<Value> = body.iter().map(item).collect();
            let entry = json!({"object": "page", "entry": [{"id": self.page, "time": begun, "messaging": items}]});
            let (body, signature) = signed(&entry);
            prop_assert_eq!(self.house.api.webhook("facebook", body, Some(&signature)).await.as_u16(), 200);
        }
        // What came in the very moment in which what it waits for was stored is the sweeper's.
        eventually("all of it is worked off, and nothing waits for what is there", || async {
            let left: i64 = sqlx::query_scalar(
                "select (select count(*) from inbox.webhook_events where state = 'new')
                     + (select count(*) from inbox.webhook_items i where outcome = 'parked' and (
                            exists (select from inbox.messages m where m.channel_id = i.channel_id and m.mid = i.waits_for)
                            or exists (select from inbox.contacts c
                                where c.channel_id = i.channel_id and i.waits_for = 'contact:' || c.platform_user_id)))",
            )
            .fetch_one(&self.database)
            .await
            .ok()?;
            (left == 0).then_some(())
        })
        .await;
        let conversations = self.shop.api.all("/api/conversations").await;
        for (customer, history) in customers.iter().zip(&case.histories) {
            let expected = model::rows(history, customer);
            let theirs = conversations.iter().find(|one| one["contact"]["platform_user_id"] == customer.as_str());
            let rows: Vec<Row> = match theirs {
                Some(conversation) => self.shop.messages(conversation).await.iter().map(Row::of).collect(),
                None => Vec::new(),
            };
            prop_assert_eq!(rows, expected, "{:?}", history);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_history_in_any_order_and_batching_ends_in_the_rows_that_the_rules_predict() {
    let world = World::open().await;
    let config = Config { cases: CASES, max_shrink_iters: 300, failure_persistence: None, ..Config::default() };
    let handle = tokio::runtime::Handle::current();
    let tried = tokio::task::block_in_place(|| {
        TestRunner::new(config).run(&case(), |case| handle.block_on(world.holds(&case)))
    });
    if let Err(found) = tried {
        panic!("{found}");
    }
}
