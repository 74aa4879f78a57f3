//! Meta's own record of conversations, read through tenants-svc. Owns the pace: Meta allows two such calls a second for each page
//! (Messenger Platform, "Rate limits": Conversations API), and several pieces of work ask about one channel.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{Problem, TenantId};
use chatdesk_proto::tenants::v1 as wire;
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use tokio::time::Instant;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::model::{Attachment, Kept};

/// More channels than this are not remembered at once.
const MOST: usize = 10_000;
/// How long to rest when Meta asks for it and does not say how long.
const REST: Duration = Duration::from_secs(60);
/// How long one who waits for the answer waits for a turn.
pub const BRIEF: Duration = Duration::from_secs(2);
/// And work of which there is little: one at a time for a channel, or the rest of what was begun.
pub const PATIENT: Duration = Duration::from_secs(60);

/// Reads Meta's record. Cheap to clone.
#[derive(Clone)]
pub struct Reads {
    tenants: Peer,
    every: Duration,
    deadline: Duration,
    next: Arc<Mutex<HashMap<Uuid, Instant>>>,
}

/// Why there was nothing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// Asking again would bring the same: the channel may not, or there is no such thing. The code says which.
    Refused(String),
    /// Meta asks to wait so long.
    Later(Duration),
    /// Others ask about the channel: its next turn comes after that.
    Crowded(Duration),
    /// It may work next time.
    Passing(String),
}

impl Unread {
    /// For the record: one stable word.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(code) | Self::Passing(code) => code,
            Self::Later(_) => "rate_limited",
            Self::Crowded(_) => "crowded",
        }
    }
}

/// A page of something that Meta keeps, newest first.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The next page; empty on the last.
    pub next: String,
}

/// A conversation as Meta lists it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Meta's id of the customer.
    pub user: String,
    /// Maybe empty.
    pub name: String,
    /// When something last happened in it; none when Meta does not say.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Reads {
    /// Asks `tenants`, which may take as long as the deadline, about each channel at most once in `every`.
    pub fn new(tenants: Peer, every: Duration, deadline: Duration) -> Self {
        Self { tenants, every, deadline, next: Arc::default() }
    }

    /// Messages of a customer's conversation, at most 50 at once. [`Unread::Crowded`] when the channel's turn does not come in time.
    pub async fn thread(
        &self,
        tenant: Option<TenantId>,
        channel: Uuid,
        user: &str,
        cursor: &str,
        patience: Duration,
    ) -> Result<Page<Kept>, Unread> {
        self.pace(channel, patience).await?;
        let request = wire::ReadThreadRequest {
            channel_id: channel.to_string(),
            platform_user_id: user.to_owned(),
            cursor: cursor.to_owned(),
            limit: 50,
        };
        let mut client = self.client(tenant)?;
        let page = self.within(client.read_thread(request)).await?;
        Ok(Page { items: page.messages.into_iter().filter_map(kept).collect(), next: page.next_cursor })
    }

    /// The conversations of a channel in which something happened since then.
    pub async fn threads(
        &self,
        tenant: Option<TenantId>,
        channel: Uuid,
        since: DateTime<Utc>,
        cursor: &str,
    ) -> Result<Page<Listed>, Unread> {
        self.pace(channel, PATIENT).await?;
        let since = Timestamp { seconds: since.timestamp(), nanos: 0 };
        let request =
            wire::ListThreadsRequest { channel_id: channel.to_string(), since: Some(since), cursor: cursor.to_owned() };
        let mut client = self.client(tenant)?;
        let page = self.within(client.list_threads(request)).await?;
        let listed = |thread: wire::ThreadSummary| Listed {
            user: clean(thread.platform_user_id),
            name: clean(thread.display_name),
            updated_at: moment(thread.updated_at),
        };
        Ok(Page { items: page.threads.into_iter().map(listed).collect(), next: page.next_cursor })
    }

    /// One message as it is now.
    pub async fn message(&self, tenant: Option<TenantId>, channel: Uuid, mid: &str) -> Result<Vec<Attachment>, Unread> {
        self.pace(channel, BRIEF).await?;
        let request = wire::FetchMessageRequest { channel_id: channel.to_string(), mid: mid.to_owned() };
        let mut client = self.client(tenant)?;
        let message = self.within(client.fetch_message(request)).await?;
        Ok(message.attachments.into_iter().map(attachment).collect())
    }

    fn client(
        &self,
        tenant: Option<TenantId>,
    ) -> Result<ChannelServiceClient<chatdesk_platform::grpc::Client>, Unread> {
        let client = self.tenants.own_client(tenant, self.deadline).map_err(|status| unread(&status))?;
        Ok(ChannelServiceClient::new(client))
    }

    async fn within<T>(&self, asked: impl Future<Output = Result<tonic::Response<T>, Status>>) -> Result<T, Unread> {
        match tokio::time::timeout(self.deadline, asked).await {
            Ok(Ok(answer)) => Ok(answer.into_inner()),
            Ok(Err(status)) => Err(unread(&status)),
            Err(_elapsed) => Err(Unread::Passing("timeout".to_owned())),
        }
    }

    /// Waits for this call's turn.
    async fn pace(&self, channel: Uuid, patience: Duration) -> Result<(), Unread> {
        tokio::time::sleep_until(self.turn(channel, Instant::now(), patience)?).await;
        Ok(())
    }

    /// When the next call about a channel may be made. Later than the caller's patience, no turn is kept for it.
    fn turn(&self, channel: Uuid, now: Instant, patience: Duration) -> Result<Instant, Unread> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.len() >= MOST {
            next.retain(|_, at| *at > now);
        }
        let turn = next.get(&channel).copied().unwrap_or(now).max(now);
        if turn > now + patience {
            return Err(Unread::Crowded(turn - now));
        }
        next.insert(channel, turn + self.every);
        Ok(turn)
    }
}

fn unread(status: &Status) -> Unread {
    let problem = Problem::from(status);
    match status.code() {
        Code::ResourceExhausted => Unread::Later(problem.retry_after.unwrap_or(REST)),
        Code::NotFound
        | Code::InvalidArgument
        | Code::FailedPrecondition
        | Code::PermissionDenied
        | Code::Unauthenticated
        | Code::Unimplemented => Unread::Refused(problem.code),
        code => Unread::Passing(format!("{code:?}").to_lowercase()),
    }
}

fn kept(message: wire::PlatformMessage) -> Option<Kept> {
    Some(Kept {
        at: moment(message.created_at)?,
        mid: Some(clean(message.mid)).filter(|mid| !mid.is_empty())?,
        is_from_business: message.is_from_business,
        text: clean(message.text),
        attachments: message.attachments.into_iter().map(attachment).collect(),
    })
}

fn attachment(shown: wire::PlatformAttachment) -> Attachment {
    Attachment { kind: clean(shown.kind).to_lowercase(), url: clean(shown.url), title: clean(shown.title) }
}

fn moment(stamp: Option<Timestamp>) -> Option<DateTime<Utc>> {
    let stamp = stamp?;
    DateTime::from_timestamp(stamp.seconds, u32::try_from(stamp.nanos).ok()?)
}

/// Postgres takes no NUL in a text.
fn clean(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asking_again_may_change_is_told_from_what_it_does_not() {
        let wait = Some(Duration::from_secs(7));
        let busy = chatdesk_platform::Error::Exhausted { code: "rate_limited", retry_after: wait };
        assert_eq!(unread(&busy.into()), Unread::Later(Duration::from_secs(7)));
        let refused = chatdesk_platform::Error::Precondition { code: "needs_reconnect", detail: String::new() };
        assert_eq!(unread(&refused.into()), Unread::Refused("needs_reconnect".to_owned()));
        for code in [Code::Unavailable, Code::DeadlineExceeded, Code::Internal, Code::Unknown] {
            assert!(matches!(unread(&Status::new(code, "")), Unread::Passing(_)), "{code:?}");
        }
    }

    #[test]
    fn a_message_without_an_id_or_a_time_is_passed_over_and_nul_is_left_out() {
        let at = Some(Timestamp { seconds: 1_795_000_000, nanos: 0 });
        let message =
            wire::PlatformMessage { mid: "m\0".into(), text: "a\0b".into(), created_at: at, ..Default::default() };
        let read = kept(message.clone()).unwrap();
        assert_eq!((read.mid.as_str(), read.text.as_str()), ("m", "ab"));
        assert!(kept(wire::PlatformMessage { created_at: None, ..message.clone() }).is_none());
        assert!(kept(wire::PlatformMessage { mid: "\0".into(), ..message }).is_none());
    }

    #[test]
    fn one_channel_is_asked_about_at_most_so_often_and_another_does_not_wait() {
        let keyring = chatdesk_platform::Keyring::derived(&chatdesk_platform::db::testing::test_secret());
        let minter = keyring.minter(chatdesk_platform::ServiceName::Inbox).unwrap();
        let (nobody, clock) = (tonic::service::Routes::default(), chatdesk_platform::Clock::system());
        let peer = Peer::direct(chatdesk_platform::ServiceName::Tenants, nobody, minter, clock);
        let every = Duration::from_millis(500);
        let reads = Reads::new(peer, every, Duration::from_secs(1));
        let (one, other, now) = (Uuid::from_u128(1), Uuid::from_u128(2), Instant::now());
        let turns: Vec<Instant> = (0..4).map(|_| reads.turn(one, now, PATIENT).unwrap()).collect();
        assert_eq!(turns, [now, now + every, now + every * 2, now + every * 3]);
        assert_eq!(reads.turn(one, now, every), Err(Unread::Crowded(every * 4)));
        assert_eq!(reads.turn(one, now, BRIEF).unwrap(), now + every * 4, "who did not wait has no turn");
        assert_eq!(reads.turn(other, now, Duration::ZERO).unwrap(), now);
        let later = now + every * 9;
        assert_eq!(reads.turn(one, later, Duration::ZERO).unwrap(), later, "what was not used is not saved up");
    }
}
