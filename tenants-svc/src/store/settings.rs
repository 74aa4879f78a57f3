//! How the assistant speaks for a business.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, NaiveDateTime, Utc};

use crate::manner::{Settings, SettingsChange};
use crate::model::Business;

/// The settings and the profile that the assistant needs.
pub async fn get(tx: &mut TenantTx) -> Result<(Settings, Business), Error> {
    let tenant = tx.tenant();
    let row = sqlx::query!(
        "select s.tone, s.policies, s.languages, s.ai_enabled_by_default, s.opening_hours, s.send_cards, b.name, b.description, b.phone,
             b.time_zone
         from tenants.assistant_settings s join tenants.businesses b on b.tenant_id = s.tenant_id
         where s.tenant_id = $1",
        tenant.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound("business"))?;
    let settings = Settings {
        tone: row.tone,
        policies: row.policies,
        languages: row.languages,
        ai_enabled_by_default: row.ai_enabled_by_default,
        opening_hours: row.opening_hours,
        send_cards: row.send_cards,
    };
    let business =
        Business { name: row.name, description: row.description, phone: row.phone, time_zone: row.time_zone };
    Ok((settings, business))
}

/// Changes what is given.
pub async fn update(tx: &mut TenantTx, change: &SettingsChange, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "update tenants.assistant_settings
         set tone = coalesce($2, tone), policies = coalesce($3, policies), languages = coalesce($4, languages),
             ai_enabled_by_default = coalesce($5, ai_enabled_by_default),
             opening_hours = coalesce($6, opening_hours), send_cards = coalesce($7, send_cards), updated_at = $8
         where tenant_id = $1",
        tenant.0,
        change.tone,
        change.policies,
        change.languages.as_deref(),
        change.ai_enabled_by_default,
        change.opening_hours,
        change.send_cards,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A time by the business's clock.
pub async fn local_time(tx: &mut TenantTx, at: DateTime<Utc>) -> Result<NaiveDateTime, Error> {
    let tenant = tx.tenant();
    let local = sqlx::query_scalar!(
        r#"select $2::timestamptz at time zone time_zone as "local!" from tenants.businesses where tenant_id = $1"#,
        tenant.0,
        at
    );
    Ok(local.fetch_one(tx.conn()).await?)
}

/// The language that the business put first.
pub async fn first_language(tx: &mut TenantTx) -> Result<String, Error> {
    let tenant = tx.tenant();
    let first =
        sqlx::query_scalar!("select languages[1] from tenants.assistant_settings where tenant_id = $1", tenant.0);
    Ok(first.fetch_optional(tx.conn()).await?.flatten().unwrap_or_default())
}
