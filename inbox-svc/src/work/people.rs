//! Looks for somebody whom Meta asked us to forget among the contacts of every tenant, until they are none any more. Who forgets them is
//! whoever does it when a person asks: the business's account, which notes it.

use chatdesk_platform::Error;
use chatdesk_platform::db::{Done, Handler, Job, schedule_missing};
use chrono::TimeDelta;

use crate::desk::Desk;
use crate::store::{people, routing};

/// By which tenants-svc notes that a contact is to be forgotten, and has it done.
const FORGET_CONTACT: &str = "forget_contact";
/// How far Meta's clock may be behind ours.
const SKEW: TimeDelta = TimeDelta::seconds(5);
/// When it is looked again whether those who were found are gone.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(2);

/// The work of kind `find_person`, whose entity is somebody who is looked for.
pub struct FindPerson {
    desk: Desk,
}

impl FindPerson {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

impl Handler for FindPerson {
    const KIND: &'static str = "find_person";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let db = &self.desk.db;
        let mut tx = db.system().await?;
        let Some(sought) = people::get(&mut tx, job.entity).await? else { return Ok(Done::Finished) };
        let tenants = routing::tenants(&mut tx).await?;
        tx.commit().await?;
        let mut is_anywhere = false;
        for tenant in tenants {
            let mut tx = db.begin(&job.scope.caller(tenant)).await?;
            let found = people::contacts(&mut tx, &sought.user, sought.issued_at + SKEW).await?;
            is_anywhere |= !found.is_empty();
            schedule_missing(tx.conn(), FORGET_CONTACT, tenant, &found, self.desk.clock.now()).await?;
            tx.commit().await?;
        }
        if is_anywhere {
            return Ok(Done::At(self.desk.clock.now() + LOOK_AGAIN));
        }
        let mut tx = db.system().await?;
        job.fence(tx.conn()).await?;
        people::done(&mut tx, job.entity, &sought).await?;
        tx.commit().await?;
        Ok(Done::Finished)
    }

    /// The row stays, so the sweeper begins it anew.
    async fn set_aside(&self, job: &Job) {
        tracing::error!(person = %job.entity, "somebody whom Meta asked us to forget cannot be looked for now");
    }
}
