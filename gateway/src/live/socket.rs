//! One socket from `hello` to its close.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use chatdesk_platform::TenantId;
use chatdesk_platform::grpc::MAX_ANSWER;
use chatdesk_proto::inbox::v1::ListEventsRequest;
use chatdesk_proto::inbox::v1::event_service_client::EventServiceClient;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_tungstenite::tungstenite;
use tonic::Status;

use super::frame::{EventFrame, Frame, Place, error, hello, up_to};
use super::hub::{Ending, Hub, Seat};
use super::inbound::{About, Inbound, parse};

/// Client frames per second, and how many may come at once.
const CHATTER: (u32, u32) = (20, 100);
/// More than this many missed events are faster loaded than replayed.
const LONGEST_REPLAY: u64 = 2_000;
/// Events of one page of a replay.
const REPLAY_PAGE: u32 = 200;
/// How long the inbox may take over a page.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a client may take to confirm a close.
const GOODBYE: Duration = Duration::from_millis(500);

/// Close codes: the registered ones of RFC 6455 §7.4.1 and ours.
mod code {
    pub const DRAIN: u16 = 1001;
    pub const PROTOCOL: u16 = 1002;
    pub const UNSUPPORTED: u16 = 1003;
    pub const NOT_UTF8: u16 = 1007;
    pub const POLICY: u16 = 1008;
    pub const TOO_BIG: u16 = 1009;
    pub const TRY_LATER: u16 = 1013;
    pub const SESSION_OVER: u16 = 4401;
    pub const SUSPENDED: u16 = 4403;
}

/// Why a socket ends.
enum End {
    /// The other side is gone, or will not take more.
    Gone,
    /// Say why, then go.
    Close(u16, &'static str),
}

/// Serves one socket until it ends, for whatever reason.
pub async fn serve(socket: WebSocket, seat: Seat, hub: Hub) {
    let quota = Quota::per_second(nonzero(CHATTER.0)).allow_burst(nonzero(CHATTER.1));
    let head = seat.head;
    let mut link = Link {
        socket,
        seat,
        hub,
        sent: head,
        complete_after: head,
        heard: Instant::now(),
        chatter: RateLimiter::direct(quota),
    };
    match link.run().await {
        Ok(()) | Err(End::Gone) => {}
        Err(End::Close(code, reason)) => link.close(code, reason).await,
    }
}

const fn nonzero(number: u32) -> std::num::NonZeroU32 {
    match std::num::NonZeroU32::new(number) {
        Some(number) => number,
        None => std::num::NonZeroU32::MIN,
    }
}

struct Link {
    socket: WebSocket,
    seat: Seat,
    hub: Hub,
    /// The newest seq this socket was sent; events up to it never come again.
    sent: u64,
    /// Everything after this seq, up to `sent`, was sent to this socket.
    complete_after: u64,
    heard: Instant,
    chatter: DefaultDirectRateLimiter,
}

impl Link {
    async fn run(&mut self) -> Result<(), End> {
        let config = self.hub.config();
        let drain = self.hub.shutdown().token();
        self.send(Message::Text(hello(self.sent))).await?;
        // What the client missed must come before what is new, so what is new waits a moment for a resume.
        let grace = Instant::now() + config.resume_grace;
        let mut holding = true;
        let mut pings = interval_at(Instant::now() + config.ping_every, config.ping_every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ending = self.seat.ending.clone();
        loop {
            tokio::select! {
                biased;
                () = drain.cancelled() => return Err(End::Close(code::DRAIN, "the server restarts, connect again")),
                end = ended(&mut ending) => return Err(end),
                said = self.socket.recv() => {
                    self.hear(said).await?;
                    holding = false;
                }
                () = sleep_until(grace), if holding => holding = false,
                frame = self.seat.frames.recv(), if !holding => match frame {
                    Ok(frame) => self.pass_on(&frame).await?,
                    Err(RecvError::Closed) => return Err(End::Gone),
                    Err(RecvError::Lagged(_)) => {
                        metrics::counter!("chatdesk_gateway_slow_sockets_total").increment(1);
                        return Err(End::Close(code::TRY_LATER, "too slow, connect again and resume"));
                    }
                },
                _ = pings.tick() => {
                    if self.heard.elapsed() > config.dead_after {
                        return Err(End::Gone);
                    }
                    self.send(Message::Ping(bytes::Bytes::new())).await?;
                }
            }
        }
    }

    async fn pass_on(&mut self, frame: &Arc<Frame>) -> Result<(), End> {
        if frame.from == Some(self.seat.id) {
            return Ok(());
        }
        match frame.place {
            Place::Event(seq) | Place::Resync(seq) if seq <= self.sent => return Ok(()),
            Place::Event(seq) => self.sent = seq,
            Place::Resync(seq) | Place::Restart(seq) => (self.sent, self.complete_after) = (seq, seq),
            Place::Loose => {}
        }
        self.send(Message::Text(frame.text.clone())).await
    }

    async fn hear(&mut self, said: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let message = said.ok_or(End::Gone)?.map_err(broken)?;
        self.heard = Instant::now();
        if self.chatter.check().is_err() {
            return Err(End::Close(code::POLICY, "too many frames"));
        }
        match message {
            Message::Text(text) => match parse(text.as_str()) {
                Ok(Inbound::Resume { after }) => self.resume(after).await,
                Ok(Inbound::Typing(what)) => {
                    self.seat.relay("typing", &About { user_id: self.seat.member.user.0, what: &what });
                    Ok(())
                }
                Ok(Inbound::Presence(what)) => {
                    self.seat.relay("presence", &About { user_id: self.seat.member.user.0, what: &what });
                    Ok(())
                }
                Err(code) => self.send(Message::Text(error(code, "the frame cannot be taken"))).await,
            },
            Message::Binary(_) => Err(End::Close(code::UNSUPPORTED, "text frames only")),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(End::Gone),
        }
    }

    /// Sends what the client missed, when that can still come in order; otherwise it must load everything again.
    async fn resume(&mut self, after: u64) -> Result<(), End> {
        if after <= self.sent && after >= self.complete_after {
            return self.send(Message::Text(up_to(self.sent, "resumed"))).await;
        }
        let untouched = self.sent == self.complete_after;
        let replayable = untouched && after < self.sent && self.sent - after <= LONGEST_REPLAY;
        if replayable && self.replay(after).await? {
            self.complete_after = after;
            return self.send(Message::Text(up_to(self.sent, "resumed"))).await;
        }
        self.send(Message::Text(up_to(self.sent, "resync"))).await
    }

    /// Sends the events after a seq up to where this socket stands, or further; false when they are no longer there. All are
    /// fetched before the first is sent, so that a failure leaves no half.
    async fn replay(&mut self, after: u64) -> Result<bool, End> {
        let missed = match missed(&self.hub, self.seat.member.tenant, after, self.sent).await {
            Ok(Some(missed)) => missed,
            Ok(None) => return Ok(false),
            Err(status) => {
                tracing::warn!(code = ?status.code(), "missed events could not be listed");
                return Err(End::Close(code::TRY_LATER, "not available right now, connect again"));
            }
        };
        for (seq, text) in missed {
            self.send(Message::Text(text)).await?;
            self.sent = self.sent.max(seq);
        }
        Ok(true)
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.hub.config().send, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_slow) => {
                metrics::counter!("chatdesk_gateway_slow_sockets_total").increment(1);
                Err(End::Gone)
            }
        }
    }

    /// Says why, and gives the client a moment to hear it.
    async fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        let goodbye = async {
            if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                // Until the client has confirmed, closing the connection could destroy the frame on its way.
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        // A client that does not confirm in time is left.
        drop(timeout(GOODBYE, goodbye).await);
    }
}

/// The events after one seq up to another, or further; none when they are no longer all there.
async fn missed(hub: &Hub, tenant: TenantId, after: u64, until: u64) -> Result<Option<Vec<(u64, Utf8Bytes)>>, Status> {
    let client = hub.peers().inbox.own_client(Some(tenant), PATIENCE)?;
    let mut client = EventServiceClient::new(client).max_decoding_message_size(MAX_ANSWER);
    let mut missed = Vec::new();
    let mut at = after;
    while at < until {
        let page = client.list_events(ListEventsRequest { after_seq: at, limit: REPLAY_PAGE }).await?.into_inner();
        if page.resync || page.items.is_empty() {
            return Ok(None);
        }
        for event in page.items {
            let Ok(frame) = EventFrame::try_from(event) else { return Ok(None) };
            if frame.seq != at + 1 {
                return Ok(None);
            }
            at = frame.seq;
            missed.push((frame.seq, frame.text));
        }
    }
    Ok(Some(missed))
}

/// Waits until there is a reason to close.
async fn ended(ending: &mut watch::Receiver<Option<Ending>>) -> End {
    match ending.wait_for(Option::is_some).await.ok().and_then(|why| *why) {
        Some(Ending::SessionOver) => End::Close(code::SESSION_OVER, "the session is over"),
        Some(Ending::Suspended) => End::Close(code::SUSPENDED, "the business is suspended"),
        None => End::Gone,
    }
}

/// What to say to a client that sent something no socket may.
fn broken(error: axum::Error) -> End {
    use tungstenite::error::Error;
    match error.into_inner().downcast_ref::<Error>() {
        Some(Error::Capacity(_)) => End::Close(code::TOO_BIG, "the frame is too large"),
        Some(Error::Utf8(_)) => End::Close(code::NOT_UTF8, "text must be UTF-8"),
        Some(Error::Protocol(_)) => End::Close(code::PROTOCOL, "not a WebSocket frame"),
        _ => End::Gone,
    }
}
