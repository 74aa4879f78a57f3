//! What goes to customers. Each is handed to Meta once; what Meta tells about the channel by the way is noted.

use std::sync::Arc;
use std::time::Duration;

use chatdesk_meta::MediaKind;
use chatdesk_meta::graph::{Card, GraphError, QuickReply, Scope, SendOutcome, SenderAction, Tag};
use chatdesk_platform::{Caller, Error, Invalid};
use chatdesk_proto::tenants::v1 as pb;
use tracing::Instrument as _;
use uuid::Uuid;

use super::reading::CUSTOMER;
use super::wire;
use crate::Service;
use crate::channel::Outcome;
use crate::health::{Health, Trouble};
use crate::held::Held;
use crate::model::{self, Refused};

/// The longest text taken, in characters: Messenger's limit, the larger of the two platforms'.
const TEXT: usize = 2000;
/// The longest metadata.
pub const METADATA: usize = 999;
/// What the platforms take under a text, and in cards.
const QUICK_REPLIES: usize = 13;
const REPLY_TITLE: usize = 20;
const REPLY_PAYLOAD: usize = 1000;
const CARDS: usize = 10;
const CARD_LINE: usize = 80;
const CARD_IMAGE: usize = 2048;
/// How long a sign may take that nobody waits for.
const ACTION_PATIENCE: Duration = Duration::from_secs(5);

/// What goes to a customer.
pub enum Message<'a> {
    Text(&'a str, &'a [QuickReply]),
    /// What it is shown as, and Meta's id of it.
    Attachment(MediaKind, &'a str),
    Cards(&'a [Card]),
}

impl Service {
    pub(super) async fn send(&self, caller: &Caller, request: pb::SendTextRequest) -> Result<Outcome, Error> {
        let id = wire::id(&request.channel_id, "channel")?;
        let mut invalid = Invalid::default();
        let recipient = invalid.check("recipient_id", model::needed_text(&request.recipient_id, CUSTOMER));
        invalid.check("text", model::needed_text(&request.text, TEXT));
        let metadata = invalid.check("metadata", model::text(&request.metadata, METADATA));
        let tag = invalid.check("tag", tag(request.tag()));
        let replies = invalid.check("quick_replies", quick_replies(&request.quick_replies));
        let (((recipient, metadata), tag), replies) =
            invalid.into_result(recipient.zip(metadata).zip(tag).zip(replies))?;

        let held = self.held(caller, id).await?;
        self.deliver(caller, held, &recipient, Message::Text(&request.text, &replies), &metadata, tag).await
    }

    pub(super) async fn send_as_cards(&self, caller: &Caller, request: pb::SendCardsRequest) -> Result<Outcome, Error> {
        let id = wire::id(&request.channel_id, "channel")?;
        let mut invalid = Invalid::default();
        let recipient = invalid.check("recipient_id", model::needed_text(&request.recipient_id, CUSTOMER));
        let cards = invalid.check("cards", cards(&request.cards));
        let metadata = invalid.check("metadata", model::text(&request.metadata, METADATA));
        let tag = invalid.check("tag", tag(request.tag()));
        let (((recipient, metadata), tag), cards) = invalid.into_result(recipient.zip(metadata).zip(tag).zip(cards))?;
        let held = self.held(caller, id).await?;
        self.deliver(caller, held, &recipient, Message::Cards(&cards), &metadata, tag).await
    }

    /// Hands one message to Meta, and notes what that tells about the channel.
    pub(super) async fn deliver(
        &self,
        caller: &Caller,
        held: Held,
        recipient: &str,
        message: Message<'_>,
        metadata: &str,
        tag: Tag,
    ) -> Result<Outcome, Error> {
        let account = match held.usable_token() {
            Ok(token) => held.channel.account(token),
            Err(refused) => return Ok(refused),
        };
        let id = held.channel.id;
        if let Some(after) = self.holds_back(id) {
            return Ok(Outcome::TryLater { after, code: "rate_limited" });
        }
        let metadata = (!metadata.is_empty()).then_some(metadata);
        let graph = &self.state.graph;
        let outcome = match message {
            Message::Text(text, replies) => graph.send_text(&account, recipient, text, metadata, tag, replies).await,
            Message::Attachment(kind, attachment_id) => {
                graph.send_attachment(&account, recipient, (kind, attachment_id), metadata, tag).await
            }
            Message::Cards(cards) => graph.send_cards(&account, recipient, cards, metadata, tag).await,
        };
        chatdesk_platform::fail_point("send.taken");
        let now = self.state.clock.now();
        match &outcome {
            SendOutcome::Refused { reason, code, subcode, fbtrace_id } => {
                tracing::info!(channel = %id, reason = reason.as_str(), code, subcode, fbtrace_id, "Meta refused a message");
                if let Some(trouble) = Trouble::of_refusal(*reason, *code, *subcode) {
                    self.note(caller, &held, trouble).await;
                }
            }
            // Whoever can send is not restricted any more.
            SendOutcome::Sent { pace, .. } => {
                if let Some(wait) = pace {
                    self.state.paces.hold(id, *wait, now);
                }
                if held.channel.trouble.health() != Health::Ok {
                    self.note(caller, &held, Trouble::None).await;
                }
            }
            SendOutcome::TryLater { after, scope: Scope::Channel } => self.state.paces.hold(id, *after, now),
            SendOutcome::TryLater { after, scope: Scope::App } => self.state.paces.hold(APP, *after, now),
            SendOutcome::TryLater { scope: Scope::Host, .. } | SendOutcome::Unknown { .. } => {}
        }
        Ok(outcome.into())
    }

    /// How long a channel holds back because it, or the app, has used up what Meta allows.
    pub(crate) fn holds_back(&self, channel: Uuid) -> Option<Duration> {
        let now = self.state.clock.now();
        self.state.paces.left(channel, now).max(self.state.paces.left(APP, now))
    }

    /// Shows the customer a sign, some time soon or never: nobody waits for it, and too many at once are left out.
    pub(super) async fn act(&self, caller: &Caller, request: &pb::SendActionRequest) -> Result<(), Error> {
        let id = wire::id(&request.channel_id, "channel")?;
        let mut invalid = Invalid::default();
        let recipient = invalid.check("recipient_id", model::needed_text(&request.recipient_id, CUSTOMER));
        let action = invalid.check("action", action(request.action()));
        let (recipient, action) = invalid.into_result(recipient.zip(action))?;
        let held = self.held(caller, id).await?;
        let Ok(token) = held.usable_token() else { return Ok(()) };
        let place = Arc::clone(&self.state.actions).try_acquire_owned();
        let (Ok(place), None) = (place, self.holds_back(id)) else { return Ok(()) };
        let (service, caller) = (self.clone(), *caller);
        let shown = async move {
            let account = held.channel.account(token);
            let shown = service.state.graph.action(&account, &recipient, action);
            match tokio::time::timeout(ACTION_PATIENCE, shown).await {
                Ok(Err(GraphError::InvalidToken)) => service.note(&caller, &held, Trouble::TokenRefused).await,
                Ok(Err(error)) => tracing::debug!(%error, "a sign was not shown"),
                Ok(Ok(())) | Err(_) => {}
            }
            drop(place);
        };
        tokio::spawn(shown.instrument(tracing::info_span!(parent: None, "sender_action", channel = %id)));
        Ok(())
    }
}

/// Stands for all channels where the app itself has used up its allowance.
const APP: Uuid = Uuid::nil();

pub fn tag(tag: pb::SendTag) -> Result<Tag, Refused> {
    match tag {
        pb::SendTag::Response => Ok(Tag::Response),
        pb::SendTag::HumanAgent => Ok(Tag::HumanAgent),
        pb::SendTag::Unspecified => Err(("required", "is needed".to_owned())),
    }
}

fn action(action: pb::SenderAction) -> Result<SenderAction, Refused> {
    match action {
        pb::SenderAction::TypingOn => Ok(SenderAction::TypingOn),
        pb::SenderAction::TypingOff => Ok(SenderAction::TypingOff),
        pb::SenderAction::MarkSeen => Ok(SenderAction::MarkSeen),
        pb::SenderAction::Unspecified => Err(("required", "is needed".to_owned())),
    }
}

fn quick_replies(replies: &[pb::QuickReply]) -> Result<Vec<QuickReply>, Refused> {
    if replies.len() > QUICK_REPLIES {
        return Err(("out_of_range", format!("takes at most {QUICK_REPLIES} answers")));
    }
    let read = |reply: &pb::QuickReply| {
        let title = model::needed_text(&reply.title, REPLY_TITLE)?;
        Ok(QuickReply { title, payload: model::text(&reply.payload, REPLY_PAYLOAD)? })
    };
    replies.iter().map(read).collect()
}

fn cards(cards: &[pb::Card]) -> Result<Vec<Card>, Refused> {
    if !(1..=CARDS).contains(&cards.len()) {
        return Err(("out_of_range", format!("takes 1 to {CARDS} cards")));
    }
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let read = |card: &pb::Card| {
        let image_url = given(model::text(&card.image_url, CARD_IMAGE)?);
        if image_url.as_ref().is_some_and(|url| !url.starts_with("https://")) {
            return Err(("malformed", "takes pictures with an https address".to_owned()));
        }
        let title = model::needed_text(&card.title, CARD_LINE)?;
        Ok(Card { title, subtitle: given(model::text(&card.subtitle, CARD_LINE)?), image_url })
    };
    cards.iter().map(read).collect()
}
