//! Lists of conversations, narrowed: which, and how many.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::{Counts, Filter, Wanted, closing_soon};

/// What a list is narrowed to. The conditions combine.
pub struct Narrow<'a> {
    /// Which conversations.
    pub filter: Filter,
    /// Whose, for those of one member.
    pub member: Option<Uuid>,
    /// With this label.
    pub label: Option<Uuid>,
    /// Of this channel.
    pub channel: Option<Uuid>,
    /// In which these words were said, or whose contact is called so.
    pub wanted: Option<&'a Wanted>,
    /// The present moment.
    pub now: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    last_message_at: DateTime<Utc>,
}

/// More conversations with some words or a label than these, the newest of a page's key, are not looked at for one page.
const MOST_FOUND: i64 = 10_000;

/// One statement per filter, so that the condition is known when the statement is planned and its partial index can serve it: among all
/// conversations of a channel, or among those in `$ids`. `$filter` may use parameters from $5 on.
macro_rules! page {
    ($tx:ident, $key:ident, $limit:ident, $narrow:ident, $ids:ident, $filter:tt $(, $more:expr)*) => {
        match &$ids {
            None => sqlx::query_as!(
                Row,
                "select v.id, v.last_message_at from inbox.conversations v
                 where (v.last_message_at, v.id) < ($1, $2) and ($4::uuid is null or v.channel_id = $4)
                     and " + $filter + " order by v.last_message_at desc, v.id desc limit $3",
                $key.0,
                $key.1,
                $limit,
                $narrow.channel
                $(, $more)*
            )
            .fetch_all($tx.conn())
            .await?,
            Some(ids) => sqlx::query_as!(
                Row,
                "select v.id, v.last_message_at from unnest($4::uuid[]) as n(id) join inbox.conversations v on v.id = n.id
                 where (v.last_message_at, v.id) < ($1, $2)
                     and " + $filter + " order by v.last_message_at desc, v.id desc limit $3",
                $key.0,
                $key.1,
                $limit,
                ids
                $(, $more)*
            )
            .fetch_all($tx.conn())
            .await?,
        }
    };
}

/// Ids of the page of the list after a key, by last message, newest first, with the time that orders them.
pub async fn page(
    tx: &mut TenantTx,
    narrow: &Narrow<'_>,
    key: (DateTime<Utc>, Uuid),
    limit: i64,
) -> Result<Vec<(DateTime<Utc>, Uuid)>, Error> {
    let ids = match (narrow.wanted, narrow.label) {
        (Some(wanted), _) => Some(said(tx, narrow, wanted, key).await?),
        (None, Some(label)) => Some(labelled(tx, narrow, label, key).await?),
        (None, None) => None,
    };
    let (gone, soon) = closing_soon(narrow.now);
    let rows = match narrow.filter {
        Filter::All => page!(tx, key, limit, narrow, ids, "true"),
        Filter::Open => page!(tx, key, limit, narrow, ids, "v.status <> 'closed'"),
        Filter::Unread => page!(tx, key, limit, narrow, ids, "v.unread_count > 0"),
        Filter::Mine => page!(tx, key, limit, narrow, ids, "v.assignee_id = $5", narrow.member),
        Filter::Ai => page!(
            tx,
            key,
            limit,
            narrow,
            ids,
            "v.status <> 'closed' and v.status = 'open' and v.owner_app = ''
             and (v.ai_mode = 'active' or (v.ai_mode = 'paused' and v.ai_until <= $5))",
            narrow.now
        ),
        Filter::NeedsHuman => page!(tx, key, limit, narrow, ids, "v.status = 'needs_human'"),
        Filter::ClosingSoon => page!(
            tx,
            key,
            limit,
            narrow,
            ids,
            "v.unread_count > 0 and v.status <> 'closed' and v.last_opening_at > $5 and v.last_opening_at <= $6",
            gone,
            soon
        ),
        Filter::Closed => page!(tx, key, limit, narrow, ids, "v.status = 'closed'"),
    };
    Ok(rows.into_iter().map(|row| (row.last_message_at, row.id)).collect())
}

/// The conversations that have all the words, and the channel and the label if there are such; those after a key that were written in last.
async fn said(
    tx: &mut TenantTx,
    narrow: &Narrow<'_>,
    wanted: &Wanted,
    (at, id): (DateTime<Utc>, Uuid),
) -> Result<Vec<Uuid>, Error> {
    let (from, to) = wanted.ranges();
    // The words: a bit for each, and who has all of them.
    let ids = sqlx::query_scalar!(
        "with found as materialized (
             select t.conversation_id from unnest($1::text[], $2::text[]) with ordinality as w(low, high, at)
             join inbox.terms t on t.term >= w.low and t.term < w.high
             group by t.conversation_id having bit_or(1 << (w.at - 1)::integer) = (1 << cardinality($1)) - 1)
         select v.id from found join inbox.conversations v on v.id = found.conversation_id
         where (v.last_message_at, v.id) < ($3, $4) and ($5::uuid is null or v.channel_id = $5)
             and ($6::uuid is null or exists (
                 select from inbox.conversation_labels l where l.conversation_id = v.id and l.label_id = $6))
         order by v.last_message_at desc, v.id desc limit $7",
        &from,
        &to,
        at,
        id,
        narrow.channel,
        narrow.label,
        MOST_FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// The conversations with a label, of the channel if there is one; those after a key that were written in last.
async fn labelled(
    tx: &mut TenantTx,
    narrow: &Narrow<'_>,
    label: Uuid,
    (at, id): (DateTime<Utc>, Uuid),
) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "with found as materialized (select conversation_id from inbox.conversation_labels where label_id = $1)
         select v.id from found join inbox.conversations v on v.id = found.conversation_id
         where (v.last_message_at, v.id) < ($2, $3) and ($4::uuid is null or v.channel_id = $4)
         order by v.last_message_at desc, v.id desc limit $5",
        label,
        at,
        id,
        narrow.channel,
        MOST_FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// How many conversations each filter would find; none counts beyond 1,000.
pub async fn counts(tx: &mut TenantTx, member: Option<Uuid>, now: DateTime<Utc>) -> Result<Counts, Error> {
    let (gone, soon) = closing_soon(now);
    let row = sqlx::query!(
        r#"select
             (select count(*) from (select from inbox.conversations where status <> 'closed' limit 1000) n) as "open!",
             (select count(*) from (select from inbox.conversations where unread_count > 0 limit 1000) n) as "unread!",
             (select count(*) from (select from inbox.conversations where assignee_id = $1 limit 1000) n) as "mine!",
             (select count(*) from (select from inbox.conversations where status <> 'closed' and status = 'open' and owner_app = ''
                 and (ai_mode = 'active' or (ai_mode = 'paused' and ai_until <= $2)) limit 1000) n) as "ai!",
             (select count(*) from (select from inbox.conversations where status = 'needs_human' limit 1000) n) as "needs_human!",
             (select count(*) from (select from inbox.conversations where unread_count > 0 and status <> 'closed'
                 and last_opening_at > $3 and last_opening_at <= $4 limit 1000) n) as "closing_soon!""#,
        member,
        now,
        gone,
        soon
    )
    .fetch_one(tx.conn())
    .await?;
    let count = |count: i64| u32::try_from(count).unwrap_or(0);
    Ok(Counts {
        open: count(row.open),
        unread: count(row.unread),
        mine: count(row.mine),
        ai: count(row.ai),
        needs_human: count(row.needs_human),
        closing_soon: count(row.closing_soon),
    })
}
