//! Language model tokens per tenant and UTC day.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{Days, NaiveDate};
use uuid::Uuid;

/// How many days a reservation is kept after its own.
const KEPT: Days = Days::new(30);

/// What a call really used.
#[derive(Debug, Clone)]
pub struct Used {
    /// The model that answered; empty when none did.
    pub model: String,
    /// Tokens of the prompt.
    pub prompt: u32,
    /// Tokens of the completion.
    pub completion: u32,
}

/// Sets tokens aside and says how many of the day are taken with them; none when the day's budget does not hold them. The day's row is the lock: two calls cannot both take the last tokens.
pub async fn reserve(
    tx: &mut TenantTx,
    id: Uuid,
    day: NaiveDate,
    tokens: i64,
    budget: i64,
) -> Result<Option<i64>, Error> {
    let tenant = tx.tenant();
    if tokens > budget {
        return Ok(None);
    }
    let held = sqlx::query!(
        r#"insert into tenants.usage_days as d (tenant_id, day, reserved) values ($1, $2, $3)
           on conflict (tenant_id, day) do update set reserved = d.reserved + excluded.reserved
           where d.reserved + d.prompt_tokens + d.completion_tokens + excluded.reserved <= $4
           returning reserved = $3 and calls = 0 as "is_first!",
                     reserved + prompt_tokens + completion_tokens as "taken!""#,
        tenant.0,
        day,
        tokens,
        budget
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(held) = held else { return Ok(None) };
    if let (true, Some(oldest)) = (held.is_first, day.checked_sub_days(KEPT)) {
        sqlx::query!("delete from tenants.usage_reservations where tenant_id = $1 and day < $2", tenant.0, oldest)
            .execute(tx.conn())
            .await?;
    }
    sqlx::query!(
        "insert into tenants.usage_reservations (tenant_id, id, day, tokens) values ($1, $2, $3, $4)",
        tenant.0,
        id,
        day,
        tokens
    )
    .execute(tx.conn())
    .await?;
    Ok(Some(held.taken))
}

/// How many tokens of the day are used or set aside.
pub async fn taken(tx: &mut TenantTx, day: NaiveDate) -> Result<i64, Error> {
    let tenant = tx.tenant();
    let taken = sqlx::query_scalar!(
        r#"select reserved + prompt_tokens + completion_tokens as "taken!" from tenants.usage_days where tenant_id = $1 and day = $2"#,
        tenant.0,
        day
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(taken.unwrap_or(0))
}

/// Replaces a reservation by what was used, once. False when there is no such reservation.
pub async fn settle(
    tx: &mut TenantTx,
    id: Uuid,
    used: &Used,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<bool, Error> {
    let tenant = tx.tenant();
    let settled = sqlx::query!(
        "update tenants.usage_reservations set settled_at = $3, model = $4
         where tenant_id = $1 and id = $2 and settled_at is null returning day, tokens",
        tenant.0,
        id,
        now,
        used.model
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(settled) = settled else {
        let known = sqlx::query_scalar!(
            "select 1 from tenants.usage_reservations where tenant_id = $1 and id = $2",
            tenant.0,
            id
        )
        .fetch_optional(tx.conn())
        .await?;
        return Ok(known.is_some());
    };
    sqlx::query!(
        "update tenants.usage_days
         set reserved = reserved - $3, prompt_tokens = prompt_tokens + $4, completion_tokens = completion_tokens + $5,
             calls = calls + 1
         where tenant_id = $1 and day = $2",
        tenant.0,
        settled.day,
        settled.tokens,
        i64::from(used.prompt),
        i64::from(used.completion)
    )
    .execute(tx.conn())
    .await?;
    Ok(true)
}
