//! The running system: acknowledging webhooks against pgbench's single-row commits, a message's way to its answer, idle memory.

use std::path::Path;
use std::time::{Duration, Instant};

use chatdesk_meta::AppSecrets;
use chatdesk_platform::db::testing::TestDb;
use chatdesk_platform::{Shutdown, Vars};
use chatdesk_sandbox::Sandbox;
use serde_json::json;
use tokio::process::Command;

use crate::api::{Api, text};
use crate::process::{Process, fresh_home, variables};
use crate::{Row, latency, memory};

const CLIENTS: usize = 32;
const SPAN: Duration = Duration::from_secs(8);

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

    let body = serde_json::to_vec(
        &json!({"object": "page", "entry": [{"id": page, "time": 1_700_000_000_000_i64, "messaging": [
        {"sender": {"id": "900001"}, "recipient": {"id": page}, "timestamp": 1_700_000_000_000_i64,
         "message": {"mid": "m_bench", "text": "Áo thun đỏ giá bao nhiêu vậy shop, còn size M không ạ?"}}]}]}),
    )
    .expect("JSON");
    let baseline = pgbench(&db, &body).await;
    let ours = acknowledge(&api, &body).await;
    let ratio = ours / baseline;
    let acknowledged = Row {
        what: "webhooks acknowledged, 32 clients",
        ours: format!("{ours:.0} /s"),
        baseline: format!("pgbench single-row commits of the same body {baseline:.0} /s"),
        figure: format!("{ratio:.2} ×"),
        budget: "≥ 0.5 ×",
        kept: ratio >= 0.5,
    };
    vec![acknowledged, latency, memory]
}

async fn acknowledge(api: &Api, body: &[u8]) -> f64 {
    let signature = AppSecrets::parse(chatdesk_sandbox::APP_SECRET).expect("a secret").sign(body);
    let start = Instant::now();
    let clients = (0..CLIENTS).map(|_| async {
        let mut done = 0_u32;
        while start.elapsed() < SPAN {
            assert_eq!(api.webhook("facebook", body.to_vec(), Some(&signature)).await.as_u16(), 200);
            done += 1;
        }
        done
    });
    let done: u32 = futures::future::join_all(clients).await.into_iter().sum();
    f64::from(done) / start.elapsed().as_secs_f64()
}

/// The same bytes, one row and one commit each, over the same 32 connections' worth of concurrency.
async fn pgbench(db: &TestDb, body: &[u8]) -> f64 {
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
