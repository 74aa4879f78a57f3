//! The words conversations are found by.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::Wanted;

/// Words that share a statement, so that each ends well within its time.
const PIECE: usize = 2000;

/// One word of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    /// Where it was said.
    pub conversation: Uuid,
    /// Folded.
    pub term: String,
    /// In which message; none for the contact's name.
    pub message: Option<Uuid>,
    /// The message's time, or when the name became known.
    pub at: DateTime<Utc>,
}

/// Keeps words, each once, in one order for everybody, so that nobody waits in a circle. Of a word said more than once the newest
/// message counts; a name yields to every message.
pub async fn keep(tx: &mut TenantTx, mut terms: Vec<Term>) -> Result<(), Error> {
    // Turned round, the one that shall win stands first among equals, and the first is kept.
    terms.sort_by(|a, b| {
        let place = |term: &Term| (term.message.is_some(), term.at);
        (a.conversation, &a.term).cmp(&(b.conversation, &b.term)).then(place(a).cmp(&place(b)))
    });
    terms.reverse();
    terms.dedup_by(|a, b| a.conversation == b.conversation && a.term == b.term);
    for piece in terms.chunks(PIECE) {
        write(tx, piece).await?;
    }
    Ok(())
}

async fn write(tx: &mut TenantTx, terms: &[Term]) -> Result<(), Error> {
    let conversations: Vec<Uuid> = terms.iter().map(|term| term.conversation).collect();
    let words: Vec<String> = terms.iter().map(|term| term.term.clone()).collect();
    let messages: Vec<Option<Uuid>> = terms.iter().map(|term| term.message).collect();
    let times: Vec<DateTime<Utc>> = terms.iter().map(|term| term.at).collect();
    sqlx::query!(
        "insert into inbox.terms as t (conversation_id, term, message_id, at)
         select conversation, term, message, at
         from unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[]) as n(conversation, term, message, at)
         on conflict (tenant_id, term, conversation_id) do update
             set message_id = excluded.message_id, at = excluded.at
             where excluded.message_id is not null and (t.message_id is null or t.at <= excluded.at)",
        &conversations,
        &words,
        &messages as &[Option<Uuid>],
        &times
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// One message takes another's place, which said the same words and is gone.
pub async fn moved(tx: &mut TenantTx, conversation: Uuid, words: &[String], from: Uuid, to: Uuid) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.terms set message_id = $4 where conversation_id = $1 and term = any($2) and message_id = $3",
        conversation,
        words,
        from,
        to
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A message's words lead to it no more, and gives those that did.
pub async fn drop_message(
    tx: &mut TenantTx,
    conversation: Uuid,
    message: Uuid,
    words: &[String],
) -> Result<Vec<String>, Error> {
    let gone = sqlx::query_scalar!(
        "delete from inbox.terms where conversation_id = $1 and term = any($2) and message_id = $3 returning term",
        conversation,
        words,
        message
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(gone)
}

/// What else was said in a conversation: the newest 500 messages with a text besides one, with their times.
pub async fn said_in(
    tx: &mut TenantTx,
    conversation: Uuid,
    without: Uuid,
) -> Result<Vec<(Uuid, String, DateTime<Utc>)>, Error> {
    let rows = sqlx::query!(
        "select id, content, platform_at from inbox.messages where conversation_id = $1 and id <> $2 and content <> ''
         order by platform_at desc, arrival desc limit 500",
        conversation,
        without
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.content, row.platform_at)).collect())
}

/// The newest messages in which any of the words was said, by conversation.
pub async fn newest(tx: &mut TenantTx, wanted: &Wanted, conversations: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>, Error> {
    let (from, to) = wanted.ranges();
    let rows = sqlx::query!(
        r#"select distinct on (t.conversation_id) t.conversation_id, t.message_id as "message_id!"
           from unnest($1::text[], $2::text[]) as w(low, high)
           join inbox.terms t on t.term >= w.low and t.term < w.high
           where t.conversation_id = any($3) and t.message_id is not null
           order by t.conversation_id, t.at desc, t.message_id desc"#,
        &from,
        &to,
        conversations
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.conversation_id, row.message_id)).collect())
}

/// How far the words of what was there before were collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The last contact that was read.
    pub contact: Uuid,
    /// The last message that was read.
    pub message: Uuid,
    /// There is no more.
    pub is_done: bool,
}

/// What was noted last; the beginning when nothing was.
pub async fn progress(tx: &mut TenantTx) -> Result<Progress, Error> {
    let row = sqlx::query_as!(
        Progress,
        "select contact_id as contact, message_id as message, is_done from inbox.terms_progress"
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.unwrap_or(Progress { contact: Uuid::nil(), message: Uuid::nil(), is_done: false }))
}

/// Notes how far it came.
pub async fn set_progress(tx: &mut TenantTx, progress: Progress) -> Result<(), Error> {
    sqlx::query!(
        "insert into inbox.terms_progress (contact_id, message_id, is_done) values ($1, $2, $3)
         on conflict (tenant_id) do update set contact_id = $1, message_id = $2, is_done = $3",
        progress.contact,
        progress.message,
        progress.is_done
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The next messages after an id: each with its conversation, text and time. Whoever changes one of them waits, so that no words are kept
/// that were just taken back.
pub async fn messages_after(
    tx: &mut TenantTx,
    after: Uuid,
    limit: i64,
) -> Result<Vec<(Uuid, Uuid, String, DateTime<Utc>)>, Error> {
    let rows = sqlx::query!(
        "select id, conversation_id, content, platform_at from inbox.messages where id > $1 order by id limit $2 for share",
        after,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.conversation_id, row.content, row.platform_at)).collect())
}

/// The next contacts after an id: each with the name and a conversation, if there is one.
pub async fn names_after(
    tx: &mut TenantTx,
    after: Uuid,
    limit: i64,
) -> Result<Vec<(Uuid, Option<Uuid>, String)>, Error> {
    let rows = sqlx::query!(
        r#"select c.id, v.id as "conversation?", c.display_name
           from (select id, channel_id, display_name from inbox.contacts where id > $1 order by id limit $2) c
           left join inbox.conversations v on v.channel_id = c.channel_id and v.contact_id = c.id order by c.id"#,
        after,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.conversation, row.display_name)).collect())
}
