//! Tenants who take their data along, and tenants who are deleted: this service's part of both, and what begins the others'.
//!
//! A deletion goes from service to service: closed here, so that nothing arrives any more; then the inbox's rows, the catalogue's, and ours.

use std::time::Duration;

use chatdesk_platform::db::erase::{Erase, Eraser};
use chatdesk_platform::db::export::{Exporter, Line, Share};
use chatdesk_platform::db::{Done, DueItem, Handler, Job, TenantTx, Worker, WorkerConfig, schedule, schedule_missing};
use chatdesk_platform::{Caller, Error, ServiceName, Shutdown, TenantId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::take_turns;
use crate::audit::{self, Entry};
use crate::store::{channel, erase, export, page, privacy};
use crate::{Service, State};

/// The kinds by which each service writes its share of an export.
pub const EXPORTS: [(ServiceName, &str); 3] = [
    (ServiceName::Tenants, TenantsShare::KIND),
    (ServiceName::Inbox, "export_inbox"),
    (ServiceName::Catalog, "export_catalog"),
];
/// The kind by which the inbox forgets a contact.
const ERASE_CONTACT: &str = "erase_contact";
/// The kind by which the inbox says of a contact that Meta asked us to forget them.
pub const FORGET_CONTACT: &str = ForgetContact::KIND;
/// The kind that begins a deletion.
pub const CLOSE: &str = "close_tenant";
/// The kinds by which this service ends it, and writes its share of an export.
pub const ERASE: &str = EraseTenants::KIND;
/// See [`ERASE`].
pub const EXPORT: &str = TenantsShare::KIND;
/// What comes after it.
const ERASE_INBOX: &str = "erase_inbox";
/// All of them, in their order.
const DELETION: [&str; 4] = [CLOSE, ERASE_INBOX, "erase_catalog", EraseTenants::KIND];
/// One at a time, for as long as it takes: nobody else would ever do it.
const WORKER: WorkerConfig = WorkerConfig {
    concurrency: 1,
    lease: Duration::from_secs(60),
    max_attempts: i32::MAX,
    base_wait: Duration::from_secs(1),
};

/// The work that closes a tenant.
pub const fn closing(tenant: TenantId) -> DueItem {
    DueItem { kind: CLOSE, tenant: Some(tenant), entity: tenant.0 }
}

/// Has a contact forgotten, and notes who asked; again is one request.
pub async fn forget_contact(
    tx: &mut TenantTx,
    caller: &Caller,
    contact: Uuid,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if privacy::erase_contact(tx, contact, now).await? {
        let work = DueItem { kind: ERASE_CONTACT, tenant: Some(tx.tenant()), entity: contact };
        schedule(tx.conn(), work, now).await?;
        audit::note(tx, caller, Entry::new("contact.erased", format!("contact:{contact}"))).await?;
    }
    Ok(())
}

/// Runs until the shutdown begins.
pub fn start(service: &Service, shutdown: &Shutdown) {
    let State { db, clock, wakes, .. } = &*service.state;
    let exporter = Exporter::new(db.clone(), clock.clone(), shutdown.clone(), TenantsShare);
    let config = WorkerConfig { max_attempts: 20, ..WORKER };
    Worker::new(db.clone(), wakes.clone(), config, ServiceName::Tenants, exporter).start(shutdown);
    let close = Close { service: service.clone() };
    Worker::new(db.clone(), wakes.clone(), WORKER, ServiceName::Tenants, close).start(shutdown);
    let forget = ForgetContact { service: service.clone() };
    Worker::new(db.clone(), wakes.clone(), WORKER, ServiceName::Tenants, forget).start(shutdown);
    let eraser = Eraser::new(db.clone(), clock.clone(), EraseTenants);
    Worker::new(db.clone(), wakes.clone(), WORKER, ServiceName::Tenants, eraser).start(shutdown);
    let service = service.clone();
    take_turns(shutdown, None, "cannot look for what tenants asked for", move || plan(service.clone()));
}

/// Makes work that is owed and missing.
async fn plan(service: Service) -> Result<(), Error> {
    let state = &service.state;
    let mut tx = state.db.system().await?;
    for (tenant, export) in privacy::all_exports(&mut tx).await? {
        for (_, kind) in EXPORTS {
            schedule_missing(tx.conn(), kind, tenant, &[export], state.clock.now()).await?;
        }
    }
    for (tenant, at) in privacy::unworked_deletions(&mut tx, &DELETION).await? {
        schedule_missing(tx.conn(), CLOSE, tenant, &[tenant.0], at).await?;
    }
    tx.commit().await
}

/// This service's share of an export.
#[derive(Clone)]
pub struct TenantsShare;

impl Share for TenantsShare {
    const SERVICE: ServiceName = ServiceName::Tenants;
    const KIND: &'static str = "export_tenants";
    const FILES: &'static [&'static str] =
        &["business.ndjson", "people.ndjson", "channels.ndjson", "saved_replies.ndjson"];
    type Parts = export::Parts;

    async fn lines(&self, tx: &mut TenantTx, file: &'static str, after: Uuid) -> Result<Vec<Line>, Error> {
        match file {
            "business.ndjson" => export::business(tx, after).await,
            "people.ndjson" => export::people(tx, after).await,
            "channels.ndjson" => export::channels(tx, after).await,
            "saved_replies.ndjson" => export::saved_replies(tx, after).await,
            _ => Err(Error::internal("an export has no such file")),
        }
    }

    /// The others' shares find nothing of it any more, and go too.
    async fn over(&self, tx: &mut TenantTx, id: Uuid) -> Result<(), Error> {
        privacy::forget_export(tx, id).await
    }
}

/// Has a contact forgotten whom Meta asked us to forget.
struct ForgetContact {
    service: Service,
}

impl Handler for ForgetContact {
    const KIND: &'static str = "forget_contact";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let (state, caller) = (&self.service.state, job.caller()?);
        let mut tx = state.db.begin(&caller).await?;
        job.fence(tx.conn()).await?;
        forget_contact(&mut tx, &caller, job.entity, state.clock.now()).await?;
        tx.commit().await?;
        Ok(Done::Finished)
    }
}

/// Closes a tenant whose time has come.
struct Close {
    service: Service,
}

impl Handler for Close {
    const KIND: &'static str = CLOSE;

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let (state, caller) = (&self.service.state, job.caller()?);
        let mut tx = state.db.begin(&caller).await?;
        // The tenant's row first: whoever takes the deletion back holds it too.
        let Some(delete_after) = privacy::delete_after(&mut tx).await? else { return Ok(Done::Finished) };
        if state.clock.now() < delete_after {
            return Ok(Done::At(delete_after));
        }
        job.fence(tx.conn()).await?;
        if privacy::begin_deletion(&mut tx).await? {
            erase::shut_out(&mut tx).await?;
            let entry = Entry::new("tenant.deleted", format!("tenant:{}", tx.tenant()));
            audit::note(&mut tx, &caller, entry).await?;
        }
        let channels = channel::list(&mut tx, None, i64::MAX).await?;
        tx.commit().await?;
        for channel in channels.into_iter().filter(|channel| channel.is_active) {
            // Before the token goes: Meta stops sending.
            self.service.unsubscribe(&caller, channel.id).await?;
            let mut tx = state.db.begin(&caller).await?;
            channel::disconnect(&mut tx, channel.id, state.clock.now()).await?;
            page::rests_on(&mut tx, channel.id, &[]).await?;
            tx.commit().await?;
        }
        let mut tx = state.db.begin(&caller).await?;
        job.fence(tx.conn()).await?;
        // Only those go on that finish what this began.
        erase::drop_work(&mut tx, &DELETION).await?;
        let next = DueItem { kind: ERASE_INBOX, tenant: job.tenant, entity: job.entity };
        schedule(tx.conn(), next, state.clock.now()).await?;
        job.finish(tx.conn()).await?;
        tx.commit().await?;
        Ok(Done::Settled)
    }
}

/// This service's part of a deletion, the last.
struct EraseTenants;

impl Erase for EraseTenants {
    const KIND: &'static str = "erase_tenants";
    const NEXT: Option<&'static str> = None;

    async fn piece(&self, tx: &mut TenantTx, most: i64) -> Result<u64, Error> {
        let gone = erase::piece(tx, most).await?;
        if gone == 0 {
            erase::drop_work(tx, &[Self::KIND]).await?;
        }
        Ok(gone)
    }
}
