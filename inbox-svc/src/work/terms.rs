//! Collects the words of what a tenant had before there was a search, a page at a time. What came later brought its own.

use chatdesk_platform::Error;
use chatdesk_platform::db::{Done, Handler, Job};

use crate::desk::Desk;
use crate::store;
use crate::timeline::Timeline;

/// Messages or contacts that share a transaction at first.
const PAGE: i64 = 500;

/// The work of kind `terms`, whose entity is the tenant.
pub struct Terms {
    desk: Desk,
}

impl Terms {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// One page; true when there may be more. It halves with each time it did not go well: what takes too long at once must not be tried
    /// at once for ever.
    async fn page(&self, job: &Job) -> Result<bool, Error> {
        let mut line = Timeline::begin(&self.desk, &job.caller()?).await?;
        job.fence(line.tx.conn()).await?;
        let mut progress = store::terms::progress(&mut line.tx).await?;
        if progress.is_done {
            return Ok(false);
        }
        let now = line.now;
        let failures = u32::try_from(job.attempts - 1).unwrap_or(0).saturating_add(job.stumbles);
        let page = PAGE.checked_shr(failures).unwrap_or(1).max(1);
        let names = store::terms::names_after(&mut line.tx, progress.contact, page).await?;
        let messages = store::terms::messages_after(&mut line.tx, progress.message, page).await?;
        progress.is_done = names.is_empty() && messages.is_empty();
        for (contact, conversation, name) in names {
            progress.contact = contact;
            if let Some(conversation) = conversation {
                line.index(conversation, None, &name, now);
            }
        }
        for (message, conversation, text, at) in messages {
            progress.message = message;
            line.index(conversation, Some(message), &text, at);
        }
        store::terms::set_progress(&mut line.tx, progress).await?;
        line.commit().await?;
        Ok(!progress.is_done)
    }
}

impl Handler for Terms {
    const KIND: &'static str = "terms";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        while self.page(&job).await? {}
        Ok(Done::Finished)
    }

    /// The sweeper begins it anew: it goes on where it stopped.
    async fn set_aside(&self, job: &Job) {
        tracing::error!(tenant = ?job.tenant, "the words of old messages cannot be collected now");
    }
}
