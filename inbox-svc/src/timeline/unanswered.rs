//! What the assistant could not answer, kept with the handover that says so, and forgotten with the words of its message.

use chatdesk_platform::{Error, new_id};
use uuid::Uuid;

use super::Timeline;
use crate::model::{Thread, Wondered, is_teachable};
use crate::store;

impl Timeline {
    /// Keeps a question that was handed over, when the shop could teach the assistant its answer. What was taken back or changed while the
    /// answer was being looked for is read as it is now.
    pub async fn wonder(&mut self, thread: &Thread, reason: &str, messages: &[Uuid]) -> Result<(), Error> {
        if !is_teachable(reason) {
            return Ok(());
        }
        let mut said = store::messages::by_ids(&mut self.tx, messages).await?;
        said.retain(|message| message.deleted_at.is_none());
        said.sort_by_key(|message| (message.platform_at, message.arrival));
        let texts: Vec<&str> = said.iter().map(|message| message.content.trim()).collect();
        let Some(wondered) = Wondered::read(&texts.join("\n")) else { return Ok(()) };
        let place = (thread.id, messages);
        store::unanswered::keep(&mut self.tx, new_id(), &wondered, place, reason, self.now).await
    }
}
