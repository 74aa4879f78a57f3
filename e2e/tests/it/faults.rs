//! The promises of the pipeline, kept while things fail around it: it is killed at each step of a message, Postgres is stopped hard, lines are
//! cut and fall silent, Meta takes messages and does not say so. After each round the ledger must balance.
//!
//! `make test` runs one round of each; `make soak` as many as SOAK_ROUNDS says. docs/promises.md has the table.

mod dice;
mod ledger;
mod postgres;
mod proxy;
mod site;
mod table;

use chatdesk_platform::Vars;
use chatdesk_platform::db::testing::TestDb;
use serde_json::json;
use tokio::time::Instant;

use crate::process::{HEAVY, eventually};
use dice::Dice;
use ledger::Ledger;
use postgres::Postgres;
use site::Site;
use table::Table;

/// Where the process is killed, and what was just done there.
const POINTS: [(&str, &str); 9] = [
    ("journal.committed", "a webhook was committed and not yet acknowledged"),
    ("ingest.commit", "its messages are written and not yet committed"),
    ("reply.claimed", "a reply was taken up and not yet asked for"),
    ("reply.answered", "an answer came and was not yet kept"),
    ("send.sending", "a message was marked as being sent and Meta not yet called"),
    ("send.taken", "Meta took a message and nobody here knows yet"),
    ("send.sent", "it is known to be sent and that not yet committed"),
    ("settle.commit", "an unknown message was found and that not yet committed"),
    ("reconcile.page", "a page was compared and the place not yet kept"),
];

/// Rounds of each test that are asked for; none for one of each.
fn rounds() -> Option<usize> {
    let rounds = Vars::process().parse("SOAK_ROUNDS", 0).expect("SOAK_ROUNDS is a number");
    (rounds > 0).then_some(rounds)
}

/// Customers that write at the same time.
fn crowd() -> usize {
    if rounds().is_some() { 20 } else { 6 }
}

#[tokio::test]
async fn killed_at_each_step_of_a_message_nothing_is_lost_and_nothing_sent_twice() {
    let _alone = HEAVY.lock().await;
    let db = TestDb::new().await;
    let mut site = Site::open(db.url()).await;
    site.start("").await;
    let mut ledger = Ledger::open(&site, crowd()).await;
    site.kill().await;
    let (mut dice, mut table) = (Dice::new(), Table::default());
    for _ in 0..rounds().map_or(1, |rounds| rounds.div_ceil(POINTS.len())) {
        let mut struck = Vec::new();
        for (point, what) in POINTS {
            // What the last one left behind is what this one is to end over, as well as what comes now.
            let passes = dice.below(2);
            if point == "settle.commit" {
                site.lose_answers(4).await;
            }
            if site.start(&format!("{point}={passes}*off->return")).await {
                ledger.write(&site).await;
                // Only a build of the workspace with its tests has fail points (--workspace --all-targets).
                eventually(&format!("it ends at {point}"), || async { (!site.is_running()).then_some(()) }).await;
            }
            site.no_faults().await;
            struck.push(what);
            if point == POINTS[POINTS.len() - 1].0 || dice.below(4) == 0 {
                let begun = Instant::now();
                site.start("").await;
                ledger.check(&site).await;
                struck.drain(..).for_each(|what| table.held(format!("killed when {what}"), begun.elapsed()));
                site.kill().await;
            }
        }
    }
    site.start("").await;
    ledger.check_history(&site).await;
    table.print(ledger.written);
}

/// What fails around the system.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Killed,
    PostgresStopped,
    DatabaseCut,
    DatabaseSilent,
    MetaCut,
    MetaTakesAndCuts,
    MetaTakesAndIsLate,
    MetaErrs,
    Webhooks,
}

impl Trouble {
    const ALL: [Self; 9] = [
        Self::Killed,
        Self::PostgresStopped,
        Self::DatabaseCut,
        Self::DatabaseSilent,
        Self::MetaCut,
        Self::MetaTakesAndCuts,
        Self::MetaErrs,
        Self::Webhooks,
        // Takes as long as Meta is given, so only `make soak` has it.
        Self::MetaTakesAndIsLate,
    ];

    const fn what(self) -> &'static str {
        match self {
            Self::Killed => "killed at any moment under load",
            Self::PostgresStopped => "Postgres stopped hard under load",
            Self::DatabaseCut => "all connections to Postgres cut",
            Self::DatabaseSilent => "all connections to Postgres half open",
            Self::MetaCut => "all connections to Meta cut",
            Self::MetaTakesAndCuts => "Meta takes a message, then the line breaks, and no echo",
            Self::MetaTakesAndIsLate => "Meta takes a message and answers after the deadline",
            Self::MetaErrs => "Meta answers 500 to every send for a while",
            Self::Webhooks => "webhooks twice, and their acknowledgements lost",
        }
    }

    /// Lets it happen to a system under load, and ends it.
    async fn happen(self, site: &mut Site, postgres: &mut Postgres, ledger: &mut Ledger, dice: &mut Dice) {
        match self {
            Self::Killed => {
                ledger.write(site).await;
                under_way(site, dice).await;
                site.kill().await;
                site.start("").await;
            }
            Self::PostgresStopped => {
                ledger.write(site).await;
                under_way(site, dice).await;
                postgres.stop_hard().await;
                ledger.write(site).await;
                unready(site).await;
                postgres.run_server().await;
            }
            Self::DatabaseCut => {
                ledger.write(site).await;
                under_way(site, dice).await;
                site.to_database.cut();
                ledger.write(site).await;
                unready(site).await;
                site.to_database.mend();
            }
            Self::DatabaseSilent => {
                ledger.write(site).await;
                under_way(site, dice).await;
                site.to_database.silence();
                unready(site).await;
                site.to_database.mend();
            }
            Self::MetaCut => {
                ledger.write(site).await;
                under_way(site, dice).await;
                site.to_meta.cut();
                ledger.write(site).await;
                tried(site).await;
                site.to_meta.mend();
            }
            Self::MetaTakesAndCuts => {
                site.lose_answers(1 + dice.below(3)).await;
                ledger.write(site).await;
            }
            Self::MetaTakesAndIsLate => {
                let late = json!({"target": "graph", "kind": "delay", "call": "send", "delay_ms": 17_000, "count": 1});
                site.fault(late).await;
                site.fault(json!({"target": "graph", "kind": "drop_echo", "call": "send", "count": 1})).await;
                ledger.write(site).await;
            }
            Self::MetaErrs => {
                let count = 3 + dice.below(6);
                let err = json!({"target": "graph", "kind": "status", "status": 500, "call": "send", "count": count});
                site.fault(err).await;
                ledger.write(site).await;
            }
            Self::Webhooks => {
                for kind in ["duplicate", "cut_after", "cut_before"] {
                    site.fault(json!({"target": "webhook", "kind": kind, "count": 2 + dice.below(4)})).await;
                }
                ledger.write(site).await;
                ledger.write(site).await;
            }
        }
        // A fault that nothing met would meet the next round.
        eventually("the system is ready again", || async {
            (site.api.get("/readyz").await.status.as_u16() == 200).then_some(())
        })
        .await;
    }
}

/// Somewhere between the first webhook and the last answer.
async fn under_way(site: &Site, dice: &mut Dice) {
    let out = async || -> Option<i64> {
        let out =
            "select count(*) from inbox.messages where sender_type = 'ai' and status in ('sent', 'delivered', 'read')";
        sqlx::query_scalar(out).fetch_one(&site.database).await.ok()
    };
    let enough = eventually("Postgres counts", &out).await + i64::try_from(dice.below(4)).expect("a small number");
    eventually("some answers are out", || async { (out().await? >= enough).then_some(()) }).await;
}

async fn unready(site: &Site) {
    eventually("the system notices", || async { (site.api.get("/readyz").await.status.as_u16() == 503).then_some(()) })
        .await;
}

/// Until a message could not be handed over, and waits or is looked for.
async fn tried(site: &Site) {
    eventually("a message could not be handed over", || async {
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from inbox.messages where status = 'unknown' or (status = 'queued' and send_after is not null)",
        )
        .fetch_one(&site.database)
        .await
        .ok()?;
        (waiting > 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn whatever_fails_around_it_each_message_is_stored_once_and_each_answer_sent_once() {
    let _alone = HEAVY.lock().await;
    let mut postgres = Postgres::start().await;
    let mut site = Site::open(&postgres.url()).await;
    site.start("").await;
    let mut ledger = Ledger::open(&site, crowd()).await;
    // A conversation of the first comparison that cannot be read is left out for good, so that comes before the trouble.
    ledger.check_history(&site).await;
    let (mut dice, mut table) = (Dice::new(), Table::default());
    let kinds = Trouble::ALL.len();
    for round in 0..rounds().unwrap_or(kinds - 1) {
        // Each once in turn, then whatever comes.
        let trouble = Trouble::ALL[if round < kinds { round } else { dice.below(kinds) }];
        trouble.happen(&mut site, &mut postgres, &mut ledger, &mut dice).await;
        let mended = Instant::now();
        ledger.check(&site).await;
        table.held(trouble.what().to_owned(), mended.elapsed());
        site.no_faults().await;
    }
    ledger.check_history(&site).await;
    table.print(ledger.written);
}
