//! What a room does while it is open: follow the tenant's events, and ask whether its sessions still stand and how its channels are.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chatdesk_platform::grpc::MAX_ANSWER;
use chatdesk_platform::{TenantId, full_jitter};
use chatdesk_proto::inbox::v1::event_service_client::EventServiceClient;
use chatdesk_proto::inbox::v1::{EventType, WatchEventsRequest};
use chatdesk_proto::tenants::v1::account_service_client::AccountServiceClient;
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chatdesk_proto::tenants::v1::{Channel, CheckSessionsRequest, ListChannelsRequest};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use uuid::Uuid;

use super::frame::{EventFrame, Frame, Place, up_to};
use super::hub::{Ending, Hub, Room};
use crate::view;

/// How long the services may take to begin to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most channels of one answer (tenants.v1.ListChannelsRequest).
const LISTED_AT_ONCE: u32 = 200;
/// The most sessions of one question (tenants.v1.CheckSessionsRequest).
const ASKED_AT_ONCE: usize = 1_000;

/// Follows a tenant's events until nobody sits in the room. A stream that breaks goes on from where it was.
pub async fn events(hub: Hub, tenant: TenantId, room: Arc<Room>) {
    let drain = hub.shutdown().token();
    let mut failures = 0;
    loop {
        let ended = tokio::select! {
            () = room.stop().cancelled() => return,
            () = drain.cancelled() => return,
            ended = stream(&hub, tenant, &room, &mut failures) => ended,
        };
        if let Err(status) = ended {
            tracing::warn!(code = ?status.code(), "a stream of events broke");
        }
        let wait = full_jitter(failures, Duration::from_millis(100), Duration::from_secs(5));
        failures = failures.saturating_add(1);
        tokio::select! {
            () = room.stop().cancelled() => return,
            () = drain.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn stream(hub: &Hub, tenant: TenantId, room: &Room, failures: &mut u32) -> Result<(), Status> {
    let client = hub.peers().inbox.own_client(Some(tenant), PATIENCE)?;
    let mut client = EventServiceClient::new(client).max_decoding_message_size(MAX_ANSWER);
    let mut events = client.watch_events(WatchEventsRequest { after_seq: room.head() }).await?.into_inner();
    while let Some(event) = events.message().await? {
        *failures = 0;
        let (seq, head) = (event.seq, room.head());
        // As it came: the accessor reads a type that we do not know yet as none, and its event would be lost without a word.
        if event.r#type == i32::from(EventType::Unspecified) {
            match head {
                None => room.advance(seq, None),
                // The record is older than what we sent: it was restored from a copy.
                // This stream begins after what we sent, so another must be opened.
                Some(head) if seq < head => {
                    reload(room, seq, Place::Restart(seq));
                    return Ok(());
                }
                Some(_) => {}
            }
            continue;
        }
        let Some(head) = head else { return Err(Status::internal("events before their beginning")) };
        if seq <= head {
            continue;
        }
        if seq > head + 1 {
            reload(room, seq - 1, Place::Resync(seq - 1));
        }
        if event.resource.is_none() {
            // What it tells of was deleted for good since: whoever shows it still shall look anew.
            reload(room, seq, Place::Resync(seq));
            continue;
        }
        let written = view::moment(event.created_at);
        match EventFrame::try_from(event) {
            Ok(EventFrame { seq, text }) => {
                room.advance(seq, Some(Frame { place: Place::Event(seq), from: None, text }));
                if let Some(written) = written {
                    let late = (hub.now() - written).to_std().unwrap_or_default();
                    metrics::histogram!("chatdesk_gateway_frame_seconds").record(late.as_secs_f64());
                }
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "an event cannot be shown");
                reload(room, seq, Place::Resync(seq));
            }
        }
    }
    Ok(())
}

/// Tells every socket to load everything again, and goes on after `seq`.
fn reload(room: &Room, seq: u64, place: Place) {
    room.advance(seq, Some(Frame { place, from: None, text: up_to(seq, "resync") }));
}

/// Closes sockets whose session is over or whose tenant is suspended, until nobody sits in the room.
pub async fn sessions(hub: Hub, tenant: TenantId, stop: CancellationToken) {
    let drain = hub.shutdown().token();
    let mut ticks = tokio::time::interval(hub.config().check_every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = drain.cancelled() => return,
            _ = ticks.tick() => {}
        }
        for asked in hub.sessions(tenant).chunks(ASKED_AT_ONCE) {
            // A service that does not answer ends no session; the next tick asks again.
            if let Err(status) = check(&hub, tenant, asked).await {
                tracing::warn!(code = ?status.code(), "sessions could not be checked");
            }
        }
    }
}

async fn check(hub: &Hub, tenant: TenantId, asked: &[Uuid]) -> Result<(), Status> {
    let mut client = AccountServiceClient::new(hub.peers().tenants.own_client(Some(tenant), PATIENCE)?);
    let request = CheckSessionsRequest { session_ids: asked.iter().map(Uuid::to_string).collect() };
    let answer = client.check_sessions(request).await?.into_inner();
    if answer.suspended {
        hub.end(tenant, Ending::Suspended);
        return Ok(());
    }
    let over: Vec<Uuid> = answer.ended_session_ids.iter().filter_map(|id| id.parse().ok()).collect();
    if !over.is_empty() {
        hub.end_where(tenant, Ending::SessionOver, |session| over.contains(session));
    }
    Ok(())
}

/// Tells the sockets of channels that are otherwise than they were, until nobody sits in the room. A channel changes also when no person does
/// anything: when Meta refuses its token, when its check finds it well, or when Meta blocks its page.
pub async fn channels(hub: Hub, tenant: TenantId, room: Arc<Room>) {
    let drain = hub.shutdown().token();
    let mut ticks = tokio::time::interval(hub.config().check_every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut known = None;
    loop {
        tokio::select! {
            () = room.stop().cancelled() => return,
            () = drain.cancelled() => return,
            _ = ticks.tick() => {}
            () = room.channels_changed() => {}
        }
        match list(&hub, tenant).await {
            // What is so when the room opens, its sockets load by themselves.
            Ok(found) => {
                let before = known.replace(found.iter().map(|one| (one.id.clone(), Standing::of(one))).collect());
                if let Some(before) = before {
                    tell_changed(&hub, tenant, &before, found);
                }
            }
            Err(status) => tracing::warn!(code = ?status.code(), "channels could not be looked at"),
        }
    }
}

/// What of a channel is told when it changes; the times of what arrives change all day long.
#[derive(PartialEq, Eq)]
struct Standing {
    is_active: bool,
    health: (i32, String),
    sending: i32,
    policy: i32,
}

impl Standing {
    fn of(channel: &Channel) -> Self {
        Self {
            is_active: channel.is_active,
            health: (channel.health_state, channel.health_reason.clone()),
            sending: channel.sending,
            policy: channel.policy,
        }
    }
}

fn tell_changed(hub: &Hub, tenant: TenantId, before: &HashMap<String, Standing>, found: Vec<Channel>) {
    for channel in found {
        if before.get(&channel.id) == Some(&Standing::of(&channel)) {
            continue;
        }
        match view::Channel::try_from(channel) {
            Ok(channel) => hub.show(tenant, "channel.updated", &channel),
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "a channel cannot be shown"),
        }
    }
}

async fn list(hub: &Hub, tenant: TenantId) -> Result<Vec<Channel>, Status> {
    let mut client = ChannelServiceClient::new(hub.peers().tenants.own_client(Some(tenant), PATIENCE)?);
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let request = ListChannelsRequest { cursor, limit: LISTED_AT_ONCE };
        let page = client.list_channels(request).await?.into_inner();
        found.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_empty() {
            return Ok(found);
        }
    }
}
