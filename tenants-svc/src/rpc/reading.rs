//! What Meta keeps of conversations and customers, read through a channel.

use chatdesk_meta::graph::{Account, GraphError, PlatformMessage, UserProfile};
use chatdesk_meta::webhook::Attachment;
use chatdesk_platform::{Caller, Error, Invalid};
use chatdesk_proto::tenants::v1 as pb;
use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use uuid::Uuid;

use super::wire;
use crate::Service;
use crate::channel::read_error;
use crate::health::Trouble;
use crate::held::{Held, refusal};
use crate::model;

/// The longest id of a customer and of a message, and the longest of Meta's cursors.
pub const CUSTOMER: usize = 128;
const MID: usize = 512;
const CURSOR: usize = 4096;
/// Messages of a page when the caller names no number, and the most.
const USUAL_LIMIT: u32 = 20;
const MOST: u32 = 50;

/// A customer's id.
pub fn customer(text: &str) -> Result<String, Error> {
    model::needed_text(text, CUSTOMER).map_err(|(code, detail)| Error::invalid("platform_user_id", code, detail))
}

impl Service {
    pub(super) async fn profile(&self, caller: &Caller, id: Uuid, customer: &str) -> Result<UserProfile, Error> {
        let (held, account) = self.reader(caller, id).await?;
        match self.state.graph.user_profile(&account, customer).await {
            Ok(profile) => Ok(profile),
            // Meta does not tell: no consent, no such person, or not for this app.
            Err(
                GraphError::Permission
                | GraphError::NotFound
                | GraphError::OtherAccount
                | GraphError::Restricted
                | GraphError::Rejected { .. },
            ) => Ok(UserProfile::default()),
            Err(error) => Err(self.untold(caller, &held, &error, "contact").await),
        }
    }

    pub(super) async fn thread(
        &self,
        caller: &Caller,
        request: &pb::ReadThreadRequest,
    ) -> Result<pb::ReadThreadResponse, Error> {
        let id = wire::id(&request.channel_id, "channel")?;
        let mut invalid = Invalid::default();
        let customer = invalid.check("platform_user_id", model::needed_text(&request.platform_user_id, CUSTOMER));
        let cursor = invalid.check("cursor", model::text(&request.cursor, CURSOR));
        let limit = match request.limit {
            0 => USUAL_LIMIT,
            limit => limit,
        };
        if limit > MOST {
            invalid.add("limit", "out_of_range", format!("is at most {MOST}"));
        }
        let (customer, cursor) = invalid.into_result(customer.zip(cursor))?;
        let (held, account) = self.reader(caller, id).await?;
        let cursor = Some(cursor.as_str()).filter(|cursor| !cursor.is_empty());
        let page = match self.state.graph.thread(&account, &customer, cursor, limit).await {
            Ok(page) => page,
            Err(error) => return Err(self.untold(caller, &held, &error, "conversation").await),
        };
        let encode = |message: PlatformMessage| {
            // Beside the customer only the business speaks here, whatever Meta calls it.
            let is_from_business = message.from != customer;
            encode(message, is_from_business)
        };
        let messages = page.items.into_iter().map(encode).collect();
        Ok(pb::ReadThreadResponse { messages, next_cursor: page.next.unwrap_or_default() })
    }

    pub(super) async fn threads(
        &self,
        caller: &Caller,
        request: &pb::ListThreadsRequest,
    ) -> Result<pb::ListThreadsResponse, Error> {
        let id = wire::id(&request.channel_id, "channel")?;
        let mut invalid = Invalid::default();
        let cursor = invalid.check("cursor", model::text(&request.cursor, CURSOR));
        let since = invalid.check("since", moment(request.since));
        let (cursor, since) = invalid.into_result(cursor.zip(since))?;
        let (held, account) = self.reader(caller, id).await?;
        let cursor = Some(cursor.as_str()).filter(|cursor| !cursor.is_empty());
        let page = match self.state.graph.threads(&account, cursor).await {
            Ok(page) => page,
            Err(error) => return Err(self.untold(caller, &held, &error, "conversation").await),
        };
        let (total, since) = (page.items.len(), since.timestamp_millis());
        let newer = page.items.into_iter().filter(|thread| thread.updated_ms >= since);
        let threads: Vec<_> = newer
            .map(|thread| pb::ThreadSummary {
                platform_user_id: thread.customer,
                display_name: thread.name.unwrap_or_default(),
                updated_at: time(thread.updated_ms),
            })
            .collect();
        // Newest first: behind an older one there are only older ones.
        let next_cursor = page.next.filter(|_| threads.len() == total).unwrap_or_default();
        Ok(pb::ListThreadsResponse { threads, next_cursor })
    }

    pub(super) async fn message(
        &self,
        caller: &Caller,
        request: &pb::FetchMessageRequest,
    ) -> Result<pb::PlatformMessage, Error> {
        let id = wire::id(&request.channel_id, "channel")?;
        let mid =
            model::needed_text(&request.mid, MID).map_err(|(code, detail)| Error::invalid("mid", code, detail))?;
        let (held, account) = self.reader(caller, id).await?;
        match self.state.graph.message(&account, &mid).await {
            Ok(message) => {
                let is_from_business = message.from == account.page_id;
                Ok(encode(message, is_from_business))
            }
            // What Meta does not know any more it answers with an error of many kinds; none of them is the shop's to mend.
            Err(GraphError::Rejected { .. }) => Err(Error::NotFound("message")),
            Err(error) => Err(self.untold(caller, &held, &error, "message").await),
        }
    }

    /// A channel that can be read through.
    async fn reader(&self, caller: &Caller, id: Uuid) -> Result<(Held, Account), Error> {
        let held = self.held(caller, id).await?;
        let token = held.token_to_read().map_err(|refused| refusal(&refused))?;
        let account = held.channel.account(token);
        Ok((held, account))
    }

    /// Why Meta told nothing. A token that it refuses is dead for everything.
    async fn untold(&self, caller: &Caller, held: &Held, error: &GraphError, noun: &'static str) -> Error {
        if matches!(error, GraphError::InvalidToken) {
            self.note(caller, held, Trouble::TokenRefused).await;
        }
        read_error(error, noun)
    }
}

fn moment(stamp: Option<Timestamp>) -> Result<DateTime<Utc>, model::Refused> {
    let stamp = stamp.ok_or_else(|| ("required", "is needed".to_owned()))?;
    let nanos = u32::try_from(stamp.nanos).ok();
    let at = nanos.and_then(|nanos| DateTime::from_timestamp(stamp.seconds, nanos));
    at.ok_or_else(|| ("malformed", "is no moment".to_owned()))
}

fn time(millis: i64) -> Option<Timestamp> {
    DateTime::from_timestamp_millis(millis).map(wire::timestamp)
}

fn encode(message: PlatformMessage, is_from_business: bool) -> pb::PlatformMessage {
    let attachment = |attachment: Attachment| pb::PlatformAttachment {
        kind: attachment.kind,
        url: attachment.url.unwrap_or_default(),
        title: attachment.title.unwrap_or_default(),
    };
    pb::PlatformMessage {
        mid: message.mid,
        is_from_business,
        text: message.text.unwrap_or_default(),
        created_at: time(message.created_ms),
        attachments: message.attachments.into_iter().map(attachment).collect(),
    }
}
