//! Stand-ins for the four services. They let in only whom the real ones would, answer with samples and remember what was asked.

mod admin_side;
mod assistant;
mod catalogue;
mod connecting;
mod inbox_side;
mod leaving;
mod served;
mod teaching;
mod team_side;
mod tenants_side;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use chatdesk_platform::{Caller, Error, grpc};
use chatdesk_proto::catalog::v1 as catalog;
use chatdesk_proto::inbox::v1 as inbox;
use chatdesk_proto::tenants::v1 as tenants;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::samples;

/// What the stand-ins know and remember.
pub struct Fakes {
    /// Every call in order: the method, who called, and the request in debug form.
    pub calls: Mutex<Vec<(&'static str, Caller, String)>>,
    /// Bodies that were kept.
    pub kept: Mutex<Vec<(i32, Vec<u8>)>>,
    /// What the next call fails with.
    failure: Mutex<Option<Status>>,
    /// The next call never ends until this is cancelled.
    pub hold: Mutex<Option<CancellationToken>>,
    /// How long an admin may look at a business, in seconds.
    pub visit_seconds: AtomicI64,
    /// With the export each is for; empty for a socket.
    pub tickets: Mutex<HashMap<(String, String), tenants::TicketHolder>>,
    next: AtomicU64,
    /// Who is suspended, and which sessions are over; none when nobody answers that.
    pub sessions: Mutex<Option<tenants::CheckSessionsResponse>>,
    journal: watch::Sender<Vec<inbox::Event>>,
    /// Events up to this seq are no longer kept.
    pub forgotten: AtomicU64,
    /// Breaks the streams that are open.
    cut: Mutex<CancellationToken>,
    /// Streams opened so far.
    pub streams: AtomicU64,
    /// Files that arrived whole, with what was announced.
    pub uploads: Mutex<Vec<(tenants::UploadStart, Vec<u8>)>>,
    /// Files of products that arrived whole, with what was announced.
    pub files: Mutex<Vec<(catalog::ImportStart, Vec<u8>)>>,
    /// What the next upload is refused with, before it is read.
    pub upload_refusal: Mutex<Option<Status>>,
    /// Uploads under way.
    pub uploading: watch::Sender<u32>,
    /// Pages of other channels that come before the page with the sample.
    pub other_channels: AtomicU64,
    /// How the channel is that the gateway looks at for its sockets, and how often it looked.
    pub watched: watch::Sender<(tenants::Channel, u64)>,
}

impl Fakes {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            calls: Mutex::default(),
            kept: Mutex::default(),
            failure: Mutex::default(),
            hold: Mutex::default(),
            visit_seconds: AtomicI64::new(900),
            tickets: Mutex::default(),
            next: AtomicU64::new(1),
            sessions: Mutex::new(Some(tenants::CheckSessionsResponse::default())),
            journal: watch::Sender::new(Vec::new()),
            forgotten: AtomicU64::new(0),
            cut: Mutex::default(),
            streams: AtomicU64::new(0),
            uploads: Mutex::default(),
            files: Mutex::default(),
            upload_refusal: Mutex::default(),
            uploading: watch::Sender::new(0),
            other_channels: AtomicU64::new(0),
            watched: watch::Sender::new((samples::channel(), 0)),
        })
    }

    /// The next call fails like this.
    pub fn fail(&self, error: Error) {
        *self.failure.lock().unwrap() = Some(error.into());
    }

    /// What is told of sessions from now on.
    pub fn tell_sessions(&self, change: impl FnOnce(&mut tenants::CheckSessionsResponse)) {
        change(self.sessions.lock().unwrap().get_or_insert_default());
    }

    /// Methods that were called, in order, but the question of how a session stands.
    pub fn reached(&self) -> Vec<&'static str> {
        let calls = self.calls.lock().unwrap();
        calls.iter().map(|(method, ..)| *method).filter(|method| *method != "CheckSessions").collect()
    }

    /// How often a method was called.
    pub fn count(&self, method: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|(name, ..)| *name == method).count()
    }

    /// Who called a method last, and with what.
    pub fn last(&self, method: &str) -> (Caller, String) {
        let calls = self.calls.lock().unwrap();
        let (_, caller, request) = calls.iter().rev().find(|(name, ..)| *name == method).expect("a call");
        (*caller, request.clone())
    }

    /// Something happens in the inbox; gives its seq.
    pub fn happen(&self, text: &str) -> u64 {
        self.happen_as(inbox::EventType::MessageCreated.into(), text)
    }

    /// The same as an event of some type, which may be one of tomorrow's.
    pub fn happen_as(&self, kind: i32, text: &str) -> u64 {
        let mut seq = 0;
        self.journal.send_modify(|journal| {
            seq = journal.len() as u64 + 1;
            let resource = Some(inbox::event::Resource::Message(samples::inbound(text)));
            journal.push(inbox::Event { seq, r#type: kind, resource, created_at: None });
        });
        seq
    }

    /// The inbox is restored from a copy that knows only so many events, which breaks every open stream.
    pub fn restore(&self, events: usize) {
        self.journal.send_modify(|journal| journal.truncate(events));
        self.cut_streams();
    }

    /// Breaks every open stream.
    pub fn cut_streams(&self) {
        std::mem::take(&mut *self.cut.lock().unwrap()).cancel();
    }

    /// A member's ticket for a socket.
    pub fn ticket(&self, tenant: &str, session: &str) -> String {
        self.ticket_for("", tenant, session)
    }

    fn ticket_for(&self, export: &str, tenant: &str, session: &str) -> String {
        let ticket = format!("t{}", self.next.fetch_add(1, Ordering::SeqCst));
        let holder = tenants::TicketHolder {
            user_id: samples::USER.into(),
            tenant_id: tenant.into(),
            member_role: tenants::MemberRole::Agent.into(),
            session_id: session.into(),
        };
        self.tickets.lock().unwrap().insert((ticket.clone(), export.to_owned()), holder);
        ticket
    }

    async fn seen<T: std::fmt::Debug>(&self, method: &'static str, request: &Request<T>) -> Result<(), Status> {
        let caller = grpc::caller(request)?;
        self.calls.lock().unwrap().push((method, caller, format!("{:?}", request.get_ref())));
        let hold = self.hold.lock().unwrap().take();
        if let Some(hold) = hold {
            hold.cancelled().await;
        }
        match self.failure.lock().unwrap().take() {
            Some(status) => Err(status),
            None => Ok(()),
        }
    }
}

struct Fake(Arc<Fakes>);

/// Counts an upload while it runs, however it ends.
struct Open(Arc<Fakes>);

impl Open {
    fn new(fakes: &Arc<Fakes>) -> Self {
        fakes.uploading.send_modify(|count| *count += 1);
        Self(Arc::clone(fakes))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.uploading.send_modify(|count| *count -= 1);
    }
}

type Answer<T> = Result<Response<T>, Status>;
