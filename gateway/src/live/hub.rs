//! Who sits where. A tenant has a room while it has sockets.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use chatdesk_platform::bus::{Bus, Heard, Topic};
use chatdesk_platform::{Clock, Identity, Shutdown, TenantId, UserId, full_jitter};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::{Notify, broadcast, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::follow;
use super::frame::{Frame, Place, encode, up_to};
use super::shared::{self, Note};
use crate::app::Peers;
use crate::config::LiveConfig;
use crate::problem::Problem;

/// How long a new socket waits for its tenant's events to be reachable.
const OPENING: Duration = Duration::from_secs(5);
/// The most sockets of one tenant on one gateway.
const CROWD: usize = 5_000;
/// Over how long sockets are told to load everything again, when all of them must.
const RELOADING: Duration = Duration::from_secs(10);

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
    peers: Peers,
    config: LiveConfig,
    bus: Bus,
    clock: Clock,
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
    /// Another gateway says that a channel changed.
    channels: Notify,
    stop: CancellationToken,
}

impl Room {
    /// Where the stream stands.
    pub fn head(&self) -> Option<u64> {
        *self.head.borrow()
    }

    /// Sends a frame without a seq.
    pub fn pass_on(&self, text: Utf8Bytes, from: Option<u64>) {
        // As in `advance`.
        drop(self.frames.send(Arc::new(Frame { place: Place::Loose, from, text })));
    }

    /// Tells every socket to load everything again: something without a seq may have been missed.
    fn reload(&self) {
        self.head.send_if_modified(|head| {
            if let Some(seq) = *head {
                let frame = Frame { place: Place::Restart(seq), from: None, text: up_to(seq, "resync") };
                drop(self.frames.send(Arc::new(frame)));
            }
            false
        });
    }

    /// Another gateway says that a channel changed.
    pub fn look_at_channels(&self) {
        self.channels.notify_one();
    }

    /// Waits until that is said.
    pub async fn channels_changed(&self) {
        self.channels.notified().await;
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
    /// An empty one, which other gateways' are joined to over `bus`.
    pub fn new(peers: Peers, config: LiveConfig, bus: Bus, clock: Clock, shutdown: Shutdown) -> Self {
        let (rooms, next) = (Mutex::default(), AtomicU64::new(1));
        let hub = Self(Arc::new(Inner { peers, config, bus, clock, shutdown, rooms, next }));
        let ears = hub.clone();
        hub.0.bus.listen(Topic::Frame, &hub.0.shutdown, move |heard| ears.hear(heard));
        hub
    }

    fn hear(&self, heard: Heard) {
        match heard {
            Heard::Word { tenant, payload } => {
                if let Some(room) = self.room(tenant) {
                    shared::show(self, tenant, &room, &payload);
                }
            }
            // Events are followed by their numbers whatever happens. What has none and was told meanwhile is only found by loading it again.
            Heard::Back => {
                for room in self.rooms().values().map(|occupied| Arc::clone(&occupied.room)) {
                    let wait = full_jitter(0, RELOADING, RELOADING);
                    let stop = room.stop.clone();
                    self.0.shutdown.spawn(async move {
                        // A room that nobody sits in any more, or a process that ends, keeps nobody waiting.
                        if tokio::time::timeout(wait, stop.cancelled()).await.is_err() {
                            room.reload();
                        }
                    });
                }
            }
        }
    }

    fn room(&self, tenant: TenantId) -> Option<Arc<Room>> {
        self.rooms().get(&tenant).map(|occupied| Arc::clone(&occupied.room))
    }

    /// How sockets behave.
    pub fn config(&self) -> LiveConfig {
        self.0.config
    }

    /// Tells sockets and rooms that the process ends.
    pub fn shutdown(&self) -> &Shutdown {
        &self.0.shutdown
    }

    /// Where events come from, and who knows how everything else is.
    pub fn peers(&self) -> &Peers {
        &self.0.peers
    }

    /// The present moment.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
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
        Ok(Seat { id, member, head, frames, ending, room, leaving })
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
            channels: Notify::new(),
            stop: CancellationToken::new(),
        });
        self.0.shutdown.spawn(follow::events(self.clone(), tenant, Arc::clone(&room)));
        self.0.shutdown.spawn(follow::sessions(self.clone(), tenant, room.stop.clone()));
        self.0.shutdown.spawn(follow::channels(self.clone(), tenant, Arc::clone(&room)));
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

    /// Shows a frame without a seq to all sockets of the caller's tenant: to those here as it is, to those of other gateways what they find when they
    /// look at what the note names.
    pub fn publish<T: Serialize>(&self, identity: &Identity, kind: &str, data: &T, note: &Note) {
        let Some(tenant) = identity.tenant() else { return };
        self.show(tenant, kind, data);
        self.0.bus.tell(Topic::Frame, tenant, note.encode());
    }

    /// Shows a frame that has nothing but ids to all sockets of the caller's tenant, wherever they are.
    pub fn publish_ids<T: Serialize>(&self, identity: &Identity, kind: &str, data: &T) {
        if let (Some(tenant), Some(text)) = (identity.tenant(), encode(None, kind, data)) {
            self.0.bus.tell(Topic::Frame, tenant, Note::frame(&text));
            if let Some(room) = self.room(tenant) {
                room.pass_on(text, None);
            }
        }
    }

    /// Shows a frame without a seq to the tenant's sockets here.
    pub fn show<T: Serialize>(&self, tenant: TenantId, kind: &str, data: &T) {
        if let (Some(room), Some(text)) = (self.room(tenant), encode(None, kind, data)) {
            room.pass_on(text, None);
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
    leaving: Leaving,
}

impl Seat {
    /// Sends a frame that has nothing but ids, and is about this moment, to the tenant's other sockets, wherever they are.
    pub fn relay<T: Serialize>(&self, kind: &str, data: &T) {
        if let Some(text) = encode(None, kind, data) {
            self.leaving.hub.0.bus.tell_now(Topic::Frame, self.member.tenant, Note::frame(&text));
            self.room.pass_on(text, Some(self.id));
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
