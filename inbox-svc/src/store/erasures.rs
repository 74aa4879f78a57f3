//! Contacts who are forgotten: everything of one deleted, what the journal holds of them gone through, and a digest kept so that nothing brings
//! back what was said before.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::db::export::withdraw_all;
use chatdesk_platform::{Error, ServiceName};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Who a contact is for Meta.
pub struct Person {
    /// The page they write to.
    pub channel: Uuid,
    /// Meta's id of them there.
    pub user: String,
}

/// An erasure whose journal is not gone through to the end.
pub struct Open {
    /// The page they wrote to.
    pub channel: Uuid,
    /// Meta's id of the person.
    pub user: String,
    /// When everything else was deleted.
    pub erased_at: DateTime<Utc>,
    /// How often the journal was gone through.
    pub passes: i16,
}

/// Who a contact is.
pub async fn person(tx: &mut TenantTx, contact: Uuid) -> Result<Option<Person>, Error> {
    let person = sqlx::query_as!(
        Person,
        r#"select channel_id as channel, platform_user_id as "user" from inbox.contacts where id = $1"#,
        contact
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(person)
}

/// Notes that a person is forgotten, and which messages theirs were.
pub async fn note(
    tx: &mut TenantTx,
    contact: Uuid,
    person: &Person,
    digest: &[u8],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into inbox.erasures (contact_id, channel_id, person, platform_user_id, erased_at) values ($1, $2, $3, $4, $5)",
        contact,
        person.channel,
        digest,
        person.user,
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into inbox.erased_messages (contact_id, message_id, mid)
         select v.contact_id, m.id, m.mid from inbox.conversations v join inbox.messages m on m.conversation_id = v.id
         where v.contact_id = $1",
        contact
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deletes a contact with all that is theirs but the words they are found by, which point to nothing now, and what the journal holds.
pub async fn delete(tx: &mut TenantTx, contact: Uuid) -> Result<(), Error> {
    let conversations = super::conversations::of_contact(tx, contact).await?;
    sqlx::query!(
        "delete from inbox.idempotency_keys k using inbox.messages m
         where m.conversation_id = any($1) and k.message_id = m.id",
        &conversations
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from inbox.messages where conversation_id = any($1)", &conversations)
        .execute(tx.conn())
        .await?;
    sqlx::query!("delete from inbox.notes where conversation_id = any($1)", &conversations).execute(tx.conn()).await?;
    sqlx::query!("delete from inbox.handovers where conversation_id = any($1)", &conversations)
        .execute(tx.conn())
        .await?;
    sqlx::query!("delete from inbox.conversation_labels where conversation_id = any($1)", &conversations)
        .execute(tx.conn())
        .await?;
    // Questions that could not be answered, and what the assistant would have said, go with it.
    sqlx::query!("delete from inbox.conversations where id = any($1)", &conversations).execute(tx.conn()).await?;
    sqlx::query!("delete from inbox.contacts where id = $1", contact).execute(tx.conn()).await?;
    // What was written down to be taken along has them too.
    withdraw_all(tx, ServiceName::Inbox).await?;
    sqlx::query!("delete from inbox.export_parts").execute(tx.conn()).await?;
    Ok(())
}

/// Up to when a person was forgotten, if they were.
pub async fn forgotten_to(tx: &mut TenantTx, digest: &[u8]) -> Result<Option<DateTime<Utc>>, Error> {
    let at = sqlx::query_scalar!("select max(erased_at) from inbox.erasures where person = $1", digest)
        .fetch_one(tx.conn())
        .await?;
    Ok(at)
}

/// An erasure that goes on; none when it is done.
pub async fn open(tx: &mut TenantTx, contact: Uuid) -> Result<Option<Open>, Error> {
    let open = sqlx::query_as!(
        Open,
        r#"select channel_id as channel, platform_user_id as "user!", erased_at, passes from inbox.erasures
           where contact_id = $1 and platform_user_id is not null"#,
        contact
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(open)
}

/// The contacts of this transaction's tenant that are to be forgotten and are not yet.
pub async fn asked(tx: &mut TenantTx) -> Result<Vec<Uuid>, Error> {
    let tenant = tx.tenant().0;
    let ids = sqlx::query_scalar!(
        "select contact_id from routing.contact_erasures where tenant_id = $1 order by requested_at limit 1000",
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// Nothing is left to do for a contact.
pub async fn done(tx: &mut TenantTx, contact: Uuid) -> Result<(), Error> {
    let tenant = tx.tenant().0;
    sqlx::query!("delete from routing.contact_erasures where tenant_id = $1 and contact_id = $2", tenant, contact)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// How a person is known in the journal.
pub struct Sought<'a> {
    /// What an item has in it that names them.
    pub names: &'a [String],
    /// What an item waits for until they have a conversation.
    pub waits_for: &'a str,
    /// The reason of items that were not taken because somebody was forgotten.
    pub erased: &'a str,
}

/// Goes through some of the journal's items after a place: what a forgotten person said, or what was said of their messages, is emptied, with
/// the bodies it came in, where those were worked off. Gives the last place that was looked at; none at the end.
pub async fn sweep_items(
    tx: &mut TenantTx,
    contact: Uuid,
    channel: Uuid,
    sought: &Sought<'_>,
    (event, index): (Uuid, i32),
    most: i64,
) -> Result<Option<(Uuid, i32)>, Error> {
    let last = sqlx::query!(
        "with looked as (
             select event_id, index, channel_id, item, message_id, waits_for, key, reason from inbox.webhook_items
             where (event_id, index) > ($4, $5) order by event_id, index limit $6),
         theirs as (
             select event_id, index from looked l
             where l.channel_id = $2 and (exists (select from unnest($3::text[]) as name where strpos(l.item, name) > 0)
                 or l.waits_for = $7 or l.reason = $8
                 or exists (select from inbox.erased_messages e where e.contact_id = $1 and e.message_id = l.message_id)
                 or exists (select from inbox.erased_messages e where e.contact_id = $1 and e.mid in (l.key, l.waits_for)))),
         emptied as (
             update inbox.webhook_items i set item = '', wants_redrive = false, reason = $8, waits_for = null,
                 outcome = case when i.outcome in ('parked', 'waiting', 'failed') then 'ignored' else i.outcome end
             from theirs t where i.event_id = t.event_id and i.index = t.index),
         bodies as (
             update inbox.webhook_events set body = ''
             where id in (select event_id from theirs) and state = 'done' and body <> '')
         select event_id, index from looked order by event_id desc, index desc limit 1",
        contact,
        channel,
        sought.names,
        event,
        index,
        most,
        sought.waits_for,
        sought.erased
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(last.map(|row| (row.event_id, row.index)))
}

/// Takes words out that lead to no conversation, among some after a word. Gives the last that was looked at; none at the end.
pub async fn sweep_terms(
    tx: &mut TenantTx,
    (term, conversation): (&str, Uuid),
    most: i64,
) -> Result<Option<(String, Uuid)>, Error> {
    let last = sqlx::query!(
        "with looked as (
             select term, conversation_id from inbox.terms where (term, conversation_id) > ($1, $2)
             order by term, conversation_id limit $3),
         gone as (
             delete from inbox.terms t using looked l
             where t.term = l.term and t.conversation_id = l.conversation_id
                 and not exists (select from inbox.conversations v where v.id = l.conversation_id))
         select term, conversation_id from looked order by term desc, conversation_id desc limit 1",
        term,
        conversation,
        most
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(last.map(|row| (row.term, row.conversation_id)))
}

/// One pass is over; with the last, what names the person goes too.
pub async fn passed(tx: &mut TenantTx, contact: Uuid, is_last: bool) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.erasures set passes = passes + 1, platform_user_id = case when $2 then null else platform_user_id end
         where contact_id = $1",
        contact,
        is_last
    )
    .execute(tx.conn())
    .await?;
    if is_last {
        sqlx::query!("delete from inbox.erased_messages where contact_id = $1", contact).execute(tx.conn()).await?;
    }
    Ok(())
}
