//! Sends mails. At least once: a mail whose sending was cut off is sent again, as the same mail.

use std::time::Duration;

use chatdesk_platform::db::{Done, DueItem, Handler, Job, Worker, WorkerConfig};
use chatdesk_platform::{Error, ServiceName, Shutdown, TenantId};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::letter::{Letter, Reader};
use crate::mail::Mail;
use crate::rotation::Opaque;
use crate::store::{account, mail, reset};
use crate::{Service, State};

/// The kind of the work.
pub const KIND: &str = "mail";
const WORKER: WorkerConfig = WorkerConfig {
    concurrency: 2,
    lease: Duration::from_secs(60),
    // Refused for good: a person has to look.
    max_attempts: 5,
    base_wait: Duration::from_secs(1),
};

/// The work of one mail.
pub const fn item(tenant: Option<TenantId>, mail: Uuid) -> DueItem {
    DueItem { kind: KIND, tenant, entity: mail }
}

/// Runs until the shutdown begins. Without a mail server nothing is due.
pub fn start(service: &Service, shutdown: &Shutdown) {
    if service.state.mailer.is_none() {
        return;
    }
    let State { db, wakes, .. } = &*service.state;
    let handler = Send { service: service.clone() };
    Worker::new(db.clone(), wakes.clone(), WORKER, ServiceName::Tenants, handler).start(shutdown);
}

struct Send {
    service: Service,
}

impl Handler for Send {
    const KIND: &'static str = KIND;

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let state = &self.service.state;
        let (id, now) = (job.entity, state.clock.now());
        let mut tx = state.db.system().await?;
        let found = mail::get(&mut tx, id).await?;
        tx.commit().await?;
        let Some(row) = found else { return Ok(Done::Finished) };
        if now < row.expires_at {
            let mailer = state.mailer.as_ref().ok_or(Error::Unavailable("SMTP_URL"))?;
            let home = state.home.get().ok_or(Error::Unavailable("PUBLIC_URL"))?;
            let mail = state.open_mail(job.tenant, id, &row.sealed)?;
            if let Some(token) = self.token(id, &mail, row.expires_at, now).await? {
                let link = mail.letter.link(home, token.expose_secret());
                // What is written to no business's people is written to platform admins, but for forgotten passwords, which are the same for all.
                let reader = if job.tenant.is_some() { Reader::Member } else { Reader::Admin };
                let (subject, text) = mail.letter.write(mail.language, reader, &link);
                mailer.send(id, &mail.to, subject, text).await?;
            }
        }
        let mut tx = state.db.system().await?;
        job.fence(tx.conn()).await?;
        mail::delete(&mut tx, id).await?;
        job.finish(tx.conn()).await?;
        tx.commit().await?;
        Ok(Done::Settled)
    }
}

impl Send {
    /// What the mail's link carries; none when there is nobody to send it to. A forgotten password's is made good here, where nobody waits
    /// who could tell from the time whether the address is somebody's.
    async fn token(
        &self,
        id: Uuid,
        mail: &Mail,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<SecretString>, Error> {
        let state = &self.service.state;
        let token = Opaque::of_mail(&state.keys, id);
        if let Letter::ForgottenPassword = mail.letter {
            let email_hash = state.keys.email_hash(&mail.to);
            let mut tx = state.db.system().await?;
            let Some(login) = account::find_login(&mut tx, &email_hash).await? else { return Ok(None) };
            let is_open = reset::open(&mut tx, &token.hash(), &login, &email_hash, expires_at, now).await?;
            tx.commit().await?;
            if !is_open {
                return Ok(None);
            }
        }
        Ok(Some(token.show()))
    }
}
