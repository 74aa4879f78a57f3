//! What the inbox holds of a tenant, as lines of JSON. What Meta sent and the figures made of it are no more than what is here.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chatdesk_platform::db::export::Line;
use uuid::Uuid;

chatdesk_platform::export_parts!("inbox");

/// Lines of the rows after a place: `from` names the columns and the table, the first of them its id.
macro_rules! page {
    ($tx:expr, $after:expr, $from:tt) => {
        sqlx::query_as!(
            Line,
            r#"select r.id as "place!", row_to_json(r)::text as "json!" from ("#
                + $from
                + r#" t where t.id > $1 order by t.id limit 200) r order by r.id"#,
            $after
        )
        .fetch_all($tx.conn())
        .await?
    };
}

/// The people who wrote.
pub async fn contacts(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Line>, Error> {
    Ok(page!(
        tx,
        after,
        "select id, channel_id, platform, platform_user_id, display_name, profile_pic_url, created_at from inbox.contacts"
    ))
}

/// Conversations, each with its labels and the times it was given to a person.
pub async fn conversations(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Line>, Error> {
    Ok(page!(
        tx,
        after,
        "select id, channel_id, contact_id, platform, status, ai_mode, ai_reason, ai_until, unread_count, last_message_at,
             assignee_id, source, created_at,
             (select coalesce(json_agg(l.label_id), '[]') from inbox.conversation_labels l where l.conversation_id = t.id) as label_ids,
             (select coalesce(json_agg(json_build_object('reason', h.reason, 'at', h.at) order by h.at), '[]')
              from inbox.handovers h where h.conversation_id = t.id) as handovers
         from inbox.conversations"
    ))
}

/// Messages, with what the assistant's rest on.
pub async fn messages(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Line>, Error> {
    Ok(page!(
        tx,
        after,
        "select id, conversation_id, mid, sender_type, content, attachments, status, failure_code, platform_at, received_at, author,
             origin, context, rich, reactions, provenance, edited_at, deleted_at
         from inbox.messages"
    ))
}

/// What people wrote for each other.
pub async fn notes(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Line>, Error> {
    Ok(page!(tx, after, "select id, conversation_id, author_id, text, created_at from inbox.notes"))
}

/// What conversations are sorted by.
pub async fn labels(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Line>, Error> {
    Ok(page!(tx, after, "select id, name, color from inbox.labels"))
}

/// What the assistant could not answer.
pub async fn unanswered(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Line>, Error> {
    Ok(page!(
        tx,
        after,
        "select id, state, question, conversation_id, reason, asked, first_at, last_at, closed_at from inbox.unanswered"
    ))
}
