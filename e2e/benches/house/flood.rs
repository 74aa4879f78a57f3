//! A thousand webhooks a second, each sent when it is due and not when the one before was answered, with the assistant off: how long
//! acknowledgements take from then, whether memory stays, and when everything is worked off.

use std::time::{Duration, Instant};

use chatdesk_platform::db::testing::TestDb;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::api::text;
use crate::memory::pss_kib;
use crate::shop::House;
use crate::webhook::{Posts, answered, pgbench, prepare};
use crate::{Row, percentile, span};

/// Webhooks a second.
const RATE: usize = 1000;
const CONNECTIONS: usize = 64;
const SPAN: Duration = Duration::from_secs(60);
/// After the load.
const LONGEST_BACKLOG: Duration = Duration::from_secs(60);
/// What memory may grow by and still be called the same, in MiB: allocators keep what they had.
const SAME_MEMORY: i64 = 64;

pub async fn measure() -> Vec<Row> {
    let house = House::start(&[]).await;
    let (shop, page) = house.shop_with_page("Tiệm Lũ", "facebook").await;
    let off = json!({"ai_enabled_by_default": false});
    shop.api.call(reqwest::Method::PUT, "/api/assistant/settings", Some(off)).await.expect(200);
    let span = span(SPAN);
    let seconds = usize::try_from(span.as_secs()).expect("small");
    let posts = prepare(&text(&page["page_id"]), "flood", CONNECTIONS, RATE * seconds / CONNECTIONS + 1);
    let baseline = pgbench(&house.db, posts[0].body()).await;

    let mib = || i64::try_from(pss_kib(house.process.pid) / 1024).expect("small");
    let before = mib();
    let address = house.api.base().strip_prefix("http://").expect("plain HTTP").to_owned();
    let mut times = spread(address, posts, RATE, span).await;
    let (loaded, ended) = (mib(), Instant::now());
    let sent = times.len();
    let backlog = worked_off(&house.db, ended).await;
    let after = mib();

    let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
    let ratio = RATE as f64 / baseline;
    let growth = loaded.max(after) - before;
    vec![
        Row {
            what: "1,000 webhooks a second, due or not, assistant off: time to the acknowledgement",
            ours: format!("p50 {p50:.1} ms, p99 {p99:.1} ms of {sent}"),
            baseline: format!(
                "pgbench single-row commits of the same body {baseline:.0} /s: this is {ratio:.2} × as many"
            ),
            figure: format!("p99 {p99:.1} ms"),
            budget: "< 300 ms",
            kept: p99 < 300.0,
        },
        Row {
            what: "memory meanwhile",
            ours: format!("{before} MiB before, {loaded} MiB at the end, {after} MiB when all was worked off"),
            baseline: "—".to_owned(),
            figure: format!("{growth:+} MiB"),
            budget: "< +64 MiB",
            kept: growth < SAME_MEMORY,
        },
        Row {
            what: "all of them worked off after the load",
            ours: backlog.map_or_else(|| "not in time".to_owned(), |after| format!("{:.1} s", after.as_secs_f64())),
            baseline: "—".to_owned(),
            figure: backlog.map_or_else(|| "—".to_owned(), |after| format!("{:.1} s", after.as_secs_f64())),
            budget: "< 60 s",
            kept: backlog.is_some(),
        },
    ]
}

/// Sends so many a second for so long over one connection for each of `posts`, by turns. Gives how long after each was due it was
/// acknowledged, in milliseconds: a connection that is late makes what waits behind it late, as it would be in life.
pub async fn spread(address: String, posts: Vec<Posts>, rate: usize, span: Duration) -> Vec<f64> {
    let send = move || {
        // One thread of its own, so that the generator does not wait for what it measures.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let connections = posts.len();
            let all = usize::try_from(span.as_secs()).expect("small") * rate;
            let begin = Instant::now() + Duration::from_millis(200);
            let address = &address;
            let clients = posts.into_iter().enumerate().map(|(number, mut posts)| async move {
                let mut stream = TcpStream::connect(address).await.expect("the gateway listens");
                stream.set_nodelay(true).expect("an option of TCP");
                let (mut answer, mut times) = (Vec::with_capacity(4096), Vec::new());
                for turn in (number..all).step_by(connections) {
                    let after = u64::try_from(turn * 1_000_000 / rate).expect("small");
                    let due = begin + Duration::from_micros(after);
                    tokio::time::sleep_until(due.into()).await;
                    let request = posts.next().expect("there are enough");
                    stream.write_all(request).await.expect("the gateway takes it");
                    answered(&mut stream, &mut answer).await;
                    times.push(due.elapsed().as_secs_f64() * 1000.0);
                }
                times
            });
            futures::future::join_all(clients).await.concat()
        })
    };
    tokio::task::spawn_blocking(send).await.expect("every webhook is acknowledged")
}

/// How long after `ended` nothing is left; none when that takes too long.
async fn worked_off(db: &TestDb, ended: Instant) -> Option<Duration> {
    let pool = db.superuser().await;
    while ended.elapsed() < LONGEST_BACKLOG {
        let left: i64 = sqlx::query_scalar("select count(*) from inbox.webhook_events where state = 'new'")
            .fetch_one(&pool)
            .await
            .expect("a count");
        if left == 0 {
            return Some(ended.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    None
}
