//! Who sits where. A tenant has a room while it has sockets.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{Identity, Shutdown, TenantId, UserId};
use serde::Serialize;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::follow;
use super::frame::{Frame, Place, encode};
use crate::config::LiveConfig;
use crate::problem::Problem;

/// How long a new socket waits for its tenant's events to be reachable.
const OPENING: Duration = Duration::from_secs(5);
/// The most sockets of one tenant on one gateway.
const CROWD: usize = 5_000;

/// Why a socket is closed from our side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The session it was opened with is over.
    SessionOver,
    /// The tenant is suspended.
    Suspended,
}

/// Who opened a socket.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Their business.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// The session that asked for the ticket.
    pub session: Uuid,
}

/// All rooms of this process. Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    inbox: Peer,
    tenants: Peer,
    config: LiveConfig,
    shutdown: Shutdown,
    rooms: Mutex<HashMap<TenantId, Occupied>>,
    next: AtomicU64,
}

struct Occupied {
    room: Arc<Room>,
    seats: HashMap<u64, (Uuid, watch::Sender<Option<Ending>>)>,
}

/// A tenant's frames and how far they have got.
pub struct Room {
    /// The newest seq that was sent to the seats; none until the stream has said where it stands. It changes together with the
    /// sending, so that whoever reads it while subscribing misses nothing and gets nothing twice.
    head: watch::Sender<Option<u64>>,
    frames: broadcast::Sender<Arc<Frame>>,
    stop: CancellationToken,
}

impl Room {
    /// Where the stream stands.
    pub fn head(&self) -> Option<u64> {
        *self.head.borrow()
    }

    /// Ends when nobody sits here any more.
    pub const fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Sends a frame and notes how far the room has got.
    pub fn advance(&self, seq: u64, frame: Option<Frame>) {
        self.head.send_modify(|head| {
            *head = Some(seq);
            if let Some(frame) = frame {
                // Nobody listening is no failure: the last one may be leaving.
                drop(self.frames.send(Arc::new(frame)));
            }
        });
    }

    fn enter(&self) -> Option<(u64, broadcast::Receiver<Arc<Frame>>)> {
        let head = self.head.borrow();
        let frames = self.frames.subscribe();
        head.map(|head| (head, frames))
    }
}

impl Hub {
    /// An empty one.
    pub fn new(inbox: Peer, tenants: Peer, config: LiveConfig, shutdown: Shutdown) -> Self {
        let (rooms, next) = (Mutex::default(), AtomicU64::new(1));
        Self(Arc::new(Inner { inbox, tenants, config, shutdown, rooms, next }))
    }

    /// How sockets behave.
    pub fn config(&self) -> LiveConfig {
        self.0.config
    }

    /// Tells sockets and rooms that the process ends.
    pub fn shutdown(&self) -> &Shutdown {
        &self.0.shutdown
    }

    /// Where events come from.
    pub fn inbox(&self) -> &Peer {
        &self.0.inbox
    }

    /// Who knows whether sessions are over, and how channels are.
    pub fn tenants(&self) -> &Peer {
        &self.0.tenants
    }

    /// A seat in the member's room, once it is known how far the room's events have got.
    pub async fn join(&self, member: Member) -> Result<Seat, Problem> {
        let (end, ending) = watch::channel(None);
        let (id, room) = self.take_seat(&member, end)?;
        let leaving = Leaving { hub: self.clone(), tenant: member.tenant, id };
        let mut head = room.head.subscribe();
        let known = tokio::time::timeout(OPENING, head.wait_for(Option::is_some)).await;
        // The borrow that the wait returns must not outlive this line: the stream writes through it.
        let known = matches!(known, Ok(Ok(_)));
        let (head, frames) = room.enter().filter(|_| known).ok_or_else(Problem::unavailable)?;
        Ok(Seat { id, member, head, frames, ending, room, _leaving: leaving })
    }

    fn take_seat(&self, member: &Member, end: watch::Sender<Option<Ending>>) -> Result<(u64, Arc<Room>), Problem> {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let mut rooms = self.rooms();
        let occupied = rooms.entry(member.tenant).or_insert_with(|| self.open(member.tenant));
        if occupied.seats.len() >= CROWD {
            return Err(Problem::unavailable());
        }
        occupied.seats.insert(id, (member.session, end));
        metrics::gauge!("chatdesk_gateway_sockets").increment(1.0);
        Ok((id, Arc::clone(&occupied.room)))
    }

    fn open(&self, tenant: TenantId) -> Occupied {
        let room = Arc::new(Room {
            head: watch::Sender::new(None),
            frames: broadcast::Sender::new(self.0.config.queue),
            stop: CancellationToken::new(),
        });
        self.0.shutdown.spawn(follow::events(self.clone(), tenant, Arc::clone(&room)));
        self.0.shutdown.spawn(follow::sessions(self.clone(), tenant, room.stop.clone()));
        self.0.shutdown.spawn(follow::channels(self.clone(), tenant, room.stop.clone()));
        Occupied { room, seats: HashMap::new() }
    }

    fn leave(&self, tenant: TenantId, id: u64) {
        let mut rooms = self.rooms();
        let Some(occupied) = rooms.get_mut(&tenant) else { return };
        if occupied.seats.remove(&id).is_some() {
            metrics::gauge!("chatdesk_gateway_sockets").decrement(1.0);
        }
        if occupied.seats.is_empty() {
            occupied.room.stop.cancel();
            rooms.remove(&tenant);
        }
    }

    /// Sends a frame without a seq to all sockets of the caller's tenant.
    pub fn publish<T: Serialize>(&self, identity: &Identity, kind: &str, data: &T) {
        let Some(tenant) = identity.tenant() else { return };
        let Some(text) = encode(None, kind, data) else { return };
        if let Some(occupied) = self.rooms().get(&tenant) {
            drop(occupied.room.frames.send(Arc::new(Frame { place: Place::Loose, from: None, text })));
        }
    }

    /// The sessions that have sockets of this tenant open.
    pub fn sessions(&self, tenant: TenantId) -> Vec<Uuid> {
        let rooms = self.rooms();
        let seats = rooms.get(&tenant).map(|occupied| occupied.seats.values().map(|(session, _)| *session));
        let mut sessions: Vec<_> = seats.into_iter().flatten().collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions
    }

    /// Closes all sockets of a tenant.
    pub fn end(&self, tenant: TenantId, why: Ending) {
        self.end_where(tenant, why, |_| true);
    }

    /// Closes the sockets of some sessions of a tenant.
    pub fn end_where(&self, tenant: TenantId, why: Ending, over: impl Fn(&Uuid) -> bool) {
        if let Some(occupied) = self.rooms().get(&tenant) {
            for (_, end) in occupied.seats.values().filter(|(session, _)| over(session)) {
                end.send_replace(Some(why));
            }
        }
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<TenantId, Occupied>> {
        self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One socket's place in its tenant's room. Dropping it leaves the room.
pub struct Seat {
    /// Names the socket within the process.
    pub id: u64,
    /// Who sits here.
    pub member: Member,
    /// Everything after this seq arrives through `frames`.
    pub head: u64,
    /// Frames to send. A seat that falls behind by more than the queue gets an error instead.
    pub frames: broadcast::Receiver<Arc<Frame>>,
    /// Why to close, when there is a reason.
    pub ending: watch::Receiver<Option<Ending>>,
    room: Arc<Room>,
    _leaving: Leaving,
}

impl Seat {
    /// Sends a frame without a seq to the tenant's other sockets.
    pub fn relay<T: Serialize>(&self, kind: &str, data: &T) {
        if let Some(text) = encode(None, kind, data) {
            drop(self.room.frames.send(Arc::new(Frame { place: Place::Loose, from: Some(self.id), text })));
        }
    }
}

struct Leaving {
    hub: Hub,
    tenant: TenantId,
    id: u64,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.hub.leave(self.tenant, self.id);
    }
}
