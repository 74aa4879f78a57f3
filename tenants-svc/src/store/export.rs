//! What this service holds of a tenant, as lines of JSON: no password, no token, nothing sealed.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chatdesk_platform::db::export::Line;
use uuid::Uuid;

chatdesk_platform::export_parts!("tenants");

/// The lines of rows that are few, after a place: `from` names them, the first of its columns an id.
macro_rules! page {
    ($tx:expr, $after:expr, $from:tt) => {
        sqlx::query_as!(
            Line,
            r#"select r.id as "place!", row_to_json(r)::text as "json!" from ("#
                + $from
                + r#") r where r.id > $1 order by r.id limit 200"#,
            $after
        )
        .fetch_all($tx.conn())
        .await?
    };
}

/// The business, how its assistant speaks, and what that used.
pub async fn business(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Line>, Error> {
    Ok(page!(
        tx,
        after,
        "select b.tenant_id as id, b.name, b.description, b.phone, b.time_zone, b.created_at, b.updated_at,
             (select row_to_json(a) from (select s.tone, s.policies, s.languages, s.ai_enabled_by_default, s.opening_hours, s.send_cards
                  from tenants.assistant_settings s) a) as assistant,
             (select coalesce(json_agg(u order by u.day), '[]') from (select d.day, d.prompt_tokens, d.completion_tokens, d.calls
                  from tenants.usage_days d) u) as usage
         from tenants.businesses b"
    ))
}

/// Its people, those who left as well.
pub async fn people(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Line>, Error> {
    Ok(page!(tx, after, "select id, email, name, role, created_at, removed_at from tenants.users"))
}

/// Its channels.
pub async fn channels(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Line>, Error> {
    Ok(page!(
        tx,
        after,
        "select id, platform, external_id, page_name, is_active, health, connected_at, created_at, updated_at from tenants.channels"
    ))
}

/// What it sends often.
pub async fn saved_replies(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Line>, Error> {
    Ok(page!(tx, after, "select id, shortcut, text, updated_at from tenants.saved_replies"))
}
