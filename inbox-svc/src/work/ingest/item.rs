//! What one item becomes: a customer's message, an echo of ours or of a person elsewhere, or a kind that has to wait.

use chatdesk_meta::Platform;
use chatdesk_meta::webhook::{Echo, InboundMessage, Kind};
use chatdesk_platform::Error;
use chatdesk_platform::db::Handler as _;
use uuid::Uuid;

use super::{Ingest, Outcome, Routed};
use crate::model::{Attachment, EventType, FRESH, ItemOutcome, Message, SenderType, Step, platform_time};
use crate::store;
use crate::timeline::{Seen, Timeline};
use crate::work::Reply;

impl Ingest {
    /// Gives an item its outcome within the transaction. What cannot be taken is the caller's to undo.
    pub(super) async fn item(
        &self,
        line: &mut Timeline,
        routed: &Routed,
        ai_on: Option<bool>,
        active: bool,
    ) -> Result<Outcome, Error> {
        let outcome = match &routed.item.kind {
            Kind::Message(message) => self.message(line, routed, message, ai_on, active).await?,
            Kind::Echo(echo) => self.echo(line, routed, echo, ai_on).await?,
            Kind::Malformed(reason) => return Ok((ItemOutcome::Ignored, (*reason).to_owned())),
            Kind::Test => ItemOutcome::Ignored,
            _ => ItemOutcome::Waiting,
        };
        Ok((outcome, String::new()))
    }

    async fn message(
        &self,
        line: &mut Timeline,
        routed: &Routed,
        message: &InboundMessage,
        ai_on: Option<bool>,
        active: bool,
    ) -> Result<ItemOutcome, Error> {
        let mut thread = line.thread_with(routed.channel, routed.item.platform, &message.sender, ai_on).await?;
        let at = platform_time(message.timestamp_ms, line.now);
        let attachments: Vec<Attachment> = message.attachments.iter().map(Attachment::from).collect();
        let text = message.text.as_deref().unwrap_or_default();
        let readable = !text.trim().is_empty() || attachments.iter().any(|attachment| attachment.kind != "sticker");
        let own_words = !routed.item.standby && !message.self_message && !message.is_unsupported;
        let answerable = own_words && readable && line.now - at <= FRESH;
        let seen =
            Seen { mid: &message.mid, sender: SenderType::Contact, text, attachments: &attachments, answerable, at };
        if line.add_seen(&mut thread, &seen).await?.is_none() {
            return Ok(ItemOutcome::Deduplicated);
        }
        if !message.self_message {
            thread.customer_wrote(at);
        }
        if answerable && active && thread.assistant_answers(line.now) {
            let due = thread.owe_reply(line.now, &self.desk.config.quiet);
            line.schedule(Reply::KIND, thread.id, due).await?;
        }
        line.save(&thread).await?;
        Ok(ItemOutcome::Stored)
    }

    /// An echo of ours completes our message. Any other is a person answering elsewhere, and the assistant steps back.
    async fn echo(
        &self,
        line: &mut Timeline,
        routed: &Routed,
        echo: &Echo,
        ai_on: Option<bool>,
    ) -> Result<ItemOutcome, Error> {
        let mut thread = line.thread_with(routed.channel, routed.item.platform, &echo.recipient, ai_on).await?;
        let text = echo.text.as_deref().unwrap_or_default();
        let ours = match echo.metadata.as_deref().and_then(|metadata| metadata.parse::<Uuid>().ok()) {
            Some(id) => store::messages::by_ids(&mut line.tx, &[id]).await?.pop(),
            None => None,
        };
        let ours = ours.filter(|message| message.conversation_id == thread.id && message.sender != SenderType::Contact);
        let attachments: Vec<Attachment> = echo.attachments.iter().map(Attachment::from).collect();
        let known = store::messages::by_mid(&mut line.tx, routed.channel, &echo.mid).await?;
        if ours.is_none()
            && let Some(mut known) = known.clone()
        {
            self.fill_in(line, &mut known, &attachments).await?;
            return Ok(ItemOutcome::Deduplicated);
        }
        let ours = match ours {
            // Instagram was never seen to bring metadata back. Our text, on its way to this customer at this moment, is ours.
            None if echo.metadata.is_none() && routed.item.platform == Platform::Instagram => {
                let sent_at = platform_time(echo.timestamp_ms, line.now);
                let mut ours = store::messages::in_flight(&mut line.tx, thread.id, text, sent_at).await?;
                ours.retain(|ours| ours.is_shown_as(&attachments));
                // The same words twice are both ours, and the first is likelier. Of two files nothing tells which it is.
                if text.is_empty() && ours.len() > 1 { None } else { ours.into_iter().next() }
            }
            ours => ours,
        };
        if let Some(mut message) = ours {
            if message.mid.is_none() && known.is_none() {
                store::messages::set_mid(&mut line.tx, message.id, &echo.mid).await?;
            }
            line.step(&mut message, Step::Prove, None, None).await?;
            self.fill_in(line, &mut message, &attachments).await?;
            return Ok(ItemOutcome::Deduplicated);
        }
        let at = platform_time(echo.timestamp_ms, line.now);
        let seen = Seen {
            mid: &echo.mid,
            sender: SenderType::Business,
            text,
            attachments: &attachments,
            answerable: false,
            at,
        };
        if line.add_seen(&mut thread, &seen).await?.is_none() {
            return Ok(ItemOutcome::Deduplicated);
        }
        if thread.reply_due_at.is_none() {
            line.unschedule_reply(thread.id).await?;
        }
        line.save(&thread).await?;
        Ok(ItemOutcome::Stored)
    }

    /// The echo of a file that we sent shows where Meta serves it.
    async fn fill_in(&self, line: &mut Timeline, message: &mut Message, shown: &[Attachment]) -> Result<(), Error> {
        if message.attachment_id.is_some() && message.fill_in(shown) {
            store::messages::set_attachments(&mut line.tx, message.id, &message.attachments).await?;
            line.note(EventType::MessageUpdated, message.id);
        }
        Ok(())
    }
}
