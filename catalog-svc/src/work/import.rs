//! Works off files that were handed in: reads each through, then takes its products over in pieces, each in a transaction of its own that
//! also keeps the place. What ends in between goes on there.

mod reading;
mod taking;

use chatdesk_platform::db::{Db, Done, Handler, Job, Wakes};
use chatdesk_platform::{Clock, Error, Shutdown};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc;

use self::reading::{Found, Plan, Reading};
use self::taking::Taking;
use crate::model::import::{Import, ImportState};
use crate::store::imports;

/// Due work of this kind: the entity is an import that is not over.
pub const IMPORT: &str = "import";

/// How long an import takes pieces over before it gives its place to one that waits: much longer than its next turn takes to read the
/// file anew up to where it was.
const TURN: TimeDelta = TimeDelta::seconds(60);

/// Works off imports.
#[derive(Clone)]
pub struct Importer {
    db: Db,
    wakes: Wakes,
    clock: Clock,
    shutdown: Shutdown,
}

impl Importer {
    /// Over the database; wakes whoever embeds.
    pub const fn new(db: Db, wakes: Wakes, clock: Clock, shutdown: Shutdown) -> Self {
        Self { db, wakes, clock, shutdown }
    }

    async fn work(&self, job: &Job, import: Import, body: Vec<u8>) -> Result<Done, Error> {
        // Two pieces wait at most, whatever the size of the file.
        let (sender, mut receiver) = mpsc::channel(2);
        let reading =
            Reading { format: import.format, update_by: import.update_by, place: import.place.unsigned_abs() };
        let reading = tokio::task::spawn_blocking(move || reading.run(&body, &sender));
        let mut until: Option<DateTime<Utc>> = None;
        while let Some(found) = receiver.recv().await {
            if self.shutdown.has_begun() {
                return Err(Error::Unavailable("the importer"));
            }
            let goes_on = match found {
                Found::Plan(plan) => self.announce(job, &plan).await?,
                Found::Piece(piece) => {
                    let now = self.clock.now();
                    // Each turn takes one at least.
                    if until.is_some_and(|until| until <= now) {
                        return Ok(Done::At(now));
                    }
                    until.get_or_insert(now + TURN);
                    Taking { wakes: &self.wakes, now, import: &import }.take(&self.db, job, piece).await?
                }
            };
            if !goes_on {
                return Ok(Done::Finished);
            }
        }
        let (state, failure) = match reading.await {
            Ok(Ok(())) => (ImportState::Done, ""),
            Ok(Err(broken)) => (ImportState::Failed, broken.0),
            // A reader of others' that gives up over a file has not understood it.
            Err(panic) if panic.is_panic() => (ImportState::Failed, "broken_file"),
            Err(stopped) => return Err(Error::internal(stopped)),
        };
        self.end(job, state, failure).await?;
        Ok(Done::Finished)
    }

    /// False when it was stopped meanwhile.
    async fn announce(&self, job: &Job, plan: &Plan) -> Result<bool, Error> {
        let mut tx = self.db.begin(&job.caller()?).await?;
        job.fence(tx.conn()).await?;
        let goes_on = imports::lock(&mut tx, job.entity).await?.is_some_and(|state| !state.is_over());
        if goes_on {
            let rows = i64::try_from(plan.rows).map_err(Error::internal)?;
            imports::set_running(&mut tx, job.entity, &plan.columns, rows).await?;
        }
        tx.commit().await?;
        Ok(goes_on)
    }

    async fn end(&self, job: &Job, state: ImportState, failure: &str) -> Result<(), Error> {
        let mut tx = self.db.begin(&job.caller()?).await?;
        job.fence(tx.conn()).await?;
        imports::end(&mut tx, job.entity, state, failure, self.clock.now()).await?;
        tx.commit().await
    }
}

impl Handler for Importer {
    const KIND: &'static str = IMPORT;

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let mut tx = self.db.begin(&job.caller()?).await?;
        let import = imports::get(&mut tx, job.entity).await?.filter(|import| !import.state.is_over());
        let body = imports::body(&mut tx, job.entity).await?;
        tx.commit().await?;
        match (import, body) {
            (Some(import), Some(body)) => return self.work(&job, import, body).await,
            (Some(_), None) => self.end(&job, ImportState::Failed, "internal").await?,
            (None, _) => {}
        }
        Ok(Done::Finished)
    }

    /// What cannot say so now stays open, and the sweep begins it anew.
    async fn set_aside(&self, job: &Job) {
        if let Err(error) = self.end(job, ImportState::Failed, "internal").await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot say that an import failed");
        }
    }
}
