//! The running system: acknowledging webhooks against pgbench's single-row commits, a message's way to its answer, idle memory.

use std::path::Path;
use std::time::{Duration, Instant};

use chatdesk_meta::AppSecrets;
use chatdesk_platform::db::testing::TestDb;
use chatdesk_platform::{Shutdown, Vars};
use chatdesk_sandbox::Sandbox;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::api::{Api, text};
use crate::process::{Process, fresh_home, variables};
use crate::{Row, latency, memory};

const CLIENTS: usize = 32;
const SPAN: Duration = Duration::from_secs(8);
/// For whom each client posts.
const CUSTOMERS: usize = 20;
/// More than one client can post in that time.
const MOST_POSTS: usize = 10_000;
/// The longest that working them off may take.
const LONGEST_BACKLOG: Duration = Duration::from_secs(600);

pub async fn measure() -> Vec<Row> {
    let shutdown = Shutdown::default();
    let config =
        chatdesk_sandbox::Config::from_vars(&Vars::fixed([("SANDBOX_ADDR", "127.0.0.1:0"), ("SANDBOX_PAGES", "10")]));
    let sandbox = Sandbox::start(config.expect("a configuration"), &shutdown).await.expect("it listens");
    let base = format!("http://{}", sandbox.address());
    let db = TestDb::new().await;
    let mut all = variables(&db);
    for (name, value) in [
        ("GRAPH_BASE_URL", format!("{base}/graph")),
        ("INSTAGRAM_BASE_URL", format!("{base}/instagram")),
        ("FB_APP_SECRET", chatdesk_sandbox::APP_SECRET.to_owned()),
        ("FB_VERIFY_TOKEN", chatdesk_sandbox::VERIFY_TOKEN.to_owned()),
    ] {
        all.push((name.to_owned(), value));
    }
    let process = Process::start(&["run"], &all, fresh_home()).await;
    let run = process.run_file().await;
    let api = Api::new(&text(&run["api_url"]));
    sandbox.set_webhook_target(api.base());

    let (page, latency) = latency::measure(&api, &sandbox, &db, &text(&run["metrics_url"])).await;
    let memory = memory::measure(process.pid).await;

    let posts = prepare(&page, "bench", CLIENTS, MOST_POSTS);
    let baseline = pgbench(&db, posts[0].body()).await;
    let address = api.base().strip_prefix("http://").expect("plain HTTP").to_owned();
    // One thread that waits for its own sockets, so that no answer is handed from thread to thread.
    let clients = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let began = Instant::now();
    let posting = tokio::task::spawn_blocking(move || {
        let done = clients.block_on(acknowledge(&address, posts));
        (done, began.elapsed())
    });
    let (done, spent) = posting.await.expect("every webhook is acknowledged");
    let ours = f64::from(done) / spent.as_secs_f64();
    let ratio = ours / baseline;
    let acknowledged = Row {
        what: "webhooks acknowledged, 32 clients",
        ours: format!("{ours:.0} /s"),
        baseline: format!("pgbench single-row commits of the same body {baseline:.0} /s"),
        figure: format!("{ratio:.2} ×"),
        budget: "≥ 0.5 ×",
        kept: ratio >= 0.5,
    };
    vec![acknowledged, worked_off(&db, began, done).await, latency, memory]
}

/// What one client sends: the same request again and again, each with a customer and a mid in it and the signature that goes with them.
/// Whoever posts webhooks in life has them signed already, so that is done before.
pub struct Posts {
    request: Vec<u8>,
    head: usize,
    /// Where customer, mid and signature are.
    places: [usize; 3],
    /// Those to be used, last first.
    fresh: Vec<[String; 3]>,
}

impl Posts {
    /// What is signed.
    pub fn body(&self) -> &[u8] {
        &self.request[self.head..]
    }

    /// The next request, none when all were used.
    pub fn next(&mut self) -> Option<&[u8]> {
        let fresh = self.fresh.pop()?;
        for (at, text) in self.places.iter().zip(&fresh) {
            self.request[*at..][..text.len()].copy_from_slice(text.as_bytes());
        }
        Some(&self.request)
    }
}

/// Requests for so many clients, so many each. What they say is too old to be answered: answers are measured elsewhere.
pub fn prepare(page: &str, run: &str, clients: usize, posts: usize) -> Vec<Posts> {
    let secrets = AppSecrets::parse(chatdesk_sandbox::APP_SECRET).expect("a secret");
    let client = |number: usize| {
        let names =
            |post: usize| (format!("9000{number:02}{:02}", post % CUSTOMERS), format!("m_{run}_{number:02}_{post:06}"));
        let (customer, mid) = names(0);
        let body = json!({"object": "page", "entry": [{"id": page, "time": 1_700_000_000_000_i64, "messaging": [
            {"sender": {"id": customer}, "recipient": {"id": page}, "timestamp": 1_700_000_000_000_i64,
             "message": {"mid": mid, "text": "Áo thun đỏ giá bao nhiêu vậy shop, còn size M không ạ?"}}]}]});
        let body = body.to_string();
        let signed = |post| {
            let (its_customer, its_mid) = names(post);
            let its_body = body.replace(&customer, &its_customer).replace(&mid, &its_mid);
            [its_customer, its_mid, secrets.sign(its_body.as_bytes())]
        };
        let fresh: Vec<_> = (0..posts).map(signed).collect();
        let head = format!(
            "POST /api/webhooks/facebook HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nx-hub-signature-256: {}\r\n\r\n",
            body.len(),
            fresh[0][2]
        );
        let request = format!("{head}{body}");
        let places = fresh[0].each_ref().map(|text| request.find(text).expect("it is in the request"));
        Posts { head: head.len(), places, request: request.into_bytes(), fresh }
    };
    (0..clients).map(client).collect()
}

/// Posts for [`SPAN`] over one connection per client, which sends when it was answered. Gives how many were acknowledged. The client
/// does no more than must be done, as pgbench's does, because its work is on the same machine.
async fn acknowledge(address: &str, posts: Vec<Posts>) -> u32 {
    let start = Instant::now();
    let clients = posts.into_iter().map(|mut posts| async move {
        let mut stream = TcpStream::connect(address).await.expect("the gateway listens");
        stream.set_nodelay(true).expect("an option of TCP");
        let mut answer = Vec::with_capacity(4096);
        let mut done = 0_u32;
        while start.elapsed() < SPAN
            && let Some(request) = posts.next()
        {
            stream.write_all(request).await.expect("the gateway takes it");
            answered(&mut stream, &mut answer).await;
            done += 1;
        }
        done
    });
    futures::future::join_all(clients).await.into_iter().sum()
}

/// Reads one whole answer, which must be 200.
pub async fn answered(stream: &mut TcpStream, answer: &mut Vec<u8>) {
    answer.clear();
    loop {
        assert!(stream.read_buf(answer).await.expect("an answer") > 0, "the connection was closed");
        let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&answer[..end]).expect("ASCII");
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("a length").parse().expect("a number");
        if answer.len() == end + 4 + length {
            return;
        }
    }
}

/// How fast what was acknowledged is worked off: while more comes, when acknowledgements go first, and after that. For information.
async fn worked_off(db: &TestDb, began: Instant, acknowledged: u32) -> Row {
    let pool = db.superuser().await;
    let left = async || -> i64 {
        sqlx::query_scalar("select count(*) from inbox.webhook_events where state = 'new'")
            .fetch_one(&pool)
            .await
            .expect("a count")
    };
    let (at_end, ended) = (left().await, Instant::now());
    let meanwhile = (f64::from(acknowledged) - at_end as f64) / began.elapsed().as_secs_f64();
    while left().await > 0 {
        assert!(ended.elapsed() < LONGEST_BACKLOG, "the backlog does not end");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let rate = at_end as f64 / ended.elapsed().as_secs_f64();
    Row {
        what: "acknowledged webhooks worked off",
        ours: format!("{meanwhile:.0} /s meanwhile, {rate:.0} /s after"),
        baseline: "—".to_owned(),
        figure: format!("all {acknowledged} after {:.0} s", began.elapsed().as_secs_f64()),
        budget: "none",
        kept: true,
    }
}

/// The same bytes, one row and one commit each, over the same 32 connections' worth of concurrency.
pub async fn pgbench(db: &TestDb, body: &[u8]) -> f64 {
    let superuser = db.superuser().await;
    sqlx::raw_sql(
        "create table bench_journal (id bigint generated always as identity primary key, body bytea not null)",
    )
    .execute(&superuser)
    .await
    .expect("a table");
    let folder = fresh_home();
    std::fs::create_dir_all(&folder).expect("a folder");
    let script = folder.join("insert.sql");
    let hex: String = body.iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(&script, format!("insert into bench_journal (body) values ('\\x{hex}');\n")).expect("a script");
    let bin = Vars::process().require("POSTGRES_BIN", "use make bench").expect("set");
    let output = Command::new(Path::new(&bin).join("pgbench"))
        .args(["-n", "-c", "32", "-j", "2", "-M", "prepared", "-T", &SPAN.as_secs().to_string(), "-f"])
        .arg(&script)
        .arg(db.url())
        .output()
        .await
        .expect("pgbench runs");
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let tps = words.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok());
    tps.unwrap_or_else(|| panic!("{words}{}", String::from_utf8_lossy(&output.stderr)))
}
